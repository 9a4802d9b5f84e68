"""CLIP's image tower ViT-B/16 at 224 (and timm's of the same size) with made weights: torch and onnxruntime (through node)."""
import math

from network import Onnxruntime
from common import timed


def tower(clip):
    """Pre-norm blocks of 12 heads, 768 wide; CLIP's has ln_pre, QuickGELU, no bias of the patches, and ends in 512 numbers."""
    import torch
    from torch import nn

    class Block(nn.Module):
        def __init__(self, width, heads):
            super().__init__()
            self.norm1, self.norm2, self.heads, self.each = nn.LayerNorm(width), nn.LayerNorm(width), heads, width // heads
            self.qkv, self.proj = nn.Linear(width, 3 * width), nn.Linear(width, width)
            self.fc1, self.fc2 = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

        def forward(self, x):
            n, tokens, width = x.shape
            q, k, v = self.qkv(self.norm1(x)).reshape(n, tokens, 3, self.heads, self.each).permute(2, 0, 3, 1, 4).unbind(0)
            y = (q * (1 / math.sqrt(self.each)) @ k.transpose(-2, -1)).softmax(-1) @ v
            x = x + self.proj(y.transpose(1, 2).reshape(n, tokens, width))
            y = self.fc1(self.norm2(x))
            y = y * torch.sigmoid(1.702 * y) if clip else nn.functional.gelu(y)
            return x + self.fc2(y)

    class Tower(nn.Module):
        def __init__(self, width=768, side=14):
            super().__init__()
            self.patches = nn.Conv2d(3, width, 16, 16, bias=not clip)
            self.cls = nn.Parameter(0.02 * torch.randn(1, 1, width))
            self.places = nn.Parameter(0.02 * torch.randn(1, 1 + side * side, width))
            self.pre = nn.LayerNorm(width) if clip else nn.Identity()
            self.blocks = nn.Sequential(*[Block(width, 12) for _ in range(12)])
            self.post = nn.LayerNorm(width)
            self.out = nn.Parameter(0.02 * torch.randn(width, 512))

        def forward(self, x):
            x = self.patches(x).flatten(2).transpose(1, 2)
            x = torch.cat([self.cls.expand(x.shape[0], -1, -1), x], 1) + self.places
            x = self.post(self.blocks(self.pre(x)))
            return x[:, 0] @ self.out if clip else x[:, 1:]

    torch.manual_seed(0)
    return Tower().eval()


def export(bench, model, name, batch):
    import torch
    path = bench.work / ("%s-b%d.onnx" % (name, batch))
    if not path.exists():
        torch.onnx.export(model, torch.zeros(batch, 3, 224, 224), str(path), opset_version=17, input_names=["x"],
                          output_names=["y"])
    return path


def run(bench):
    import torch
    torch.set_num_threads(bench.threads)
    torch.set_grad_enabled(False)
    for backbone in ("clip-vit-b-16", "vit_base_patch16_224"):
        model = tower(backbone.startswith("clip"))
        for batch, repeats in ((1, 6), (16, 1)):
            input_ = torch.randn(batch, 3, 224, 224)
            onnx = Onnxruntime.start(bench, export(bench, model, backbone, batch), batch)
            peers = {"torch": timed(lambda: model(input_), repeats)}
            if onnx:
                peers["onnxruntime fp32"] = onnx(repeats)
            ours = bench.ours("network", "--backbone", backbone, "--layers", "norm", "--size", 224, "--batch", batch,
                              repeats=repeats)
            mine, *others = bench.alternate(ours, *peers.values())
            if onnx:
                onnx.close()
            for peer, times in zip(peers, others):
                target = (1.2 if batch == 1 else 1.0) if peer != "torch" else None
                bench.report("%s, 224, batch %d, fp32" % (backbone, batch), peer, (mine, times), target)
