"""What an inspection found."""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import Enum
from typing import Any, Optional

import numpy as np
import numpy.typing as npt

from ._pictures import Picture, hold
from .errors import ArgumentError
from .native import check, ffi, lib, path_of, struct, taken_json, text_of


class Verdict(str, Enum):
    """Equal to its text: ``result.verdict == "NG"``."""

    OK = "OK"
    NG = "NG"
    REVIEW = "REVIEW"  #: in the band of doubt, for a person to look at
    NOT_FOUND = "NOT_FOUND"  #: a region of interest of the bank is not in the picture, which is never OK

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class Region:
    """A connected (8 neighbours) set of mask pixels, in pixels of the original picture."""

    x: int
    y: int
    width: int
    height: int
    area: int
    peak: float  #: largest score inside
    peak_x: int
    peak_y: int
    length: float  #: largest distance between the centres of two of its pixels, plus 1


@dataclass(frozen=True)
class Reason:
    """Why a region is there: its patch, and the nearest patch of a good picture that was learnt, in pixels."""

    patch: tuple[int, int, int, int]  #: x, y, width, height in the picture
    near_picture: Optional[str]  #: name below `near_folder`; None = not known
    near_folder: str
    near_patch: tuple[int, int, int, int]  #: in the good picture
    near_size: tuple[int, int]  #: width, height of the good picture


@dataclass(frozen=True)
class Roi:
    """A region of interest of the bank, as it was looked for in the picture."""

    name: str
    found: bool  #: else its best place is told all the same
    match: float  #: normalised cross-correlation there, -1..1
    box: tuple[float, float, float, float]  #: x, y, width, height in pixels, before it is turned about its centre
    angle: float  #: degrees, counter-clockwise
    scale: float
    score: float  #: of it alone, on the scale of the result's; NaN where it is not found
    verdict: Verdict


_PICTURES = {
    name.replace("OKNG_PICTURE_", "").lower(): value for name, value in ffi.typeof("okng_result_picture").relements.items()
}
_PICTURES["heat_color"] = _PICTURES["heat_colour"]


class _View:
    """Memory of a result as NumPy takes it; lives as long as an array of it."""

    def __init__(self, owner: Any, pointer: Any, shape: tuple[int, int], typestr: str) -> None:
        self._owner = owner
        address = int(ffi.cast("uintptr_t", pointer))
        self.__array_interface__ = {"version": 3, "shape": shape, "typestr": typestr, "data": (address, True)}


