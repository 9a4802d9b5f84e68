# needs: release
# needs: mvtec
# needs: clip
# A data set by learnt words alone, where there are no verdicts, and with two good pictures of each category; by a configuration too.
columns() { tail -n +2 | awk '{print $1, $(NF - 2), $(NF - 1)}'; }
mini=(--root mvtec --method miniclip --checkpoint clip/afclip "${clip[@]}" --category cloth --latency-runs 1 --max-test-samples 4)
okng eval "${mini[@]}" --name zero | head -n 2 | columns
grep -A1 -m1 -E '"verdict"' results/mvtec/miniclip/zero/cloth/scores.json
grep -E 'checkpoint|alpha' results/mvtec/miniclip/zero/config.yaml
okng eval "${mini[@]}" --k-shot 2 --name two | head -n 2 | columns | wc -l
grep -o '"\(train_images\|found\|k_shot\)": [0-9]*' results/mvtec/miniclip/two/cloth/metrics.json | sed 's/found": .*/found" is there/'
cat >learnt.yaml <<'END'
data: {root: mvtec, dataset: mvtec, categories: [cloth], validation: 0.4, loader: {max_test_samples: 2}}
model: {name: miniclip, backbone: TinyCLIP-ViT-8M-16-Text-3M, weights: clip/tiny.safetensors, checkpoint: clip/afclip, resolution: 96, k_shot: 2, alpha: 0.5}
evaluation: {pro_mode: steps, crop_masks: half, latency: {measure_iters: 0}}
visualization: {num_examples: 1}
END
okng run --config learnt.yaml --quiet --published && okng bank show results/mvtec/miniclip/default/cloth/bank | grep -E '^ +(backbone|resize|alpha|pictures) '
grep -c '"depth"' results/mvtec/miniclip/default/cloth/scores.json
