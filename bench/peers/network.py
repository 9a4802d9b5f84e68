"""wide_resnet50_2 up to layer3, 224 x 224: torch and onnxruntime (through node) on the weights that okng gets."""
import json
import subprocess

from common import ROOT, timed


class Onnxruntime:
    """onnx.mjs as a child that waits for work."""

    @classmethod
    def start(cls, bench, model, batch):
        """None where the run holds its peers to AVX2 and this CPU lets nobody hold it."""
        return cls(bench, model, batch) if bench.by_cpuid() is not None else None

    def __init__(self, bench, model, batch):
        line = ["node", str(ROOT / "bench/peers/onnx.mjs"), str(bench.work), str(model), str(bench.threads), str(batch)]
        self.process = subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=bench.by_cpuid())

    def __call__(self, repeats):
        def measure():
            self.process.stdin.write("%d\n" % repeats)
            self.process.stdin.flush()
            return json.loads(self.process.stdout.readline())
        return measure

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def export(bench, model, trunk, batch):
    import torch
    path = bench.work / ("wide_resnet50_2-b%d.onnx" % batch)
    if not path.exists():
        torch.onnx.export(trunk(model), torch.zeros(batch, 3, 224, 224), str(path), opset_version=14,
                          input_names=["x"], output_names=["layer2", "layer3"])
    return path


def run(bench):
    import torch

    class Trunk(torch.nn.Module):
        def __init__(self, m):
            super().__init__()
            self.m = m

        def forward(self, x):
            m = self.m
            x = m.layer1(m.maxpool(m.relu(m.bn1(m.conv1(x)))))
            second = m.layer2(x)
            return second, m.layer3(second)

    model, weights = bench.backbone()
    trunk = Trunk(model).eval()
    words = ("--backbone", "wide_resnet50_2", "--weights", weights, "--size", 224)
    for batch, repeats in ((1, 12), (16, 1)):
        input_ = torch.randn(batch, 3, 224, 224)
        onnx = Onnxruntime.start(bench, export(bench, model, Trunk, batch), batch)
        peers = {"torch": timed(lambda: trunk(input_), repeats)}
        if onnx:
            peers["onnxruntime fp32"] = onnx(repeats)
        ours = {p: bench.ours("network", *words, "--batch", batch, *(("--precision", p) if p != "fp32" else ()), repeats=repeats)
                for p in bench.precisions()}
        times = dict(zip([*peers, *ours], bench.alternate(*peers.values(), *ours.values())))
        if onnx:
            onnx.close()
        report(bench, batch, times, peers, ours)


def report(bench, batch, times, peers, ours):
    """torch beside fp32 alone, onnxruntime beside every precision."""
    wanted = {("torch", "fp32"): bench.wanted(1.9 if batch == 1 else None, 2.2),
              ("onnxruntime fp32", "fp32"): bench.wanted(1.7 if batch == 1 else None, 1.6),
              ("onnxruntime fp32", "bf16"): 2.0 if batch == 1 else None,
              ("onnxruntime fp32", "int8"): 3.5 if batch == 1 else None}
    for precision in ours:
        for peer in peers:
            if (peer, precision) in wanted:
                bench.report("wide_resnet50_2 to layer3, batch %d, %s" % (batch, precision), peer,
                             (times[precision], times[peer]), wanted[peer, precision])
