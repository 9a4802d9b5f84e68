# needs: fixture
# Sides that patches do not fill are refused before any weights are wanted of them; the nearest are named.
okng embed --img ng/000.png --out e.npy --backbone vit_tiny_patch16_224 --weights resnet18.safetensors --resize 230x224
echo "exit $?"
okng build --ok-dir ok --out-dir b --backbone dinov2_vits14 --weights resnet18.safetensors --resize 256
echo "exit $?"
okng embed --img ng/000.png --out e.npy --backbone vit_tiny_patch16_224 --weights resnet18.safetensors --layers layer2
echo "exit $?"
okng embed --img ng/000.png --out e.npy --backbone vit_tiny_patch16_224 --weights resnet18.safetensors
echo "exit $?"
okng embed --img ng/000.png --out e.npy --backbone dinov2_vits14
echo "exit $?"
