# needs: fixture
export XDG_CACHE_HOME=$PWD/cache
mkdir -p cache/okng/weights
ln -s "$PWD/resnet18.safetensors" cache/okng/weights/resnet18-f37072fd.pth
okng build --ok-dir ok --out-dir bank --backbone resnet18 --resize 64x64 | sed -n 1p
okng embed --img ng/000.png --out e.npy --backbone resnet18 --resize 64x64 --quiet
okng weights list | sed -n 1,3p
