# needs: bank
okng infer --bank-dir bank --img ng/000.png --out-dir out
echo "exit $?"
okng infer --bank-dir bank --img ng/000.png --out-dir again --exit-code --quiet
echo "exit $?"
okng infer --bank-dir bank --img ok/000.png --out-dir deep/er/out --exit-code --fuse-ref ok/001.png --save-map
echo "exit $?"
okng infer --bank-dir bank --img ok/000.png --out-dir low --threshold-image 0.1 --exit-code --json
echo "exit $?"
ls out deep/er/out
