"""okng in the shape of anomalib 2: the names that its scripts use, so that one runs with its imports changed.

    from okng.anomalib import Engine, Folder, Patchcore

This is a thin adapter, not anomalib: scores are okng's own distances, not brought to 0..1; a prediction is of one picture, in
NumPy; thresholds come from good pictures alone, never from the test set. What means nothing here (batch sizes, workers,
accelerators) is taken with a warning. docs/python.md says what differs.
"""

from __future__ import annotations

import os
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterable, Iterator, Optional, Sequence, Union

import numpy as np
import numpy.typing as npt

from ._options import OptionValue
from ._pictures import Picture, pictures_below
from ._progress import ProgressLike
from .bank import Bank
from .datasets import Sample, samples
from .errors import ArgumentError, OkngWarning, UnsupportedError
from .evaluation import metrics
from .exporting import export
from .result import Result, Verdict

PathLike = Union[str, "os.PathLike[str]"]

_BATCHES = ("train_batch_size", "eval_batch_size", "num_workers")
_PARTS = ("post_processor", "evaluator", "visualizer")
_PRECISIONS = {"float32": "fp32", "bfloat16": "bf16", "int8": "int8"}
_TRAINER = ("max_epochs", "accelerator", "devices", "strategy", "callbacks", "logger", "precision", "barebones")


def _passed_over(given: dict[str, Any], known: Sequence[str], whose: str) -> None:
    """What means nothing here is said; what nobody knows is an error, as in any call of Python."""
    for name in given:
        if name not in known:
            raise TypeError(f"{whose}() got an unexpected keyword argument {name!r}")
        warnings.warn(f"{whose}: {name} means nothing here and is passed over", OkngWarning, stacklevel=3)


# ---- data


class _DataModule:
    """A category of a data set that okng knows."""

    name: str
    category: Optional[str] = None

    def _samples(self) -> list[Sample]:
        raise NotImplementedError

    def train(self) -> list[str]:
        """Good pictures to learn."""
        return [sample.path for sample in self._samples() if sample.split == "train"]

    def test(self) -> list[Sample]:
        return [sample for sample in self._samples() if sample.split == "test"]


class MVTecAD(_DataModule):
    """A category of MVTec AD, or of another data set in its layout."""

    def __init__(self, root: PathLike = "./datasets/MVTecAD", category: str = "bottle", **others: Any) -> None:
        _passed_over(others, _BATCHES, "MVTecAD")
        self.name, self.category, self._root = "MVTecAD", category, root

    def _samples(self) -> list[Sample]:
        return samples(self._root, "mvtec", category=self.category)[str(self.category)]


class Folder(_DataModule):
    """Pictures in folders of any names. Without `normal_test_dir` the part `normal_split_ratio` of the good pictures, drawn by
    `seed`, is kept for testing; without `abnormal_dir` all are learnt, and nothing can be tested."""

    def __init__(
        self,
        name: str,
        normal_dir: PathLike,
        root: Optional[PathLike] = None,
        abnormal_dir: Union[PathLike, Sequence[PathLike], None] = None,
        normal_test_dir: Optional[PathLike] = None,
        mask_dir: Optional[PathLike] = None,
        normal_split_ratio: float = 0.2,
        seed: Optional[int] = None,
        **others: Any,
    ) -> None:
        _passed_over(others, _BATCHES, "Folder")
        self.name, self._root = name, Path(root or ".")
        self._normal, self._bad = normal_dir, _names(abnormal_dir)
        self._options: dict[str, OptionValue] = {
            "normal": os.fspath(normal_dir),
            "abnormal": ",".join(self._bad),
            "normal_test": None if normal_test_dir is None else os.fspath(normal_test_dir),
            "masks": None if mask_dir is None else os.fspath(mask_dir),
            "test_ratio": normal_split_ratio if normal_test_dir is None else None,
            "seed": seed,
        }

    def _samples(self) -> list[Sample]:
        if not self._bad:
            raise ArgumentError("Folder: without abnormal_dir there is nothing to test")
        (found,) = samples(self._root, "folder", **self._options).values()
        return found

    def train(self) -> list[str]:
        if self._bad:
            return super().train()
        return pictures_below(self._root / self._normal)


def _names(folders: Union[PathLike, Sequence[PathLike], None]) -> list[str]:
    if folders is None:
        return []
    return [os.fspath(one) for one in ([folders] if isinstance(folders, (str, os.PathLike)) else folders)]


