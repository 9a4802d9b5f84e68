# needs: bank
cp "$(realpath resnet18.safetensors)" other.safetensors
printf 'abcd' | dd of=other.safetensors bs=1 seek=500000 conv=notrunc status=none
okng infer --bank-dir bank --img ok/000.png --out-dir out --weights other.safetensors
echo "exit $?"
okng infer --bank-dir bank --img ok/000.png --out-dir out --weights nowhere.safetensors
echo "exit $?"
ls
