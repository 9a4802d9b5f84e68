# needs: clip
# needs: release
# Banks of words and of a CLIP give from a recipe what their folders give, with the checkpoint and the vocabulary gone.
same() {
    okng pack --bank-dir "$1" --out "$1.okng" --quiet
    okng infer --bank-dir "$1" --img ng ok/000.png --out-dir "$1-folder" --save-map --quiet "${@:2}"
    mv clip away
    okng infer --bank-dir "$1.okng" --img ng ok/000.png --out-dir "$1-recipe" --save-map --quiet "${@:2}"
    mv away clip
    sed -i "s#$1\.okng#$1#" "$1-recipe/run.json"
    diff -r "$1-folder" "$1-recipe" && echo "$1: the same"
}
okng build --method winclip --class-name "metal nut" "${clip[@]}" --out-dir words --quiet && same words --threshold-image 0.5 --threshold-pixel 0.5
okng build --method winclip --class-name "metal nut" "${clip[@]}" --ok-dir ok --k-shot 2 --out-dir shots --quiet && same shots
okng build --method miniclip --checkpoint clip/afclip "${clip[@]}" --ok-dir ok --k-shot 2 --out-dir learnt --quiet && same learnt
okng build --method patchcore "${clip[@]}" --layers blocks.2 blocks.4 --ok-dir ok --out-dir tower --quiet && same tower
for precision in fp16 int8; do
    okng pack --bank-dir shots --out $precision.okng --precision $precision --quiet
    okng infer --bank-dir $precision.okng --img ng/000.png | grep -oE 'score [0-9]\.[0-9]'
done
