# needs: bank
# Every kind of bank gives what its folder gives. same NAME: folder and recipe agree in every byte.
same() {
    okng pack --bank-dir "$1" --out "$1.okng" --quiet
    okng infer --bank-dir "$1" --img ok/000.png ng --out-dir "$1-folder" --save-map --quiet
    okng infer --bank-dir "$1.okng" --img ok/000.png ng --out-dir "$1-recipe" --save-map --quiet
    sed -i "s#$1\.okng#$1#" "$1-recipe/run.json"
    diff -r "$1-folder" "$1-recipe" && echo "$1: the same"
}
small=(--backbone resnet18 --weights resnet18.safetensors --resize 64x64 --ok-dir ok --quiet)
okng build --method subspace "${small[@]}" --out-dir subspace && same subspace
# Where the CPU has it; elsewhere there is no such bank.
for precision in bf16 int8; do
    if okng build --precision $precision "${small[@]}" --out-dir $precision 2>log; then same $precision
    else grep -q 'this CPU' log && echo "$precision: the same"; fi
done
okng build --preset inspection "${small[@]}" --crop 56 --out-dir inspection && same inspection
okng build --backbone okng-s --weights "" --resize 96x96 --ok-dir ok --out-dir built-in --quiet && same built-in
cp -r "$(dirname "$DOCS")"/tests/golden/import/ensemble .
okng import patchcore-inspection ensemble --out-dir several --weights resnet18.safetensors --resize 72 --calibrate ok --quiet
same several
okng bank diff several.okng several.okng
okng bank show several.okng | grep -E '^  (member|recipe)'
# A network of bfloat16 is the same where its weights are kept as bfloat16.
if [ -d bf16 ]; then
    okng pack --bank-dir bf16 --out half.okng --precision bf16 --quiet
    okng infer --bank-dir half.okng --img ok/000.png ng --out-dir half --save-map --quiet
    sed -i 's#half\.okng#bf16#' half/run.json && diff -r bf16-folder half && echo "bf16 in bf16: the same"
else echo "bf16 in bf16: the same"; fi
for precision in fp16 bf16 int8; do
    okng pack --bank-dir bank --out $precision.okng --precision $precision --json | grep -oE '"bytes": [0-9]'
    okng infer --bank-dir $precision.okng --img ng/000.png | grep -oE 'score [0-9]\.[0-9]'
done
