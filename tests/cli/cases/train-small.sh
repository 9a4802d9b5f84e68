# needs: mvtec
# needs: clip
# A few steps of training: what comes of it, the same bytes for any number of threads, from a cache, and where it went on.
train() { okng train afclip --root mvtec --batch-size 5 --backbone clip-tinyclip-8m-16 --weights clip/tiny.safetensors --resolution 32 --max-steps 4 --quiet "$@"; }
okng train afclip --config "$DOCS/../configs/train_afclip.yaml" --root mvtec --batch-size 5 --backbone clip-tinyclip-8m-16 --weights clip/tiny.safetensors \
    --resolution 32 --max-steps 4 --out one --threads 1 --set training.cache_type=fp32 2>&1 | sed -E 's/(loss|mean).*//'
ls one
cut -d, -f 1-3 one/losses.csv
head -n 2 one/losses.csv | cut -d, -f 1-7 # later ones depend on signs of gradients that are next to nothing
head -c 5 one/losses.svg && echo
grep -E '"(source|backbone|resolution|steps|pictures|bad|training.batch_size)"' one/checkpoint.json
train --out two --threads 2 --cache tokens && cmp one/training.safetensors two/training.safetensors
train --out three --max-steps 1 --cache tokens && train --out three --checkpoint-every 1 --cache tokens
for file in one/*; do cmp "$file" "three/${file#one/}"; done
# finished: nothing is left to do
train --out three --json | grep -E '"(steps|first_step)"'
train --out four --start one --max-steps 1 --gradient-quirk off --lr 0.001 --cache bf16 --cache-type bf16 --json | grep -E '"(steps|parameters|streams|cache_bytes)"'
train --out five --accumulation 3 --epochs 1 --max-steps 0 --resolution 96 --set training.memory=24M --json | grep -E '"(steps|streams)"'
ls tokens | wc -l
# and inspects with it
okng infer --method miniclip --checkpoint one "${clip[@]}" --resize 32x32 --img ng/000.png --out-dir seen --threshold-image 0.5 --json | grep -c '"score"'
ls seen
