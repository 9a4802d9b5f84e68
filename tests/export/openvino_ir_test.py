#!/usr/bin/env python3
"""Tests of openvino_ir.py itself, before it judges what okng writes: the examples that the public specification gives of its
operations, a model written by hand, and what it must refuse. Prints TAP; exits with 1 when one fails."""
import os
import sys
import tempfile
import traceback

import numpy as np

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from openvino_ir import PRECISIONS, IRError, Model  # noqa: E402


def f32(values):
    return np.asarray(values, np.float32)


def i64(values):
    return np.asarray(values, np.int64)


def precision(array):
    return next(name for name, dtype in PRECISIONS.items() if np.dtype(dtype) == array.dtype)


def port(number, array, names=""):
    dims = "".join(f"<dim>{size}</dim>" for size in array.shape)
    return f'<port id="{number}" precision="{precision(array)}"{names}>{dims}</port>'


def element(array):
    return {"FP32": "f32", "FP16": "f16", "BOOL": "boolean"}.get(precision(array), precision(array).lower())


def model_of(folder, kind, version, attributes, inputs, expected):
    """A file with one layer whose inputs are constants but for the first, and a result for each output."""
    layers, edges, blob = [], [], b""
    for i, array in enumerate(inputs):
        shape = ",".join(map(str, array.shape))
        if i == 0:
            data = f'<data element_type="{element(array)}" shape="{shape}"/>'
            layers.append(f'<layer id="0" name="x" type="Parameter" version="opset1">{data}<output>'
                          + port(0, array, ' names="x"') + "</output></layer>")
        else:
            blob += b"\0" * (-len(blob) % 8)
            data = f'<data element_type="{element(array)}" shape="{shape}" offset="{len(blob)}" size="{array.nbytes}"/>'
            blob += np.ascontiguousarray(array).tobytes()
            layers.append(f'<layer id="{i}" name="c{i}" type="Const" version="opset1">{data}<output>{port(0, array)}</output></layer>')
        edges.append(f'<edge from-layer="{i}" from-port="0" to-layer="90" to-port="{i}"/>')
    data = "<data " + " ".join(f'{k}="{v}"' for k, v in attributes.items()) + "/>" if attributes else ""
    ins = "".join(port(i, array) for i, array in enumerate(inputs))
    outs = "".join(port(len(inputs) + i, array, f' names="y{i}"') for i, array in enumerate(expected))
    layers.append(f'<layer id="90" name="op" type="{kind}" version="{version}">{data}<input>{ins}</input><output>{outs}</output></layer>')
    for i, array in enumerate(expected):
        layers.append(f'<layer id="{91 + i}" name="r{i}" type="Result" version="opset1"><input>{port(0, array)}</input></layer>')
        edges.append(f'<edge from-layer="90" from-port="{len(inputs) + i}" to-layer="{91 + i}" to-port="0"/>')
    path = os.path.join(folder, "model.xml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(f'<?xml version="1.0"?><net name="m" version="11"><layers>{"".join(layers)}</layers>'
                   f'<edges>{"".join(edges)}</edges><rt_info><okng><kind value="test"/></okng></rt_info></net>')
    with open(os.path.join(folder, "model.bin"), "wb") as file:
        file.write(blob)
    return path


def holds(kind, version, attributes, inputs, *expected, tolerance=0.0):
    with tempfile.TemporaryDirectory() as folder:
        found = Model(model_of(folder, kind, version, attributes, inputs, expected)).run({"x": inputs[0]})
    for i, array in enumerate(expected):
        close = np.allclose(found[f"y{i}"], array, rtol=tolerance, atol=tolerance, equal_nan=True)
        assert close, f"{kind}: found {found[f'y{i}'].tolist()}, expected {array.tolist()}"


def refused(what, kind, version, attributes, inputs, *expected, change=None):
    with tempfile.TemporaryDirectory() as folder:
        path = model_of(folder, kind, version, attributes, inputs, expected)
        if change:
            with open(path, encoding="utf-8") as file:
                text = file.read()
            assert change[0] in text
            with open(path, "w", encoding="utf-8") as file:
                file.write(text.replace(*change, 1))
        try:
            Model(path).run({"x": inputs[0]})
        except IRError as error:
            assert what in str(error), f'"{error}" does not say "{what}"'
            return
        raise AssertionError(f"{kind} was taken, expected: {what}")


