"""Banks for others: as ONNX and OpenVINO models, and packed into one file."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional, Sequence, Union

from ._pictures import Picture, hold
from .bank import Bank
from .native import check, ffi, lib, path_of, struct

PathLike = Union[str, "os.PathLike[str]"]


@dataclass(frozen=True)
class ExportReport:
    """What was written."""

    file: Path  #: the model
    bytes: int
    data_bytes: int  #: of the file beside it, 0 where there is none
    opset: int  #: of ONNX
    input_size: tuple[int, int]  #: (height, width) of the network's input
    operators: int
    largest: int  #: bytes of the largest value while it runs, for one picture
    flops: float  #: multiply-adds x 2 of one picture


@dataclass(frozen=True)
class VerifyReport:
    """How a model differs from okng at worst."""

    pictures: int
    score: float  #: |model - okng| / |okng|
    map: float  #: of a pixel, beside the range of the picture's map
    labels: int  #: pictures whose verdicts differ
    mask_pixels: int  #: pixels whose masks differ
    score_limit: float
    map_limit: float
    agrees: bool


def export(
    bank: Bank,
    out_dir: PathLike,
    format: str = "onnx",
    *,
    name: Optional[str] = None,
    precision: str = "fp32",
    input: str = "float",
    dynamic_batch: bool = False,
    opset: int = 0,
    resize: bool = False,
    threshold_image: Optional[float] = None,
    threshold_pixel: Optional[float] = None,
) -> ExportReport:
    """Writes a bank as one graph from picture to result, as ``okng export``: `format` "onnx" or "openvino", `precision` "fp32"
    or "fp16", `input` "float" or "uint8"; with `resize` pictures come in their own size. docs/export.md has the rest."""
    setting, kept = struct("okng_export_options"), []
    texts = {"format": format.encode(), "out": path_of(out_dir), "precision": precision.encode(), "input": input.encode()}
    if name is not None:
        texts["name"] = path_of(name)
    for member, text in texts.items():
        kept.append(ffi.new("char[]", text))
        setattr(setting, member, kept[-1])
    for member, value in (("threshold_image", threshold_image), ("threshold_pixel", threshold_pixel)):
        if value is not None:
            kept.append(ffi.new("float *", value))
            setattr(setting, member, kept[-1])
    setting.dynamic_batch, setting.opset, setting.resize = bool(dynamic_batch), opset, bool(resize)
    done = struct("okng_export_report")
    check(lib.okng_bank_export, bank.handle, setting, done)
    file = Path(os.fsdecode(ffi.string(done.file)))
    size = (done.height, done.width)
    return ExportReport(file, done.bytes, done.data_bytes, done.opset, size, done.operators, done.largest, done.flops)


def verify_export(
    bank: Bank,
    file: PathLike,
    pictures: Union[int, Sequence[Picture]] = 4,
    *,
    format: Optional[str] = None,
    samples: Optional[PathLike] = None,
    threads: int = 0,
) -> VerifyReport:
    """Runs an exported model by okng's own interpreter and holds it against okng: on so many of the pictures that the bank
    learnt, or on those given. `samples` is a folder for inputs and results, to try other runtimes with."""
    setting = struct("okng_verify_options")
    held: list[Any] = [] if isinstance(pictures, int) else [hold(picture, format) for picture in pictures]
    setting.count = pictures if isinstance(pictures, int) else len(held)
    given = ffi.new("okng_picture[]", [one.picture[0] for one in held]) if held else ffi.NULL
    place = ffi.NULL if samples is None else ffi.new("char[]", path_of(samples))
    setting.pictures, setting.samples, setting.threads = given, place, threads
    found = struct("okng_verify_report")
    check(lib.okng_export_verify, bank.handle, ffi.new("char[]", path_of(file)), setting, found)
    limits = (found.score_limit, found.map_limit)
    counts = (found.labels, found.mask_pixels)
    return VerifyReport(found.pictures, found.score, found.map, *counts, *limits, bool(found.agrees))


def pack(
    bank_dir: PathLike,
    out: PathLike,
    *,
    precision: str = "fp32",
    sign: Optional[PathLike] = None,
    weights: Optional[PathLike] = None,
    threads: int = 0,
) -> None:
    """Packs a bank folder into one file that needs nothing else and opens at once: ``Bank.open(out)``. `precision` of the
    weights: "fp32", "fp16", "bf16", "int8"; `sign`: file of a private key, which ``Bank.open(out, signed_by=...)`` asks for."""
    setting = struct("okng_pack_options")
    text = ffi.new("char[]", precision.encode())
    key = ffi.NULL if sign is None else ffi.new("char[]", path_of(sign))
    named = ffi.NULL if weights is None else ffi.new("char[]", path_of(weights))
    setting.precision, setting.sign, setting.weights, setting.threads = text, key, named, threads
    source, target = ffi.new("char[]", path_of(bank_dir)), ffi.new("char[]", path_of(out))
    check(lib.okng_recipe_pack, source, target, setting)
