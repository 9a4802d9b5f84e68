#!/usr/bin/env python3
"""Models in other programs' formats and what those programs would score, for test_import_models.c.

Run from the root of the repository: OMP_NUM_THREADS=2 /usr/bin/python3 tests/golden/make_import.py
Needs torch 1.13, torchvision 0.14, faiss 1.7, SciPy, Pillow; the pictures of make_pipeline.py must be there. With
    ... make_import.py real MODEL_DIR WEIGHTS CROP LAYERS OK_DIR ROWS PICTURE...
it makes a model folder from real pictures and prints the reference's score of each picture (--ensemble: of two members).

The scoring of patchcore-inspection is written here anew from its definition in torch operators: unfolded neighbourhoods,
each brought to the first layer's grid, adaptive means to pretrain_dim and target_dim, FAISS's squared distances, mean over
the nearest, maximum; patch scores upsampled (bilinear) and smoothed (SciPy, sigma 4); of an ensemble the scores and maps
min-max normalised over all pictures, then averaged. anomalib's likewise: 3x3 means, concatenated, L2, re-weighted.

    single/ ensemble/     patchcore_params.pkl, nnscorer_search_index.faiss, plain and behind Ensemble-i-2_
    ip.faiss              an index of another kind
    anomalib.ckpt         a checkpoint as Lightning writes it: objects beside a state dict of resnet18 up to layer1, whose
                          tensors share two storages so that it is small
    square_N.png          pictures of the checkpoint's input size
    expected.txt          MODEL PICTURE SCORE, then 16 values of the map at the network's input: number k is pixel
                          k * 257 mod 4096
"""
import os
import pickle
import sys

import faiss
import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from scipy.ndimage import gaussian_filter
from torchvision import transforms

import make_net

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "import")
PHOTOS = [os.path.join(HERE, "../pipeline", n) for n in ("photo.jpg", "photo_rgba.png", "photo_grey.png")]
MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
SIDE = 64


def load(path, resize, crop):
    steps = [transforms.Resize(resize), transforms.CenterCrop(crop), transforms.ToTensor(), transforms.Normalize(MEAN, STD)]
    return transforms.Compose(steps)(Image.open(path).convert("RGB"))[None]


def layer_maps(model, x, layers):
    out = {}
    hooks = [model.get_submodule(n).register_forward_hook(lambda _, __, y, n=n: out.update({n: y})) for n in layers]
    model(x)
    for hook in hooks:
        hook.remove()
    return [out[n] for n in layers]


# ---- patchcore-inspection


