#!/usr/bin/python3
"""Makes the pictures that okng-s learns from: procedural ones and crops of photos that are free of rights.

    pictures.py POOL.npy [--count 6000] [--seed 1] [--processes 2]     a pool, uint8 [count, 2, 256, 256, 3]
    pictures.py --sheet SHEET.png [--seed 1]                           a contact sheet, to look at

A pool holds pairs: a scene without a defect and the same one with some, under the same light, lens and noise. Pair i
depends on the seed and i alone. Needs numpy, scipy, Pillow, the DejaVu fonts and Debian's python3-skimage,
for its photos only.
"""
import argparse
import io
import math
import multiprocessing
import os

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage
from scipy.spatial import cKDTree

SIZE = 256
FONTS = "/usr/share/fonts/truetype/dejavu/"
PHOTOS = "/usr/lib/python3/dist-packages/skimage/data/"

# What skimage.data's documentation calls CC0 or public domain, word for word. Pictures without such a statement (coins,
# moon, motorcycle, ihc, page, ...) are left out.
PHOTO_FILES = {
    "astronaut.png": "public domain (NASA)",
    "brick.png": "CC0 (cc0textures.com, Bricks25)",
    "camera.png": "CC0 (Lav Varshney)",
    "cell.png": "CC0 (Paul Mueller and others)",
    "chelsea.png": "CC0 (Stefan van der Walt)",
    "clock_motion.png": "public domain (Stefan van der Walt)",
    "coffee.png": "CC0 (Rachel Michetti)",
    "grass.png": "CC0 (linolafett)",
    "gravel.png": "CC0 (cc0textures.com, Gravel04)",
    "hubble_deep_field.jpg": "public domain (NASA)",
    "retina.jpg": "CC0 (Mikael Haeggstroem)",
    "rocket.jpg": "public domain (SpaceX)",
    "text.png": "public domain (Wikipedia, Corner.png)",
}
# How often each is drawn: by how much there is to see in it.
PHOTO_WEIGHTS = {"cell.png": 0.3, "hubble_deep_field.jpg": 0.5, "retina.jpg": 0.7, "text.png": 0.4}

YY, XX = np.mgrid[0:SIZE, 0:SIZE].astype(np.float32)


# ------------------------------------------------------------------------------------------------ fields and colours


def spectrum_noise(rng, size, beta, stretch=1.0, angle=0.0):
    """Gaussian noise with spectrum 1 / f^beta, longer along `angle` by `stretch`; mean 0, deviation 1."""
    fy, fx = np.meshgrid(np.fft.fftfreq(size), np.fft.rfftfreq(size), indexing="ij")
    u = fx * math.cos(angle) + fy * math.sin(angle)
    v = (fy * math.cos(angle) - fx * math.sin(angle)) / stretch
    f = np.sqrt((u * u) + (v * v)) * size + 1.0
    noise = np.fft.irfft2(np.fft.rfft2(rng.standard_normal((size, size))) * f ** (-beta / 2), s=(size, size))
    return ((noise - noise.mean()) / (noise.std() + 1e-9)).astype(np.float32)


