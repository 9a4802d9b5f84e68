#!/usr/bin/env python3
"""okng beside its peers, alternating A B A B in one run on one machine; prints a table of ratios (peer / okng).

    OMP_NUM_THREADS=2 bench/peers.py --library build/libokng.so --pictures DIR --weights resnet18.pth

DIR holds pictures of OK parts. Needs Debian's python3-torch, python3-torchvision, python3-faiss, python3-pil. Times are
medians; both sides use all cores that OMP_NUM_THREADS allows. Everything goes through the library's public functions.
"""
import argparse
import ctypes as C
import os
import pathlib
import statistics
import tempfile
import time

import faiss
import numpy as np
import torch
import torchvision
from PIL import Image
from torchvision import transforms

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--library", required=True)
parser.add_argument("--pictures", required=True, type=pathlib.Path)
parser.add_argument("--weights", required=True)
parser.add_argument("--repeats", type=int, default=7)
args = parser.parse_args()
threads = int(os.environ.get("OMP_NUM_THREADS", os.cpu_count()))
torch.set_num_threads(threads)
torch.set_grad_enabled(False)
faiss.omp_set_num_threads(threads)
okng = C.CDLL(args.library)


class Picture(C.Structure):
    _fields_ = [("path", C.c_char_p), ("data", C.c_void_p), ("data_size", C.c_size_t), ("pixels", C.c_void_p),
                ("width", C.c_int32), ("height", C.c_int32), ("stride", C.c_ssize_t), ("format", C.c_int)]


class Error(C.Structure):
    _fields_ = [("status", C.c_int), ("message", C.c_char * 1020)]


error = Error()
okng.okng_array_data.restype = C.c_void_p


def check(status):
    if status != 0:
        raise SystemExit(error.message.decode())


def build_options(**values):
    options = C.create_string_buffer(65536)
    okng.okng_build_options_init_sized(options, C.c_size_t(options_size()))
    for name, value in values.items():
        check(okng.okng_build_options_set(options, name.encode(), str(value).encode(), C.byref(error)))
    return options


def options_size():
    """sizeof(okng_build_options), from the compiler."""
    if not hasattr(options_size, "value"):
        header = pathlib.Path(__file__).resolve().parent.parent / "include"
        with tempfile.TemporaryDirectory() as folder:
            program = '#include "okng/okng.h"\n#include <stdio.h>\nint main(void){printf("%zu %zu", sizeof(okng_build_options), sizeof(okng_inspect_options));}'
            pathlib.Path(folder, "size.c").write_text(program)
            os.system("cc -I%s %s/size.c -o %s/size" % (header, folder, folder))
            options_size.value, options_size.inspect = map(int, os.popen(folder + "/size").read().split())
    return options_size.value


def array(values):
    out = C.c_void_p()
    shape = (C.c_int64 * values.ndim)(*values.shape)
    check(okng.okng_array_new(C.byref(out), 0, values.ndim, shape, C.byref(error)))
    C.memmove(okng.okng_array_data(out), values.ctypes.data, values.nbytes)
    return out


def alternate(a, b, repeats=args.repeats):
    times = ([], [])
    for _ in range(repeats + 1):
        for function, list_ in ((a, times[0]), (b, times[1])):
            start = time.perf_counter()
            function()
            list_.append(time.perf_counter() - start)
    return tuple(statistics.median(t[1:]) * 1000 for t in times)  # the first warms up


rows = []


def report(work, peer, times):
    rows.append((work, peer, times[0], times[1], times[1] / times[0]))


paths = sorted(p for p in args.pictures.iterdir() if p.suffix in (".png", ".jpg", ".jpeg", ".bmp"))


def embeddings(count, **options):
    made = []
    o = build_options(backbone="resnet18", weights=args.weights, **options)
    for path in paths[:count]:
        out = C.c_void_p()
        check(okng.okng_embed(C.byref(Picture(path=str(path).encode())), o, C.byref(out), C.byref(error)))
        okng.okng_array_shape.restype = C.c_int64
        shape = [okng.okng_array_shape(out, d) for d in (0, 1)]
        made.append(np.ctypeslib.as_array(C.cast(okng.okng_array_data(out), C.POINTER(C.c_float)), shape).copy())
        okng.okng_array_free(C.byref(out))
    return np.concatenate(made)


def knn(name, bank, queries):
    index = faiss.IndexFlatL2(bank.shape[1])
    index.add(bank)
    a, b = array(bank), array(queries)

    def ours():
        d = C.c_void_p()
        check(okng.okng_knn(a, b, 1, 1, threads, C.byref(d), None, C.byref(error)))
        okng.okng_array_free(C.byref(d))

    report("1-NN, %d queries, %d rows, D %d, %s" % (*queries.shape[:1], *bank.shape, name), "FAISS flat L2",
           alternate(ours, lambda: index.search(queries, 1)))


