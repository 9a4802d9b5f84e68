#!/bin/sh
# What surprises: a model that onnx.checker passes, with its check of types and shapes, need not open in onnxruntime: for many
#   pairs of operator and type that ONNX allows there is no code on the CPU, also for plain ones. Where chooses no bool. What
#   moves numbers without computing (Resize to the nearest, Pad, Where) takes no uint16, as cameras of 12 bits give it, though
#   Transpose does. Conv takes no double. Cubic Resize of uint8 opens, and fails when it is run.
# Why it matters: labels and masks of an exported inspection model are bool, and pictures whole numbers. That a checker
#   passes it does not show that it runs. okng writes a choice of bools as (c and x) or (not c and y), resizes floats, and
#   its tests open every model in onnxruntime, where that is there, besides the checker.
# Version: onnxruntime-node 1.30.0 (npm), CPU provider; what is allowed: opset 17 as python3-onnx 1.12.0 (Debian 12) has it.
# Source: onnxruntime issue #9539 (2021, open: Where of bool); onnxruntime docs/OperatorKernels.md lists the types by operator.
# Output seen (- is what ONNX does not allow; fails: it opens, and its run ends with an error):
#   | onnxruntime 1.30.0, onnx 1.12.0
#   |                 bool   uint8  int8   uint16 int32  int64  float  double
#   | Where           no     yes    no     no     yes    yes    yes    yes
#   | Resize, nearest no     yes    yes    no     yes    no     yes    no
#   | Resize, cubic   no     fails  fails  no     fails  no     yes    no
#   | Pad             yes    yes    yes    no     yes    yes    yes    yes
#   | Max             -      yes    yes    no     yes    yes    yes    yes
#   | TopK            -      yes    yes    no     yes    yes    yes    yes
#   | MaxPool         -      yes    yes    -      -      -      yes    yes
#   | Conv            -      -      -      -      -      -      yes    no
#   | Transpose       yes    yes    yes    yes    yes    yes    yes    yes
#
# Not part of CI: it downloads about 45 MB of Debian's packages and an npm package of 250 MB into a folder that it removes
# again. Needs the apt-get and dpkg of a Debian 12 on x86-64, node 18 or later and npm, and no rights.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/archives/partial" "$work/root" "$work/npm" "$work/models"
apt-get -qq -y --download-only --no-install-recommends -o Dir::State::status=/dev/null -o Debug::NoLocking=1 \
    -o "Dir::Cache::Archives=$work/archives" install 'python3-onnx=1.12.0*' >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