# ---- the examples of the specification -------------------------------------------------------------------------------------------

def test_slice():
    digits = f32(range(10))

    def of(start, stop, step, expected):
        holds("Slice", "opset8", {}, [digits, i64([start]), i64([stop]), i64([step]), i64([0])], f32(expected))
    of(1, 8, 1, range(1, 8))
    of(1, 8, 2, [1, 3, 5, 7])
    of(-100, 100, 1, range(10))
    of(9, -11, -1, range(9, -1, -1))
    of(9, 0, -1, range(9, 0, -1))
    of(9, -10, -1, range(9, 0, -1))
    of(9, -11, -2, [9, 7, 5, 3, 1])
    of(100, -100, -1, range(9, -1, -1))
    square = f32([[0, 1, 2, 3, 4], [5, 6, 7, 8, 9]])
    holds("Slice", "opset8", {}, [square, i64([0, 1]), i64([2, 4]), i64([1, 2]), i64([0, 1])], f32([[1, 3], [6, 8]]))


def test_gather():
    data = f32([1, 2, 3, 4, 5])
    holds("Gather", "opset8", {"batch_dims": 0}, [data, i64([0, 0, 4]), i64(0)], f32([1, 1, 5]))
    holds("Gather", "opset8", {}, [data, i64([0, -2, -1]), i64(0)], f32([1, 4, 5]))
    holds("Gather", "opset8", {}, [data, i64([3, 10, -20]), i64(0)], f32([4, 0, 0]))
    holds("Gather", "opset8", {}, [f32([[1, 2], [3, 4]]), i64([[1, 0]]), i64(1)], f32([[[2, 1]], [[4, 3]]]))
    holds("GatherElements", "opset6", {"axis": 0}, [f32([[1, 2], [3, 4]]), i64([[0, 1], [0, 0]])], f32([[1, 4], [1, 2]]))
    holds("GatherElements", "opset6", {"axis": 1}, [f32([[1, 7], [4, 3]]), i64([[1, 1, 0], [1, 0, 1]])], f32([[7, 7, 1], [3, 4, 3]]))


def test_top_k():
    row = f32([5, 3, 1, 2, 5, 5])
    spec = {"axis": -1, "sort": "value", "stable": "true", "index_element_type": "i64"}
    holds("TopK", "opset11", {**spec, "mode": "max"}, [row, i64(4)], f32([5, 5, 5, 3]), i64([0, 4, 5, 1]))
    holds("TopK", "opset11", {**spec, "mode": "min"}, [row, i64(4)], f32([1, 2, 3, 5]), i64([2, 3, 1, 0]))
    spec.pop("stable")
    holds("TopK", "opset3", {**spec, "mode": "max"}, [f32([[1, 9], [7, 3]]), i64(1)], f32([[9], [7]]), i64([[1], [0]]))


def test_pool():
    window = {"strides": "1,1", "pads_begin": "1,1", "pads_end": "1,1", "kernel": "2,2"}
    x = f32([[[[-1, 2, 3], [4, 5, -6], [-7, 8, 9]]]])
    # the specification's example has -6 in place of one 3, which is not the largest of that window (3, -6)
    most = f32([[[[-1, 2, 3, 3], [4, 5, 5, 3], [4, 8, 9, 9], [-7, 8, 9, 9]]]])
    holds("MaxPool", "opset1", window, [x], most)
    indices = i64(np.zeros((1, 1, 4, 4)))
    with tempfile.TemporaryDirectory() as folder:
        path = model_of(folder, "MaxPool", "opset8", window, [x], [most, indices])
        found = Model(path).run({"x": x})
    assert (found["y0"] == most).all()
    count = {**window, "kernel": "3,3", "exclude-pad": "false"}
    holds("AvgPool", "opset1", count, [f32(np.ones((1, 1, 2, 2)))], f32(np.full((1, 1, 2, 2), 4 / 9)), tolerance=1e-6)
    holds("AvgPool", "opset1", {**count, "exclude-pad": "true"}, [f32(np.ones((1, 1, 2, 2)))], f32(np.ones((1, 1, 2, 2))))


