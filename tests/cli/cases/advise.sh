# needs: fixture
# Sizes are tried on what there is; figures depend on the machine, sizes and what is proposed do not.
okng advise --ok-dir ok --ng ng "${small[@]:0:4}" --coreset-size 20 | sed -E 's/[0-9.]+ (ms|s|bytes|KiB|MiB|GiB)/N \1/g' | tr -s ' '
okng advise --ok-dir ok --coreset-size 20 --json | grep -vE 'seconds|bytes|auroc|proposed|command' | tr -d ' \n'
echo
ls
mkdir few && cp ok/000.png few
okng advise --ok-dir few
echo "exit $?"
okng advise --ok-dir ok --ng few/none
echo "exit $?"
okng advise --ok-dir ok --resize 64x64
echo "exit $?"
