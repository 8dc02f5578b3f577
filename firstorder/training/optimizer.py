"""One torch optimizer that runs any rule of the book."""

import torch

from ..rules import get_rule
from .scaled import Scaled, plain

# torch's schedulers read and write the param groups, so there the hyperparameters have its names.
_TORCH_NAMES = {"alpha": "lr", "beta": "momentum", "epsilon": "eps", "decay": "weight_decay"}
_BETAS = ("beta1", "beta2")
# Bytes of each tensor that a rule gets at a time on a CPU: what it computes on the way stays in the cache.
PIECE = 256 * 1024


def _to_torch(hyper):
    """The book's hyperparameters under torch's names; beta1 and beta2 become the pair `betas`."""
    group = {_TORCH_NAMES.get(n, n): value for n, value in hyper.items() if n not in _BETAS}
    if set(_BETAS) <= set(hyper):
        group["betas"] = tuple(hyper[n] for n in _BETAS)
    return group


def _from_torch(rule, group):
    """The rule's hyperparameters, by the book's names, out of a param group."""
    named = {**group, **dict(zip(_BETAS, group.get("betas", ()), strict=False))}
    return {n: named[_TORCH_NAMES.get(n, n)] for n in rule.hyper}


def _pieces(tensors):
    """Rows of tensors of one shape, so many together as stay in the processor's cache.

    Over whole tensors a rule's intermediate results would travel to memory and back: on a 784–300–10
    network Adam would take half as long again.  A GPU takes everything at once.
    """
    first = tensors[0]
    rows = max(1, first.shape[0] if first.ndim else 1)
    if first.device.type == "cpu":
        rows = max(1, rows * PIECE // max(1, first.numel() * first.element_size()))
    return zip(*(torch.atleast_1d(tensor).split(rows) for tensor in tensors), strict=True)


def _joined(tensors):
    """One tensor as it is; several as one flat copy."""
    return torch.cat([t.flatten() for t in tensors]) if len(tensors) > 1 else tensors[0]


def _known(rule, parameter, slope):
    """The gradient as a function that is known at one point only."""

    def gradient(point):
        if point is not parameter:
            raise RuntimeError(
                f"{rule.name} asks for the gradient at another point than the parameters, and "
                "backward() computed it only there; for Nesterov's method take the rule "
                "'nesterov'"
            )
        return slope

    return gradient


class Optimizer(torch.optim.Optimizer):
    """A rule of `firstorder.rules` as a torch optimizer.

    (w, state) ← rule(w, ∇f, state) for every parameter w that has a gradient.

    `params` are parameters or param groups as for any torch optimizer, `rule` is the name of a rule,
    `hyper` its hyperparameters by the book's names; a group may override them, by the same names.
    In `param_groups` they bear torch's (alpha is `lr`, beta `momentum`, beta1 and beta2 `betas`,
    epsilon `eps`, decay `weight_decay`, the others their own), so that torch's schedulers work.
    A group also names its rule: a saved state is complete.

    A rule gets a large parameter in pieces, so it must work coordinate by coordinate, as all do.
    It knows the gradient only where backward() took it, at the parameters.  One that asks for it
    elsewhere (`nesterov_lookahead`) is refused at its first step; `nesterov` is the same method,
    written at the look-ahead point.
    Raises KeyError for an unknown rule; TypeError for an unknown hyperparameter and for parameters
    that are not real floating-point numbers; RuntimeError for sparse gradients.

    >>> w = torch.nn.Parameter(torch.tensor([8.0]))
    >>> optimizer = Optimizer([w], "gd", alpha=0.5)
    >>> w.square().sum().mul(0.5).backward()
    >>> optimizer.step()
    >>> w.item()
    4.0
    """

    def __init__(self, params, rule, **hyper):
        hyper = get_rule(rule).hyperparameters(hyper)
        super().__init__(params, {"rule": rule, **_to_torch(hyper)})

    def add_param_group(self, param_group):
        """Add parameters, with hyperparameters of their own by the book's names."""
        rule = get_rule(self.defaults["rule"])
        own = {n: v for n, v in param_group.items() if n != "params"}
        hyper = rule.hyperparameters({**_from_torch(rule, self.defaults), **own})
        super().add_param_group({"params": param_group["params"], **_to_torch(hyper)})
        for parameter in self.param_groups[-1]["params"]:
            if not parameter.is_floating_point():
                self.param_groups.pop()
                raise TypeError(f"rules run on real floating-point numbers; got {parameter.dtype}")

    @torch.no_grad()
    def step(self, closure=None):
        """One step of the rule for every parameter with a gradient.

        `closure`, if given, recomputes the loss and its gradients first; its value is returned.
        """
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            rule = get_rule(group["rule"])
            hyper = _from_torch(rule, group)
            ready = [p for p in group["params"] if p.grad is not None]
            for together in self._bundles(ready, rule):
                self._advance(together, rule, hyper)
        return loss

    def _bundles(self, parameters, rule):
        """Lists of parameters to advance as one: each large one alone, small ones that agree together.

        A step of a rule costs a GPU, and Python, the same for one number as for thousands.
        """
        bundles = {}
        for parameter in parameters:
            if parameter.grad.is_sparse:
                raise RuntimeError(
                    f"{rule.name} needs dense gradients; make the embedding with sparse=False"
                )
            if parameter not in self.state:
                first = rule.initial_state(parameter)
                first.update({n: first[n].clone() for n in rule.buffers})  # one tensor each
                self.state[parameter] = first
            large = parameter.numel() * parameter.element_size() > PIECE
            counters = (self.state[parameter][n] for n in rule.counters)
            agree = (parameter.dtype, parameter.device, *counters)
            bundles.setdefault(id(parameter) if large else agree, []).append(parameter)
        return bundles.values()

    def _advance(self, parameters, rule, hyper):
        """One step of the rule, in place, for parameters whose counters agree."""
        states = [self.state[parameter] for parameter in parameters]
        slopes = [parameter.grad for parameter in parameters]
        moving = [parameters, *([state[n] for state in states] for n in rule.buffers)]
        joined = [_joined(tensors) for tensors in moving]
        before = {n: states[0][n] for n in rule.counters}
        for w, slope, *buffers in _pieces([joined[0], _joined(slopes), *joined[1:]]):
            given = dict(zip(rule.buffers, map(Scaled, buffers), strict=True)) | before
            point = Scaled(w)
            w_next, after = rule(point, _known(rule, point, Scaled(slope)), given, **hyper)
            after = {n: plain(value) for n, value in after.items()}
            alive = {id(w), id(slope), *map(id, buffers)}  # a rule may remember what now changes
            after = {n: v.clone() if id(v) in alive else v for n, v in after.items()}
            for name, buffer in zip(rule.buffers, buffers, strict=True):
                buffer.copy_(after[name])
            w.copy_(plain(w_next))
        for state in states:
            state.update({n: after[n] for n in rule.counters})
        if len(parameters) > 1:
            for tensors, flat in zip(moving, joined, strict=True):
                parts = flat.split([tensor.numel() for tensor in tensors])
                for tensor, part in zip(tensors, parts, strict=True):
                    tensor.copy_(part.view(tensor.shape))
