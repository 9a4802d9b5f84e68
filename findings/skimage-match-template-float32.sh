#!/bin/sh
# What surprises: skimage.feature.match_template of a float32 picture finds a part of pure noise in a bright, even background: a
#   correlation of 0.67 (0.56 with the picture in 0..1, as img_as_float32 makes it) where that of the same numbers in float64 is 0.11. It
#   keeps the type of the picture, and takes each window's variance as the difference of two cumulative sums over the whole picture;
#   in float32 these are rounded to more than the variance of an even window, and what is divided by is far too small.
# Why it matters: 0.5 is the usual threshold of "the part is there". A picture without a part, overexposed or of an empty white tray, passes
#   for one with it. In other pictures both types agree to 1e-4, so that tests on textured pictures show nothing. okng sums in whole
#   numbers and subtracts in float64.
# Version: Debian 12, python3-skimage 0.19.3.
# Source: scikit-image skimage/feature/template.py, match_template: image.astype(float_dtype), _window_sum_2d by cumsum (tag v0.19.3).
# Output seen:
#   | scikit-image 0.19.3
#   | 250 +- 0.5, 400 x 500: float32 0.67, float64 0.11
#   | the same in 0..1: float32 0.56, float64 0.11
#   | 120 +- 40: float32 0.11, float64 0.11
#
# Needs python3-skimage and python3-numpy.
set -eu
/usr/bin/python3 - <<'PYTHON'
import numpy as np
import skimage
from skimage.feature import match_template

print("scikit-image", skimage.__version__)
draw = np.random.default_rng(0)
even = np.clip(np.round(250 + 0.5 * draw.standard_normal((400, 500))), 0, 255)
rich = np.clip(np.round(120 + 40 * draw.standard_normal((400, 500))), 0, 255)
part = draw.integers(0, 256, (40, 40)).astype(float)


def best(picture, scale=1.0):
    return [match_template(picture.astype(kind) / kind(scale), part.astype(kind) / kind(scale)).max()
            for kind in (np.float32, np.float64)]


def show(what, values):
    print("%s: float32 %.2f, float64 %.2f" % (what, *values))
    return values


wrong = show("250 +- 0.5, 400 x 500", best(even))
worse = show("the same in 0..1", best(even, 255.0))
right = show("120 +- 40", best(rich))
assert wrong[0] > 0.4 and worse[0] > 0.4, "float32 is right now"
assert max(wrong[1], worse[1]) < 0.2 and abs(right[0] - right[1]) < 0.001
PYTHON
