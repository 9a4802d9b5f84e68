#!/usr/bin/env python3
"""Reference for src/align: where a part lies in a picture, by scikit-image's match_template in float64.

  /usr/bin/python3 tests/golden/make_align.py   writes tests/golden/align/*.png and places.txt (half a minute)

A scene is drawn four times as large and brought down by means, so that a shift by quarters of a pixel is exact. The part
is cut out of scene.png. places.txt has a line for each picture: its name, how far parts may be turned there, where the
part lies in truth (centre x, y, degrees counter-clockwise), where the reference finds it, and the reference's score.
Turned pictures are searched at each quarter of a degree.
"""
from pathlib import Path

import numpy as np
from PIL import Image
from scipy import ndimage
from skimage.feature import match_template
from skimage.transform import rotate

OUT = Path(__file__).parent / "align"
WIDTH, HEIGHT, FINE = 150, 120, 4
BOX = (52, 38, 44, 36)  # x, y, width, height of the part in scene.png


def scene():
    """Edges, blobs and grain, of 0..255, [HEIGHT * FINE + margin, WIDTH * FINE + margin]."""
    rng = np.random.default_rng(5)
    rows, columns = np.mgrid[0 : HEIGHT * FINE + 160, 0 : WIDTH * FINE + 160].astype(np.float64)
    picture = 90 + 20 * ndimage.gaussian_filter(rng.standard_normal(rows.shape), 40) * 40
    picture += ndimage.gaussian_filter(rng.standard_normal(rows.shape), 6) * 90
    for _ in range(26):
        x, y, a, b = rng.uniform(0, columns.max()), rng.uniform(0, rows.max()), *rng.uniform(12, 60, 2)
        picture[((columns - x) / a) ** 2 + ((rows - y) / b) ** 2 < 1] += rng.uniform(-60, 60)
    return np.clip(picture, 0, 255)


def view(fine, dx, dy, angle):
    """The scene moved by (dx, dy) pixels and turned counter-clockwise about the middle of the view."""
    margin = 80
    if angle:
        fine = rotate(fine, angle, order=3, mode="reflect", clip=False)
    left, top = margin - round(dx * FINE), margin - round(dy * FINE)
    part = fine[top : top + HEIGHT * FINE, left : left + WIDTH * FINE]
    return part.reshape(HEIGHT, FINE, WIDTH, FINE).mean((1, 3))


def save(name, picture):
    pixels = np.clip(np.round(picture), 0, 255).astype(np.uint8)
    Image.fromarray(pixels).save(OUT / f"{name}.png", optimize=True)
    return pixels.astype(np.float64)


def top(values):
    before, middle, after = values
    curve = before - 2 * middle + after
    return (before - after) / (2 * curve) if curve < 0 else 0.0


def upright(picture, part):
    """Corner of the best window, between pixels, and its score."""
    scores = match_template(picture, part)
    assert scores.dtype == np.float64
    y, x = np.unravel_index(scores.argmax(), scores.shape)
    dx = top(scores[y, x - 1 : x + 2]) if 0 < x < scores.shape[1] - 1 else 0.0
    dy = top(scores[y - 1 : y + 2, x]) if 0 < y < scores.shape[0] - 1 else 0.0
    return x + dx, y + dy, scores[y, x]


def search(picture, part, rotation):
    """Centre, degrees, score."""
    half = np.array([BOX[2] / 2, BOX[3] / 2])
    if rotation == 0:
        x, y, score = upright(picture, part)
        return *(np.array([x, y]) + half), 0.0, score
    angles = np.arange(-rotation, rotation + 0.25, 0.25)
    found = [upright(rotate(picture, -a, order=1, mode="edge", preserve_range=True), part) for a in angles]
    best = int(np.argmax([score for _, _, score in found]))
    x, y, score = found[best]
    middle = np.array([WIDTH / 2, HEIGHT / 2])
    u, v = np.array([x, y]) + half - middle
    turn = np.deg2rad(angles[best])
    back = middle + [np.cos(turn) * u + np.sin(turn) * v, -np.sin(turn) * u + np.cos(turn) * v]
    return *back, angles[best], score


def truth(fine, dx, dy, angle):
    centre = np.array([BOX[0] + BOX[2] / 2, BOX[1] + BOX[3] / 2])
    middle = np.array([fine.shape[1] / 2, fine.shape[0] / 2]) / FINE - 80 / FINE
    u, v = centre - middle
    turn = np.deg2rad(angle)
    moved = middle + [np.cos(turn) * u + np.sin(turn) * v, -np.sin(turn) * u + np.cos(turn) * v] + [dx, dy]
    return *moved, angle


def main():
    OUT.mkdir(exist_ok=True)
    rng = np.random.default_rng(6)
    fine = scene()
    first = save("scene", view(fine, 0, 0, 0))
    x, y, w, h = BOX
    part = first[y : y + h, x : x + w]
    kinds = [  # name, dx, dy, angle, gain, offset, noise, rotation searched
        ("scene", 0, 0, 0, 1, 0, 0, 0),
        ("shifted", 7.25, -5.5, 0, 1, 0, 0, 0),
        ("dimmed", -13.5, 4.75, 0, 0.25, 6, 0, 0),
        ("noisy", 9.5, 12.25, 0, 1, 0, 25, 0),
        ("dim_noisy", -6.75, -9.5, 0, 0.5, 40, 10, 0),
        ("turned", 3.5, -2.25, 6.5, 1, 0, 0, 10),
        ("turned_dim_noisy", -5.25, 3, -8.25, 0.5, 30, 8, 10),
    ]
    lines = []
    for name, dx, dy, angle, gain, offset, noise, rotation in kinds:
        picture = view(fine, dx, dy, angle) * gain + offset
        picture = save(name, picture + noise * rng.standard_normal(picture.shape))
        numbers = [*truth(fine, dx, dy, angle), *search(picture, part, rotation)]
        lines.append(f"{name} {rotation} " + " ".join(f"{n:.9f}" for n in numbers))
        print(lines[-1])
    (OUT / "places.txt").write_text("\n".join(lines) + "\n")
    # A part without its like in the picture: bright and even but for noise, where float32 sums go astray.
    even = save("even", 250 + 0.5 * rng.standard_normal((HEIGHT, WIDTH)))
    print("even", match_template(even, part).max())


if __name__ == "__main__":
    main()
