#!/usr/bin/env python3
"""Reads OpenVINO IR (version 10 and 11) and evaluates it with NumPy, for tests.

Written from the public specification of the format and of its operations (docs.openvino.ai, "Available Operation Sets"), and from
nothing of okng's writer, so that the two can disagree. It refuses what the specification does not allow: attributes that an
operation has not or must have, a version of an operation that its operation set does not hold, inputs of a type it does not take,
ports whose declared type or shape is not what comes out.

    openvino_ir.py MODEL.xml                          prints what the model holds
    openvino_ir.py MODEL.xml --out DIR NAME=FILE.npy  evaluates it; DIR gets OUTPUT.npy for each output
"""
import argparse
import math
import os
import re
import sys
import xml.etree.ElementTree as ET

import numpy as np


class IRError(Exception):
    """What is not as the specification says."""


ELEMENT_TYPES = {
    "f32": np.float32, "f16": np.float16, "f64": np.float64, "i64": np.int64, "i32": np.int32, "i16": np.int16, "i8": np.int8,
    "u64": np.uint64, "u32": np.uint32, "u16": np.uint16, "u8": np.uint8, "boolean": np.bool_,
}
PRECISIONS = {
    "FP32": np.float32, "FP16": np.float16, "FP64": np.float64, "I64": np.int64, "I32": np.int32, "I16": np.int16, "I8": np.int8,
    "U64": np.uint64, "U32": np.uint32, "U16": np.uint16, "U8": np.uint8, "BOOL": np.bool_,
}


# ---- attributes ---------------------------------------------------------------------------------------------------------------

def integers(text):
    text = text.strip()
    return [int(word) for word in text.split(",")] if text else []


def boolean(text):
    if text not in ("true", "false", "1", "0"):
        raise IRError(f'"{text}" is neither true nor false')
    return text in ("true", "1")


def one_of(*names):
    def parse(text):
        if text not in names:
            raise IRError(f'"{text}" is none of {", ".join(names)}')
        return text
    return parse


def element_type(text):
    if text not in ELEMENT_TYPES:
        raise IRError(f'element type "{text}" is not known')
    return np.dtype(ELEMENT_TYPES[text])


def dimensions(text):
    """Of a Parameter, where a dimension may be open: "?" or -1 or a range."""
    return [int(word) if re.fullmatch(r"\s*\d+\s*", word) else -1 for word in text.split(",")] if text.strip() else []


REQUIRED = object()
BROADCAST = {"auto_broadcast": (one_of("numpy", "none"), "numpy")}
WINDOW = {"strides": (integers, REQUIRED), "pads_begin": (integers, REQUIRED), "pads_end": (integers, REQUIRED)}
AUTO_PAD = {"auto_pad": (one_of("explicit", "valid"), "explicit")}
ROUNDING = {"rounding_type": (one_of("floor", "ceil"), "floor")}


# ---- operations ---------------------------------------------------------------------------------------------------------------

OPERATIONS = {}  # type -> [(first set, last set, inputs least, most, attributes, function)]


def operation(name, first=1, last=99, inputs=1, most=None, **attributes):
    def add(function):
        OPERATIONS.setdefault(name, []).append((first, last, inputs, most or inputs, attributes, function))
        return function
    return add


def need(condition, what):
    if not condition:
        raise IRError(what)


def is_integer(array):
    return array.dtype.kind in "iu"


def is_float(array):
    return array.dtype.kind == "f"


def same_types(*arrays):
    need(len({array.dtype for array in arrays}) == 1, "inputs of different types: " + ", ".join(str(a.dtype) for a in arrays))


def axes_of(array, rank):
    need(is_integer(array) and array.ndim <= 1, "axes are no list of integers")
    axes = [int(axis) for axis in array.reshape(-1)]
    need(all(-rank <= axis < rank for axis in axes), f"axes {axes} of rank {rank}")
    return tuple(axis % rank for axis in axes)


