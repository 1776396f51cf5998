"""Integrated gradients of one target the authors' way, in PyTorch with autograd: for each of k = 50 patches the gradient at
N = 50 points of the ray, through the block between two layers, all channels of it. Prints model, upper layer, lower layer and
seconds a target, for each pair of neighbouring layers that gpu-check measures too. Random weights; TF32 allowed, as there."""

import sys
import time

import torch
from torch import nn

K = 50
N = 50


def conv(i, o, size, stride=1):
    return nn.Conv2d(i, o, size, stride, size // 2)


class Bottleneck(nn.Module):
    def __init__(self, i, width, stride):
        super().__init__()
        self.main = nn.Sequential(
            conv(i, width, 1), nn.ReLU(), conv(width, width, 3, stride), nn.ReLU(), conv(width, 4 * width, 1)
        )
        self.side = conv(i, 4 * width, 1, stride) if i != 4 * width or stride != 1 else nn.Identity()

    def forward(self, x):
        return torch.relu(self.main(x) + self.side(x))


class Inception(nn.Module):
    def __init__(self, i, one, in3, out3, in5, out5, pooled, below=None):
        super().__init__()
        self.below = below or nn.Identity()
        self.branches = nn.ModuleList(
            [
                nn.Sequential(conv(i, one, 1), nn.ReLU()),
                nn.Sequential(conv(i, in3, 1), nn.ReLU(), conv(in3, out3, 3), nn.ReLU()),
                nn.Sequential(conv(i, in5, 1), nn.ReLU(), conv(in5, out5, 3), nn.ReLU()),
                nn.Sequential(nn.MaxPool2d(3, 1, 1), conv(i, pooled, 1), nn.ReLU()),
            ]
        )

    def forward(self, x):
        x = self.below(x)
        return torch.cat([branch(x) for branch in self.branches], 1)


def head(features):
    return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(features, 1000))


def resnet50():
    yield "fc", "layer4.2", head(2048), (2048, 7, 7)
    for block in (2, 1):
        yield f"layer4.{block}", f"layer4.{block - 1}", Bottleneck(2048, 512, 1), (2048, 7, 7)
    yield "layer4.0", "layer3.5", Bottleneck(1024, 512, 2), (1024, 14, 14)
    for block in (5, 4, 3, 2, 1):
        yield f"layer3.{block}", f"layer3.{block - 1}", Bottleneck(1024, 256, 1), (1024, 14, 14)
    yield "layer3.0", "layer2.3", Bottleneck(512, 256, 2), (512, 28, 28)


def googlenet():
    half = nn.MaxPool2d(3, 2, ceil_mode=True)
    yield "fc", "inception5b", head(1024), (1024, 7, 7)
    yield "inception5b", "inception5a", Inception(832, 384, 192, 384, 48, 128, 128), (832, 7, 7)
    yield ("inception5a", "inception4e", Inception(832, 256, 160, 320, 32, 128, 128, nn.MaxPool2d(2, 2, ceil_mode=True)),
           (832, 14, 14))
    yield "inception4e", "inception4d", Inception(528, 256, 160, 320, 32, 128, 128), (528, 14, 14)
    yield "inception4d", "inception4c", Inception(512, 112, 144, 288, 32, 64, 64), (512, 14, 14)
    yield "inception4c", "inception4b", Inception(512, 128, 128, 256, 24, 64, 64), (512, 14, 14)
    yield "inception4b", "inception4a", Inception(512, 160, 112, 224, 24, 64, 64), (512, 14, 14)
    yield "inception4a", "inception3b", Inception(480, 192, 96, 208, 16, 48, 64, half), (480, 28, 28)
    yield "inception3b", "inception3a", Inception(256, 128, 128, 192, 32, 96, 64), (256, 28, 28)
    yield "inception3a", "maxpool2", Inception(192, 64, 96, 128, 16, 32, 32), (192, 28, 28)


def scores(block, x, target, alphas):
    result = []
    for patch in x:
        points = (alphas * patch).requires_grad_(True)
        y = block(points)[:, target]
        gradient, = torch.autograd.grad(y.sum() if y.dim() == 1 else y.mean((1, 2)).sum(), points)
        result.append((patch * gradient.mean(0)).sum((1, 2)))
    return torch.stack(result)


def main(device):
    torch.backends.cuda.matmul.allow_tf32 = True
    torch.backends.cudnn.allow_tf32 = True
    torch.manual_seed(20261123)
    k, n = (K, N) if device == "cuda" else (2, 3)
    alphas = (torch.arange(1, n + 1, device=device) / n).view(-1, 1, 1, 1)
    for model, blocks in (("ResNet50", resnet50()), ("GoogLeNet", googlenet())):
        for upper, lower, block, shape in blocks:
            block = block.to(device).eval()
            for weight in block.parameters():
                weight.requires_grad_(False)
            x = torch.rand((k, *shape), device=device)
            best = float("inf")
            for _ in range(3):
                start = time.perf_counter()
                scores(block, x, 7, alphas).cpu()
                best = min(best, time.perf_counter() - start)
            print(model, upper, lower, f"{best:.6f}", flush=True)


if __name__ == "__main__":
    main("cpu" if "--try" in sys.argv else "cuda")
