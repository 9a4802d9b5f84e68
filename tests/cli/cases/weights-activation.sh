# needs: clip
# The activation and the colours are the checkpoint's, and told; what contradicts it is refused.
ln -s "$(realpath clip/tiny.safetensors)" tiny.safetensors
ln -s "$(realpath clip/tiny.safetensors)" tiny-metaclip.safetensors
build() {
    okng build --ok-dir ok --backbone clip-tinyclip-8m-16 --resize 96x96 --coreset 0.02 --quiet "$@"
}
show() {
    okng bank show "$1" | grep -E '^ +(activation|mean|std) '
}
build --weights tiny.safetensors --out-dir plain && show plain
build --weights tiny-metaclip.safetensors --out-dir quick && show quick
build --weights tiny-metaclip.safetensors --activation gelu --out-dir refused
echo "exit $?"
okng embed --img ok/000.png --backbone clip-tinyclip-8m-16 --weights tiny-metaclip.safetensors --activation gelu --out e.npy
echo "exit $?"
cat >open_clip_config.json <<EOF
{"model_cfg": {"embed_dim": 512, "quick_gelu": true, "vision_cfg": {"width": 256, "patch_size": 16}},
 "preprocess_cfg": {"mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]}}
EOF
build --weights tiny.safetensors --out-dir configured && show configured
build --weights tiny.safetensors --mean 0.1,0.2,0.3 --out-dir told && show told
echo '{"model_cfg": ' >open_clip_config.json
build --weights tiny.safetensors --out-dir broken
echo "exit $?"
# a bank keeps what it was built with, whatever lies beside the weights later
okng infer --bank-dir configured --img ng/000.png --quiet --out-dir out
echo "exit $?"
okng weights show tiny-metaclip.safetensors | tail -n 1
