# needs: mvtec
# The method subspace by every verb that makes a bank or takes one.
okng build --ok-dir ok --out-dir sub "${small[@]}" --method subspace --variance 0.9 --augment rotate:2 --quiet
ls sub
okng bank show sub | grep -E '^  (method|pictures|patches) |variance|augment|image-score|coreset'
okng infer --bank-dir sub --img ng/000.png --out-dir out --quiet && ls out
okng bench bank --bank-dir sub --json | grep -o '"bank_rows": [0-9]*' | sort -u
quick=(--root mvtec "${small[@]}" --latency-runs 0 --examples 0 --quiet)
okng eval "${quick[@]}" --method subspace && ls results/mvtec/subspace/default/cloth
cat >mine.yaml <<'YAML'
experiment: {name: by-file}
data: {root: mvtec, categories: [cloth], transforms: {resize: [64, 64]}}
model:
  options: {variance: 0.9, top: 0.05, image-score: max}
  name: subspace
  backbone: resnet18
  weights: resnet18.safetensors
evaluation: {latency: {measure_iters: 0}}
visualization: {num_examples: 0}
YAML
okng run --config mine.yaml --quiet && grep -E 'name:|image-score|variance|top:' results/mvtec/subspace/by-file/config.yaml
okng collect results --quiet | cut -d'|' -f2-5
echo "-- refused"
okng build --ok-dir ok --out-dir no "${small[@]}" --method subspace --coreset 0.5
okng build --ok-dir ok --out-dir no "${small[@]}" --method subspace --image-score mean-k
okng build --ok-dir ok --out-dir no "${small[@]}" --method subspaces
okng build --ok-dir ok --out-dir no "${small[@]}" --augment rotate:1
[ ! -e no ] || echo "a bank was left"
