#!/usr/bin/python3
"""Makes tests/golden/tensor/: weight files and arrays as torch and NumPy write them.

Run from anywhere: tests/golden/make_tensor.py (torch 1.13, NumPy 1.24). The values follow one rule, which the tests
repeat: element i is i / 2 - 1 for floating types, i - 1 for signed integers, i for uint8 and i % 2 for bool.
The files are the same in every run, but for the TorchScript archives and those of torch's older container: these hold addresses.
"""
import collections
import json
import os
import struct

import numpy as np
import torch

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "tensor")
FLOATS = {"f32": torch.float32, "f64": torch.float64, "f16": torch.float16, "bf16": torch.bfloat16}
INTS = {"i64": torch.int64, "i32": torch.int32, "i16": torch.int16, "i8": torch.int8}


def values(dtype, shape):
    count = int(np.prod(shape, dtype=np.int64))
    i = torch.arange(count, dtype=torch.float64)
    if dtype.is_floating_point:
        i = i / 2 - 1
    elif dtype == torch.bool:
        i = i % 2
    elif dtype != torch.uint8:
        i = i - 1
    return i.to(dtype).reshape(shape)


def state_dict():
    tensors = collections.OrderedDict()
    for name, dtype in {**FLOATS, **INTS, "u8": torch.uint8, "bool": torch.bool}.items():
        tensors["all." + name] = values(dtype, (2, 3, 5))
    tensors["scalar"] = torch.tensor(7)
    tensors["empty"] = torch.zeros(0, 3)
    tensors["parameter"] = torch.nn.Parameter(values(torch.float32, (4,)))
    base = values(torch.float32, (6, 4))
    tensors["shared"] = base
    tensors["shared.rows"] = base[2:4]
    tensors["strided"] = base.t()
    tensors["one"] = base[:, :1][3:4]
    tensors["größe"] = values(torch.float32, (1,))
    tensors._metadata = collections.OrderedDict([("", {"version": 1})])
    return tensors


def save(name, what, **options):
    torch.save(what, os.path.join(OUT, name), **options)


