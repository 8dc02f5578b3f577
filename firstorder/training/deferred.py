"""A rule's arithmetic on tensors: written down when the rule runs, done afterwards, fused and in place.

A rule says `beta * m + (1 - beta) * g`: in plain arithmetic three passes over memory and three new
tensors, where torch has one function, lerp.  Here the rule runs on `Deferred` tensors, which note what
is to be done as calls of such functions.  `Update` then does it, for as many tensors as there are, and
lets the last call write where its result belongs.
"""

import torch

# They write into a tensor that they are given (out=), and never return a view of an argument.
_WRITING = {
    torch.add, torch.mul, torch.div, torch.lerp, torch.addcdiv, torch.sqrt, torch.abs, torch.maximum,
}  # fmt: skip


class Call:
    """A function to be called, with arguments some of which are results of other calls.

    Without a function it stands for a tensor that will be given.
    """

    def __init__(self, function=None, *arguments, **options):
        self.function, self.arguments, self.options = function, arguments, options

    @property
    def needs(self):
        """The calls whose results are its arguments."""
        return [argument for argument in self.arguments if isinstance(argument, Call)]


def _parts(x):
    """A number and a call whose product is x."""
    return (x.factor, x.call) if isinstance(x, Deferred) else (1, x)


def whole(x):
    """The call that computes x, its factor included; what is not deferred stays as it is."""
    factor, call = _parts(x)
    return call if factor == 1 else Call(torch.mul, call, factor)


def _sum(x, y):
    """x + y in as few passes as torch knows."""
    (a, s), (b, t) = _parts(x), _parts(y)
    if not isinstance(t, Call):  # a number, or a tensor of one's own: b is 1
        number = torch.as_tensor(t, dtype=None if isinstance(t, torch.Tensor) else torch.float64)
        return Deferred(Call(torch.add, number, s, alpha=a))
    if a == 0 or b == 0:
        return x if b == 0 else y
    if b == 1 - a or a == 1 - b:
        return Deferred(Call(torch.lerp, s, t, b))
    if b == 1 != a:
        (a, s), (b, t) = (b, t), (a, s)
    if a != 1:
        s = Call(torch.mul, s, a)
    if t.function is torch.div:
        return Deferred(Call(torch.addcdiv, s, *t.arguments, value=b))
    return Deferred(Call(torch.add, s, t, alpha=b))


class Deferred:
    """factor · the result of a call, with the arithmetic of a tensor; what it does not know, torch does.

    >>> x = Call()
    >>> update = Update({x: torch.sqrt(0.5 * Deferred(x) - Deferred(x) / 6 + 1)})
    >>> tensor = torch.tensor([9.0])
    >>> update({x: tensor})
    >>> tensor
    tensor([2.])
    """

    __array_ufunc__ = None  # NumPy's numbers, too, leave the arithmetic to it
    dtype = None  # known once there are tensors

    def __init__(self, call, factor=1):
        self.call, self.factor = call, factor

    def __neg__(self):
        return Deferred(self.call, -self.factor)

    def __abs__(self):
        return Deferred(Call(torch.abs, self.call), abs(self.factor))

    def __add__(self, other):
        return _sum(self, other)

    __radd__ = __add__

    def __sub__(self, other):
        return _sum(self, -other)

    def __rsub__(self, other):
        return _sum(-self, other)

    def __mul__(self, other):
        if isinstance(other, int | float):
            return Deferred(self.call, self.factor * other)
        factor, call = _parts(other)
        return Deferred(Call(torch.mul, self.call, call), self.factor * factor)

    __rmul__ = __mul__

    def __truediv__(self, other):
        if isinstance(other, int | float):
            return Deferred(self.call, self.factor / other)
        factor, call = _parts(other)
        return Deferred(Call(torch.div, self.call, call), self.factor / factor)

    def __array_namespace__(self, api_version=None):
        return torch  # whose functions come back to __torch_function__

    def __getattr__(self, name):
        """A tensor's own method, deferred."""
        method = getattr(torch.Tensor, name)
        if not callable(method) or name.startswith("__"):
            raise AttributeError(f"a rule works on each number alone and knows no {name}")
        return lambda *arguments, **options: Deferred(
            Call(method, *map(whole, (self, *arguments)), **options)
        )

    @classmethod
    def __torch_function__(cls, function, types, arguments=(), options=None):
        if function is torch.sqrt and arguments[0].factor > 0:
            (x,) = arguments
            return cls(Call(torch.sqrt, x.call), x.factor**0.5)
        return cls(Call(function, *map(whole, arguments), **(options or {})))


def _as_tensors_do(name):
    method = getattr(torch.Tensor, name)
    return lambda self, *others: Deferred(Call(method, *map(whole, (self, *others))))


for _name in ("__lt__", "__le__", "__gt__", "__ge__", "__pow__", "__rpow__", "__rtruediv__"):
    setattr(Deferred, _name, _as_tensors_do(_name))


class Update:
    """New values of some tensors, in terms of their old ones: {call without function: Deferred}."""

    def __init__(self, values):
        self.results = {given: whole(value) for given, value in values.items()}
        self.calls = {}  # each after those it needs; a dict for its order
        for result in self.results.values():
            self._note(result)
        self.in_place = self._in_place()

    def _note(self, call):
        if call.function and call not in self.calls:
            for needed in call.needs:
                self._note(needed)
            self.calls[call] = None

    def _in_place(self):
        """The results that may be written over the old value at once, since nothing reads it later."""
        last = dict.fromkeys(self.results.values())  # the last reader; None: it is read to the end
        for call in self.calls:
            reader = call if call.function in _WRITING else None  # a view reads to the end
            last |= {n: reader if last.get(n, call) else None for n in call.needs}
        return {
            result: given
            for given, result in self.results.items()
            if result.function in _WRITING and last.get(given, result) is result
        }

    def __call__(self, tensors):
        """Put the new values into the tensors, {call without function: tensor}."""
        found = dict(tensors)
        for call in self.calls:
            arguments = [found[a] if isinstance(a, Call) else a for a in call.arguments]
            place = {"out": tensors[self.in_place[call]]} if call in self.in_place else {}
            found[call] = call.function(*arguments, **call.options, **place)
        left = {  # clones, for a result may be another tensor's old value, or a view of one
            given: found[result].clone()
            for given, result in self.results.items()
            if given not in (result, self.in_place.get(result))
        }
        for given, value in left.items():
            tensors[given].copy_(value)
