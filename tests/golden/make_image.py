#!/usr/bin/python3
"""Makes tests/golden/image/: small pictures in every format and mode, and what Pillow, scikit-image give for them; and
tests/fuzz/corpus/image_decode/: tiny ones, whole and broken, that a fuzzer starts from.

Run in the repository's root: /usr/bin/python3 tests/golden/make_image.py
Needs Pillow 9.4, NumPy, scikit-image 0.19, tifffile. Deterministic.

decode.txt      file width height hash-of-the-RGB-bytes
resize.txt      width height channels -> width height filter hash; input by the generator below
morphology.txt  width height sparsity operation radius hash; input by the generator below
bayer.txt       pattern bits width height hash; input by the generator below
regions.txt     the regions of one mask, in order, as okng_mask_regions lists them
*.rgb           a few whole results, raw RGB, for looking at a difference
Hashes are 64-bit FNV-1a. Inputs that are not files are made by the same formula in tests/unit/test_image.h.
"""
import io
import os
import struct
import zlib

import numpy as np
import tifffile
from PIL import Image
from skimage.measure import label, regionprops
from skimage.morphology import binary_closing, binary_opening, disk

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, "image")
CORPUS = os.path.join(HERE, "..", "fuzz", "corpus", "image_decode")


def fnv(data):
    value = 0xCBF29CE484222325
    for byte in bytes(data):
        value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return "%016x" % value


def noise(count, seed):
    """Numerical Recipes' linear congruential generator, the top 8 bits of each state."""
    state, out = seed, np.empty(count, np.uint8)
    for i in range(count):
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        out[i] = state >> 24
    return out


