#!/usr/bin/env python3
"""Reference for the method winclip: CLIP's towers, windows, prototypes, maps and few-shot memory in torch, written from
the specification and sharing no code with okng. The checkpoint is the one that build/tests/make_clip writes.

  OMP_NUM_THREADS=2 /usr/bin/python3 tests/golden/make_winclip.py build/tests/make_clip        the small shape (a minute)
  OMP_NUM_THREADS=2 /usr/bin/python3 tests/golden/make_winclip.py build/tests/make_clip tiles  its tiles (half a minute)
  OMP_NUM_THREADS=2 /usr/bin/python3 tests/golden/make_winclip.py build/tests/make_clip plus   ViT-B-16-plus-240 (minutes)
  OMP_NUM_THREADS=2 /usr/bin/python3 tests/golden/make_winclip.py build/tests/make_clip time   windows/s and time of a picture

Writes tests/golden/winclip/*.npy. Inputs are value(i) of tests/golden/make_bank.py and tests/unit/bank_data.h.
"""
import gzip
import itertools
import json
import math
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

from make_bank import values

OUT = Path(__file__).parent / "winclip"
SHAPES = {"small": ("clip-tinyclip-8m-16", 96), "plus": ("clip-vit-b-16-plus-240", 240)}
MEAN, STD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
CLASS, SALT, SHOTS = "metal_nut", 700, 4

# ---- prompts --------------------------------------------------------------------------------------------------------

STATES = (
    ("{}", "flawless {}", "perfect {}", "unblemished {}", "{} without flaw", "{} without defect", "{} without damage"),
    ("damaged {}", "{} with flaw", "{} with defect", "{} with damage"),
)
SET_A = (
    "a cropped photo of the {}.", "a cropped photo of a {}.", "a close-up photo of a {}.", "a close-up photo of the {}.",
    "a bright photo of a {}.", "a bright photo of the {}.", "a dark photo of the {}.", "a dark photo of a {}.",
    "a jpeg corrupted photo of a {}.", "a jpeg corrupted photo of the {}.", "a blurry photo of the {}.",
    "a blurry photo of a {}.", "a photo of a {}.", "a photo of the {}.", "a photo of a small {}.",
    "a photo of the small {}.", "a photo of a large {}.", "a photo of the large {}.",
    "a photo of the {} for visual inspection.", "a photo of a {} for visual inspection.",
    "a photo of the {} for anomaly detection.", "a photo of a {} for anomaly detection.",
)
SET_B = tuple(SET_A[9] if i == 8 else t for i, t in enumerate(SET_A) if i != 1)


class Tokenizer:
    """Ids of lower-case ASCII texts."""

    def __init__(self, path):
        lines = gzip.open(path).read().decode().split("\n")[1:48895]
        printed = [*range(33, 127), *range(161, 173), *range(174, 256)]
        symbols = [chr(b) for b in printed] + [chr(256 + i) for i in range(68)]
        self.byte = dict(zip(printed + [b for b in range(256) if b not in printed], symbols))
        self.rank = {tuple(line.split()): i for i, line in enumerate(lines)}
        words = symbols + [s + "</w>" for s in symbols] + ["".join(line.split()) for line in lines]
        self.ids = {w: i for i, w in enumerate(words)}

    def piece(self, text):
        parts = [self.byte[b] for b in text.encode()]
        parts[-1] += "</w>"
        while len(parts) > 1:
            pairs = [self.rank.get(pair, math.inf) for pair in zip(parts, parts[1:])]
            lowest = min(pairs)
            if lowest == math.inf:
                break
            merged, i = [], 0
            while i < len(parts):
                if i < len(pairs) and pairs[i] == lowest:
                    merged.append(parts[i] + parts[i + 1])
                    i += 2
                else:
                    merged.append(parts[i])
                    i += 1
            parts = merged
        return [self.ids[p] for p in parts]

    def __call__(self, text):
        pieces = re.findall(r"'s|'t|'re|'ve|'m|'ll|'d|[a-z]+|[0-9]|[^\sa-z0-9]+", " ".join(text.lower().split()))
        return [49406, *(i for p in pieces for i in self.piece(p)), 49407]


# ---- towers ---------------------------------------------------------------------------------------------------------

