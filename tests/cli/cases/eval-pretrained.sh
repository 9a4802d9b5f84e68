# needs: mvtec
# Saved models of other programs in place of learning: one, an ensemble, a checkpoint.
golden=$(dirname "$DOCS")/tests/golden/import
quick=(--root mvtec --category cloth --backbone resnet18 --weights resnet18.safetensors --latency-runs 0 --examples 0 --json)
for model in single ensemble anomalib.ckpt; do
    if [ "$model" = anomalib.ckpt ]; then resize=(--resize 64x64); else resize=(--resize 72); fi
    okng eval "${quick[@]}" "${resize[@]}" --pretrained "$golden/$model" --name "$model" | grep -E '"(bank_rows|train_images|test_images|cloth)"'
    ls "results/mvtec/patchcore/$model/cloth/bank"
done