class PredictDataset:
    """A picture, or all below a folder. The network's input size is the bank's: `image_size` is passed over with a word."""

    def __init__(self, path: PathLike, **others: Any) -> None:
        _passed_over(others, ("image_size", "transform"), "PredictDataset")
        self.image_filenames = pictures_below(path)

    def __len__(self) -> int:
        return len(self.image_filenames)


# ---- predictions


@dataclass(frozen=True)
class ImageItem:
    """What was found in one picture, as anomalib's NumpyImageItem names it."""

    image_path: str  #: "" where an array was given
    pred_score: float  #: okng's distance, not normalised
    pred_label: bool  #: True: anomalous, above the threshold
    anomaly_map: npt.NDArray[np.float32]  #: [H, W] of the picture's own size, not normalised
    pred_mask: npt.NDArray[np.bool_]  #: [H, W]
    gt_label: Optional[int] = None
    gt_mask: Optional[npt.NDArray[np.bool_]] = None
    result: Optional[Result] = None  #: okng's own, with regions, thresholds, reasons


def _item(result: Result, path: str = "", sample: Optional[Sample] = None) -> ImageItem:
    label = mask = None
    if sample is not None:
        label = sample.label
        mask = sample.mask(*result.size).astype(bool) if sample.masks or not sample.label else None
    bad = result.verdict in (Verdict.NG, Verdict.NOT_FOUND)
    return ImageItem(path, result.score, bad, result.map, result.mask > 0, label, mask, result)


# ---- models


@dataclass(frozen=True)
class PreProcessor:
    """How pictures come to the network."""

    image_size: tuple[int, int] = (256, 256)
    center_crop_size: Optional[tuple[int, int]] = None


class Patchcore:
    """PatchCore with anomalib's parameters and okng's preset "anomalib". `weights` is the file of the backbone's weights, where
    ``okng weights get`` has not put them; `options` are others of :meth:`okng.Bank.build`."""

    def __init__(
        self,
        backbone: str = "wide_resnet50_2",
        layers: Sequence[str] = ("layer2", "layer3"),
        pre_trained: bool = True,
        coreset_sampling_ratio: float = 0.1,
        num_neighbors: int = 9,
        precision: str = "float32",
        pre_processor: Union[PreProcessor, bool] = True,
        *,
        weights: Optional[PathLike] = None,
        **options: Any,
    ) -> None:
        if not pre_trained or not pre_processor:
            raise UnsupportedError("Patchcore: a network without trained weights, or pictures that are not prepared for it")
        if precision not in _PRECISIONS:
            raise UnsupportedError(f"precision={precision!r}: expected one of {', '.join(_PRECISIONS)}")
        parts = {name: options.pop(name) for name in _PARTS if name in options}
        _passed_over(parts, _PARTS, "Patchcore")
        way = pre_processor if isinstance(pre_processor, PreProcessor) else PreProcessor()
        crop = way.center_crop_size
        if crop is not None and crop[0] != crop[1]:
            raise ArgumentError(f"center_crop_size={crop}: expected a square")
        self.options: dict[str, OptionValue] = {
            "preset": "anomalib",
            "backbone": backbone,
            "layers": list(layers),
            "coreset": coreset_sampling_ratio,
            "neighbors": num_neighbors,
            "resize": way.image_size,
            "crop": None if crop is None else crop[0],
            "weights": weights,
            "precision": _PRECISIONS[precision],
            **options,
        }
        self.bank: Optional[Bank] = None

    @staticmethod
    def configure_pre_processor(
        image_size: Optional[tuple[int, int]] = None, center_crop_size: Optional[tuple[int, int]] = None
    ) -> PreProcessor:
        return PreProcessor(image_size or (256, 256), center_crop_size)


