# needs: bank
# Several values, patterns of the shell and of the command's own, files and folders mixed.
try() { # try OUT --img ...
    okng infer --bank-dir bank --out-dir "$@" | grep -v '^results in'
    cut -d, -f 1,3,6 "$1/results.csv"
}
mkdir -p t/good t/crack
cp ok/000.png t/good/0.png && cp ok/001.png t/good/1.png && cp ng/000.png t/crack/0.png && cp ok/002.png 't/good/[2].png'
echo "the shell's pattern"
try out1 --img t/*/0.png
echo "a quoted one"
try out2 --img 't/*/0.png'
echo "a name that looks like one"
okng infer --bank-dir bank --out-dir out --img 't/good/[2].png' --quiet && ls out
echo "both, and a folder"
try out3 --img t/crack --img t/good/1.png 't/good/?.png'
echo "labels of a folder called so"
try out4 --img t/good
cp -r t/good today
echo "no labels"
try out5 --img today
echo "what is no such thing"
okng infer --bank-dir bank --out-dir none --img 't/*.png'
okng infer --bank-dir bank --out-dir none --img t/good nowhere.png
okng infer --bank-dir bank --out-dir none --img '*/*/*/*/*/*/*/*/*/*.png'
okng infer --bank-dir bank --out-dir none --img 't/*/../*/*.png'
ls none 2>/dev/null
