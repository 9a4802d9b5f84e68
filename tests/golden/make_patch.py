"""Patch vectors by PyTorch, for tests/unit/test_patch_patcher.c.

Run `OMP_NUM_THREADS=2 python3 tests/golden/make_patch.py` with torch 1.13; writes tests/golden/patch/<case>.npy: every
STEP-th float of the vectors, float32. The maps come from a hash that the test computes too, so they are not stored. The
cases stand in test_patch_patcher.c in the same words.
"""
import math
import pathlib

import numpy as np
import torch
import torch.nn.functional as F

OUT = pathlib.Path(__file__).parent / "patch"
SAMPLES = 1500  # about

# name: shapes (C, H, W), patch size, patch stride, stride, (pretrain, target) of mean-map
CASES = {
    "concat_two": ([(20, 14, 14), (40, 7, 7)], 3, 1, 1, None),
    "concat_odd": ([(17, 13, 9), (33, 7, 5)], 3, 1, 1, None),
    "concat_three": ([(16, 16, 12), (24, 8, 6), (48, 4, 3)], 3, 1, 1, None),
    "concat_plain": ([(16, 10, 11), (32, 5, 6)], 1, 1, 1, None),
    "concat_plain_every_second": ([(16, 11, 11), (32, 6, 6), (64, 3, 3)], 1, 1, 2, None),
    "concat_five": ([(19, 9, 10), (21, 5, 5)], 5, 1, 1, None),
    "concat_patch_stride": ([(16, 15, 12), (32, 8, 6)], 3, 2, 1, None),
    "concat_plain_patch_stride": ([(16, 15, 12), (32, 8, 6)], 1, 2, 1, None),
    "concat_both_strides": ([(16, 23, 17), (32, 12, 9)], 5, 2, 3, None),
    "concat_coarse_first": ([(16, 5, 6), (8, 13, 11)], 3, 1, 1, None),
    "concat_one_pixel": ([(5, 1, 1), (6, 1, 1)], 3, 1, 1, None),
    "concat_real": ([(128, 28, 28), (256, 14, 14)], 3, 1, 1, None),
    "mean_two": ([(20, 14, 14), (40, 7, 7)], 3, 1, 1, (64, 64)),
    "mean_one_layer": ([(24, 9, 10)], 3, 1, 1, (50, 33)),
    "mean_three_odd": ([(17, 13, 9), (33, 7, 5), (50, 4, 3)], 3, 1, 1, (100, 77)),
    "mean_straddled": ([(16, 9, 9), (24, 5, 5), (32, 3, 3)], 3, 1, 1, (10, 7)),
    "mean_fewer_than_layers": ([(16, 9, 9), (24, 5, 5), (32, 3, 3)], 3, 1, 1, (10, 2)),
    "mean_longer": ([(3, 6, 6), (5, 3, 3)], 3, 1, 1, (64, 200)),
    "mean_plain": ([(16, 10, 11), (32, 5, 6)], 1, 1, 1, (24, 40)),
    "mean_five_every_second": ([(12, 11, 9), (20, 6, 5)], 5, 1, 2, (64, 64)),
    "mean_patch_stride": ([(16, 15, 12), (32, 8, 6)], 3, 2, 1, (64, 64)),
    "mean_both_strides": ([(10, 23, 37), (14, 12, 19)], 5, 3, 2, (64, 48)),
    "mean_coarse_first": ([(16, 5, 6), (8, 13, 11)], 3, 1, 1, (32, 32)),
    "mean_real": ([(128, 28, 28), (256, 14, 14)], 3, 1, 1, (1024, 1024)),
    "mean_wide": ([(512, 7, 7), (1024, 4, 4)], 3, 1, 1, (1024, 1024)),
}


def hashed(count, salt):
    """Multiples of 2^-24 in -0.25 .. 0.75, the same in C."""
    h = (np.arange(count, dtype=np.uint64) * 2654435761 + salt * 40503) & 0xFFFFFFFF
    for _ in range(2):
        h ^= h >> np.uint64(15)
        h = (h * 0x2C1B3C6D) & 0xFFFFFFFF
    h ^= h >> np.uint64(13)
    return ((h >> np.uint64(8)).astype(np.float64) / 2**24 - 0.25).astype(np.float32)


def layer_map(shape, salt):
    c, h, w = shape
    values = hashed(c * h * w, salt).reshape(h, w, c)
    return torch.from_numpy(values).permute(2, 0, 1)[None].contiguous()


def to_grid(x, grid):
    return F.interpolate(x, size=grid, mode="bilinear", align_corners=False)


def concat(maps, size, patch_stride):
    pooled = [F.avg_pool2d(m, size, patch_stride, size // 2, count_include_pad=True) for m in maps]
    grid = pooled[0].shape[-2:]
    return torch.cat([to_grid(p, grid) for p in pooled], 1)[0].permute(1, 2, 0)


def mean_map(maps, size, patch_stride, pretrain, target):
    stack, grid = [], None
    for m in maps:
        pad = (size - 1) // 2
        rows, columns = ((side + 2 * pad - size) // patch_stride + 1 for side in m.shape[-2:])
        unfolded = F.unfold(m, size, padding=pad, stride=patch_stride).reshape(1, -1, rows, columns)
        grid = grid or (rows, columns)
        values = to_grid(unfolded, grid)[0].permute(1, 2, 0).reshape(grid[0] * grid[1], 1, -1)
        stack.append(F.adaptive_avg_pool1d(values, pretrain)[:, 0])
    stacked = torch.stack(stack, 1).reshape(len(stack[0]), 1, -1)
    return F.adaptive_avg_pool1d(stacked, target)[:, 0].reshape(*grid, target)


def main():
    torch.manual_seed(0)
    OUT.mkdir(exist_ok=True)
    for name, (shapes, size, patch_stride, stride, dims) in CASES.items():
        maps = [layer_map(shape, i) for i, shape in enumerate(shapes)]
        rows = mean_map(maps, size, patch_stride, *dims) if dims else concat(maps, size, patch_stride)
        values = rows[::stride, ::stride].contiguous().numpy().reshape(-1)
        step = math.ceil(len(values) / SAMPLES) | 1  # odd: reaches every column of even widths
        np.save(OUT / f"{name}.npy", values[::step])
        print(name, values.size, step)


if __name__ == "__main__":
    main()
