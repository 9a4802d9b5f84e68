#!/usr/bin/env python3
"""Masks in the forms that people save them in, all of one defect: rows 1..8, columns 2..9 of 12 rows and 16 columns.

Written by Pillow, and by hand where Pillow has no such mode (PNG of 16 bits in colour or with alpha). Usage:
/usr/bin/python3 tests/golden/make_masks.py
"""
import os
import struct
import zlib

import numpy as np
from PIL import Image

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "masks")
TRUTH = np.zeros((12, 16), np.uint8)
TRUTH[1:9, 2:10] = 1


def path(name):
    return os.path.join(OUT, name)


def png16(name, kind, samples):
    """samples [rows, columns, n] of 16 bits; kind: PNG's colour type."""
    height, width = samples.shape[:2]
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in samples)

    def chunk(tag, data):
        return struct.pack(">I", len(data)) + tag + data + struct.pack(">I", zlib.crc32(tag + data))

    header = struct.pack(">IIBBBBB", width, height, 16, kind, 0, 0, 0)
    with open(path(name), "wb") as out:
        out.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b""))


def main():
    os.makedirs(OUT, exist_ok=True)
    for value in (1, 255):
        Image.fromarray(TRUTH * value).save(path(f"grey8_{value}.png"))
    for value in (1, 255, 65535):
        Image.fromarray(TRUTH.astype(np.uint16) * value).save(path(f"grey16_{value}.png"))
        Image.fromarray(TRUTH.astype(np.uint16) * value).save(path(f"grey16_{value}.tif"))
    blue = np.zeros((12, 16, 3), np.uint16)
    blue[..., 2] = TRUTH
    png16("rgb16_blue.png", 2, blue)
    opaque = np.full((12, 16, 2), 65535, np.uint16)
    opaque[..., 0] = TRUTH
    png16("grey16_alpha.png", 4, opaque)
    colours = np.full((12, 16, 4), 65535, np.uint16)
    colours[..., :3] = blue
    png16("rgb16_alpha.png", 6, colours)
    Image.fromarray(TRUTH * 7).save(path("grey8_7.bmp"))
    classes = Image.fromarray(TRUTH * 3, "P")
    classes.putpalette([0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 40])
    classes.save(path("palette_3.png"))
    with open(path("grey16_2.pgm"), "wb") as out:
        out.write(b"P5\n16 12\n65535\n" + (TRUTH.astype(np.uint16) * 2).astype(">u2").tobytes())
    edge = Image.fromarray(TRUTH * 255)
    edge.save(path("grey8.jpg"), quality=60)
    dust = np.asarray(Image.open(path("grey8.jpg")))
    assert ((dust > 0) != (TRUTH > 0)).any() and ((dust >= 128) == (TRUTH > 0)).all()


if __name__ == "__main__":
    main()
