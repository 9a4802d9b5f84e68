# needs: clip
# What is wrong around the method: each said with what was expected.
winclip=(--method winclip "${clip[@]}" --out-dir bank)
long=$(head -c 10000 /dev/zero | tr '\0' n)
okng build "${winclip[@]}"
okng build "${winclip[@]}" --class-name ""
okng build "${winclip[@]}" --class-name "  "
okng build "${winclip[@]}" --class-name "$(printf '\302\240 \343\200\200')"
okng build "${winclip[@]}" --class-name "$long"
okng build "${winclip[@]}" --class-name "$(printf 'nut\377')"
okng build "${winclip[@]}" --class-name "${long:0:200}"
okng build "${winclip[@]}" --class-name nut --coreset 0.5
okng build "${winclip[@]}" --class-name nut --k-shot 2
okng build "${winclip[@]}" --class-name nut --resize 100x100
okng build "${winclip[@]}" --class-name nut --vocabulary nowhere.txt.gz
mkdir alone && cp clip/tiny.safetensors alone/
okng build "${winclip[@]}" --weights alone/tiny.safetensors --class-name nut
head -c 20000 clip/bpe_simple_vocab_16e6.txt.gz >cut.txt.gz
okng build "${winclip[@]}" --class-name nut --vocabulary cut.txt.gz
printf 'normal: ["good {}"]\nanomalous: ["bad {}"]\n' >none.yaml
okng build "${winclip[@]}" --class-name nut --prompts none.yaml
printf 'normal: []\nanomalous: ["bad {}"]\ntemplates: ["a {}."]\n' >empty.yaml
okng build "${winclip[@]}" --class-name nut --prompts empty.yaml
printf 'normal: ["good {}", "{}"]\nanomalous: ["bad {}", "{}"]\ntemplates: ["a {}."]\n' >both.yaml
okng build "${winclip[@]}" --class-name nut --prompts both.yaml
printf 'normal: ["{}"]\nanomalous: [" {}"]\ntemplates: ["a {}."]\n' >same.yaml
okng build "${winclip[@]}" --class-name nut --prompts same.yaml
okng build --ok-dir ok --out-dir bank --class-name nut
okng build --method winclip --class-name nut --backbone resnet18 --weights clip/tiny.safetensors --out-dir bank
okng build --method subspace --out-dir bank
okng infer --method winclip "${clip[@]}" --img ng --out-dir out --threshold-image 1
okng infer --method subspace --img ng --out-dir out
okng infer --method winclop --img ng --out-dir out
okng infer --method winclip --class-name nut --bank-dir bank --img ng --out-dir out
okng infer --bank-dir bank --class-name nut --img ng --out-dir out
okng infer --img ng --out-dir out
okng advise --ok-dir ok --ng ng --method winclip --class-name nut "${clip[@]:0:4}"
[ ! -e bank ] && [ ! -e out ] && echo "nothing was written"
