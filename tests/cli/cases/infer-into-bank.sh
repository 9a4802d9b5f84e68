# needs: bank
# A bank's folder holds nothing but the bank: what is made with it goes elsewhere, whatever the folder is called.
try() {
    okng "$@" --quiet
    echo "exit $?"
}
mkdir in && cp ok/000.png in/a.png && cp ok/001.png in/b.png
ln -s bank alias && ln -s bank/deep below && mkdir elsewhere && ln -s ../bank elsewhere/a
before=$(ls bank)
for out in bank bank/results bank/results/today ./elsewhere/../bank/x "$PWD/bank" alias alias/results below below/more; do
    try infer --bank-dir bank --img in --out-dir $out
done
try infer --bank-dir alias --img in --out-dir bank/results/deep/er
try infer --bank-dir bank --img in/a.png --out-dir bank/a/b/c
try infer --bank-dir bank --img in/a.png in/b.png --out-dir bank --append
try infer --bank-dir bank --img in --out-dir bank/x/y/z --stamp
try infer --bank-dir bank --img in --out-dir elsewhere
ls elsewhere
echo "other banks, other verbs"
cp -r bank other
try infer --bank-dir bank --img in --out-dir other/results
try tune --bank-dir bank --out-dir bank/tuned
try embed --img ok/000.png --out bank/e.npy --backbone resnet18 --weights resnet18.safetensors
try demo --out bank
try weights get resnet18 --out bank/w.pth
[ "$before" = "$(ls bank)" ] && echo "the bank is as it was"
