"""What the public C headers declare, as cffi reads it.

The headers are the one source: they lie in the package as they are installed, and every function, struct and number that
Python calls is taken from their text when the package is imported. What is in the way of cffi is left out: comments, what
is for C++ alone, attributes of compilers, macros that are no plain number.
"""

from __future__ import annotations

import re

HEADERS = ("okng.h", "experimental.h")
_PRIVATE = ("__cplusplus", "__GNUC__")  # blocks that no C declaration stands in, but for one attribute


def declarations(text: str) -> str:
    """The declarations of a header, or of several one after the other."""
    text = re.sub(r"/\*.*?\*/|//[^\n]*", " ", text, flags=re.DOTALL).replace("\\\n", " ")
    kept: list[str] = []
    hidden = 0  # depth of the conditional that is left out
    for line in text.split("\n"):
        words = line.replace("#", " ").split() if line.lstrip().startswith("#") else []
        if not words:
            kept += [] if hidden else [line]
        elif words[0] in ("if", "ifdef", "ifndef"):
            hidden += 1 if hidden or any(name in line for name in _PRIVATE) else 0
        elif words[0] == "endif":
            hidden -= 1 if hidden else 0
        elif words[0] == "define" and not hidden and len(words) == 3 and words[2].isdigit():
            kept.append("#define " + words[1] + " " + words[2])
    return re.sub(r"\bOKNG_API\b", "", "\n".join(kept))


def version(text: str) -> tuple[int, int, int]:
    """(major, minor, patch) of the header."""
    found = dict(re.findall(r"#define OKNG_VERSION_(\w+) (\d+)", text))
    return int(found["MAJOR"]), int(found["MINOR"]), int(found["PATCH"])