def coreset(points, picks):
    """Farthest-first with torch, one full pass per pick as patchcore-inspection makes it; a few picks are timed."""
    few = 40
    tensor = torch.from_numpy(points)
    o = build_options(sampler="greedy", projection="none", start=0, **{"coreset-size": picks})
    a = array(points)

    def ours():
        out = C.c_void_p()
        check(okng.okng_coreset(a, o, None, None, C.byref(out), C.byref(error)))
        okng.okng_array_free(C.byref(out))

    def theirs():
        nearest = torch.full((len(points),), float("inf"))
        norms, pick = (tensor * tensor).sum(1), 0
        for _ in range(few):
            distance = (norms + norms[pick] - 2 * tensor @ tensor[pick]).clamp(0).sqrt()
            nearest = torch.minimum(nearest, distance)
            pick = int(nearest.argmax())

    mine, other = alternate(ours, theirs, 3)
    report("greedy coreset, ms per pick, %d of %d rows, D %d" % (picks, *points.shape), "torch, full passes",
           (mine / picks, other / few))


def preprocess():
    o = build_options(**{"resize": "256", "crop": "224"})
    picture = Picture(path=str(paths[0]).encode())
    steps = transforms.Compose([transforms.Resize(256), transforms.CenterCrop(224), transforms.ToTensor(),
                                transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])

    def ours():
        out = C.c_void_p()
        check(okng.okng_preprocess(C.byref(picture), o, C.byref(out), C.byref(error)))
        okng.okng_array_free(C.byref(out))

    report("file to input tensor, %s" % "x".join(map(str, Image.open(paths[0]).size)), "Pillow, torchvision",
           alternate(ours, lambda: steps(Image.open(paths[0]).convert("RGB")), 30))


def inspect(points):
    """A whole inspection against the network alone and against network + patches + FAISS in torch."""
    model = torchvision.models.resnet18(weights=None)
    model.load_state_dict(torch.load(args.weights), strict=False)
    model.eval()
    steps = transforms.Compose([transforms.Resize((256, 256)), transforms.ToTensor(),
                                transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])
    folder = tempfile.mkdtemp()
    names = (C.c_char_p * 40)(*[str(p).encode() for p in paths[:40]])
    o = build_options(backbone="resnet18", weights=args.weights, coreset="0.1")
    check(okng.okng_build(names, C.c_size_t(40), (folder + "/bank").encode(), o, None, None, None, C.byref(error)))
    bank = C.c_void_p()
    check(okng.okng_bank_open(C.byref(bank), (folder + "/bank").encode(), None, C.byref(error)))
    rows_ = torch.load(folder + "/bank/memory_bank.pt").numpy()
    options = C.create_string_buffer(4096)
    options_size()
    okng.okng_inspect_options_init_sized(options, C.c_size_t(options_size.inspect))
    index = faiss.IndexFlatL2(rows_.shape[1])
    index.add(rows_)
    picture = Picture(path=str(paths[50]).encode())

    def ours():
        result = C.c_void_p()
        check(okng.okng_inspect(bank, C.byref(picture), options, C.byref(result), C.byref(error)))
        okng.okng_result_free(C.byref(result))

    def network(x):
        x = model.maxpool(model.relu(model.bn1(model.conv1(x))))
        second = model.layer2(model.layer1(x))
        return second, model.layer3(second)

    def theirs():
        maps = network(steps(Image.open(paths[50]).convert("RGB"))[None])
        pooled = [torch.nn.functional.avg_pool2d(m, 3, 1, 1) for m in maps]
        pooled[1] = torch.nn.functional.interpolate(pooled[1], size=pooled[0].shape[-2:], mode="bilinear")
        patches = torch.cat(pooled, 1)[0].flatten(1).T.contiguous().numpy()
        index.search(patches, 1)

    report("inspect a picture, bank of %d rows, D %d" % rows_.shape, "torch + FAISS, no map", alternate(ours, theirs, 15))
    report("inspect a picture, bank of %d rows, D %d" % rows_.shape, "torch, network alone",
           alternate(ours, lambda: network(torch.zeros(1, 3, 256, 256)), 15))


real = embeddings(112, resize="224x224")  # 28x28 patches each
rng = np.random.default_rng(0)
order = rng.permutation(len(real))
for dim in (384, 1536):
    noise = rng.standard_normal((16384 + 784, dim), dtype=np.float32)
    knn("noise", noise[784:], noise[:784])
knn("real", real[order[784:784 + 16384]], real[:784].copy())
projected = real @ (rng.standard_normal((384, 128), dtype=np.float32) / np.float32(128 ** 0.5))
coreset(projected, len(projected) // 10)
preprocess()
inspect(real)
print("| work (%d threads) | okng ms | peer | peer ms | ratio |\n|---|---|---|---|---|" % threads)
for work, peer, mine, other, ratio in rows:
    print("| %s | %.3g | %s | %.3g | %.1f |" % (work, mine, peer, other, ratio))
