#!/usr/bin/env python3
"""Writes src/text/entities.c: the names of HTML5's character references and what they stand for, sorted, from Python's
copy of the WHATWG's list. Usage: tools/make_entities.py src/text/entities.c"""
import sys
from html.entities import html5

LINE = 110
names = sorted(html5, key=lambda name: name.encode())
begins, pieces, size = [], [], 0
for name in names:
    begins.append(size)
    value = html5[name].encode()
    size += len(name) + 1 + len(value) + 1
    octal = "".join(chr(b) if 32 < b < 127 and chr(b) not in '"\\?' else "\\%03o" % b for b in value)
    pieces.append(name + "\\0" + octal + "\\0")
assert not any(value[0] in "01234567" for value in html5.values())  # it would belong to the \0 before it
assert size < 1 << 16 and max(map(len, names)) <= 32

with open(sys.argv[1], "w") as out:
    out.write("/* Made by tools/make_entities.py. */\n#include \"text/entities.h\"\n\n/* clang-format off */\n")
    out.write("const char okng_entity_text[] =\n")
    line = ""
    for text in pieces:
        if len(line) + len(text) > LINE:
            out.write('    "%s"\n' % line)
            line = ""
        line += text
    out.write('    "%s";\n\n' % line)
    out.write("const uint16_t okng_entity_begins[] = {\n")
    line = ""
    for begin in begins:
        if len(line) + 7 > LINE:
            out.write("   %s\n" % line)
            line = ""
        line += " %d," % begin
    out.write("   %s\n};\n\n" % line)
    out.write("const size_t okng_entity_count = sizeof okng_entity_begins / sizeof okng_entity_begins[0];\n")
