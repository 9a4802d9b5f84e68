# needs: mvtec
# Pipes, sockets and devices among pictures are named and waited for by nobody; given by name they are an error.
small=(--backbone resnet18 --weights resnet18.safetensors --resize 64x64 --quiet)
mkfifo ok/pipe.png ok/trigger
mkdir -p new/sub && cp ok/000.png new && mkfifo new/sub/a.png && ln -s /dev/zero new/zero.png
okng build --ok-dir ok --out-dir bank "${small[@]}"
echo "build: $?"
rm ok/pipe.png ok/trigger
okng infer --bank-dir bank --img new --out-dir out --quiet --exit-code
echo "infer: $?"
cut -d, -f1,3 out/results.csv
okng infer --bank-dir bank --img new --out-dir strict --strict --quiet
echo "strict: $?"
okng infer --bank-dir bank --img new/sub/a.png --out-dir one
echo "one: $?"
okng infer --bank-dir bank --img new/000.png new/zero.png --out-dir two
echo "two: $?"
okng tune --bank-dir bank --ok new --ng ng --quiet
echo "tune: $?"
cp -rL mvtec own && rm mvtec && mv own mvtec # the data set is every case's
mkfifo mvtec/cloth/test/good/p.png
okng data show --root mvtec
echo "data: $?"
okng eval --root mvtec --out results "${small[@]}"
echo "eval: $?"
mkdir maps && mkfifo maps/a.npy
okng metrics --maps maps --masks maps
echo "metrics: $?"
okng embed --img new/sub/a.png --out none.npy
echo "embed: $?"
okng knn --bank maps/a.npy --query maps/a.npy --k 1 --out none.npy
echo "knn: $?"
mkfifo config.yaml scores.csv weights.pth
for line in "run --config config.yaml" "metrics --scores scores.csv" "weights show weights.pth"; do
    # shellcheck disable=SC2086
    okng $line
    echo "$line: $?"
done
