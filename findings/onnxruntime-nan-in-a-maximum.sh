#!/bin/sh
# What surprises: whether onnxruntime passes a NaN on hangs on the operator, and on where the NaN lies. Max, Relu and ReduceMean
#   keep it, as NumPy's max does. But:
#   1. MaxPool keeps it only where it is the last of its window: one NaN vanishes at three places of four.
#   2. ReduceMax gives NaN only where it comes first. Elsewhere it may take true numbers away with it: NaN at place 1 hides
#      the 1000 at place 3, and 63 is returned as the maximum.
#   3. TopK 3 of 1..64 returns 3, 2, NaN where the NaN comes first, and 2, 1, NaN where it is third: 64 is not among them.
#   No error and no warning says so.
# Why it matters: score and map of an exported model end in such operators, and ResNet begins with a MaxPool. A picture with a
#   broken number may get a finite score that lies far below the threshold: a defect passes. okng's graphs look for what is
#   not finite in the picture first, and answer NaN with the label of a defect.
# Version: onnxruntime-node 1.30.0 (npm) on its CPU provider, x86-64; models by python3-onnx 1.12.0 (Debian 12).
# Source: onnxruntime issue #10514 (1.10, ReduceMax alone); onnx issue #4716: the specification of TopK leaves NaN open;
#   onnxruntime onnxruntime/core/providers/cpu/math/top_k.cc, GreaterValueCmp: ">" and "==" alone, which no NaN fulfils.
# Output seen:
#   | onnxruntime 1.30.0
#   | Max(x, 0), Relu(x) and ReduceMean(x) of 1..64, one NaN anywhere: always NaN
#   | MaxPool 3 x 3, stride 2, of 8 x 8 numbers, one NaN anywhere: NaN 16 times of 64
#   | ReduceMax of 1..64, NaN at place 0: NaN; at place 40: 64; at place 63: 63
#   | ReduceMax of 1..64 with 1000 at place 3, NaN at place 1: 63
#   | ArgMax of 1..64, NaN at place 0: place 0; at place 40: place 63
#   | TopK 3 of 1..64, NaN at place 0: 3 2 NaN; at place 1: NaN 64 63; at place 2: 2 1 NaN; at place 3: 64 63 62
#
# Not part of CI: it downloads about 45 MB of Debian's packages and an npm package of 250 MB into a folder that it removes
# again. Needs the apt-get and dpkg of a Debian 12 on x86-64, node 18 or later and npm, and no rights.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/archives/partial" "$work/root" "$work/npm"
apt-get -qq -y --download-only --no-install-recommends -o Dir::State::status=/dev/null -o Debug::NoLocking=1 \
    -o "Dir::Cache::Archives=$work/archives" install 'python3-onnx=1.12.0*' >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
for package in "$work"/archives/*.deb; do dpkg -x "$package" "$work/root"; done
(cd "$work/npm" && ONNXRUNTIME_NODE_INSTALL_CUDA=skip npm install --ignore-scripts --no-audit --no-fund onnxruntime-node@1.30.0) \
    >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }

libraries=$work/root/usr/lib/x86_64-linux-gnu
cat >"$work/make.py" <<'PYTHON'
import sys

import onnx
from onnx import TensorProto, helper


def write(node, outputs, constants=(), **settings):
    inputs = ["x", *(c.name for c in constants)]
    graph = helper.make_graph(
        [helper.make_node(node, inputs, [name for name, *_ in outputs], **settings)], node,
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 1, 8, 8] if node == "MaxPool" else [1, 64])],
        [helper.make_tensor_value_info(name, type, shape) for name, type, shape in outputs], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, "%s/%s.onnx" % (sys.argv[1], node))


def numbers(*shape, name="y", type=TensorProto.FLOAT):
    return name, type, shape


write("Max", [numbers(1, 64)], [helper.make_tensor("zero", TensorProto.FLOAT, [], [0])])
write("Relu", [numbers(1, 64)])
write("ReduceMean", [numbers(1, 1)], axes=[1])
write("MaxPool", [numbers(1, 1, 4, 4)], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
write("ReduceMax", [numbers(1, 1)], axes=[1])
write("ArgMax", [numbers(1, 1, type=TensorProto.INT64)], axis=1)
write("TopK", [numbers(1, 3), numbers(1, 3, name="places", type=TensorProto.INT64)],
      [helper.make_tensor("k", TensorProto.INT64, [1], [3])], axis=1)
PYTHON
cat >"$work/show.js" <<'JS'
const ort = require('onnxruntime-node');
const sessions = {};

// What the operator makes of 1..64 with NaN at a place, and with what else is set.
async function run(operator, place, other = {}) {
  sessions[operator] ??= await ort.InferenceSession.create(`${process.argv[2]}/${operator}.onnx`, { intraOpNumThreads: 1 });
  const x = Float32Array.from({ length: 64 }, (_, i) => other[i] ?? i + 1);
  x[place] = NaN;
  const dims = operator === 'MaxPool' ? [1, 1, 8, 8] : [1, 64];
  return [...(await sessions[operator].run({ x: new ort.Tensor('float32', x, dims) })).y.data].map(Number);
}

async function keeps(operator) {
  let kept = 0;
  for (let place = 0; place < 64; place++) kept += (await run(operator, place)).some(Number.isNaN);
  return kept === 64 ? 'always NaN' : kept === 0 ? 'never NaN' : `NaN ${kept} times of 64`;
}

(async () => {
  console.log('onnxruntime', require('onnxruntime-node/package.json').version);
  const kept = new Set();
  for (const operator of ['Max', 'Relu', 'ReduceMean']) kept.add(await keeps(operator));
  console.log('Max(x, 0), Relu(x) and ReduceMean(x) of 1..64, one NaN anywhere:', ...kept);
  console.log('MaxPool 3 x 3, stride 2, of 8 x 8 numbers, one NaN anywhere: %s', await keeps('MaxPool'));
  console.log('ReduceMax of 1..64, NaN at place 0: %s; at place 40: %s; at place 63: %s', ...await run('ReduceMax', 0),
    ...await run('ReduceMax', 40), ...await run('ReduceMax', 63));
  console.log('ReduceMax of 1..64 with 1000 at place 3, NaN at place 1: %s', ...await run('ReduceMax', 1, { 3: 1000 }));
  console.log('ArgMax of 1..64, NaN at place 0: place %s; at place 40: place %s', ...await run('ArgMax', 0),
    ...await run('ArgMax', 40));
  const top = [];
  for (let place = 0; place < 4; place++) top.push(`at place ${place}: ${(await run('TopK', place)).join(' ')}`);
  console.log('TopK 3 of 1..64, NaN', top.join('; '));
})();
JS
PYTHONHOME=$work/root/usr PYTHONPATH=$work/root/usr/lib/python3/dist-packages "$work/root/lib64/ld-linux-x86-64.so.2" \
    --library-path "$libraries:$work/root/lib/x86_64-linux-gnu:$libraries/blas:$libraries/lapack" \
    "$work/root/usr/bin/python3.11" -S "$work/make.py" "$work"
NODE_PATH=$work/npm/node_modules node "$work/show.js" "$work" >"$work/seen"
sed -n 's/^#   | //p' "$0" >"$work/expected"
cat "$work/seen"
diff "$work/expected" "$work/seen" >/dev/null || { echo "this is not what was seen before:"; cat "$work/expected"; exit 1; }