def elementwise(name, function, kind="number", boolean_result=False):
    @operation(name, inputs=2, **BROADCAST)
    def run(node, a, b):
        same_types(a, b)
        need(kind != "number" or a.dtype != np.bool_, "numbers are needed")
        need(kind != "boolean" or a.dtype == np.bool_, "booleans are needed")
        need(node["auto_broadcast"] == "numpy" or a.shape == b.shape, "shapes differ and nothing is broadcast")
        with np.errstate(all="ignore"):
            result = function(a, b)
        return result if boolean_result else result.astype(a.dtype)



elementwise("Add", np.add)
elementwise("Subtract", np.subtract)
elementwise("Multiply", np.multiply)

@operation("Divide", inputs=2, m_pythondiv=(boolean, True), **BROADCAST)
def run_divide(node, a, b):
    same_types(a, b)
    need(is_float(a) or is_integer(a), "numbers are needed")
    with np.errstate(all="ignore"):
        if is_float(a):
            return a / b
        need((b != 0).all(), "a whole number is divided by 0")
        down = a // b
        return down if node["m_pythondiv"] else np.where((down < 0) & (down * b != a), down + 1, down)


elementwise("Maximum", np.maximum)
elementwise("Minimum", np.minimum)
elementwise("Power", np.power)
elementwise("SquaredDifference", lambda a, b: (a - b) * (a - b))
elementwise("Greater", np.greater, boolean_result=True)
elementwise("GreaterEqual", np.greater_equal, boolean_result=True)
elementwise("Less", np.less, boolean_result=True)
elementwise("LessEqual", np.less_equal, boolean_result=True)
elementwise("Equal", np.equal, kind="any", boolean_result=True)
elementwise("NotEqual", np.not_equal, kind="any", boolean_result=True)
elementwise("LogicalAnd", np.logical_and, kind="boolean", boolean_result=True)
elementwise("LogicalOr", np.logical_or, kind="boolean", boolean_result=True)


def unary(name, function, floats=False, first=1, **attributes):
    @operation(name, first=first, **attributes)
    def run(node, x):
        need(not floats or is_float(x), "floats are needed")
        need(x.dtype != np.bool_, "numbers are needed")
        with np.errstate(all="ignore"):
            return function(x).astype(x.dtype)


def erf(x):
    """By the series near 0 and the continued fraction of erfc elsewhere, in float64."""
    x = np.asarray(x, np.float64)
    size = np.minimum(np.abs(x), 6.0)
    term, series = size.copy(), size.copy()
    for n in range(1, 80):
        term = -term * size * size / n
        series += term / (2 * n + 1)
    series *= 2 / math.sqrt(math.pi)
    with np.errstate(all="ignore"):
        tail = np.zeros_like(size)
        for n in range(120, 0, -1):
            tail = n / 2 / (size + tail)
        fraction = 1 - np.exp(-size * size) / math.sqrt(math.pi) / (size + tail)
    result = np.sign(x) * np.where(size < 2.5, series, fraction)
    return np.where(np.isnan(x), np.nan, result)


unary("ReLU", lambda x: np.where(x < 0, 0, x))
unary("Sigmoid", lambda x: 1 / (1 + np.exp(-x.astype(np.float64))), floats=True)
unary("Erf", erf, floats=True)
unary("Exp", np.exp, floats=True)
unary("Log", np.log, floats=True)
unary("Sqrt", np.sqrt, floats=True)
unary("Abs", np.abs)
unary("Negative", np.negative)
unary("Floor", np.floor)


@operation("Round", first=5, mode=(one_of("half_to_even"), "half_to_even"))
def run_round(node, x):
    return np.rint(x).astype(x.dtype)


@operation("LogicalNot")
def run_not(node, x):
    need(x.dtype == np.bool_, "booleans are needed")
    return ~x


@operation("IsNaN", first=10)
def run_is_nan(node, x):
    need(is_float(x), "floats are needed")
    return np.isnan(x)


@operation("Convert", destination_type=(element_type, REQUIRED))
def run_convert(node, x):
    with np.errstate(all="ignore"):
        return x.astype(node["destination_type"])


