# needs: fixture
# An input that no network takes is a limit, told before the work, and no fault within.
okng preprocess --img ok/000.png --out t.npy --resize 65535x65535
okng embed --img ok/000.png --out e.npy --backbone okng-s --resize 65535x65535
okng embed --img ok/000.png --out e.npy --backbone okng-s --resize 16384x16384
okng embed --img ok/000.png --out e.npy --backbone resnet18 --weights resnet18.safetensors --resize 12000x12000
okng build --ok-dir ok --out-dir b --backbone okng-s --resize 65535x65535
ls
