"""Many networks trained at once, as one batched network."""

from itertools import islice

import numpy as np
import torch
from torch.func import functional_call, vmap

from ..rules import get_rule
from .networks import log_sum_exp_loss


def train_many(model, images, labels, rule, *, steps, batch, seed, loss=log_sum_exp_loss, **hyper):
    """Train a copy of the network for every value of the hyperparameters, all at once.

    Hyperparameters are numbers or arrays that broadcast together, of any shape (for a map, α of shape
    (1, n) and β of shape (m, 1)).  All copies start as `model` is (which stays as it is) and see
    the same batches, in the order that `Run` takes by the same seed.  Returns the final mean loss on all
    `images`, float64, of the broadcast shape: infinite for a run that diverged, which is a result here.

    Every parameter tensor gets a first axis for the copies, the network is mapped over it by
    torch.func.vmap, and the book's rule broadcasts its hyperparameters against it: one large product
    takes the place of many small ones, which suits a GPU.
    Raises KeyError for an unknown rule, TypeError for an unknown hyperparameter, ValueError for
    hyperparameters that do not broadcast together.

    >>> model = torch.nn.Linear(2, 2)
    >>> x, y = torch.eye(2), torch.tensor([0, 1])
    >>> alpha = np.array([0.0, 1.0, 10.0])
    >>> train_many(model, x, y, "gd", steps=9, batch=2, seed=0, alpha=alpha).shape
    (3,)
    """
    rule = get_rule(rule)
    arrays = _together(rule.hyperparameters(hyper))
    shape, count = next(iter(arrays.values())).shape, next(iter(arrays.values())).size
    w = {
        n: p.detach().unsqueeze(0).repeat(count, *[1] * p.ndim).requires_grad_()
        for n, p in model.named_parameters()
    }
    hypers = {n: {h: _along(v, p) for h, v in arrays.items()} for n, p in w.items()}
    states = {n: rule.initial_state(p.detach()) for n, p in w.items()}

    def losses(some, answers):
        return vmap(lambda p: loss(functional_call(model, p, (some,)), answers))(w)

    for rows in islice(_batches(len(images), batch, seed), steps):
        some, answers = (data.index_select(0, rows.to(data.device)) for data in (images, labels))
        # The networks share nothing, so the sum's gradient is each one's own.
        slopes = torch.autograd.grad(losses(some, answers).sum(), list(w.values()))
        with torch.no_grad():
            for (n, p), slope in zip(w.items(), slopes, strict=True):
                w_next, states[n] = rule(p, lambda point, g=slope: g, states[n], **hypers[n])
                p.copy_(w_next)
    with torch.no_grad():
        final = losses(images, labels).double().cpu().numpy()
    return np.where(np.isfinite(final), final, np.inf).reshape(shape)


def _together(hyper):
    """Hyperparameters as arrays of one shape."""
    try:
        arrays = np.broadcast_arrays(*(np.asarray(value, float) for value in hyper.values()))
    except ValueError:
        shapes = {n: np.shape(value) for n, value in hyper.items()}
        raise ValueError(f"these shapes do not broadcast together: {shapes}") from None
    return dict(zip(hyper, arrays, strict=True))


def _along(values, parameter):
    """A hyperparameter of every copy, shaped to broadcast against their stacked parameters."""
    tensor = torch.as_tensor(values.copy(), dtype=parameter.dtype, device=parameter.device)
    return tensor.view(-1, *[1] * (parameter.ndim - 1))


def _batches(count, batch, seed):
    """Rows of batches without end, an epoch after the other."""
    generator = torch.Generator().manual_seed(seed)
    while True:
        yield from torch.randperm(count, generator=generator).split(batch)
