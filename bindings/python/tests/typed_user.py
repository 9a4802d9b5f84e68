"""What a checker of types makes of the package, for mypy --strict; never run."""

from pathlib import Path
from typing import Optional, assert_type

import numpy as np
import numpy.typing as npt
import okng
from okng import anomalib


def uses(frame: npt.NDArray[np.uint16], path: Path) -> None:
    bank = okng.Bank.build([frame, path, b"..."], coreset=0.1, resize=(256, 256), layers=["layer2"], progress=print_it)
    assert_type(bank, okng.Bank)
    assert_type(bank.report, Optional[okng.BuildReport])
    with okng.Bank.open("bank", weights=path) as opened:
        result = opened.inspect(frame, format="mono12", threshold_image=0.5)
    assert_type(result.score, float)
    assert_type(result.verdict, okng.Verdict)
    assert_type(result.map, npt.NDArray[np.float32])
    assert_type(result.mask, npt.NDArray[np.uint8])
    assert_type(result.regions[0].peak, float)
    assert_type(okng.metrics([1.0], [True])["image_auroc"], float)
    assert_type(okng.Detector(coreset=0.1).fit([frame]).predict([frame]), npt.NDArray[np.int64])
    assert_type(anomalib.Engine().predict(data_path=path)[0].pred_label, bool)
    opened.inspect(3)  # type: ignore[arg-type]
    opened.inspect(frame, format=3)  # type: ignore[arg-type]
    okng.Bank.build([frame], progress="yes")  # type: ignore[arg-type]


def print_it(progress: okng.Progress) -> None:
    print(progress.stage, progress.done / progress.total)
