"""Networks for digits, their losses, and where they run."""

from itertools import pairwise

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy


def choose_device(name=None):
    """The device to train on: the named one, or a GPU where there is one, else the CPU.

    Raises RuntimeError if a GPU is asked for and PyTorch finds none.

    >>> choose_device("cpu")
    device(type='cpu')
    """
    device = torch.device(name or ("cuda" if torch.cuda.is_available() else "cpu"))
    if device.type == "cuda" and not torch.cuda.is_available():
        raise RuntimeError(
            "device 'cuda' was asked for, but PyTorch finds no GPU here.  Train on device 'cpu', or "
            "choose_device() to take what there is; on a machine with an NVIDIA GPU, install a CUDA "
            "build of PyTorch (pytorch.org, Get started)."
        )
    return device


def as_tensors(images, labels, device="cpu"):
    """Digits as `load_mnist` gives them, as tensors on the device: ink 0…1 (float32), labels (int64).

    Raises TypeError for images that are not uint8: they may have been scaled already.

    >>> images, labels = as_tensors(np.full((2, 28, 28), 255, np.uint8), np.array([3, 7], np.uint8))
    >>> images.max().item(), labels.tolist()
    (1.0, [3, 7])
    """
    images, labels = np.asarray(images), np.asarray(labels)
    if images.dtype != np.uint8:
        raise TypeError(f"as_tensors takes grey levels 0…255 in uint8; got {images.dtype}")
    ink = torch.from_numpy(images).to(device).float() / 255
    return ink, torch.from_numpy(labels).to(device).long()


def dense_network(seed, sizes=(784, 300, 10), weights=0.03, biases=1.0, activation=nn.ReLU):
    """A network of dense layers, by default the source's: 784–300–10 with ReLU between.

    Weights are drawn from N(0, `weights`²) and biases from N(0, `biases`²), or are zero with
    `biases=0`, by the seed alone.  It takes images n×28×28 (or n×anything of sizes[0] numbers) and
    gives n×sizes[-1] numbers, the logits: the softmax belongs to the loss.

    >>> dense_network(seed=0)(torch.zeros(5, 28, 28)).shape
    torch.Size([5, 10])
    """
    generator = torch.Generator().manual_seed(seed)
    layers = [nn.Flatten()]
    for inputs, outputs in pairwise(sizes):
        layer = nn.utils.skip_init(nn.Linear, inputs, outputs)
        with torch.no_grad():
            layer.weight.normal_(0, weights, generator=generator)
            layer.bias.normal_(0, 1, generator=generator).mul_(biases)
        layers += [layer, activation()]
    return nn.Sequential(*layers[:-1])


def convolutional_network(seed):
    """A small convolutional network: 5×5 kernels to 16 and 32 channels, halved after each, then dense.

    torch's own initial weights, by the seed alone; n×28×28 in, n×10 logits out.

    >>> convolutional_network(seed=0)(torch.zeros(5, 28, 28)).shape
    torch.Size([5, 10])
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return nn.Sequential(
            nn.Unflatten(1, (1, 28)),
            *(nn.Conv2d(1, 16, 5), nn.ReLU(), nn.MaxPool2d(2)),
            *(nn.Conv2d(16, 32, 5), nn.ReLU(), nn.MaxPool2d(2)),
            *(nn.Flatten(), nn.Linear(512, 10)),
        )


class InBfloat16(nn.Module):
    """A network computed in bfloat16 wherever torch's autocast thinks that safe.

    Its parameters stay float32, and so do what comes out, the loss and the step.

    >>> network = InBfloat16(nn.Linear(2, 2))
    >>> network(torch.eye(2)).dtype, network.network(torch.eye(2)).dtype
    (torch.float32, torch.float32)
    """

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, images):
        with torch.autocast(images.device.type, torch.bfloat16):
            return self.network(images).float()


def clipped_loss(outputs, labels):
    """The source's loss: softmax, clipped to [1e-10, .9999999], then a binary cross-entropy per class.

    −(1/n) Σ Σ_c [y_c log p_c + (1 − y_c) log(1 − p_c)], y the label one-hot, p the clipped softmax.
    Where p is clipped its gradient is zero: an image that the network is sure of, rightly or wrongly,
    teaches it nothing.

    >>> round(clipped_loss(torch.zeros(1, 2), torch.tensor([0])).item(), 4)  # 2 log 2
    1.3863
    """
    p = outputs.softmax(1).clamp(1e-10, 0.9999999)
    right = nn.functional.one_hot(labels, outputs.shape[1]).bool()
    return -torch.where(right, p, 1 - p).log().sum(1).mean()


def log_sum_exp_loss(outputs, labels):
    """Cross-entropy without a softmax: (1/n) Σ [log Σ_c exp(o_c) − o_label], which nothing overflows.

    torch's `cross_entropy`, under the name of what it computes.

    >>> log_sum_exp_loss(torch.tensor([[1000.0, 0.0]]), torch.tensor([1])).item()
    1000.0
    """
    return cross_entropy(outputs, labels)


def square_loss(outputs, labels):
    """Half the squared distance from the one-hot labels: (1/2n) Σ ‖o − y‖², the mean over the batch.

    Its curvature does not fade as the answers get sure, so it shows the edge of stability for long.

    >>> square_loss(torch.tensor([[1.0, 2.0]]), torch.tensor([0])).item()
    2.0
    """
    right = nn.functional.one_hot(labels, outputs.shape[1])
    return (outputs - right).square().sum(1).mean() / 2