def test_convolution():
    generator = np.random.default_rng(1)
    x, kernel = f32(generator.normal(size=(2, 4, 6, 7))), f32(generator.normal(size=(6, 2, 3, 3)))
    spec = {"strides": "2,1", "pads_begin": "1,0", "pads_end": "1,2", "dilations": "1,2", "auto_pad": "explicit"}
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (0, 2)))

    def direct(x, kernel):
        height, width = (x.shape[2] - 3) // 2 + 1, x.shape[3] - 4
        out = np.zeros((2, kernel.shape[0], height, width))
        for i in range(height):
            for j in range(width):
                part = x[:, :, 2 * i:2 * i + 3, j:j + 5:2]
                out[:, :, i, j] = np.einsum("nchw,ochw->no", part, kernel)
        return out
    whole = f32(generator.normal(size=(6, 4, 3, 3)))
    holds("Convolution", "opset1", spec, [x, whole], f32(direct(padded, whole)), tolerance=1e-5)
    halves = np.concatenate([direct(padded[:, :2], kernel[:3]), direct(padded[:, 2:], kernel[3:])], axis=1)
    holds("GroupConvolution", "opset1", spec, [x, kernel.reshape(2, 3, 2, 3, 3)], f32(halves), tolerance=1e-5)


def test_arithmetic():
    x = f32([-4.5, -1.9, -1.5, 0.5, 0.9, 1.5, 2.3, 2.5])
    holds("Round", "opset5", {"mode": "half_to_even"}, [x], f32([-4, -2, -2, 0, 1, 2, 2, 2]))
    holds("ReLU", "opset1", {}, [f32([-1, 0, 2])], f32([0, 0, 2]))
    # erf to twelve digits, from published tables
    holds("Erf", "opset1", {}, [f32([0, 0.5, -1, 2, 3, -4])],
          f32([0, 0.520499877813, -0.842700792950, 0.995322265019, 0.999977909503, -0.999999984583]), tolerance=2e-7)
    holds("Sigmoid", "opset1", {}, [f32([0, 2, -200])], f32([0.5, 0.880797077978, 0]), tolerance=1e-7)
    holds("Add", "opset1", {"auto_broadcast": "numpy"}, [f32([[1], [2]]), f32([10, 20])], f32([[11, 21], [12, 22]]))
    holds("IsNaN", "opset10", {}, [f32([1, np.nan, np.inf])], np.asarray([False, True, False]))
    holds("Convert", "opset1", {"destination_type": "f32"}, [np.asarray([1, 0.1], np.float16)], f32([1, np.float16(0.1)]))
    holds("SoftMax", "opset8", {"axis": -1}, [f32([[0, np.log(3)]])], f32([[0.25, 0.75]]), tolerance=1e-6)
    spec = {"eps": "0.25", "eps_mode": "inside_sqrt", "normalize_variance": "true"}
    holds("MVN", "opset6", spec, [f32([[1, 3]]), i64([1])], f32([[-1, 1]]) / np.sqrt(f32(1.25)), tolerance=1e-6)
    holds("ReduceMean", "opset1", {"keep_dims": "true"}, [f32([[1, 2], [3, 4]]), i64([0, 1])], f32([[2.5]]))
    holds("MatMul", "opset1", {"transpose_a": "false", "transpose_b": "true"}, [f32([[1, 2]]), f32([[3, 4], [5, 6]])], f32([[11, 17]]))


