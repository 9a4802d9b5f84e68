#!/usr/bin/env python3
"""Reference features and counts of the backbones, from torchvision in float64.

Run from the root of the repository: OMP_NUM_THREADS=2 python3 tests/golden/make_net.py
Needs torch 1.13 and torchvision 0.14. The features of the real ResNet-18 are made only where
../shared/weights/resnet18-imagenet-to-layer3.pth is there; their file stays as it is otherwise.

Weights come from their names by the formula in tests/golden_weights.h. One file per case in tests/golden/net/:

    input N H W
    count PARAMETERS FLOPS          of the network up to the last layer, for this input
    layer NAME N C H W MAX_ABS
    VALUE                           SAMPLES of them: value k is element splitmix64(k) mod size in N,C,H,W order
"""
import os
import sys

import numpy as np
import torch
import torchvision

SAMPLES = 200
HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "net")
SHARED = os.path.join(HERE, "../../../../shared/weights/resnet18-imagenet-to-layer3.pth")
LAST = ["layer1", "layer2", "layer3", "layer4"]


def fnv1a(name):
    h = 0xCBF29CE484222325
    for byte in name.encode():
        h = (h ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return h


def mix(x):
    x = x + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def uniform(name, count):
    u = mix(np.uint64(fnv1a(name)) + np.arange(count, dtype=np.uint64)) >> np.uint64(40)
    return (u.astype(np.int64) - 0x800000).astype(np.float32) * np.float32(2.0**-23)


def tensor(name, shape):
    r = uniform(name, int(np.prod(shape)))
    if len(shape) == 4:
        r = r * np.sqrt(np.float32(6) / np.float32(shape[1] * shape[2] * shape[3]))
    elif len(shape) == 3:
        r = r * np.float32(2)
    elif len(shape) == 2:
        r = r * np.sqrt(np.float32(6) / np.float32(shape[1]))
    elif name.endswith(("weight", "gamma")):
        r = np.float32(0.5) + r * np.float32(0.25)
    elif name.endswith("running_var"):
        r = np.float32(1) + r * np.float32(0.5)
    else:
        r = r * np.float32(0.25)
    return torch.from_numpy(r.reshape(shape))


def picture(n, h, w):
    return torch.from_numpy((uniform("input", n * 3 * h * w) * np.float32(2)).reshape(n, 3, h, w))


def generated(backbone):
    """The torchvision model with generated weights, ready for inference."""
    model = getattr(torchvision.models, backbone)(weights=None)
    state = model.state_dict()
    for name, value in state.items():
        if not name.startswith("fc.") and not name.endswith("num_batches_tracked"):
            state[name] = tensor(name, tuple(value.shape))
    model.load_state_dict(state)
    return model.eval()


def shared_resnet18():
    model = torchvision.models.resnet18(weights=None)
    model.load_state_dict(torch.load(SHARED), strict=False)
    return model.eval()


def count(model, x, last):
    """Parameters of stem..last without the classifier; FLOPs by hooks on the convolutions."""
    flops = [0]

    def hook(module, _, out):
        kernel = module.weight.shape[1] * module.weight.shape[2] * module.weight.shape[3]
        flops[0] += 2 * out.numel() * kernel

    stem = [model.conv1, model.bn1, model.relu, model.maxpool]
    parts = torch.nn.Sequential(*stem, *[getattr(model, n) for n in LAST[: LAST.index(last) + 1]])
    hooks = [m.register_forward_hook(hook) for m in parts.modules() if isinstance(m, torch.nn.Conv2d)]
    parts(x)
    for h in hooks:
        h.remove()
    return sum(p.numel() for p in parts.parameters()), flops[0]


def write_file(file, x, parameters, flops, outputs):
    with open(os.path.join(HERE, file), "w") as f:
        f.write("input %d %d %d\n" % (x.shape[0], x.shape[2], x.shape[3]))
        f.write("count %d %d\n" % (parameters, flops))
        for name, out in outputs.items():
            out = out.numpy()
            f.write("layer %s %d %d %d %d %.9g\n" % ((name,) + out.shape + (np.abs(out).max(),)))
            index = mix(np.arange(SAMPLES, dtype=np.uint64)) % np.uint64(out.size)
            f.writelines("%.9g\n" % v for v in out.reshape(-1)[index])


def write(file, model, x, layers, last):
    outputs = {}
    for name in layers:
        model.get_submodule(name).register_forward_hook(lambda _, __, out, name=name: outputs.update({name: out}))
    with torch.no_grad():
        counted = count(model, x, last)
        model.double()(x.double())
    write_file(file, x, *counted, {name: outputs[name] for name in layers})


def write_okng_s():
    """The built-in network, which torchvision does not have, by the definition that it was trained with."""
    sys.path.insert(0, os.path.join(HERE, "../../../tools/distill"))
    import network

    model = network.Student().fold()
    state = model.state_dict()
    model.load_state_dict({name: tensor(name, tuple(value.shape)) for name, value in state.items()})
    x = picture(1, 97, 65)
    flops, outputs = [0], {}

    def hook(module, _, out):
        flops[0] += 2 * out.numel() * module.weight[0].numel()

    for module in model.modules():
        if isinstance(module, torch.nn.Conv2d):
            module.register_forward_hook(hook)
    named = {"layer1": model.layer1, "layer2": model.head2, "layer3": model.head3}
    for name, module in named.items():
        module.register_forward_hook(lambda _, __, out, name=name: outputs.update({name: out}))
    model.double()(x.double())
    write_file("okng-s.txt", x, sum(p.numel() for p in model.parameters()), flops[0], outputs)


def main():
    torch.set_grad_enabled(False)
    write_okng_s()
    deeper = {
        "resnet18": "layer2.0",
        "resnet34": "layer3.4",
        "resnet50": "layer2.1",
        "resnet101": "layer3.11",
        "resnet152": "layer2.6",
        "wide_resnet50_2": "layer3.0",
        "wide_resnet101_2": "layer3.21",
        "resnext50_32x4d": "layer4.1",
        "resnext101_32x8d": "layer1.1",
    }
    for backbone, block in deeper.items():
        layers = sorted(LAST + [block], key=lambda n: (n.split(".")[0], "." not in n))
        write(backbone + ".txt", generated(backbone), picture(1, 97, 65), layers, "layer4")
    write("resnet18_batch.txt", generated("resnet18"), picture(2, 64, 80), LAST, "layer4")
    if os.path.exists(SHARED):
        write("resnet18_real.txt", shared_resnet18(), picture(1, 224, 224), LAST[:3], "layer3")


if __name__ == "__main__":
    main()
