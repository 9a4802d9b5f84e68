"""wide_resnet50_2 up to layer3, 224 x 224: torch and onnxruntime (through node) on the weights that okng gets."""
import json
import subprocess

from common import ROOT, timed


class Onnxruntime:
    """onnx.mjs as a child that waits for work."""

    def __init__(self, bench, model, batch):
        line = ["node", str(ROOT / "bench/peers/onnx.mjs"), str(bench.work), str(model), str(bench.threads), str(batch)]
        self.process = subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

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
        onnx = Onnxruntime(bench, export(bench, model, Trunk, batch), batch)
        sides = [timed(lambda: trunk(input_), repeats), onnx(repeats)]
        sides += [bench.ours("network", *words, "--batch", batch, *(("--precision", p) if p != "fp32" else ()),
                             repeats=repeats) for p in bench.precisions()]
        torch_times, onnx_times, *ours = bench.alternate(*sides)
        onnx.close()
        name = "wide_resnet50_2 to layer3, batch %d, " % batch
        wanted = {"fp32": 1.4, "bf16": 2.0, "int8": 3.5} if batch == 1 else {}
        for precision, times in zip(bench.precisions(), ours):
            if precision == "fp32":
                bench.report(name + precision, "torch", (times, torch_times), 1.9 if batch == 1 else None)
            bench.report(name + precision, "onnxruntime fp32", (times, onnx_times), wanted.get(precision))
