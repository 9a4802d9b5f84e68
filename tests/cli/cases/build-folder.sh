# needs: fixture
okng build --ok-dir nowhere --out-dir bank "${small[@]}"
echo "exit $?"
mkdir empty words
echo hello >words/readme.txt
okng build --ok-dir empty --out-dir bank "${small[@]}"
echo "exit $?"
okng build --ok-dir words --out-dir bank "${small[@]}"
echo "exit $?"
okng build --ok-dir words/readme.txt --out-dir bank "${small[@]}"
echo "exit $?"
ls
