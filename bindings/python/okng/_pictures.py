"""Pictures as the C library takes them: a path, an encoded file in memory, or pixels of an array where they lie."""

from __future__ import annotations

import os
from typing import Any, Iterable, NamedTuple, Optional, Protocol, Union

import numpy as np
import numpy.typing as npt

from .errors import ArgumentError, ArrayTypeError
from .native import ffi, lib, owned, path_of, struct


class SupportsArray(Protocol):
    """What NumPy makes an array of: tensors on the CPU, ..."""

    def __array__(self) -> Any: ...


class SupportsInterface(Protocol):
    """... pictures of Pillow."""

    @property
    def __array_interface__(self) -> dict[str, Any]: ...


#: A path, the bytes of a PNG, JPEG, BMP, TIFF, WebP, PNM or GIF, or pixels (see docs/python.md).
Picture = Union[
    str, "os.PathLike[str]", bytes, bytearray, memoryview, "npt.NDArray[Any]", SupportsArray, SupportsInterface
]

_MAX_STRIDE = 1 << 30
_FORMATS = {
    name.replace("OKNG_PIXEL_", "").lower(): value for name, value in ffi.typeof("okng_pixel_format").relements.items()
}
_FAMILIES = {"rgb": 3, "bgr": 3, "rgba": 4, "bgra": 4, "grey": 1, "gray": 1, "mono": 1}
_BY_CHANNELS = {1: "grey", 3: "rgb", 4: "rgba"}


def pictures_below(path: Union[str, "os.PathLike[str]"]) -> list[str]:
    """The pictures that okng lists below a folder; a file itself."""
    if not os.path.isdir(path):
        return [os.fspath(path)]
    listed = owned(
        lib.okng_picture_list_open, lib.okng_picture_list_free, ffi.new("char[]", path_of(path)), type="okng_picture_list"
    )
    count = lib.okng_picture_list_count(listed)
    return [os.fsdecode(ffi.string(lib.okng_picture_list_path(listed, i))) for i in range(count)]


def several(pictures: Union[str, "os.PathLike[str]", Iterable[Picture]]) -> list[Picture]:
    """A list of pictures of what was given; a path is one of them."""
    if isinstance(pictures, (str, os.PathLike)):
        return [pictures]
    if isinstance(pictures, (bytes, bytearray, memoryview)):
        raise ArgumentError("one encoded file was given, expected several pictures: [data]")
    if isinstance(pictures, np.ndarray) and (pictures.ndim < 3 or pictures.ndim == 3 and pictures.shape[2] in (1, 3, 4)):
        raise ArgumentError(
            f"an array of shape {pictures.shape} was given, expected pictures [N, H, W, C] or [N, H, W]: of one picture [array]"
        )
    return list(pictures)


class Held(NamedTuple):
    """A picture of C and what must live as long as it is used."""

    picture: Any
    kept: Any


def hold(picture: Picture, format: Optional[str] = None) -> Held:
    """Fills an okng_picture. Pixels are not copied where their rows lie as the library reads them."""
    held = struct("okng_picture")
    if isinstance(picture, (str, os.PathLike)):
        _no_format(format, "a path")
        name = ffi.new("char[]", path_of(picture))
        held.path = name
        return Held(held, name)
    if isinstance(picture, (bytes, bytearray, memoryview)):
        _no_format(format, "an encoded file")
        data = ffi.from_buffer(picture)
        if len(data) == 0:
            raise ArgumentError("an empty picture was given, expected the bytes of an encoded file")
        held.data, held.data_size = data, len(data)
        return Held(held, data)
    pixels, held.format = _readable(_array_of(picture), format)
    held.height, held.width = pixels.shape[:2]
    held.stride = pixels.strides[0] if held.height > 1 else 0
    held.pixels = ffi.cast("void *", pixels.__array_interface__["data"][0])
    return Held(held, pixels)


def is_array(picture: Picture) -> bool:
    """Whether `format` says something of it."""
    return not isinstance(picture, (str, os.PathLike, bytes, bytearray, memoryview))


