#!/bin/sh
# What surprises: ONNX's Resize with antialias=1 (opset 18) is not the antialiased resize of Pillow and torch, although
#   onnxruntime's was made after Pillow's. Inside a picture they agree to one grey level of 255. Along the border they do not,
#   unless the model says exclude_outside=1: where the filter reaches beyond the picture, the border's own pixels are
#   repeated, while Pillow and torch leave out what lies beyond. What ONNX says of antialias does not speak of it.
# Why it matters: pictures are resized inside an exported model so that nothing before it has to be rebuilt. A model that was
#   trained through Pillow then sees another frame of pixels around each picture, and scores of parts that touch the border
#   move, in that runtime alone. okng writes exclude_outside=1, or products with two matrices.
# Version: onnxruntime-node 1.30.0 (npm), CPU provider; Pillow 9.4.0 (Debian 12, python3-pil); model by python3-onnx 1.12.0.
# Source: onnxruntime onnxruntime/core/providers/cpu/tensor/upsample_antialias.h (commit 0797d772): its first comment says
#   that Pillow is exclude_outside=1; PyTorch issue #183546 and onnxscript pull request #2916: its exporter did not write it.
# Output seen (grey levels of a picture of noise, 101 x 67, at most):
#   | onnxruntime 1.30.0, Pillow 9.4.0
#   | linear, to 32 x 24, exclude_outside=0: 10 off Pillow within 3 pixels of the border, 1 inside
#   | linear, to 32 x 24, exclude_outside=1: 0 off Pillow within 3 pixels of the border, 1 inside
#   | cubic, to 32 x 24, exclude_outside=0: 7 off Pillow within 3 pixels of the border, 0 inside
#   | cubic, to 32 x 24, exclude_outside=1: 0 off Pillow within 3 pixels of the border, 0 inside
#   | linear, to 150 x 100, exclude_outside=0: 1 off Pillow within 3 pixels of the border, 1 inside
#   | linear, to 150 x 100, exclude_outside=1: 1 off Pillow within 3 pixels of the border, 1 inside
#   | cubic, to 150 x 100, exclude_outside=0: 8 off Pillow within 3 pixels of the border, 1 inside
#   | cubic, to 150 x 100, exclude_outside=1: 1 off Pillow within 3 pixels of the border, 1 inside
#
# Not part of CI: it downloads about 45 MB of Debian's packages and an npm package of 250 MB into a folder that it removes
# again. Needs the apt-get and dpkg of a Debian 12 on x86-64, node 18 or later and npm, and no rights.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/archives/partial" "$work/root" "$work/npm"
apt-get -qq -y --download-only --no-install-recommends -o Dir::State::status=/dev/null -o Debug::NoLocking=1 \
    -o "Dir::Cache::Archives=$work/archives" install 'python3-onnx=1.12.0*' 'python3-pil=9.4.0*' >"$work/log" 2>&1 ||
    { cat "$work/log"; exit 1; }
for package in "$work"/archives/*.deb; do dpkg -x "$package" "$work/root"; done
(cd "$work/npm" && ONNXRUNTIME_NODE_INSTALL_CUDA=skip npm install --ignore-scripts --no-audit --no-fund onnxruntime-node@1.30.0) \
    >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }

libraries=$work/root/usr/lib/x86_64-linux-gnu
cat >"$work/make.py" <<'PYTHON'
import random

import onnx
import PIL
from onnx import TensorProto, helper
from PIL import Image

# the checker of 1.12 knows opset 17 at most, so that it is not asked
for mode in "linear", "cubic":
    for exclude in 0, 1:
        graph = helper.make_graph(
            [helper.make_node("Resize", ["x", "", "", "sizes"], ["y"], mode=mode, antialias=1, exclude_outside=exclude,
                              cubic_coeff_a=-0.5)], "resize",
            [helper.make_tensor_value_info("x", TensorProto.UINT8, [1, 1, 67, 101]),
             helper.make_tensor_value_info("sizes", TensorProto.INT64, [4])],
            [helper.make_tensor_value_info("y", TensorProto.UINT8, [1, 1, "height", "width"])])
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
        onnx.save(model, "%s%d.onnx" % (mode, exclude))

noise = random.Random(0)
pixels = bytes(noise.randrange(256) for _ in range(67 * 101))
picture = Image.frombytes("L", (101, 67), pixels)
open("picture", "wb").write(pixels)
for size in (32, 24), (150, 100):
    for mode, filter in ("linear", Image.BILINEAR), ("cubic", Image.BICUBIC):
        open("%s%d" % (mode, size[0]), "wb").write(picture.resize(size, filter).tobytes())
open("version", "w").write(PIL.__version__)
PYTHON
cat >"$work/show.js" <<'JS'
const fs = require('fs');
const ort = require('onnxruntime-node');

(async () => {
  console.log('onnxruntime %s, Pillow %s', require('onnxruntime-node/package.json').version, fs.readFileSync('version', 'utf8'));
  const x = new ort.Tensor('uint8', new Uint8Array(fs.readFileSync('picture')), [1, 1, 67, 101]);
  for (const [width, height] of [[32, 24], [150, 100]]) {
    for (const mode of ['linear', 'cubic']) {
      const pillow = fs.readFileSync(`${mode}${width}`);
      for (const exclude of [0, 1]) {
        const session = await ort.InferenceSession.create(`${mode}${exclude}.onnx`, { logSeverityLevel: 3, intraOpNumThreads: 1 });
        const sizes = new ort.Tensor('int64', [1n, 1n, BigInt(height), BigInt(width)]);
        const { data } = (await session.run({ x, sizes })).y;
        const most = { border: 0, inside: 0 };
        for (let i = 0; i < width * height; i++) {
          const column = i % width, row = Math.floor(i / width);
          const where = Math.min(column, width - 1 - column, row, height - 1 - row) < 3 ? 'border' : 'inside';
          most[where] = Math.max(most[where], Math.abs(data[i] - pillow[i]));
        }
        console.log('%s, to %d x %d, exclude_outside=%d: %d off Pillow within 3 pixels of the border, %d inside',
          mode, width, height, exclude, most.border, most.inside);
      }
    }
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
