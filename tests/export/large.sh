#!/usr/bin/env bash
# A bank of 100,000 rows of 1536 numbers as ONNX: what exporting takes of memory, and how the model runs in onnxruntime. The rows are
# patch vectors of pictures by wide_resnet50_2, brought together by way of a checkpoint as anomalib saves one (python3 with torch).
# Usage: tests/export/large.sh BUILD NODE_MODULES PICTURES WORK [ROWS]. WORK needs 5 GB of disk; nothing of it is kept but WORK/rows.npy.
set -euo pipefail
build=$(realpath "$1") modules=$(realpath "$2") pictures=$(realpath "$3") rows=${5:-100000}
here=$(dirname "$(realpath "$0")") okng=$build/okng
mkdir -p "$4" && cd "$4"
[ -e wrn.safetensors ] || "$build/tests/make_weights" wide_resnet50_2 wrn.safetensors layer3 >/dev/null
if [ ! -e rows.npy ]; then
    mkdir -p good other
    find "$pictures" -type f | sort | head -n $(((rows + 1023) / 1024 + 3)) >list
    head -n -3 list | while read -r file; do cp -n "$file" good/; done
    tail -n 3 list | while read -r file; do cp -n "$file" other/; done
    "$okng" embed --img good --out rows.npy --backbone wide_resnet50_2 --weights wrn.safetensors --resize 256x256 --quiet
fi
[ -d bank ] || /usr/bin/python3 - "$rows" <<'END'
import struct, json, sys
import numpy as np, torch

rows = np.load("rows.npy").reshape(-1, 1536)[: int(sys.argv[1])]
with open("wrn.safetensors", "rb") as f:
    size, = struct.unpack("<Q", f.read(8))
    header, data = json.loads(f.read(size)), f.read()
state = {"model.memory_bank": torch.from_numpy(rows.copy())}
for name, t in header.items():
    if name == "__metadata__":
        continue
    begin, end = t["data_offsets"]
    values = np.frombuffer(data[begin:end], np.float32).reshape(t["shape"]).copy()
    state["model.feature_extractor.feature_extractor." + name] = torch.from_numpy(values)
for name, value in (("_image_threshold", 2.0), ("_pixel_threshold", 1.5), ("image_min", 0.5), ("image_max", 2.5), ("pixel_min", 0.25), ("pixel_max", 2.5)):
    state["post_processor." + name] = torch.tensor(value)
torch.save({"state_dict": state, "hyper_parameters": {"backbone": "wide_resnet50_2", "layers": ["layer2", "layer3"]}}, "bank.ckpt")
END
[ -d bank ] || { "$okng" import anomalib bank.ckpt --out-dir bank --resize 256x256 --quiet && rm bank.ckpt; }
du -sb bank
/usr/bin/time -f "export: %M KB at most, %e s" "$okng" export --bank-dir bank --out model
ls -l model
"$okng" export --bank-dir bank --out model --quiet --verify 3 --img other --samples samples --json >export.json
grep -A12 '"verify"' export.json
for flags in "" "--prepacking"; do
    echo "onnxruntime, 2 threads $flags"
    # shellcheck disable=SC2086 # words are options
    node "$here/onnx_run.mjs" "$modules" model/bank.onnx samples $flags
done
node "$here/onnx_run.mjs" "$modules" model/bank.onnx samples --nan
rm -r bank model samples