def _no_format(format: Optional[str], what: str) -> None:
    if format is not None:
        raise ArgumentError(f"format={format!r} is for arrays, {what} says itself how its pixels lie")


def _array_of(picture: Any) -> npt.NDArray[Any]:
    if isinstance(picture, np.ndarray):
        return picture
    if hasattr(picture, "mode") and hasattr(picture, "convert"):  # Pillow's: palettes, bits, CMYK become colours
        return np.asarray(picture if picture.mode in ("L", "RGB", "RGBA", "I;16") else picture.convert("RGB"))
    if hasattr(picture, "__array__") or hasattr(picture, "__array_interface__"):
        return np.asarray(picture)
    raise ArrayTypeError(
        f"a picture of type {type(picture).__name__} was given, expected a path, the bytes of a file, or an array of "
        "uint8 or uint16"
    )


def _readable(array: npt.NDArray[Any], format: Optional[str]) -> tuple[npt.NDArray[Any], int]:
    """The pixels [H, W] or [H, W, C] with rows that the library can read, and the number of their format."""
    if array.dtype.kind != "u" or array.dtype.itemsize > 2:
        raise ArrayTypeError(
            f"an array of {array.dtype} was given, expected uint8 or uint16: of values in 0..1 take "
            "(array * 255).round().astype('uint8')"
        )
    channels = array.shape[2] if array.ndim == 3 else 1
    if array.ndim not in (2, 3) or channels not in _BY_CHANNELS or 0 in array.shape:
        raise ArgumentError(
            f"an array of shape {array.shape} was given, expected [H, W], [H, W, 1], [H, W, 3] or [H, W, 4]"
            + _hint(array.shape)
        )
    name, needed, bits = _format_of(format, channels, array.dtype.itemsize)
    if needed != channels:
        raise ArgumentError(f"format={format!r} needs {needed} channels, the array of shape {array.shape} has {channels}")
    if bits == 16 and name not in _FORMATS:  # BGR, RGBA, BGRA of 16 bits: as RGB
        array = array[..., 2::-1] if name.startswith("bgr") else array[..., :3]
        name = "rgb16"
    return _rows(array.astype(array.dtype.newbyteorder("<"), copy=False)), _FORMATS[name]


def _hint(shape: tuple[int, ...]) -> str:
    if len(shape) == 3 and shape[0] in _BY_CHANNELS:
        return ": channels come last, array.transpose(1, 2, 0)"
    return ": one picture at a time" if len(shape) == 4 else ""


def _format_of(format: Optional[str], channels: int, size: int) -> tuple[str, int, int]:
    """Name as in C, channels and bits of a sample in memory, of a format by a person's name."""
    bits = 8 * size
    name = (format or _BY_CHANNELS[channels]).lower()
    if name in _FAMILIES:
        needed = _FAMILIES[name]
        return (f"mono{bits}" if needed == 1 else f"{name}{bits}"), needed, bits
    if name not in _FORMATS:
        raise ArgumentError(f"format={format!r} is not known, expected one of {', '.join([*_FAMILIES, *_FORMATS])}")
    wants = 8 if name.endswith("8") else 16
    if wants != bits:
        raise ArrayTypeError(f"format={format!r} stands in uint{wants}, the array is of uint{bits}")
    return name, _FAMILIES.get(name.rstrip("0123456789"), 1), bits


def _rows(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The array itself where samples of a row follow each other, else a copy. Rows may lie anywhere, also upwards."""
    height, width = array.shape[:2]
    channels = array.shape[2] if array.ndim == 3 else 1
    pixel = channels * array.itemsize
    follows = (width == 1 or array.strides[1] == pixel) and (channels == 1 or array.strides[2] == array.itemsize)
    # 0 means packed rows in C, and rows that overlap are none: broadcast arrays.
    apart = height == 1 or width * pixel <= abs(array.strides[0]) <= _MAX_STRIDE
    return array if follows and apart else np.ascontiguousarray(array)
