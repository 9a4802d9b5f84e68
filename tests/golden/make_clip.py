#!/usr/bin/env python3
"""Reference values of CLIP's two towers: forward passes in float64 by the specification, from operators of torch.

Run from the root of the repository: OMP_NUM_THREADS=2 python3 tests/golden/make_clip.py [CASE...]
Needs torch 1.13, and make_net.py's torchvision. Weights come from their names by the formula in tests/golden_weights.h.

A file tests/golden/clip/CASE.txt holds
    clip BACKBONE ACTIVATION HEIGHT WIDTH
    parameters IMAGE_TOWER TEXT_TOWER          with logit_scale: one more
then for each value that is looked at
    value NAME COUNT LARGEST
and its numbers: all of up to 1024, else 200 of them, chosen as in the files of make_net.py. positions.txt: see below.
"""
import math
import os
import sys

import numpy as np
import torch
import torch.nn.functional as F

from make_net import mix, picture, tensor, uniform

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "clip")
VOCABULARY, CONTEXT, START, END = 49408, 77, 49406, 49407

# image side, patch, width, blocks; of the text tower width, blocks; width of the joint space; what both towers and
# logit_scale come to, as the specification has it
MODELS = {
    "clip-vit-b-16": (224, 16, 768, 12, 512, 12, 512, 149620737),
    "clip-vit-b-16-plus-240": (240, 16, 896, 12, 640, 12, 640, 208377345),
    "clip-vit-b-32": (224, 32, 768, 12, 512, 12, 512, 151277313),
    "clip-vit-l-14": (224, 14, 1024, 24, 768, 12, 768, 427616513),
    "clip-vit-l-14-336": (336, 14, 1024, 24, 768, 12, 768, 427944193),
    "clip-tinyclip-8m-16": (224, 16, 256, 10, 256, 3, 512, 23446017),
    "clip-tinyclip-39m-16": (224, 16, 512, 12, 512, 6, 512, 83101185),
    "clip-tinyclip-40m-32": (224, 32, 512, 12, 512, 6, 512, 84205569),
    "clip-tinyclip-61m-32": (224, 32, 640, 12, 512, 9, 512, 115382145),
}

TEXTS = [[START, 2193, 44013, 269, END], [START, 320, 1125, 539, 320, 2368, END],
         [START, 320, 2660, 268, 705, 1125, 539, 320, 13568, 4044, 6491, 269, END],
         [START] + [(i * 7919) % START for i in range(75)] + [END]]


def blocks(prefix, width, count):
    for i in range(count):
        block = "%s.%d." % (prefix, i)
        for norm in "ln_1", "ln_2":
            yield block + norm + ".weight", (width,)
            yield block + norm + ".bias", (width,)
        yield block + "attn.in_proj_weight", (3 * width, width)
        yield block + "attn.in_proj_bias", (3 * width,)
        for name, out, into in ("attn.out_proj", 1, 1), ("mlp.c_fc", 4, 1), ("mlp.c_proj", 1, 4):
            yield block + name + ".weight", (out * width, into * width)
            yield block + name + ".bias", (out * width,)


