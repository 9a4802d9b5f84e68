"""Banks that learn more."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any, Optional, Union

from ._progress import LongCall, ProgressLike
from .native import ffi, lib, path_of, struct, text_of

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
    setting, kept = struct("okng_grow_options"), []
    for member, path in (("out_dir", out_dir), ("weights", weights)):
        if path is not None:
            kept.append(ffi.new("char[]", path_of(path)))
            setattr(setting, member, kept[-1])
    setting.threads = threads
    bank, folder = ffi.new("char[]", path_of(bank_dir)), ffi.new("char[]", path_of(ok_dir))
    report, work = struct("okng_grow_report"), LongCall(progress)
    work.run(lambda error: lib.okng_bank_add(bank, folder, setting, work.callback, ffi.NULL, report, error))
    return _report(report)


def _report(report: Any) -> GrowReport:
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
    )
