#!/bin/sh
# What surprises: timm, DINOv2 and DINOv2 with registers all bring a transformer's position embeddings to another grid by
#   torch.nn.functional.interpolate(mode="bicubic"). DINOv2 without registers gets other numbers than the two others for
#   the same table and grid, and none of them gets what mode and size alone give:
#   1. antialias=True is another kernel also where the grid grows and there is nothing to smooth: a = -0.5 and samples
#      beyond the border are left out; without it a = -0.75 and the border is repeated.
#   2. scale_factor=(n + 0.1) / side gives as many samples as size=n, but places them elsewhere: the factor, not the
#      sizes, is the step between them. At 37 -> 16 patches the last sample lies 0.22 of a patch nearer to the start.
# Why it matters: a port that resamples "bicubic" by any one rule loads all weights and runs without a complaint, and its
#   features are wrong at every size but the trained one.
# Version: Debian 12, python3-torch 1.13.1+dfsg-4 (torch calls itself 1.13.0a0).
# Source: timm timm/layers/pos_embed.py, resample_abs_pos_embed (commit aa4b5850): size, antialias=True.
#   DINOv2 dinov2/models/vision_transformer.py, interpolate_pos_encoding (commit b8931f7b): scale_factor with
#   interpolate_offset 0.1 and antialias=False; dinov2/hub/backbones.py: with registers offset 0.0 (size) and antialias=True.
# Output seen (the first two rows: what eight samples along an axis of four take of its third number):
#   | version 1.13.0a0
#   | 4 -> 8              0.0000 -0.0352 -0.1055  0.2617  0.8789  0.8789  0.2617 -0.1055
#   | 4 -> 8, antialias   0.0000 -0.0219 -0.0687  0.2266  0.8672  0.8473  0.2117 -0.0882
#   | 37 -> 16, the last sample's place: size 35.34, scale_factor 35.12
#   | 37 -> 16, numbers of deviation 1: DINOv2's rule and sizes differ by 0.26 (root mean square)
#   | 37 -> 16, numbers of deviation 1: DINOv2's rule and timm differ by 0.71 (root mean square)
#
# Not part of CI: it downloads about 260 MB of Debian's packages into a folder that it removes again. Needs the apt-get and
# dpkg of a Debian 12 on x86-64, and no rights.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/archives/partial" "$work/root"
apt-get -qq -y --download-only --no-install-recommends -o Dir::State::status=/dev/null -o Debug::NoLocking=1 \
    -o "Dir::Cache::Archives=$work/archives" install python3-torch=1.13.1+dfsg-4 >"$work/log" 2>&1 ||
    { cat "$work/log"; exit 1; }
for package in "$work"/archives/*.deb; do dpkg -x "$package" "$work/root"; done

libraries=$work/root/usr/lib/x86_64-linux-gnu
cat >"$work/show.py" <<'PYTHON'
import torch
from torch.nn.functional import interpolate


def row(count, place, size, **how):
    """What `size` samples along an axis of `count` take of the one at `place`."""
    table = torch.zeros(1, 1, count, count)
    table[:, :, :, place] = 1
    values = interpolate(table, size=(size, size), mode="bicubic", **how)[0, 0, 0]
    return " ".join("%7.4f" % (value + 0.0) for value in values)


def last_place(**how):
    """Where the last of 16 samples lies on a ramp of 37; linear, so that the value is the place."""
    ramp = torch.arange(37.0).expand(1, 1, 37, 37)
    return interpolate(ramp, mode="bilinear", **how)[0, 0, 0, -1]


shifted, sized = dict(scale_factor=(16.1 / 37, 16.1 / 37)), dict(size=(16, 16))
table = torch.randn(1, 64, 37, 37, generator=torch.Generator().manual_seed(0))
results = {
    "DINOv2": interpolate(table, mode="bicubic", **shifted),
    "sizes": interpolate(table, mode="bicubic", **sized),
    "timm": interpolate(table, mode="bicubic", antialias=True, **sized),
}
print("version", torch.__version__)
print("4 -> 8            ", row(4, 2, 8))
print("4 -> 8, antialias ", row(4, 2, 8, antialias=True))
print("37 -> 16, the last sample's place: size %.2f, scale_factor %.2f" % (last_place(**sized), last_place(**shifted)))
for name in "sizes", "timm":
    difference = (results["DINOv2"] - results[name]).square().mean().sqrt()
    print("37 -> 16, numbers of deviation 1: DINOv2's rule and %s differ by %.2f (root mean square)" % (name, difference))
PYTHON
PYTHONHOME=$work/root/usr PYTHONPATH=$work/root/usr/lib/python3/dist-packages "$work/root/lib64/ld-linux-x86-64.so.2" \
    --library-path "$libraries:$work/root/lib/x86_64-linux-gnu:$libraries/blas:$libraries/lapack:$libraries/openblas-pthread" \
    "$work/root/usr/bin/python3.11" -S "$work/show.py" >"$work/seen"
sed -n 's/^#   | //p' "$0" >"$work/expected"
cat "$work/seen"
diff "$work/expected" "$work/seen" >/dev/null || { echo "this is not what was seen before:"; cat "$work/expected"; exit 1; }
