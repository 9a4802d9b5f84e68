# needs: fixture
# A region of interest: learnt, found, not found, several of them, packed; what is refused, and the exit codes.
build() { okng build --ok-dir ok --out-dir "$1" --resize 64x64 --quiet "${@:2}"; }
build bank --roi 20,16,40,40 --roi-threshold 0.2 && ls bank bank/region-1
okng infer --bank-dir bank --img ok/000.png --exit-code; echo "exit $?"
build none --roi 20,16,40,40 --roi-threshold 0.999 2>&1 | tail -1 | cut -c1-90
build two --roi "left=8,8,32,40; right=40,8,32,40" --roi-threshold 0.1
okng infer --bank-dir two --img ng/000.png --out-dir out --json | grep -A60 '"rois"' | grep -E '"(name|found|verdict)"'
okng bank show two --json | grep -A3 -E '"(name|threshold|rotation)"' | head -20
sed -i 's/"threshold": [0-9.]*/"threshold": 0.99/' two/regions.json
okng infer --bank-dir two --img ng/000.png --img ok/000.png --exit-code --out-dir missing | sed 's/[0-9.]* at best/N at best/'; echo "exit ${PIPESTATUS[0]}"
cut -d, -f1-3 missing/results.csv
okng pack --bank-dir bank --out bank.okng --quiet && okng infer --bank-dir bank.okng --img ok/000.png
# drawn: the page is opened by $BROWSER, and its line comes back
printf '#!/bin/sh\ngrep -o "width=[0-9]*,height=[0-9]*" "$1" >page; grep -c "data:image/png;base64,iVBOR" "$1" >>page\n' >browser && chmod +x browser
echo ' 20,16,40,40 ' | BROWSER=$PWD/browser okng build --ok-dir ok --out-dir drawn --resize 64x64 --quiet --roi select --roi-threshold 0.2 2>/dev/null; echo "drawn: $?"
cat page; cmp drawn/region-1.png bank/region-1.png 2>&1 || echo "another region"; ls /tmp/okng-regions-* 2>/dev/null
# refused
(unset DISPLAY WAYLAND_DISPLAY BROWSER; okng build --ok-dir ok --out-dir x --roi select); echo "no browser: $?"
BROWSER=true okng build --ok-dir ok --out-dir x --roi select </dev/null 2>&1 | tail -1
BROWSER=false okng build --ok-dir ok --out-dir x --roi select </dev/null 2>&1 | sed "s|[^ ]*okng-regions-[^ ;]*|PAGE|"
okng build --ok-dir ok --out-dir x --roi-rotation 5; echo "rotation of nothing: $?"
build x --roi 1,2,3; echo "three numbers: $?"
build x --roi 70,60,20,20; echo "beyond: $?"
build x --roi-from ok/000.png; echo "no region: $?"
okng eval --dataset ok --roi 1,2,30,30 2>&1 | head -1
okng export --bank-dir bank --out x.onnx; echo "export: $?"
okng bank add bank --ok-dir ok; echo "add: $?"
okng infer --bank-dir bank --img ok/000.png --out-dir bank/region-1; echo "results in it: $?"
okng export --bank-dir bank/region-1 --out two/x.onnx; echo "a file in another: $?"
echo '{"format": "okng regions", "okng": "0.2.0"}' >bank/regions.json
okng infer --bank-dir bank --img ok/000.png; echo "damaged: $?"
