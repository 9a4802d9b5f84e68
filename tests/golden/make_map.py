"""Anomaly maps by PyTorch, SciPy and NumPy, and placements by torchvision, for tests/unit/test_method_map.c.

Run `OMP_NUM_THREADS=2 python3 tests/golden/make_map.py` with torch 1.13, torchvision 0.14, SciPy 1.10; writes
tests/golden/map/*.npy. The inputs come from a hash that the test computes too; every STEP-th value of a map is kept. The
cases stand in test_method_map.c in the same words.
"""
import math
import pathlib

import numpy as np
import scipy.ndimage
import torch
import torch.nn.functional as F
from torchvision.transforms import functional as TF

OUT = pathlib.Path(__file__).parent / "map"
SAMPLES = 1500  # about

# name: (h, w), (out h, out w)
UPSAMPLE = {
    "up_paper": ((28, 28), (224, 224)),
    "up_default": ((32, 32), (256, 256)),
    "up_odd": ((13, 37), (101, 300)),
    "up_same": ((9, 7), (9, 7)),
    "up_one": ((1, 1), (5, 300)),
    "up_down": ((40, 33), (17, 9)),
}

# name: (h, w), sigma
SMOOTH = {
    "smooth_paper": ((224, 224), 4.0),
    "smooth_odd": ((61, 83), 4.0),
    "smooth_smaller_than_radius": ((7, 11), 4.0),
    "smooth_much_smaller": ((2, 3), 4.0),
    "smooth_one": ((1, 1), 4.0),
    "smooth_line": ((1, 50), 4.0),
    "smooth_narrow": ((50, 40), 0.7),
    "smooth_wide": ((50, 40), 9.3),
    "smooth_tiny_sigma": ((20, 20), 0.1),
}

# name: original (h, w), resized (h, w), crop (y, x, h, w)
PLACE = {
    "place_same": ((24, 31), (24, 31), (0, 0, 24, 31)),
    "place_up": ((300, 411), (64, 64), (0, 0, 64, 64)),
    "place_down": ((40, 33), (64, 64), (0, 0, 64, 64)),
    "place_crop_up": ((160, 200), (64, 80), (8, 16, 48, 48)),
    "place_crop_down": ((50, 62), (64, 79), (4, 12, 56, 56)),
    "place_crop_same": ((70, 65), (70, 65), (3, 0, 64, 64)),
    "place_crop_odd": ((333, 257), (83, 64), (10, 0, 64, 64)),
}

# original (w, h), shorter side or (h, w) or None, crop or None
PLACEMENTS = [
    ((900, 900), 256, 224), ((640, 480), 256, 224), ((480, 640), 256, 224), ((257, 256), 256, 224),
    ((1000, 333), 256, 225), ((333, 1000), 256, 225), ((31, 17), 256, 224), ((641, 479), 224, 199),
    ((641, 479), (256, 256), None), ((640, 480), (256, 320), 224), ((300, 200), None, None), ((301, 204), None, 101),
    ((305, 207), None, 200), ((65, 64), 63, 62), ((9999, 7), 5, None), ((3, 2), 1, 1), ((1920, 1080), 512, None),
]


def hashed(count, salt):
    """Multiples of 2^-24 in 0 .. 1, the same in C."""
    h = (np.arange(count, dtype=np.uint64) * 2654435761 + salt * 40503) & 0xFFFFFFFF
    for _ in range(2):
        h ^= h >> np.uint64(15)
        h = (h * 0x2C1B3C6D) & 0xFFFFFFFF
    h ^= h >> np.uint64(13)
    return ((h >> np.uint64(8)).astype(np.float64) / 2**24).astype(np.float32)


def save(name, values):
    values = np.ascontiguousarray(values, dtype=np.float32).reshape(-1)
    step = math.ceil(len(values) / SAMPLES) | 1
    np.save(OUT / f"{name}.npy", values[::step])
    print(name, values.size, step)


def positions(original, resized, begin, size):
    """Where each original pixel's centre lies in the crop's samples (NaN: outside), in exact fractions where it counts."""
    centre = (np.arange(original) + 0.5) * resized / original - begin
    return np.where((centre >= 0) & (centre < size), centre - 0.5, np.nan)


def sample(row, at):
    """Linear interpolation along the last axis, the border repeated."""
    last = row.shape[-1] - 1
    at = np.clip(at, 0, last)
    low = np.minimum(np.floor(np.nan_to_num(at)).astype(int), last)
    high = np.minimum(low + 1, last)
    return row[..., low] * (1 - (at - low)) + row[..., high] * (at - low)


def place(values, original, resized, crop):
    y, x, h, w = crop
    values = sample(values.astype(np.float64), positions(original[1], resized[1], x, w))
    return sample(values.T, positions(original[0], resized[0], y, h)).T


def placement(size, resize, crop):
    """[w, h, mode, resize h, resize w, crop; resized h, resized w, crop x, crop y, height, width]"""
    w, h = size
    picture = torch.stack([torch.arange(h)[:, None].expand(h, w), torch.arange(w)[None].expand(h, w)]).float()
    mode, target = 0, (0, 0)
    if resize is not None:
        mode, target = (2, resize) if isinstance(resize, tuple) else (1, (resize, resize))
        shape = TF.resize(picture, list(resize) if mode == 2 else [resize]).shape[-2:]
    else:
        shape = (h, w)
    rows, columns = torch.arange(shape[0])[:, None].expand(shape), torch.arange(shape[1])[None].expand(shape)
    index = torch.stack([rows, columns])
    if crop:
        index = TF.center_crop(index, [crop, crop])
    return [w, h, mode, *target, crop or 0, *shape, int(index[1, 0, 0]), int(index[0, 0, 0]), *index.shape[1:]]


def main():
    OUT.mkdir(exist_ok=True)
    for name, ((h, w), out) in UPSAMPLE.items():
        x = torch.from_numpy(hashed(h * w, 1).reshape(1, 1, h, w))
        save(name, F.interpolate(x, size=out, mode="bilinear", align_corners=False).numpy())
    for name, ((h, w), sigma) in SMOOTH.items():
        save(name, scipy.ndimage.gaussian_filter(hashed(h * w, 2).reshape(h, w), sigma))
    for name, (original, resized, crop) in PLACE.items():
        save(name, place(hashed(crop[2] * crop[3], 3).reshape(crop[2:]), original, resized, crop))
    np.save(OUT / "placements.npy", np.array([placement(*p) for p in PLACEMENTS], dtype=np.int32))


if __name__ == "__main__":
    main()
