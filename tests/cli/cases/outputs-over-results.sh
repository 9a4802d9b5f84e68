# needs: bank
# An array does not take the place of a file of results, nor of a bank; where it only is called as one it may be written again.
okng infer --bank-dir bank --img ok --out-dir many --save-map --quiet
okng infer --bank-dir bank --img ng/000.png --out-dir one --quiet
cp -r many many.before && cp -r one one.before && ln -s many/results.csv e.npy
try() {
    "$@"
    echo "exit $?"
}
embed() { okng embed --img ok/000.png "${small[@]}" --quiet --out "$1"; }
try embed many/results.csv
try embed ./e.npy
try embed many/run.json
try embed many/000/map.npy
try embed one/scores.json
try embed one/overlay.png
try okng preprocess --img ok/000.png --out one/mask.png --resize 32x32
rm e.npy && embed e.npy
try okng knn --bank e.npy --query e.npy --k 1 --quiet --out d.npy --indices one/scores.json
try okng coreset --in e.npy --quiet --out many/001/heat_gray.png
diff -r many many.before && diff -r one one.before && echo "nothing was lost"
mkdir own
try embed own/map.npy
try embed own/map.npy
