# needs: fixture
try() {
    okng build --ok-dir ok --out-dir bank --backbone resnet18 --resize 64x64 --weights "$@"
    echo "exit $?"
}
try nowhere.pth
echo "these are not weights" >text.pth && try text.pth
: >empty.pth && try empty.pth
head -c 100000 resnet18.safetensors >cut.safetensors && try cut.safetensors
try resnet18.safetensors --backbone resnet50
try .
# the last tensor that layer3 needs becomes NaN
cp "$(realpath resnet18.safetensors)" nan.safetensors
printf '\0\0\xc0\x7f' | dd of=nan.safetensors bs=1 seek=$(($(stat -c %s nan.safetensors) - 4)) conv=notrunc status=none
try nan.safetensors
ls
