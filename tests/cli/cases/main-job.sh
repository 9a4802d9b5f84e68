# needs: shared data/mvtec_like/tile
# The main job on real pictures, small.
mkdir good
for f in $(ls "$SHARED"/data/mvtec_like/tile/train/good/* | head -n 12); do ln -s "$f" good; done
okng build --ok-dir good --out-dir bank --backbone resnet18 --weights "$SHARED/weights/resnet18-imagenet-to-layer3.pth" --coreset 0.02 --quiet
okng infer --bank-dir bank --img "$(ls "$SHARED"/data/mvtec_like/tile/test/crack/* | head -n 1)" --out-dir out --quiet
ls bank out
