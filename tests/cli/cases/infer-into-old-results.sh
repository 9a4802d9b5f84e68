# needs: bank
# A second run neither overwrites nor mixes: it is refused, adds, or gets a folder of its own.
try() {
    okng infer --bank-dir bank "$@"
    echo "exit $?"
}
mkdir monday tuesday
cp ok/000.png monday/a.png && cp ng/000.png monday/b.png && cp ok/001.png tuesday/c.png && echo text >tuesday/d.png
try --img monday --out-dir out
try --img tuesday --out-dir out
try --img tuesday/c.png --out-dir out
try --img tuesday --out-dir out --append 2>/dev/null
cut -d, -f 1,3 out/results.csv
try --img monday/a.png --out-dir out --append
cp ok/002.png tuesday/d.png
try --img tuesday/d.png --out-dir out --append
cut -d, -f 1,3 out/results.csv
echo "one picture alone"
try --img ok/000.png --out-dir one
try --img ok/000.png --out-dir one
try --img ok/001.png --out-dir line --append --quiet
try --img ok/002.png --out-dir line --append --quiet
cut -d, -f 1,3 line/results.csv
echo "folders with the time"
try --img ok/000.png --out-dir stamped --stamp --append
try --img ok/000.png --out-dir stamped --stamp --quiet
try --img ok/000.png --out-dir stamped --stamp --quiet
try --img ok --out-dir stamped --stamp | tail -n 2
ls stamped | wc -l
ls stamped | grep -c '^20[0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]-[0-9][0-9]-[0-9][0-9]'
echo "a picture that is called as a result is no result's place"
mkdir own && cp ng/000.png own/mask.png
okng infer --bank-dir bank --img own/mask.png --out-dir own || echo "exit $?"
cmp ng/000.png own/mask.png && ls own
