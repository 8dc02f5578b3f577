"""The training loop."""

import math
from typing import NamedTuple

import numpy as np
import torch
from torch.nn.functional import cross_entropy


class Diverged(ArithmeticError):
    """The loss is no longer a finite number."""


class Record(NamedTuple):
    """The loss while training: at each step (its batch, before the step), and each epoch's mean."""

    step_loss: np.ndarray
    epoch_loss: np.ndarray


def train(model, images, labels, optimizer, *, epochs, batch, seed, loss=cross_entropy):
    """Train `model` in shuffled batches; the data lie on its device, resident.

    Each epoch is one pass over `images` (N×…, as the model takes them) and `labels` (N, …, as the
    loss takes them), arrays or tensors, in an order that depends on `seed` alone; the last batch may
    be smaller.  `loss(outputs, labels)` is a mean over the batch.  Returns a `Record`.
    Raises ValueError for data that do not fit, and `Diverged`, naming the step, as soon as a
    loss is infinite or not a number.

    >>> model = torch.nn.Linear(2, 3)
    >>> descent = torch.optim.SGD(model.parameters(), lr=0.1)
    >>> images, labels = torch.eye(2), torch.tensor([0, 2])
    >>> train(model, images, labels, descent, epochs=4, batch=1, seed=0).step_loss.shape
    (8,)
    """
    if not len(images) == len(labels) > 0 or batch < 1:
        raise ValueError(
            "training needs as many labels as images, and batches of at least one; "
            f"got {len(images)} images, {len(labels)} labels, batch {batch}"
        )
    device = next(model.parameters()).device
    images, labels = (torch.as_tensor(data, device=device) for data in (images, labels))
    generator = torch.Generator().manual_seed(seed)  # on the CPU: one order for every device
    model.train()
    step_loss, epoch_loss = [], []
    for epoch in range(epochs):
        total = 0.0
        for rows in torch.randperm(len(images), generator=generator).to(device).split(batch):
            optimizer.zero_grad()
            value = loss(model(images[rows]), labels[rows])
            value.backward()
            step_loss.append(value.item())
            if not math.isfinite(step_loss[-1]):
                raise Diverged(
                    f"the loss became {step_loss[-1]} at step {len(step_loss) - 1} "
                    f"(epoch {epoch}, counting from 0); try a smaller step size"
                )
            optimizer.step()
            total += step_loss[-1] * len(rows)
        epoch_loss.append(total / len(images))
    return Record(np.array(step_loss), np.array(epoch_loss))
