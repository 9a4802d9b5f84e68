# oneDNN's threads look for work for a moment only, unless the environment says otherwise, which stays as it is.
shown() { env "$@" OMP_DISPLAY_ENV=verbose "$OKNG" --version 2>&1 | grep -o "GOMP_SPINCOUNT = .*"; }
unset OMP_WAIT_POLICY GOMP_SPINCOUNT
shown A=1
shown -i PATH="$PATH"
shown GOMP_SPINCOUNT=77
shown OMP_WAIT_POLICY=passive
shown -i
