"""Banks: what good parts look like."""

from __future__ import annotations

import os
import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Iterable, Optional, Union


from ._options import OptionValue, build_options, inspect_options
from ._pictures import Picture, hold, is_array, several
from ._progress import LongCall, ProgressLike
from .errors import ArgumentError, OkngWarning
from .native import check, ffi, lib, owned, path_of, struct, taken_json, text_list, text_of
from .result import Result

PathLike = Union[str, "os.PathLike[str]"]


@dataclass(frozen=True)
class BuildReport:
    """What was learnt."""

    pictures: int
    patches: int  #: patch vectors seen
    rows: int  #: of the bank
    dim: int  #: of a row
    image_tau: float
    pixel_tau: float
    seconds: dict[str, float]  #: by stage
    input_size: tuple[int, int]  #: (height, width) of the network's input
    excluded: int
    skipped: int
    trimmed: int
    not_found: int  #: left out, because a region of interest is not in them
    warnings: tuple[str, ...]  #: what may spoil the bank, and what was left out


@dataclass(frozen=True)
class BankInfo:
    """What is known of an open bank."""

    method: str
    backbone: str
    rows: int
    dim: int
    pictures: int  #: that were learnt
    bytes: int  #: of its data
    image_tau: float  #: thresholds in force, NaN where there are none
    pixel_tau: float
    review: Optional[tuple[float, float]]
    false_alarm: float  #: the lowest rate of false alarms that its OK pictures can promise; NaN: it keeps none
    input_size: tuple[int, int]  #: (height, width) of the network's input
    picture_size: tuple[int, int]  #: (height, width) of the good picture of middle aspect, (0, 0) where it is not known


@dataclass(frozen=True)
class FolderReport:
    """What became of the pictures of a folder."""

    pictures: int
    ok: int
    ng: int
    review: int
    skipped: int  #: could not be read
    left_out: int  #: are pictures of a kind that is not read
    warned: int
    not_found: int  #: lack a region of interest of the bank


