# needs: fixture
# '-' and '_', '=' and a space, the preset anywhere, layers and colours as several words: all the same tensor.
okng preprocess --img ng/000.png --out a.npy --crop 48 --resize 64x64 --mean 0.5 0.5 0.5 --layers layer1 layer2 --preset guide
okng preprocess --preset=guide --img=ng/000.png --out=b.npy --crop=48 --resize=64x64 --mean=0.5,0.5,0.5 --quiet
okng preprocess --preset guide --img ng/000.png --out c.npy --crop 48 --patch_size 3 --resize 64x64 --mean 0.5,0.5,0.5 --json
cmp a.npy b.npy && cmp a.npy c.npy