def photo(width, height, channels, seed=1):
    """Smooth gradients, an edge and some noise: what coders of photos expect."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    planes = []
    for c in range(channels):
        plane = 128 + 70 * np.sin(x / (7 + c) + c) + 50 * np.cos(y / (5 + 2 * c))
        plane += np.where((x - width / 2) ** 2 + (y - height / 3) ** 2 < (height / 4) ** 2, 60 - 50 * c, 0)
        planes.append(plane)
    picture = np.stack(planes, -1) + noise(height * width * channels, seed).reshape(height, width, channels) / 16
    return np.clip(picture, 0, 255).astype(np.uint8)


# ---- PNG that Pillow does not write ----------------------------------------------------------------------------------

def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_rows(samples, bits):
    rows = b""
    for row in samples.reshape(samples.shape[0], -1):
        if bits == 16:
            packed = row.astype(">u2").tobytes()
        elif bits == 8:
            packed = row.astype(np.uint8).tobytes()
        else:
            text = "".join(format(int(v), "0%db" % bits) for v in row)
            text += "0" * (-len(text) % 8)
            packed = bytes(int(text[i:i + 8], 2) for i in range(0, len(text), 8))
        rows += b"\0" + packed
    return rows


def png(samples, bits, colour, interlaced=False, extra=b""):
    height, width = samples.shape[:2]
    if interlaced:
        passes = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]
        rows = b"".join(png_rows(samples[y::dy, x::dx], bits) for y, x, dy, dx in passes if samples[y::dy, x::dx].size)
    else:
        rows = png_rows(samples, bits)
    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, int(interlaced))
    data = zlib.compress(rows, 9)
    half = len(data) // 2
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", data[:half]) +
            chunk(b"IDAT", data[half:]) + chunk(b"IEND", b""))


def wide(width, height, channels, seed):
    count = width * height * channels
    return (noise(count, seed).astype(np.uint16) << 8 | noise(count, seed + 1)).reshape(height, width, channels)


# ---- BMP that Pillow does not write ----------------------------------------------------------------------------------

def bmp(width, height, bits, rows, palette=b"", compression=0, masks=b"", gap=0, info=None):
    if info is None:
        info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, bits, compression, 0, 2835, 2835,
                           len(palette) // 4, 0)
    offset = 14 + len(info) + len(masks) + len(palette) + gap
    return b"BM" + struct.pack("<IHHI", offset + len(rows), 0, 0, offset) + info + masks + palette + bytes(gap) + rows


def bmp_rows(width, height, bits, seed):
    size = (width * bits + 31) // 32 * 4
    return noise(size * height, seed).tobytes()


# ---- the pictures ----------------------------------------------------------------------------------------------------

def saved(array, format, mode=None, **options):
    image = array if isinstance(array, Image.Image) else Image.fromarray(array)
    if mode:
        image = image.convert(mode)
    out = io.BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


def tiff(array, **options):
    out = io.BytesIO()
    tifffile.imwrite(out, array, metadata=None, software=None, **options)
    return out.getvalue()


def jpegs():
    rgb, grey = photo(61, 43, 3), photo(61, 43, 1)[..., 0]
    cmyk = Image.fromarray(photo(61, 43, 4), "CMYK")
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation
    plain = saved(rgb, "JPEG", quality=90, subsampling=0)
    adobe = b"\xff\xee" + struct.pack(">H5sHHHB", 14, b"Adobe", 100, 0, 0, 0)
    app0 = 4 + struct.unpack(">H", plain[4:6])[0]
    cmyk_file = saved(cmyk, "JPEG", quality=90)
    mark = cmyk_file.index(b"Adobe") + 11
    return {
        "rgb444.jpg": plain,
        "rgb422.jpg": saved(rgb, "JPEG", quality=85, subsampling=1),
        "rgb420.jpg": saved(rgb, "JPEG", quality=75, subsampling=2),
        "progressive.jpg": saved(rgb, "JPEG", quality=80, progressive=True),
        "grey.jpg": saved(grey, "JPEG", quality=80),
        "exif.jpg": saved(rgb, "JPEG", quality=80, exif=exif),
        "adobe_rgb.jpg": plain[:2] + adobe + plain[app0:],
        "cmyk.jpg": cmyk_file,
        "ycck.jpg": cmyk_file[:mark] + b"\x02" + cmyk_file[mark + 1:],
        "one_pixel.jpg": saved(rgb[:1, :1], "JPEG"),
    }


def pngs():
    rgb, rgba, grey = photo(37, 29, 3), photo(37, 29, 4), photo(37, 29, 1)[..., 0]
    palette = Image.fromarray(rgb).quantize(16)
    five = (noise(37 * 29, 5) % 5).reshape(29, 37)
    files = {
        "rgb.png": saved(rgb, "PNG"),
        "rgba.png": saved(rgba, "PNG"),
        "grey.png": saved(grey, "PNG"),
        "grey_alpha.png": saved(Image.fromarray(rgba).convert("LA"), "PNG"),
        "bits.png": saved(grey, "PNG", mode="1"),
        "palette.png": saved(palette, "PNG"),
        "palette_alpha.png": saved(palette, "PNG", transparency=bytes(range(0, 256, 16))),
        "palette2.png": png(five % 4, 2, 3, extra=chunk(b"PLTE", bytes(noise(12, 6)))),
        "colour_key.png": saved(rgb, "PNG", transparency=tuple(int(v) for v in rgb[0, 0])),
        "grey2.png": png(five % 4, 2, 0),
        "grey4.png": png(five * 3, 4, 0),
        "rgb16.png": png(wide(37, 29, 3, 7), 16, 2),
        "rgba16.png": png(wide(37, 29, 4, 8), 16, 6),
        "grey_alpha16.png": png(wide(37, 29, 2, 9), 16, 4),
        "grey16.png": png(wide(37, 29, 1, 10), 16, 0),
        "interlaced.png": png(rgb, 8, 2, interlaced=True),
        "interlaced_bits.png": png(five % 2, 1, 0, interlaced=True),
        "one_pixel.png": saved(rgb[:1, :1], "PNG"),
    }
    return files


def tiffs():
    rgb, rgba, grey = photo(37, 29, 3), photo(37, 29, 4), photo(37, 29, 1)[..., 0]
    palette = Image.fromarray(rgb).quantize(32)
    bits = Image.fromarray(grey).convert("1")
    square = photo(40, 35, 3)
    return {
        "rgb.tif": saved(rgb, "TIFF"),
        "rgba.tif": saved(rgba, "TIFF"),
        "grey.tif": saved(grey, "TIFF"),
        "palette.tif": saved(palette, "TIFF"),
        "bits.tif": saved(bits, "TIFF"),
        "group4.tif": saved(bits, "TIFF", compression="group4"),
        "cmyk.tif": saved(Image.fromarray(photo(37, 29, 4), "CMYK"), "TIFF"),
        "lzw.tif": saved(rgb, "TIFF", compression="tiff_lzw", tiffinfo={317: 2}),
        "deflate.tif": saved(rgb, "TIFF", compression="tiff_adobe_deflate"),
        "packbits.tif": saved(rgba, "TIFF", compression="packbits"),
        "jpeg.tif": saved(rgb, "TIFF", compression="jpeg", quality=85),
        "tiled.tif": tiff(square, tile=(16, 16), photometric="rgb"),
        "planar.tif": tiff(np.moveaxis(rgb, -1, 0).copy(), planarconfig="separate", photometric="rgb"),
        "strips.tif": tiff(rgb, rowsperstrip=8, photometric="rgb"),
        "rgb16.tif": tiff(wide(37, 29, 3, 11), photometric="rgb"),
        "rgb16_big.tif": tiff(wide(37, 29, 3, 12), photometric="rgb", byteorder=">"),
        "rgb16_deflate.tif": tiff(wide(37, 29, 3, 11), photometric="rgb", byteorder=">", compression="zlib"),
        "grey16.tif": tiff(wide(37, 29, 1, 13)[..., 0], photometric="minisblack"),
        "white_is_zero.tif": tiff(grey, photometric="miniswhite"),
        "premultiplied.tif": tiff(rgba, photometric="rgb", extrasamples=["assocalpha"]),
        "grey_alpha.tif": tiff(np.stack([grey, grey[::-1]], -1), photometric="minisblack",
                               planarconfig="contig", extrasamples=["unassalpha"]),
        "big.tif": tiff(rgb, photometric="rgb", bigtiff=True),
        "pages.tif": saved(rgb, "TIFF", save_all=True, append_images=[Image.fromarray(rgb[::-1].copy())]),
    }


def webps():
    rgb, rgba = photo(45, 33, 3), photo(45, 33, 4)
    return {
        "lossy.webp": saved(rgb, "WEBP", quality=80),
        "lossless.webp": saved(rgb, "WEBP", lossless=True),
        "lossy_alpha.webp": saved(rgba, "WEBP", quality=70),
        "lossless_alpha.webp": saved(rgba, "WEBP", lossless=True, exact=True),
    }


def bmps():
    rgb, grey = photo(37, 29, 3), photo(37, 29, 1)[..., 0]
    colours = noise(4 * 256, 20).reshape(256, 4)
    colours[:, 3] = 0
    colours = colours.tobytes()
    os2 = struct.pack("<IHHHH", 12, 37, 29, 1, 8)
    os2_palette = b"".join(colours[4 * i:4 * i + 3] for i in range(256))
    fields = lambda *masks: struct.pack("<%dI" % len(masks), *masks)
    v4 = struct.pack("<IiiHHIIiiII", 108, 37, 29, 1, 32, 3, 0, 0, 0, 0, 0) + fields(0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    return {
        "rgb.bmp": saved(rgb, "BMP"),
        "rgba.bmp": saved(photo(37, 29, 4), "BMP"),
        "grey.bmp": saved(grey, "BMP"),
        "bits.bmp": saved(grey, "BMP", mode="1"),
        "palette.bmp": saved(Image.fromarray(rgb).quantize(256), "BMP"),
        "palette4.bmp": bmp(37, 29, 4, bmp_rows(37, 29, 4, 21), colours[:64]),
        "top_down.bmp": bmp(37, -29, 24, bmp_rows(37, 29, 24, 22)),
        "rgb555.bmp": bmp(37, 29, 16, bmp_rows(37, 29, 16, 23)),
        "rgb565.bmp": bmp(37, 29, 16, bmp_rows(37, 29, 16, 24), compression=3, masks=fields(0xF800, 0x7E0, 0x1F)),
        "fields32.bmp": bmp(37, 29, 32, bmp_rows(37, 29, 32, 25), compression=3,
                            masks=fields(0xFF0000, 0xFF00, 0xFF)),
        "v4.bmp": bmp(37, 29, 32, bmp_rows(37, 29, 32, 26), info=v4 + bytes(108 - len(v4))),
        "gap.bmp": bmp(37, 29, 24, bmp_rows(37, 29, 24, 27), gap=10),
        "no_palette.bmp": bmp(37, 29, 8, bmp_rows(37, 29, 8, 32)),
        "no_palette4.bmp": bmp(37, 29, 4, bmp_rows(37, 29, 4, 33)),
        "os2.bmp": bmp(37, 29, 8, bmp_rows(37, 29, 8, 28), os2_palette, info=os2),
    }


def pnms():
    rgb, grey = photo(37, 29, 3), photo(37, 29, 1)[..., 0]
    some = noise(37 * 29 * 3, 30)
    text = lambda values: b"\n".join(b" ".join(b"%d" % v for v in values[i:i + 12]) for i in range(0, len(values), 12))
    deep = wide(37, 29, 3, 31).astype(">u2")
    return {
        "p1.pbm": b"P1 # bits as text\n37 29\n" + text(some[:37 * 29] % 2) + b"\n",
        "p2.pgm": b"P2\n37 29\n# seven values\n6\n" + text(some[:37 * 29] % 7) + b"\n",
        "p3.ppm": b"P3 37 29 255\n" + text(some) + b"\n",
        "p4.pbm": saved(grey, "PPM", mode="1"),
        "p5.pgm": saved(grey, "PPM"),
        "p6.ppm": saved(rgb, "PPM"),
        "p6_max100.ppm": b"P6 # up to 100\n37\t29\n100\n" + (some % 101).tobytes(),
        "p6_16.ppm": b"P6\n37 29\n65535\n" + deep.tobytes(),
        "p6_10.ppm": b"P6\n37 29\n1023\n" + (deep % 1024).astype(">u2").tobytes(),
        "p5_16.pgm": b"P5\n37 29\n65535\n" + deep[..., 0].tobytes(),
    }


# ---- pictures as cameras write them ----------------------------------------------------------------------------------

def hand_tiff(width, height, bits, rows, photometric=1, samples=1, tags=(), rows_per_strip=None):
    """A little-endian TIFF of one strip; tags: (number, type, packed value of at most 4 bytes or (offset type) more)."""
    entries = [(256, 3, struct.pack("<HH", width, 0)), (257, 3, struct.pack("<HH", height, 0)),
               (259, 3, struct.pack("<HH", 1, 0)), (262, 3, struct.pack("<HH", photometric, 0)),
               (277, 3, struct.pack("<HH", samples, 0)), (278, 3, struct.pack("<HH", height, 0)),
               (279, 4, struct.pack("<I", len(rows)))] + list(tags)
    if samples == 1:
        entries.append((258, 3, struct.pack("<HH", bits, 0)))
    count = len(entries) + 1 + (samples > 1)
    data_at = 8 + 2 + 12 * count + 4
    entries.append((273, 4, struct.pack("<I", data_at)))
    body = rows
    out = b""
    if samples > 1:
        entries.append((258, 3, None))
        body = rows + b"\0" * (len(rows) % 2)
    for tag, kind, value in sorted(entries):
        n = samples if value is None else 1
        value = struct.pack("<I", data_at + len(body)) if value is None else value
        out += struct.pack("<HHI", tag, kind, n) + value
    tail = struct.pack("<%dH" % samples, *[bits] * samples) if samples > 1 else b""
    return b"II*\0" + struct.pack("<IH", 8, count) + out + struct.pack("<I", 0) + body + tail


def packed(samples, bits):
    """Rows of samples, the first in the uppermost bits, each row filled up to a byte."""
    out = b""
    for row in samples.reshape(samples.shape[0], -1):
        text = "".join(format(int(v), "0%db" % bits) for v in row)
        text += "0" * (-len(text) % 8)
        out += bytes(int(text[i:i + 8], 2) for i in range(0, len(text), 8))
    return out


def turned(array, tag):
    """How a picture that is upright as `array` lies in a file of this orientation."""
    return {1: lambda a: a, 2: lambda a: a[:, ::-1], 3: lambda a: a[::-1, ::-1], 4: lambda a: a[::-1],
            5: lambda a: a.swapaxes(0, 1), 6: lambda a: np.rot90(a, 1), 7: lambda a: a[::-1, ::-1].swapaxes(0, 1),
            8: lambda a: np.rot90(a, -1)}[tag](array)


def pgm16(samples):
    return b"P5\n%d %d\n65535\n" % samples.shape[::-1] + samples.astype(">u2").tobytes()


def cameras():
    """name: (file, samples, bits): the upper 8 of the lower `bits` of the samples are the picture."""
    deep = wide(37, 29, 1, 50)[..., 0]
    colour = wide(37, 29, 3, 51)
    twelve, ten, fourteen = deep >> 4, deep >> 6, deep >> 2
    files = {
        "low12.png": (png(twelve[..., None], 16, 0), twelve, 12),
        "low12_interlaced.png": (png(twelve[..., None], 16, 0, interlaced=True), twelve, 12),
        "low10_dark.png": (png((ten // 2)[..., None], 16, 0, extra=chunk(b"sBIT", b"\x0a")), ten // 2, 10),
        "low12_dark.png": (png((ten // 2)[..., None], 16, 0, extra=chunk(b"sBIT", b"\x0c")), ten // 2, 12),
        "high12.png": (png((twelve << 4)[..., None], 16, 0, extra=chunk(b"sBIT", b"\x0c")), deep, 16),
        "high12_dark.png": (png(((twelve >> 2) << 4)[..., None], 16, 0), (twelve >> 2) << 4, 16),
        "low12_rgb.png": (png(colour >> 4, 16, 2), colour >> 4, 12),
        "low14.tif": (tiff(fourteen, photometric="minisblack"), fourteen, 14),
        "low12_white_is_zero.tif": (tiff(4095 - twelve, photometric="miniswhite"), twelve, 12),
        "low12_alpha.tif": (tiff(np.stack([twelve, np.full_like(twelve, 65535)], -1), photometric="minisblack",
                                 planarconfig="contig", extrasamples=["unassalpha"]), twelve, 12),
        "low12_planar.tif": (tiff(np.moveaxis(colour >> 4, -1, 0).copy(), planarconfig="separate", photometric="rgb",
                                  compression="zlib"), colour >> 4, 12),
        "low12_tiled.tif": (tiff(colour >> 4, tile=(16, 16), photometric="rgb", compression="zlib"), colour >> 4, 12),
        "low12_turned.tif": (tiff(turned(twelve, 6).copy(), photometric="minisblack",
                                  extratags=[(274, 3, 1, 6, True)]), twelve, 12),
        "smax12_dark.tif": (tiff(ten // 2, photometric="minisblack", extratags=[(341, 3, 1, 4095, True)]), ten // 2, 12),
        "high10.tif": (tiff(ten << 6, photometric="minisblack", byteorder=">"), ten << 6, 16),
        "packed12.tif": (hand_tiff(37, 29, 12, packed(twelve, 12)), twelve, 12),
        "packed10.tif": (hand_tiff(37, 29, 10, packed(ten, 10)), ten, 10),
        "packed14.tif": (hand_tiff(37, 29, 14, packed(fourteen, 14)), fourteen, 14),
        "packed12_dark.tif": (hand_tiff(37, 29, 12, packed(ten // 4, 12)), ten // 4, 12),
        "packed12_white_is_zero.tif": (hand_tiff(37, 29, 12, packed(4095 - twelve, 12), photometric=0), twelve, 12),
        "packed12_rgb.tif": (hand_tiff(37, 29, 12, packed(colour >> 4, 12), photometric=2, samples=3), colour >> 4, 12),
        "packed12_turned.tif": (hand_tiff(29, 37, 12, packed(turned(twelve, 8), 12),
                                          tags=[(274, 3, struct.pack("<HH", 8, 0))]), twelve, 12),
        "low12.pgm": (pgm16(twelve), twelve, 12),
        "low8.tif": (tiff((deep >> 8).astype(np.uint16), photometric="minisblack"), deep >> 8, 8),
    }
    return files


def orientations():
    rgb, grey, deep = photo(37, 29, 3), photo(37, 29, 1)[..., 0], wide(37, 29, 1, 52)[..., 0]
    files = {}
    for tag in range(2, 9):
        mark = dict(extratags=[(274, 3, 1, tag, True)])
        kinds = {"rgb": (rgb, dict(photometric="rgb")), "grey": (grey, dict(photometric="minisblack", tile=(16, 16))),
                 "deflate": (rgb, dict(photometric="rgb", compression="zlib", rowsperstrip=5)),
                 "deep": (deep, dict(photometric="minisblack"))}
        for name in kinds if tag in (5, 6) else ("rgb", "deep"):
            array, options = kinds[name]
            files["turned%d_%s.tif" % (tag, name)] = (tiff(turned(array, tag).copy(), **options, **mark), array)
    return files


def gif_blocks(data):
    return b"".join(bytes([len(data[i:i + 255])]) + data[i:i + 255] for i in range(0, len(data), 255)) + b"\0"


def gifs():
    rgb, grey = photo(37, 29, 3), photo(37, 29, 1)[..., 0]
    colours = Image.fromarray(rgb).quantize(256)
    few = Image.fromarray(rgb).quantize(5)
    mess = noise(200 * 150, 60).reshape(150, 200)
    first, second = Image.fromarray(rgb).quantize(16), Image.fromarray(rgb[::-1].copy()).quantize(16)
    whole = saved(few, "GIF", interlace=0)
    plain = bytearray(saved(few, "GIF", interlace=0))
    at = plain.index(b",", 13 + 3 * (2 << (plain[10] & 7)))
    shifted = bytearray(plain)
    shifted[6:10] = struct.pack("<HH", 60, 50)
    shifted[at + 1:at + 5] = struct.pack("<HH", 11, 7)
    clear = saved(few, "GIF", interlace=0, transparency=3)
    clear = bytearray(clear)
    at = clear.index(b",", 13 + 3 * (2 << (clear[10] & 7)))
    clear[6:10] = struct.pack("<HH", 60, 50)
    clear[at + 1:at + 5] = struct.pack("<HH", 11, 7)
    beyond = bytearray(plain)
    beyond[6:10] = struct.pack("<HH", 20, 20)
    return {"grey.gif": saved(grey, "GIF", interlace=0), "colours.gif": saved(colours, "GIF", interlace=0),
            "interlaced.gif": saved(colours, "GIF", interlace=1), "few.gif": whole,
            "mess.gif": saved(mess, "GIF", interlace=1), "bits.gif": saved(grey, "GIF", mode="1"),
            "animated.gif": saved(first, "GIF", save_all=True, append_images=[second]),
            "shifted.gif": bytes(shifted), "shifted_clear.gif": bytes(clear), "beyond.gif": bytes(beyond)}


def expected(name, data):
    """What Pillow gives, but for 16-bit grey, which Pillow cuts off at 255: its high byte, or scaled in PNM."""
    if name in CAMERAS:
        _, samples, bits = CAMERAS[name]
        byte = np.minimum(samples, 2 ** bits - 1) >> (bits - 8)
        return np.repeat(byte[..., None], 3, -1).astype(np.uint8) if byte.ndim == 2 else byte.astype(np.uint8)
    if name in TURNED and name.endswith("deep.tif"):
        grey = TURNED[name][1] >> 8
    elif name == "grey16.png":
        grey = wide(37, 29, 1, 10)[..., 0] >> 8
    elif name == "grey16.tif":
        grey = wide(37, 29, 1, 13)[..., 0] >> 8
    elif name == "no_palette.bmp":
        grey = noise(40 * 29, 32).reshape(29, 40)[::-1, :37]
    elif name == "no_palette4.bmp":
        rows = noise(20 * 29, 33).reshape(29, 20)[::-1]
        grey = np.stack([rows >> 4, rows & 15], -1).reshape(29, 40)[:, :37] * 17
    elif name == "p5_16.pgm":
        grey = np.rint(wide(37, 29, 3, 31)[..., 0] / 65535 * 255)
    else:
        return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
    return np.repeat(grey.astype(np.uint8)[..., None], 3, -1)


CAMERAS, TURNED = cameras(), orientations()


def debayered(mosaic, pattern):
    """Bilinear in the plainest way: of each colour the nearest places within one step, mirrored at the border."""
    height, width = mosaic.shape
    colour = lambda y, x: "RGB".index((pattern[0:2], pattern[2:4])[y % 2][x % 2])
    mirror = lambda i, n: -i if i < 0 else 2 * (n - 1) - i if i >= n else i
    out = np.zeros((height, width, 3), np.int64)
    for y in range(height):
        for x in range(width):
            for c in range(3):
                for steps in (0, 1, 2):
                    near = [int(mosaic[mirror(y + dy, height), mirror(x + dx, width)])
                            for dy in (-1, 0, 1) for dx in (-1, 0, 1)
                            if abs(dy) + abs(dx) == steps and colour(y + dy, x + dx) == c]
                    if near:
                        out[y, x, c] = (2 * sum(near) + len(near)) // (2 * len(near))
                        break
    return out


def make_bayer():
    with open(os.path.join(OUT, "bayer.txt"), "w") as file:
        for name, pattern in (("RG", "RGGB"), ("GR", "GRBG"), ("GB", "GBRG"), ("BG", "BGGR")):
            for bits in (8, 12):
                for width, height in ((2, 2), (9, 7), (12, 8), (3, 2), (61, 43)):
                    deep = wide(width, height, 1, 70)[..., 0]
                    rgb = debayered(deep >> (16 - bits), pattern) >> (bits - 8)
                    file.write("%s %d %d %d %s\n" % (name, bits, width, height, fnv(rgb.astype(np.uint8).tobytes())))


def make_decode():
    lines = []
    cameras_files = {name: file[0] for name, file in CAMERAS.items()}
    turned_files = {name: file[0] for name, file in TURNED.items()}
    for files in (jpegs(), pngs(), tiffs(), webps(), bmps(), pnms(), gifs(), cameras_files, turned_files):
        for name, data in files.items():
            rgb = expected(name, data)
            with open(os.path.join(OUT, name), "wb") as file:
                file.write(data)
            lines.append("%s %d %d %s\n" % (name, rgb.shape[1], rgb.shape[0], fnv(rgb.tobytes())))
    with open(os.path.join(OUT, "decode.txt"), "w") as file:
        file.writelines(lines)
    for name in ("rgb420.jpg", "palette.png", "lossy.webp"):
        with open(os.path.join(OUT, name), "rb") as file:
            rgb = expected(name, file.read())
        with open(os.path.join(OUT, name + ".rgb"), "wb") as file:
            file.write(rgb.tobytes())


# ---- resizing --------------------------------------------------------------------------------------------------------

SIZES = [((37, 29), (16, 16)), ((37, 29), (37, 16)), ((37, 29), (16, 29)), ((37, 29), (37, 29)), ((37, 29), (112, 87)),
         ((37, 29), (36, 30)), ((1, 1), (7, 5)), ((64, 1), (3, 9)), ((1, 64), (9, 3)), ((200, 150), (1, 1)),
         ((200, 150), (224, 224)), ((257, 131), (61, 200)), ((256, 256), (64, 64)), ((97, 211), (211, 97)),
         ((320, 240), (341, 256)), ((640, 17), (33, 2)), ((33, 2), (640, 17)), ((3, 3), (100, 1))]
FILTERS = [("bilinear", Image.BILINEAR), ("bicubic", Image.BICUBIC), ("nearest", Image.NEAREST)]


def source(width, height, channels):
    picture = noise(width * height * channels, width * 31 + height).reshape(height, width, channels)
    return picture[..., 0] if channels == 1 else picture


def make_resize():
    lines = []
    for (width, height), to in SIZES:
        for channels in (1, 3):
            image = Image.fromarray(source(width, height, channels))
            for name, filter in FILTERS:
                result = np.asarray(image.resize(to, filter))
                lines.append("%d %d %d %d %d %s %s\n" % (width, height, channels, to[0], to[1], name,
                                                        fnv(result.tobytes())))
                if (width, height) == (37, 29) and to == (16, 16) and channels == 3:
                    with open(os.path.join(OUT, "resize_%s.rgb" % name), "wb") as file:
                        file.write(result.tobytes())
    # sums of steps that run past the last pixel, or fall short of it: nearest at many ratios
    for to in range(1, 400, 3):
        image = Image.fromarray(source(77, 1, 1))
        lines.append("77 1 1 %d 1 nearest %s\n" % (to, fnv(np.asarray(image.resize((to, 1), Image.NEAREST)).tobytes())))
    with open(os.path.join(OUT, "resize.txt"), "w") as file:
        file.writelines(lines)


# ---- masks -----------------------------------------------------------------------------------------------------------

def mask_of(width, height, sparsity):
    """Set where the byte is below `sparsity`."""
    return noise(width * height, sparsity).reshape(height, width) < sparsity


def make_morphology():
    lines = []
    for width, height in ((40, 30), (1, 25), (25, 1), (61, 47)):
        for sparsity in (3, 40, 128, 215, 250):
            mask = mask_of(width, height, sparsity)
            for radius in (1, 2, 3, 5, 9, 40):
                for name, operation in (("open", binary_opening), ("close", binary_closing)):
                    result = operation(mask, disk(radius)).astype(np.uint8) * 255
                    lines.append("%d %d %d %s %d %s\n" % (width, height, sparsity, name, radius, fnv(result.tobytes())))
    with open(os.path.join(OUT, "morphology.txt"), "w") as file:
        file.writelines(lines)


def make_regions():
    width, height, sparsity, min_area = 80, 60, 70, 3
    mask = mask_of(width, height, sparsity)
    scores = noise(width * height, 99).reshape(height, width).astype(np.float32)
    rows = []
    for region in regionprops(label(mask, connectivity=2), intensity_image=scores):
        y0, x0, y1, x1 = region.bbox
        inside = np.where(region.image, scores[y0:y1, x0:x1], -1)
        peak_y, peak_x = np.unravel_index(np.argmax(inside), inside.shape)
        rows.append((-inside.max(), y0, x0, y0 + peak_y, x0 + peak_x, x1 - x0, y1 - y0, int(region.area)))
    with open(os.path.join(OUT, "regions.txt"), "w") as file:
        file.write("%d %d %d %d\n" % (width, height, sparsity, min_area))
        for peak, y, x, peak_y, peak_x, w, h, area in sorted(rows):
            if area >= min_area:
                file.write("%d %d %d %d %d %d %d %d\n" % (x, y, w, h, area, -peak, peak_x, peak_y))


# ---- what a fuzzer starts from ---------------------------------------------------------------------------------------

def make_rotate():
    """Linear interpolation in float64 about the centre, mirrored borders; rounded half up."""
    from scipy.ndimage import affine_transform
    for width, height, turn, turns in ((23, 17, 1, 8), (23, 17, 3, 7), (7, 31, 2, 8), (16, 16, 5, 8)):
        angle = 2 * np.pi * turn / turns
        # Rows and columns of the source for rows and columns of the result; the picture's y points down.
        matrix = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        centre = np.array([(height - 1) / 2, (width - 1) / 2])
        turned = [affine_transform(channel.astype(np.float64), matrix, centre - matrix @ centre, order=1, mode="mirror")
                  for channel in np.moveaxis(source(width, height, 3), -1, 0)]
        turned = np.floor(np.stack(turned, -1) + 0.5).astype(np.uint8)
        with open(os.path.join(OUT, f"rotate_{width}x{height}_{turn}_{turns}.rgb"), "wb") as file:
            file.write(turned.tobytes())


def make_corpus():
    width, height = 9, 7
    rgb, rgba, grey = (photo(width, height, n) for n in (3, 4, 1))
    grey = grey[..., 0]
    palette, bits = Image.fromarray(rgb).quantize(8), Image.fromarray(grey).convert("1")
    cmyk = Image.fromarray(rgba, "CMYK")
    fields = struct.pack("<3I", 0xF800, 0x7E0, 0x1F)
    colours = bytes(noise(64, 41))
    files = {
        "rgb.jpg": saved(rgb, "JPEG"), "progressive.jpg": saved(rgb, "JPEG", progressive=True),
        "grey.jpg": saved(grey, "JPEG"), "cmyk.jpg": saved(cmyk, "JPEG"),
        "rgb.png": saved(rgb, "PNG"), "palette.png": saved(palette, "PNG", transparency=b"\0\x80"),
        "rgba16.png": png(wide(width, height, 4, 42), 16, 6), "bits.png": png(grey % 2, 1, 0, interlaced=True),
        "rgb.tif": saved(rgb, "TIFF"), "lzw.tif": saved(rgba, "TIFF", compression="tiff_lzw"),
        "group4.tif": saved(bits, "TIFF", compression="group4"), "jpeg.tif": saved(rgb, "TIFF", compression="jpeg"),
        "palette.tif": saved(palette, "TIFF", compression="packbits"),
        "tiled.tif": tiff(photo(20, 18, 3), tile=(16, 16), photometric="rgb", compression="zlib"),
        "planar.tif": tiff(np.moveaxis(rgb, -1, 0).copy(), planarconfig="separate", photometric="rgb", bigtiff=True),
        "lossy.webp": saved(rgb, "WEBP"), "lossless.webp": saved(rgba, "WEBP", lossless=True),
        "alpha.webp": saved(rgba, "WEBP"),
        "rgb.bmp": saved(rgb, "BMP"), "bits.bmp": saved(bits, "BMP"),
        "palette4.bmp": bmp(width, height, 4, bmp_rows(width, height, 4, 43), colours),
        "rgb565.bmp": bmp(width, -height, 16, bmp_rows(width, height, 16, 44), compression=3, masks=fields),
        "p1.pbm": b"P1 3 2 # bits\n010 1 1 0\n", "p2.pgm": b"P2 3 2 9\n1 2 3 4 5 9\n",
        "p3.ppm": b"P3 1 2 70\n1 2 3 4 5 70\n", "p4.pbm": saved(bits, "PPM"), "p5.pgm": saved(grey, "PPM"),
        "p6_16.ppm": b"P6 2 1 1023\n" + bytes(noise(12, 45) % 4),
        "grey.gif": saved(grey, "GIF", interlace=1), "palette.gif": saved(palette, "GIF", transparency=2),
        "packed12.tif": hand_tiff(5, 3, 12, packed(wide(5, 3, 1, 46)[..., 0] >> 4, 12)),
        "turned.tif": tiff(rgb, photometric="rgb", extratags=[(274, 3, 1, 7, True)]),
        "smax.tif": tiff(wide(5, 3, 1, 47)[..., 0] >> 4, photometric="miniswhite",
                         extratags=[(341, 3, 1, 4095, True), (274, 3, 1, 5, True)]),
        "sbit.png": png(wide(5, 3, 3, 48) >> 4, 16, 2, extra=chunk(b"sBIT", b"\x0c\x0b\x0c")),
        "no_palette.bmp": bmp(width, height, 8, bmp_rows(width, height, 8, 49)),
        "p5_16.pgm": pgm16(wide(5, 3, 1, 50)[..., 0] >> 4),
    }
    for name, data in files.items():
        stem, ending = os.path.splitext(name)
        broken = bytearray(data)
        broken[len(data) * 2 // 3] ^= 0x55
        for what, content in (("", data), ("_cut", data[:len(data) * 3 // 4]), ("_broken", broken)):
            with open(os.path.join(CORPUS, stem + what + ending), "wb") as file:
                file.write(content)
    for name, content in (("empty", b""), ("text.png", b"hello, I am a text file\n"), ("signature.png", b"\x89PNG")):
        with open(os.path.join(CORPUS, name), "wb") as file:
            file.write(content)


if __name__ == "__main__":
    os.makedirs(OUT, exist_ok=True)
    os.makedirs(CORPUS, exist_ok=True)
    make_corpus()
    make_decode()
    make_bayer()
    make_resize()
    make_rotate()
    make_morphology()
    make_regions()