class Source:
    """What all pictures share: a bank of noise fields (cheaper to cut from than to make) and the photos."""

    def __init__(self, seed):
        rng = np.random.default_rng([seed, 0x6E6F])
        self.smooth = [spectrum_noise(rng, 512, b) for b in np.linspace(2.6, 4.5, 10)]
        self.rough = [spectrum_noise(rng, 512, b) for b in np.linspace(0.2, 2.4, 14)]
        streaks = [(1.0, 30), (0.5, 60), (1.5, 12), (2.0, 100), (1.0, 5)]
        self.streaks = [spectrum_noise(rng, 512, beta, stretch) for beta, stretch in streaks]
        self.photos = [Image.open(PHOTOS + name).convert("RGB") for name in PHOTO_FILES]
        weights = np.array([PHOTO_WEIGHTS.get(name, 1.0) for name in PHOTO_FILES])
        self.photo_odds = weights / weights.sum()

    def noise(self, rng, kind="any"):
        fields = self.smooth + self.rough if kind == "any" else getattr(self, kind)
        field = fields[rng.integers(len(fields))]
        y, x = rng.integers(0, 512 - SIZE, 2)
        cut = field[y : y + SIZE, x : x + SIZE]
        if kind != "streaks" and rng.random() < 0.5:
            cut = cut.T
        cut = cut[:: rng.choice([-1, 1]), :: rng.choice([-1, 1])]
        return (cut - cut.mean()) / (cut.std() + 1e-6)

    def photo(self, rng):
        """A crop under a random similarity or perspective, scale 0.4 to 2.5."""
        image = self.photos[rng.choice(len(self.photos), p=self.photo_odds)]
        width, height = image.size
        most = min(width, height)
        side = min(most, SIZE / math.exp(rng.uniform(math.log(0.4), math.log(2.5))))
        if rng.random() < 0.5:
            turn = 0.0
        else:
            turn = rng.uniform(0, 2 * math.pi)
            side = min(side, most / (abs(math.cos(turn)) + abs(math.sin(turn))))
        reach = side / 2 * (abs(math.cos(turn)) + abs(math.sin(turn)))
        cx, cy = rng.uniform(reach, max(width - reach, reach + 1)), rng.uniform(reach, max(height - reach, reach + 1))
        corners = []
        for dx, dy in [(-1, -1), (-1, 1), (1, 1), (1, -1)]:
            jitter = rng.uniform(0.8, 1.0) if turn == 0 else 1.0
            dx, dy = dx * jitter * side / 2, dy * jitter * side / 2
            corners += [cx + dx * math.cos(turn) - dy * math.sin(turn), cy + dx * math.sin(turn) + dy * math.cos(turn)]
        if side > 1.5 * SIZE:  # minify without aliasing
            xs, ys, by = corners[0::2], corners[1::2], side / SIZE
            box = [int(max(min(xs), 0)), int(max(min(ys), 0)), int(max(xs)) + 1, int(max(ys)) + 1]
            smaller = (int((box[2] - box[0]) / by) + 1, int((box[3] - box[1]) / by) + 1)
            image = image.crop(box).resize(smaller, Image.BILINEAR)
            corners = [(c - box[i % 2]) / by for i, c in enumerate(corners)]
        out = image.transform((SIZE, SIZE), Image.QUAD, corners, Image.BICUBIC)
        return np.asarray(out, np.float32) / 255


def colour(rng):
    if rng.random() < 0.4:
        return np.full(3, rng.uniform(0.05, 0.95), np.float32) + rng.normal(0, 0.02, 3).astype(np.float32)
    return rng.uniform(0, 1, 3).astype(np.float32)


def as_bytes(values):
    return (np.clip(values, 0, 1) * 255 + 0.5).astype(np.uint8)


def ink_of(values):
    return tuple(int(c) for c in as_bytes(values))


def unit(field):
    low, high = np.percentile(field, [1, 99])
    return np.clip((field - low) / (high - low + 1e-6), 0, 1)


def colourise(rng, field):
    """A field in 0..1 through a gradient of 2 to 4 colours."""
    stops = rng.integers(2, 5)
    colours = np.stack([colour(rng) for _ in range(stops)])
    at = np.linspace(0, 1, stops)
    return np.stack([np.interp(field, at, colours[:, c]) for c in range(3)], -1).astype(np.float32)


def monochrome(rng, field):
    """A field of deviation 1 as faint relief around one colour, as bare surfaces look."""
    base = colour(rng) * 0.7 + 0.15
    return base + field[..., None] * math.exp(rng.uniform(math.log(0.008), math.log(0.12)))


def turned(rng, scale=None):
    """Coordinates under a random rotation and scale, slightly warped."""
    angle = rng.choice([0, math.pi / 2, rng.uniform(0, math.pi)])
    scale = scale or 1.0
    cx, cy = rng.uniform(0, SIZE, 2)
    u = ((XX - cx) * math.cos(angle) + (YY - cy) * math.sin(angle)) * scale
    v = ((YY - cy) * math.cos(angle) - (XX - cx) * math.sin(angle)) * scale
    return u, v


# ---------------------------------------------------------------------------------------------------------- textures


def fractal(rng, s):
    field = s.noise(rng)
    if rng.random() < 0.3:
        field = np.abs(field) if rng.random() < 0.5 else np.sin(field * rng.uniform(1, 6))
    if rng.random() < 0.5:
        return colourise(rng, unit(field))
    return monochrome(rng, (field - field.mean()) / (field.std() + 1e-6))


def brushed(rng, s):
    field = s.noise(rng, "streaks")
    if rng.random() < 0.5:
        field = field.T
    if rng.random() < 0.25:  # turned on a lathe
        cy, cx = rng.uniform(-64, SIZE + 64, 2)
        radius = np.hypot(YY - cy, XX - cx)
        profile = ndimage.gaussian_filter1d(rng.standard_normal(640), rng.uniform(0.5, 2.5))
        field = np.interp(radius, np.arange(640), profile / profile.std()).astype(np.float32)
        sheen = np.cos(2 * (np.arctan2(YY - cy, XX - cx) - rng.uniform(0, 3)))
        field = field * (0.6 + 0.4 * sheen) + 2 * sheen * rng.random()
    field = field + rng.uniform(0, 0.6) * s.noise(rng, "rough")
    return monochrome(rng, field / field.std())


