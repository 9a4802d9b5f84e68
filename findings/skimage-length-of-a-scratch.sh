#!/bin/sh
# What surprises: major_axis_length of scikit-image's regionprops is not how long a region is. Of a straight scratch it is 15 % more
#   (of a row of n pixels 2 / sqrt(3) n), of a single pixel 0: it is the axis of the ellipse with the same second moments.
# Why it matters: a drawing says "no scratch longer than 60 pixels". With this figure a straight one of 53
#   is refused. okng's length is the largest distance between two pixels, plus 1 (docs/cli.md, limits of regions). feret_diameter_max is near
#   to that, but measured on an outline half a pixel outside.
# Version: Debian 12, python3-skimage 0.19.3.
# Source: skimage/measure/_regionprops.py, major_axis_length: 4 * sqrt(l1), the larger eigenvalue of the inertia tensor (tag v0.19.3).
# Output seen:
#   | scikit-image 0.19.3
#   | a pixel: major axis 0.0, feret 1.0, farthest pixels 1.0
#   | a row of 100: major axis 115.5, feret 100.0, farthest pixels 100.0
#   | a diagonal of 100: major axis 163.3, feret 140.7, farthest pixels 141.0
#
# Needs python3-skimage.
set -eu
/usr/bin/python3 - <<'PYTHON'
import numpy
import skimage
from skimage.measure import regionprops

print("scikit-image", skimage.__version__)


def told(name, mask):
    region = regionprops(mask.astype(int))[0]
    places = region.coords[:, None, :] - region.coords[None, :, :]
    farthest = numpy.sqrt((places ** 2).sum(2)).max() + 1
    print("%s: major axis %.1f, feret %.1f, farthest pixels %.1f" % (
        name, region.major_axis_length, region.feret_diameter_max, farthest))
    return region.major_axis_length, farthest


one, row = numpy.zeros((9, 9)), numpy.zeros((9, 120))
one[4, 4] = 1
row[4, 10:110] = 1
pixel, straight, slanted = told("a pixel", one), told("a row of 100", row), told("a diagonal of 100", numpy.eye(100))
assert pixel[0] == 0, "a pixel has a length now"
assert straight[0] > 1.15 * straight[1] and slanted[0] > 1.15 * slanted[1], "the major axis is no longer than the region now"
PYTHON
