# needs: fixture
try() {
    okng build --ok-dir ok --out-dir bank "${small[@]}" --layers "$@"
    echo "exit $?"
}
try layer9
try layer2 layer3 layer2
try layer2 layer2
try layer2.9
try layer2 layer4
try conv
ls
