# needs: clip
# The activation and the rule of positions change what comes; a bank keeps what auto came to.
okng build --ok-dir ok --out-dir auto "${clip[@]}" --quiet
okng bank show auto | grep -E '^    (activation|positions|layers|mean|std|interpolation) '
okng build --ok-dir ok --out-dir quick "${clip[@]}" --activation quickgelu --positions tinyclip --quiet
okng bank show quick | grep -E '^    (activation|positions) '
for how in "--activation gelu" "--activation quickgelu" "--positions open_clip" "--positions tinyclip" "--positions afclip"; do
    # shellcheck disable=SC2086
    okng embed --img ok/000.png --out e.npy "${clip[@]}" $how >said 2>&1 || cat said
    sha256sum <e.npy
done | sort | uniq -c | awk '{ print $1 " alike" }' | sort
