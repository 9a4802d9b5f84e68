# needs: bank
# A rate that the bank's 8 good pictures cannot promise: what they can is said, on stderr and in JSON.
try() {
    rm -rf out
    okng infer --bank-dir bank --img ng/000.png --out-dir out "$@"
    echo "exit $?"
}
try --false-alarm 0.01 --json | grep 'promised\|exit'
grep promised out/scores.json
try --false-alarm 0 --quiet
try --false-alarm 0.3 --json | grep 'promised\|exit'
try --false-alarm 0.01 --threshold-image 50 --json | grep 'promised\|exit'
okng bank show bank | grep -A 4 'false-alarm rate'
