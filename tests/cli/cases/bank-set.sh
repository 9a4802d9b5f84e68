# needs: bank
# A chosen threshold holds for all who open the bank, and what was computed is kept beside it.
cp -r bank/ b
strip() { sed 's/chosen 20[0-9T:-]*Z/chosen NOW/'; }
shown() { okng bank show b | sed -n '/^  thresholds/,/^  image threshold/p' | strip; }
verdict() { okng infer --bank-dir b --img ng/000.png --out-dir "$1" --json | grep '"verdict"\|"image_tau"'; }
okng bank set b --threshold-image 100 --by 'Kim, line 3'
shown
verdict one
okng bank set b --threshold-pixel 0.5 --review 1,3
shown
verdict two
echo "a threshold that is given comes without the bank's band"
okng infer --bank-dir b --img ng/000.png --out-dir given --threshold-image 2 --json | grep 'verdict\|band'
okng infer --bank-dir b --img ng/000.png --out-dir off --review off --json | grep 'verdict\|band'
echo "an image threshold takes the band of the one before away"
okng bank set b --threshold-image 2
echo "what was computed comes back"
okng bank set b --review off --quiet
okng bank set b --reset --json | tr -d ' \n' | sed 's/[0-9][0-9.]*/N/g'
echo
diff -r b bank && echo "the bank is as it was"
try() { okng bank set "$@"; echo "exit $?"; }
try b
try b --threshold-image bank
try b --threshold-image high
try b --review 3,1
try b --threshold-image 1e300
try nowhere --threshold-image 1
mkdir empty && try empty --threshold-image 1
try ok --reset
cp -r bank/ cut && head -c 100 bank/tau.json >cut/tau.json && try cut --threshold-image 1
wc -c <cut/tau.json
echo "an ensemble has thresholds of its own"
cp -r "$(dirname "$DOCS")"/tests/golden/import/ensemble .
okng import patchcore-inspection ensemble --out-dir several --weights resnet18.safetensors --resize 72 --calibrate ok --quiet
okng bank set several --threshold-image 100 --quiet
okng infer --bank-dir several --img ng/000.png --out-dir several-out --json | grep '"image_tau"\|"verdict"'
