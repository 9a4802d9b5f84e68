# needs: bank
# The choice of instructions changes no verdict, and is checked.
try() { "$@"; echo "exit $?"; }
for cpu in c auto; do
    okng infer --bank-dir bank --img ng/000.png --out-dir $cpu --cpu $cpu --quiet
    grep verdict $cpu/scores.json
done
try okng infer --bank-dir bank --img ng/000.png --out-dir out --cpu
try okng infer --bank-dir bank --img ng/000.png --out-dir out --cpu sse
try okng infer --bank-dir bank --img ng/000.png --out-dir out --cpu c --cpu=auto --quiet
