#!/usr/bin/env python3
"""Reference features and counts of the vision transformers: timm's plain ViT and DINOv2, forward passes in float64.

Run from the root of the repository: OMP_NUM_THREADS=2 python3 tests/golden/make_vit.py [CASE...]
Needs torch 1.13, and make_net.py's torchvision. The features of the real ViT-Tiny are made only where
../shared/weights/vit_tiny_patch16_224.safetensors is there; their files stay as they are otherwise.

The forward pass is written down here from what the two projects document and do, in the plainest operators. Weights come
from their names by the formula in tests/golden_weights.h; files are in the format of make_net.py.

Position embeddings are brought to another grid in float32, as both projects do:
  timm (layers/pos_embed.py): to the size, antialias, unless the grid is a square of the same number of tokens;
  DINOv2 (models/vision_transformer.py, hub/backbones.py): without registers by the scale (side + 0.1) / 37, which also
  places the samples, no antialias; with registers to the size, antialias; unless it is the grid of 518x518 pixels.
torch's two bicubic kernels differ in more than the antialias: without it a = -0.75 and the border is repeated, with it
a = -0.5 and what lies outside is left out.
"""
import json
import math
import os
import struct
import sys

import numpy as np
import torch
import torch.nn.functional as F

from make_net import HERE, mix, picture, tensor, write_file

SHARED = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                      "../../../shared/weights/vit_tiny_patch16_224.safetensors")
DEPTH = 12

TIMM = {"vit_tiny_patch16_224": 192, "vit_small_patch16_224": 384, "vit_base_patch16_224": 768}
DINO = {"dinov2_vits14": 384, "dinov2_vitb14": 768}
# grid: patches along a side of the pictures that it was trained with
NETWORKS = {name: dict(width=width, patch=16, grid=14, scale=False, registers=0) for name, width in TIMM.items()}
for name, width in DINO.items():
    for suffix, registers in ("", 0), ("_reg", 4):
        NETWORKS[name + suffix] = dict(width=width, patch=14, grid=37, scale=True, registers=registers)


def shapes(n):
    """Names and shapes of the tensors that features need (no head, no mask token)."""
    width, patch = n["width"], n["patch"]
    yield "cls_token", (1, 1, width)
    if n["registers"]:
        yield "register_tokens", (1, n["registers"], width)
    yield "pos_embed", (1, 1 + n["grid"] ** 2, width)
    yield "patch_embed.proj.weight", (width, 3, patch, patch)
    yield "patch_embed.proj.bias", (width,)
    for i in range(DEPTH):
        for part, out, into in ("attn.qkv", 3, 1), ("attn.proj", 1, 1), ("mlp.fc1", 4, 1), ("mlp.fc2", 1, 4):
            yield "blocks.%d.%s.weight" % (i, part), (out * width, into * width)
            yield "blocks.%d.%s.bias" % (i, part), (out * width,)
        for part in ["norm1.weight", "norm1.bias", "norm2.weight", "norm2.bias"]:
            yield "blocks.%d.%s" % (i, part), (width,)
        for part in ["ls1.gamma", "ls2.gamma"] if n["scale"] else []:
            yield "blocks.%d.%s" % (i, part), (width,)
    yield "norm.weight", (width,)
    yield "norm.bias", (width,)


def read_safetensors(path):
    with open(path, "rb") as f:
        data = f.read()
    size, = struct.unpack("<Q", data[:8])
    header = json.loads(data[8:8 + size])
    header.pop("__metadata__", None)
    out = {}
    for name, entry in header.items():
        assert entry["dtype"] == "F32"
        begin, end = entry["data_offsets"]
        values = np.frombuffer(data[8 + size + begin:8 + size + end], "<f4").copy()
        out[name] = torch.from_numpy(values.reshape(entry["shape"]))
    return out


def positions(n, table, h, w):
    """(1 + h w, width) of the trained table (1, 1 + grid^2, width)."""
    grid = n["grid"]
    if h == w and h == grid:
        return table[0]
    patches = table[:, 1:].reshape(1, grid, grid, -1).permute(0, 3, 1, 2)
    if n["scale"] and not n["registers"]:
        scale = ((h + 0.1) / grid, (w + 0.1) / grid)
        patches = F.interpolate(patches, scale_factor=scale, mode="bicubic", antialias=False)
    else:
        patches = F.interpolate(patches, size=(h, w), mode="bicubic", antialias=True)
    assert patches.shape[2:] == (h, w)
    return torch.cat([table[0, :1], patches[0].permute(1, 2, 0).reshape(h * w, -1)])


