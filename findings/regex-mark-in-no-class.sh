#!/bin/sh
# What surprises: with IGNORECASE, Python's module regex takes U+0345 (combining iota below, whose upper case is the letter
#   U+0399) for a letter in a class of several properties, and not in a class of one: [\p{L}\p{N}] matches it, [\p{L}] and
#   [\p{N}] do not, and [^\p{L}\p{N}] does not either. It is the only character of that kind.
# Why it matters: the pattern by which CLIP's tokenizers cut texts has three classes that should take all but white space
#   between them, [\p{L}]+, [\p{N}] and [^\s\p{L}\p{N}]+. This mark is in none: findall() drops it without a word, and cuts
#   the word that it stands in. okng drops it too, to give the same tokens.
# Version: Debian 12, python3-regex 0.1.20221031; regex 2026.5.9 from PyPI alike.
# Source: open_clip src/open_clip/tokenizer.py, SimpleTokenizer.__init__, commit 89fb801; CLIP clip/simple_tokenizer.py,
#   commit d05afc4: the pattern, with re.IGNORECASE.
# Output seen:
#   | [\p{L}] no  [\p{N}] no  [\p{L}\p{N}] yes  [^\s\p{L}\p{N}] no
#   | in none of the three: U+0345
#   | words of "ᾳβ!": ['α', 'β', '!']
#
# Needs python3-regex.
set -eu
/usr/bin/python3 - <<'PYTHON'
import regex

classes = [r"[\p{L}]", r"[\p{N}]", r"[\p{L}\p{N}]", r"[^\s\p{L}\p{N}]"]
taken = [regex.compile(c, regex.IGNORECASE) for c in classes]
print("  ".join("%s %s" % (c, "yes" if t.match("\u0345") else "no") for c, t in zip(classes, taken)))
three = [taken[0], taken[1], taken[3], regex.compile(r"\s")]
characters = (chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000)
print("in none of the three:", *("U+%04X" % ord(c) for c in characters if not any(t.match(c) for t in three)))
words = regex.findall(r"[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+", "α\u0345β!", regex.IGNORECASE)
print('words of "α\u0345β!":', words)
PYTHON
