"""Derivatives of a network's loss: a check of the first, and the largest of the second."""

from typing import NamedTuple

import torch

from .networks import log_sum_exp_loss


class GradientCheck(NamedTuple):
    """A derivative in each coordinate, found twice, and how far the two are apart."""

    backward: torch.Tensor
    central: torch.Tensor
    relative_difference: torch.Tensor


def gradient_check(function, w, h=1e-5):
    """Hold backpropagation against central differences, coordinate by coordinate.

    ∂f/∂wᵢ beside (f(w + h eᵢ) − f(w − h eᵢ))/2h; the relative difference |a − b|/max(|a|, |b|) is
    about 1e-9 where f is smooth.  Within h of a kink (a ReLU's input near 0) the central difference
    averages the slopes of both sides, and the two disagree although nothing is wrong.
    `function` takes a tensor of w's shape and gives one number; `w` should be float64: in float32
    rounding alone is of size 1e-7/h.  Raises TypeError for a w that is not floating-point.

    >>> gradient_check(lambda w: (w**3).sum(), torch.tensor([2.0], dtype=torch.float64)).backward
    tensor([12.], dtype=torch.float64)
    >>> kink = gradient_check(lambda w: w.relu().sum(), torch.tensor([0.0], dtype=torch.float64))
    >>> kink.backward.item(), round(kink.central.item(), 6)
    (0.0, 0.5)
    """
    w = torch.as_tensor(w).detach()
    if not w.is_floating_point():
        raise TypeError(f"a gradient needs floating-point numbers, best float64; got {w.dtype}")
    leaf = w.clone().requires_grad_()
    (backward,) = torch.autograd.grad(function(leaf), leaf)
    central = torch.empty_like(w)
    with torch.no_grad():
        for index in range(w.numel()):
            move = torch.zeros_like(w)
            move.view(-1)[index] = h
            central.view(-1)[index] = (function(w + move) - function(w - move)) / (2 * h)
    size = torch.maximum(backward.abs(), central.abs())
    difference = (backward - central).abs() / torch.where(size == 0, 1, size)
    return GradientCheck(backward, central, difference)


def _power_iteration(product, v, tolerance, iterations):
    """The eigenvalue of largest size and its eigenvector."""
    value = 0.0
    for _ in range(iterations):
        v = v / v.norm()
        image = product(v)
        before, value = value, (v @ image).item()
        if abs(value - before) <= tolerance * abs(value):
            break
        v = image
    return value, v


def largest_eigenvalue(
    model, images, labels, loss=log_sum_exp_loss, *, start=None, tolerance=1e-3, iterations=200
):
    """The largest eigenvalue λₙ of the Hessian of the loss on these images, and its eigenvector.

    Power iteration v ← Hv/‖Hv‖, λ = vᵀHv, where Hv is the gradient of ∇f·v (Pearlmutter, 1994): the
    Hessian itself is never formed.  It ends when λ changes by less than `tolerance` of itself, or after
    `iterations` products.  Should the eigenvalue of largest size be negative, a second pass on
    H − λI finds the largest.
    `start` is a vector to begin with: the eigenvector found some steps of training ago is a good one;
    without it, one drawn from a seed of its own.  Gradient descent with step α is stable in this
    direction while λₙ < 2/α.

    >>> model = torch.nn.Linear(1, 1, bias=False)
    >>> x = torch.tensor([[2.0]])
    >>> square = lambda outputs, labels: (outputs - labels).square().sum() / 2
    >>> largest_eigenvalue(model, x, x, square)[0]
    4.0
    """
    parameters = [p for p in model.parameters() if p.requires_grad]
    slopes = torch.autograd.grad(loss(model(images), labels), parameters, create_graph=True)
    gradient = torch.cat([slope.flatten() for slope in slopes])

    def product(v):
        # Where the loss is linear in a parameter, it has no part in the graph of ∇f: zero.
        parts = torch.autograd.grad(
            gradient @ v, parameters, retain_graph=True, materialize_grads=True
        )
        return torch.cat([part.flatten() for part in parts])

    if start is None:
        generator = torch.Generator().manual_seed(0)
        start = torch.randn(len(gradient), generator=generator, dtype=gradient.dtype)
    start = start.to(gradient.device)
    value, v = _power_iteration(product, start, tolerance, iterations)
    if value < 0:
        lowest = value
        shifted, v = _power_iteration(
            lambda v: product(v) - lowest * v, start, tolerance, iterations
        )
        value = shifted + lowest
    return value, v