@operation("Select", inputs=3, **BROADCAST)
def run_select(node, condition, a, b):
    same_types(a, b)
    need(condition.dtype == np.bool_, "the condition is not boolean")
    shape = np.broadcast_shapes(a.shape, b.shape)
    need(np.broadcast_shapes(condition.shape, shape) == shape, "the condition is larger than what it selects of")
    return np.where(condition, a, b)


# products

@operation("MatMul", inputs=2, transpose_a=(boolean, False), transpose_b=(boolean, False))
def run_matmul(node, a, b):
    same_types(a, b)
    need(a.ndim > 0 and b.ndim > 0, "a scalar is multiplied")
    if node["transpose_a"] and a.ndim > 1:
        a = np.swapaxes(a, -1, -2)
    if node["transpose_b"] and b.ndim > 1:
        b = np.swapaxes(b, -1, -2)
    with np.errstate(all="ignore"):
        return np.matmul(a, b)


def windows(x, node, kernel, fill):
    """[N, C, OH, OW, KH, KW] of x [N, C, H, W]."""
    need(x.ndim == 4, "only pictures, [N, C, H, W], are read here")
    strides, dilations = node["strides"], node.get("dilations") or [1, 1]
    begin, end = ([0, 0], [0, 0]) if node["auto_pad"] == "valid" else (node["pads_begin"], node["pads_end"])
    need(all(len(v) == 2 for v in (strides, dilations, begin, end, kernel)), "a window of other than two directions")
    need(node.get("rounding_type", "floor") == "floor", "only rounding down is read here")
    padded = np.pad(x, ((0, 0), (0, 0), (begin[0], end[0]), (begin[1], end[1])), constant_values=fill)
    reach = [(k - 1) * d + 1 for k, d in zip(kernel, dilations)]
    view = np.lib.stride_tricks.sliding_window_view(padded, reach, axis=(2, 3))
    return view[:, :, ::strides[0], ::strides[1], ::dilations[0], ::dilations[1]]


def convolve(node, x, kernel):
    view = windows(x, node, kernel.shape[2:], 0)
    n, c, height, width = view.shape[:4]
    need(c == kernel.shape[1], f"{c} channels and a kernel of {kernel.shape[1]}")
    columns = view.transpose(0, 2, 3, 1, 4, 5).reshape(n * height * width, -1)
    with np.errstate(all="ignore"):
        product = columns @ kernel.reshape(kernel.shape[0], -1).T
    return product.reshape(n, height, width, -1).transpose(0, 3, 1, 2)


DILATED = {"dilations": (integers, REQUIRED)}


@operation("Convolution", inputs=2, **WINDOW, **DILATED, **AUTO_PAD)
def run_convolution(node, x, kernel):
    same_types(x, kernel)
    return convolve(node, x, kernel)


@operation("GroupConvolution", inputs=2, **WINDOW, **DILATED, **AUTO_PAD)
def run_group_convolution(node, x, kernel):
    same_types(x, kernel)
    need(kernel.ndim == 5, "the kernel is not [G, O, I, H, W]")
    parts = np.split(x, kernel.shape[0], axis=1)
    return np.concatenate([convolve(node, part, kernel[g]) for g, part in enumerate(parts)], axis=1)


# pooling

@operation("MaxPool", first=1, last=7, kernel=(integers, REQUIRED), **WINDOW, **ROUNDING, **AUTO_PAD)
def run_max_pool(node, x):
    return windows(x, node, node["kernel"], -np.inf).max(axis=(4, 5))


@operation("MaxPool", first=8, kernel=(integers, REQUIRED), dilations=(integers, None), axis=(int, 0),
           index_element_type=(element_type, np.dtype(np.int64)), **WINDOW, **ROUNDING, **AUTO_PAD)
def run_max_pool_indices(node, x):
    return windows(x, node, node["kernel"], -np.inf).max(axis=(4, 5)), None  # nobody asks where the largest was


