"""okng learns what good parts look like from their pictures (OK) and finds what is wrong in new ones (NG).

    bank = okng.Bank.build("parts/ok", "bank")
    with okng.Bank.open("bank") as bank:
        result = bank.inspect(array)
        result.score, result.verdict, result.map, result.mask, result.regions

The whole of it: docs/python.md.
"""

from __future__ import annotations

from ._options import OptionInfo, options
from ._progress import Progress
from .bank import Bank, BankInfo, BuildReport, FolderReport
from .datasets import Sample, samples
from .detector import Detector
from .errors import (
    ArgumentError,
    ArrayTypeError,
    BusyError,
    CancelledError,
    Error,
    FormatError,
    InputOutputError,
    InternalError,
    LimitError,
    MismatchError,
    NotFoundError,
    OkngWarning,
    OutOfMemoryError,
    UnsupportedError,
)
from .evaluation import Evaluation, evaluate, metrics
from .exporting import ExportReport, VerifyReport, export, pack, verify_export
from .growing import GrowReport, add, create, diff, merge, rename_weights, shrink
from .native import HEADER_VERSION
from .result import Reason, Region, Result, Roi, Verdict
from .stations import Embedder, build_info, demo, embed, preprocess, set_cpu

__version__ = ".".join(map(str, HEADER_VERSION))

__all__ = [
    "ArgumentError",
    "ArrayTypeError",
    "Bank",
    "BankInfo",
    "BuildReport",
    "BusyError",
    "CancelledError",
    "Detector",
    "Embedder",
    "Error",
    "Evaluation",
    "ExportReport",
    "FolderReport",
    "FormatError",
    "GrowReport",
    "InputOutputError",
    "InternalError",
    "LimitError",
    "MismatchError",
    "NotFoundError",
    "OkngWarning",
    "OptionInfo",
    "OutOfMemoryError",
    "Progress",
    "Reason",
    "Region",
    "Result",
    "Roi",
    "Sample",
    "UnsupportedError",
    "Verdict",
    "VerifyReport",
    "add",
    "build_info",
    "create",
    "demo",
    "diff",
    "embed",
    "evaluate",
    "export",
    "merge",
    "metrics",
    "options",
    "pack",
    "preprocess",
    "rename_weights",
    "samples",
    "set_cpu",
    "shrink",
    "verify_export",
]
