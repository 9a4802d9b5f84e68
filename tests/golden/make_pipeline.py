#!/usr/bin/env python3
"""A photo through the whole first half: torchvision's transforms, network, patch vectors, for test_api_pipeline.c.

Run from the root of the repository: OMP_NUM_THREADS=2 python3 tests/golden/make_pipeline.py
Needs torch 1.13, torchvision 0.14, Pillow 9.4, scikit-image 0.19 (whose astronaut, a NASA picture in the public domain, is
the photo) and ../shared/weights/resnet18-imagenet-to-layer3.pth.

    photo.jpg                      320x240, and photo_rgba.png 61x83 with alpha, photo_grey.png 75x50, photo_palette.png 160x120
                                   of 64 colours, which are looked up before the resize
    preprocess.txt                 per picture and options: FNV-1a (64 bits) of the float32 tensor's bytes
    <preset>_<network>.txt         PATCHES DIM MAX_ABS, then 400 samples: value k is element mix(k) mod size
"""
import os

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from skimage import data
from torchvision import transforms

import make_net

SAMPLES = 400
HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "pipeline")
MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
LAYERS = ["layer2", "layer3"]
INTERPOLATION = {
    "bilinear": transforms.InterpolationMode.BILINEAR,
    "bicubic": transforms.InterpolationMode.BICUBIC,
    "nearest": transforms.InterpolationMode.NEAREST,
}
# picture, --resize, --crop (0 = none), --interpolation
PREPROCESS = [
    ("photo.jpg", 256, 224, "bilinear"),
    ("photo.jpg", (256, 256), 0, "bilinear"),
    ("photo.jpg", (224, 224), 0, "bicubic"),
    ("photo.jpg", 512, 0, "bilinear"),
    ("photo.jpg", (97, 413), 64, "nearest"),
    ("photo_rgba.png", 256, 224, "bilinear"),
    ("photo_rgba.png", (33, 47), 0, "bicubic"),
    ("photo_grey.png", 256, 224, "bilinear"),
    ("photo_grey.png", (256, 256), 224, "bicubic"),
    ("photo_palette.png", (224, 224), 0, "bicubic"),
    ("photo_palette.png", (96, 96), 0, "bicubic"),
]


def make_pictures():
    photo = Image.fromarray(data.astronaut()).crop((60, 20, 380, 260))
    photo.save(os.path.join(HERE, "photo.jpg"), quality=85)
    small = photo.resize((61, 83))
    small.putalpha(Image.linear_gradient("L").resize((61, 83)))
    small.save(os.path.join(HERE, "photo_rgba.png"))
    photo.convert("L").resize((75, 50)).save(os.path.join(HERE, "photo_grey.png"))
    photo.resize((160, 120)).quantize(64).save(os.path.join(HERE, "photo_palette.png"))


def tensor(picture, resize, crop, interpolation):
    steps = [transforms.Resize(resize, interpolation=INTERPOLATION[interpolation])]
    if crop:
        steps.append(transforms.CenterCrop(crop))
    steps += [transforms.ToTensor(), transforms.Normalize(MEAN, STD)]
    return transforms.Compose(steps)(Image.open(os.path.join(HERE, picture)).convert("RGB"))[None]


def hash_of(values):
    h = 0xCBF29CE484222325
    for byte in values.numpy().tobytes():
        h = (h ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return h


def features(model, x):
    out = {}
    hooks = [model.get_submodule(n).register_forward_hook(lambda _, __, y, n=n: out.update({n: y})) for n in LAYERS]
    model(x)
    for hook in hooks:
        hook.remove()
    return [out[n] for n in LAYERS]


def mean_pooled(maps):
    """`paper`: 3x3 means, brought to the first grid, side by side."""
    pooled = [F.avg_pool2d(m, 3, 1, 1) for m in maps]
    grid = pooled[0].shape[-2:]
    aligned = [F.interpolate(p, size=grid, mode="bilinear", align_corners=False) for p in pooled]
    return torch.cat(aligned, 1)[0].flatten(1).T


def mean_mapped(maps, dim=1024):
    """`inspection`: 3x3 neighbourhoods brought to the first grid, each layer averaged to dim, then all layers to dim."""
    grid = maps[0].shape[-2:]
    layers = []
    for m in maps:
        unfolded = F.unfold(m, 3, padding=1)  # [1, C * 9, h * w], channel-major
        unfolded = unfolded.reshape(1, -1, *m.shape[-2:])
        unfolded = F.interpolate(unfolded, size=grid, mode="bilinear", align_corners=False)
        rows = unfolded[0].flatten(1).T
        layers.append(F.adaptive_avg_pool1d(rows[:, None], dim)[:, 0])
    return F.adaptive_avg_pool1d(torch.cat(layers, 1)[:, None], dim)[:, 0]


def write(name, rows):
    rows = rows.contiguous().numpy()
    index = make_net.mix(np.arange(SAMPLES, dtype=np.uint64)) % np.uint64(rows.size)
    with open(os.path.join(HERE, name), "w") as f:
        f.write("%d %d %.9g\n" % (*rows.shape, np.abs(rows).max()))
        f.writelines("%.9g\n" % v for v in rows.reshape(-1)[index])


def main():
    torch.set_grad_enabled(False)
    make_pictures()
    with open(os.path.join(HERE, "preprocess.txt"), "w") as f:
        for picture, resize, crop, interpolation in PREPROCESS:
            text = "%dx%d" % resize if isinstance(resize, tuple) else str(resize)
            x = tensor(picture, resize, crop, interpolation)
            f.write("%s %s %s %s %d %d %016x\n" % (picture, text, crop or "none", interpolation, x.shape[2], x.shape[3], hash_of(x)))
    x = tensor("photo.jpg", 256, 224, "bilinear")
    for network, model in (("resnet18", make_net.shared_resnet18()), ("wide_resnet50_2", make_net.generated("wide_resnet50_2"))):
        maps = features(model, x)
        write("paper_%s.txt" % network, mean_pooled(maps))
        write("inspection_%s.txt" % network, mean_mapped(maps))


main()