class Result:
    """What :meth:`Bank.inspect` found in one picture. Arrays are the library's own memory: read-only, not copied, and
    valid as long as somebody has them, whatever becomes of the result and the bank."""

    def __init__(self, handle: Any) -> None:
        self._handle = handle
        self.score: float = lib.okng_result_score(handle)  #: NaN where the verdict is NOT_FOUND
        self.verdict: Verdict = Verdict(text_of(lib.okng_verdict_text(lib.okng_result_verdict(handle))))
        self.threshold: float = lib.okng_result_image_threshold(handle)
        self.pixel_threshold: float = lib.okng_result_pixel_threshold(handle)
        #: (1 + OK pictures scoring at least as high) / (1 + OK pictures); NaN where the bank keeps no scores
        self.p_value: float = lib.okng_result_p_value(handle)
        #: What the threshold promises under the option false_alarm; NaN where that is off
        self.false_alarm: float = lib.okng_result_false_alarm(handle)
        #: What is odd about the picture, "" where there is nothing to say
        self.warning: str = text_of(lib.okng_result_warning(handle))
        #: n where map and mask are 1/n of the picture's size (option result_pixels), else 1
        self.scale: int = lib.okng_result_scale(handle)

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) of the picture."""
        sides = ffi.new("int32_t[2]")
        lib.okng_result_size(self._handle, sides, sides + 1)
        return sides[1], sides[0]

    @property
    def review(self) -> Optional[tuple[float, float]]:
        """Ends of the review band that the verdict was taken by; None where there was none."""
        ends = ffi.new("float[2]")
        return (ends[0], ends[1]) if lib.okng_result_review(self._handle, ends, ends + 1) else None

    @property
    def map(self) -> npt.NDArray[np.float32]:
        """Anomaly map, float32 [H, W]; NaN where nothing was looked at (outside a centre crop)."""
        return self._view(lib.okng_result_map, "<f4")

    @property
    def mask(self) -> npt.NDArray[np.uint8]:
        """Mask, uint8 [H, W], 0 or 255."""
        return self._view(lib.okng_result_mask, "|u1")

    def _view(self, function: Any, typestr: str) -> npt.NDArray[Any]:
        sides = ffi.new("int32_t[2]")
        pointer = function(self._handle, sides, sides + 1)
        return np.asarray(_View(self._handle, pointer, (sides[1], sides[0]), typestr))

    @property
    def regions(self) -> list[Region]:
        """Regions of the mask, largest peak first."""
        found = []
        region = struct("okng_region")
        for i in range(lib.okng_result_region_count(self._handle)):
            check(lib.okng_result_region, self._handle, i, region)
            sides = (region.x, region.y, region.width, region.height)
            found.append(Region(*sides, region.area, region.peak, region.peak_x, region.peak_y, region.length))
        return found

    @property
    def rois(self) -> list[Roi]:
        """The regions of interest of the bank, in its order; none where it looks at whole pictures."""
        found = []
        roi = struct("okng_found_roi")
        for i in range(lib.okng_result_roi_count(self._handle)):
            check(lib.okng_result_roi, self._handle, i, roi)
            box = (roi.x, roi.y, roi.width, roi.height)
            verdict = Verdict(text_of(lib.okng_verdict_text(roi.verdict)))
            found.append(Roi(text_of(roi.name), bool(roi.found), roi.match, box, roi.angle, roi.scale, roi.score, verdict))
        return found

    def reason(self, region: int = 0) -> Reason:
        """Why region number `region` is there."""
        if region < 0:
            raise ArgumentError(f"region {region}: expected 0 or more")
        why = struct("okng_reason")
        check(lib.okng_result_reason, self._handle, region, why)
        return Reason(
            (why.x, why.y, why.width, why.height),
            None if why.near_picture == ffi.NULL else text_of(why.near_picture),
            text_of(why.near_folder),
            (why.near_x, why.near_y, why.near_width, why.near_height),
            (why.near_picture_width, why.near_picture_height),
        )

    def png(self, kind: str = "overlay") -> bytes:
        """A picture of the result as the bytes of a PNG: "overlay", "heat", "heat_colour" or "mask"."""
        if kind not in _PICTURES:
            raise ArgumentError(f"a picture {kind!r} of a result: expected one of {', '.join(sorted(_PICTURES))}")
        data, size = ffi.new("void **"), ffi.new("size_t *")
        check(lib.okng_result_png, self._handle, _PICTURES[kind], data, size)
        try:
            return bytes(ffi.buffer(data[0], size[0]))
        finally:
            lib.okng_bytes_free(data)

    def _repr_png_(self) -> bytes:  # what notebooks show
        return self.png()

    def json(self) -> dict[str, Any]:
        """What scores.json holds."""
        return dict(taken_json(lib.okng_result_json, self._handle))

    def save(
        self,
        folder: str | os.PathLike[str],
        *,
        pictures: bool = True,
        map: bool = False,
        reference: Picture | None = None,
    ) -> None:
        """Writes scores.json, with `pictures` the PNGs, with `map` map.npy into a folder, which is made if need be.
        `reference`, a good picture, adds side_by_side.png."""
        flags = (1 if pictures else 0) | (2 if map else 0)
        held = None if reference is None else hold(reference)
        given = ffi.NULL if held is None else held.picture
        check(lib.okng_result_save, self._handle, ffi.new("char[]", path_of(folder)), flags, given)

    def __repr__(self) -> str:
        regions = lib.okng_result_region_count(self._handle)
        return f"Result(score={self.score:.6g}, verdict={self.verdict}, threshold={self.threshold:.6g}, regions={regions})"
