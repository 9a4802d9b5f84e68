# needs: bank
# A band of doubt: OK up to its lower end, REVIEW above it, NG above its upper end; exit codes, JSON, CSV.
try() { # try OUT OPTIONS
    okng infer --bank-dir bank --out-dir "$@"
    echo "exit $?"
}
try out1 --img ng/000.png --review 0,1000 --exit-code
try out2 --img ng/000.png --review 0,1000 --exit-code --json | grep 'verdict\|exit\|band'
try out3 --img ng/000.png --review 900,1000 --exit-code --quiet
try out4 --img ng/000.png --review 0.001,0.002 --exit-code --quiet
try out5 --img ng/000.png --review off --exit-code --quiet
mkdir in
cp ok/000.png in/a.png && cp ng/000.png in/b.png
try out6 --img in --review 0,1000 --exit-code
cut -d, -f1,3 "out6/results.csv"
grep -c '"REVIEW"' "out6/b/scores.json"
try out7 --img in --review 0,1000 --json | grep '"ok"\|"review"\|"ng"'
echo text >in/c.png
try out8 --img in --review 0,1000 --exit-code --quiet 2>/dev/null
try out9 --img in --exit-code --quiet 2>/dev/null
try out10 --img ng/000.png --review 1,0
try out11 --img ng/000.png --review 1,2 --review-rate 0.1
try out12 --img ng/000.png --review-rate 2
try out13 --img ng/000.png --review-rate 0.4 --json | grep -A 2 'band'
