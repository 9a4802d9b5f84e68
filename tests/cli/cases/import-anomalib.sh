# needs: fixture
# A checkpoint of anomalib's becomes a bank with its own weights and thresholds.
cp "$(dirname "$DOCS")"/tests/golden/import/{anomalib.ckpt,square_*.png} .
okng import anomalib anomalib.ckpt --out-dir bank
ls bank
okng bank show bank | sed -n '/thresholds/,$p'
mv bank elsewhere
for i in 0 1 2; do okng infer --bank-dir elsewhere --img square_$i.png --out-dir out$i | head -1; done
okng infer --bank-dir elsewhere --img square_1.png --out-dir out --false-alarm 0.1
echo "exit $?"
okng import anomalib --out-dir named --layers layer1 anomalib.ckpt
echo "exit $?"
okng import anomalib anomalib.ckpt --out-dir named --layers layer1 layer2
echo "exit $?"
okng import anomalib "$(dirname "$DOCS")"/tests/golden/import/settings/runs.ckpt --out-dir named 2>&1 | sed 's/.*settings/settings/'
okng import anomalib resnet18.safetensors --out-dir bank
echo "exit $?"
okng import anomalib anomalib.ckpt --out-dir bank --resize 64
echo "exit $?"
okng import anomalib anomalib.ckpt --out-dir bank --neighbors 0
echo "exit $?"
