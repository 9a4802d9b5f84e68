"""Steps of the pipeline on their own: the network's input, patch vectors."""

from __future__ import annotations

import os
from types import TracebackType
from typing import Any, Optional, Union

import numpy as np
import numpy.typing as npt

from ._options import OptionValue, build_options
from ._pictures import Picture, hold
from ._progress import LongCall, ProgressLike
from .errors import ArgumentError
from .native import check, ffi, lib, owned, path_of, taken_json

_FLOATS = {"F32": "<f4", "F64": "<f8", "F16": "<f2"}
_DTYPES = {**_FLOATS, "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "|i1", "U8": "|u1", "BOOL": "|b1"}


class _Memory:
    """Memory of an okng_array as NumPy takes it; lives as long as an array of it."""

    def __init__(self, handle: Any) -> None:
        kind = ffi.typeof("okng_dtype").elements[lib.okng_array_dtype(handle)].replace("OKNG_", "")
        if kind not in _DTYPES:
            raise ArgumentError(f"an array of {kind.lower()}, which NumPy does not have")
        self._handle = handle
        shape = tuple(lib.okng_array_shape(handle, i) for i in range(lib.okng_array_dims(handle)))
        address = int(ffi.cast("uintptr_t", lib.okng_array_data(handle)))
        self.__array_interface__ = {"version": 3, "shape": shape, "typestr": _DTYPES[kind], "data": (address, False)}


def _taken(make: Any, *arguments: Any) -> npt.NDArray[Any]:
    """The array that a function of C makes, in the library's own memory."""
    return np.asarray(_Memory(owned(make, lib.okng_array_free, *arguments, type="okng_array")))


def preprocess(picture: Picture, *, format: Optional[str] = None, **options: OptionValue) -> npt.NDArray[np.float32]:
    """The network's input for a picture: float32 [1, 3, H, W], normalised. `options` as of ``okng preprocess``."""
    held = hold(picture, format)
    return _taken(lib.okng_preprocess, held.picture, build_options(options))


def embed(picture: Picture, *, format: Optional[str] = None, **options: OptionValue) -> npt.NDArray[np.float32]:
    """Patch vectors of a picture: float32 [patches, D], patches in row-major order of the grid. Of many pictures:
    :class:`Embedder`."""
    held = hold(picture, format)
    return _taken(lib.okng_embed, held.picture, build_options(options))


class Embedder:
    """The network of :func:`embed`, opened and compiled once. ``Embedder("bank")`` gives the very vectors that a bank
    was built from; ``Embedder(backbone="resnet18", weights=...)`` those of options."""

    def __init__(self, bank_dir: Union[str, "os.PathLike[str]", None] = None, **options: OptionValue) -> None:
        if bank_dir is None:
            chosen = build_options(options)
            self._handle = owned(lib.okng_embedder_open, lib.okng_embedder_close, chosen, type="okng_embedder")
            return
        weights = options.pop("weights", None)
        if options:
            raise ArgumentError(f"{', '.join(options)}: a bank has its own options")
        if weights is not None and not isinstance(weights, (str, os.PathLike)):
            raise ArgumentError(f"weights={weights!r}: expected a path")
        named = ffi.NULL if weights is None else ffi.new("char[]", path_of(weights))
        folder = ffi.new("char[]", path_of(bank_dir))
        self._handle = owned(
            lib.okng_embedder_open_bank, lib.okng_embedder_close, folder, named, type="okng_embedder"
        )

    def __call__(self, picture: Picture, *, format: Optional[str] = None) -> npt.NDArray[np.float32]:
        """Patch vectors of a picture: float32 [patches, D]."""
        if self._handle is None:
            raise ArgumentError("the embedder is closed")
        held = hold(picture, format)
        return _taken(lib.okng_embedder_run, self._handle, held.picture)

    def close(self) -> None:
        self._handle = None

    def __enter__(self) -> "Embedder":
        return self

    def __exit__(
        self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.close()


def build_info() -> dict[str, Any]:
    """What the C library is made of: "version", "kernels", "methods", "libraries" ..."""
    return dict(taken_json(lib.okng_build_info))


def set_cpu(name: str) -> None:
    """Chooses the kernels for the whole process: "auto", "c", "avx2", "avx512", "neon". Before anything is computed."""
    check(lib.okng_set_cpu, name.encode())


def demo(
    folder: Union[str, "os.PathLike[str]"], category: Optional[str] = None, *, seed: int = 0, progress: ProgressLike = None
) -> None:
    """Draws made-up products in MVTec's layout: `folder`/<category>/train/good, test/..., ground_truth/..."""
    out = ffi.new("char[]", path_of(folder))
    kind = ffi.NULL if category is None else ffi.new("char[]", category.encode())
    work = LongCall(progress)
    work.run(lambda error: lib.okng_demo_write(out, kind, seed, 0, work.callback, ffi.NULL, error))
