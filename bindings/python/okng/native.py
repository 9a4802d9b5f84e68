"""The C library itself: ``ffi`` and ``lib`` of cffi with all that the public headers declare.

What the package does not wrap can be called from here; docs and rules are those of the headers. cffi lets other threads
run (it releases the GIL) during every call.
"""

from __future__ import annotations

import ctypes.util
import json
import os
from pathlib import Path
from typing import Any, Callable

from cffi import FFI

from . import _header
from .errors import error_of

_PACKAGE = Path(__file__).resolve().parent
_IN_TREE = _PACKAGE.parts[-3:] == ("bindings", "python", "okng")
_TREES = [_PACKAGE.parents[2]] if _IN_TREE else []  # the source tree, where this is not installed


def _header_text() -> str:
    for folder in [_PACKAGE / "include", *(tree / "include" for tree in _TREES)]:
        if (folder / "okng" / "okng.h").is_file():
            return "\n".join((folder / "okng" / name).read_text("utf-8") for name in _header.HEADERS)
    raise ImportError(f"okng: the headers of the C library are not in {_PACKAGE / 'include'}: install the package again")


def _candidates(soname: str) -> list[str]:
    """Where the library may be, the first that is there is taken. $OKNG_LIBRARY is taken whatever it is."""
    named = os.environ.get("OKNG_LIBRARY")
    if named:
        return [named]
    files = [_PACKAGE / soname, *(tree / "build" / soname for tree in _TREES)]
    return [str(path) for path in files if path.is_file()] + [soname, ctypes.util.find_library("okng") or soname]


def _load(ffi: FFI, version: tuple[int, int, int]) -> tuple[Any, str]:
    soname = f"libokng.so.{version[0]}.{version[1]}"
    problems = []
    for name in dict.fromkeys(_candidates(soname)):
        try:
            library = ffi.dlopen(name)
            found = ffi.string(library.okng_version()).decode()
        except (OSError, AttributeError) as problem:
            problems.append(str(problem))
            continue
        if found.split(".")[:2] == [str(version[0]), str(version[1])]:
            return library, name
        problems.append(f"{name} is version {found}")
    if _TREES:
        problems.append(f"Python took okng from the source tree, {_PACKAGE}, and not what pip installed")
    raise ImportError(
        f"okng: no library of version {version[0]}.{version[1]} ({'; '.join(problems)}): "
        f"install libokng{version[0]}.{version[1]}, or say where it is by the environment variable OKNG_LIBRARY"
    )


_text = _header_text()
HEADER_VERSION = _header.version(_text)
ffi: Any = FFI()
ffi.cdef(_header.declarations(_text))
lib, library_path = _load(ffi, HEADER_VERSION)
_STATUS = ffi.typeof("okng_status").elements


def check(function: Callable[..., int], *arguments: Any) -> None:
    """Calls a function of C that answers a status and takes an okng_error last; raises what it says."""
    error = ffi.new("okng_error *")
    raise_for(function(*arguments, error), error)


def raise_for(status: int, error: Any) -> None:
    """Raises what a call said, unless it went well."""
    if status != 0:
        raise error_of(_STATUS.get(status, "unknown"), text_of(error.message))


def text_of(pointer: Any) -> str:
    """A text of C; "" for NULL."""
    return "" if pointer == ffi.NULL else str(ffi.string(pointer), "utf-8", "replace")


def path_of(path: str | os.PathLike[str]) -> bytes:
    """A path as the system has it."""
    name = os.fsencode(path)
    if b"\0" in name:
        raise error_of("OKNG_ERROR_ARGUMENT", f"the path {path!r} holds a NUL byte")
    return name


def text_list(texts: list[bytes]) -> tuple[Any, Any]:
    """`const char *const *` of C, and what must live as long."""
    kept = [ffi.new("char[]", text) for text in texts]
    return ffi.new("char *[]", kept), kept


def struct(name: str) -> Any:
    """A struct of the public headers with its defaults: all zero but its size."""
    made = ffi.new(name + " *")
    lib.okng_init_sized(made, ffi.sizeof(name))
    return made


def owned(make: Callable[..., int], release: Callable[[Any], None], *arguments: Any, type: str) -> Any:
    """A handle that a function of C makes by its first parameter, released when nothing refers to it any more."""
    out = ffi.new(type + " **")
    check(make, out, *arguments)
    return keep(out, release)


def keep(out: Any, release: Callable[[Any], None]) -> Any:
    def free(pointer: Any, out: Any = out) -> None:
        out[0] = pointer
        release(out)

    return ffi.gc(out[0], free)


def taken_text(make: Callable[..., int], *arguments: Any) -> str:
    """A text that a function of C makes as its last output."""
    out = ffi.new("char **")
    check(make, *arguments, out)
    try:
        return text_of(out[0])
    finally:
        lib.okng_text_free(out)


def taken_json(make: Callable[..., int], *arguments: Any) -> Any:
    return json.loads(taken_text(make, *arguments))