def safetensors(path):
    raw = Path(path).read_bytes()
    length = int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8:8 + length])
    kinds = {"F32": np.float32, "F16": np.float16, "I64": np.int64}
    return {
        name: torch.from_numpy(
            np.frombuffer(raw, kinds[t["dtype"]], offset=8 + length + t["data_offsets"][0],
                          count=int(np.prod(t["shape"]))).reshape(t["shape"]).copy())
        for name, t in header.items() if name != "__metadata__"
    }


class Clip:
    def __init__(self, tensors, size):
        self.t = tensors
        self.size = size
        conv = tensors["visual.conv1.weight"]
        self.patch, self.width = conv.shape[2], conv.shape[0]
        self.grid = size // self.patch
        place = tensors["visual.positional_embedding"]
        side = int(math.isqrt(len(place) - 1))
        patches = place[1:]
        if side != self.grid:
            patches = F.interpolate(patches.T.reshape(1, -1, side, side), (self.grid, self.grid), mode="bicubic",
                                    antialias=True, align_corners=False).reshape(self.width, -1).T
        self.place = torch.cat([place[:1], patches])

    def norm(self, x, name):
        return F.layer_norm(x, x.shape[-1:], self.t[name + ".weight"], self.t[name + ".bias"], 1e-5)

    def attention(self, x, name, causal):
        n, length, width = x.shape
        heads = width // 64
        q, k, v = F.linear(x, self.t[name + ".in_proj_weight"], self.t[name + ".in_proj_bias"]).chunk(3, -1)
        q, k, v = (z.reshape(n, length, heads, 64).transpose(1, 2) for z in (q, k, v))
        scores = q @ k.transpose(-1, -2) / 8
        if causal:
            scores = scores + torch.full((length, length), -math.inf).triu(1)
        y = (scores.softmax(-1) @ v).transpose(1, 2).reshape(n, length, width)
        return F.linear(y, self.t[name + ".out_proj.weight"], self.t[name + ".out_proj.bias"])

    def blocks(self, x, prefix, causal=False, last=None):
        i = 0
        while f"{prefix}{i}.ln_1.weight" in self.t and i != last:
            b = f"{prefix}{i}."
            x = x + self.attention(self.norm(x, b + "ln_1"), b + "attn", causal)
            y = F.gelu(F.linear(self.norm(x, b + "ln_2"), self.t[b + "mlp.c_fc.weight"], self.t[b + "mlp.c_fc.bias"]))
            x = x + F.linear(y, self.t[b + "mlp.c_proj.weight"], self.t[b + "mlp.c_proj.bias"])
            i += 1
        return x

    def tokens(self, images):
        x = F.conv2d(images, self.t["visual.conv1.weight"], stride=self.patch).flatten(2).transpose(1, 2)
        cls = self.t["visual.class_embedding"].reshape(1, 1, -1).expand(len(x), -1, -1)
        return torch.cat([cls, x], 1) + self.place

    def image(self, tokens):
        """Embedding, patches before the last norm, patches after it."""
        x = self.blocks(self.norm(tokens, "visual.ln_pre"), "visual.transformer.resblocks.")
        y = self.norm(x, "visual.ln_post")
        return y[:, 0] @ self.t["visual.proj"], x[:, 1:], y[:, 1:]

    def depth(self):
        return sum(re.fullmatch(r"visual\.transformer\.resblocks\.\d+\.ln_1\.weight", n) is not None for n in self.t)

    def masked(self, before, keep):
        """Class embedding where the last block's attention is limited to the tokens `keep` (bool, class first)."""
        b = f"visual.transformer.resblocks.{self.depth() - 1}."
        hidden = self.norm(before, b + "ln_1")
        q, k, v = F.linear(hidden, self.t[b + "attn.in_proj_weight"], self.t[b + "attn.in_proj_bias"]).chunk(3, -1)
        q, k, v = (z[0].reshape(-1, self.width // 64, 64).transpose(0, 1) for z in (q[:, :1], k, v))
        scores = (q @ k.transpose(1, 2) / 8).masked_fill(~keep, -math.inf)
        y = (scores.softmax(-1) @ v).transpose(0, 1).reshape(1, -1)
        x = before[0, :1] + F.linear(y, self.t[b + "attn.out_proj.weight"], self.t[b + "attn.out_proj.bias"])
        y = F.linear(self.norm(x, b + "ln_2"), self.t[b + "mlp.c_fc.weight"], self.t[b + "mlp.c_fc.bias"])
        x = x + F.linear(F.gelu(y), self.t[b + "mlp.c_proj.weight"], self.t[b + "mlp.c_proj.bias"])
        return self.norm(x, "visual.ln_post") @ self.t["visual.proj"]

    def text(self, ids):
        longest = max(map(len, ids))
        padded = torch.tensor([i + [0] * (longest - len(i)) for i in ids])
        x = self.t["token_embedding.weight"][padded] + self.t["positional_embedding"][:longest]
        x = self.norm(self.blocks(x, "transformer.resblocks.", True), "ln_final")
        return x[torch.arange(len(ids)), padded.argmax(1)] @ self.t["text_projection"]


# ---- WinCLIP --------------------------------------------------------------------------------------------------------

def unit(x):
    return x / x.norm(dim=-1, keepdim=True)


def prototypes(clip, tokenizer, templates, normalised, name=CLASS):
    rows = []
    for states in STATES:
        e = clip.text([tokenizer(t.format(s.format(name))) for s in states for t in templates])
        rows.append(unit((unit(e) if normalised else e).mean(0)))
    return torch.stack(rows)


def windows(clip, tokens, k, batch=512):
    """[g-k+1, g-k+1, E] of one picture."""
    g = clip.grid
    out, places = [], [(y, x) for y in range(g - k + 1) for x in range(g - k + 1)]
    index = torch.tensor([[0] + [1 + (y + i) * g + x + j for i in range(k) for j in range(k)] for y, x in places])
    for part in index.split(batch):
        out.append(clip.image(tokens[0][part])[0])
    return unit(torch.cat(out)).reshape(g - k + 1, g - k + 1, -1)


def masked_windows(clip, tokens, k):
    g = clip.grid
    before = clip.blocks(clip.norm(tokens, "visual.ln_pre"), "visual.transformer.resblocks.", last=clip.depth() - 1)
    out = []
    for y in range(g - k + 1):
        for x in range(g - k + 1):
            keep = torch.zeros(g, g, dtype=torch.bool)
            keep[y:y + k, x:x + k] = True
            out.append(clip.masked(before, torch.cat([torch.ones(1, dtype=torch.bool), keep.flatten()])))
    return unit(torch.cat(out)).reshape(g - k + 1, g - k + 1, -1)


class View:
    def __init__(self, clip, image, scales=(2, 3), cut=windows):
        tokens = clip.tokens(image[None])
        embedding, before, after = clip.image(tokens)
        self.whole = unit(embedding[0])
        self.patches = {"before": unit(before[0]), "after": unit(after[0])}
        self.windows = {k: cut(clip, tokens, k) for k in scales}


def harmonic(scores, k, g):
    sums, counts = torch.zeros(g, g, dtype=torch.float64), torch.zeros(g, g)
    for y in range(g - k + 1):
        for x in range(g - k + 1):
            sums[y:y + k, x:x + k] += 1 / scores[y, x].double()
            counts[y:y + k, x:x + k] += 1
    return (counts / sums).nan_to_num(0, 0, 0).float()


def says(vectors, texts, temperature):
    return (vectors @ texts.T / temperature).softmax(-1)[..., 1]


def distance(vectors, bank):
    return ((1 - (vectors @ bank.T).max(-1).values) / 2).clamp(min=0)


def score(view, texts, temperature, references, kind, mean, g, weights=None):
    """whole, score, then maps: scales by words, joined; scales by pictures, patches, joined; all."""
    w = weights or {k: 1.0 for k in view.windows}
    whole = says(view.whole, texts, temperature)
    words = {k: harmonic(says(v, texts, temperature), k, g) for k, v in view.windows.items()}
    by_words = (1 + sum(w.values())) / (1 / whole + sum(w[k] / m for k, m in words.items()))
    by_words = by_words.nan_to_num(0, 0, 0)
    maps = [*words.values(), by_words]
    if not references:
        return [whole, whole], maps + [torch.zeros(g, g)] * (len(words) + 2) + [by_words]
    pictures = {}
    for k, v in view.windows.items():
        bank = torch.cat([r.windows[k].reshape(-1, v.shape[-1]) for r in references])
        pictures[k] = harmonic(distance(v, bank), k, g)
    patches = distance(view.patches[kind], torch.cat([r.patches[kind] for r in references])).reshape(g, g)
    by_pictures = (patches + sum(w[k] * m for k, m in pictures.items())) / (1 + sum(w.values()))
    fused = (by_words + by_pictures) * (0.5 if mean else 1)
    return [whole, (whole + by_pictures.max()) / 2], maps + [*pictures.values(), patches, by_pictures, fused]


# ---- pictures -------------------------------------------------------------------------------------------------------

def tensor_of(size, salt):
    """An input of the network: smooth, so that windows differ and neighbours resemble each other."""
    rough = torch.from_numpy(values(3 * 12 * 12, salt).reshape(3, 12, 12))
    fine = torch.from_numpy(values(3 * size * size, salt + 50).reshape(3, size, size))
    return (rough * 4 - 2).repeat_interleave(size // 12, 1).repeat_interleave(size // 12, 2) + (fine - 0.5)


def picture_of(width, height, salt):
    """RGB bytes: blocks of 10 pixels with noise."""
    across = width // 10 + 1
    fine = values(height * width * 3, salt).reshape(height, width, 3).astype(np.float64)
    rough = values((height // 10 + 1) * across * 3, salt + 50).reshape(-1, across, 3).astype(np.float64)
    rough = rough.repeat(10, 0).repeat(10, 1)[:height, :width]
    return np.floor((0.75 * rough + 0.25 * fine) * 256).astype(np.uint8)


def prepare(picture, size):
    small = np.asarray(Image.fromarray(picture).resize((size, size), Image.BICUBIC), np.float32) / 255
    return ((torch.from_numpy(small) - torch.tensor(MEAN)) / torch.tensor(STD)).permute(2, 0, 1).contiguous()


def tiles(width, height):
    side, longer = min(width, height), max(width, height)
    step = side * 4 // 5
    places = []
    while not places or places[-1] + side < longer:
        places.append(min(len(places) * step, longer - side))
    return side, [(p, 0) if width > height else (0, p) for p in places]


def tiled(clip, picture, texts, references, size):
    """Map at the picture's size and score, each tile looked at alone; references are lists of tiles' views."""
    height, width = picture.shape[:2]
    side, places = tiles(width, height)
    total, covered, scores = torch.zeros(height, width), torch.zeros(height, width), []
    for x, y in places:
        view = View(clip, prepare(picture[y:y + side, x:x + side], size))
        head, maps = score(view, texts, 0.07, references, "before", False, clip.grid)
        map_ = F.interpolate(maps[-1][None, None], (size, size), mode="bilinear", align_corners=False)
        map_ = F.interpolate(map_, (side, side), mode="bilinear", align_corners=False)[0, 0]
        total[y:y + side, x:x + side] += map_
        covered[y:y + side, x:x + side] += 1
        scores.append(float(head[1]))
    return total / covered, sum(scores) / len(scores)


def views_of_tiles(clip, picture, size):
    height, width = picture.shape[:2]
    side, places = tiles(width, height)
    return [View(clip, prepare(picture[y:y + side, x:x + side], size)) for x, y in places]


# ---- the files ------------------------------------------------------------------------------------------------------

def opened(make_clip, shape):
    name, size = SHAPES[shape]
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([make_clip, name, folder + "/clip.safetensors"], check=True)
        subprocess.run([make_clip, "--vocabulary", folder + "/vocabulary.txt.gz"], check=True)
        clip = Clip(safetensors(folder + "/clip.safetensors"), size)
        return clip, Tokenizer(folder + "/vocabulary.txt.gz")


def row(found):
    head, maps = found
    return np.concatenate([[float(h) for h in head], *(m.numpy().ravel() for m in maps)]).astype(np.float32)


def small(make_clip):
    clip, tokenizer = opened(make_clip, "small")
    size, g = clip.size, clip.grid
    sets = [prototypes(clip, tokenizer, t, n) for t in (SET_A, SET_B) for n in (False, True)]
    np.save(OUT / "prototypes.npy", torch.stack(sets).numpy())
    test, shots = View(clip, tensor_of(size, SALT)), [View(clip, tensor_of(size, SALT + 1 + i)) for i in range(SHOTS)]
    rows = [
        row(score(test, sets[2 * s], t, shots[:n], kind, mean, g))
        for s, t, n, kind, mean in itertools.product((0, 1), (0.07, 0.01), (0, 1, 2, 4), ("before", "after"),
                                                     (False, True))
    ]
    np.save(OUT / "small.npy", np.stack(rows))
    np.save(OUT / "same.npy", row(score(shots[1], sets[2], 0.07, shots[:2], "before", False, g)))
    half = tensor_of(size, SALT)
    half[:, :, :size // 2] = tensor_of(size, SALT + 1)[:, :, :size // 2]
    np.save(OUT / "half.npy", row(score(View(clip, half), sets[2], 0.07, shots[:2], "before", False, g)))
    scaled, weights = View(clip, tensor_of(size, SALT), (1, 4)), {1: 0.5, 4: 2.0}
    known = [View(clip, tensor_of(size, SALT + 1), (1, 4))]
    np.save(OUT / "scaled.npy", row(score(scaled, sets[2], 0.07, known, "after", True, g, weights)))
    print("scores:", [round(float(r[0]), 4) for r in rows[::8]], "maps:", rows[0][2:38].min(), rows[0][2:38].max())


def resized():
    """A picture made smaller one way and larger the other, as torchvision does with float tensors."""
    picture = torch.from_numpy(picture_of(37, 29, SALT + 40)).permute(2, 0, 1).float() / 255
    np.save(OUT / "bicubic_float.npy",
            F.interpolate(picture[None], (48, 16), mode="bicubic", antialias=True, align_corners=False)[0].numpy())


def tiles_of_pictures(make_clip):
    resized()
    clip, tokenizer = opened(make_clip, "small")
    texts = prototypes(clip, tokenizer, SET_B, False)
    test, known = (View(clip, tensor_of(clip.size, SALT + i), (2, 3), masked_windows) for i in (0, 1))
    np.save(OUT / "masked.npy", row(score(test, texts, 0.07, [known], "before", False, clip.grid)))
    for name, width, height, shot in (("across", 130, 70, False), ("down", 64, 160, True)):
        known = views_of_tiles(clip, picture_of(width, height, SALT + 31), clip.size) if shot else []
        map_, image = tiled(clip, picture_of(width, height, SALT + 30), texts, known, clip.size)
        np.save(OUT / f"tiles_{name}.npy", np.append(map_.numpy().ravel(), np.float32(image)))


def plus(make_clip):
    clip, tokenizer = opened(make_clip, "plus")
    size, g = clip.size, clip.grid
    sets = [prototypes(clip, tokenizer, t, False) for t in (SET_A, SET_B)]
    test, shots = View(clip, tensor_of(size, SALT)), [View(clip, tensor_of(size, SALT + 1 + i)) for i in range(SHOTS)]
    rows = [
        row(score(test, sets[s], t, shots[:n], "before" if s else "after", s == 0, g))
        for s, t, n in itertools.product((0, 1), (0.07, 0.01), (0, 1, 2, 4))
    ]
    np.save(OUT / "plus.npy", np.stack(rows).astype(np.float32))
    np.save(OUT / "plus_prototypes.npy", torch.stack(sets).numpy())


def measure(make_clip):
    """The same batches: all windows of a scale, as many at a time as make 48 MiB of tokens."""
    clip, _ = opened(make_clip, "plus")
    image = tensor_of(clip.size, SALT)[None]

    def once():
        tokens = clip.tokens(image)
        clip.image(tokens)
        for k in (2, 3):
            windows(clip, tokens, k, 1000)

    once()
    wall, cpu = [], []
    for _ in range(3):
        start, used = time.perf_counter(), time.process_time()
        once()
        wall.append(time.perf_counter() - start)
        cpu.append(time.process_time() - used)
    middle = sorted(wall)[1]
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads: picture {middle:.3f} s, {365 / middle:.0f} windows/s; "
          f"computing time {sorted(cpu)[1]:.2f} s, least {min(cpu):.2f} s")


if __name__ == "__main__":
    OUT.mkdir(exist_ok=True)
    torch.set_grad_enabled(False)
    what = sys.argv[2] if len(sys.argv) > 2 else "small"
    {"small": small, "tiles": tiles_of_pictures, "plus": plus, "time": measure}[what](sys.argv[1])
