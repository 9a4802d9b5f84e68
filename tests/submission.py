"""Reads a submission for MVTec AD 2 by Python's own modules, from the description of its server: usage: submission.py ARCHIVE MAPS.

Every member is a file; every map is a TIFF of one channel of float16 (parsed here), every thresholded picture a PNG of 8 bits
grey, 0 or 255 (inflated and unfiltered here), of the same size. MAPS is a folder of raw maps, OBJECT-SPLIT-STEM.npy in float32:
where there is one, the float16 numbers have to be its numbers times one power of two, rounded once. Prints what it found.
"""
import pathlib
import re
import struct
import sys
import tarfile
import zlib

NAME = re.compile(r"([^/]+)/(anomaly_images|anomaly_images_thresholded)/([a-z_]+)/(test_private|test_private_mixed)/(\d{3}_(?:regular|mixed))\.(tiff|png)")


def tiff(data):
    order = {b"II": "<", b"MM": ">"}[data[:2]]
    magic, first = struct.unpack_from(order + "HI", data, 2)
    assert magic == 42
    (count,) = struct.unpack_from(order + "H", data, first)
    tags = {}
    for i in range(count):
        tag, kind, number = struct.unpack_from(order + "HHI", data, first + 2 + 12 * i)
        assert number == 1
        tags[tag] = struct.unpack_from(order + {3: "H", 4: "I"}[kind], data, first + 10 + 12 * i)[0]
    assert struct.unpack_from(order + "I", data, first + 2 + 12 * count)[0] == 0, "several pages"
    assert tags[258] == 16 and tags[259] == 1 and tags[277] == 1 and tags[339] == 3, tags
    pixels = tags[256] * tags[257]
    assert tags[279] == 2 * pixels
    return tags[256], tags[257], struct.unpack_from(f"{order}{pixels}e", data, tags[273])


def png(data):
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    at, packed = 8, b""
    while at < len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        body = data[at + 8:at + 8 + size]
        assert struct.unpack_from(">I", data, at + 8 + size)[0] == zlib.crc32(kind + body)
        if kind == b"IHDR":
            width, height, depth, colours, _, _, interlaced = struct.unpack(">IIBBBBB", body)
            assert (depth, colours, interlaced) == (8, 0, 0)
        packed += body if kind == b"IDAT" else b""
        at += 12 + size
    raw, above, rows = zlib.decompress(packed), bytearray(width), []
    for y in range(height):
        kind, row = raw[y * (width + 1)], bytearray(raw[y * (width + 1) + 1:(y + 1) * (width + 1)])
        for x in range(width):
            a, b, c = row[x - 1] if x else 0, above[x], above[x - 1] if x else 0
            p = a + b - c
            paeth = min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]
            row[x] = (row[x] + (0, a, b, (a + b) // 2, paeth)[kind]) & 255
        rows.append(row)
        above = row
    values = bytes(b"".join(rows))
    assert set(values) <= {0, 255}
    return width, height, values


def npy(path):
    data = path.read_bytes()
    assert data[:6] == b"\x93NUMPY"
    (size,) = struct.unpack_from("<H", data, 8)
    assert b"'<f4'" in data[10:10 + size]
    return struct.unpack(f"<{(len(data) - 10 - size) // 4}f", data[10 + size:])


def half(value):
    return struct.unpack("<e", struct.pack("<e", value))[0]


def main(archive, maps):
    found, scales = {}, {}
    with tarfile.open(archive, "r:gz") as tar:
        members = tar.getmembers()
        for member in members:
            assert member.isfile(), member.name
            base, part, thing, split, stem, ending = NAME.fullmatch(member.name).groups()
            assert base == pathlib.Path(archive).name[:-len(".tar.gz")]
            assert stem.endswith("regular") == (split == "test_private")
            assert (part == "anomaly_images") == (ending == "tiff")
            data = tar.extractfile(member).read()
            key = (thing, split, stem)
            assert (part, key) not in found
            found[part, key] = tiff(data) if ending == "tiff" else png(data)
    keys = sorted(key for part, key in found if part == "anomaly_images")
    assert len(members) == 2 * len(keys)
    compared = 0
    for key in keys:
        width, height, values = found["anomaly_images", key]
        w, h, mask = found["anomaly_images_thresholded", key]
        assert (w, h) == (width, height)
        limit = min((v for v, m in zip(values, mask) if m), default=float("inf"))
        assert all(v <= limit for v, m in zip(values, mask) if not m), "a good pixel scores above a bad one"
        raw = pathlib.Path(maps) / ("-".join(key) + ".npy")
        if not raw.exists():
            continue
        exact = npy(raw)
        scale = next(2.0 ** k for k in range(-40, 41) if all(half(e * 2.0 ** k) == v for e, v in zip(exact, values)))
        assert scales.setdefault(key[0], scale) == scale
        compared += 1
    print(len(keys), "pictures,", compared, "equal to their raw maps")


main(*sys.argv[1:])