for package in "$work"/archives/*.deb; do dpkg -x "$package" "$work/root"; done
(cd "$work/npm" && ONNXRUNTIME_NODE_INSTALL_CUDA=skip npm install --ignore-scripts --no-audit --no-fund onnxruntime-node@1.30.0) \
    >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }

libraries=$work/root/usr/lib/x86_64-linux-gnu
cat >"$work/make.py" <<'PYTHON'
import json
import os

import onnx
from onnx import TensorProto, defs, helper

SHAPE = [1, 1, 4, 4]
TYPES = "bool uint8 int8 uint16 int32 int64 float double".split()
SIZES = helper.make_tensor("sizes", TensorProto.INT64, [4], [1, 1, 2, 2])
PADS = helper.make_tensor("pads", TensorProto.INT64, [8], [0, 0, 1, 1, 0, 0, 1, 1])
K = helper.make_tensor("k", TensorProto.INT64, [1], [2])
#  name of the row, operator, inputs ("x" are of the type), shape of the result, constant, settings
ROWS = [
    ("Where", "Where", ["c", "x", "x"], SHAPE, None, {}),
    ("Resize, nearest", "Resize", ["x", "", "", "sizes"], [1, 1, 2, 2], SIZES, {"mode": "nearest"}),
    ("Resize, cubic", "Resize", ["x", "", "", "sizes"], [1, 1, 2, 2], SIZES, {"mode": "cubic"}),
    ("Pad", "Pad", ["x", "pads"], [1, 1, 6, 6], PADS, {}),
    ("Max", "Max", ["x", "x"], SHAPE, None, {}),
    ("TopK", "TopK", ["x", "k"], [1, 1, 4, 2], K, {}),
    ("MaxPool", "MaxPool", ["x"], [1, 1, 3, 3], None, {"kernel_shape": [2, 2]}),
    ("Conv", "Conv", ["x", "x"], [1, 1, 1, 1], None, {}),
    ("Transpose", "Transpose", ["x"], SHAPE, None, {"perm": [0, 1, 3, 2]}),
]

table = []
for row, operator, inputs, shape, constant, settings in ROWS:
    x = inputs.index("x")
    allowed = defs.get_schema(operator, 17).inputs[x].types
    for name in TYPES:
        entry = {"row": row, "type": name, "file": None}
        table.append(entry)
        if "tensor(%s)" % name not in allowed:
            continue
        type = getattr(TensorProto, name.upper())
        results = ["y", "places"] if operator == "TopK" else ["y"]
        graph = helper.make_graph(
            [helper.make_node(operator, inputs, results, **settings)], "one",
            [helper.make_tensor_value_info("x", type, SHAPE)]
            + ([helper.make_tensor_value_info("c", TensorProto.BOOL, SHAPE)] if "c" in inputs else []),
            [helper.make_tensor_value_info("y", type, shape)], [constant] if constant else [])
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        onnx.checker.check_model(model, full_check=True)
        entry["file"] = "models/%s.%s.onnx" % (row, name)
        onnx.save(model, entry["file"])
json.dump({"onnx": onnx.__version__, "types": TYPES, "table": table}, open("table.json", "w"))
PYTHON
cat >"$work/show.js" <<'JS'
const fs = require('fs');
const ort = require('onnxruntime-node');
const { onnx, types, table } = JSON.parse(fs.readFileSync('table.json'));
const quiet = { logSeverityLevel: 4, intraOpNumThreads: 1 };

function zeros(type) {
  const arrays = { bool: Uint8Array, uint8: Uint8Array, int8: Int8Array, uint16: Uint16Array, int32: Int32Array,
    int64: BigInt64Array, float: Float32Array, double: Float64Array };
  const names = { float: 'float32', double: 'float64' };
  return new ort.Tensor(names[type] ?? type, new arrays[type](16), [1, 1, 4, 4]);
}

async function answer({ file, type }) {
  if (!file) return '-';
  let session;
  try {
    session = await ort.InferenceSession.create(file, quiet);
  } catch (error) {
    return error.message.includes('Could not find an implementation') ? 'no' : error.message;
  }
  const feeds = { x: zeros(type) };
  if (session.inputNames.includes('c')) feeds.c = zeros('bool');
  return session.run(feeds, quiet).then(() => 'yes', () => 'fails');
}

(async () => {
  console.log('onnxruntime %s, onnx %s', require('onnxruntime-node/package.json').version, onnx);
  console.log([''.padEnd(16), ...types].map((text) => text.padEnd(7)).join('').trimEnd());
  for (const row of new Set(table.map((entry) => entry.row))) {
    const line = [row.padEnd(16)];
    for (const entry of table) if (entry.row === row) line.push((await answer(entry)).padEnd(7));
    console.log(line.join('').trimEnd());
  }
})();
JS
(
    cd "$work"
    PYTHONHOME=$work/root/usr PYTHONPATH=$work/root/usr/lib/python3/dist-packages "$work/root/lib64/ld-linux-x86-64.so.2" \
        --library-path "$libraries:$work/root/lib/x86_64-linux-gnu:$libraries/blas:$libraries/lapack" \
        "$work/root/usr/bin/python3.11" -S make.py
    NODE_PATH=$work/npm/node_modules node show.js >seen
)
sed -n 's/^#   | //p' "$0" >"$work/expected"
cat "$work/seen"
diff "$work/expected" "$work/seen" >/dev/null || { echo "this is not what was seen before:"; cat "$work/expected"; exit 1; }
