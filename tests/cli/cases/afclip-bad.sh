# needs: clip
# What is wrong around the methods: each said with what was expected.
miniclip=(--method miniclip --weights clip/tiny.safetensors --resize 96x96 --out-dir bank)
learnt=(--checkpoint clip/afclip)
okng build "${miniclip[@]}"
okng build "${miniclip[@]}" --checkpoint nowhere
mkdir empty && okng build "${miniclip[@]}" --checkpoint empty
okng build "${miniclip[@]}" --checkpoint clip/tiny.safetensors
okng build "${miniclip[@]}" "${learnt[@]}" --taps "1 2 3"
okng build "${miniclip[@]}" --checkpoint clip/afclip/afclip.safetensors --taps "1 2 3"
okng build "${miniclip[@]}" --checkpoint clip/afclip/afclip.safetensors --taps "1 2 3 10"
okng build "${miniclip[@]}" "${learnt[@]}" --taps 4 3 2 1
okng build "${miniclip[@]}" "${learnt[@]}" --taps "1 2 3 4"
okng build "${miniclip[@]}" "${learnt[@]}" --resize 100x96
okng build "${miniclip[@]}" "${learnt[@]}" --vocabulary nowhere.txt.gz
okng build "${miniclip[@]}" "${learnt[@]}" --class-name nut
okng build "${miniclip[@]}" "${learnt[@]}" --scales 4
okng build --method miniclip --backbone clip-tinyclip-39m-16 --weights clip/tiny.safetensors "${learnt[@]}" --out-dir bank
okng build --method miniclip --backbone clip-tinyclip-39m-16 --weights clip/tiny.safetensors --checkpoint clip/afclip/afclip.safetensors --out-dir bank
okng build --method winclip --class-name nut "${clip[@]}" "${learnt[@]}" --out-dir bank
okng build --method miniclip --backbone resnet18 --weights clip/tiny.safetensors "${learnt[@]}" --out-dir bank
# other numbers than those it was learnt on
mkdir other && cp clip/afclip/afclip.safetensors other && sed "s/\"backbone\"/\"weights_sha256\": \"$(head -c 64 /dev/zero | tr '\0' a)\", &/" clip/afclip/checkpoint.json >other/checkpoint.json
okng build "${miniclip[@]}" --checkpoint other
# a number that cannot have been learnt
cp clip/afclip/afclip.safetensors large.safetensors
damage() { printf '\x99\x76\x96\x7e' | dd of="$1" bs=1 seek=$(($(stat -c %s "$1") - 4)) conv=notrunc status=none; }
damage large.safetensors && okng build "${miniclip[@]}" --checkpoint large.safetensors
okng infer --method miniclip --weights clip/tiny.safetensors "${learnt[@]}" --resize 96x96 --img ng --out-dir out
[ ! -e bank ] && [ ! -e out ] && echo "nothing was written"
