#!/usr/bin/env python3
"""Reference results of single operators, from torch in float64.

Run from the root of the repository: OMP_NUM_THREADS=2 python3 tests/golden/make_ops.py
Needs torch 1.13 (and torchvision, which make_net.py imports).

Parameters come from their names by the formula in tests/golden_weights.h; float inputs are 2 r of their name, numbers the
splitmix64 of their name's hash and index, modulo the rows of the table. Every input holds two pictures. One case after the
other in tests/golden/ops/ops.txt:

    case NAME COUNT MAX_ABS
    VALUE                           SAMPLES of them (all where there are fewer): value k is element splitmix64(k) mod COUNT
"""
import math
import os

import numpy as np
import torch
import torch.nn.functional as F

from make_net import SAMPLES, fnv1a, mix, tensor, uniform

FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "ops", "ops.txt")


def given(name, *shape):
    values = uniform(name, int(np.prod(shape))) * np.float32(2)
    return torch.from_numpy(values.reshape(shape)).double()


def numbers(name, rows, *shape):
    index = np.uint64(fnv1a(name)) + np.arange(int(np.prod(shape)), dtype=np.uint64)
    return torch.from_numpy((mix(index) % np.uint64(rows)).astype(np.int64).reshape(shape))


def p(name, *shape):
    return tensor(name, shape).double()


def linear(x, name, width, bias=True):
    return F.linear(x, p(name + ".weight", width, x.shape[-1]), p(name + ".bias", width) if bias else None)


def attention(q, k, v, heads, causal):
    n, t, s = q.shape[0], q.shape[1], k.shape[1]
    q, k, v = (m.reshape(n, m.shape[1], heads, -1).transpose(1, 2) for m in (q, k, v))
    scores = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])
    if causal:
        scores = scores.masked_fill(torch.ones(t, s).triu(1).bool(), -math.inf)
    return (scores.softmax(-1) @ v).transpose(1, 2).reshape(n, t, -1)


def map_of(x, h, w):
    return x.transpose(1, 2).reshape(x.shape[0], x.shape[2], h, w)


def cases():
    x = given("x", 2, 7, 12)
    yield "linear", linear(x, "fc", 10)
    yield "linear_rank2", linear(given("x", 2, 12), "fc", 10, False)
    yield "linear_rank4", linear(given("x", 2, 3, 5, 12), "fc", 10)
    yield "linear_many_rows", linear(given("x", 2, 301, 24), "fc", 20)
    yield "linear_gelu", F.gelu(linear(x, "fc", 10))
    yield "linear_quick_gelu", (lambda y: y * torch.sigmoid(1.702 * y))(linear(x, "fc", 10))
    yield "linear_scale_add", x + linear(x, "fc", 12) * p("ls.gamma", 12)
    yield "matmul_rank3", given("x", 2, 5, 6) @ given("y", 2, 6, 4)
    yield "matmul_rank4", given("x", 2, 3, 70, 6) @ given("y", 2, 3, 6, 4)
    yield "matmul_constant", given("x", 2, 5, 6) @ p("projection", 6, 4)
    yield "layer_norm", F.layer_norm(x, (12,), p("norm.weight", 12), p("norm.bias", 12), 1e-6)
    yield "softmax", given("x", 2, 7, 12).softmax(-1)
    yield "relu", F.relu(x)
    yield "gelu", F.gelu(x)
    yield "quick_gelu", x * torch.sigmoid(1.702 * x)
    for name, tokens, causal in (("attention", 7, False), ("attention_causal", 7, True),
                                 ("attention_tiles", 197, False), ("attention_tiles_causal", 197, True)):
        q, k, v = given("x", 2, tokens, 36).chunk(3, -1)
        yield name, attention(q, k, v, 3, causal)
    # Of widths that okng's own kernels take, in a batch of two dimensions.
    q, k, v = given("x", 2, 3, 50, 192).reshape(6, 50, 192).chunk(3, -1)
    yield "attention_sequences", attention(q, k, v, 2, True).reshape(2, 3, 50, 64)
    yield "attention_cross", attention(given("q", 2, 9, 12), given("k", 2, 5, 12), given("v", 2, 5, 6), 2, False)
    yield "embedding", p("table.weight", 50, 12)[numbers("text", 50, 2, 8)]
    yield "concat", torch.cat([p("token", 1, 1, 12).expand(2, -1, -1), x, x, given("y", 2, 2, 12)], 1)
    yield "concat_last", torch.cat([x, given("y", 2, 7, 3)], 2)
    yield "add_positions", x + p("places", 1, 7, 12)
    yield "multiply_channels", x * p("gamma", 12)
    yield "multiply_values", x * given("y", 2, 1, 12)
    yield "slice", x[:, 2:5]
    yield "slice_last", x[:, :, 3:7]
    yield "transpose", given("x", 2, 3, 4, 5).permute(0, 2, 3, 1)
    yield "reshape", x.reshape(2, 3, 4, 7)
    image = given("x", 2, 3, 8, 12)
    patches = F.conv2d(image, p("proj.weight", 20, 3, 4, 4), p("proj.bias", 20), 4)
    yield "tokens", patches.flatten(2).transpose(1, 2)
    yield "tokens_and_back", map_of(F.layer_norm(patches.flatten(2).transpose(1, 2), (20,), p("norm.weight", 20),
                                                 p("norm.bias", 20), 1e-6)[:, 1:5], 2, 2)
    yield "window", F.conv2d(image, p("c.weight", 16, 3, 3, 5), p("c.bias", 16), (2, 1), (1, 2))
    yield "window_gelu", F.gelu(F.conv2d(image, p("c.weight", 16, 3, 3, 5), p("c.bias", 16), (2, 1), (1, 2)))
    yield "window_pool", F.max_pool2d(F.conv2d(image, p("c.weight", 16, 3, 3, 5), p("c.bias", 16), (2, 1), (1, 2)),
                                      (1, 3), (1, 2), (0, 1))


def main():
    os.makedirs(os.path.dirname(FILE), exist_ok=True)
    with open(FILE, "w") as out:
        for name, value in cases():
            flat = value.contiguous().reshape(-1)
            out.write(f"case {name} {flat.numel()} {flat.abs().max().item():.9g}\n")
            places = mix(np.arange(min(SAMPLES, flat.numel()), dtype=np.uint64)) % np.uint64(flat.numel())
            for place in places:
                out.write(f"{flat[int(place)].item():.9g}\n")


if __name__ == "__main__":
    main()
