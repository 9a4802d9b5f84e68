#!/usr/bin/env python3
"""From a photo and from words to vectors: Pillow, a byte-pair encoder and torch, all in float64, for test_api_clip.c.

Run from the root of the repository, after `ninja -C build make_clip`: OMP_NUM_THREADS=2 python3 tests/golden/make_words.py
Needs torch 1.13, Pillow 9.4 and make_net.py's torchvision. Weights and vocabulary are those that tests/tools/make_clip.c writes.

    clip/words.txt      a line for each vector: KIND SIDE TEXT-OR-PICTURE, then a line of its 512 numbers, each fourth of them
"""
import gzip
import json
import os
import re
import subprocess
import tempfile

import numpy as np
import torch
from PIL import Image

import make_clip

HERE = os.path.dirname(os.path.abspath(__file__))
MODEL, KIND = "clip-tinyclip-8m-16", "gelu"
MEAN, STD = [0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]
TEXTS = ["a photo of a flawless metal nut.", "A dark photo of the damaged_screw", "it's 24 mm"]
PICTURES = [("photo.jpg", 224), ("photo.jpg", 96), ("photo_palette.png", 96)]


def read_weights(path):
    with open(path, "rb") as f:
        header = json.loads(f.read(int.from_bytes(f.read(8), "little")))
        data = f.read()
    out = {}
    for name, entry in header.items():
        if name != "__metadata__":
            begin, end = entry["data_offsets"]
            out[name] = torch.from_numpy(np.frombuffer(data[begin:end], "<f2").astype(np.float64).reshape(entry["shape"]))
    return out


def read_ranks(path):
    lines = gzip.open(path, "rt").read().split("\n")[1:48895]
    return {tuple(line.split()): rank for rank, line in enumerate(lines)}


def encode(ranks, text):
    """Of ASCII text. Symbols of printable bytes stand for themselves, and have the ids 0..93 in their order."""
    ids, made = [49406], {first + second: rank for (first, second), rank in ranks.items()}
    for word in re.findall(r"'s|'t|'re|'ve|'m|'ll|'d|[a-z]+|[0-9]|[^\sa-z0-9]+", text.lower()):
        parts = list(word[:-1]) + [word[-1] + "</w>"]
        while True:
            found = min((ranks.get(pair, 1 << 30), i) for i, pair in enumerate(zip(parts, parts[1:] + [""])))
            if found[0] == 1 << 30:
                break
            parts[found[1]:found[1] + 2] = [parts[found[1]] + parts[found[1] + 1]]
        for part in parts:
            byte = ord(part[0]) - 33 + (256 if part.endswith("</w>") else 0)
            ids.append(512 + made[part] if part in made else byte)
    return ids + [49407]


def prepare(name, side):
    picture = Image.open(os.path.join(HERE, "pipeline", name)).convert("RGB").resize((side, side), Image.BICUBIC)
    x = torch.from_numpy(np.asarray(picture).astype(np.float64) / 255).permute(2, 0, 1)[None]
    return (x - torch.tensor(MEAN)[:, None, None]) / torch.tensor(STD)[:, None, None]


def main():
    torch.set_grad_enabled(False)
    with tempfile.TemporaryDirectory() as folder:
        weights, vocabulary = os.path.join(folder, "w.safetensors"), os.path.join(folder, "v.txt.gz")
        subprocess.check_call(["build/tests/make_clip", MODEL, weights, "--f16"])
        subprocess.check_call(["build/tests/make_clip", "--vocabulary", vocabulary])
        p, ranks = read_weights(weights), read_ranks(vocabulary)
    image = make_clip.Image.__new__(make_clip.Image)
    image.model, image.kind, image.p = MODEL, KIND, p
    ids = [encode(ranks, text) for text in TEXTS]
    print(ids)
    vectors = [("text 0 " + text, v) for text, v in zip(TEXTS, make_clip.text_tower(p, MODEL, KIND, ids))]
    vectors += [("image %d %s" % (side, name), image.tower(image.tokens(prepare(name, side)))[2][0]) for name, side in PICTURES]
    with open(os.path.join(HERE, "clip", "words.txt"), "w") as f:
        for name, vector in vectors:
            f.write(name + "\n" + " ".join("%.7g" % v for v in vector[::4].numpy()) + "\n")


main()
