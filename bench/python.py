#!/usr/bin/env python3
"""What Python costs over the C library: importing, a call, handing pixels in and maps out. The least of many times, since
other work on a machine only adds. Usage: PYTHONPATH=bindings/python bench/python.py"""

import subprocess
import sys
import time
import warnings

import numpy as np
import okng
from okng import _pictures
from okng._options import inspect_options
from okng.native import ffi, lib


def least(function, repeats=400):
    """Microseconds."""
    best = float("inf")
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        best = min(best, time.perf_counter() - start)
    return best * 1e6


def importing(names):
    """Milliseconds of computing in a fresh process."""
    code = f"import time; start = time.process_time(); import {names}; print(time.process_time() - start)"
    return min(float(subprocess.check_output([sys.executable, "-c", code])) for _ in range(7)) * 1e3


def plain(bank, picture, options, out, error):
    """The calls of C alone."""
    lib.okng_inspect(out, bank, picture, options, error)
    lib.okng_result_free(out)


def main():
    warnings.simplefilter("ignore")
    random = np.random.default_rng(0)
    frames = [(random.integers(0, 32, (480, 640, 3)) + 100).astype(np.uint8) for _ in range(12)]
    bank = okng.Bank.build(frames, resize=(64, 64), threads=1)
    frame = frames[0]

    print(f"import numpy, cffi           {importing('numpy, cffi'):8.1f} ms")
    print(f"import okng                  {importing('okng'):8.1f} ms")

    held, options = _pictures.hold(frame), inspect_options({"threads": 1})
    out, error = ffi.new("okng_result **"), ffi.new("okng_error *")
    c = least(lambda: plain(bank.handle, held.picture, options, out, error))
    print(f"okng_inspect, 640 x 480      {c:8.1f} us")
    handle = bank.inspect(frame)._handle
    parts = [lambda: _pictures.hold(frame), lambda: inspect_options({"threads": 1}), lambda: okng.Result(handle)]
    print(f"and what bank.inspect adds   {sum(least(part, 5000) for part in parts):8.1f} us")

    large = np.zeros((2160, 3840 + 32, 3), np.uint8)
    layouts = {
        "rows as they lie": large[:, :3840],
        "upside down": large[::-1, :3840],
        "columns backwards": large[:, 3839::-1],
    }
    for name, array in layouts.items():
        print(f"3840 x 2160 in, {name:17} {least(lambda array=array: _pictures.hold(array), 20):8.1f} us")
    result = bank.inspect(np.ascontiguousarray(large[:, :3840]))
    print(f"3840 x 2160 map out          {least(lambda: result.map):8.1f} us")
    print(f"3840 x 2160 map copied       {least(lambda: result.map.copy(), 20):8.1f} us")


if __name__ == "__main__":
    main()
