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


if __name__ == "__main__":
    main()
