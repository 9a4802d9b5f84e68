# needs: clip
# One made CLIP in the four layouts that projects publish: each is recognised, and all give the same bits.
tool=$(dirname "$OKNG")/tests/make_clip
embed() {
    okng embed --img ok/000.png --backbone clip-tinyclip-8m-16 --resize 96x96 --layers blocks.4 norm "$@"
}
for layout in open_clip hf tinyclip timm; do
    "$tool" clip-tinyclip-8m-16 $layout.safetensors --layout $layout
    okng weights show $layout.safetensors | tail -n 3
    embed --weights $layout.safetensors --out $layout.npy
    cmp open_clip.npy $layout.npy
done
okng weights show timm.safetensors --json | sed -n 4,12p
# a part of the text tower, a block that is not there, a number that is none
"$tool" clip-tinyclip-8m-16 half.safetensors --f16 --layout hf --without transformer.resblocks.2
okng weights show half.safetensors | tail -n 1
"$tool" clip-tinyclip-8m-16 gap.safetensors --f16 --layout hf --without visual.transformer.resblocks.3
okng weights show gap.safetensors | tail -n 1
embed --weights gap.safetensors --out gap.npy
echo "exit $?"
"$tool" clip-tinyclip-8m-16 nan.safetensors --f16 --layout tinyclip --nan visual.transformer.resblocks.1.mlp.c_fc.weight
embed --weights nan.safetensors --out nan.npy
echo "exit $?"
okng embed --img ok/000.png --backbone clip-vit-b-16 --weights hf.safetensors --out other.npy
echo "exit $?"
