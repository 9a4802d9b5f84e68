#!/bin/sh
# What surprises: a module saved whole (torch.save(module)) computes with whatever class of its name Python finds where it is
#   loaded. The older container keeps the class's text and warns where it differs; the zip container, the default since 1.6,
#   keeps none and says nothing.
# Why it matters: AF-CLIP's adapter was released so. Another clip/adaptor.py beside the script gives other scores of the same
#   file. okng reads the tensors, and the settings that they do not show, and computes with its own adapter.
# Version: Debian 12, python3-torch 1.13.0.
# Source: torch/serialization.py, _legacy_save keeps sources and _check_container_source compares them; _save keeps none
#   (tag v1.13.0).
# Output seen:
#   | torch 1.13.0a0
#   | zip.pt: 1 when saved, 1000 when loaded, no warning
#   | older.pt: 1 when saved, 1000 when loaded, SourceChangeWarning
#
# Needs python3-torch.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$folder /usr/bin/python3 - <<'PYTHON'
import importlib
import linecache
import warnings

import torch


def write_class(factor):
    with open("adapter.py", "w") as file:
        file.write("import torch\n\n\nclass Adapter(torch.nn.Module):\n    def forward(self, x):\n        return %d * x\n" % factor)
    linecache.clearcache()
    importlib.invalidate_caches()


print("torch", torch.__version__)
files = {"zip.pt": True, "older.pt": False}
write_class(1)
import adapter

for name, zipped in files.items():
    torch.save(adapter.Adapter(), name, _use_new_zipfile_serialization=zipped)
before = adapter.Adapter()(torch.ones(1)).item()
write_class(1000)
importlib.reload(adapter)
for name in files:
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        module = torch.load(name)
    print("%s: %d when saved, %d when loaded, %s" % (
        name, before, module(torch.ones(1)).item(), said[0].category.__name__ if said else "no warning"))
PYTHON