class Engine:
    """Learns, tests, predicts. Banks go to `default_root_dir`/Patchcore/<data set>/<category>."""

    def __init__(self, default_root_dir: PathLike = "results", *, progress: ProgressLike = None, **others: Any) -> None:
        _passed_over(others, _TRAINER, "Engine")
        self.default_root_dir = Path(default_root_dir)
        self.best_model_path: Optional[str] = None  #: the bank folder of the last fit
        self._progress = progress
        self._model: Optional[Patchcore] = None

    def fit(self, model: Patchcore, datamodule: _DataModule) -> None:
        parts = [part for part in ("Patchcore", datamodule.name, datamodule.category) if part]
        folder = self.default_root_dir.joinpath(*parts)
        folder.parent.mkdir(parents=True, exist_ok=True)
        model.bank = Bank.build(datamodule.train(), folder, progress=self._progress, **_any(model.options))
        self.best_model_path, self._model = str(folder), model

    def test(
        self,
        model: Optional[Patchcore] = None,
        datamodule: Optional[_DataModule] = None,
        ckpt_path: Optional[PathLike] = None,
    ) -> list[dict[str, float]]:
        """AUROC and F1 of pictures and, where there are masks, of pixels. F1 is that of the bank's own thresholds."""
        if datamodule is None:
            raise ArgumentError("Engine.test: give datamodule")
        return [_figures(list(self._predicted(model, datamodule.test(), ckpt_path)))]

    def predict(
        self,
        model: Optional[Patchcore] = None,
        datamodule: Optional[_DataModule] = None,
        dataset: Optional[PredictDataset] = None,
        ckpt_path: Optional[PathLike] = None,
        data_path: Optional[PathLike] = None,
    ) -> list[ImageItem]:
        given = [one for one in (datamodule, dataset, data_path) if one is not None]
        if len(given) != 1:
            raise ArgumentError("Engine.predict: give one of datamodule, dataset and data_path")
        if datamodule is not None:
            return list(self._predicted(model, datamodule.test(), ckpt_path))
        found = dataset if dataset is not None else PredictDataset(data_path or "")
        return list(self._predicted(model, found.image_filenames, ckpt_path))

    def export(
        self,
        model: Optional[Patchcore] = None,
        export_type: str = "onnx",
        export_root: Optional[PathLike] = None,
        model_file_name: str = "model",
        ckpt_path: Optional[PathLike] = None,
    ) -> Path:
        """The model as "onnx" or "openvino", in `export_root`/weights/<export_type>. Its outputs are okng's: not normalised."""
        kind = str(getattr(export_type, "value", export_type))
        folder = Path(export_root or self.default_root_dir) / "weights" / kind
        return export(self._bank(model, ckpt_path), folder, kind, name=model_file_name).file

    def train(self, model: Patchcore, datamodule: _DataModule) -> list[dict[str, float]]:
        """fit and test."""
        self.fit(model, datamodule)
        return self.test(model, datamodule)

    def _bank(self, model: Optional[Patchcore], ckpt_path: Optional[PathLike]) -> Bank:
        if ckpt_path is not None:
            return Bank.open(ckpt_path)
        chosen = model or self._model
        if chosen is None or chosen.bank is None:
            raise ArgumentError("there is no model that has learnt: call fit, or give ckpt_path, the folder of a bank")
        return chosen.bank

    def _predicted(
        self, model: Optional[Patchcore], pictures: Iterable[Union[str, Sample]], ckpt_path: Optional[PathLike]
    ) -> Iterator[ImageItem]:
        bank = self._bank(model, ckpt_path)
        for picture in pictures:
            sample = picture if isinstance(picture, Sample) else None
            path = picture.path if isinstance(picture, Sample) else picture
            yield _item(bank.inspect(path), path, sample)


def _any(options: dict[str, OptionValue]) -> dict[str, Any]:
    return dict(options)


def _figures(items: list[ImageItem]) -> dict[str, float]:
    labels = [bool(item.gt_label) for item in items]
    scores = [item.pred_score for item in items]
    found = {"image_F1Score": _f1([np.array([item.pred_label for item in items])], [np.array(labels)])}
    masks = [item.gt_mask for item in items]
    whole = all(mask is not None for mask in masks)
    maps = [item.anomaly_map for item in items] if whole else []
    truths = [mask if item.gt_label else None for item, mask in zip(items, masks)] if whole else []
    exact = metrics(scores, labels, maps, truths)
    found["image_AUROC"] = exact["image_auroc"]
    if whole:
        found["pixel_AUROC"] = exact["pixel_auroc"]
        found["pixel_F1Score"] = _f1([item.pred_mask for item in items], [mask for mask in masks if mask is not None])
    return found


def _f1(said: Sequence[npt.NDArray[np.bool_]], truth: Sequence[npt.NDArray[np.bool_]]) -> float:
    both = sum(int((a & b).sum()) for a, b in zip(said, truth))
    either = sum(int(a.sum()) + int(b.sum()) for a, b in zip(said, truth))
    return 2 * both / either if either else 0.0


class TorchInferencer:
    """Predicts single pictures by a bank folder. No torch and no OpenVINO is behind it: both names are okng."""

    def __init__(self, path: PathLike, **others: Any) -> None:
        _passed_over(others, ("device", "config"), type(self).__name__)
        self.bank = Bank.open(path)

    def predict(self, image: Picture, *, format: Optional[str] = None) -> ImageItem:
        path = os.fspath(image) if isinstance(image, (str, os.PathLike)) else ""
        return _item(self.bank.inspect(image, format=format), path)


OpenVINOInferencer = TorchInferencer
