"""Whole inspections: files to input tensors beside Pillow and torchvision; a picture beside torch and FAISS; throughput beside
the network's own; the start of a process."""
import shutil

from common import timed


def build(bench, name, *words):
    """A bank of 12 pictures; kept between runs of the same okng."""
    good, bank = bench.work / "good", bench.work / ("bank-" + name)
    if not good.exists():
        good.mkdir()
        for i, picture in enumerate(bench.pictures(28)[:12]):
            shutil.copy(picture, good / ("%02d%s" % (i, picture.suffix)))
    if not bank.exists():
        bench.command("build", "--ok-dir", good, "--out-dir", bank, "--resize", "224x224", "--quiet", *words)
    return bank


def to_tensor(bench):
    from PIL import Image
    from torchvision import transforms
    picture = bench.pictures(28)[0]
    steps = transforms.Compose([transforms.Resize(256), transforms.CenterCrop(224), transforms.ToTensor(),
                                transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])

    def ours():
        words = ("--img", picture, "--resize", "256", "--crop", "224")
        parts = [bench.ours("image", *words, repeats=100, pick=lambda row, p=p: row["part"] == p)() for p in ("decode", "resize")]
        return {key: sum(part[key] for part in parts) for key in ("median_ms", "min_ms", "min_cpu_ms")}

    size = "x".join(map(str, Image.open(picture).size))
    bench.report("file to input tensor, %s" % size, "Pillow, torchvision",
                 bench.alternate(ours, timed(lambda: steps(Image.open(picture).convert("RGB")), 50)))


def torch_and_faiss(bench, model, bank):
    """Network, patches and search of a picture; no map, no files."""
    import faiss
    import torch
    from PIL import Image
    from torchvision import transforms
    rows = torch.load(bank / "memory_bank.pt").numpy()
    index = faiss.IndexFlatL2(rows.shape[1])
    index.add(rows)
    faiss.omp_set_num_threads(bench.threads)
    steps = transforms.Compose([transforms.Resize((224, 224)), transforms.ToTensor(),
                                transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])
    picture = bench.pictures(28)[20]

    def inspect():
        x = steps(Image.open(picture).convert("RGB"))[None]
        x = model.layer1(model.maxpool(model.relu(model.bn1(model.conv1(x)))))
        maps = [model.layer2(x)]
        maps.append(model.layer3(maps[0]))
        maps = [torch.nn.functional.avg_pool2d(m, 3, 1, 1) for m in maps]
        maps[1] = torch.nn.functional.interpolate(maps[1], size=maps[0].shape[-2:], mode="bilinear")
        index.search(torch.cat(maps, 1)[0].flatten(1).T.contiguous().numpy(), 1)

    return picture, rows.shape, inspect


def run(bench):
    to_tensor(bench)
    model, weights = bench.backbone()
    wide = ("--backbone", "wide_resnet50_2", "--weights", weights)
    banks = {"okng-s": build(bench, "okng-s"), "wide_resnet50_2": build(bench, "wide", *wide)}
    picture, shape, inspect = torch_and_faiss(bench, model, banks["wide_resnet50_2"])
    ours = bench.ours("bank", "--bank-dir", banks["wide_resnet50_2"], "--img", picture, repeats=10,
                      pick=lambda row: row["part"] == "latency")
    bench.report("inspect a picture, wide_resnet50_2, bank of %d x %d" % shape, "torch, FAISS, no map",
                 bench.alternate(ours, timed(inspect, 5)))
    for name, bank in banks.items():
        words = wide if name.startswith("wide") else ()
        whole = bench.ours("bank", "--bank-dir", bank, "--img", bench.work / "good", repeats=3,
                           pick=lambda row: row["part"] == "throughput")
        network = bench.ours("network", *words, "--size", 224, "--batch", 16, repeats=3)
        bench.report("16 pictures from files to maps, %s" % name, "okng's network, batch 16", bench.alternate(whole, network), 0.85)
        started = bench.ours("start", "--bank-dir", bank, "--img", picture, repeats=5)
        times = bench.alternate(started)[0]
        limit = 1000.0 if name.startswith("wide") else 100.0
        bench.report("start of okng infer to files on disk, %s" % name, "the limit of %g ms" % limit,
                     (times, [{"median_ms": limit, "min_ms": limit}]), 1)
