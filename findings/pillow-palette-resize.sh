#!/bin/sh
# What surprises: Pillow's resize() of a palette picture takes the nearest pixel whatever filter is asked for: with BICUBIC,
#   LANCZOS or BOX the result is that of NEAREST, without a warning.
# Why it matters: CLIP's published transforms (OpenAI's and open_clip's) resize first and convert to RGB afterwards. A palette
#   PNG or GIF reaches the network by nearest neighbour, up to 143 of 255 grey levels from the same picture as RGB. okng
#   converts first.
# Version: Debian 12, python3-pil 9.4.0.
# Source: Pillow src/PIL/Image.py, resize(): "if self.mode in ("1", "P"): resample = Resampling.NEAREST" (tag 9.4.0);
#   open_clip src/open_clip/transform.py, image_transform: Resize, CenterCrop, then convert to RGB (commit 89fb801).
# Output seen:
#   | Pillow 9.4.0
#   | palette BICUBIC and NEAREST: at most 0 apart; palette BICUBIC and RGB BICUBIC: at most 140 apart
#
# Needs python3-pil and python3-numpy.
set -eu
/usr/bin/python3 - <<'PYTHON'
import numpy
import PIL
from PIL import Image

print("Pillow", PIL.__version__)
stripes = (numpy.indices((200, 200)).sum(0) // 3 % 2 * 255).astype(numpy.uint8)
palette = Image.fromarray(stripes).convert("RGB").quantize(16)


def pixels(picture, how):
    return numpy.asarray(picture.resize((61, 61), how).convert("RGB")).astype(int)


bicubic = pixels(palette, Image.BICUBIC)
print("palette BICUBIC and NEAREST: at most %d apart; palette BICUBIC and RGB BICUBIC: at most %d apart" % (
    abs(bicubic - pixels(palette, Image.NEAREST)).max(), abs(bicubic - pixels(palette.convert("RGB"), Image.BICUBIC)).max()))
PYTHON