class Bank:
    """What was learnt from good pictures, in memory. Any number of threads may inspect with one at a time.

    ``with Bank.open(...) as bank`` closes it at the end; one that nobody refers to is closed by itself."""

    def __init__(self, handle: Any, folder: Optional[Path] = None, report: Optional[BuildReport] = None) -> None:
        self._handle: Any = handle
        self.folder = folder  #: None where it was built into memory
        self.report = report  #: of a bank that was just built

    # ---- making and opening

    @classmethod
    def open(
        cls, folder: PathLike, *, weights: Optional[PathLike] = None, signed_by: Optional[PathLike] = None
    ) -> "Bank":
        """Opens a bank folder, an ensemble's, or a packed recipe. `weights` stands in for the file that it names.
        `signed_by`: a file with the public key that a recipe must be signed by."""
        name = ffi.new("char[]", path_of(folder))
        if signed_by is not None:
            if weights is not None:
                raise ArgumentError("weights and signed_by: a recipe has its own weights")
            key = ffi.new("char[]", path_of(signed_by))
            handle = owned(lib.okng_bank_open_signed, lib.okng_bank_close, name, key, type="okng_bank")
            return cls(handle, Path(folder))
        named = ffi.NULL if weights is None else ffi.new("char[]", path_of(weights))
        handle = owned(lib.okng_bank_open, lib.okng_bank_close, name, named, type="okng_bank")
        return cls(handle, Path(folder))

    @classmethod
    def build(
        cls,
        pictures: Union[PathLike, Iterable[Picture]],
        bank_dir: Optional[PathLike] = None,
        *,
        format: Optional[str] = None,
        progress: ProgressLike = None,
        exclude: Iterable[str] = (),
        trim: int = 0,
        k_shot: int = 0,
        skip_bad: bool = False,
        page: bool = False,
        force: bool = False,
        **options: OptionValue,
    ) -> "Bank":
        """Learns from good pictures and opens what came of it.

        `pictures` is a folder, whose sub-folders are taken too, or any number of paths, encoded files and arrays
        (`format` says how the pixels of arrays lie, as in :meth:`inspect`). `bank_dir` is the folder of the bank, which is
        replaced when the new one is complete; None keeps it in memory. `options` are those of ``okng build``:
        ``backbone="resnet18", coreset=0.05, resize=(256, 256)``; :func:`okng.options` lists them.

        Of a folder only: names to `exclude`, how many of the oddest to leave out (`trim`), how many to draw (`k_shot`),
        whether to leave out what cannot be read (`skip_bad`), whether to write build.html (`page`), whether to learn
        from a folder of results (`force`). What may spoil the bank comes as an :class:`OkngWarning`."""
        chosen = build_options(options)
        of_folder = {
            "exclude": [os.fsencode(name) for name in exclude],
            "trim": int(trim),
            "k_shot": int(k_shot),
            "skip_bad": int(bool(skip_bad)),
            "report": int(bool(page)),
            "force": int(bool(force)),
        }
        if bank_dir is not None:
            return _Building(chosen, of_folder, progress).build(cls, pictures, Path(bank_dir), format)
        if page:
            raise ArgumentError("page=True writes into the bank's folder: give bank_dir")
        with tempfile.TemporaryDirectory(prefix="okng-") as folder:
            bank = _Building(chosen, of_folder, progress).build(cls, pictures, Path(folder) / "bank", format)
        bank.folder = None
        return bank

    @staticmethod
    def describe(folder: PathLike) -> dict[str, Any]:
        """What is in a bank folder, without its weights: options, versions, hashes, counts, thresholds."""
        return dict(taken_json(lib.okng_bank_describe, ffi.new("char[]", path_of(folder))))

    @staticmethod
    def choose(
        folder: PathLike,
        *,
        image: Optional[float] = None,
        pixel: Optional[float] = None,
        review: Optional[tuple[float, float]] = None,
        reset: bool = False,
        by: str = "okng for Python",
    ) -> None:
        """Keeps other thresholds, or a review band, in a bank folder; `reset` first brings back what was computed. Banks
        that are open do not change."""
        choice = struct("okng_bank_choice")
        choice.reset = bool(reset)
        name = ffi.new("char[]", by.encode())
        choice.by = name
        for member, value in (("image", image), ("pixel", pixel)):
            if value is not None:
                setattr(choice, "sets_" + member, 1)
                setattr(choice, member, value)
        if review is not None:
            choice.sets_review, choice.review = 1, list(review)
        check(lib.okng_bank_choose, ffi.new("char[]", path_of(folder)), choice)

    # ---- using

    @property
    def handle(self) -> Any:
        """The okng_bank of C, for calls of :mod:`okng.native`."""
        if self._handle is None:
            raise ArgumentError("the bank is closed")
        return self._handle

    @property
    def info(self) -> BankInfo:
        found = struct("okng_bank_info")
        check(lib.okng_bank_get_info, self.handle, found)
        band = (found.review[0], found.review[1])
        return BankInfo(
            text_of(found.method),
            text_of(found.backbone),
            found.rows,
            found.dim,
            found.pictures,
            found.bytes,
            found.image_tau,
            found.pixel_tau,
            None if band[0] != band[0] else band,
            found.false_alarm,
            (found.input_height, found.input_width),
            (found.picture_height, found.picture_width),
        )

    def inspect(self, picture: Picture, *, format: Optional[str] = None, **options: OptionValue) -> Result:
        """Inspects a path, an encoded file or an array of uint8 or uint16: [H, W] grey, [H, W, 3] RGB, [H, W, 4] RGBA,
        of any strides. `format` says otherwise: "bgr", "bgra", "mono10", "mono12", "bayer_rg8" ... `options` are those of
        ``okng infer``: ``threshold_image=0.5, min_area=20, threads=1``."""
        held = hold(picture, format)
        chosen = inspect_options(options)
        bank = self.handle  # kept until the call is over: close() from another thread does not take it away
        return Result(owned(lib.okng_inspect, lib.okng_result_free, bank, held.picture, chosen, type="okng_result"))

    def inspect_folder(
        self,
        pictures: Union[PathLike, Iterable[PathLike]],
        out_dir: PathLike,
        *,
        save_maps: bool = False,
        strict: bool = False,
        append: bool = False,
        report: bool = False,
        reference: Optional[Picture] = None,
        progress: ProgressLike = None,
        **options: OptionValue,
    ) -> FolderReport:
        """Inspects folders and pictures into `out_dir`: a folder of files for each, and results.csv. What an earlier run
        left is replaced, with `append` added to. `report` adds report.html, a page of all pictures."""
        paths = [pictures] if isinstance(pictures, (str, os.PathLike)) else list(pictures)
        setting = struct("okng_folder_options")
        chosen, held = inspect_options(options), None if reference is None else hold(reference)
        setting.inspect = chosen
        setting.reference = ffi.NULL if held is None else held.picture
        setting.save_maps, setting.strict, setting.report = bool(save_maps), bool(strict), bool(report)
        setting.existing = lib.OKNG_EXISTING_APPEND if append else lib.OKNG_EXISTING_REPLACE
        names, _kept = text_list([path_of(path) for path in paths])
        out = ffi.new("char[]", path_of(out_dir))
        counted, bank, work = struct("okng_folder_report"), self.handle, LongCall(progress)
        work.run(
            lambda error: lib.okng_inspect_paths(
                bank, names, len(paths), out, setting, work.callback, ffi.NULL, ffi.NULL, counted, error
            )
        )
        return FolderReport(
            *(counted.pictures, counted.ok, counted.ng, counted.review, counted.skipped, counted.left_out),
            *(counted.warned, counted.not_found),
        )

    def close(self) -> None:
        """Lets go of the bank. Inspections that other threads are at end as they would; results stay."""
        self._handle = None

    def __enter__(self) -> "Bank":
        self.handle
        return self

    def __exit__(
        self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        if self._handle is None:
            return "Bank(closed)"
        info = self.info
        place = repr(str(self.folder)) if self.folder else "in memory"
        return f"Bank({place}, method={info.method}, backbone={info.backbone}, rows={info.rows})"


class _Building:
    """One call that builds."""

    def __init__(self, options: Any, of_folder: dict[str, Any], progress: ProgressLike) -> None:
        self._options, self._of_folder = options, of_folder
        self._work = LongCall(progress)
        self._report = struct("okng_build_report")
        self._events: list[str] = []

    def build(
        self, bank: type[Bank], pictures: Union[PathLike, Iterable[Picture]], folder: Path, format: Optional[str]
    ) -> Bank:
        out = ffi.new("char[]", path_of(folder))
        if isinstance(pictures, (str, os.PathLike)) and os.path.isdir(pictures):
            if format is not None:
                raise ArgumentError(f"format={format!r} is for arrays, a folder was given")
            self._from_folder(pictures, out)
        else:
            self._from_pictures(several(pictures), out, format)
        for text in self._events:
            warnings.warn(text, OkngWarning, stacklevel=3)
        return bank(bank.open(folder).handle, folder, self._told())

    def _from_folder(self, pictures: PathLike, out: Any) -> None:
        setting = struct("okng_build_folder_options")
        exclude, _kept = text_list(self._of_folder.pop("exclude"))
        setting.build, setting.exclude, setting.exclude_count = self._options, exclude, len(_kept)
        for name, value in self._of_folder.items():
            setattr(setting, name, value)
        source = ffi.new("char[]", path_of(pictures))
        hear = ffi.callback("void(const okng_build_event *, void *)", self._hear)
        self._work.run(
            lambda error: lib.okng_build_folder(
                source, out, setting, self._work.callback, hear, ffi.NULL, self._report, error
            )
        )

    def _hear(self, event: Any, _user: Any) -> None:
        try:
            name = text_of(event.picture)
            self._events.append(f"{name}: {text_of(event.text)}" if name else text_of(event.text))
        except BaseException as failure:
            self._work.fail(failure)

    def _from_pictures(self, pictures: list[Picture], out: Any, format: Optional[str]) -> None:
        named = [name for name, value in self._of_folder.items() if value]
        if named:
            raise ArgumentError(f"{', '.join(named)}: of a folder of pictures only")
        if format is not None and pictures and not any(map(is_array, pictures)):
            raise ArgumentError(f"format={format!r} is for arrays, and none was given")
        held = [hold(picture, format if is_array(picture) else None) for picture in pictures]
        report, work = self._report, self._work
        if all(one.picture.path != ffi.NULL for one in held):  # by their names, which the bank keeps
            paths = ffi.new("char *[]", [ffi.cast("char *", one.picture.path) for one in held])
            work.run(
                lambda error: lib.okng_build_paths(
                    paths, len(held), out, self._options, work.callback, ffi.NULL, report, error
                )
            )
        else:
            given = ffi.new("okng_picture *[]", [one.picture for one in held])
            work.run(
                lambda error: lib.okng_build(
                    given, len(held), out, self._options, work.callback, ffi.NULL, report, error
                )
            )

    def _told(self) -> BuildReport:
        report = self._report
        stages = [report.stages[i] for i in range(report.stage_count)]
        return BuildReport(
            report.pictures,
            report.patches,
            report.rows,
            report.dim,
            report.image_tau,
            report.pixel_tau,
            {text_of(stage.name): stage.seconds for stage in stages},
            (report.input_height, report.input_width),
            report.excluded,
            report.skipped,
            report.trimmed,
            report.not_found,
            tuple(self._events),
        )
