"""Pictures of data sets: which are learnt, which are tested, and what is wrong with them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any, Union

import numpy as np
import numpy.typing as npt

from ._options import OptionValue, dataset_options
from .native import check, ffi, lib, owned, path_of, text_of


@dataclass(frozen=True)
class Sample:
    """A picture of a category."""

    path: str  #: to open it
    name: str  #: relative to the category's folder: "test/crack/000.png"
    split: str  #: "train", "validation", "test"
    label: int  #: 0 good, 1 has a defect
    kind: str  #: "good", or the kind of the defect
    masks: tuple[str, ...]  #: pictures of the defect, to be united, or the file of its outlines; empty where there are none
    _handles: Any = None

    def mask(self, height: int, width: int) -> npt.NDArray[np.uint8]:
        """The truth, uint8 [H, W] of the picture's size: 1 where the defect is."""
        truth = np.zeros((height, width), np.uint8)
        sample, _samples = self._handles
        check(lib.okng_sample_mask, sample, width, height, ffi.cast("uint8_t *", truth.ctypes.data))
        return truth


def samples(
    root: Union[str, "os.PathLike[str]"], dataset: str = "mvtec", **options: OptionValue
) -> dict[str, list[Sample]]:
    """The samples of the categories of a data set, by their names; `options` as ``category="bottle", k_shot=4``."""
    name, place = ffi.new("char[]", dataset.encode()), ffi.new("char[]", path_of(root))
    chosen = dataset_options(options)
    opened = owned(lib.okng_dataset_open, lib.okng_dataset_close, name, place, chosen, type="okng_dataset")
    found = {}
    for i in range(lib.okng_dataset_category_count(opened)):
        category = lib.okng_dataset_category(opened, i)
        listed = owned(lib.okng_samples_open, lib.okng_samples_free, opened, category, type="okng_samples")
        found[text_of(category)] = [_sample(listed, j) for j in range(lib.okng_samples_count(listed))]
    return found


def _sample(listed: Any, i: int) -> Sample:
    sample = lib.okng_samples_get(listed, i)
    split = ffi.typeof("okng_split").elements[sample.split].replace("OKNG_SPLIT_", "").lower()
    masks = tuple(os.fsdecode(ffi.string(sample.masks[j])) for j in range(sample.mask_count))
    path = os.fsdecode(ffi.string(sample.path))
    return Sample(path, text_of(sample.name), split, sample.label, text_of(sample.kind), masks, (sample, listed))
