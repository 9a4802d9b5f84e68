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
ls
