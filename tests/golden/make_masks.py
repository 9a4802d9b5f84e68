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


def hand_tiff(width, height, bits, rows, photometric=1, orientation=1):
    shorts = {256: width, 257: height, 258: bits, 259: 1, 262: photometric, 274: orientation, 277: 1, 278: height}
    longs = {273: 8 + 2 + 12 * 10 + 4, 279: len(rows)}
    entries = [struct.pack("<HHIHH", tag, 3, 1, v, 0) for tag, v in shorts.items()]
    entries += [struct.pack("<HHII", tag, 4, 1, v) for tag, v in longs.items()]
    entries.sort(key=lambda e: struct.unpack("<H", e[:2]))
    return b"II*\0" + struct.pack("<IH", 8, 10) + b"".join(entries) + struct.pack("<I", 0) + rows


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
    Image.fromarray(TRUTH * 255).save(path("grey8_255.gif"))
    colours = Image.fromarray(TRUTH * 2, "P")
    colours.putpalette([0, 0, 0, 255, 0, 0, 0, 0, 9])
    colours.save(path("palette_2.gif"))
    red = np.zeros((12, 16, 3), np.uint8)
    red[..., 2] = TRUTH * 3
    Image.fromarray(red).save(path("blue_3.tif"), compression="tiff_lzw")
    Image.fromarray(red).save(path("lossless_1.webp"), lossless=True)
    colours = Image.fromarray(TRUTH, "P")
    colours.putpalette([0, 0, 0, 0, 200, 0])
    colours.save(path("palette_1.tif"))
    bits = "".join(format(int(v), "012b") for v in TRUTH.reshape(-1))
    with open(path("grey12_1.tif"), "wb") as out:
        out.write(hand_tiff(16, 12, 12, bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits), 8))))
    with open(path("white_is_zero16_1.tif"), "wb") as out:
        out.write(hand_tiff(16, 12, 16, (65535 - TRUTH.astype(np.uint16)).astype("<u2").tobytes(), photometric=0))
    with open(path("turned3_1.tif"), "wb") as out:
        out.write(hand_tiff(16, 12, 8, np.ascontiguousarray(TRUTH[::-1, ::-1]).tobytes(), orientation=3))
    Image.fromarray(TRUTH * 255).convert("1").save(path("bits.png"))
    Image.fromarray(TRUTH * 255).convert("1").save(path("bits.pbm"), "PPM")
    info = struct.pack("<IiiHHIIiiII", 40, 16, 12, 1, 8, 0, 0, 2835, 2835, 0, 0)
    with open(path("no_palette_1.bmp"), "wb") as out:
        out.write(b"BM" + struct.pack("<IHHI", 54 + 192, 0, 0, 54) + info + TRUTH[::-1].tobytes())
    edge = Image.fromarray(TRUTH * 255)
    edge.save(path("grey8.jpg"), quality=60)
    edge.save(path("grey8.jfif"), "JPEG", quality=60)
    dust = np.asarray(Image.open(path("grey8.jpg")))
    assert ((dust > 0) != (TRUTH > 0)).any() and ((dust >= 128) == (TRUTH > 0)).all()


if __name__ == "__main__":
    main()
