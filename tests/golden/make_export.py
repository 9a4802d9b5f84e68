"""An ONNX model whose constants stand as lists of numbers (float_data, int64_data, int32_data), as onnx.helper writes them; okng itself
writes raw_data. Needs Debian's python3-onnx. Usage: /usr/bin/python3 tests/golden/make_export.py"""
import os

import onnx
from onnx import TensorProto, helper

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "export")
nodes = [
    helper.make_node("Add", ["x", "c"], ["sum"]),
    helper.make_node("Reshape", ["sum", "shape"], ["flat"]),
    helper.make_node("Where", ["which", "flat", "x_flat"], ["y"]),
    helper.make_node("Reshape", ["x", "shape"], ["x_flat"]),
]
nodes[2], nodes[3] = nodes[3], nodes[2]
graph = helper.make_graph(
    nodes,
    "lists",
    [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 2, 2])],
    [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", 4])],
    [
        helper.make_tensor("c", TensorProto.FLOAT, [2, 1], [0.5, -2.25]),
        helper.make_tensor("shape", TensorProto.INT64, [2], [-1, 4]),
        helper.make_tensor("which", TensorProto.BOOL, [4], [True, False, True, True]),
    ],
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], producer_name="make_export.py")
model.ir_version = 8
onnx.checker.check_model(model, full_check=True)
assert not any(t.raw_data for t in graph.initializer)
onnx.save(model, os.path.join(HERE, "lists.onnx"))
