# needs: bank
: >file
try() {
    okng infer --bank-dir bank "$@"
    echo "exit $?"
}
try --img ok/000.png --out-dir file
try --img ok/000.png --out-dir file/out
try --img ok --out-dir file
try --img ok --out-dir /proc/out
mkdir in && cp ok/000.png in
try --img in --out-dir in
try --img in --out-dir in/results
try --img in --out-dir ./in/../in/deep/results
try --img in --out-dir new/../in/out
try --img in --out-dir ''
try --img in --out-dir inside --quiet && ls inside
ls in
(
    trap '' XFSZ
    ulimit -f 1
    try --img in --out-dir full
)