def image_shapes(model):
    side, patch, width, count, _, _, joint, _ = MODELS[model]
    yield "visual.class_embedding", (width,)
    yield "visual.positional_embedding", ((side // patch) ** 2 + 1, width)
    yield "visual.proj", (width, joint)
    yield "visual.conv1.weight", (width, 3, patch, patch)
    for norm in "visual.ln_pre", "visual.ln_post":
        yield norm + ".weight", (width,)
        yield norm + ".bias", (width,)
    yield from blocks("visual.transformer.resblocks", width, count)


def text_shapes(model):
    width, count, joint = MODELS[model][4:7]
    yield "positional_embedding", (CONTEXT, width)
    yield "text_projection", (width, joint)
    yield "token_embedding.weight", (VOCABULARY, width)
    yield "ln_final.weight", (width,)
    yield "ln_final.bias", (width,)
    yield from blocks("transformer.resblocks", width, count)


def numbers(shapes):
    return sum(int(np.prod(shape)) for _, shape in shapes)


for name, row in MODELS.items():
    assert numbers(image_shapes(name)) + numbers(text_shapes(name)) + 1 == row[7], name


def make(shapes):
    out = {}
    for name, shape in shapes:
        value = tensor(name, shape)
        if name.endswith("class_embedding"):  # a constant of one axis: about a half, as a layer scale
            value = value + 0.5
        out[name] = value.double()
    return out


def activate(kind, x):
    return x * torch.sigmoid(1.702 * x) if kind == "quickgelu" else 0.5 * x * (1 + torch.erf(x / math.sqrt(2)))


def norm(p, name, x):
    return F.layer_norm(x, x.shape[-1:], p[name + ".weight"], p[name + ".bias"], 1e-5)


def linear(p, name, x):
    return x @ p[name + ".weight"].T + p[name + ".bias"]


def block(p, name, x, kind, causal):
    n, tokens, width = x.shape
    y = norm(p, name + ".ln_1", x) @ p[name + ".attn.in_proj_weight"].T + p[name + ".attn.in_proj_bias"]
    q, k, v = y.reshape(n, tokens, 3, width // 64, 64).permute(2, 0, 3, 1, 4)
    scores = q @ k.transpose(-1, -2) / 8
    if causal:
        scores = scores + torch.full((tokens, tokens), -math.inf, dtype=x.dtype).triu(1)
    y = (scores.softmax(-1) @ v).transpose(1, 2).reshape(n, tokens, width)
    x = x + linear(p, name + ".attn.out_proj", y)
    y = activate(kind, linear(p, name + ".mlp.c_fc", norm(p, name + ".ln_2", x)))
    return x + linear(p, name + ".mlp.c_proj", y)


def positions(table, side, rows, columns, rule="open_clip"):
    """[1 + rows columns, W]; in float32, as the projects do it."""
    if rows == side and columns == side:
        return table
    grid = table[1:].float().reshape(1, side, side, -1).permute(0, 3, 1, 2)
    how = {"open_clip": dict(mode="bicubic", antialias=True, align_corners=False),
           "tinyclip": dict(mode="bicubic", align_corners=True),
           "afclip": dict(mode="bilinear", align_corners=False)}[rule]
    grid = F.interpolate(grid, size=(rows, columns), **how)
    return torch.cat([table[:1], grid[0].permute(1, 2, 0).reshape(rows * columns, -1).to(table.dtype)])


class Image:
    def __init__(self, model, kind):
        self.model, self.kind, self.p = model, kind, make(image_shapes(model))

    def tokens(self, x, rule="open_clip"):
        side, patch = MODELS[self.model][:2]
        x = F.conv2d(x.double(), self.p["visual.conv1.weight"], stride=patch)
        n, width, rows, columns = x.shape
        token = self.p["visual.class_embedding"].expand(n, 1, width)
        x = torch.cat([token, x.flatten(2).transpose(1, 2)], 1)
        return x + positions(self.p["visual.positional_embedding"], side // patch, rows, columns, rule)

    def tower(self, x):
        """Of tokens [N, T, W]: the residual stream after every block, the same after ln_post, embeddings [N, E]."""
        x = norm(self.p, "visual.ln_pre", x)
        after = []
        for i in range(MODELS[self.model][3]):
            x = block(self.p, "visual.transformer.resblocks.%d" % i, x, self.kind, False)
            after.append(x)
        x = norm(self.p, "visual.ln_post", x)
        return after, x, x[:, 0] @ self.p["visual.proj"]


def text_tower(p, model, kind, texts):
    out = []
    for ids in texts:
        x = p["token_embedding.weight"][torch.tensor(ids)][None] + p["positional_embedding"][:len(ids)]
        for i in range(MODELS[model][5]):
            x = block(p, "transformer.resblocks.%d" % i, x, kind, True)
        x = norm(p, "ln_final", x)
        out.append(x[0, int(np.argmax(ids))] @ p["text_projection"])
    return torch.stack(out)


def cut(tokens, rows, columns, side):
    """Windows of side x side patches, row by row, each with the class token first."""
    grid = torch.arange(1, 1 + rows * columns).reshape(rows, columns)
    picks = [torch.cat([torch.zeros(1, dtype=torch.long), grid[y:y + side, x:x + side].reshape(-1)])
             for y in range(rows - side + 1) for x in range(columns - side + 1)]
    return torch.stack([tokens[0, pick] for pick in picks])


def put(file, name, values):
    values = values.reshape(-1).numpy()
    file.write("value %s %d %.9g\n" % (name, values.size, np.abs(values).max()))
    if values.size > 1024:
        values = values[mix(np.arange(200, dtype=np.uint64)) % np.uint64(values.size)]
    file.writelines("%.9g\n" % v for v in values)


def wanted(case):
    return len(sys.argv) < 2 or case in sys.argv[1:]


def write(case, model, kind, height, width, taps, sides=(), texts=(), rule="open_clip"):
    if not wanted(case):
        return
    patch = MODELS[model][1]
    with open(os.path.join(HERE, case + ".txt"), "w") as f:
        f.write("clip %s %s %d %d %s\n" % (model, kind, height, width, rule))
        f.write("parameters %d %d\n" % (numbers(image_shapes(model)), numbers(text_shapes(model))))
        image = Image(model, kind)
        tokens = image.tokens(picture(1, height, width), rule)
        after, normed, embedding = image.tower(tokens)
        put(f, "tokens", tokens)
        for i in taps:
            put(f, "blocks.%d.tokens" % i, after[i])
        put(f, "norm.tokens", normed)
        put(f, "embedding", embedding)
        for side in sides:
            windows = cut(tokens, height // patch, width // patch, side)
            put(f, "windows.%d" % side, image.tower(windows)[2])
        if texts:
            put(f, "texts", text_tower(make(text_shapes(model)), model, kind, texts))
    print(case)


def write_positions():
    """Tables of width 3 at other grids: side, rule, rows, columns, largest value, then 40 values of [rows, columns, 3]
    chosen as in the other files; and what each rule makes of the ramp 0..23 along 37."""
    if not wanted("positions"):
        return
    grids = [(14, 14), (37, 37), (14, 18), (7, 28), (1, 1), (5, 7), (16, 16), (37, 16), (40, 3), (3, 4)]
    with open(os.path.join(HERE, "positions.txt"), "w") as f:
        for rule in "open_clip", "tinyclip", "afclip":
            for side in 7, 14, 24:
                table = uniform("visual.positional_embedding", (1 + side * side) * 3)
                table = torch.from_numpy(table.reshape(-1, 3))
                for rows, columns in grids:
                    out = positions(table, side, rows, columns, rule)[1:].numpy()
                    f.write("table %d %s %d %d %.9g\n" % (side, rule, rows, columns, np.abs(out).max()))
                    index = mix(np.arange(40, dtype=np.uint64)) % np.uint64(out.size)
                    f.writelines("%.9g\n" % v for v in out.reshape(-1)[index])
            ramp = torch.cat([torch.zeros(1), torch.arange(24.0).repeat(24)])[:, None]
            f.write("ramp %s\n" % rule)
            f.writelines("%.9g\n" % v for v in positions(ramp, 24, 37, 37, rule)[1:38, 0])


def main():
    torch.set_grad_enabled(False)
    os.makedirs(HERE, exist_ok=True)
    write_positions()
    write("tinyclip-8m-16", "clip-tinyclip-8m-16", "gelu", 96, 112, [0, 4, 9], (2, 3), TEXTS)
    write("tinyclip-8m-16-quick", "clip-tinyclip-8m-16", "quickgelu", 96, 112, [0, 4, 9], (2, 3), TEXTS)
    write("tinyclip-8m-16-corners", "clip-tinyclip-8m-16", "gelu", 96, 112, [9], (), (), "tinyclip")
    write("tinyclip-8m-16-bilinear", "clip-tinyclip-8m-16", "gelu", 96, 112, [9], (), (), "afclip")
    write("tinyclip-61m-32", "clip-tinyclip-61m-32", "gelu", 96, 64, [0, 11])
    write("vit-b-16", "clip-vit-b-16", "quickgelu", 224, 224, [0, 5, 11])


if __name__ == "__main__":
    main()
