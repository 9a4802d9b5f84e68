# needs: fixture
okng build --ok-dir ok --out-dir bank --quiet "${small[@]}"
okng build --ok-dir ok --out-dir bank/sub "${small[@]}"
echo "exit $?"
okng build --ok-dir ok --out-dir bank/a/b --trim 1 "${small[@]}"
echo "exit $?"
(cd bank && okng build --ok-dir ../ok --out-dir sub "${small[@]:0:2}" --weights ../resnet18.safetensors)
echo "exit $?"
okng import anomalib nothing.ckpt --out-dir bank/sub
echo "exit $?"
echo mine >bank/note
okng build --ok-dir ok --out-dir bank --trim 1 "${small[@]}"
echo "exit $?"
rm bank/note
okng build --ok-dir ok --out-dir bank --quiet "${small[@]}"
echo "exit $?"
ls -A bank
ls -A