def write_safetensors(name, tensors, metadata=None):
    names = {torch.float32: "F32", torch.float64: "F64", torch.float16: "F16", torch.bfloat16: "BF16",
             torch.int64: "I64", torch.int32: "I32", torch.int16: "I16", torch.int8: "I8", torch.uint8: "U8",
             torch.bool: "BOOL"}
    header, data = {}, b""
    if metadata:
        header["__metadata__"] = metadata
    for key, tensor in tensors.items():
        raw = tensor.detach().contiguous()
        raw = raw.view(torch.int16) if raw.dtype == torch.bfloat16 else raw
        raw = raw.numpy().tobytes()
        header[key] = {"dtype": names[tensor.dtype], "shape": list(tensor.shape),
                       "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header, ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    with open(os.path.join(OUT, name), "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


class Part(torch.nn.Module):
    """A module with the attributes that a dict names: tensors, or dicts of the same."""

    def __init__(self, members):
        super().__init__()
        for name, member in members.items():
            if isinstance(member, dict):
                self.add_module(name, Part(member))
            elif isinstance(member, tuple):
                self.register_parameter(name, torch.nn.Parameter(values(torch.float16, member)))
            else:
                self.register_buffer(name, torch.tensor(member))


def openai_clip():
    """The parts of OpenAI's CLIP, as its TorchScript archives nest them: fp16, and three numbers."""
    def block(width):
        norm, linear = {"weight": (width,), "bias": (width,)}, lambda o, i: {"weight": (o, i), "bias": (o,)}
        return {"attn": {"in_proj_weight": (3 * width, width), "in_proj_bias": (3 * width,),
                         "out_proj": linear(width, width)},
                "ln_1": norm, "mlp": {"c_fc": linear(4 * width, width), "c_proj": linear(width, 4 * width)},
                "ln_2": norm}
    norm = {"weight": (4,), "bias": (4,)}
    visual = {"class_embedding": (4,), "positional_embedding": (5, 4), "proj": (4, 3), "conv1": {"weight": (4, 3, 2, 2)},
              "ln_pre": norm, "transformer": {"resblocks": {"0": block(4), "1": block(4)}}, "ln_post": norm}
    return Part({"positional_embedding": (6, 4), "text_projection": (4, 3), "logit_scale": (), "input_resolution": 4,
                 "context_length": 6, "vocab_size": 7, "visual": visual,
                 "transformer": {"resblocks": {"0": block(4)}}, "token_embedding": {"weight": (7, 4)},
                 "ln_final": norm})


def write_npy():
    for name in ("f4", "f8", "f2", "i8", "i4", "i2", "i1", "u1", "b1"):
        dtype = np.dtype(name)
        i = np.arange(2 * 3 * 5)
        i = i / 2 - 1 if dtype.kind == "f" else i % 2 if dtype.kind == "b" else i if dtype.kind == "u" else i - 1
        np.save(os.path.join(OUT, name + ".npy"), i.astype(dtype).reshape(2, 3, 5))
    rows = (np.arange(12) / 2 - 1).astype(np.float32).reshape(3, 4)
    np.save(os.path.join(OUT, "row.npy"), rows.reshape(12))
    np.save(os.path.join(OUT, "scalar.npy"), np.float32(-1))
    np.save(os.path.join(OUT, "empty.npy"), np.zeros((0, 4), np.float32))
    np.save(os.path.join(OUT, "eight.npy"), rows.reshape(1, 1, 3, 1, 1, 2, 1, 2))
    np.save(os.path.join(OUT, "fortran.npy"), np.asfortranarray(rows))
    np.save(os.path.join(OUT, "big.npy"), rows.astype(">f4"))
    np.save(os.path.join(OUT, "unsigned.npy"), rows.astype(np.uint32))
    np.save(os.path.join(OUT, "records.npy"), np.zeros(2, [("a", "f4"), ("b", "i4")]))
    for major in (2, 3):
        with open(os.path.join(OUT, "version%d.npy" % major), "wb") as file:
            np.lib.format.write_array(file, rows, version=(major, 0))


def main():
    torch.manual_seed(0)
    os.makedirs(OUT, exist_ok=True)
    tensors = state_dict()
    save("zip.pth", tensors)
    save("zip_protocol4.pth", tensors, pickle_protocol=4)
    save("legacy.pth", tensors, _use_new_zipfile_serialization=False)
    save("legacy_protocol5.pth", tensors, _use_new_zipfile_serialization=False, pickle_protocol=5)
    extras = {"epoch": 90, "lr": 0.1, "best": None, "done": True, "name": "tiny", "sizes": [1, 2.5, (3, "x")],
              "size": torch.Size([1, 2]), "device": torch.device("cpu"), "optimizer": {"state": {0: torch.ones(3)}},
              "seed": 1 << 70, "offset": -5}
    save("nested_zip.pth", {"state_dict": tensors, **extras})
    save("nested_legacy.pth", {**extras, "model": tensors}, _use_new_zipfile_serialization=False)
    save("flat_with_extras.pth", {**tensors, **extras})
    save("bare.pt", values(torch.float32, (5, 3)))
    save("large_shape.pt", torch.zeros(1).expand(70000, 300))
    save("list.pth", [torch.zeros(1)])
    save("module.pth", torch.nn.Linear(1, 1))
    torch.jit.save(torch.jit.script(torch.nn.Linear(1, 1)), os.path.join(OUT, "script.pth"))
    torch.jit.save(torch.jit.script(openai_clip()), os.path.join(OUT, "openai_clip.pt"))
    named = collections.OrderedDict((k, v) for k, v in tensors.items() if k not in ("shared.rows", "one"))
    write_safetensors("all.safetensors", named, {"format": "pt"})
    write_safetensors("none.safetensors", {})
    write_npy()


if __name__ == "__main__":
    main()
