# needs: fixture
# '-' and '_', '=' and a space, the preset anywhere, layers and colours as several words: all the same rows.
okng embed --img ng/000.png --out a.npy "${small[@]}" --crop 48 --mean 0.5 0.5 0.5 --layers layer1 layer2 --patch-size 5 --preset guide
okng embed --preset=guide --img=ng/000.png --out=b.npy "${small[@]}" --crop=48 --layers=layer1,layer2 --mean=0.5,0.5,0.5 --patch-size=5 --quiet
okng embed --preset guide --img ng/000.png --out c.npy "${small[@]}" --crop 48 --patch_size 5 --layers "layer1 layer2" --mean 0.5,0.5,0.5 --json
cmp a.npy b.npy && cmp a.npy c.npy
