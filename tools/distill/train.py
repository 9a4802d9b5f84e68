#!/usr/bin/python3
"""Trains okng-s to give the layer2 and layer3 features of an ImageNet ResNet-18.

    train.py POOL.npy TEACHER.pth OUT --minutes 50      learning rate falls with the clock
    train.py POOL.npy TEACHER.pth OUT --steps 6000      the same bits again, on the same machine and versions
    ... --constant                                      the rate does not fall: for a first run of two
    ... --begin CHECKPOINT or okng-s.safetensors        goes on from there

POOL comes from pictures.py. OUT receives checkpoint.pt every two minutes and at the end, and loss.csv. Every worker is
a process of one thread with batches of its own; gradients are averaged at each step. That stands a shared machine far
better than threads that wait for each other at every operator.
"""
import argparse
import copy
import math
import os
import time

import numpy as np
import torch
from torch import multiprocessing
from torch.nn import functional as F

import export
from network import Student, Teacher, normalise

# (crop, pairs, share): about the same number of pixels each
SHAPES = [(128, 16, 0.5), (192, 7, 0.3), (256, 4, 0.2)]
STATISTICS = 12  # batches that the mean and deviation of the teacher's channels are taken over
QUIET = 0.1  # variance of a picture's features below which its errors count no more for being small
FAINT = 0.02  # mean square of what a defect changes, likewise


def batch(pool, rng):
    """Crops of pairs, turned and mirrored, some taken from twice the area and made smaller: [N, 2, 3, crop, crop], 0..1."""
    crop, count, _ = SHAPES[rng.choice(len(SHAPES), p=[share for _, _, share in SHAPES])]
    side = pool.shape[2]
    take = int(min(side, crop * math.sqrt(2))) if crop < side and rng.random() < 0.3 else crop
    cuts = []
    for i in rng.integers(0, len(pool), count):
        y, x = place(pool[i], take, rng)
        cut = np.rot90(pool[i, :, y : y + take, x : x + take], rng.integers(4), (1, 2))
        cuts.append(cut[:, :, :: rng.choice([-1, 1])])
    pictures = torch.from_numpy(np.stack(cuts)).permute(0, 1, 4, 2, 3).float().div_(255)
    if take != crop:
        smaller = F.interpolate(pictures.flatten(0, 1), (crop, crop), mode="bilinear", antialias=True)
        pictures = smaller.unflatten(0, (-1, 2))
    return pictures


def place(pair, take, rng):
    """The corner of a crop: of four tries the one where the two of a pair differ most, so that most crops see a defect."""
    side = pair.shape[1]
    if take == side:
        return 0, 0
    differ = np.abs(pair[0].astype(np.int16) - pair[1]).sum(-1)
    tries = [tuple(rng.integers(0, side - take + 1, 2)) for _ in range(4)]
    return max(tries, key=lambda at: differ[at[0] : at[0] + take, at[1] : at[1] + take].sum())


def augment(pictures, rng):
    """Colour, contrast, brightness, grey and noise, each pair by its own draw."""
    count = len(pictures)

    def draw(low, high, share, idle):
        values = np.where(rng.random(count) < share, rng.uniform(low, high, count), idle)
        return torch.from_numpy(values).float()[:, None, None, None, None]

    mixing = np.eye(3) + rng.normal(0, 0.15, (count, 3, 3)) * (rng.random((count, 1, 1)) < 0.3)
    pictures = torch.einsum("ncd,nvdhw->nvchw", torch.from_numpy(mixing).float(), pictures)
    grey = pictures.mean(2, keepdim=True).expand_as(pictures)
    pictures = torch.lerp(pictures, grey, draw(0.3, 1.3, 0.3, 0.0).clamp(max=1))
    middle = pictures.mean((1, 3, 4), keepdim=True)
    pictures = middle + (pictures - middle) * torch.exp(draw(-1.2, 0.4, 0.5, 0.0)) + draw(-0.25, 0.25, 0.5, 0.0)
    noise = torch.from_numpy(rng.standard_normal((count, 1, *pictures.shape[2:]), np.float32))
    return (pictures + noise * draw(0.0, 0.03, 0.3, 0.0)).clamp(0, 1)


