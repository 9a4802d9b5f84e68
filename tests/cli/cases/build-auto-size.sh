# needs: fixture
# Pictures of one shape keep it, whichever way they are asked for; pictures of several shapes become square.
model=(--backbone resnet18 --weights resnet18.safetensors --coreset-size 20)
lines() { grep -E '^(input|patch) |^            ' || true; }
for pixels in 4096 16384 64x128; do
    okng build --ok-dir ok --out-dir bank "${model[@]}" --pixels $pixels | lines
done
sed -n '/"input"/,/}/p;/"resize"/p' bank/bank_config.json
okng infer --bank-dir bank --img ng/000.png --out-dir out --quiet && ls out/scores.json
printf 'P5 96 72 255\n' >long.pgm && head -c 6912 /dev/zero >>long.pgm
okng infer --bank-dir bank --img long.pgm --out-dir long --quiet
grep -h -A 1 warnings out/scores.json long/scores.json
mkdir mixed
cp ok/000.png mixed
printf 'P5 40 10 255\n' >mixed/z.pgm && head -c 400 /dev/zero >>mixed/z.pgm
okng build --ok-dir mixed --out-dir bank "${model[@]}" --pixels 4096 | lines
# Large pictures say when a patch covers much of them.
mkdir large
for i in 1 2; do printf 'P5 1000 250 255\n' >large/$i.pgm && head -c 250000 /dev/zero | tr '\0' "$i" >>large/$i.pgm; done
okng build --ok-dir large --out-dir bank "${model[@]}" --resize 256x256 | lines
okng build --ok-dir large --out-dir bank "${model[@]}" | lines
# One picture has its own shape, a crop a square.
okng preprocess --img ng/000.png --out t.npy
okng preprocess --img ng/000.png --out t.npy --pixels 20000
okng preprocess --img large/1.pgm --out t.npy
okng preprocess --img large/1.pgm --out t.npy --crop 224
okng embed --img large/1.pgm --out t.npy --backbone resnet18 --weights resnet18.safetensors 
