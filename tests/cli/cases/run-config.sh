# needs: mvtec
# An experiment from a file, --set on top; its config.yaml gives the same experiment again.
cat >mine.yaml <<'YAML'
experiment:
  name: small
data:
  root: mvtec
  categories: [cloth]
  transforms: {resize: [64, 64]}
model:
  backbone: resnet18
  weights: resnet18.safetensors
evaluation:
  latency: {measure_iters: 0}
visualization: {num_examples: 0}
YAML
okng run --config mine.yaml --set data.categories=weave --set data.k_shot=3
okng run --config results/mvtec/patchcore/small/config.yaml
okng run --config results/mvtec/patchcore/small/config.yaml --set data.k_shot=0
echo "exit $?"
