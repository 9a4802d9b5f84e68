#!/usr/bin/env python3
"""Reference values of AF-CLIP: inference, few-shot memory and training in float64 by the specification, from operators
of torch.

Run from the root of the repository: OMP_NUM_THREADS=2 /usr/bin/python3 tests/golden/make_afclip.py [CASE...]
Needs torch 1.13, SciPy, Pillow, and what make_clip.py needs. CLIP's weights and what is learnt come from their names by
the formula in tests/golden_weights.h, the latter by the names of a checkpoint: "prompt", "attention.attn.to_q.weight" ...
and to_q's and to_k's six times as large, so that attention tells tokens apart. Picture k is 2 r under the name
"picture.k".

A file tests/golden/afclip/CASE.txt holds a line that says what was computed, then for each value that is looked at
    value NAME COUNT LARGEST
and its numbers: all of up to 1024, else 200 of them, chosen as in the files of make_clip.py. The function that writes a
case says which values those are.
"""
import os
import sys

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image as Pillow
from scipy.ndimage import gaussian_filter

from make_clip import END, MODELS, START, Image, block, make, norm, put, text_shapes
from make_net import tensor, uniform

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "afclip")
PROMPT, HEADS, INNER = 12, 8, 512
STATES = [[START, 2193, 44013, 269, END], [START, 593, 44013, 269, END]]  # "without defect.", "with defect."
SCALES, SIGMA, TEMPERATURE, ALPHA = (1, 3, 5), 4, 0.07, 0.1
TAPS = {10: (2, 4, 7, 9), 12: (2, 5, 8, 11), 24: (5, 11, 17, 23)}  # of so many blocks, as timm counts them


def learnt_shapes(model):
    width, text_width = MODELS[model][2], MODELS[model][4]
    yield "prompt", (PROMPT, text_width)
    for name in "to_q", "to_k", "to_v":
        yield "attention.attn.%s.weight" % name, (INNER, width)
    yield "attention.attn.to_out.0.weight", (width, INNER)
    yield "attention.attn.to_out.0.bias", (width,)
    yield "attention.norm.weight", (width,)
    yield "attention.norm.bias", (width,)


def pictures(numbers, height, width):
    return torch.stack([torch.from_numpy((uniform("picture.%d" % k, 3 * height * width) * np.float32(2))
                                         .reshape(3, height, width)) for k in numbers])


