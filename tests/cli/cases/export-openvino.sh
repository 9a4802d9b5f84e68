# needs: bank
# A folder as trainers leave it: the model, its numbers, settings, and a checkpoint that is a bank again.
okng export --bank-dir bank --out models --format openvino --name part7 | sed 's/[0-9.]* MB/N MB/g'
ls models models/part7
sed 's/^  version.*/  version/; s/[0-9]\.[0-9]*$/N/' models/part7/config.yaml
head -n 2 models/part7/part7.xml
grep -A 4 '<rt_info>' models/part7/part7.xml | tail -n 3 | sed 's/version value=".*"/version/'
okng import anomalib models/part7/checkpoint.ckpt --out-dir back --resize 64x64 | sed 's/[0-9]\.[0-9]*/N/g'
# float16: half the numbers, and the same folder of its own; a second model beside it
whole=$(stat -c %s models/part7/part7.bin)
okng export --bank-dir bank --out models --format openvino --name part7 --precision fp16 --quiet
half=$(stat -c %s models/part7/part7.bin)
[ $((half * 100 / whole)) -le 53 ] && echo "half as large"
okng export --bank-dir bank --out models --format openvino --name part8 --quiet
ls models
# a network that only okng has, or no rows: no checkpoint, and none of before
okng build --ok-dir ok --out-dir other --resize 64x64 --quiet
okng export --bank-dir other --out models --format openvino --name part8 --quiet && ls models/part8
# what must not be lost, and names that are none
echo mine >models/part8/notes.txt
okng export --bank-dir bank --out models --format openvino --name part8; echo "somebody's file: $?"
cat models/part8/notes.txt
okng export --bank-dir bank --out models --format openvino --name ../x; echo "no name: $?"
(trap '' XFSZ && ulimit -f 100 && okng export --bank-dir bank --out full --format openvino --name x); echo "full disk: $?"
ls full 2>&1
# the same where a model is: the old one stays whole, whichever file does not fit
okng export --bank-dir other --out models --format openvino --name part9 --quiet
cp -r models kept
(trap '' XFSZ && ulimit -f 5000 && okng export --bank-dir bank --out models --format openvino --name part7); echo "full disk: $?"
(trap '' XFSZ && ulimit -f 1000 && okng export --bank-dir other --out models --format openvino --name part9 --precision fp16); echo "full disk: $?"
# the checkpoint of another bank fits, and numbers of the model's own, of a large resize, do not
okng build --ok-dir ok --out-dir rival --backbone resnet18 --weights resnet18.safetensors --resize 64x64 --coreset 0.5 --quiet
(trap '' XFSZ && ulimit -f 15000 && okng export --bank-dir rival --out models --format openvino --name part7 --resize-inside 30000x30000); echo "full disk: $?"
diff -r kept models && echo "the old ones are whole"
find models -name '.*' -type f
# of a recipe, and where the bank's own weights are gone: the model, and no checkpoint that would be of others
okng pack --bank-dir bank --out part.okng --quiet
okng export --bank-dir part.okng --out models --format openvino --name packed --quiet && ls models/packed
cp resnet18.safetensors own.safetensors
okng build --ok-dir ok --out-dir moved --backbone resnet18 --weights own.safetensors --resize 64x64 --quiet
mv own.safetensors elsewhere.safetensors
okng export --bank-dir moved --out models --format openvino --name part7 --weights elsewhere.safetensors --quiet && ls models/part7
okng export --bank-dir moved --out models --format openvino --name part7; echo "no weights: $?"
