# What AF-CLIP's authors released becomes a checkpoint, of the same numbers; what is something else is told by its file.
made() { "${OKNG%/*}/tests/make_afclip" clip-tinyclip-8m-16 "$@" --released .; }
made a --seed 1
okng import afclip --prompt prompt.pt --adapter adaptor.pt --out b
ls -A b
cmp a/afclip.safetensors b/afclip.safetensors && cat b/checkpoint.json
made a --seed 2
okng import afclip --prompt prompt.pt --adapter legacy.pt --out-dir b --backbone clip-tinyclip-8m-16 --json
cmp a/afclip.safetensors b/afclip.safetensors && sed -n '/backbone/,/]/p' b/checkpoint.json
okng import afclip --prompt a/afclip.safetensors --adapter b/afclip.safetensors --out b --quiet && cmp a/afclip.safetensors b/afclip.safetensors
try() { okng import afclip "$@" --out b; echo "exit $?"; }
try --prompt adaptor.pt --adapter prompt.pt
try --prompt prompt.pt --adapter prompt.pt
try --prompt prompt.pt
try --prompt prompt.pt --adapter nowhere.pt
try --prompt prompt.pt --adapter adaptor.pt --backbone clip-vit-l-14-336
try --prompt prompt.pt --adapter adaptor.pt --backbone resnet18
sed 's/clip.adaptor\nAdaptor/clip.adaptor\nAdapter/;s/CrossAttention/CrossAttentive/' legacy.pt >other.pt
try --prompt prompt.pt --adapter other.pt
head -c 100000 legacy.pt >cut.pt
try --prompt prompt.pt --adapter cut.pt
mkdir c && echo mine >c/checkpoint.json
okng import afclip --prompt prompt.pt --adapter adaptor.pt --out c
cat c/checkpoint.json && ls -A c
cmp a/afclip.safetensors b/afclip.safetensors
