"""Which pixels lie within an outline, for tests/unit/test_data_outlines.c.

Run `python3 tests/golden/make_outlines.py`; writes tests/golden/outlines/*.csv. A pixel belongs to a polygon when a ray from its centre to
the right crosses the outline an odd number of times, in rational numbers; an end of an edge belongs to the edge below it. Runs of
COCO go down the columns; their text is packed here from the description in cocoapi's maskApi.c.
"""
import csv
import pathlib
import random
from fractions import Fraction

OUT = pathlib.Path(__file__).parent / "outlines"


def inside(points, x, y):
    crossings = 0
    for (ax, ay), (bx, by) in zip(points, points[1:] + points[:1]):
        if (ay <= y) != (by <= y):
            crossings += ax + (y - ay) / (by - ay) * (bx - ax) > x
    return crossings % 2 == 1


def packed(runs):
    text = ""
    for i, run in enumerate(runs):
        x = run - (runs[i - 2] if i > 2 else 0)
        while True:
            bits, x = x & 31, x >> 5
            more = x != (-1 if bits & 16 else 0)
            text += chr(48 + (bits | (32 if more else 0)))
            if not more:
                break
    return text


def main():
    OUT.mkdir(exist_ok=True)
    rng = random.Random(14)
    with open(OUT / "polygons.csv", "w") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["width", "height", "points", "pixels"])
        for case in range(40):
            width, height = rng.randrange(1, 24), rng.randrange(1, 20)
            step = [1, 2, 4, 64][case % 4]  # on corners of pixels, on their centres too, anywhere
            points = [(Fraction(rng.randrange(-step, step * (width + 1) + 1), step), Fraction(rng.randrange(-step, step * (height + 1) + 1), step))
                      for _ in range(rng.randrange(3, 9))]
            half = Fraction(1, 2)
            pixels = [inside(points, x + half, y + half) for y in range(height) for x in range(width)]
            if not any(pixels):
                continue
            writer.writerow([width, height, " ".join(f"{float(v)!r}" for p in points for v in p), "".join(str(int(v)) for v in pixels)])
    with open(OUT / "runs.csv", "w") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["width", "height", "runs", "packed", "pixels"])
        for case in range(12):
            width, height = [(7, 5), (90, 70), (3, 400)][case % 3]
            pixels, value = [], 0
            while len(pixels) < width * height:
                pixels += [value] * min(rng.choice([1, 2, 40, 900, 3]), width * height - len(pixels))
                value = 1 - value
            if case % 4 == 3:
                pixels = [1 - p for p in pixels]  # begins with a run of none
            runs, value, at = [], 0, 0
            while at < len(pixels):
                end = at
                while end < len(pixels) and pixels[end] == value:
                    end += 1
                runs.append(end - at)
                at, value = end, 1 - value
            rows = "".join(str(pixels[x * height + y]) for y in range(height) for x in range(width))
            sum_of = sum(i * int(v) for i, v in enumerate(rows)) % 1000003
            writer.writerow([width, height, " ".join(map(str, runs)), packed(runs), rows if len(rows) < 100 else f"{rows.count('1')}:{sum_of}"])


main()
