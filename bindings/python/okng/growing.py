"""Banks that learn more, are joined, thinned, made of rows, compared."""

from __future__ import annotations

import json
import os
import tempfile
import warnings
from dataclasses import dataclass
from typing import Any, Optional, Union

import numpy as np
import numpy.typing as npt

from ._options import OptionValue, build_options
from ._progress import LongCall, ProgressLike
from .errors import ArrayTypeError, OkngWarning
from .native import check, ffi, lib, path_of, struct, text_of

PathLike = Union[str, "os.PathLike[str]"]


@dataclass(frozen=True)
class GrowReport:
    """What became of a bank that has grown."""

    pictures: int  #: learnt in all
    added: int  #: learnt now
    known: int  #: in the folder, and learnt before, so left out
    kept: int  #: pictures of before whose scores the thresholds come from too
    rows_before: int
    rows: int
    dim: int
    image_tau: float  #: computed; what somebody chose stays in force
    pixel_tau: float
    image_tau_before: float  #: NaN where there was none
    pixel_tau_before: float
    seconds: dict[str, float]  #: by stage
    other_bit_depth: int  #: added pictures of other bits than the bank reads them by
    forgot_choice: bool  #: somebody had chosen thresholds or a band, among other scores: the new bank has none of it


def add(
    bank_dir: PathLike,
    ok_dir: PathLike,
    *,
    out_dir: Optional[PathLike] = None,
    weights: Optional[PathLike] = None,
    threads: int = 0,
    progress: ProgressLike = None,
) -> GrowReport:
    """Learns the pictures below `ok_dir` into a bank, at their cost alone, as ``okng bank add``. The bank is replaced when the
    new one is complete, or stays, and the new one goes to `out_dir`. Banks that are open do not change."""
    setting, _kept = _setting(threads, out_dir=out_dir, weights=weights)
    bank, folder = _path(bank_dir), _path(ok_dir)
    report, work = struct("okng_grow_report"), LongCall(progress)
    work.run(lambda error: lib.okng_bank_add(bank, folder, setting, work.callback, ffi.NULL, report, error))
    return _report(report)


def merge(
    first: PathLike, second: PathLike, out_dir: PathLike, *, threads: int = 0, progress: ProgressLike = None
) -> GrowReport:
    """The bank of all that two banks have learnt, which must have been built alike, as ``okng bank merge``."""
    setting, _kept = _setting(threads, out_dir=out_dir)
    one, other = _path(first), _path(second)
    report, work = struct("okng_grow_report"), LongCall(progress)
    work.run(lambda error: lib.okng_bank_merge(one, other, setting, work.callback, ffi.NULL, report, error))
    return _report(report)


def shrink(
    bank_dir: PathLike,
    *,
    coreset: float = 0,
    coreset_size: int = 0,
    out_dir: Optional[PathLike] = None,
    threads: int = 0,
    progress: ProgressLike = None,
) -> GrowReport:
    """Takes rows out of a bank of patchcore: a coreset of its rows, as ``okng bank shrink``."""
    setting, _kept = _setting(threads, out_dir=out_dir)
    setting.coreset, setting.coreset_size = coreset, coreset_size
    bank = _path(bank_dir)
    report, work = struct("okng_grow_report"), LongCall(progress)
    work.run(lambda error: lib.okng_bank_shrink(bank, setting, work.callback, ffi.NULL, report, error))
    return _report(report)


def create(
    rows: Union[PathLike, npt.NDArray[np.float32]],
    bank_dir: PathLike,
    ok_dir: Optional[PathLike] = None,
    *,
    progress: ProgressLike = None,
    **options: OptionValue,
) -> GrowReport:
    """A bank of patchcore of patch vectors that somebody else made, float32 [rows, dimensions] of the network as `options`
    say: an array, or a .npy or .pt file. Thresholds come from the good pictures below `ok_dir`; without it there are none."""
    if isinstance(rows, np.ndarray):
        if rows.dtype != np.float32 or rows.ndim != 2:
            raise ArrayTypeError(f"rows of {rows.dtype} and shape {rows.shape}: expected float32 [rows, dimensions]")
        with tempfile.TemporaryDirectory(prefix="okng-") as folder:
            np.save(folder + "/rows.npy", np.ascontiguousarray(rows))
            return create(folder + "/rows.npy", bank_dir, ok_dir, progress=progress, **_any(options))
    chosen, source, bank = build_options(options), _path(rows), _path(bank_dir)
    good = ffi.NULL if ok_dir is None else _path(ok_dir)
    report, work = struct("okng_grow_report"), LongCall(progress)
    work.run(lambda error: lib.okng_bank_create(source, bank, chosen, good, work.callback, ffi.NULL, report, error))
    return _report(report)


def diff(first: PathLike, second: PathLike, *, threads: int = 0, progress: ProgressLike = None) -> dict[str, Any]:
    """What two banks have differently: options, thresholds, scores, how far their rows are apart, as ``okng bank diff``."""
    one, other, out, work = _path(first), _path(second), ffi.new("char **"), LongCall(progress)
    work.run(lambda error: lib.okng_bank_diff(one, other, threads, work.callback, ffi.NULL, out, error))
    try:
        return dict(json.loads(text_of(out[0])))
    finally:
        lib.okng_text_free(out)


def rename_weights(bank_dir: PathLike, weights: PathLike) -> None:
    """Writes a new place of the weight file into a bank."""
    check(lib.okng_bank_rename_weights, _path(bank_dir), _path(weights))


def _any(options: dict[str, OptionValue]) -> dict[str, Any]:
    return dict(options)


def _path(path: PathLike) -> Any:
    return ffi.new("char[]", path_of(path))


def _setting(threads: int, **paths: Optional[PathLike]) -> tuple[Any, list[Any]]:
    """An okng_grow_options, and the texts that it points to."""
    setting, kept = struct("okng_grow_options"), []
    for member, path in paths.items():
        if path is not None:
            kept.append(_path(path))
            setattr(setting, member, kept[-1])
    setting.threads = threads
    return setting, kept


def _report(report: Any) -> GrowReport:
    if report.other_bit_depth:
        text = f"{report.other_bit_depth} of {report.added} pictures have not the bits a sample that the bank reads them by"
        warnings.warn(text, OkngWarning, stacklevel=3)
    if report.forgot_choice:
        text = "thresholds or a band that somebody chose were among other scores, and are left out; Bank.choose keeps new ones"
        warnings.warn(text, OkngWarning, stacklevel=3)
    stages = [report.stages[i] for i in range(report.stage_count)]
    return GrowReport(
        report.pictures,
        report.added,
        report.known,
        report.kept,
        report.rows_before,
        report.rows,
        report.dim,
        report.image_tau,
        report.pixel_tau,
        report.image_tau_before,
        report.pixel_tau_before,
        {text_of(stage.name): stage.seconds for stage in stages},
        report.other_bit_depth,
        bool(report.forgot_choice),
    )
