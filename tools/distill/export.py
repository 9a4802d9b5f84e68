#!/usr/bin/python3
"""Writes a checkpoint of train.py as okng's weights: batch norms folded, fp16, .safetensors.

    export.py OUT/checkpoint.pt okng-s.safetensors [--scale teacher|standard]

`teacher` gives the features back the teacher's own mean and deviation per channel, `standard` leaves mean 0 and
deviation 1. The same checkpoint gives the same bytes.
"""
import argparse
import json
import pathlib

import numpy as np
import torch

from network import Student


def folded(path, scale):
    checkpoint = torch.load(path, map_location="cpu")
    student = Student()
    student.load_state_dict(checkpoint["student"])
    student.fold()
    return student.rescale(checkpoint["std"], checkpoint["mean"]) if scale == "teacher" else student


def encode(state):
    """The bytes of a .safetensors file: length of the header, header, values."""
    header = {"__metadata__": {"format": "pt", "network": "okng-s", "teacher": "torchvision ResNet-18 (BSD-3-Clause)"}}
    data, at = [], 0
    for name in sorted(state):
        values = state[name].numpy().astype("<f2")
        assert np.isfinite(values).all(), name
        header[name] = {"dtype": "F16", "shape": list(values.shape), "data_offsets": [at, at + values.nbytes]}
        data.append(values.tobytes())
        at += values.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + b"".join(data)


def load(path):
    """The network of such a file, in fp32."""
    data = pathlib.Path(path).read_bytes()
    start = 8 + int.from_bytes(data[:8], "little")
    state = {}
    for name, entry in json.loads(data[8:start]).items():
        if name != "__metadata__":
            first, last = (start + offset for offset in entry["data_offsets"])
            state[name] = torch.from_numpy(np.frombuffer(data[first:last], "<f2").astype("f4").reshape(entry["shape"]))
    student = Student().fold()
    student.load_state_dict(state)
    return student


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkpoint")
    parser.add_argument("weights")
    parser.add_argument("--scale", choices=["teacher", "standard"], default="teacher")
    args = parser.parse_args()
    data = encode(folded(args.checkpoint, args.scale).state_dict())
    assert len(data) <= 4 << 20, len(data)
    pathlib.Path(args.weights).write_bytes(data)
    print(f"{args.weights}: {len(data)} bytes")


if __name__ == "__main__":
    main()
