# needs: bank
# What cannot be exported is said, and nothing is left half-written.
try() { okng export "$@"; echo "exit $?"; }
try --bank-dir bank
try --bank-dir nowhere --out model
try --bank-dir bank --out model --format tensorrt
try --bank-dir bank --out model --precision int8
try --bank-dir bank --out model --input double
try --bank-dir bank --out model --name a/b
try --bank-dir bank --out model --name .hidden
try --bank-dir bank --out model --opset 12
try --bank-dir bank --out model --opset seventeen
try --bank-dir bank --out model --opset 17 --resize-inside any
try --bank-dir bank --out model --opset 17 --format openvino
try --bank-dir bank --out model --resize-inside large
try --bank-dir bank --out model --resize-inside 0x5
try --bank-dir bank --out model --verify 0
try --bank-dir bank --out model --img ng
try --bank-dir bank --out model --threshold-image high
try --bank-dir bank --out bank
try --bank-dir bank --out ok
ls model 2>&1
echo "a folder that holds other files"
mkdir other && touch other/notes.txt && try --bank-dir bank --out other && ls other
touch file && try --bank-dir bank --out file
echo "a model that is somebody else's"
mkdir -p theirs/part && touch theirs/bank.onnx theirs/part/{part.xml,checkpoint.ckpt}
try --bank-dir bank --out theirs
rm theirs/bank.onnx
try --bank-dir bank --out theirs --format openvino --name part && wc -c <theirs/part/checkpoint.ckpt
try --bank-dir bank --out model --img ng --verify 1 --samples other --quiet && ls other
rm -r model
echo "a disk that fills: no larger file may be written"
(ulimit -f 100 && trap '' XFSZ && try --bank-dir bank --out full)
ls -A full 2>&1
echo "weights that are gone, or others"
try --bank-dir bank --out model --weights nowhere.pth
try --bank-dir bank --out model --weights bank/tau.json
echo "pictures that are not known, or gone"
cp -rL ok mine
okng build --ok-dir mine --out-dir flat --method subspace "${small[@]}" --quiet
okng build --ok-dir mine --out-dir own "${small[@]}" --quiet
try --bank-dir flat --out flat-model --verify 1
ls flat-model 2>&1
rm -r mine
try --bank-dir own --out model --verify 1
ls model
echo "what has no counterpart in a graph is named"
okng build --ok-dir ok --out-dir cubic "${small[@]}" --interpolation bicubic --quiet
try --bank-dir cubic --out cubic-model --resize-inside any
try --bank-dir cubic --out cubic-model --resize-inside 72x80 --quiet
ls cubic-model
okng build --ok-dir ok --out-dir between "${small[@]}" --interpolation bilinear-float --quiet
try --bank-dir between --out cubic-model --input uint8
try --bank-dir between --out cubic-model --name between --input uint8 --resize-inside 72x80 --quiet
try --bank-dir bank --out cubic-model --name "$(printf 'Gr\303\274n')" --quiet
try --bank-dir bank --out cubic-model --name "$(printf 'Gr\374n')"
try --bank-dir bank --out cubic-model --name "$(printf 'a\tb')"
cp -rL bank "$(printf 'b\374')"
try --bank-dir "$(printf 'b\374')" --out unnamed --quiet
ls cubic-model unnamed
