"""Options by their names: those of the command and of docs/cli.md, with '_' for '-'."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any, Mapping, Sequence, Union

from .errors import ArgumentError
from .native import check, ffi, lib, struct, text_of

#: What an option may be given as. None leaves the default.
OptionValue = Union[str, int, float, bool, "os.PathLike[str]", Sequence[Any], None]

_BETWEEN = {"OKNG_OPTION_SIZE": "x", "OKNG_OPTION_COLOUR": ",", "OKNG_OPTION_RANGE": ","}
_LISTS = {"build": 0, "inspect": 1, "dataset": 2, "experiment": 3}


@dataclass(frozen=True)
class OptionInfo:
    """A row of a table of options."""

    name: str  #: as the command has it: "image-score"; in Python image_score
    values: str  #: "max|reweighted|mean-k|top", "N|none", "HxW" ...
    help: str
    group: str
    initial: str  #: its default as text
    alias: str  #: the option that this is another name of; "" = none
    type: str  #: "text", "bool", "choice", "integer", "bytes", "real", "colour", "size", "names", "range"
    order: int  #: those with a higher number are set before the others


def options(kind: str = "build") -> list[OptionInfo]:
    """The options of ``Bank.build`` ("build"), ``Bank.inspect`` ("inspect"), data sets ("dataset"), experiments."""
    if kind not in _LISTS:
        raise ArgumentError(f"options of {kind!r}: expected one of {', '.join(_LISTS)}")
    rows = []
    for i in range(lib.okng_option_count(_LISTS[kind])):
        row = struct("okng_option_info")
        check(lib.okng_option_get, _LISTS[kind], i, row)
        type_name = ffi.typeof("okng_option_type").elements[row.type].replace("OKNG_OPTION_", "").lower()
        name, values, help, group = (text_of(text) for text in (row.name, row.values, row.help, row.group))
        rows.append(OptionInfo(name, values, help, group, text_of(row.initial), text_of(row.alias), type_name, row.first))
    return rows


def _by_name(kind: str) -> dict[str, OptionInfo]:
    if kind not in _tables:
        _tables[kind] = {row.name: row for row in options(kind)}
    return _tables[kind]


_tables: dict[str, dict[str, OptionInfo]] = {}


def _text(value: OptionValue, type_name: str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, os.PathLike)):
        return os.fspath(value)
    if isinstance(value, Sequence) or hasattr(value, "tolist") and getattr(value, "ndim", 0) == 1:
        between = _BETWEEN.get("OKNG_OPTION_" + type_name.upper(), " ")
        return between.join(_text(part, type_name) for part in value)  # type: ignore[union-attr]
    if hasattr(value, "item"):  # a number of NumPy's
        value = value.item()  # type: ignore[union-attr]
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    return str(value)


def set_options(given: Mapping[str, OptionValue], kind: str, target: Any) -> Any:
    """Sets options of a struct in the order that they need, and returns it."""
    table = _by_name(kind)
    setter = {"build": lib.okng_build_options_set, "inspect": lib.okng_inspect_options_set}.get(
        kind, lib.okng_dataset_options_set
    )

    def order(name: str) -> int:
        row = table.get(name.replace("_", "-"))
        return -row.order if row else 0

    for name in sorted(given, key=order):
        row = table.get(name.replace("_", "-"))
        value = given[name]
        if value is None:
            continue
        text = _text(value, row.type if row else "text")
        if "\0" in text:
            raise ArgumentError(f"option {name}: {text!r} holds a NUL byte")
        check(setter, target, name.encode(), os.fsencode(text))
    return target


def build_options(given: Mapping[str, OptionValue]) -> Any:
    target = ffi.new("okng_build_options *")
    lib.okng_build_options_init_sized(target, ffi.sizeof(target[0]))
    return set_options(given, "build", target)


def inspect_options(given: Mapping[str, OptionValue]) -> Any:
    target = ffi.new("okng_inspect_options *")
    lib.okng_inspect_options_init_sized(target, ffi.sizeof(target[0]))
    return set_options(given, "inspect", target)


def dataset_options(given: Mapping[str, OptionValue]) -> Any:
    target = ffi.new("okng_dataset_options *")
    lib.okng_dataset_options_init_sized(target, ffi.sizeof(target[0]))
    return set_options(given, "dataset", target)
