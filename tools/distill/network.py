"""okng-s and the teacher it learns from. Names follow PyTorch's ResNet, as okng's graph builder does."""
import torch
import torchvision
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)

STEM = 32
WIDTHS = (32, 96, 160)  # at stride 4, 8, 16
BLOCKS = (1, 2, 3)
OUTPUTS = (128, 256)  # the teacher's layer2 at stride 8, layer3 at stride 16


class Block(nn.Module):
    def __init__(self, inputs, width, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, width, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.downsample = None
        if stride != 1 or inputs != width:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, width, 1, stride, bias=False), nn.BatchNorm2d(width))

    def forward(self, x):
        y = torch.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        return torch.relu(y + (x if self.downsample is None else self.downsample(x)))


class Student(nn.Module):
    """Picture, normalised as for ImageNet -> (layer2 [N, 128, H/8, W/8], layer3 [N, 256, H/16, W/16])."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, STEM, 3, 2, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(STEM)
        self.conv2 = nn.Conv2d(STEM, WIDTHS[0], 3, 2, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(WIDTHS[0])
        inputs = WIDTHS[0]
        for i, (width, blocks) in enumerate(zip(WIDTHS, BLOCKS)):
            strides = [1 if i == 0 else 2] + [1] * (blocks - 1)
            stage = [Block(inputs if b == 0 else width, width, stride) for b, stride in enumerate(strides)]
            setattr(self, f"layer{i + 1}", nn.Sequential(*stage))
            inputs = width
        self.head2 = nn.Conv2d(WIDTHS[1], OUTPUTS[0], 1)
        self.head3 = nn.Conv2d(WIDTHS[2], OUTPUTS[1], 1)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            if isinstance(module, Block):  # a block begins as its way around
                nn.init.zeros_(module.bn2.weight)
        for head in (self.head2, self.head3):
            nn.init.normal_(head.weight, std=0.01)

    def forward(self, x):
        x = torch.relu(self.bn1(self.conv1(x)))
        x = torch.relu(self.bn2(self.conv2(x)))
        two = self.layer2(self.layer1(x))
        return self.head2(two), self.head3(self.layer3(two))

    def fold(self):
        """Every batch norm into the convolution before it; only for inference."""
        self.eval()
        for module in [self, *(m for m in self.modules() if isinstance(m, Block))]:
            for i in (1, 2):
                folded = fuse_conv_bn_eval(getattr(module, f"conv{i}"), getattr(module, f"bn{i}"))
                setattr(module, f"conv{i}", folded)
                setattr(module, f"bn{i}", nn.Identity())
            if getattr(module, "downsample", None) is not None:
                module.downsample = nn.Sequential(fuse_conv_bn_eval(*module.downsample))
        return self

    @torch.no_grad()
    def unfold(self, state, sample):
        """Computes what folded weights (their state) compute, with batch norms again, whose statistics are a sample's."""
        names = {module: name for name, module in self.named_modules()}

        def follow(norm, inputs):
            conv = names[norm].replace("bn", "conv").replace("downsample.1", "downsample.0")
            norm.running_mean.copy_(inputs[0].mean((0, 2, 3)))
            norm.running_var.copy_(inputs[0].var((0, 2, 3)))
            norm.weight.copy_((norm.running_var + norm.eps).sqrt())
            norm.bias.copy_(norm.running_mean + state[conv + ".bias"])

        self.load_state_dict({n: v for n, v in state.items() if n in dict(self.named_parameters())}, strict=False)
        hooks = [m.register_forward_pre_hook(follow) for m in self.modules() if isinstance(m, nn.BatchNorm2d)]
        self.eval()
        self(sample)
        self.train()
        for hook in hooks:
            hook.remove()
        return self

    def rescale(self, scales, shifts):
        """Heads then give scale * output + shift, per channel."""
        with torch.no_grad():
            for head, scale, shift in zip((self.head2, self.head3), scales, shifts):
                head.weight.mul_(scale[:, None, None, None])
                head.bias.mul_(scale).add_(shift)
        return self


class Teacher(nn.Module):
    """torchvision's ResNet-18 up to layer3, from any file of its weights."""

    def __init__(self, path):
        super().__init__()
        net = torchvision.models.resnet18()
        missing = net.load_state_dict(torch.load(path, map_location="cpu"), strict=False).missing_keys
        assert all(name.startswith(("layer4", "fc")) for name in missing), missing
        net.eval()
        self.stem = nn.Sequential(fuse_conv_bn_eval(net.conv1, net.bn1), net.relu, net.maxpool)
        for block in [*net.layer1, *net.layer2, *net.layer3]:
            block.conv1, block.bn1 = fuse_conv_bn_eval(block.conv1, block.bn1), nn.Identity()
            block.conv2, block.bn2 = fuse_conv_bn_eval(block.conv2, block.bn2), nn.Identity()
            if block.downsample is not None:
                block.downsample = nn.Sequential(fuse_conv_bn_eval(*block.downsample))
        self.layer1, self.layer2, self.layer3 = net.layer1, net.layer2, net.layer3
        self.requires_grad_(False)
        self.eval()

    def forward(self, x):
        two = self.layer2(self.layer1(self.stem(x)))
        return two, self.layer3(two)


def normalise(pictures):
    """[N, 3, H, W] in 0..1 as the networks want it."""
    mean = torch.tensor(IMAGENET_MEAN, device=pictures.device)[:, None, None]
    std = torch.tensor(IMAGENET_STD, device=pictures.device)[:, None, None]
    return (pictures - mean) / std
