# needs: mvtec
# Results do not come into a folder that the data set's pictures are looked for in; beside those folders they may.
cp -r mvtec/ set
quick=(--root set "${small[@]}" --latency-runs 0 --examples 0 --quiet --category cloth)
try() {
    okng eval "${quick[@]}" "$@"
    echo "exit $?"
}
find set | sort >before
ln -s set/cloth/test tests
try --out set/cloth/test
try --out set/cloth/train/good/new
try --out set/cloth/ground_truth
try --out tests/../test
try --out set/weave/test
printf 'experiment: {output_root: tests}\ndata: {dataset: mvtec, root: set}\nmodel: {backbone: resnet18, weights: resnet18.safetensors}\n' >run.yaml
okng run --config run.yaml || echo "exit $?"
okng eval --dataset folder --root set/weave --normal train/good --abnormal test "${small[@]}" --out set/weave/train/out || echo "exit $?"
find set | sort | diff - before && echo "nothing came among them"
try --out set/cloth/results
try --out set --name beside
try --out set/cloth/results --threads 1
