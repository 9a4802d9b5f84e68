#!/usr/bin/env python3
"""What to do with pictures of many shapes: image and pixel AUROC of one way to bring them to a network.

    tools/compare_shapes.py OKNG DATA WAY [NETWORK OPTIONS...]

DATA has train/good, test and ground_truth in MVTec layout. WAY is
    square       every picture is stretched to 256x256, as `--resize auto` does where shapes differ
    own          every picture has its own aspect at as many pixels, sides multiples of 32
    letterbox    every picture keeps its aspect inside 256x256; what is left over is the mean colour, and neither learnt nor scored
Vectors and the coreset are those of `okng embed` and `okng coreset --coreset 0.05`; neighbours, scores (re-weighted, k = 9) and maps are
computed here, as a bank holds one size only. docs/sizes.md has the table. A development tool: needs Debian's python3-torch, python3-scipy,
python3-pil, python3-sklearn.
"""
import math
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from scipy.ndimage import gaussian_filter
from sklearn.metrics import roc_auc_score

SIDE, STEP, CELL = 256, 32, 8


def fit(path, way, folder):
    """The picture that is embedded, its size, and where in it the original lies: x, y, width, height."""
    width, height = Image.open(path).size
    if way == "square":
        return path, SIDE, SIDE, (0, 0, SIDE, SIDE)
    if way == "own":
        scale = SIDE / math.sqrt(width * height)
        across, down = (max(STEP, int(side * scale / STEP + 0.5) * STEP) for side in (width, height))
        return path, down, across, (0, 0, across, down)
    scale = SIDE / max(width, height)
    w, h = max(1, round(width * scale)), max(1, round(height * scale))
    x, y = (SIDE - w) // 2, (SIDE - h) // 2
    box = Image.new("RGB", (SIDE, SIDE), (124, 116, 104))
    box.paste(Image.open(path).convert("RGB").resize((w, h), Image.BILINEAR), (x, y))
    box.save(folder / "box.png")
    return folder / "box.png", SIDE, SIDE, (x, y, w, h)


def embed(okng, path, way, network, folder):
    picture, down, across, place = fit(path, way, folder)
    subprocess.check_call([okng, "embed", "--img", picture, "--out", folder / "e.npy", "--resize", f"{down}x{across}", "--quiet", *network])
    x, y, w, h = place
    rows = (np.arange(down // CELL) + 0.5) * CELL
    columns = (np.arange(across // CELL) + 0.5) * CELL
    kept = ((rows >= y) & (rows < y + h))[:, None] & ((columns >= x) & (columns < x + w))[None]
    return np.load(folder / "e.npy"), down, across, place, kept.ravel()


def score(vectors, kept, bank):
    queries = torch.from_numpy(vectors)
    distances, nearest = torch.cdist(queries, bank).min(1)
    distances = distances * torch.from_numpy(kept)
    peak = int(distances.argmax())
    around = torch.cdist(bank[nearest[peak]][None], bank)[0].topk(9, largest=False).indices
    apart = (bank[around] - queries[peak]).norm(dim=1)
    return distances, float((1 - torch.softmax(apart, 0)[0]) * distances[peak])


def main():
    okng, data, way, network = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3], sys.argv[4:]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        learnt = [embed(okng, p, way, network, folder) for p in sorted((data / "train/good").iterdir())]
        rows = np.concatenate([vectors[kept] for vectors, _, _, _, kept in learnt])
        np.save(folder / "rows.npy", rows)
        subprocess.check_call([okng, "coreset", "--in", folder / "rows.npy", "--out", folder / "i.npy", "--coreset", "0.05", "--quiet"])
        bank = torch.from_numpy(rows[np.load(folder / "i.npy")])
        labels, scores, truths, maps = [], [], [], []
        for path in sorted((data / "test").glob("*/*")):
            vectors, down, across, (x, y, w, h), kept = embed(okng, path, way, network, folder)
            distances, one = score(vectors, kept, bank)
            at_input = F.interpolate(distances.reshape(1, 1, down // CELL, across // CELL), size=(down, across), mode="bilinear")
            smooth = gaussian_filter(at_input[0, 0].numpy(), 4)[y:y + h, x:x + w]
            size = Image.open(path).size[::-1]
            whole = F.interpolate(torch.from_numpy(np.ascontiguousarray(smooth))[None, None], size=size, mode="bilinear")[0, 0]
            good = path.parent.name == "good"
            mask = data / "ground_truth" / path.parent.name / f"{path.stem}_mask.png"
            truths.append(np.zeros(size, bool) if good else np.asarray(Image.open(mask).convert("L")) > 0)
            labels.append(not good)
            scores.append(one)
            maps.append(whole.numpy())
    flat = [np.concatenate([a.ravel() for a in arrays]) for arrays in (truths, maps)]
    print(f"{way} {' '.join(network)}: image AUROC {roc_auc_score(labels, scores):.4f}, pixel AUROC {roc_auc_score(*flat):.4f}")


if __name__ == "__main__":
    main()
