# needs: fixture
# The preset anomalydino: sides of whole patches, and what is said where DINOv2's weights are not there. On another network
# its scores, copies and mask work alike.
okng preprocess --img ok/000.png --preset anomalydino --out in.npy
okng build --ok-dir ok --out-dir no --preset anomalydino
echo "exit $?"
small=(--preset anomalydino --backbone resnet18 --layers layer2,layer3 --weights resnet18.safetensors --resize 64x64 --quiet)
okng build --ok-dir ok --out-dir bank "${small[@]}" --augment rotate:8 --foreground pca
okng bank show bank | grep -E '^    (preset|sampler|image-score|top|distance|augment|foreground) |^  pictures|^  patches|^    rows'
okng infer --bank-dir bank --img ng/000.png --out-dir out --quiet && ls out
# Vectors of any length are compared by their direction: the same vectors, none apart.
okng embed --img ok/000.png --backbone resnet18 --weights resnet18.safetensors --resize 64x64 --out e.npy --quiet
okng knn --bank e.npy --query e.npy --k 1 --out d.npy --distance cosine
okng embed --img ok/000.png --backbone resnet18 --weights resnet18.safetensors --resize 64x64 --out u.npy --distance cosine
tail -c 256 d.npy | od -An -tx1 | sort -u | head -2
