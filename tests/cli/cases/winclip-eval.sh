# needs: release
# needs: mvtec
# needs: clip
# A data set by words alone, where there are no verdicts, and with two good pictures of each category.
columns() { tail -n +2 | awk '{print $1, $(NF - 2), $(NF - 1)}'; }
winclip=(--root mvtec --method winclip "${clip[@]}" --category cloth --latency-runs 1 --max-test-samples 4)
okng eval "${winclip[@]}" --name zero | head -n 2 | columns
grep -A1 -m1 -E '"verdict"' results/mvtec/winclip/zero/cloth/scores.json
grep -E '"threshold"' results/mvtec/winclip/zero/cloth/scores.json
grep -E 'class-name|class_name' results/mvtec/winclip/zero/config.yaml
okng bank show results/mvtec/winclip/zero/cloth/bank | grep -E '^ +(class-name|pictures) '
grep -o '"\(train_images\|found\|false_alarms\|k_shot\)": [0-9]*' results/mvtec/winclip/zero/cloth/metrics.json
okng eval "${winclip[@]}" --k-shot 2 --class-name "woven cloth" --name two | head -n 2 | columns | wc -l
okng bank show results/mvtec/winclip/two/cloth/bank | grep -E '^ +(class-name|pictures) '
grep -o '"\(train_images\|found\|k_shot\)": [0-9]*' results/mvtec/winclip/two/cloth/metrics.json | sed 's/found": .*/found" is there/'
okng eval "${winclip[@]}" --k-shot 1 --name one >/dev/null
cat >words.yaml <<'END'
data: {root: mvtec, dataset: mvtec, categories: [cloth], validation: 0.4, loader: {max_test_samples: 2}}
model: {name: winclip, backbone: TinyCLIP-ViT-8M-16-Text-3M, weights: clip/tiny.safetensors, resolution: 96, k_shot: 0, class_name: cloth}
evaluation: {latency: {measure_iters: 0}}
visualization: {num_examples: 1}
END
okng run --config words.yaml --quiet && okng bank show results/mvtec/winclip/default/cloth/bank | grep -E '^ +(backbone|resize|class-name|calibration) '
grep -E '"threshold": [0-9]' results/mvtec/winclip/default/cloth/scores.json | sed 's/: .*/ from pictures that were held out/'