class Inspection:
    def __init__(self, model, name, layers, crop, pretrain, target, patch=3, stride=1, neighbours=1):
        self.model, self.name, self.layers, self.crop = model, name, layers, crop
        self.pretrain, self.target, self.patch, self.stride, self.neighbours = pretrain, target, patch, stride, neighbours

    def patches(self, x):
        grid, means = None, []
        for m in layer_maps(self.model, x, self.layers):
            size = [(s + 2 * (self.patch // 2) - self.patch) // self.stride + 1 for s in m.shape[-2:]]
            unfolded = F.unfold(m, self.patch, padding=self.patch // 2, stride=self.stride).reshape(1, -1, *size)
            grid = grid or size
            unfolded = F.interpolate(unfolded, size=grid, mode="bilinear", align_corners=False)
            means.append(F.adaptive_avg_pool1d(unfolded[0].flatten(1).T[:, None], self.pretrain)[:, 0])
        rows = F.adaptive_avg_pool1d(torch.cat(means, 1)[:, None], self.target)[:, 0]
        return rows.contiguous().numpy(), grid

    def learn(self, pictures, rows):
        all_rows = np.concatenate([self.patches(x)[0] for x in pictures])
        chosen = np.random.default_rng(7).permutation(len(all_rows))[:rows]
        self.index = faiss.IndexFlatL2(all_rows.shape[1])
        self.index.add(np.ascontiguousarray(all_rows[np.sort(chosen)]))

    def save(self, folder, prefix=""):
        os.makedirs(folder, exist_ok=True)
        faiss.write_index(self.index, os.path.join(folder, prefix + "nnscorer_search_index.faiss"))
        params = {
            "backbone.name": self.name,
            "layers_to_extract_from": self.layers,
            "input_shape": (3, self.crop, self.crop),
            "pretrain_embed_dimension": self.pretrain,
            "target_embed_dimension": self.target,
            "patchsize": self.patch,
            "patchstride": self.stride,
            "anomaly_scorer_num_nn": self.neighbours,
        }
        with open(os.path.join(folder, prefix + "patchcore_params.pkl"), "wb") as f:
            pickle.dump(params, f, pickle.HIGHEST_PROTOCOL)

    def score(self, x):
        rows, grid = self.patches(x)
        scores = self.index.search(rows, self.neighbours)[0].mean(axis=-1)
        image = torch.from_numpy(scores.reshape(1, 1, *grid))
        up = F.interpolate(image, size=(self.crop, self.crop), mode="bilinear", align_corners=False)[0, 0].numpy()
        return scores.max(), gaussian_filter(up, sigma=4)


def ensemble(members, pictures):
    results = [[m.score(x) for x in pictures] for m in members]
    scores = np.array([[r[0] for r in member] for member in results])
    maps = np.array([[r[1] for r in member] for member in results])
    low, high = scores.min(axis=1, keepdims=True), scores.max(axis=1, keepdims=True)
    scores = ((scores - low) / (high - low)).mean(axis=0)
    low, high = maps.min(axis=(1, 2, 3), keepdims=True), maps.max(axis=(1, 2, 3), keepdims=True)
    return list(zip(scores, ((maps - low) / (high - low)).mean(axis=0)))


# ---- anomalib


def shared_state(model):
    """The backbone's tensors up to layer1 as views of two storages: weights, and numbers for the batch norms."""
    flow = np.float32(0.06) * make_net.uniform("import weights", 64 * 64 * 9)
    weights, norms = torch.from_numpy(flow), torch.from_numpy(np.float32(1) + np.float32(0.25) * make_net.uniform("import norms", 64))
    state = {}
    for name, value in model.state_dict().items():
        if not name.startswith(("conv1", "bn1", "layer1")) or name.endswith("num_batches_tracked"):
            continue
        source = norms if value.dim() == 1 else weights
        state[name] = source[: value.numel()].reshape(value.shape)
    return state


def anomalib_patches(model, x, layers):
    maps = [F.avg_pool2d(m, 3, 1, 1) for m in layer_maps(model, x, layers)]
    maps = [maps[0]] + [F.interpolate(m, size=maps[0].shape[-2:], mode="bilinear") for m in maps[1:]]
    return torch.cat(maps, 1)[0].flatten(1).T.contiguous()


def anomalib_score(rows, bank, neighbours):
    distances, nearest = torch.cdist(rows.double(), bank.double()).min(1)
    worst = distances.argmax()
    support = torch.cdist(bank[nearest[worst]][None].double(), bank.double())[0].topk(neighbours, largest=False).indices
    to_support = torch.cdist(rows[worst][None].double(), bank[support].double())[0]
    return float((1 - torch.softmax(to_support, 0)[0]) * distances[worst])


def make_anomalib(expected):
    import torchvision

    model = torchvision.models.resnet18(weights=None)
    state = shared_state(model)
    model.load_state_dict(state, strict=False)
    model.eval()
    pictures = []
    for i, box in enumerate([(10, 20), (150, 60), (220, 150)]):
        path = os.path.join(HERE, "square_%d.png" % i)
        Image.open(PHOTOS[0]).crop((*box, box[0] + SIDE, box[1] + SIDE)).save(path)
        pictures.append(transforms.Normalize(MEAN, STD)(transforms.ToTensor()(Image.open(path).convert("RGB")))[None])
    rows = [anomalib_patches(model, x, ["layer1"]) for x in pictures]
    chosen = np.sort(np.random.default_rng(3).permutation(2 * len(rows[0]))[:100])
    bank = torch.cat(rows[:2])[torch.from_numpy(chosen)].clone()
    named = {"model.memory_bank": bank}
    named.update({"model.feature_extractor.feature_extractor." + k: v for k, v in state.items()})
    for name, value in (("_image_threshold", 1.5), ("_pixel_threshold", 1.25), ("image_min", 0.5), ("image_max", 2.5),
                        ("pixel_min", 0.25), ("pixel_max", float("nan"))):
        named["post_processor." + name] = torch.tensor(value)
    checkpoint = {
        "epoch": 1,
        "pytorch-lightning_version": "2.4.0",
        "state_dict": named,
        "hyper_parameters": {"backbone": "resnet18", "layers": ["layer1"], "seen": {1, 2}},
        "transform": transforms.Compose([transforms.Resize((SIDE, SIDE)), transforms.Normalize(MEAN, STD)]),
    }
    torch.save(checkpoint, os.path.join(HERE, "anomalib.ckpt"))
    for i, r in enumerate(rows):
        expected.append(("anomalib", "square_%d.png" % i, anomalib_score(r, bank, 9), None))
    for path in PHOTOS:  # its pre-processor resizes float tensors
        x = transforms.functional.resize(transforms.ToTensor()(Image.open(path).convert("RGB")), [SIDE, SIDE], antialias=True)
        r = anomalib_patches(model, transforms.Normalize(MEAN, STD)(x)[None], ["layer1"])
        expected.append(("anomalib-resized", os.path.basename(path), anomalib_score(r, bank, 9), None))


# ---- files


def write(expected):
    with open(os.path.join(HERE, "expected.txt"), "w") as f:
        for model, picture, score, values in expected:
            f.write("%s %s %.9g\n" % (model, picture, score))
            if values is not None:
                f.writelines("%.9g\n" % values.reshape(-1)[k * 257 % values.size] for k in range(16))


def make_golden():
    # FAISS's sums for 20 queries and more, |x|^2 - 2 x.y + |y|^2 in float32, cost it 2e-5 of a score here, and an ensemble's
    # normalisation subtracts scores of that size: its other path adds squared differences.
    faiss.cvar.distance_compute_blas_threshold = 1 << 30
    os.makedirs(HERE, exist_ok=True)
    expected = []
    model = make_net.generated("resnet18")
    pictures = [load(p, 72, SIDE) for p in PHOTOS]
    learnt = [pictures[0], pictures[1].flip(-1), pictures[0].flip(-2)]
    single = Inspection(model, "resnet18", ["layer2", "layer3"], SIDE, 64, 32)
    single.learn(learnt, 120)
    single.save(os.path.join(HERE, "single"))
    for path, x in zip(PHOTOS, pictures):
        expected.append(("single", os.path.basename(path), *single.score(x)))
    members = [single, Inspection(model, "resnet18", ("layer1", "layer2"), SIDE, 48, 24, patch=5, stride=2, neighbours=3)]
    members[1].learn(learnt, 150)
    for i, member in enumerate(members):
        member.save(os.path.join(HERE, "ensemble"), "Ensemble-%d-2_" % (i + 1))
    for path, result in zip(PHOTOS, ensemble(members, pictures)):
        expected.append(("ensemble", os.path.basename(path), *result))
    other = faiss.IndexFlatIP(4)
    other.add(np.zeros((2, 4), dtype=np.float32))
    faiss.write_index(other, os.path.join(HERE, "ip.faiss"))
    make_anomalib(expected)
    write(expected)


def make_real(folder, weights, crop, layers, ok_dir, rows, pictures):
    import torchvision

    model = torchvision.models.resnet18(weights=None)
    model.load_state_dict(torch.load(weights), strict=False)
    model.eval()
    good = [load(os.path.join(ok_dir, n), 256, crop) for n in sorted(os.listdir(ok_dir))[:12]]
    members = [Inspection(model, "resnet18", layers.split(","), crop, 1024, 1024)]
    if "--ensemble" in pictures:
        pictures = [p for p in pictures if p != "--ensemble"]
        members.append(Inspection(model, "resnet18", ["layer1", "layer2"], crop, 256, 384))
    for i, member in enumerate(members):
        member.learn(good, rows)
        member.save(folder, "Ensemble-%d-%d_" % (i + 1, len(members)) if len(members) > 1 else "")
    inputs = [load(p, 256, crop) for p in pictures]
    results = ensemble(members, inputs) if len(members) > 1 else [members[0].score(x) for x in inputs]
    for path, (score, values) in zip(pictures, results):
        print("%s %.9g %.9g" % (path, score, values.mean()))


if __name__ == "__main__":
    torch.set_grad_enabled(False)
    if sys.argv[1:2] == ["real"]:
        make_real(sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5], sys.argv[6], int(sys.argv[7]), sys.argv[8:])
    else:
        make_golden()