@operation("AvgPool", kernel=(integers, REQUIRED), **{"exclude-pad": (boolean, REQUIRED)}, **WINDOW, **ROUNDING, **AUTO_PAD)
def run_average_pool(node, x):
    total = windows(x, node, node["kernel"], 0).sum(axis=(4, 5), dtype=x.dtype)
    if not node["exclude-pad"]:
        return total / x.dtype.type(node["kernel"][0] * node["kernel"][1])
    return total / windows(np.ones_like(x), node, node["kernel"], 0).sum(axis=(4, 5), dtype=x.dtype)


# reductions

def reduction(name, function):
    @operation(name, inputs=2, keep_dims=(boolean, False))
    def run(node, x, axes):
        need(x.dtype != np.bool_, "numbers are needed")
        with np.errstate(all="ignore"):
            return np.asarray(function(x, axis=axes_of(axes, x.ndim), keepdims=node["keep_dims"])).astype(x.dtype)


reduction("ReduceSum", np.sum)
reduction("ReduceMean", np.mean)
reduction("ReduceMax", np.max)
reduction("ReduceMin", np.min)


@operation("SoftMax", axis=(int, 1))
def run_softmax(node, x):
    need(is_float(x) and -x.ndim <= node["axis"] < x.ndim, f"axis {node['axis']} of {x.dtype} rank {x.ndim}")
    with np.errstate(all="ignore"):
        power = np.exp(x - x.max(axis=node["axis"], keepdims=True))
        return power / power.sum(axis=node["axis"], keepdims=True)


@operation("MVN", first=6, inputs=2, normalize_variance=(boolean, REQUIRED), eps=(float, REQUIRED),
           eps_mode=(one_of("inside_sqrt", "outside_sqrt"), REQUIRED))
def run_mvn(node, x, axes):
    axes = axes_of(axes, x.ndim)
    with np.errstate(all="ignore"):
        centred = x - x.mean(axis=axes, keepdims=True)
        if not node["normalize_variance"]:
            return centred
        variance = (centred * centred).mean(axis=axes, keepdims=True)
        eps = x.dtype.type(node["eps"])
        return centred / (np.sqrt(variance + eps) if node["eps_mode"] == "inside_sqrt" else np.sqrt(variance) + eps)


def top_k(node, x, k):
    need(is_integer(k) and k.size == 1, "k is no whole number")
    k, axis = int(k.reshape(())), node["axis"]
    need(-x.ndim <= axis < x.ndim and 1 <= k <= x.shape[axis], f"k {k} along axis {axis} of {x.shape}")
    need(node["sort"] == "value", "only what is sorted by value is read here")
    keys = -x if node["mode"] == "max" else x  # a stable ascending sort keeps equal ones in their order
    order = np.take(np.argsort(keys, axis=axis, kind="stable"), np.arange(k), axis=axis)
    return np.take_along_axis(x, order, axis=axis), order.astype(node["index_element_type"])


TOP_K = {"axis": (int, REQUIRED), "mode": (one_of("min", "max"), REQUIRED), "sort": (one_of("value", "index", "none"), REQUIRED),
         "index_element_type": (element_type, np.dtype(np.int32))}


@operation("TopK", first=1, last=10, inputs=2, **TOP_K)
def run_top_k(node, x, k):
    return top_k(node, x, k)


@operation("TopK", first=11, inputs=2, stable=(boolean, False), **TOP_K)
def run_stable_top_k(node, x, k):
    return top_k(node, x, k)


# movement

@operation("Gather", first=8, inputs=3, batch_dims=(int, 0))
def run_gather(node, x, indices, axis):
    need(is_integer(indices) and is_integer(axis) and axis.size == 1, "indices or axis are no whole numbers")
    need(node["batch_dims"] == 0, "only what is gathered for all batches alike is read here")
    axis = axes_of(axis, x.ndim)[0]
    size = x.shape[axis]
    inside = (indices >= -size) & (indices < size)
    taken = np.take(x, np.where(inside, indices, 0), axis=axis)
    spread = inside.reshape((1,) * axis + indices.shape + (1,) * (x.ndim - axis - 1))
    return np.where(spread, taken, x.dtype.type(0))


