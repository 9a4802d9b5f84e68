"""A detector of outliers as scikit-learn has them, without needing scikit-learn."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Iterable, Optional, Union

import numpy as np
import numpy.typing as npt

from ._options import OptionValue
from ._pictures import Picture, is_array, pictures_below, several
from ._progress import ProgressLike
from .bank import Bank
from .errors import ArgumentError
from .result import Result, Verdict

#: A folder, or several pictures.
Pictures = Union[str, "os.PathLike[str]", Iterable[Picture]]


class Detector:
    """Learns from good pictures, and tells those that are not like them.

    As scikit-learn's outlier detectors: ``score_samples`` is the lower the odder, ``decision_function`` is that above the
    threshold, negative for outliers, and ``predict`` is 1 for what is OK and -1 for what is NG. Pictures are a folder,
    whose sub-folders are taken too, a list of paths, encoded files and arrays, or an array [N, H, W, C] or [N, H, W];
    labels `y` are taken and not looked at.
    Parameters are options of :meth:`Bank.build`, ``Detector(coreset=0.05)``; `format` says how pixels of arrays lie, `bank_dir`
    where the bank is kept (None: in memory)."""

    def __init__(
        self,
        *,
        bank_dir: Union[str, "os.PathLike[str]", None] = None,
        format: Optional[str] = None,
        progress: ProgressLike = None,
        **options: OptionValue,
    ) -> None:
        self.bank_dir = bank_dir
        self.format = format
        self.progress = progress
        self._options: dict[str, Any] = options

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        return {"bank_dir": self.bank_dir, "format": self.format, "progress": self.progress, **self._options}

    def set_params(self, **parameters: Any) -> "Detector":
        for name, value in parameters.items():
            if name in ("bank_dir", "format", "progress"):
                setattr(self, name, value)
            else:
                self._options[name] = value
        return self

    def fit(self, X: Pictures, y: Any = None) -> "Detector":
        """Learns. Sets `bank_`, and `offset_`: the threshold as scores have it."""
        pictures = X if isinstance(X, (str, os.PathLike)) else several(X)
        format = self.format if isinstance(pictures, list) and any(map(is_array, pictures)) else None
        self.bank_ = Bank.build(pictures, self.bank_dir, format=format, progress=self.progress, **self._options)
        self.offset_ = -self.bank_.info.image_tau
        return self

    def inspect(self, X: Pictures) -> list[Result]:
        """A :class:`Result` of each picture, of a folder in the order of their paths."""
        if not hasattr(self, "bank_"):
            raise ArgumentError("this Detector has not learnt yet: call fit before")
        pictures: list[Picture] = [*pictures_below(X)] if isinstance(X, (str, os.PathLike)) else several(X)
        if not pictures:
            return []
        # A picture to a thread: what else threads within a picture do is wait for each other.
        with ThreadPoolExecutor(min(len(pictures), len(os.sched_getaffinity(0)))) as pool:
            return list(pool.map(self._inspected, pictures))

    def _inspected(self, picture: Picture) -> Result:
        return self.bank_.inspect(picture, format=self.format if is_array(picture) else None, threads=1)

    def score_samples(self, X: Pictures) -> npt.NDArray[np.float64]:
        """Minus the anomaly score: the lower, the odder."""
        return np.array([-result.score for result in self.inspect(X)])

    def decision_function(self, X: Pictures) -> npt.NDArray[np.float64]:
        """How far scores are above the threshold; negative for outliers."""
        return self.score_samples(X) - self.offset_

    def predict(self, X: Pictures) -> npt.NDArray[np.int64]:
        """1 for OK, -1 for NG and NOT_FOUND."""
        bad = (Verdict.NG, Verdict.NOT_FOUND)
        return np.array([-1 if result.verdict in bad else 1 for result in self.inspect(X)], dtype=np.int64)

    def fit_predict(self, X: Pictures, y: Any = None) -> npt.NDArray[np.int64]:
        pictures = X if isinstance(X, (str, os.PathLike)) else several(X)
        return self.fit(pictures).predict(pictures)

    def __repr__(self) -> str:
        given = {name: value for name, value in self.get_params().items() if value is not None}
        return f"Detector({', '.join(f'{name}={value!r}' for name, value in given.items())})"
