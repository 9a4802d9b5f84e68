#!/bin/sh
# The main job on real pictures: learns from OK tiles, inspects new ones, says where the pictures are.
# Usage: tools/demo.sh OKNG. Needs a data set in MVTec layout and weights of ResNet-18: ../shared, or OKNG_DEMO_DATA (a
# folder with train/good and test) and OKNG_DEMO_WEIGHTS (a .pth or .safetensors file).
set -eu
okng=$1
here=$(cd "$(dirname "$0")/.." && pwd)
data=${OKNG_DEMO_DATA:-$here/../shared/data/mvtec_like/tile}
weights=${OKNG_DEMO_WEIGHTS:-$here/../shared/weights/resnet18-imagenet-to-layer3.pth}
out=$here/build/demo

if [ ! -d "$data/train/good" ] || [ ! -f "$weights" ]; then
    cat <<EOF
okng is built: $okng
There are no pictures to learn from yet. The demo needs
  - weights:  $okng weights get resnet18
  - pictures: a category in MVTec layout (train/good, test/...), for example one of MVTec AD
Then: make demo OKNG_DEMO_DATA=FOLDER OKNG_DEMO_WEIGHTS=FILE
EOF
    exit 0
fi

mkdir -p "$out"
echo "== learning from $data/train/good"
"$okng" build --ok-dir "$data/train/good" --out-dir "$out/bank" --backbone resnet18 --weights "$weights" --coreset 0.02
echo "== inspecting $data/test"
reference=$(find "$data/train/good" -type f | sort | head -n 1)
"$okng" infer --bank-dir "$out/bank" --img "$data/test" --out-dir "$out/results" --fuse-ref "$reference"
echo "== the pictures with the highest scores"
tail -n +2 "$out/results/results.csv" | sort -t, -k2 -gr | head -n 5 | while IFS=, read -r path score verdict; do
    echo "  $verdict  $score  $out/results/${path%.*}/side_by_side.png"
done
echo "== all results: $out/results (results.csv; per picture overlay.png, heat_gray.png, mask.png, side_by_side.png)"
