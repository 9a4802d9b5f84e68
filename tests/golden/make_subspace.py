#!/usr/bin/env python3
"""Reference for the method subspace: principal directions by torch.linalg.eigh in float64, residuals behind them.

  /usr/bin/python3 tests/golden/make_subspace.py           writes tests/golden/subspace/*.npy (a second)
  /usr/bin/python3 tests/golden/make_subspace.py TILE VIT  prints the figures of docs/results.md for the data set's
      category TILE with the weights VIT of vit_tiny_patch16_224 (minutes)
The vectors of the golden data are not stored: value(i) is the same hash of its index here and in
tests/unit/bank_data.h, and vectors() is subspace_vectors() of tests/unit/test_subspace_directions.c,
tokens() is that of tests/unit/test_patch_foreground.c.
"""
import sys
from pathlib import Path

import numpy as np
import torch

from make_bank import values

OUT = Path(__file__).parent / "subspace"
DIM, COUNT, QUERIES, VARIANCE = 37, 600, 50, 0.998


def vectors(count, salt):
    """Correlated, not centred, of falling spread; float32 arithmetic that C repeats bit by bit."""
    own = values(count * DIM, salt).reshape(count, DIM)
    common = values(count * 5, salt + 100).reshape(count, 5)
    d = np.arange(DIM, dtype=np.float32)
    return own / (d + np.float32(1)) + common[:, np.arange(DIM) % 5] * np.float32(3) + d


def fit(rows, variance):
    """Mean, eigenvalues (falling), directions as columns, and how many reach the variance."""
    rows = torch.as_tensor(rows, dtype=torch.float64)
    mean = rows.mean(0)
    spread, directions = torch.linalg.eigh((rows - mean).T @ (rows - mean) / (len(rows) - 1))
    spread, directions = spread.flip(0).clamp(min=0), directions.flip(1)
    share = torch.cumsum(spread, 0) / spread.sum()
    return mean, spread, directions, int((share < variance).sum()) + 1


def residuals(rows, mean, directions, kept):
    centred = torch.as_tensor(rows, dtype=torch.float64) - mean
    basis = directions[:, :kept]
    return ((centred - centred @ basis @ basis.T) ** 2).sum(1)


def golden():
    OUT.mkdir(exist_ok=True)
    mean, spread, directions, kept = fit(vectors(COUNT, 51), VARIANCE)
    print("directions:", kept, "of", DIM)
    np.save(OUT / "eigenvalues.npy", spread.numpy())
    np.save(OUT / "mean.npy", mean.numpy())
    masks = np.stack([foreground(tokens(kind, 61 + kind)) for kind in range(4)])
    print("foreground:", masks.reshape(4, -1).mean(1))
    np.save(OUT / "foreground.npy", masks)
    np.save(OUT / "residuals.npy", residuals(vectors(QUERIES, 52), mean, directions, kept).numpy())


# ---- foreground: AnomalyDINO's rule ---------------------------------------------------------------------------------

HEIGHT, WIDTH, TOKENS = 24, 20, 20


def tokens(kind, salt):
    """A grid of vectors, some of which lie apart: 0 a disk in the middle, 1 the border, 2 few, 3 none."""
    own = values(HEIGHT * WIDTH * TOKENS, salt).reshape(HEIGHT, WIDTH, TOKENS) * np.float32(6)
    apart = values(TOKENS, salt + 100) * np.float32(18) + np.float32(2)
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    shape = [(y - 12) ** 2 + (x - 10) ** 2 < 36, (y < 3) | (x < 3) | (y > 20) | (x > 16), y * WIDTH + x == 77, y < 0][kind]
    return own + shape[..., None].astype(np.float32) * apart


def foreground(grid):
    from scipy.ndimage import maximum_filter, minimum_filter
    rows = torch.as_tensor(grid.reshape(-1, TOKENS), dtype=torch.float64)
    centred = rows - rows.mean(0)
    along = (centred @ torch.linalg.eigh(centred.T @ centred)[1][:, -1]).numpy().reshape(HEIGHT, WIDTH)
    along = along * np.sign(along.flat[np.abs(along).argmax()])
    mask = along > 10
    middle = mask[int(HEIGHT * .2):int(HEIGHT * .8), int(WIDTH * .2):int(WIDTH * .8)]
    if middle.sum() <= middle.size * 0.35:
        mask = -along > 10
    grow = [maximum_filter(mask.astype(np.uint8), 3, mode="constant", cval=0)]
    grow.append(maximum_filter(grow[0], 3, mode="constant", cval=0))
    mask = minimum_filter(grow[1], 3, mode="constant", cval=1)
    return mask if mask.any() else np.ones_like(mask)