def test_movement():
    x = f32([[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]])
    pads = [i64([0, 1]), i64([2, 3])]
    holds("Pad", "opset1", {"pad_mode": "constant"}, [x, *pads],
          f32([[0, 1, 2, 3, 4, 0, 0, 0], [0, 5, 6, 7, 8, 0, 0, 0], [0, 9, 10, 11, 12, 0, 0, 0], [0] * 8, [0] * 8]))
    holds("Pad", "opset1", {"pad_mode": "edge"}, [x, *pads],
          f32([[1, 1, 2, 3, 4, 4, 4, 4], [5, 5, 6, 7, 8, 8, 8, 8]] + [[9, 9, 10, 11, 12, 12, 12, 12]] * 3))
    holds("Reshape", "opset1", {"special_zero": "true"}, [f32(np.zeros((2, 5, 5, 24))), i64([0, -1, 4])], f32(np.zeros((2, 150, 4))))
    holds("Reshape", "opset1", {"special_zero": "true"}, [f32(np.zeros((3, 1, 1))), i64([-1, 0])], f32(np.zeros((3, 1))))
    holds("Broadcast", "opset3", {"mode": "bidirectional"}, [f32([[1], [2]]), i64([1, 1, 3])], f32([[[1, 1, 1], [2, 2, 2]]]))
    holds("ShapeOf", "opset3", {"output_type": "i64"}, [f32(np.zeros((2, 3)))], i64([2, 3]))
    holds("Transpose", "opset1", {}, [f32([[1, 2], [3, 4]]), i64([1, 0])], f32([[1, 3], [2, 4]]))
    holds("Concat", "opset1", {"axis": -1}, [f32([[1], [2]]), f32([[3], [4]])], f32([[1, 3], [2, 4]]))
    condition = np.asarray([[False, False], [True, False], [True, True]])
    holds("Select", "opset1", {}, [condition, f32([[-1, 0], [1, 2], [3, 4]]), f32([[11, 10], [9, 8], [7, 6]])],
          f32([[11, 10], [1, 8], [3, 4]]))


def test_interpolate():
    """Against Pillow where it is there: its filter of 32-bit floats rounds nothing between the two directions."""
    spec = {"mode": "bilinear_pillow", "shape_calculation_mode": "sizes"}
    holds("Interpolate", "opset11", spec, [f32([[[[0, 4, 8, 12]]]]), i64([1, 2]), i64([2, 3])], f32([[[[20 / 7, 64 / 7]]]]), tolerance=1e-6)
    try:
        from PIL import Image
    except ImportError:
        return
    x = f32(np.random.default_rng(2).uniform(0, 255, size=(37, 53)))
    for height, width in ((16, 16), (64, 20), (37, 100)):
        pillow = np.asarray(Image.fromarray(x, "F").resize((width, height), Image.BILINEAR))
        holds("Interpolate", "opset11", spec, [x[None, None], i64([height, width]), i64([2, 3])], pillow[None, None], tolerance=1e-4)


def test_refused():
    x = f32([[1, 2], [3, 4]])
    refused("has no attribute", "ReLU", "opset1", {"slope": "1"}, [x], x)
    refused("lacks the attribute", "Reshape", "opset1", {}, [x, i64([4])], f32([1, 2, 3, 4]))
    refused("the set has no such operation", "Slice", "opset7", {}, [x, i64([0]), i64([1]), i64([1]), i64([0])], x[:1])
    refused("the set has no such operation", "Relu", "opset1", {}, [x], x)
    refused("its port says", "ReLU", "opset1", {}, [x], f32([1, 2, 3, 4]))
    refused("its port says", "ReLU", "opset1", {}, [x], i64([[1, 2], [3, 4]]))
    refused("inputs of different types", "Add", "opset1", {}, [x, i64([1])], x)
    refused("the condition is larger", "Select", "opset1", {}, [x > 1, f32(0), f32(1)], x)
    refused("no scalar", "Pad", "opset1", {"pad_mode": "constant"}, [x, i64([0, 0]), i64([0, 0]), f32([1])], x)
    refused("an input has not one edge", "Add", "opset1", {}, [x, x], x, change=('to-layer="90" to-port="1"', 'to-layer="90" to-port="0"'))
    refused("reaches beyond the end", "Add", "opset1", {}, [x, x], x, change=('offset="0"', 'offset="8"'))
    refused("expected 16", "Add", "opset1", {}, [x, x], x, change=('size="16"', 'size="12"'))
    refused("is given float32", "ReLU", "opset1", {}, [x], x, change=('element_type="f32"', 'element_type="f16"'))


def main():
    tests = [(name, function) for name, function in globals().items() if name.startswith("test_")]
    print(f"1..{len(tests)}")
    failed = 0
    for number, (name, function) in enumerate(tests, 1):
        try:
            function()
            print(f"ok {number} - reader of IR: {name[5:]}")
        except Exception:  # whatever it is, it is a test that failed
            failed += 1
            print(f"not ok {number} - reader of IR: {name[5:]}")
            print("# " + traceback.format_exc().replace("\n", "\n# "))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
