# needs: fixture
: >file
okng build --ok-dir ok --out-dir new/bank --quiet "${small[@]}"
echo "exit $?"
okng build --ok-dir ok --out-dir file/bank "${small[@]}"
echo "exit $?"
okng build --ok-dir ok --out-dir file "${small[@]}"
echo "exit $?"
okng build --ok-dir ok --out-dir /proc/bank "${small[@]}"
echo "exit $?"
ln -s shelf/of/banks link
okng build --ok-dir ok --out-dir link "${small[@]}"
echo "exit $?"
mkdir -p shelf/of/banks
okng build --ok-dir ok --out-dir link --quiet "${small[@]}"
echo "exit $?"
ls shelf/of/banks
ls
