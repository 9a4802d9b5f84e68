#!/usr/bin/python3
"""How well a network serves as PatchCore's features, as okng's default preset uses it.

    evaluate.py WEIGHTS DATA [--coreset greedy|random] [--share 0.02]     AUROC on a folder in MVTec layout
    evaluate.py WEIGHTS PICTURE... --fit TEACHER.pth                      variance of the teacher's features explained
    evaluate.py WEIGHTS --speed TEACHER.pth                               time per picture beside the teacher's

WEIGHTS is a .safetensors of export.py, a checkpoint of train.py, or a torchvision ResNet-18.
"""
import argparse
import pathlib
import time

import numpy as np
import torch
from PIL import Image
from scipy import ndimage
from torch.nn import functional as F

import export
from network import Teacher, normalise

SIZE = 256


def network(path, scale):
    if path.endswith(".safetensors"):
        return export.load(path).eval()
    keys = torch.load(path, map_location="cpu").keys()
    return export.folded(path, scale) if "student" in keys else Teacher(path).eval()


def read(path):
    picture = Image.open(path).convert("RGB").resize((SIZE, SIZE), Image.BILINEAR)
    return normalise(torch.from_numpy(np.array(picture)).permute(2, 0, 1).float().div(255)[None])[0]


@torch.no_grad()
def patches(net, paths):
    """[pictures, 32 * 32, 384]: 3x3 means, layer3 on layer2's grid."""
    out = []
    for i in range(0, len(paths), 8):
        two, three = (F.avg_pool2d(f, 3, 1, 1) for f in net(torch.stack([read(p) for p in paths[i : i + 8]])))
        three = F.interpolate(three, two.shape[2:], mode="bilinear", align_corners=False)
        out.append(torch.cat([two, three], 1).flatten(2).transpose(1, 2))
    return torch.cat(out)


def products(rows, others):
    """rows @ others.T by oneDNN: many times as fast as the reference BLAS that Debian's torch may be linked to."""
    return F.linear(rows.to_mkldnn(), others.to_mkldnn(), torch.zeros(len(others)).to_mkldnn()).to_dense()


def distances(rows, others):
    squares = rows.square().sum(1)[:, None] - 2 * products(rows, others) + others.square().sum(1)
    return squares.clamp(min=0).sqrt()


def coreset(rows, share, kind, seed=0):
    """Rows farthest from those taken so far, seen through a 128-d random projection; or any rows."""
    count, random = int(len(rows) * share), torch.Generator().manual_seed(seed)
    if kind == "random":
        return rows[torch.randperm(len(rows), generator=random)[:count]]
    low = products(torch.randn(128, rows.shape[1], generator=random) / 128**0.5, rows)  # by columns: read in one sweep
    squares, far = low.square().sum(0), torch.full((len(rows),), float("inf"))
    taken, now = [], int(torch.randint(len(rows), (1,), generator=random))
    for _ in range(count):
        taken.append(now)
        far = torch.minimum(far, squares - 2 * (low[:, now] @ low) + squares[now])
        now = int(far.argmax())
    return rows[taken]


def inspect(bank, queries):
    """Distances [1024] of a picture's patches, and its score re-weighted by the neighbourhood, k = 9."""
    distance = distances(queries, bank)
    near, index = distance.min(1)
    worst = int(near.argmax())
    around = (bank - bank[index[worst]]).square().sum(1).topk(9, largest=False).indices
    spread = distance[worst, around]
    weight = 1 - 1 / torch.exp(spread - near[worst]).sum()
    return near, float(weight * near[worst])


def auroc(labels, scores):
    order = np.argsort(scores, kind="stable")
    labels, scores = labels[order], scores[order]
    last = np.append(np.flatnonzero(np.diff(scores)), len(scores) - 1)
    hits, all_ = np.cumsum(labels)[last].astype(float), (last + 1).astype(float)
    false = all_ - hits
    area = np.sum(np.diff(np.append(0, false)) * (np.append(0, hits[:-1]) + hits) / 2)
    return 1 - area / (hits[-1] * false[-1])


def evaluate(net, data, kind, share):
    good = sorted((data / "train/good").iterdir())
    bank = coreset(patches(net, good).flatten(0, 1), share, kind)
    truth, plain, weighted, masks, maps = [], [], [], [], []
    for folder in sorted((data / "test").iterdir()):
        paths = sorted(folder.iterdir())
        for path, queries in zip(paths, patches(net, paths)):
            near, score = inspect(bank, queries)
            truth.append(folder.name != "good")
            plain.append(float(near.max()))
            weighted.append(score)
            heat = near.view(1, 1, SIZE // 8, SIZE // 8)
            heat = F.interpolate(heat, (SIZE, SIZE), mode="bilinear", align_corners=False)
            heat = ndimage.gaussian_filter(heat[0, 0].numpy(), 4)
            width, height = Image.open(path).size
            maps.append(np.asarray(Image.fromarray(heat).resize((width, height), Image.BILINEAR)).ravel())
            mask = np.zeros((height, width), bool)
            if truth[-1]:
                mask = Image.open(data / "ground_truth" / folder.name / f"{path.stem}_mask.png").convert("L")
                mask = np.asarray(mask) > 127
            masks.append(mask.ravel())
    truth = np.array(truth)
    pixel = auroc(np.concatenate(masks), np.concatenate(maps))
    image, maximum = auroc(truth, np.array(weighted)), auroc(truth, np.array(plain))
    print(f"image AUROC {image:.4f} (maximum alone {maximum:.4f}), pixel AUROC {pixel:.4f}; {kind} bank of {len(bank)}")


@torch.no_grad()
def fit(net, teacher, paths):
    for path in paths:
        shares = []
        for mine, theirs in zip(net(read(path)[None]), teacher(read(path)[None])):
            spread = (theirs - theirs.mean((2, 3), keepdim=True)).square().sum()
            shares.append(1 - float((mine - theirs).square().sum() / spread))
        print(f"{pathlib.Path(path).name}: layer2 {shares[0]:.3f}, layer3 {shares[1]:.3f} of its variance")


@torch.no_grad()
def speed(net, teacher):
    x, times = torch.rand(1, 3, SIZE, SIZE), ([], [])
    nets = [torch.jit.optimize_for_inference(torch.jit.freeze(torch.jit.trace(n.eval(), x))) for n in (net, teacher)]
    for _ in range(40):
        for mine, each in zip(times, nets):
            start = time.perf_counter()
            each(x)
            mine.append(time.perf_counter() - start)
    mine, theirs = (1000 * sorted(t)[10] for t in times)
    print(f"{mine:.1f} ms, teacher {theirs:.1f} ms: {theirs / mine:.2f} times as fast")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("weights")
    parser.add_argument("paths", nargs="*")
    parser.add_argument("--fit", metavar="TEACHER")
    parser.add_argument("--speed", metavar="TEACHER")
    parser.add_argument("--coreset", choices=["greedy", "random"], default="greedy")
    parser.add_argument("--share", type=float, default=0.02)
    parser.add_argument("--scale", choices=["teacher", "standard"], default="teacher", help="of a checkpoint")
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    net = network(args.weights, args.scale)
    if args.fit:
        fit(net, Teacher(args.fit), args.paths)
    elif args.speed:
        speed(net, Teacher(args.speed))
    else:
        evaluate(net, pathlib.Path(args.paths[0]), args.coreset, args.share)


if __name__ == "__main__":
    main()
