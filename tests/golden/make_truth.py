#!/usr/bin/env python3
"""Masks at the network's crop as patchcore-inspection evaluates with them, for test_experiment_truth.

torchvision's Resize (an int), CenterCrop and ToTensor, then the cast to int of sklearn's labels; and as AF-CLIP does: a bicubic
squash, and what is above 0.5. Needs Debian's
python3-torchvision, python3-pil and python3-numpy. Writes tests/golden/truth/.
"""
import pathlib

import numpy as np
from PIL import Image
from torchvision import transforms

out = pathlib.Path(__file__).parent / "truth"
out.mkdir(exist_ok=True)


def ellipse(height, width):
    y, x = np.mgrid[:height, :width]
    return ((((x - 0.6 * width) / (0.25 * width)) ** 2 + ((y - 0.4 * height) / (0.3 * height)) ** 2) <= 1) | (
        (abs(x - y) < 3) & (x < 20))


for name, height, width, resize, crop in [("down", 90, 120, 40, 32), ("up", 50, 40, 96, 64), ("odd", 77, 65, 33, 24)]:
    mask = ellipse(height, width)
    picture = Image.fromarray(mask.astype(np.uint8) * 255)
    tensor = transforms.Compose([transforms.Resize(resize), transforms.CenterCrop(crop), transforms.ToTensor()])(picture)
    squash = transforms.Compose([transforms.Resize((crop, crop + 4), transforms.InterpolationMode.BICUBIC), transforms.ToTensor()])
    np.save(out / f"{name}_half.npy", (squash(picture)[0].numpy() > 0.5).astype(np.uint8))
    np.save(out / f"{name}_full.npy", mask.astype(np.uint8))
    np.save(out / f"{name}_crop.npy", tensor[0].numpy().astype(int).astype(np.uint8))
