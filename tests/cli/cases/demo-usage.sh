# needs: fixture
# Wrong usage of okng demo is said before anything is written.
okng demo --out out --category none "${small[@]}"; echo $?
okng demo --outt out; echo $?
okng demo out; echo $?
ls out/*/train 2>/dev/null
true
