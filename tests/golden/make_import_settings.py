#!/usr/bin/env python3
"""Checkpoints that hold nothing but what they say of themselves, as anomalib 0.x, 1.x and 2.x save them, for
test_import_settings.c: tests/golden/import/settings/.

Run from anywhere: /usr/bin/python3 tests/golden/make_import_settings.py (torch 1.13, torchvision 0.14, NumPy 1.24).
"""
import datetime
import functools
import os
import pathlib
import sys
import types

import numpy as np
import torch
from torchvision import transforms

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "import")
MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]

# The classes are stand-ins with the names and attributes that torchvision since 0.15, anomalib 2 and OmegaConf have: a
# pickle holds no more of a class.


@functools.lru_cache(maxsize=None)
def stand_in(module, name, base=object):
    parts = module.split(".")
    for i in range(1, len(parts) + 1):
        sys.modules.setdefault(".".join(parts[:i]), types.ModuleType(".".join(parts[:i])))
    made = type(name, (base,), {})
    made.__module__, made.__qualname__ = module, name
    setattr(sys.modules[module], name, made)

    def make(**attributes):
        thing = made.__new__(made)
        if base is torch.nn.Module:
            torch.nn.Module.__init__(thing)
        for key, value in attributes.items():
            setattr(thing, key, value)
        return thing

    return make


def omega(thing):
    if isinstance(thing, dict):
        return stand_in("omegaconf.dictconfig", "DictConfig")(_parent=None, _content={k: omega(v) for k, v in thing.items()})
    if isinstance(thing, list):
        return stand_in("omegaconf.listconfig", "ListConfig")(_parent=None, _content=[omega(v) for v in thing])
    return stand_in("omegaconf.nodes", "AnyNode")(_val=thing)


class Runs:
    def __reduce__(self):
        return os.system, ("true",)


def make_settings():
    folder = os.path.join(HERE, "settings")
    os.makedirs(folder, exist_ok=True)
    module = torch.nn.Module
    geometry, misc = "torchvision.transforms.v2._geometry", "torchvision.transforms.v2._misc"
    compose = stand_in("torchvision.transforms.v2._container", "Compose", module)
    resize, crop = stand_in(geometry, "Resize", module), stand_in(geometry, "CenterCrop", module)
    normalize, jitter = stand_in(misc, "Normalize", module), stand_in("torchvision.transforms.v2._color", "ColorJitter", module)
    pre_processor = stand_in("anomalib.pre_processing.pre_processor", "PreProcessor", module)
    bilinear = transforms.InterpolationMode.BILINEAR

    def save(name, arguments, protocol=2, zipped=True, thresholds="post_processor._image_threshold", **more):
        state = {"model.memory_bank": torch.zeros(1, 2), thresholds: torch.tensor(1.5)}
        checkpoint = {"epoch": 1, "state_dict": state, "hyper_parameters": arguments, **more}
        path = os.path.join(folder, name + ".ckpt")
        torch.save(checkpoint, path, pickle_protocol=protocol, _use_new_zipfile_serialization=zipped)

    when = datetime.datetime(2026, 11, 27, tzinfo=datetime.timezone.utc)
    odd = {"array": np.arange(3), "mean": np.float32(0.5), "bytes": b"\x00\xff", "when": when, "day": np.datetime64("2026-11-27"),
           "path": pathlib.Path("a/b"), "set": {1}, "enum": bilinear, "complex": 1 + 2j, "own": stand_in("my.own", "Settings")(a=1)}
    first = transforms.Compose([transforms.Resize([128, 192]), transforms.CenterCrop(112), transforms.Normalize(MEAN, STD)])
    one = {"layers": ("layer3", "layer2"), "num_neighbors": np.int64(5), **odd}
    save("v1", one, transform=first, thresholds="image_threshold.value")
    save("v1_default", {"layers": ["layer2"]}, transform=None, thresholds="image_threshold.value")

    def second():
        steps = [resize(size=[256], interpolation=bilinear, max_size=None, antialias=True), crop(size=(224, 224))]
        colours = normalize(mean=[np.float64(0.5)], std=[0.25, 0.5, 1], inplace=False)
        return pre_processor(transform=compose(transforms=[compose(transforms=steps), colours]), export_transform=None)

    two = {"layers": ["layer2", "layer3"], "num_neighbors": 3, "pre_processor": second(), "post_processor": True, **odd}
    save("v2", two)
    save("v2_protocol5", two, protocol=5)
    save("v2_older_container", two, zipped=False)
    save("v2_default", {"pre_processor": True})
    save("v2_precise", {"pre_processor": True, "precision": "float32"})
    only = {"class_path": "torchvision.transforms.v2.Resize", "init_args": {"size": [64, 96]}}
    save("v2_class_path", {"pre_processor": {"class_path": "anomalib.pre_processing.PreProcessor", "init_args": {"transform": only}}})
    steps = [jitter(brightness=1), crop(size=(200, 100)), resize(size=[64, 64]), resize(size=None), normalize(mean=[1, 2], std=[1, 2])]
    save("v2_other", {"pre_processor": pre_processor(transform=compose(transforms=steps))})
    rough = resize(size=[32, 48], interpolation=transforms.InterpolationMode.BICUBIC, max_size=None, antialias=False)
    save("v2_rough", {"pre_processor": rough})
    dataset = {"image_size": 256, "center_crop": [224, 224], "normalization": "none"}
    save("v0", omega({"dataset": dataset, "model": {"layers": ["layer1", "layer2"], "num_neighbors": 7}}))
    save("runs", {"layers": Runs()})


if __name__ == "__main__":
    make_settings()
