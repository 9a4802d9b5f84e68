"""Figures: of scores and maps, and of a whole data set that is learnt, inspected and measured."""

from __future__ import annotations

import os
import tempfile
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Iterable, Mapping, Optional, Sequence, Union

import numpy as np
import numpy.typing as npt

from ._options import OptionValue, build_options, dataset_options
from ._progress import LongCall, ProgressLike
from .errors import ArgumentError, Error, OkngWarning
from .native import check, ffi, lib, owned, path_of, struct, text_of

_METRIC_GROUPS = ("OKNG_GROUP_IMAGE", "OKNG_GROUP_PIXEL")


def _figures(groups: Optional[Sequence[str]] = None) -> dict[str, int]:
    """Places of figures by their keys."""
    places = {}
    for i in range(lib.okng_figure_count()):
        row = struct("okng_figure_info")
        check(lib.okng_figure_get, i, row)
        if groups is None or ffi.typeof("okng_figure_group").elements[row.group] in groups:
            places[text_of(row.key)] = i
    return places


def metrics(
    scores: Optional[npt.ArrayLike] = None,
    labels: Optional[npt.ArrayLike] = None,
    maps: Iterable[npt.ArrayLike] = (),
    masks: Iterable[Optional[npt.ArrayLike]] = (),
    *,
    threads: int = 0,
) -> dict[str, float]:
    """The figures that the field compares by, exact, by their keys: "image_auroc", "pixel_auroc", "aupro_30" ...

    `scores` [N] of pictures, higher for bad ones, and `labels` [N], 0 for a good one, else bad. `maps`, float [H, W] each,
    of any sizes, and as many `masks`, not 0 where the defect is, None for a good picture. NaN where a figure was not
    asked for or has no meaning."""
    found = ffi.new("okng_metrics *")
    lib.okng_metrics_init_sized(found, ffi.sizeof(found[0]))
    if (scores is None) != (labels is None):
        raise ArgumentError("scores and labels are given together")
    if scores is not None and labels is not None:
        values = np.ascontiguousarray(scores, np.float64)
        bad = np.ascontiguousarray(np.asarray(labels) != 0, np.uint8)
        if values.ndim != 1 or values.shape != bad.shape:
            raise ArgumentError(f"scores of shape {values.shape} and labels of shape {bad.shape}: expected both [N]")
        if np.isnan(values).any():
            raise ArgumentError(f"scores[{int(np.isnan(values).argmax())}] is NaN: leave out what has no score, with its label")
        check(lib.okng_metrics_scores, _pointer(values, "double"), _pointer(bad, "uint8_t"), len(values), found)
    maps, masks = list(maps), list(masks)
    if len(maps) != len(masks):
        raise ArgumentError(f"{len(maps)} maps and {len(masks)} masks: expected as many, None for a good picture")
    if maps:
        _pixels(maps, masks, threads, found)
    return {key: found.figures[i] for key, i in _figures(_METRIC_GROUPS).items()}


def _pointer(array: npt.NDArray[Any], type: str) -> Any:
    return ffi.cast(type + " *", array.ctypes.data)


def _pixels(maps: list[npt.ArrayLike], masks: list[Optional[npt.ArrayLike]], threads: int, found: Any) -> None:
    mode = lib.OKNG_PRO_EXACT
    gathered = owned(lib.okng_pixel_metrics_new, lib.okng_pixel_metrics_free, mode, threads, type="okng_pixel_metrics")
    for i, (given, truth) in enumerate(zip(maps, masks)):
        values = np.ascontiguousarray(given, np.float32)
        mask = None if truth is None else np.ascontiguousarray(np.asarray(truth) != 0, np.uint8)
        if values.ndim != 2 or mask is not None and mask.shape != values.shape:
            shape = None if mask is None else mask.shape
            raise ArgumentError(f"map {i} of shape {values.shape} with a mask of shape {shape}: expected both [H, W]")
        bad = ffi.NULL if mask is None else _pointer(mask, "uint8_t")
        check(lib.okng_pixel_metrics_add, gathered, _pointer(values, "float"), bad, *values.shape)
    check(lib.okng_pixel_metrics_finish, gathered, found)


@dataclass(frozen=True)
class Evaluation:
    """What came of a data set."""

    folder: Optional[Path]  #: of metrics.json, report.html and the rest; None where nothing was kept
    categories: dict[str, dict[str, float]]  #: figures by category and key, NaN where one has no meaning
    failed: dict[str, str] = field(default_factory=dict)  #: categories that could not be measured, and why

    @property
    def mean(self) -> dict[str, float]:
        """Of each figure over the categories that have it."""
        keys = {key: None for figures in self.categories.values() for key in figures}
        means = {}
        for key in keys:
            values = [figures[key] for figures in self.categories.values() if figures[key] == figures[key]]
            means[key] = sum(values) / len(values) if values else float("nan")
        return means


