#!/usr/bin/env python3
"""Tokens of odd texts, by an implementation of its own that goes by the specification: Python's str.lower, str.split,
html.unescape and unicodedata do what they do for the originals. Writes tests/golden/text/tokens.txt, a line for each text:
how it is mended, whose special tokens, its ids by CLIP's vocabulary, its ids by the made-up one of tests/made_vocabulary.h,
and the text, in which %XX is a byte; tabs between them.
Usage: make_tokens.py bpe_simple_vocab_16e6.txt.gz tests/golden/text/tokens.txt (Python with Unicode 14: Debian 12's)"""
import gzip
import html
import random
import re
import sys
import unicodedata

SPECIAL = {"open_clip": ("<start_of_text>", "<end_of_text>"), "openai": ("<|startoftext|>", "<|endoftext|>")}
CONTRACTIONS = ("'s", "'t", "'re", "'ve", "'m", "'ll", "'d")


def made_merges():
    letters = [chr(ord("a") + i) for i in range(26)]
    out = []
    for end in ("", "</w>"):
        out += [(a, b + end) for a in letters for b in letters]
    for end in ("", "</w>"):
        out += [(a + b, c + end) for a in letters for b in letters for c in letters]
    for a in letters:
        for b in letters:
            for c in letters:
                for d in letters:
                    if len(out) == 48894:
                        return out
                    out.append((a + b, c + d))


class Vocabulary:
    def __init__(self, merges):
        own = [b for b in range(256) if 33 <= b <= 126 or 161 <= b <= 172 or b >= 174]
        others = [b for b in range(256) if b not in own]
        symbols = [chr(b) for b in own] + [chr(256 + i) for i in range(len(others))]
        self.symbol = dict(zip(own + others, symbols))
        self.rank = {pair: i for i, pair in enumerate(merges)}
        every = symbols + [s + "</w>" for s in symbols] + [a + b for a, b in merges]
        self.id = {s: i for i, s in enumerate(every)}

    def word(self, word):
        parts = [self.symbol[b] for b in word.encode()]
        parts[-1] += "</w>"
        while True:
            ranks = [self.rank.get(pair) for pair in zip(parts, parts[1:])]
            best = min((r for r in ranks if r is not None), default=None)
            if best is None:
                return [self.id[p] for p in parts]
            joined, i = [], 0
            while i < len(parts):
                both = i < len(ranks) and ranks[i] == best
                joined.append(parts[i] + parts[i + 1] if both else parts[i])
                i += 2 if both else 1
            parts = joined


# ---- cleaning ----

LIGATURES = {"Ĳ": "IJ", "ĳ": "ij", "ŉ": "ʼn", "Ǳ": "DZ", "ǲ": "Dz", "ǳ": "dz", "Ǆ": "DŽ", "ǅ": "Dž", "ǆ": "dž", "Ǉ": "LJ",
             "ǈ": "Lj", "ǉ": "lj", "Ǌ": "NJ", "ǋ": "Nj", "ǌ": "nj", "ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi",
             "ﬄ": "ffl", "ﬅ": "ſt", "ﬆ": "st"}
CONTROLS = {*range(0, 9), 0xB, *range(0xE, 0x20), 0x7F, *range(0x206A, 0x2070), 0xFEFF, *range(0xFFF9, 0xFFFD)}


def entity(match):
    name = match.group(0)
    if name[1] == "#":
        text = html.unescape(name)
        return name if ";" in text else text
    name = name[1:]
    if name in html.entities.html5:
        return html.entities.html5[name]
    small = name.lower()
    if name == name.upper() and small in html.entities.html5 and html.unescape("&" + name) == "&" + name:
        return html.entities.html5[small].upper()
    return "&" + name


def character(c):
    if "\x80" <= c <= "\x9f":
        try:
            c = c.encode("latin-1").decode("windows-1252")
        except UnicodeDecodeError:
            pass
    c = LIGATURES.get(c, c)
    if c == "\u3000":
        c = " "
    if len(c) == 1 and "\uff01" <= c <= "\uffef":
        c = unicodedata.normalize("NFKC", c)
    out = ""
    for d in c:
        out += "'" if d in "ʼ‘’‚‛" else '"' if d in "“”„‟" else d
    return out


def mend_line(line, names):
    while True:
        before = line
        if names:
            line = re.sub("&#?[0-9A-Za-z]{1,24};", entity, line)
        line = "".join(map(character, line))
        line = re.sub("\r\n|[\r\u2028\u2029\x85]", "\n", line)
        line = re.sub("\x1b\\[[0-9;]*[a-zA-Z]", "", line)
        line = "".join(c for c in line if ord(c) not in CONTROLS)
        line = unicodedata.normalize("NFC", line)
        if line == before:
            return line


def mend(text):
    out, names = "", True
    for line in re.findall("[^\n]*\n|[^\n]+", text):
        names = names and "<" not in line
        out += mend_line(line, names)
    return out


def clean(text, fix):
    if fix == "basic":
        text = mend(text)
    return " ".join(html.unescape(html.unescape(text)).split()).lower()


# ---- cutting into words ----

def kind(c):
    if c.isspace():
        return "space"
    if c == "\u0345":  # whose upper case is a letter: no class of the pattern has it where case does not count
        return "dropped"
    return {"L": "letter", "N": "number"}.get(unicodedata.category(c)[0], "other")


