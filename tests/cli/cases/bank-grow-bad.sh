# What cannot be merged, made smaller, made of rows, or named anew.
# needs: fixture
resnet=(--backbone resnet18 --weights resnet18.safetensors --quiet)
mkdir first second
cp ok/00[0-3].png first
cp ok/00[4-7].png second
okng build --ok-dir first --out-dir a "${resnet[@]}"
okng build --ok-dir second --out-dir b "${resnet[@]}" --coreset 0.05
okng build --ok-dir first --out-dir s --method subspace --quiet
okng bank merge a b --out c
okng bank merge a s --out c
okng bank merge a a --out c
okng bank merge a --out c
okng bank merge a nowhere --out c
okng bank merge a b
okng bank merge a b --out first
okng bank shrink a
okng bank shrink a --coreset 0.5
okng bank shrink a --coreset 2
okng bank shrink a --coreset-size 100000
mkfifo pipe
okng bank shrink pipe --coreset 0.01
okng infer --bank-dir pipe --img ok/000.png
rm pipe
okng bank shrink s --coreset 0.01
okng embed --img ok/000.png --out rows.npy --backbone okng-s --resize 64x64 --layers layer2 --quiet
okng bank create --rows rows.npy --out c --resize 64x64
okng bank create --rows resnet18.safetensors --out c
okng bank create --rows nowhere.npy --out c
okng preprocess --img ok/000.png --out picture.npy --resize 64x64 --quiet
okng bank create --rows picture.npy --out c
okng bank create --rows rows.npy --out c --precision int8
okng bank create --rows rows.npy --out c --method subspace
okng bank create --rows rows.npy --out c --coreset 0.5
okng bank rename-weights a --weights rows.npy
okng bank rename-weights s --weights resnet18.safetensors
okng bank rename-weights nowhere --weights resnet18.safetensors
okng bank diff a
cp -r a before && (trap '' XFSZ && ulimit -f 20 && okng bank add a --ok-dir second; okng bank create --rows rows.npy --layers layer2 --resize 64x64 --out c)
diff -r a before && echo "a: as it was" && rm -r before
# Weights of the bank's own folder that are not those it was built with are not taken along.
cp resnet18.safetensors a/backbone.safetensors
okng bank rename-weights "$PWD/a" --weights "$PWD/a/backbone.safetensors" --quiet
okng bank shrink "$PWD/a" --coreset 0.01 --out-dir few --quiet && cmp few/backbone.safetensors resnet18.safetensors
echo >>a/backbone.safetensors
okng bank shrink "$PWD/a" --coreset 0.01 --out-dir fewer --quiet
ls -A