def evaluate(
    root: Union[str, "os.PathLike[str]"],
    dataset: str = "mvtec",
    *,
    output_root: Union[str, "os.PathLike[str]", None] = None,
    name: str = "default",
    data: Optional[Mapping[str, OptionValue]] = None,
    latency_runs: int = -1,
    examples: int = -2,
    save_maps: bool = False,
    submission: Union[str, "os.PathLike[str]", None] = None,
    keep_going: bool = False,
    force: bool = False,
    progress: ProgressLike = None,
    **options: OptionValue,
) -> Evaluation:
    """Learns, inspects and measures every category of a data set, as ``okng eval`` does.

    `dataset` is a layout ("mvtec", "visa", "folder", "csv" ...) and `root` where it lies. `data` has its options,
    ``{"category": "bottle,cable", "k_shot": 4}``, and `options` those of :meth:`Bank.build`. With `output_root` all is
    kept in output_root/<dataset>/<method>/<name>, and a run that was stopped is continued; without it nothing is.
    `latency_runs` pictures are timed (-1: none), `examples` are drawn (-1: all, -2: none). `submission`: a folder for
    what the server of MVTec AD 2 takes. `keep_going`: a category that fails does not end the run.
    What is odd about pictures or a submission comes as an :class:`OkngWarning`."""
    chosen, part = build_options(options), dataset_options(data or {})
    check(lib.okng_choose_network, chosen)
    setup = struct("okng_experiment_setup")
    setup.build, setup.data = chosen, part
    setup.latency_runs, setup.examples, setup.save_maps = latency_runs, examples, bool(save_maps)
    flags = (lib.OKNG_EXPERIMENT_FORCE if force else 0) | (lib.OKNG_EXPERIMENT_KEEP_GOING if keep_going else 0)
    if submission is not None:
        folder_text = ffi.new("char[]", path_of(submission))
        setup.submission = folder_text
    texts = [ffi.new("char[]", text) for text in (name.encode(), dataset.encode(), path_of(root))]
    setup.name, setup.dataset, setup.root = texts
    if output_root is not None:
        return _run(setup, path_of(output_root), flags, progress)
    with tempfile.TemporaryDirectory(prefix="okng-") as folder:
        found = _run(setup, path_of(folder), flags, progress)
    return Evaluation(None, found.categories, found.failed)


def _run(setup: Any, output_root: bytes, flags: int, progress: ProgressLike) -> Evaluation:
    """Runs an experiment. All that a setup points to must live until it is made of it."""
    root = ffi.new("char[]", output_root)
    setup.output_root = root
    experiment = owned(lib.okng_experiment_new, lib.okng_experiment_free, setup, type="okng_experiment")
    work = LongCall(progress)
    failed: dict[str, str] = {}
    odd: list[str] = []

    def hear(event: Any, _user: Any) -> None:
        try:
            if event.kind == lib.OKNG_EXPERIMENT_FAILED:
                failed[text_of(event.info.category)] = text_of(event.text)
            if event.kind == lib.OKNG_EXPERIMENT_WARNING:
                odd.append(text_of(event.text))
        except BaseException as failure:
            work.fail(failure)

    listener = ffi.callback("void(const okng_experiment_event *, void *)", hear)
    try:
        work.run(
            lambda error: lib.okng_experiment_run(experiment, flags, work.callback, listener, ffi.NULL, error)
        )
    except Error as problem:  # of one that keeps going the end names how many failed, each of which is told; all else counts
        count = lib.okng_experiment_category_count(experiment)
        if not failed or str(problem) != f"{len(failed)} of {count} categories failed":
            raise
    for text in odd:
        warnings.warn(text, OkngWarning, stacklevel=3)
    categories = {}
    places = _figures()
    for i in range(lib.okng_experiment_category_count(experiment)):
        info = struct("okng_category_info")
        check(lib.okng_experiment_category, experiment, i, info)
        if info.figures != ffi.NULL and info.state in (lib.OKNG_CATEGORY_FINISHED, lib.OKNG_CATEGORY_SKIPPED):
            categories[text_of(info.category)] = {key: info.figures[place] for key, place in places.items()}
    return Evaluation(Path(os.fsdecode(ffi.string(lib.okng_experiment_folder(experiment)))), categories, failed)