def words(text, special):
    folded = text.replace("ſ", "s")  # as long as the text
    at = 0
    while at < len(text):
        length = next((len(w) for w in SPECIAL[special] + CONTRACTIONS if folded.startswith(w, at)), 0)
        of = kind(text[at])
        if not length:
            length = 1
            while of in ("letter", "other") and at + length < len(text) and kind(text[at + length]) == of:
                length += 1
            if of in ("space", "dropped"):
                at += length
                continue
        yield text[at:at + length]
        at += length


def tokens(vocabulary, text, fix, special):
    ids = [49406]
    for word in words(clean(text, fix), special):
        if word in SPECIAL[special]:
            ids.append(49406 + SPECIAL[special].index(word))
        else:
            ids += vocabulary.word(word)
    ids.append(49407)
    return ids if len(ids) <= 77 else ids[:76] + [49407]


# ---- texts ----

PLAIN = ["without defect.", "with defect.", "a photo of a cat", "a cropped photo of the metal_nut.",
         "a close-up photo of a damaged metal nut.", "a photo of the pcb1 for visual inspection.", "", " \t ", "A B\tC",
         "abab aaaaa aaaabb abcabcd zzzz", "x" * 300, "ab " * 100, "1234567890", "½²Ⅷ①٣१", "don't I'LL we'VE 'ſ 'tis",
         "metal_nut__x", "Straße ẞ İstanbul ISPARTA ı", "ΟΔΟΣ ΣΑΣ'Α Σ ΑΣͅ ΑΣ. ΑΣ'", "漢字かな한국어", "العربية עברית ไทย",
         "e\u0301 é n\u0303", "😀👩‍👩‍👧🇰🇷", "\u0345 α\u0345β", "ǅ Ǆ ⓐⒶ 𐐀 𝐀𝟙", "#tag @user http://x.y/z?a=b&c=d",
         "<start_of_text> <END_OF_TEXT>x <|startoftext|> <|endoftext|>", "<ſtart_of_text>", "!!<start_of_text>",
         "&lt;start_of_text&gt; &lt;|endoftext|&gt;",
         "&amp;lt; &amp;amp;lt; &amp;amp;amp;lt; &notit; &notin; &AMP &nbspx &hellip &hellip; &NTILDE; &nTILDE;",
         "&#65;&#x41 &#128; &#x80; &#150 &#0; &#xD800; &#1114112; &#99999999999999999999; &#11; &#xfdd0; &; &#; &#x;",
         "&nGt; &CounterClockwiseContourIntegral; &fjlig; &" + "x" * 40 + "; &gt" + "y" * 40, "&#59; &#x3b; &SZLIG; &GT &QUOT;",
         "a\u200bb \ufeffc \u00a0d\u2003e\u3000f \u1680g \u205fh", "\x1c\x1d a\x1fb\x85c\u2028d\r\ne",
         "don’t “quote” ‚a‛ „b‟ ʼn", "ﬁne ﬂow oﬀ ﬃ ﬄ ﬅ ﬆ ĲSSEL ŉ", "ＦＵＬＬ ｗｉｄｔｈ ﾊﾝｶｸ ﾞ ￣ ＇ ＂",
         "\x1b[31mred\x1b[0m \x1b[2K\x1b[1;2;x \x1b]", "\x07bell\x7f \x08\x01", "\u0093hi\u0094 \u0080 \u009d",
         "caf\u00c3\u00a9", "\u206aa\ufff9b\ufffc", "a<b &eacute;\n&eacute;", "&eacute;\na<b &amp;amp;amp;", "\u212b \u1e9b\u0323",
         "ɐ" * 40, "!?" * 200, "' s 's's", "''ss'll'd'm'dm"]


def random_texts(count):
    rng = random.Random(12)
    pieces = sum((text.split(" ") for text in PLAIN if len(text) < 100), []) + [" "] * 40
    for i in range(count):
        if i % 4 == 3:
            code = lambda: chr(rng.choice([rng.randint(1, 0x2FF), rng.randint(0x300, 0x33FF), rng.randint(0xFB00, 0xFFFD)]))
            yield "".join(code() for _ in range(rng.randint(1, 16)))
        else:
            yield "".join(rng.choice(pieces) + rng.choice(["", "", " "]) for _ in range(rng.randint(2, 9)))


def main():
    assert unicodedata.unidata_version == "14.0.0", unicodedata.unidata_version
    real = gzip.open(sys.argv[1]).read().decode().split("\n")[1:48895]
    vocabularies = [Vocabulary([tuple(line.split()) for line in real]), Vocabulary(made_merges())]
    with open(sys.argv[2], "w") as out:
        for i, text in enumerate(PLAIN + list(random_texts(120))):
            text = text.replace("\0", "")
            known = [c for c in text if unicodedata.category(c) not in ("Cn", "Co")]  # others may be letters one day
            text = "".join(known)
            special = "openai" if i % 3 == 2 or "|" in text else "open_clip"
            escaped = "".join("%c" % b if 0x21 <= b <= 0x7E and b != 0x25 else "%%%02X" % b for b in text.encode())
            for fix in ("none", "basic"):
                ids = [" ".join(map(str, tokens(v, text, fix, special))) for v in vocabularies]
                out.write("\t".join([fix, special, *ids, escaped]) + "\n")


main()
