# needs: fixture
# a device is chosen by name; one that is not there is named beside those that are.
small=(--ok-dir ok --backbone resnet18 --weights resnet18.safetensors --resize 64x64 --quiet)
okng build "${small[@]}" --device gpu --out-dir refused
echo "exit $?"
[ -e refused ] && echo "a bank was left"
okng build "${small[@]}" --device cpu --out-dir one
okng bank show one | grep device