def losses(outputs, targets, weights):
    """Three, summed over the layers, of features as a bank sees them: means of 3x3, channels at the teacher's scale.

    Mean squared error; the same relative to how much a picture's features vary, since a bank sees one product; and the
    error of what the defect changes, relative to how much the teacher says that it changes.
    """
    plain = relative = change = 0.0
    for output, target, weight in zip(outputs, targets, weights):
        weight = weight[:, None, None]
        output, target = (F.avg_pool2d(f.float() * weight, 3, 1, 1) for f in (output, target))
        error = (output - target).square().mean((1, 2, 3))
        spread = target.var((2, 3), unbiased=False).mean(1)
        mine, theirs = (f[1::2] - f[::2] for f in (output, target))
        missed = (mine - theirs).square().mean((1, 2, 3)) / (theirs.square().mean((1, 2, 3)) + FAINT)
        plain, relative, change = plain + error.mean(), relative + (error / (spread + QUIET)).mean(), change + missed.mean()
    return plain, relative, change


def has_bfloat16():
    """Whether this machine computes with it at a gain."""
    return torch.cuda.is_available() or "avx512_bf16" in open("/proc/cpuinfo").read()


class Exchange:
    """Where workers average their gradients and agree on the time."""

    def __init__(self, workers, size):
        self.barrier = multiprocessing.get_context("fork").Barrier(workers)
        self.gradients = torch.zeros(workers, size).share_memory_()
        self.progress = torch.zeros(1, dtype=torch.float64).share_memory_()

    def average(self, worker, gradient):
        self.gradients[worker] = gradient
        self.barrier.wait()
        mean = self.gradients.mean(0)
        self.barrier.wait()
        return mean

    def agree(self, worker, progress):
        if worker == 0:
            self.progress[0] = progress
        self.barrier.wait()
        return self.progress.item()