# ---- figures on a data set ------------------------------------------------------------------------------------------


def blocks5(weights, pictures):
    """[pictures, 3, 224, 224] to the patch tokens behind blocks.5 of vit_tiny_patch16_224: [pictures * 196, 192]."""
    heads, width = 3, 192
    norm = torch.nn.functional.layer_norm
    x = torch.nn.functional.conv2d(pictures, weights["patch_embed.proj.weight"], weights["patch_embed.proj.bias"], 16)
    x = x.flatten(2).transpose(1, 2)
    x = torch.cat([weights["cls_token"].expand(len(x), 1, width), x], 1) + weights["pos_embed"]

    def linear(name, value):
        return value @ weights[name + ".weight"].T + weights[name + ".bias"]

    for i in range(6):
        b = f"blocks.{i}."
        y = norm(x, (width,), weights[b + "norm1.weight"], weights[b + "norm1.bias"], 1e-6)
        q, k, v = linear(b + "attn.qkv", y).reshape(len(x), -1, 3, heads, width // heads).permute(2, 0, 3, 1, 4)
        y = torch.softmax(q @ k.transpose(-2, -1) * (width // heads) ** -0.5, -1) @ v
        x = x + linear(b + "attn.proj", y.transpose(1, 2).reshape(len(x), -1, width))
        y = norm(x, (width,), weights[b + "norm2.weight"], weights[b + "norm2.bias"], 1e-6)
        x = x + linear(b + "mlp.fc2", torch.nn.functional.gelu(linear(b + "mlp.fc1", y)))
    return x[:, 1:].reshape(-1, width)


def read_safetensors(path):
    data = Path(path).read_bytes()
    import json
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8:8 + length])
    header.pop("__metadata__", None)
    out = {}
    for name, entry in header.items():
        begin, end = (8 + length + offset for offset in entry["data_offsets"])
        out[name] = torch.from_numpy(np.frombuffer(data[begin:end], np.float32).reshape(entry["shape"]).copy())
    return out


def picture(path):
    from PIL import Image
    image = Image.open(path).convert("RGB").resize((224, 224), Image.BICUBIC)
    return torch.from_numpy(np.asarray(image).transpose(2, 0, 1).copy()).float() / 255 * 2 - 1


def features(weights, paths):
    with torch.inference_mode():
        return torch.cat([blocks5(weights, torch.stack([picture(p) for p in paths[i:i + 8]]))
                          for i in range(0, len(paths), 8)])


def highest(scores, part):
    """The mean of the highest part, rounded down, of each picture's patches; at least one."""
    count = max(1, int(scores.shape[1] * part))
    return scores.sort(1, descending=True)[0][:, :count].mean(1).numpy()


def figures(tile, vit):
    from sklearn.metrics import roc_auc_score
    weights = read_safetensors(vit)
    good = sorted(p for p in (Path(tile) / "train" / "good").iterdir())
    tested = sorted(p for p in (Path(tile) / "test").glob("*/*"))
    labels = [p.parent.name != "good" for p in tested]
    train, test = features(weights, good), features(weights, tested)
    mean, _, directions, kept = fit(train, 0.99)
    scores = residuals(test, mean, directions, kept).reshape(len(tested), -1)
    print(f"{len(good)} good pictures, {len(tested)} tested, {kept} directions")
    for part in (0.01, 0.02, 0.05):
        print(f"mean of the highest {part:.0%}: image AUROC {roc_auc_score(labels, highest(scores, part)):.6f}")
    for name, part in (("up", np.ceil), ("half", np.round)):
        count = int(part(scores.shape[1] * 0.01))
        print(f"rounded {name}: {count} patches, {roc_auc_score(labels, scores.sort(1, descending=True)[0][:, :count].mean(1).numpy()):.6f}")


if __name__ == "__main__":
    golden() if len(sys.argv) == 1 else figures(sys.argv[1], sys.argv[2])
