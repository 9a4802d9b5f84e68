# needs: bank
# Thresholds from the bank's own scores, from more good pictures, and from one bad one.
cp -r bank/ b
echo "the bank alone"
okng tune --bank-dir b
echo "one bad picture"
okng tune --bank-dir b --ng ng
okng tune --bank-dir b --ng ng --miss 0 --json | grep '"rule"\|"rate"\|"skipped"\|"written"\|"found"\|"found_low"' | sort | uniq -c | sed 's/^ *//'
echo "good ones too, and a page"
mkdir more && cp ok/000.png more/a.png && cp ok/001.png 'more/<b>.png' && echo text >more/c.png
okng tune --bank-dir b --ok more --ng ng --f1 --write --out-dir page
ls page page/tune_files
grep -c '<b>' page/tune.html
grep -c 'u003cb>' page/tune.html
okng bank show b | sed -n 's/chosen 20[0-9T:-]*Z/chosen NOW/p'
okng infer --bank-dir b --img ng/000.png --out-dir out --json | grep verdict
okng bank set b --reset --quiet && cmp b/tau.json bank/tau.json && echo "back"
try() { okng tune --bank-dir b "$@"; echo "exit $?"; }
try --f1
try --miss 0.1
try --f1 --miss 0
try --false-alarm 2
try --false-alarm 0.1 --quiet
try --ng nowhere
mkdir empty && try --ng empty
mkdir bad && echo text >bad/x.png && try --ng bad
echo "several of each"
mkdir first second && cp ok/002.png first/ && cp ok/003.png ok/004.png second/
for given in "--ok first --ok second --ng ng --ng ng/000.png" "--ok first second --ng ng"; do
    okng tune --bank-dir b $given | head -n 1
done
