#!/usr/bin/env python3
"""Pickles as AF-CLIP's code saves what it learnt: tests/golden/import/adaptor.pkl, adaptor_legacy.pkl, prompt.pkl.

Usage: make_released.py FOLDER, where FOLDER is a copy of github.com/Faustinaqq/AF-CLIP, whose classes are pickled; with
torch 1.13 (Debian 12). What is kept holds names, shapes and settings, no numbers and no text of theirs: tests put numbers
behind it (tests/made_released.h).

  adaptor.pkl         data.pkl of the zip that torch.save writes, of an adapter for tokens of 256 numbers
  prompt.pkl          likewise of a prompt of 12 vectors of 256 numbers, as on a GPU
  adaptor_legacy.pkl  the five pickles of the older container, storages called 0 to 6

Small whole files of zeros are what a fuzzer starts from: tests/fuzz/corpus/import_afclip/.
"""
import io
import os
import pickle
import sys
import types
import zipfile

import torch

WIDTH = 256


def find_classes(folder):
    unused = types.ModuleType("einops")  # for its forward
    unused.rearrange = unused.repeat = None
    sys.modules["einops"] = unused
    sys.path.insert(0, folder)
    package = types.ModuleType("clip")  # without its __init__, which wants more
    package.__path__ = [os.path.join(folder, "clip")]
    sys.modules["clip"] = package
    import clip.adaptor

    return clip.adaptor


def no_source(unused):
    raise OSError("the text of classes is left out")


def legacy(module):
    """The pickles alone. Storages are called by their addresses there: numbers in the order of the module instead."""
    torch.serialization.get_source_lines_and_file = no_source
    out = io.BytesIO()
    torch.save(module, out, _use_new_zipfile_serialization=False)
    out.seek(0)
    for _ in range(3):
        pickle.load(out)
    begin = out.tell()
    keys = []

    class Reader(pickle.Unpickler):
        def persistent_load(self, saved):
            if saved[0] == "module":
                return saved[1]
            if saved[2] not in keys:
                keys.append(saved[2])
            return torch.FloatStorage(saved[4])

    reader = Reader(out)
    rebuild, torch._utils._rebuild_tensor_v2 = torch._utils._rebuild_tensor_v2, lambda *a: torch.zeros(a[2])
    reader.load()  # of no numbers
    torch._utils._rebuild_tensor_v2 = rebuild
    middle = out.tell()
    listed = pickle.load(out)
    assert sorted(listed) == sorted(keys) and len(keys) == 7
    bytes_ = out.getvalue()
    head, body = bytes_[:begin], bytes_[begin:middle]
    for i, key in enumerate(keys):
        before = b"X" + len(key).to_bytes(4, "little") + key.encode()
        assert body.count(before) == 1
        body = body.replace(before, b"X\1\0\0\0" + str(i).encode())
    return head + body + pickle.dumps([str(i) for i in range(7)], protocol=2)


def whole(value):
    out = io.BytesIO()
    torch.save(value, out)
    return out.getvalue()


def make_corpus(classes):
    """Adapters for tokens of one number; one whose attention has 4 numbers in place of 512 is small."""
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "fuzz", "corpus", "import_afclip")
    os.makedirs(folder, exist_ok=True)
    tiny = classes.Adaptor(1)
    tiny.attention.attn = classes.CrossAttention(query_dim=1, heads=1, dim_head=4)
    good = classes.Adaptor(1)
    for module in tiny, good:
        for parameter in module.parameters():
            parameter.data.zero_()
    files = {"prompt": whole(torch.nn.Parameter(torch.zeros(1, 12, 1))), "module": whole(good), "tiny": whole(tiny),
             "state": whole(tiny.state_dict())}
    for name, module in ("legacy", good), ("tiny_legacy", tiny):
        counts = [parameter.numel() for parameter in module.parameters()]
        files[name] = legacy(module) + b"".join(n.to_bytes(8, "little") + bytes(4 * n) for n in counts)
    for name, data in files.items():
        with open(os.path.join(folder, name), "wb") as file:
            file.write(data)


def pickled(value):
    with zipfile.ZipFile(io.BytesIO(whole(value))) as archive:
        return archive.read("archive/data.pkl")


def main():
    out = os.path.join(os.path.dirname(os.path.abspath(__file__)), "import")
    classes = find_classes(sys.argv[1])
    module = classes.Adaptor(WIDTH)
    with open(os.path.join(out, "adaptor.pkl"), "wb") as file:
        file.write(pickled(module))
    prompt = pickled(torch.nn.Parameter(torch.zeros(1, 12, WIDTH)))
    assert prompt.count(b"X\3\0\0\0cpu") == 1
    with open(os.path.join(out, "prompt.pkl"), "wb") as file:
        file.write(prompt.replace(b"X\3\0\0\0cpu", b"X\6\0\0\0cuda:0"))
    with open(os.path.join(out, "adaptor_legacy.pkl"), "wb") as file:
        file.write(legacy(module))
    make_corpus(classes)


main()