@operation("GatherElements", first=6, inputs=2, axis=(int, REQUIRED))
def run_gather_elements(node, x, indices):
    axis = node["axis"] % x.ndim
    need(is_integer(indices) and indices.ndim == x.ndim, "indices are of another rank or no whole numbers")
    need(all(i == axis or a == b for i, (a, b) in enumerate(zip(x.shape, indices.shape))), "indices are of another shape")
    need(indices.size == 0 or (indices.min() >= 0 and indices.max() < x.shape[axis]), "an index is out of bounds")
    return np.take_along_axis(x, indices, axis=axis)


@operation("Concat", inputs=1, most=100000, axis=(int, REQUIRED))
def run_concat(node, *parts):
    same_types(*parts)
    return np.concatenate(parts, axis=node["axis"])


@operation("Slice", first=8, inputs=4, most=5)
def run_slice(node, x, start, stop, step, axes=None):
    lists = [start, stop, step] + ([axes] if axes is not None else [])
    need(all(is_integer(v) and v.ndim == 1 and v.size == start.size for v in lists), "start, stop, step and axes are no equal lists")
    where = axes_of(axes, x.ndim) if axes is not None else tuple(range(start.size))
    index = [slice(None)] * x.ndim
    for axis, a, b, s in zip(where, start.tolist(), stop.tolist(), step.tolist()):
        need(s != 0, "a step of 0")
        size = x.shape[axis]
        index[axis] = slice(a, None if s < 0 and b < -size else b, s)
    return x[tuple(index)]


@operation("Transpose", inputs=2)
def run_transpose(node, x, order):
    need(is_integer(order) and order.ndim == 1, "the order is no list")
    return np.transpose(x, order.tolist() or None)


@operation("Reshape", inputs=2, special_zero=(boolean, REQUIRED))
def run_reshape(node, x, shape):
    need(is_integer(shape) and shape.ndim == 1, "the shape is no list")
    wanted = shape.tolist()
    if node["special_zero"]:
        wanted = [x.shape[i] if size == 0 else size for i, size in enumerate(wanted)]
    need(wanted.count(-1) <= 1, "more than one dimension is open")
    return x.reshape(wanted)


@operation("Unsqueeze", inputs=2)
def run_unsqueeze(node, x, axes):
    return np.expand_dims(x, tuple(int(a) for a in axes.reshape(-1)))


@operation("Squeeze", inputs=2)
def run_squeeze(node, x, axes):
    return np.squeeze(x, axis=axes_of(axes, x.ndim))


@operation("Broadcast", first=3, inputs=2, mode=(one_of("numpy", "bidirectional"), "numpy"))
def run_broadcast(node, x, shape):
    need(is_integer(shape) and shape.ndim == 1, "the shape is no list")
    target = tuple(shape.tolist())
    whole = np.broadcast_shapes(x.shape, target)
    need(node["mode"] == "bidirectional" or whole == target, f"{x.shape} does not become {target}")
    return np.broadcast_to(x, whole)


@operation("ShapeOf", first=3, output_type=(element_type, np.dtype(np.int64)))
def run_shape_of(node, x):
    return np.asarray(x.shape, node["output_type"])


def pad(node, x, begin, end, value=None):
    need(is_integer(begin) and is_integer(end) and begin.shape == end.shape == (x.ndim,), "pads are no two lists of the rank")
    need(min(begin.tolist() + end.tolist()) >= 0, "pads below 0 are not read here")
    widths = list(zip(begin.tolist(), end.tolist()))
    if node["pad_mode"] != "constant":
        need(value is None, "a value for other than constant")
        return np.pad(x, widths, mode=node["pad_mode"])
    if value is not None:
        same_types(x, value)
        need(value.ndim == 0, "the value is no scalar")
    return np.pad(x, widths, constant_values=0 if value is None else value)