class Counted:
    """The operators, with twice their multiply-adds."""

    def __init__(self, state):
        self.state = {name: value.double() for name, value in state.items()}
        self.flops = 0

    def get(self, prefix, *names):
        return [self.state[prefix + "." + name] for name in names or ("weight", "bias")]

    def linear(self, x, prefix):
        weight, bias = self.get(prefix)
        self.flops += 2 * x.numel() * weight.shape[0]
        return x @ weight.T + bias

    def norm(self, x, prefix):
        weight, bias = self.get(prefix)
        centred = x - x.mean(-1, keepdim=True)
        return centred / (centred.square().mean(-1, keepdim=True) + 1e-6).sqrt() * weight + bias

    def attention(self, x, prefix):
        count, tokens, width = x.shape
        qkv = self.linear(x, prefix + ".qkv").reshape(count, tokens, 3, width // 64, 64).permute(2, 0, 3, 1, 4)
        q, k, v = qkv
        self.flops += 2 * 2 * count * tokens * tokens * width
        y = (q @ k.transpose(-1, -2) / 8).softmax(-1) @ v
        return self.linear(y.transpose(1, 2).reshape(count, tokens, width), prefix + ".proj")

    def mlp(self, x, prefix):
        x = self.linear(x, prefix + ".fc1")
        return self.linear(0.5 * x * (1 + torch.erf(x / math.sqrt(2))), prefix + ".fc2")

    def embed(self, n, x):
        weight, bias = self.get("patch_embed.proj")
        x = F.conv2d(x, weight, bias, stride=n["patch"])
        count, width, h, w = x.shape
        self.flops += 2 * x.numel() * weight[0].numel()
        cls = self.state["cls_token"].expand(count, 1, width)
        x = torch.cat([cls, x.flatten(2).transpose(1, 2)], 1)
        x = x + positions(n, self.state["pos_embed"].float(), h, w)
        if not n["registers"]:
            return x, h, w
        registers = self.state["register_tokens"].expand(count, n["registers"], width)
        return torch.cat([x[:, :1], registers, x[:, 1:]], 1), h, w

    def block(self, n, x, prefix):
        for norm, part, scale in ("norm1", "attn", "ls1"), ("norm2", "mlp", "ls2"):
            run = self.attention if part == "attn" else self.mlp
            y = run(self.norm(x, "%s.%s" % (prefix, norm)), "%s.%s" % (prefix, part))
            x = x + (y * self.state["%s.%s.gamma" % (prefix, scale)] if n["scale"] else y)
        return x


def forward(n, state, x, layers):
    """{layer: (N, width, h, w)} of the patch tokens, and the FLOPs."""
    model, outputs = Counted(state), {}
    x, h, w = model.embed(n, x.double())

    def keep(name, x):
        if name in layers:
            outputs[name] = x[:, 1 + n["registers"]:].transpose(1, 2).reshape(x.shape[0], -1, h, w)

    for i in range(DEPTH):
        x = model.block(n, x, "blocks.%d" % i)
        keep("blocks.%d" % i, x)
    keep("norm", model.norm(x, "norm"))
    return outputs, model.flops


def write(case, backbone, x, layers, state=None):
    if len(sys.argv) > 1 and case not in sys.argv[1:]:
        return
    n = NETWORKS[backbone]
    made = dict(shapes(n))
    if state is None:
        state = {name: tensor(name, shape) for name, shape in made.items()}
    assert all(tuple(state[name].shape) == shape for name, shape in made.items())
    outputs, flops = forward(n, state, x, layers)
    write_file(case + ".txt", x, sum(int(np.prod(shape)) for shape in made.values()), flops, outputs)
    print(case, {name: float(out.abs().max()) for name, out in outputs.items()})


def write_positions():
    """Tables of width 3 at other grids, in positions.txt: side, antialias, offset, height and width of the grid, largest
    value, then 40 values of (height, width, 3) chosen as in the other files."""
    if len(sys.argv) > 1 and "positions" not in sys.argv[1:]:
        return
    rules = {"vit_tiny_patch16_224": (1, 0.0), "dinov2_vits14": (0, 0.1), "dinov2_vits14_reg": (1, 0.0)}
    grids = [(14, 14), (37, 37), (14, 18), (7, 28), (1, 1), (5, 7), (16, 16), (37, 16), (40, 3), (90, 61)]
    with open(os.path.join(HERE, "positions.txt"), "w") as f:
        for backbone, rule in rules.items():
            n = NETWORKS[backbone]
            table = tensor("pos_embed", (1, 1 + n["grid"] ** 2, 3))
            for h, w in grids:
                out = positions(n, table, h, w)[1:].numpy()
                f.write("table %d %d %g %d %d %.9g\n" % ((n["grid"],) + rule + (h, w, np.abs(out).max())))
                index = mix(np.arange(40, dtype=np.uint64)) % np.uint64(out.size)
                f.writelines("%.9g\n" % v for v in out.reshape(-1)[index])


def main():
    torch.set_grad_enabled(False)
    write_positions()
    ends = ["blocks.0", "blocks.5", "blocks.11", "norm"]
    # 7 x 28 patches are as many as the trained 14 x 14, and are resampled all the same
    write("vit_tiny_patch16_224", "vit_tiny_patch16_224", picture(1, 112, 448), ends)
    write("vit_small_patch16_224", "vit_small_patch16_224", picture(1, 32, 320), ends)
    write("vit_base_patch16_224", "vit_base_patch16_224", picture(1, 48, 64), ends)
    write("vit_tiny_patch16_224_batch", "vit_tiny_patch16_224", picture(3, 64, 48), ends)
    write("dinov2_vits14", "dinov2_vits14", picture(1, 98, 70), ends)
    write("dinov2_vitb14", "dinov2_vitb14", picture(1, 56, 560), ends)
    write("dinov2_vits14_reg", "dinov2_vits14_reg", picture(1, 98, 70), ends)
    write("dinov2_vitb14_reg", "dinov2_vitb14_reg", picture(1, 56, 560), ends)
    write("dinov2_vits14_518", "dinov2_vits14", picture(1, 518, 518), ends[1:])
    write("dinov2_vits14_reg_518", "dinov2_vits14_reg", picture(1, 518, 518), ends[1:])
    if os.path.exists(SHARED):
        real = read_safetensors(SHARED)
        write("vit_tiny_patch16_224_real", "vit_tiny_patch16_224", picture(1, 224, 224), ends[1:], real)
        write("vit_tiny_patch16_224_real_288", "vit_tiny_patch16_224", picture(1, 224, 288), ends[1:], real)


if __name__ == "__main__":
    main()
