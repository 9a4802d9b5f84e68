# needs: bank
# A band of doubt: OK up to its lower end, REVIEW above it, NG above its upper end; exit codes, JSON, CSV.
n=0
try() {
    okng infer --bank-dir bank --out-dir "out$((++n))" "$@"
    echo "exit $?"
}
try --img ng/000.png --review 0,1000 --exit-code
try --img ng/000.png --review 0,1000 --exit-code --json | grep 'verdict\|exit\|band'
try --img ng/000.png --review 900,1000 --exit-code --quiet
try --img ng/000.png --review 0.001,0.002 --exit-code --quiet
try --img ng/000.png --review off --exit-code --quiet
mkdir in
cp ok/000.png in/a.png && cp ng/000.png in/b.png
try --img in --review 0,1000 --exit-code
cut -d, -f1,3 "out$n/results.csv"
grep -c '"REVIEW"' "out$n/b/scores.json"
try --img in --review 0,1000 --json | grep '"ok"\|"review"\|"ng"'
echo text >in/c.png
try --img in --review 0,1000 --exit-code --quiet 2>/dev/null
try --img in --exit-code --quiet 2>/dev/null
try --img ng/000.png --review 1,0
try --img ng/000.png --review 1,2 --review-rate 0.1
try --img ng/000.png --review-rate 2
try --img ng/000.png --review-rate 0.4 --json | grep -A 2 'band'
