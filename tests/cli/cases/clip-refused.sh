# needs: clip
# What a CLIP is refused for: sides that its patches do not fill, layers that are no maps, weights that lack something.
refuse() { okng embed --img ok/000.png --out e.npy "${clip[@]}" "$@"; echo "exit $?: $*"; }
made() { "${OKNG%/*}/tests/make_clip" clip-tinyclip-8m-16 "$@"; }
refuse --resize 100x96
refuse --layers blocks.10
refuse --layers blocks.3.tokens
made block.safetensors --without visual.transformer.resblocks.4.
refuse --weights block.safetensors --layers blocks.9
made nan.safetensors --nan visual.transformer.resblocks.2.mlp.c_fc.weight
refuse --weights nan.safetensors --layers blocks.9
refuse --backbone clip-tinyclip-39m-16
for option in "--activation gelu" "--positions afclip"; do # of the built-in network
    # shellcheck disable=SC2086
    okng embed --img ok/000.png --out e.npy --resize 64x64 $option
    echo "exit $?: $option"
done