@operation("Pad", inputs=3, most=4, pad_mode=(one_of("constant", "edge", "reflect", "symmetric"), REQUIRED))
def run_pad(node, *inputs):
    return pad(node, *inputs)


# pictures

def pillow_weights(size, wanted):
    """Pillow's bilinear filter with its support stretched where it makes smaller: [wanted, size] in float64."""
    scale = size / wanted
    support = max(scale, 1.0)
    weights = np.zeros((wanted, size))
    for i in range(wanted):
        centre = (i + 0.5) * scale
        first, last = max(int(centre - support + 0.5), 0), min(int(centre + support + 0.5), size)
        places = (np.arange(first, last) + 0.5 - centre) / support
        row = np.maximum(1 - np.abs(places), 0)
        weights[i, first:last] = row / row.sum()
    return weights


def half_pixel_weights(size, wanted):
    weights = np.zeros((wanted, size))
    for i in range(wanted):
        place = (i + 0.5) * size / wanted - 0.5
        low = math.floor(place)
        for j, share in ((low, 1 - (place - low)), (low + 1, place - low)):
            weights[i, min(max(j, 0), size - 1)] += share
    return weights


@operation("Interpolate", first=11, inputs=3, mode=(one_of("bilinear_pillow", "linear_onnx"), REQUIRED),
           shape_calculation_mode=(one_of("sizes"), REQUIRED), coordinate_transformation_mode=(one_of("half_pixel"), "half_pixel"),
           nearest_mode=(str, "round_prefer_floor"), antialias=(boolean, False), pads_begin=(integers, [0]), pads_end=(integers, [0]),
           cube_coeff=(float, -0.75))
def run_interpolate(node, x, sizes, axes):
    need(is_integer(sizes) and sizes.size == axes.size and not any(node["pads_begin"]) and not any(node["pads_end"]),
         "sizes, axes or pads that are not read here")
    make = pillow_weights if node["mode"] == "bilinear_pillow" else half_pixel_weights
    result = x.astype(np.float64)
    for axis, wanted in zip(axes_of(axes, x.ndim), sizes.tolist()):
        weights = make(x.shape[axis], int(wanted))
        result = np.moveaxis(np.tensordot(weights, result, axes=(1, axis)), 0, axis)
    return result.astype(x.dtype)


# ---- the file -----------------------------------------------------------------------------------------------------------------

class Node:
    def __init__(self, element):
        self.id = int(element.get("id"))
        self.type, self.name, self.version = element.get("type"), element.get("name"), element.get("version")
        self.values, self.function, self.sources = {}, None, []
        data = element.find("data")
        self.given = dict(data.attrib) if data is not None else {}
        self.inputs = [port_of(port) for port in element.iterfind("input/port")]
        self.outputs = [port_of(port) for port in element.iterfind("output/port")]

    def __getitem__(self, name):
        return self.values[name]

    def get(self, name, default=None):
        return self.values.get(name, default)

    def place(self):
        return f'layer {self.id} "{self.name}" ({self.type}, {self.version})'


def port_of(element):
    precision = element.get("precision")
    if precision is not None and precision not in PRECISIONS:
        raise IRError(f'precision "{precision}" is not known')
    return {
        "id": int(element.get("id")),
        "dtype": np.dtype(PRECISIONS[precision]) if precision else None,
        "shape": [int(dim.text) for dim in element.iterfind("dim")],
        "names": [name.replace("\\,", ",") for name in re.split(r"(?<!\\),", element.get("names") or "") if name],
    }


STANDING = {
    "Parameter": {"element_type": (element_type, REQUIRED), "shape": (dimensions, REQUIRED)},
    "Const": {"element_type": (element_type, REQUIRED), "shape": (integers, REQUIRED), "offset": (int, REQUIRED),
              "size": (int, REQUIRED)},
    "Result": {},
}


