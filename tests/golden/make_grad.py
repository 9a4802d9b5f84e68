#!/usr/bin/env python3
"""Reference gradients, from torch's autograd in float64: of the single operators of make_ops.py, of an adapter of
attention behind a norm, and of a causal block.

Run from the root of the repository: OMP_NUM_THREADS=2 python3 tests/golden/make_grad.py
Needs torch 1.13 (and torchvision, which make_net.py imports).

Inputs and parameters are those of make_ops.py. The loss is the sum of the result times r of the name "gradient 0"
(tests/golden_weights.h). One case after the other in tests/golden/grad/grad.txt:

    case NAME
    gradient LEAF COUNT MAX_ABS     by an input or parameter, of two pictures
    VALUE                           SAMPLES of them (all where there are fewer): value k is element splitmix64(k) mod COUNT
"""
import os

import numpy as np
import torch
import torch.nn.functional as F

import make_ops
from make_net import mix, uniform

FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "grad", "grad.txt")
SAMPLES = 12
leaves = {}


def remembered(make):
    """The tensors that a case is made of, each once by its name and shape."""

    def get(name, *shape):
        if (name, shape) not in leaves:
            leaves[name, shape] = make(name, *shape).requires_grad_()
        return leaves[name, shape]

    return get


make_ops.given, make_ops.p = given, p = remembered(make_ops.given), remembered(make_ops.p)


def norm(x, name):
    return F.layer_norm(x, x.shape[-1:], p(name + ".weight", x.shape[-1]), p(name + ".bias", x.shape[-1]), 1e-5)


def adapter(tokens, width, heads, embedding):
    x = norm(given("x", 2, tokens, width), "norm")
    q, k, v = (make_ops.linear(x, "attn." + name, 64 * heads, False) for name in ("to_q", "to_k", "to_v"))
    x = make_ops.linear(make_ops.attention(q, k, v, heads, False), "attn.to_out", width)
    return norm(x, "post") @ p("proj", width, embedding)


def block(sequences, tokens, width):
    x = given("x", 2, sequences * tokens, width) + p("places", 1, sequences * tokens, width)
    y = make_ops.linear(norm(x, "ln_1"), "qkv", 3 * width).reshape(2 * sequences, tokens, 3 * width)
    y = make_ops.attention(*y.chunk(3, -1), 2, True).reshape(x.shape)
    x = x + make_ops.linear(y, "out", width)
    y = F.gelu(make_ops.linear(norm(x, "ln_2"), "fc", 4 * width))
    return x + make_ops.linear(y, "proj", width) * p("ls.gamma", width)


def cases():
    for name, value in make_ops.cases():
        if name not in ("tokens", "tokens_and_back", "window", "window_gelu", "window_pool"):
            yield name, value
    yield "adapter", adapter(7, 64, 2, 32)
    yield "large adapter", adapter(261, 192, 2, 128)
    yield "block", block(2, 5, 128)
    yield "large causal block", block(2, 203, 128)


def main():
    os.makedirs(os.path.dirname(FILE), exist_ok=True)
    with open(FILE, "w") as out:
        for name, value in cases():
            factors = torch.from_numpy(uniform("gradient 0", value.numel()).reshape(value.shape)).double()
            names = list(leaves)
            found = torch.autograd.grad((value * factors).sum(), [leaves[n] for n in names], allow_unused=True,
                                        retain_graph=True)
            out.write(f"case {name}\n")
            for (leaf, _), gradient in zip(names, found):
                if gradient is None:
                    continue
                flat = gradient.contiguous().reshape(-1)
                out.write(f"gradient {leaf} {flat.numel()} {flat.abs().max().item():.9g}\n")
                places = mix(np.arange(min(SAMPLES, flat.numel()), dtype=np.uint64)) % np.uint64(flat.numel())
                for place in places:
                    out.write(f"{flat[int(place)].item():.9g}\n")


if __name__ == "__main__":
    main()
