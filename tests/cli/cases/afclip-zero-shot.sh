# needs: clip
# Words that were learnt: a bank of them, and one that infer makes in memory; both say the same, and a bank needs its checkpoint no more.
cp -r clip/afclip learnt
miniclip=(--method miniclip --weights clip/tiny.safetensors --resize 96x96 --checkpoint learnt)
okng build "${miniclip[@]}" --out-dir bank | grep -vE '^(time|memory) '
okng bank show bank | grep -E '^ +(method|backbone|resize|positions|taps|pictures|none:)|afclip.safetensors$'
okng infer "${miniclip[@]}" --img ng ok/000.png --out-dir made --threshold-image 0.5 --threshold-pixel 1 --quiet
rm -r learnt
okng infer --bank-dir bank --img ng ok/000.png --out-dir opened --threshold-image 0.5 --threshold-pixel 1 --threads 1 --quiet
cmp made/results.csv opened/results.csv && cmp made/ng/000/heat_gray.png opened/ng/000/heat_gray.png && echo "the same"
cut -d, -f1,2,3 made/results.csv
# one method by two names: given what the other has by itself they agree, and presets say it all
other=(--method afclip --backbone clip-tinyclip-8m-16 --weights clip/tiny.safetensors --resize 96x96 --checkpoint clip/afclip)
okng infer "${other[@]}" --img ng ok/000.png --out-dir other --threshold-image 0.5 --threshold-pixel 1 --quiet
cmp made/results.csv other/results.csv && echo "the same by its other name"
okng infer --preset miniclip --method miniclip --weights clip/tiny.safetensors --resize 96x96 --checkpoint clip/afclip/afclip.safetensors --img ng ok/000.png --out-dir preset --threshold-image 0.5 --threshold-pixel 1 --quiet
cmp made/results.csv preset/results.csv && echo "the same by the preset, and of a file alone"
# pictures come to the size that the values were trained on, unless told otherwise
cp -r clip/afclip sized && sed -i 's/"backbone"/"resolution": 64, &/' sized/checkpoint.json
for resize in "" "--resize 96x96"; do
    okng build --method miniclip --weights clip/tiny.safetensors --checkpoint sized $resize --out-dir "to$resize" --quiet && okng bank show "to$resize" | grep -E '^ +resize '
done
# good pictures say what is usual
okng build "${miniclip[@]/learnt/clip/afclip}" --ok-dir ok --out-dir bank --quiet 2>/dev/null && okng infer --bank-dir bank --img ok --out-dir usual --quiet && tail -n +2 usual/results.csv | cut -d, -f3 | sort | uniq -c | tr -s ' '