class Trainer:
    def __init__(self, args, worker, exchange):
        self.args, self.worker, self.exchange, self.start = args, worker, exchange, time.monotonic()
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        torch.manual_seed(args.seed)
        self.pool = np.load(args.pool, mmap_mode="r")
        self.precision = torch.bfloat16 if has_bfloat16() else torch.float32
        self.teacher = self.place(Teacher(args.teacher).to(self.precision))
        self.student = self.place(Student())
        self.mean, self.std = self.begin() if args.begin else self.statistics()
        self.weights = [std / std.square().mean().sqrt() for std in self.std]
        self.average = copy.deepcopy(self.student).requires_grad_(False)
        self.parameters = list(self.student.parameters())
        weights, rest = ([p for p in self.parameters if (p.ndim > 1) == many] for many in (True, False))
        groups = [{"params": weights, "weight_decay": 0.02}, {"params": rest, "weight_decay": 0.0}]
        self.optimizer = torch.optim.AdamW(groups)

    def place(self, module):
        return module.to(self.device, memory_format=torch.channels_last)

    def begin(self):
        """Weights and statistics of a checkpoint, or those of the exported file with statistics taken anew."""
        if not self.args.begin.endswith(".safetensors"):
            checkpoint = torch.load(self.args.begin, map_location=self.device)
            self.student.load_state_dict(checkpoint["student"])
            return checkpoint["mean"], checkpoint["std"]
        mean, std = self.statistics()
        exported = export.load(self.args.begin)
        exported.rescale([1 / s for s in std], [-m / s for m, s in zip(mean, std)])
        self.student.unfold(exported.state_dict(), self.pictures(2**31, 0))
        return mean, std

    def pictures(self, step, worker):
        rng = np.random.default_rng([self.args.seed, step, worker])
        pictures = normalise(augment(batch(self.pool, rng), rng).flatten(0, 1))
        return pictures.to(self.device).contiguous(memory_format=torch.channels_last)

    @torch.no_grad()
    def features(self, pictures):
        return [f.float() for f in self.teacher(pictures.to(self.precision))]

    def targets(self, pictures):
        features = zip(self.features(pictures), self.mean, self.std)
        return [(f - mean[:, None, None]) / std[:, None, None] for f, mean, std in features]

    def statistics(self):
        """Mean and deviation of every channel of the teacher, over STATISTICS batches, the same for all workers."""
        sums = None
        for i in range(STATISTICS):
            features = self.features(self.pictures(2**31 + i, 0))
            now = [torch.stack([f.mean((0, 2, 3)), f.square().mean((0, 2, 3))]) for f in features]
            sums = now if sums is None else [a + b for a, b in zip(sums, now)]
        means = [s[0] / STATISTICS for s in sums]
        return means, [(s[1] / STATISTICS - m * m).clamp(min=1e-6).sqrt() for s, m in zip(sums, means)]

    def progress(self, step):
        if self.args.steps:
            return step / self.args.steps
        return self.exchange.agree(self.worker, (time.monotonic() - self.start) / (60 * self.args.minutes))

    def step(self, step, progress):
        rate = self.args.rate * min(1, (step + 1) / (100 if self.args.begin else 200))
        if not self.args.constant:
            rate *= 0.5 * (1 + math.cos(math.pi * min(progress, 1)))
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        pictures = self.pictures(step, self.worker)
        targets = self.targets(pictures)
        with torch.autocast(self.device, torch.bfloat16, enabled=self.precision == torch.bfloat16):
            outputs = self.student(pictures)
        plain, relative, change = losses(outputs, targets, self.weights)
        self.optimizer.zero_grad()
        (plain + self.args.relative * relative + self.args.change * change).backward()
        self.share_gradients()
        torch.nn.utils.clip_grad_norm_(self.parameters, 5.0)
        self.optimizer.step()
        if self.worker == 0:
            self.follow(min(0.998, (step + 1) / (step + 10)))
        return plain.item(), relative.item(), change.item()

    def share_gradients(self):
        flat = torch.cat([p.grad.flatten() for p in self.parameters]).cpu()
        mean = self.exchange.average(self.worker, flat)
        for p, piece in zip(self.parameters, mean.split([p.numel() for p in self.parameters])):
            p.grad.copy_(piece.view(p.shape))

    @torch.no_grad()
    def follow(self, keep):
        for mine, theirs in zip(self.average.state_dict().values(), self.student.state_dict().values()):
            if mine.dtype.is_floating_point:
                mine.lerp_(theirs, 1 - keep)

    def save(self, step):
        state = {"student": self.average.state_dict(), "mean": self.mean, "std": self.std, "step": step}
        torch.save(state, self.args.out + "/checkpoint.tmp")
        os.replace(self.args.out + "/checkpoint.tmp", self.args.out + "/checkpoint.pt")

    def run(self):
        step, saved, recent = 0, time.monotonic(), []
        log = open(self.args.out + "/loss.csv", "w") if self.worker == 0 else None
        print("step,seconds,loss,relative,change", file=log, flush=True) if log else None
        while (progress := self.progress(step)) < 1 and step != self.args.until:
            recent.append(self.step(step, progress))
            step += 1
            if log and step % 50 == 0:
                values = ",".join(f"{value:.4f}" for value in np.mean(recent, 0))
                print(f"{step},{time.monotonic() - self.start:.0f},{values}", file=log, flush=True)
                recent = []
            if log and time.monotonic() - saved > 120:
                self.save(step)
                saved = time.monotonic()
        if log:
            self.save(step)


def work(worker, args, exchange):
    torch.set_num_threads(1 if args.workers > 1 else os.cpu_count())
    Trainer(args, worker, exchange).run()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pool")
    parser.add_argument("teacher")
    parser.add_argument("out")
    parser.add_argument("--minutes", type=float, default=50)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--until", type=int, help="end after so many of the steps")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--relative", type=float, default=0.5, help="weight of the relative loss")
    parser.add_argument("--change", type=float, default=0.5, help="weight of the loss of what a defect changes")
    parser.add_argument("--constant", action="store_true", help="a rate that does not fall")
    parser.add_argument("--begin", metavar="WEIGHTS", help="a checkpoint, or a file that export.py wrote")
    parser.add_argument("--workers", type=int, default=1 if torch.cuda.is_available() else os.cpu_count())
    args = parser.parse_args()
    os.makedirs(args.out, exist_ok=True)
    exchange = Exchange(args.workers, sum(p.numel() for p in Student().parameters()))
    fork = multiprocessing.get_context("fork").Process
    processes = [fork(target=work, args=(worker, args, exchange)) for worker in range(args.workers)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    raise SystemExit(max(abs(process.exitcode) for process in processes))


if __name__ == "__main__":
    main()
