"""Tensors whose multiplication by a number is put off, so that a rule's arithmetic fuses.

A rule says `beta * m + (1 - beta) * g`: in plain arithmetic three passes over memory and three new
tensors.  torch's own optimizers call functions that scale and add at once.  `Scaled` finds those
calls by itself, so the book's one-line rules run at nearly their speed.
"""

import torch


def _parts(x):
    """A number and a tensor whose product is x."""
    return (x.factor, x.tensor) if isinstance(x, Scaled) else (1, x)


def plain(x):
    """The tensor that x stands for; a number stays a number.

    >>> plain(Scaled(torch.tensor([3.0]), 2))
    tensor([6.])
    """
    if not isinstance(x, Scaled):
        return x
    return x.tensor if x.factor == 1 else x.tensor * x.factor


def _sum(x, y):
    """x + y in as few passes as torch knows."""
    (a, s), (b, t) = _parts(x), _parts(y)
    if not isinstance(t, torch.Tensor):  # a number
        return Scaled(s + t if a == 1 else s.mul(a).add_(t))
    if a == 0 or b == 0:
        return x if b == 0 else y
    if a == 1:
        return Scaled(torch.add(s, t, alpha=b))
    if b == 1:
        return Scaled(torch.add(t, s, alpha=a))
    return Scaled(s.mul(a).add_(t, alpha=b))


class Scaled:
    """factor · tensor, with the arithmetic of a tensor; what it does not know itself, torch does.

    >>> x = Scaled(torch.tensor([3.0]))
    >>> plain(0.5 * x - x / 6 + 1)
    tensor([2.])
    >>> torch.sqrt(12 * x)
    tensor([6.])
    """

    def __init__(self, tensor, factor=1):
        self.tensor, self.factor = tensor, factor

    def __neg__(self):
        return Scaled(self.tensor, -self.factor)

    def __abs__(self):
        return Scaled(abs(self.tensor), abs(self.factor))

    def __add__(self, other):
        return _sum(self, other)

    __radd__ = __add__

    def __sub__(self, other):
        return _sum(self, -other)

    def __rsub__(self, other):
        return _sum(-self, other)

    def __mul__(self, other):
        if isinstance(other, int | float):
            return Scaled(self.tensor, self.factor * other)
        factor, tensor = _parts(other)
        return Scaled(self.tensor * tensor, self.factor * factor)

    __rmul__ = __mul__

    def __truediv__(self, other):
        if isinstance(other, int | float):
            return Scaled(self.tensor, self.factor / other)
        factor, tensor = _parts(other)
        return Scaled(self.tensor / tensor, self.factor / factor)

    def __rtruediv__(self, other):
        return other / plain(self)

    def __pow__(self, power):
        return plain(self) ** power

    def __array_namespace__(self, api_version=None):
        return torch  # whose functions come back to __torch_function__

    def __getattr__(self, name):
        return getattr(plain(self), name)  # a tensor's own methods

    @classmethod
    def __torch_function__(cls, function, types, arguments=(), options=None):
        return function(*map(plain, arguments), **(options or {}))


def _as_tensors_do(name):
    return lambda self, other: getattr(plain(self), name)(plain(other))


for _name in ("__lt__", "__le__", "__gt__", "__ge__", "__rpow__"):
    setattr(Scaled, _name, _as_tensors_do(_name))
