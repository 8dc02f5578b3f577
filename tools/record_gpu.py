"""What chapters 9 and 10 quote of a GPU: some minutes on an NVIDIA GPU.

    python -m tools.record_gpu

It writes firstorder/recorded/gpu.json, with the device and the versions; the chapters show what is there,
and say so while nothing is.
"""

import time
from itertools import accumulate

import numpy as np
import torch

from benchmarks.training import resident_epoch, stock_epoch
from firstorder.training import captured_step, choose_device, dense_network, seconds
from tools import record_training
from tools.record_training import train_convolutional, train_map

ROUNDS = 5
SIDE = (64, 96)  # momenta and step sizes of the map


def sgd(parameters):
    return torch.optim.SGD(parameters, lr=0.1)


def captured_epoch(images, labels, batch=100):
    """An epoch of steps that are one captured graph: each call one epoch."""
    model = dense_network(0, biases=0).to(images.device)
    step = captured_step(model, sgd(model.parameters()), images[:batch], labels[:batch])

    def epoch():
        order = torch.randperm(len(images), device=images.device)
        for rows in order.split(batch):
            if len(rows) == batch:  # a graph takes batches of one size
                step(images.index_select(0, rows), labels.index_select(0, rows))

    return epoch


def epochs(device):
    """Seconds of an epoch of 784–300–10, batches of 100: medians of rounds that take turns."""
    ink, answers = record_training.digits()["train"]
    images, labels = ink.to(device), answers.to(device)
    grey = (255 * ink).round().byte().numpy()
    ways = {
        "stock loader": stock_epoch(grey, answers.numpy(), device),
        "resident images": resident_epoch(images, labels, sgd, epochs=ROUNDS + 1),
    }
    if images.device.type == "cuda":
        ways["captured graph"] = captured_epoch(images, labels)
    times = {name: [] for name in ways}
    for _ in range(ROUNDS + 1):
        for name, epoch in ways.items():
            times[name].append(seconds(epoch, device))
    return {
        name: float(np.median(found[1:])) for name, found in times.items()
    }  # the first warms up


def to_99(run):
    """Seconds of training until an epoch ended with 99 % of the test images right; None if none did."""
    spent = zip(run["test_accuracy"], accumulate(run["seconds"]), strict=True)
    return next((total for accuracy, total in spent if accuracy >= 0.99), None)


def convolutional(device):
    """The convolutional network in float32 and bfloat16, three seeds, and its seconds to 99 %."""
    train_convolutional(0, epochs=1, device=device)  # a GPU's first kernels take their time
    found = []
    for bf16 in (False, True):
        for seed in range(3):
            run = train_convolutional(seed, device=device, bf16=bf16)
            found.append({"bf16": bf16, "seed": seed, **run, "seconds_to_99": to_99(run)})
    return found


def maps(device):
    """Chapter 10's map of real training, finer: every point a network, all trained at once."""
    found = []
    for loss in ("square", "log-sum-exp"):
        begun = time.perf_counter()
        drawn = train_map(loss, "momentum", SIDE, device=device)
        spent = time.perf_counter() - begun
        found.append({"loss": loss, "rule": "momentum", "seconds": spent, **drawn})
    return found


def main(device="cuda"):
    device = choose_device(device)
    parts = {part.__name__: part(device) for part in (epochs, convolutional, maps)}
    record_training.store("gpu", parts, "python -m tools.record_gpu", device)


if __name__ == "__main__":
    main()
