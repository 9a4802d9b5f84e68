#!/usr/bin/env python3
"""Makes a data set in MVTec layout whose pictures are long and whose defects are fine: rolled strips of 1247 x 500 pixels
with brushed grain, light and stains that vary, and hairline cracks.

    tools/make_cracks.py OUT [--seed N]

OUT/strip gets train/good (60), test/good (40), test/crack (40) and ground_truth/crack. The same seed gives the same
pixels. docs/sizes.md measures sizes on it. A development tool: needs Debian's python3-numpy, python3-scipy, python3-pil.
"""
import argparse
import pathlib

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter, gaussian_filter1d

HEIGHT, WIDTH = 500, 1247


def surface(rng):
    grain = gaussian_filter1d(rng.standard_normal((HEIGHT, WIDTH)), 9, axis=1)
    grain = grain / grain.std() * rng.uniform(6, 10)
    mottle = gaussian_filter(rng.standard_normal((HEIGHT, WIDTH)), 14)
    mottle = mottle / mottle.std() * rng.uniform(3, 7)
    light = rng.uniform(-14, 14) * np.linspace(-1, 1, WIDTH)[None, :] + rng.uniform(-8, 8) * np.linspace(-1, 1, HEIGHT)[:, None]
    picture = rng.uniform(120, 140) + grain + mottle + light
    for _ in range(rng.integers(0, 4)):  # soft stains, which are good
        y, x, size = rng.uniform(0, HEIGHT), rng.uniform(0, WIDTH), rng.uniform(10, 30)
        rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
        picture -= rng.uniform(6, 14) * np.exp(-((rows - y) ** 2 + (columns - x) ** 2) / (2 * size**2))
    return picture


def crack(rng, picture):
    """A bent hairline, across the strip more often than along it, that comes and goes."""
    y, x = rng.uniform(80, HEIGHT - 80), rng.uniform(150, WIDTH - 150)
    angle = rng.normal(np.pi / 2, 0.35)
    depth = np.zeros((HEIGHT, WIDTH))
    for _ in range(rng.integers(70, 150)):
        angle += rng.normal(0, 0.13)
        y, x = y + np.sin(angle), x + np.cos(angle)
        if 2 <= y < HEIGHT - 2 and 2 <= x < WIDTH - 2:
            depth[int(y), int(x)] = rng.uniform(0.6, 1)
    depth = gaussian_filter(depth, 0.9)
    depth /= depth.max()
    return picture - rng.uniform(38, 55) * depth, depth > 0.25


def save(path, picture, rng):
    path.parent.mkdir(parents=True, exist_ok=True)
    noisy = gaussian_filter(picture, 0.6) + rng.standard_normal((HEIGHT, WIDTH)) * 2.5
    Image.fromarray(np.clip(noisy + 0.5, 0, 255).astype(np.uint8)).save(path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    root = arguments.out / "strip"
    for number, (folder, count) in enumerate((("train/good", 60), ("test/good", 40), ("test/crack", 40))):
        for i in range(count):
            rng = np.random.Generator(np.random.PCG64([arguments.seed, number, i]))
            picture = surface(rng)
            if folder == "test/crack":
                picture, mask = crack(rng, picture)
                path = root / "ground_truth" / "crack" / f"{i:03}_mask.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                Image.fromarray(mask.astype(np.uint8) * 255).save(path)
            save(root / folder / f"{i:03}.png", picture, rng)


if __name__ == "__main__":
    main()
