#!/usr/bin/env python3
"""Draws src/report/label_font.txt, the letters that overlays are labelled with, from DejaVu Sans Bold (free to use and
to pass on). Each letter is 28 lines of 24 hex digits, how much of a pixel it covers; '.' is nothing. Needs Pillow."""
import sys
from PIL import Image, ImageDraw, ImageFont

LETTERS = "OKNGREVIWTFUD0123456789.-+<>einfa\u2264 "
WIDTH, HEIGHT = 24, 28
font = ImageFont.truetype("/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf", 21)
widths = []
with open(sys.argv[1], "w") as out:
    for letter in LETTERS:
        image = Image.new("L", (WIDTH, HEIGHT), 0)
        ImageDraw.Draw(image).text((1, 22), letter, fill=255, font=font, anchor="ls")
        widths.append(min(WIDTH, round(font.getlength(letter)) + 1))
        for y in range(HEIGHT):
            row = [image.getpixel((x, y)) * 15 // 255 for x in range(WIDTH)]
            out.write("".join("." if v == 0 else "%x" % v for v in row) + "\n")
print("widths:", ", ".join(map(str, widths)))