def choose(node):
    """Which row of the operation the set that the layer names holds; fills the node's attributes."""
    number = re.fullmatch(r"opset(\d+)", node.version or "")
    need(number and 1 <= int(number.group(1)) <= 16, f"{node.place()}: there is no such operation set")
    number = int(number.group(1))
    attributes = STANDING.get(node.type)
    if attributes is None:
        rows = [row for row in OPERATIONS.get(node.type, []) if row[0] <= number <= row[1]]
        need(rows, f"{node.place()}: the set has no such operation, or it is not read here")
        _, _, least, most, attributes, node.function = rows[-1]
        need(least <= len(node.inputs) <= most, f"{node.place()}: has {len(node.inputs)} inputs, expected {least} to {most}")
    for name in node.given:
        need(name in attributes, f'{node.place()}: has no attribute "{name}"')
    for name, (parse, default) in attributes.items():
        need(default is not REQUIRED or name in node.given, f'{node.place()}: lacks the attribute "{name}"')
        try:
            node.values[name] = parse(node.given[name]) if name in node.given else default
        except (IRError, ValueError) as error:
            raise IRError(f"{node.place()}: {name}: {error}") from None


class Model:
    """nodes in the order in which they can run; parameters and results as they stand in the file."""

    def __init__(self, xml, binary=None):
        root = ET.parse(xml).getroot()
        need(root.tag == "net" and root.get("version") in ("10", "11"), f"{xml}: no IR of version 10 or 11")
        self.name = root.get("name")
        self.nodes = {}
        for element in root.iterfind("layers/layer"):
            node = Node(element)
            need(node.id not in self.nodes, f"{node.place()}: the number is taken")
            choose(node)
            self.nodes[node.id] = node
        self.connect(root)
        self.order = self.sort()
        self.parameters = [node for node in self.nodes.values() if node.type == "Parameter"]
        self.results = [node for node in self.nodes.values() if node.type == "Result"]
        need(self.parameters and self.results, f"{xml}: has no input or no output")
        self.info = {"/".join(path): value for path, value in self.read_info(root.find("rt_info"), ())}
        binary = binary or os.path.splitext(xml)[0] + ".bin"
        self.bytes = np.memmap(binary, np.uint8, "r") if os.path.getsize(binary) else np.zeros(0, np.uint8)
        self.constant_bytes = 0

    def read_info(self, element, path):
        for child in element if element is not None else ():
            if child.get("value") is not None:
                yield path + (child.tag,), child.get("value")
            yield from self.read_info(child, path + (child.tag,))

    def connect(self, root):
        for edge in root.iterfind("edges/edge"):
            one, other = self.nodes[int(edge.get("from-layer"))], self.nodes[int(edge.get("to-layer"))]
            outs = [port["id"] for port in one.outputs]
            ins = [port["id"] for port in other.inputs]
            need(int(edge.get("from-port")) in outs, f"{one.place()}: has no output port {edge.get('from-port')}")
            need(int(edge.get("to-port")) in ins, f"{other.place()}: has no input port {edge.get('to-port')}")
            other.sources.append((ins.index(int(edge.get("to-port"))), one.id, outs.index(int(edge.get("from-port")))))
        for node in self.nodes.values():
            node.sources.sort()
            need([s[0] for s in node.sources] == list(range(len(node.inputs))), f"{node.place()}: an input has not one edge")
            ids = [port["id"] for port in node.inputs + node.outputs]
            need(len(set(ids)) == len(ids), f"{node.place()}: two ports have one number")

    def sort(self):
        order, state = [], {}
        for start in self.nodes:
            stack = [(start, False)]
            while stack:
                at, done = stack.pop()
                if done:
                    state[at] = 2
                    order.append(at)
                elif state.get(at, 0) == 0:
                    state[at] = 1
                    stack.append((at, True))
                    for _, source, _ in self.nodes[at].sources:
                        need(state.get(source, 0) != 1, f"{self.nodes[source].place()}: depends on itself")
                        if state.get(source, 0) == 0:
                            stack.append((source, False))
        return order

    def constant(self, node):
        dtype, shape, size, offset = (node[name] for name in ("element_type", "shape", "size", "offset"))
        wanted = int(np.prod(shape, dtype=np.int64)) * dtype.itemsize
        need(size == wanted, f"{node.place()}: {size} bytes, expected {wanted}")
        need(0 <= offset <= self.bytes.size - size, f"{node.place()}: reaches beyond the end of the file")
        need(offset % dtype.itemsize == 0, f"{node.place()}: does not begin at a multiple of its elements")
        self.constant_bytes += size
        return self.bytes[offset:offset + size].view(dtype).reshape(shape)

    def check_port(self, node, port, value):
        if value is None:
            return
        need(port["dtype"] is None or port["dtype"] == value.dtype, f"{node.place()}: gives {value.dtype}, its port says {port['dtype']}")
        fits = len(port["shape"]) == value.ndim and all(d in (-1, s) for d, s in zip(port["shape"], value.shape))
        need(fits, f"{node.place()}: gives {list(value.shape)}, its port says {port['shape']}")

    def result_name(self, node):
        """A tensor that is several outputs has the names of all; then the result's own says which it is."""
        _, source, port = node.sources[0]
        names = self.nodes[source].outputs[port]["names"]
        own = node.name.split("/")[0]
        return own if own in names or not names else names[0]

    def run(self, inputs):
        """inputs and the outputs that come back: by the names of their ports."""
        values, outputs = {}, {}
        uses = {}
        for node in self.nodes.values():
            for _, source, _ in node.sources:
                uses[source] = uses.get(source, 0) + 1
        for at in self.order:
            node = self.nodes[at]
            taken = [values[source][port] for _, source, port in node.sources]
            for port, value in zip(node.inputs, taken):
                self.check_port(node, port, value)
            if node.type == "Parameter":
                made = (self.parameter(node, inputs),)
            elif node.type == "Const":
                made = (self.constant(node),)
            elif node.type == "Result":
                outputs.setdefault(self.result_name(node), taken[0])
                made = ()
            else:
                try:
                    made = node.function(node, *taken)
                except (IRError, ValueError) as error:
                    raise IRError(f"{node.place()}: {error}") from None
                made = made if isinstance(made, tuple) else (made,)
            for port, value in zip(node.outputs, made):
                self.check_port(node, port, value)
            need(node.type == "Result" or len(node.outputs) == len(made), f"{node.place()}: has {len(node.outputs)} output ports")
            values[at] = made
            for _, source, _ in node.sources:
                uses[source] -= 1
                if uses[source] == 0:
                    del values[source]
        return outputs

    def parameter(self, node, inputs):
        names = node.outputs[0]["names"] or [node.name]
        value = next((np.asarray(inputs[name]) for name in names if name in inputs), None)
        need(value is not None, f"{node.place()}: no value is given")
        need(value.dtype == node["element_type"], f"{node.place()}: is given {value.dtype}, expected {node['element_type']}")
        shape = node["shape"]
        need(len(shape) == value.ndim and all(d in (-1, s) for d, s in zip(shape, value.shape)),
             f"{node.place()}: is given {list(value.shape)}, expected {shape}")
        return value


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("inputs", nargs="*", metavar="NAME=FILE.npy")
    parser.add_argument("--out", metavar="DIR")
    given = parser.parse_intermixed_args()
    try:
        model = Model(given.model)
        if not given.inputs:
            kinds = [node.type for node in model.nodes.values()]
            for kind in sorted(set(kinds)):
                print(f"{kinds.count(kind):6d} {kind}")
            for key, value in sorted(model.info.items()):
                print(f"{key}={value}")
            return 0
        outputs = model.run({name: np.load(path) for name, path in (word.split("=", 1) for word in given.inputs)})
    except (IRError, OSError, ET.ParseError) as error:
        print(f"openvino_ir.py: {error}", file=sys.stderr)
        return 1
    for name, value in outputs.items():
        print(name, value.dtype, list(value.shape), *(value.reshape(-1)[:4].tolist()))
        if given.out:
            np.save(os.path.join(given.out, name + ".npy"), value)
    return 0


if __name__ == "__main__":
    sys.exit(main())