class AfClip:
    def __init__(self, model, kind):
        self.model, self.kind = model, kind
        self.image = Image(model, kind)
        self.text = make(text_shapes(model))
        self.learnt = {name: (tensor(name, shape) * (6 if ".to_q." in name or ".to_k." in name else 1)).double()
                       for name, shape in learnt_shapes(model)}
        self.taps = TAPS[MODELS[model][3]]

    # ---- pictures ----

    def tapped(self, x):
        """The residual streams [N, T, W] after the tapped blocks."""
        after = self.image.tower(self.image.tokens(x, "afclip"))[0]
        self.grid = x.shape[2] // MODELS[self.model][1], x.shape[3] // MODELS[self.model][1]
        return [after[i] for i in self.taps]

    def streams(self, taps):
        """Twelve, tap by tap: each as it is, and its patches filtered by 3 x 3 and 5 x 5 Gaussians."""
        rows, columns = self.grid
        out = []
        for tokens in taps:
            n, _, width = tokens.shape
            patches = tokens[:, 1:].transpose(1, 2).reshape(n, width, rows, columns)
            for side in SCALES:
                if side == 1:
                    out.append(tokens)
                    continue
                at = torch.arange(side, dtype=torch.float64) - side // 2
                line = torch.exp(-at ** 2 / (2 * SIGMA ** 2))
                kernel = torch.outer(line, line)
                kernel = (kernel / kernel.sum()).expand(width, 1, side, side)
                smooth = F.conv2d(patches, kernel, padding=side // 2, groups=width)
                out.append(torch.cat([tokens[:, :1], smooth.flatten(2).transpose(1, 2)], 1))
        return out

    def adapted(self, x):
        """Of a stream [N, T, W]: [N, T, E], not normalised."""
        p = self.learnt
        n, tokens, width = x.shape
        x = norm(p, "attention.norm", x)
        q, k, v = ((x @ p["attention.attn.to_%s.weight" % c].T).reshape(n, tokens, HEADS, 64).transpose(1, 2)
                   for c in "qkv")
        shares = (q @ k.transpose(-1, -2) / 8).softmax(-1)
        x = (shares @ v).transpose(1, 2).reshape(n, tokens, INNER)
        x = x @ p["attention.attn.to_out.0.weight"].T + p["attention.attn.to_out.0.bias"]
        return norm(self.image.p, "visual.ln_post", x) @ self.image.p["visual.proj"]

    # ---- words ----

    def vectors(self):
        """[2, 17, text width]: the prompt, then the tokens of each state; positions come later."""
        tokens = self.text["token_embedding.weight"][torch.tensor(STATES)]
        return torch.cat([self.learnt["prompt"].expand(2, -1, -1), tokens], 1)

    def text_embeddings(self):
        x = self.vectors()
        x = x + self.text["positional_embedding"][:x.shape[1]]
        for i in range(MODELS[self.model][5]):
            x = block(self.text, "transformer.resblocks.%d" % i, x, self.kind, True)
        return norm(self.text, "ln_final", x)[:, -1] @ self.text["text_projection"]

    def prototypes(self):
        return F.normalize(self.text_embeddings(), dim=-1)

    # ---- both ----

    def forward(self, taps):
        """Projected tokens of 12 streams, the sum of their logits [N, T, 2], anomalous shares [N, T]."""
        projected = [self.adapted(x) for x in self.streams(taps)]
        words = self.prototypes()
        logits = sum(F.normalize(z, dim=-1) @ words.T / TEMPERATURE for z in projected)
        return projected, logits, logits.softmax(-1)[..., 1]

    def final(self, grid, height, width):
        """A map of the grid [rows, columns] as it is given out."""
        grid = grid.reshape(1, 1, *self.grid)
        whole = F.interpolate(grid, size=(height, width), mode="bilinear", align_corners=False)[0, 0]
        return torch.from_numpy(gaussian_filter(whole.numpy(), sigma=SIGMA))

    def memory(self, good, taps):
        """Distance of every patch of one picture to the nearest of good ones: [T - 1]."""
        distances = []
        for kept, stream in zip(self.streams(good), self.streams(taps)):
            bank = F.normalize(kept[:, 1:], dim=-1).reshape(-1, kept.shape[-1])
            cosine = F.normalize(stream[0, 1:], dim=-1) @ bank.T
            distances.append((1 - cosine.max(-1)[0]) / 2)
        return torch.stack(distances).mean(0)


# ---- training -------------------------------------------------------------------------------------------------------

# Batches of pictures, and the rectangle of their defect in pixels: top, bottom, left, right. Half a cell is covered where
# an edge lies between the two pixels that stand for it. The pictures of the first were looked for: no stream's alignment
# is nearer to 0, where its gradient ends, than 1e-4. The last has no normal cell.
GOOD, PART, SIDE, WHOLE = (0, 0, 0, 0), (16, 56, 8, 32), (0, 40, 72, 96), (0, 96, 0, 96)
BATCHES = {"mixed": ((3, GOOD), (6, PART), (5, SIDE), (9, GOOD)), "good": ((0, GOOD), (1, GOOD)),
           "bad": ((2, WHOLE), (4, WHOLE)), "large": ((0, (100, 190, 60, 200)),)}
NEXT = ((0, GOOD), (1, (40, 48, 40, 48)), (2, (3, 90, 0, 31)), (4, (48, 96, 0, 96)))  # a second one, for steps


def targets_of(masks, grid):
    """Of masks [N, H, W] of 0 and 1."""
    g = F.interpolate(masks[:, None], size=grid, mode="bilinear", align_corners=False)[:, 0]
    return torch.where(g < 0.5, torch.zeros_like(g), torch.where(g > 0.5, torch.ones_like(g), g))


def truth(batch, height, width, grid):
    """Labels [N], targets [N, cells]."""
    masks = torch.zeros(len(batch), height, width, dtype=torch.float64)
    for mask, (_, (top, bottom, left, right)) in zip(masks, batch):
        mask[top:bottom, left:right] = 1
    return masks.flatten(1).amax(1), targets_of(masks, grid).flatten(1)


class Focal(torch.autograd.Function):
    """Of every p against its target; with `quirk` the derivative at normal cells is the original program's."""

    @staticmethod
    def forward(context, p, t, quirk):
        context.save_for_backward(p, t)
        context.quirk = quirk
        off = p * (1 - t) + (1 - p) * t
        return -(t * p.log().clamp(min=-100) + (1 - t) * (1 - p).log().clamp(min=-100)) * off ** 4

    @staticmethod
    def backward(context, slope):
        p, t = context.saved_tensors
        off = p * (1 - t) + (1 - p) * t
        entropy = -(t * p.log() + (1 - t) * (1 - p).log())
        d = (p - t) / (p * (1 - p)) * off ** 4 + entropy * 4 * off ** 3 * (1 - 2 * t)
        if context.quirk:
            d = torch.where(t == 0, p ** 3 * (1 + p) / (1 - p) - 8 * p ** 3 * (1 - p).log(), d)
        return slope * d, None, None


def alignment(projected, targets):
    """Of each stream: mean cosine of normal with anomalous cells of a picture less that of cells of one kind, both over
    all pictures; not below 0, and 0 where one of the kinds is missing."""
    good, bad = (targets == 0).double(), (targets == 1).double()
    across, alike = 2 * (good.sum(1) * bad.sum(1)).sum(), (good.sum(1) ** 2 + bad.sum(1) ** 2).sum()
    out = []
    for z in projected:
        z = F.normalize(z[:, 1:], dim=-1)
        s = z @ z.transpose(1, 2)
        a = (good[:, :, None] * bad[:, None, :] * s).sum() * 2 / across
        b = ((good[:, :, None] * good[:, None, :] + bad[:, :, None] * bad[:, None, :]) * s).sum() / alike
        out.append((a - b).clamp(min=0) if across > 0 else z.sum() * 0)
    return torch.stack(out)


def loss_of(net, taps, labels, targets, quirk):
    """[5]: the whole, the picture's, focal, L1, alignment; and the alignment of each stream."""
    projected, _, shares = net.forward(taps)
    quirk = quirk and bool((targets == 0).any())
    image = Focal.apply(shares[:, 0], labels, False).mean()
    focal = Focal.apply(shares[:, 1:], targets, quirk).mean()
    l1 = (shares[:, 1:] - targets).abs().mean()
    streams = alignment(projected, targets)
    return torch.stack([image + focal + l1 + streams.mean(), image, focal, l1, streams.mean()]), streams


def gradients(net, taps, labels, targets, quirk):
    for value in net.learnt.values():
        value.requires_grad_(True)
        value.grad = None
    loss, streams = loss_of(net, taps, labels, targets, quirk)
    loss[0].backward()
    for value in net.learnt.values():
        value.requires_grad_(False)
    return loss.detach(), streams.detach()


def put_batch(file, name, batch):
    file.write("batch %s %d\n" % (name, len(batch)))
    file.writelines("picture %d %d %d %d %d\n" % (k, *mask) for k, mask in batch)


def write_training(case, model, kind, side, batches):
    """Of each batch: pictures, rectangles of their defects in pixels (top, bottom, left, right), then labels.BATCH,
    targets.BATCH [pictures, cells], loss.BATCH (the whole, the picture's, focal, L1, alignment), alignment.BATCH [12];
    and with the quirk of the original program ("quirk") and without ("clean") gradient.KIND.BATCH.NAME of every learnt
    array."""
    if not wanted(case):
        return
    net = AfClip(model, kind)
    with open(os.path.join(HERE, case + ".txt"), "w") as f:
        f.write("training %s %s %d %d\n" % (model, kind, side, side))
        for name in batches:
            batch = BATCHES[name]
            with torch.no_grad():
                taps = net.tapped(pictures([k for k, _ in batch], side, side))
            labels, targets = truth(batch, side, side, net.grid)
            put_batch(f, name, batch)
            put(f, "labels." + name, labels)
            put(f, "targets." + name, targets)
            for quirk in True, False:
                loss, streams = gradients(net, taps, labels, targets, quirk)
                if quirk:
                    print(case, name, "loss", loss.tolist(), "alignment", streams.tolist())
                    put(f, "loss." + name, loss)
                    put(f, "alignment." + name, streams)
                for key, value in net.learnt.items():
                    put(f, "gradient.%s.%s.%s" % ("quirk" if quirk else "clean", name, key), value.grad)


def write_steps(case, model, kind, side, rate, count):
    """Adam's steps (betas 0.5 and 0.999, eps 1e-8) with the quirk, on two batches by turns: those,
    loss [steps, 5], then moved.NAME of every learnt array: what it is after them less what it was."""
    if not wanted(case):
        return
    net = AfClip(model, kind)
    before = {name: value.clone() for name, value in net.learnt.items()}
    adam = torch.optim.Adam(list(net.learnt.values()), lr=rate, betas=(0.5, 0.999), eps=1e-8)
    losses = []
    for step in range(count):
        batch = NEXT if step % 2 else BATCHES["mixed"]
        with torch.no_grad():
            taps = net.tapped(pictures([k for k, _ in batch], side, side))
        losses.append(gradients(net, taps, *truth(batch, side, side, net.grid), True)[0])
        adam.step()
    with open(os.path.join(HERE, case + ".txt"), "w") as f:
        f.write("steps %s %s %d %d\n" % (model, kind, side, side))
        f.write("adam %d %g\n" % (count, rate))
        put_batch(f, "mixed", BATCHES["mixed"])
        put_batch(f, "next", NEXT)
        put(f, "loss", torch.stack(losses))
        for name, value in net.learnt.items():
            put(f, "moved." + name, value - before[name])
    print(case, [float(loss[0]) for loss in losses])


def write_targets():
    """Masks whose pixel (y, x) of height x width is 255 where (7 y + 13 x + y x) mod 97 < 40: squashed to side x side as
    Pillow's bicubic does it, sums of their bytes and of their squares, and the targets of rows x columns cells."""
    if not wanted("targets"):
        return
    with open(os.path.join(HERE, "targets.txt"), "w") as f:
        for height, width, side, cells in ((96, 96, 96, 6), (200, 150, 96, 6), (60, 300, 112, 7), (40, 40, 70, 5),
                                           (900, 777, 518, 37), (512, 512, 512, 32)):
            y, x = np.mgrid[:height, :width]
            mask = (np.where((7 * y + 13 * x + y * x) % 97 < 40, 255, 0)).astype(np.uint8)
            small = np.asarray(Pillow.fromarray(mask).resize((side, side), Pillow.BICUBIC))
            g = targets_of(torch.from_numpy(small.astype(np.float32) / 255)[None], (cells, cells))[0]
            f.write("mask %d %d %d %d %d %d\n" % (height, width, side, cells, small.sum(dtype=np.int64),
                                                  (small.astype(np.int64) ** 2).sum()))
            f.writelines(" ".join("%g" % v for v in row) + "\n" for row in g.tolist())
    print("targets")


# ---- inference ------------------------------------------------------------------------------------------------------

def write_inference(case, model, kind, height, width, every):
    """Of picture 0: with `every` taps.TAP, stream.N [T, W], vectors [2, 17, W of texts], prototypes [2, E] and
    projected.N [T, E]. Then logits [T, 2], shares [T], score, and `map` [HEIGHT, WIDTH], and for memories of pictures 1,
    and 1 and 2: memory.K [T - 1], memory.K.score, fused.K.score and fused.K.map [HEIGHT, WIDTH]."""
    if not wanted(case):
        return
    net = AfClip(model, kind)
    taps = net.tapped(pictures([0], height, width))
    projected, logits, shares = net.forward(taps)
    with open(os.path.join(HERE, case + ".txt"), "w") as f:
        f.write("inference %s %s %d %d\n" % (model, kind, height, width))
        if every:
            for i, tokens in zip(net.taps, taps):
                put(f, "taps.%d" % i, tokens)
            for i, stream in enumerate(net.streams(taps)):
                put(f, "stream.%d" % i, stream)
            put(f, "vectors", net.vectors())
            put(f, "prototypes", net.prototypes())
            for i, z in enumerate(projected):
                put(f, "projected.%d" % i, z)
        put(f, "logits", logits)
        put(f, "shares", shares)
        put(f, "score", shares[0, 0])
        put(f, "map", net.final(shares[0, 1:], height, width))
        for shots in 1, 2:
            memory = net.memory(net.tapped(pictures(range(1, 1 + shots), height, width)), taps)
            put(f, "memory.%d" % shots, memory)
            put(f, "memory.%d.score" % shots, memory.max())
            put(f, "fused.%d.score" % shots, memory.max() + ALPHA * shares[0, 0])
            put(f, "fused.%d.map" % shots, net.final(memory + ALPHA * shares[0, 1:], height, width))
    print(case, "shares %.3g to %.3g, score %.3g" % (shares[0].min(), shares[0].max(), shares[0, 0]))


def wanted(case):
    return len(sys.argv) < 2 or case in sys.argv[1:]


def main():
    os.makedirs(HERE, exist_ok=True)
    with torch.no_grad():
        write_inference("tinyclip-8m-16", "clip-tinyclip-8m-16", "gelu", 96, 96, True)
        write_inference("tinyclip-8m-16-quick", "clip-tinyclip-8m-16", "quickgelu", 96, 112, False)
    write_training("training", "clip-tinyclip-8m-16", "gelu", 96, ["mixed", "good", "bad"])
    write_training("training-quick", "clip-tinyclip-8m-16", "quickgelu", 96, ["mixed"])
    write_steps("steps", "clip-tinyclip-8m-16", "gelu", 96, 1e-4, 5)
    write_targets()
    if "vit-l" in sys.argv[1:]:  # a quarter of an hour and 12 GB, so by name alone
        write_training("vit-l", "clip-vit-l-14-336", "quickgelu", 518, ["large"])


if __name__ == "__main__":
    main()