def grating(rng, s):
    u, v = turned(rng)
    bend = s.noise(rng, "smooth") * rng.choice([0, 0, 2, 8])
    period = math.exp(rng.uniform(math.log(4), math.log(60)))
    a = np.sin(2 * math.pi * (u + bend) / period)
    kind = rng.integers(5)
    if kind == 0:
        field = a
    elif kind == 1:
        field = np.sign(a)
    elif kind == 2:
        field = a * np.sin(2 * math.pi * (v + bend) / (period * rng.choice([1, 1, 0.5, 2])))
    elif kind == 3:
        field = np.maximum(a, np.sin(2 * math.pi * v / period)) ** 3
    else:  # a lattice of dots or holes
        across = v - np.where(np.floor(u / period) % 2 == 0, 0, period / 2) * rng.integers(2)
        du, dv = (u % period) - period / 2, (across % period) - period / 2
        field = np.clip(rng.uniform(0.2, 0.45) * period - np.hypot(du, dv), -1, 1)
    field = ndimage.gaussian_filter(field.astype(np.float32), rng.uniform(0.3, 1.2))
    return colourise(rng, unit(field)) if rng.random() < 0.6 else monochrome(rng, field / (field.std() + 1e-6))


def weave(rng, s):
    """Threads over and under each other: plain, twill or basket."""
    u, v = turned(rng)
    wobble = rng.uniform(0, 3)
    u, v = u + wobble * s.noise(rng, "smooth"), v + wobble * s.noise(rng, "smooth")
    period = rng.uniform(4, 22)
    iu, iv = np.floor(u / period), np.floor(v / period)
    fu, fv = u / period - iu - 0.5, v / period - iv - 0.5
    step, size = [(1, 2), (1, 3), (1, 4), (2, 4)][rng.integers(4)]
    over = ((iu // step * step + iv // step * step * rng.choice([1, -1])) % size) < size / 2
    warp = np.cos(math.pi * fu) * (0.6 + 0.4 * np.cos(math.pi * fv))
    weft = np.cos(math.pi * fv) * (0.6 + 0.4 * np.cos(math.pi * fu))
    height = np.where(over, warp, weft)
    fibre = s.noise(rng, "rough") * rng.uniform(0, 0.15)
    one, two = colour(rng), colour(rng) if rng.random() < 0.5 else None
    shade = (0.35 + 0.65 * height + fibre)[..., None]
    return np.where(over[..., None], one, one * rng.uniform(0.8, 1) if two is None else two) * shade


def cloth(rng, s):
    """Fine cloth of two yarns, every thread a little different: what a camera over a loom sees."""
    u, v = turned(rng)
    bend = rng.uniform(0, 1.5)
    u, v = u + bend * s.noise(rng, "smooth"), v + bend * s.noise(rng, "smooth")
    pitch = math.exp(rng.uniform(math.log(3), math.log(14)))
    stretch = rng.uniform(0.6, 1.7)
    iu, iv = np.floor(u / pitch), np.floor(v / (pitch * stretch))
    fu, fv = u / pitch - iu - 0.5, v / (pitch * stretch) - iv - 0.5
    repeat = int(rng.integers(2, 7))
    over = (iu + iv * rng.integers(1, repeat)) % repeat < rng.integers(1, repeat)
    fields = []
    for index in (iu, iv):  # threads differ in strength, as spun yarn does
        thread = rng.normal(1, rng.uniform(0.02, 0.15), 1024)
        fields.append(thread[index.astype(int) % 1024])
    roundness = rng.uniform(0.2, 0.8)
    warp = fields[0] * (1 - roundness * (2 * fu) ** 2) * (1 - 0.3 * (2 * fv) ** 2)
    weft = fields[1] * (1 - roundness * (2 * fv) ** 2) * (1 - 0.3 * (2 * fu) ** 2)
    fibre = 1 + rng.uniform(0, 0.2) * s.noise(rng, "rough")
    one, two = colour(rng), colour(rng)
    return np.where(over[..., None], one * (warp * fibre)[..., None], two * (weft * fibre)[..., None]).astype(np.float32)


def knurl(rng, s):
    """A fine relief under light from one side: knurled, embossed or perforated sheet."""
    u, v = turned(rng)
    pitch = math.exp(rng.uniform(math.log(3), math.log(16)))
    kind = rng.integers(3)
    if kind == 0:
        height = np.sin(2 * math.pi * u / pitch) * np.sin(2 * math.pi * v / pitch)
    elif kind == 1:
        height = np.maximum(np.abs((u / pitch) % 1 - 0.5), np.abs((v / pitch) % 1 - 0.5)) * 2
    else:
        row = np.floor(v / pitch)
        height = np.clip(np.hypot((u / pitch + 0.5 * (row % 2)) % 1 - 0.5, (v / pitch) % 1 - 0.5) * rng.uniform(2, 4), 0, 1)
    height = height + rng.uniform(0, 0.3) * s.noise(rng, "rough")
    slope, light = np.gradient(height.astype(np.float32)), rng.uniform(0, 2 * math.pi)
    shade = slope[0] * math.sin(light) + slope[1] * math.cos(light)
    return monochrome(rng, shade / (shade.std() + 1e-6) + rng.uniform(0, 1) * height)


def cells(rng, s):
    """Voronoi: granite, leather, foam, tiles with joints."""
    count = int(math.exp(rng.uniform(math.log(12), math.log(1500))))
    points = rng.uniform(-20, SIZE + 20, (count, 2))
    warp = s.noise(rng, "smooth") * rng.choice([0, 3, 8])
    near, index = cKDTree(points).query(np.stack([YY + warp, XX - warp], -1).reshape(-1, 2), k=2)
    edge = (near[:, 1] - near[:, 0]).reshape(SIZE, SIZE).astype(np.float32)
    flat = rng.uniform(0, 1, count)[index[:, 0]].reshape(SIZE, SIZE)
    kind = rng.integers(4)
    if kind == 0:
        return colourise(rng, flat)
    if kind == 1:
        return colourise(rng, unit(near[:, 0].reshape(SIZE, SIZE)))
    joint = np.clip(edge / rng.uniform(1, 6), 0, 1)
    if kind == 2:
        return monochrome(rng, (joint - joint.mean()) / (joint.std() + 1e-6) + 0.3 * s.noise(rng, "rough"))
    return colourise(rng, 0.2 * flat + 0.3) * joint[..., None] + colour(rng) * (1 - joint[..., None])


def wood(rng, s):
    u, v = turned(rng, rng.uniform(0.05, 0.4))
    rings = u + s.noise(rng, "smooth") * rng.uniform(0.5, 4) + v * 0.03
    field = (rings % 1.0) ** rng.uniform(0.5, 3) + 0.25 * s.noise(rng, "streaks")
    if rng.random() < 0.5:
        return colourise(rng, unit(field)) * rng.uniform(0.5, 1)
    return monochrome(rng, field / field.std())


def plain(rng, s):
    return colour(rng) + (s.noise(rng, "smooth") * rng.uniform(0, 0.05))[..., None]


def gradient(rng, s):
    u, v = turned(rng)
    field = u if rng.random() < 0.5 else np.hypot(u, v * rng.uniform(0.5, 1))
    return colourise(rng, unit(field))


def photo(rng, s):
    picture = s.photo(rng)
    if rng.random() < 0.15:
        picture = colourise(rng, picture.mean(-1))
    return picture


TEXTURES = [fractal, fractal, brushed, brushed, grating, weave, cloth, cloth, knurl, cells, cells, wood, plain, gradient]
TEXTURES += 3 * [photo]


def texture(rng, s):
    return TEXTURES[rng.integers(len(TEXTURES))](rng, s)


# ------------------------------------------------------------------------------------------------------------ scenes


def font(rng, size):
    names = ["Sans", "Sans-Bold", "Serif", "SansMono", "Serif-Bold", "SansCondensed"]
    return ImageFont.truetype(f"{FONTS}DejaVu{names[rng.integers(len(names))]}.ttf", size)


def word(rng):
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-./+%"
    return "".join(letters[i] for i in rng.integers(0, len(letters), rng.integers(1, 10)))


def leaf_mask(rng, size):
    """An antialiased shape of about size x size."""
    big = Image.new("L", (size * 2, size * 2))
    draw = ImageDraw.Draw(big)
    end, kind = size * 2 - 1, rng.integers(6)
    if kind <= 1:
        flat = int(end * rng.uniform(0, 0.35))
        draw.ellipse([0, flat, end, end - flat], fill=255)
    elif kind == 2:
        flat = int(end * rng.uniform(0, 0.45))
        draw.rectangle([0, flat, end, end - flat], fill=255)
    elif kind == 3:
        angles = np.sort(rng.uniform(0, 2 * math.pi, rng.integers(3, 9)))
        draw.polygon([(size + size * math.cos(a), size + size * math.sin(a)) for a in angles], fill=255)
    elif kind == 4:
        hole = int(end * rng.uniform(0.15, 0.42))
        draw.ellipse([0, 0, end, end], fill=255)
        draw.ellipse([hole, hole, end - hole, end - hole], fill=0)
    else:
        top, radius = int(end * rng.uniform(0, 0.4)), int(size * rng.uniform(0.1, 0.5))
        draw.rounded_rectangle([0, top, end, end], radius=radius, fill=255)
    return big.rotate(rng.uniform(0, 360) if rng.random() < 0.6 else 0).resize((size, size), Image.BOX)


def dead_leaves(rng, s):
    canvas = Image.fromarray(as_bytes(texture(rng, s)))
    fills = [Image.fromarray(as_bytes(texture(rng, s))) for _ in range(rng.integers(1, 4))]
    low, high = rng.uniform(4, 24), rng.uniform(40, 140)
    for _ in range(int(rng.uniform(15, 130))):
        size = int((rng.uniform(high**-2, low**-2)) ** -0.5)  # areas cover all sizes alike
        mask = leaf_mask(rng, max(size, 4))
        at = tuple(int(c) for c in rng.integers(-size // 2, SIZE - size // 2, 2))
        if rng.random() < 0.4:
            x, y = (int(c) for c in rng.integers(0, max(SIZE - mask.width, 1), 2))
            canvas.paste(fills[rng.integers(len(fills))].crop((x, y, x + mask.width, y + mask.height)), at, mask)
        else:
            canvas.paste(ink_of(colour(rng)), at, mask)
    return np.asarray(canvas, np.float32) / 255


def objects(rng, s):
    """One or a few solid parts with bevel and shadow on a ground; rows of them often."""
    picture = texture(rng, s) if rng.random() < 0.5 else plain(rng, s)
    rows = rng.integers(1, 5)
    pitch = SIZE / rows
    size = int(pitch * rng.uniform(0.5, 0.95))
    mask, fill = np.asarray(leaf_mask(rng, size), np.float32) / 255, texture(rng, s)
    inside = ndimage.distance_transform_edt(mask > 0.5)
    bevel = rng.uniform(1, size / 3)
    height = np.sqrt(np.clip(1 - (1 - np.minimum(inside / bevel, 1)) ** 2, 0, 1))
    light = rng.uniform(0, 2 * math.pi)
    slope = np.gradient(ndimage.gaussian_filter(height, 1.0))
    shade = 1 + rng.uniform(1, 6) * (slope[0] * math.sin(light) + slope[1] * math.cos(light))
    shadow = np.zeros((SIZE + 2 * size, SIZE + 2 * size), np.float32)
    alpha, lit = shadow.copy(), shadow.copy() + 1
    same = rng.random() < 0.7
    for i in range(rows * rows):
        if rng.random() < 0.04:
            continue
        y, x = size + pitch * (i // rows + 0.5) - size / 2, size + pitch * (i % rows + 0.5) - size / 2
        y, x = int(y + rng.normal(0, pitch * 0.03)), int(x + rng.normal(0, pitch * 0.03))
        here = (slice(y, y + size), slice(x, x + size))
        alpha[here] = np.maximum(alpha[here], mask)
        lit[here] = np.where(mask > 0.1, shade * (1 if same else rng.uniform(0.6, 1.3)), lit[here])
    shift = (rng.uniform(0, 8) * math.sin(light), rng.uniform(0, 8) * math.cos(light))
    shadow = ndimage.gaussian_filter(ndimage.shift(alpha, shift, order=1), rng.uniform(1, 6)) * rng.uniform(0, 0.7)
    cut = (slice(size, size + SIZE), slice(size, size + SIZE))
    alpha, lit, shadow = alpha[cut][..., None], lit[cut][..., None], shadow[cut][..., None]
    return picture * (1 - shadow) * (1 - alpha) + fill * lit * alpha


def print_page(rng, s):
    """Words, rules, boxes and bar codes on a label."""
    picture = Image.fromarray(as_bytes(plain(rng, s) if rng.random() < 0.7 else texture(rng, s)))
    draw = ImageDraw.Draw(picture)
    ink = ink_of(colour(rng))
    y = int(rng.integers(-10, 30))
    while y < SIZE:
        size, kind = int(rng.integers(7, 48)), rng.random()
        if kind < 0.65:
            x, text = int(rng.integers(-20, 60)), " ".join(word(rng) for _ in range(rng.integers(1, 9)))
            draw.text((x, y), text, fill=ink, font=font(rng, size))
        elif kind < 0.75:
            draw.line([(0, y), (SIZE, y)], fill=ink, width=int(rng.integers(1, 4)))
        elif kind < 0.85:
            left, right = int(rng.integers(0, 100)), int(rng.integers(120, 256))
            draw.rectangle([left, y, right, y + size], outline=ink, width=int(rng.integers(1, 4)))
        else:
            x = int(rng.integers(0, 80))
            while x < 200:
                wide = int(rng.integers(1, 5))
                draw.rectangle([x, y, x + wide - 1, y + size], fill=ink)
                x += wide + int(rng.integers(1, 5))
        y += int(size * rng.uniform(1.05, 1.6))
    if rng.random() < 0.5:
        picture = picture.rotate(rng.uniform(-180, 180), Image.BICUBIC, fillcolor=ink_of(colour(rng)))
    return np.asarray(picture, np.float32) / 255


def circuit(rng, s):
    """Traces, pads, vias and chips."""
    board = as_bytes(plain(rng, s) * 0.6)
    picture = Image.fromarray(board)
    draw = ImageDraw.Draw(picture)
    copper, silk, black = ink_of(colour(rng)), (230, 230, 230), ink_of(colour(rng) * 0.3)
    grid = int(rng.integers(8, 24))
    for _ in range(rng.integers(8, 40)):
        x, y = (int(c) * grid for c in rng.integers(0, SIZE // grid + 1, 2))
        path = [(x, y)]
        for _ in range(rng.integers(1, 5)):
            dx, dy = [(1, 0), (0, 1), (-1, 0), (0, -1), (1, 1), (1, -1)][rng.integers(6)]
            length = int(rng.integers(1, 8)) * grid
            path.append((path[-1][0] + dx * length, path[-1][1] + dy * length))
        draw.line(path, fill=copper, width=int(rng.integers(1, 5)), joint="curve")
        radius = int(rng.integers(2, 6))
        for px, py in (path[0], path[-1]):
            draw.ellipse([px - radius, py - radius, px + radius, py + radius], fill=copper)
            draw.ellipse([px - radius // 2, py - radius // 2, px + radius // 2, py + radius // 2], fill=black)
    for _ in range(rng.integers(0, 6)):
        x, y = (int(c) * grid for c in rng.integers(0, SIZE // grid, 2))
        w, h = (int(c) * grid for c in rng.integers(1, 6, 2))
        for px in range(x, x + w, max(grid // 2, 3)):
            draw.rectangle([px, y - 4, px + 2, y + h + 4], fill=silk)
        draw.rectangle([x, y, x + w, y + h], fill=black)
        draw.text((x + 3, y + 3), word(rng), fill=silk, font=font(rng, int(rng.integers(7, 16))))
    return np.asarray(picture, np.float32) / 255


def scatter(rng, s):
    """Many like parts thrown down: grains, capsules, screws."""
    canvas = Image.fromarray(as_bytes(texture(rng, s)))
    size, tint = int(rng.integers(8, 60)), colour(rng)
    for _ in range(int(rng.uniform(0.2, 1.2) * SIZE * SIZE / size**2)):
        mask = leaf_mask(rng, size) if rng.random() < 0.1 else Image.new("L", (size * 2, size * 2))
        if mask.width > size:
            box = [0, int(size * 0.6), 2 * size - 1, int(size * 1.4)]
            ImageDraw.Draw(mask).rounded_rectangle(box, radius=int(size * 0.4), fill=255)
            mask = mask.rotate(rng.uniform(0, 360)).resize((size, size), Image.BOX)
        inside = ndimage.gaussian_filter(np.asarray(mask, np.float32) / 255, size / 10)[..., None]
        part = Image.fromarray(as_bytes(tint * (0.3 + 0.8 * inside) * rng.uniform(0.8, 1.1)))
        canvas.paste(part, tuple(int(c) for c in rng.integers(-size // 2, SIZE - size // 2, 2)), mask)
    return np.asarray(canvas, np.float32) / 255


def blend(rng, s):
    """Two textures that meet at a line, a blob or through each other."""
    one, two = texture(rng, s), texture(rng, s)
    field = s.noise(rng, "smooth") if rng.random() < 0.5 else turned(rng)[0] / 30
    alpha = np.clip((field - rng.normal(0, 0.5)) * math.exp(rng.uniform(0, 4)) + 0.5, 0, 1)[..., None]
    if rng.random() < 0.3:
        alpha = np.full_like(alpha, rng.uniform(0.2, 0.8))
    return one * (1 - alpha) + two * alpha


# (maker, share)
SCENES = [
    (photo, 12),
    (texture, 9),
    (cloth, 3),
    (knurl, 1.5),
    (brushed, 2),
    (dead_leaves, 5),
    (objects, 5),
    (print_page, 2),
    (circuit, 1.5),
    (scatter, 2),
    (blend, 4),
]


# ----------------------------------------------------------------------------------------------------------- defects


def stroke(rng, width, turn, length):
    """Coverage of a random walk, 0..1."""
    layer = Image.new("L", (SIZE * 2, SIZE * 2))
    draw = ImageDraw.Draw(layer)
    tracks = [(rng.uniform(0, SIZE * 2), rng.uniform(0, SIZE * 2), rng.uniform(0, 2 * math.pi), length)]
    while tracks:
        x, y, angle, left = tracks.pop()
        path = [(x, y)]
        while left > 0:
            angle += rng.normal(0, turn)
            x, y = x + 6 * math.cos(angle), y + 6 * math.sin(angle)
            path.append((x, y))
            left -= 6
            if turn > 0.3 and rng.random() < 0.03 and len(tracks) < 4:
                tracks.append((x, y, angle + rng.choice([-1, 1]) * rng.uniform(0.4, 1.2), left * 0.6))
        draw.line(path, fill=255, width=max(int(width * 2), 1))
    return np.asarray(layer.resize((SIZE, SIZE), Image.BOX), np.float32) / 255


def blob(rng, s, size):
    """Coverage of an irregular spot."""
    cy, cx = rng.uniform(10, SIZE - 10, 2)
    far = np.hypot((YY - cy) * rng.uniform(0.5, 1.5), XX - cx) / size
    return np.clip((1 - far + 0.25 * s.noise(rng, "smooth")) * rng.uniform(1.5, 8), 0, 1)


def rearranged(rng, s, picture):
    """The picture's own material in the wrong place: a piece from elsewhere, pulled, washed out or wiped away."""
    alpha = blob(rng, s, rng.uniform(4, 30))[..., None]
    kind = rng.integers(4)
    if kind == 0:  # a piece from elsewhere, turned at times
        other = np.roll(picture, [int(n) for n in rng.integers(-SIZE // 2, SIZE // 2, 2)], (0, 1))
        other = other.transpose(1, 0, 2) if rng.random() < 0.3 else other
    elif kind == 1:  # pulled to one side
        by = rng.uniform(-12, 12, 2)
        at = [YY + by[0] * alpha[..., 0], XX + by[1] * alpha[..., 0]]
        channels = [ndimage.map_coordinates(picture[..., c], at, order=1, mode="nearest") for c in range(3)]
        return np.stack(channels, -1)
    elif kind == 2:  # structure lost
        other = ndimage.gaussian_filter(picture, [rng.uniform(1.5, 6)] * 2 + [0])
    else:  # colour or contrast lost
        middle = picture.mean((0, 1), keepdims=True)
        other = middle + (picture - middle) * rng.uniform(0.2, 0.7) + rng.normal(0, 0.08, 3)
    return picture * (1 - alpha) + other * alpha


def straight(rng, s, picture):
    """A band along an axis is wrong: a thread or a line that is missing, doubled, shifted or of another colour."""
    wide, long = int(rng.integers(2, 9)), int(rng.integers(12, 160))
    y, x = int(rng.integers(0, SIZE - wide)), int(rng.integers(0, SIZE - long))
    across = rng.random() < 0.5
    out = (picture.transpose(1, 0, 2) if across else picture).copy()
    band, kind = out[y : y + wide, x : x + long], rng.integers(3)
    if kind == 0:
        out[y : y + wide, x : x + long] = np.roll(out, int(rng.integers(2, 24)), 1)[y : y + wide, x : x + long]
    elif kind == 1:
        out[y : y + wide, x : x + long] = band + rng.normal(0, 0.12, 3)
    else:
        out[y : y + wide, x : x + long] = band.mean((0, 1)) + rng.uniform(0, 0.5) * (band - band.mean((0, 1)))
    return out.transpose(1, 0, 2) if across else out


def add_defect(rng, s, picture):
    kind, strength = rng.integers(10), rng.uniform(0.1, 0.9)
    if kind >= 6:
        return straight(rng, s, picture) if kind == 6 else rearranged(rng, s, picture)
    if kind == 0:  # scratch
        alpha = stroke(rng, rng.uniform(0.5, 2), rng.uniform(0, 0.12), rng.uniform(40, 500)) * strength
        return picture * (1 - alpha[..., None]) + alpha[..., None] * rng.choice([0.05, 0.95])
    if kind == 1:  # crack
        alpha = stroke(rng, rng.uniform(0.5, 3), rng.uniform(0.3, 0.8), rng.uniform(60, 600)) * strength
        return picture * (1 - alpha[..., None])
    if kind == 2:  # stain
        alpha = blob(rng, s, rng.uniform(5, 50))[..., None] * strength * 0.7
        return picture * (1 - alpha + alpha * colour(rng))
    if kind == 3:  # pits and specks
        alpha = np.zeros((SIZE, SIZE), np.float32)
        for _ in range(rng.integers(1, 6)):
            alpha = np.maximum(alpha, blob(rng, s, rng.uniform(1.5, 8)))
        alpha = alpha[..., None] * strength
        return picture * (1 - alpha) + alpha * (colour(rng) if rng.random() < 0.5 else 0.05)
    if kind == 4:  # dent: light on one side, dark on the other
        bump = ndimage.gaussian_filter(blob(rng, s, rng.uniform(4, 25)), 2)
        slope = ndimage.sobel(bump, int(rng.integers(2)))
        return picture + slope[..., None] * rng.uniform(0.1, 0.8)
    other = texture(rng, s)  # something else lies or shows there
    alpha = blob(rng, s, rng.uniform(4, 40))[..., None]
    return picture * (1 - alpha) + other * alpha


# --------------------------------------------------------------------------------------------------------- finishing


def light(rng, s, picture):
    field = np.zeros((SIZE, SIZE), np.float32)
    if rng.random() < 0.6:
        u, _ = turned(rng)
        field = field + u / SIZE * rng.uniform(0, 0.6)
    if rng.random() < 0.3:
        cy, cx = rng.uniform(0, SIZE, 2)
        field = field + rng.uniform(-0.5, 0.7) * np.exp(-((YY - cy) ** 2 + (XX - cx) ** 2) / rng.uniform(30, 150) ** 2)
    if rng.random() < 0.3:
        field = field + rng.uniform(0, 0.15) * s.noise(rng, "smooth")
    return picture * np.clip(1 + field, 0.1, 2)[..., None]


def finish(rng, s, picture):
    """What stands between a scene and a file: light, lens, contrast, sensor, compression."""
    if rng.random() < 0.5:
        picture = light(rng, s, picture)
    if rng.random() < 0.4:
        picture = ndimage.gaussian_filter(picture, [rng.uniform(0.3, 1.8)] * 2 + [0])
    if rng.random() < 0.35:
        picture = np.repeat(picture @ np.array([[0.299], [0.587], [0.114]], np.float32), 3, -1)
    if rng.random() < 0.3:  # as cameras over metal see it: little contrast about a middle grey
        middle = picture.mean((0, 1), keepdims=True)
        level = rng.uniform(0.25, 0.75) * rng.uniform(0.9, 1.1)
        picture = level + (picture - middle) * math.exp(rng.uniform(math.log(0.12), 0))
    if rng.random() < 0.5:
        grain = rng.standard_normal((SIZE, SIZE, rng.choice([1, 3]))).astype(np.float32)
        if rng.random() < 0.3:
            grain = ndimage.gaussian_filter(grain, [0.7, 0.7, 0]) * 2
        picture = picture + grain * math.exp(rng.uniform(math.log(0.004), math.log(0.05)))
    data = as_bytes(picture)
    if rng.random() < 0.3:
        file = io.BytesIO()
        Image.fromarray(data).save(file, "JPEG", quality=int(rng.integers(35, 96)))
        data = np.asarray(Image.open(file))
    return data


def pair(seed, index, source):
    """A scene as it should be and the same one with 1 to 3 defects: uint8 [2, 256, 256, 3]."""
    rng = np.random.default_rng([seed, index])
    shares = np.array([share for _, share in SCENES])
    scene = SCENES[rng.choice(len(SCENES), p=shares / shares.sum())][0]
    good = np.asarray(scene(rng, source), np.float32)
    bad = good
    for _ in range(rng.integers(1, 4)):
        bad = add_defect(rng, source, bad)
    return np.stack([finish(np.random.default_rng([seed, index, 1]), source, image) for image in (good, bad)])


# ----------------------------------------------------------------------------------------------------------- command


def fill(path, seed, first, step):
    pool, source = np.load(path, mmap_mode="r+"), Source(seed)
    for i in range(first, len(pool), step):
        pool[i] = pair(seed, i, source)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pool", nargs="?")
    parser.add_argument("--count", type=int, default=6000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--sheet")
    args = parser.parse_args()
    if args.sheet:
        source = Source(args.seed)
        rows = [np.hstack([each for c in range(5) for each in pair(args.seed, r * 5 + c, source)]) for r in range(7)]
        Image.fromarray(np.vstack(rows)).resize((1600, 1120), Image.BOX).save(args.sheet)
    if args.pool:
        np.lib.format.open_memmap(args.pool, "w+", np.uint8, (args.count, 2, SIZE, SIZE, 3)).flush()
        shares = [(args.pool, args.seed, first, args.processes) for first in range(args.processes)]
        work = [multiprocessing.Process(target=fill, args=share) for share in shares]
        for process in work:
            process.start()
        for process in work:
            process.join()
        raise SystemExit(max(abs(process.exitcode) for process in work))


if __name__ == "__main__":
    main()
