# needs: clip
# Without a good picture: a bank of words, and one that infer makes in memory; both say the same. A verdict needs a threshold.
winclip=(--method winclip --class-name "metal nut" "${clip[@]}")
okng build "${winclip[@]}" --out-dir bank | grep -vE '^(time|memory) '
okng build "${winclip[@]}" --out-dir bank --json | grep -E '"(pictures|image_tau|pixel_tau)"'
okng bank show bank | grep -E '^ +(method|backbone|class-name|prompts|scales|temperature|pictures|none:)'
okng infer --bank-dir bank --img ng/000.png --out-dir out
okng infer --bank-dir bank --img ng/000.png --out-dir out --false-alarm 0.01
okng infer --bank-dir bank --img ng/000.png --out-dir out --threshold-image 0.4 | sed 's/score .*, thr/score S, thr/'
grep -E '"(pixel_tau|p_value|verdict|by|scale)"' out/scores.json
[ "$(cat out/mask.png | wc -c)" -gt 0 ] && okng infer --bank-dir bank --img ng/000.png --out-dir seen --threshold-image 0.4 --threshold-pixel 0.1 --quiet &&
    cmp -s out/mask.png seen/mask.png || echo "another mask"
okng infer "${winclip[@]}" --img ng ok/000.png --out-dir made --threshold-image 0.4 --quiet
okng infer --bank-dir bank --img ng ok/000.png --out-dir opened --threshold-image 0.4 --threads 1 --quiet
cmp made/results.csv opened/results.csv && cmp made/ng/000/heat_gray.png opened/ng/000/heat_gray.png && echo "the same"
head -n 2 made/results.csv | cut -d, -f1,3-
okng tune --bank-dir bank --ok ok/000.png --ng ng --f1 --write --quiet && okng infer --bank-dir bank --img ng/000.png --out-dir chosen --quiet &&
    echo "a chosen threshold does"
# a bank keeps the activation that it was made with, whatever a configuration beside the weights says later
mkdir own && cp clip/*.* own && own=(--method winclip --class-name nut "${clip[@]//clip\/tiny/own/tiny}")
okng build "${own[@]}" --out-dir kept --quiet && okng infer --bank-dir kept --img ng ok/000.png --out-dir before --threshold-image 0.4 --threshold-pixel 1 --quiet
echo '{"model_cfg": {"embed_dim": 512, "quick_gelu": true, "vision_cfg": {"width": 256, "patch_size": 16}}}' >own/open_clip_config.json
okng infer --bank-dir kept --img ng ok/000.png --out-dir later --threshold-image 0.4 --threshold-pixel 1 --quiet
okng infer "${own[@]}" --img ng ok/000.png --out-dir quick --threshold-image 0.4 --threshold-pixel 1 --quiet
scores() { tail -n +2 "$1"/results.csv | cut -d, -f2; }
cmp <(scores before) <(scores later) && ! cmp -s <(scores later) <(scores quick) && echo "as it was made"
okng build "${own[@]}" --activation gelu --out-dir kept 2>&1 | grep -o "quick_gelu.*"; echo "exit ${PIPESTATUS[0]}"
