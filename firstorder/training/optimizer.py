"""One torch optimizer that runs any rule of the book."""

import torch

from ..rules import get_rule
from .deferred import Call, Deferred, Update

# torch's schedulers read and write the param groups, so there the hyperparameters have its names.
_TORCH_NAMES = {"alpha": "lr", "beta": "momentum", "epsilon": "eps", "decay": "weight_decay"}
_BETAS = ("beta1", "beta2")


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

    At each step the rule is called once, on `Deferred` tensors; what it says is then done for each
    parameter, fused and in place.
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
            for counters, together in self._agreeing(ready, rule).items():
                self._advance(together, rule, dict(counters), hyper)
        return loss

    def _agreeing(self, parameters, rule):
        """Lists of parameters, by the counters that those of a list share."""
        found = {}
        for parameter in parameters:
            if parameter.grad.is_sparse:
                raise RuntimeError(
                    f"{rule.name} needs dense gradients; make the embedding with sparse=False"
                )
            if parameter not in self.state:
                first = rule.initial_state(parameter)
                first.update({n: first[n].clone() for n in rule.buffers})  # one tensor each
                self.state[parameter] = first
            counters = tuple((n, self.state[parameter][n]) for n in rule.counters)
            found.setdefault(counters, []).append(parameter)
        return found

    def _advance(self, parameters, rule, counters, hyper):
        """One step of the rule, in place: called once, and done for each of the parameters."""
        given = w, slope, *buffers = [Call() for _ in ("w", "slope", *rule.buffers)]
        point = Deferred(w)
        state = dict(zip(rule.buffers, map(Deferred, buffers), strict=True)) | counters
        w_next, after = rule(point, _known(rule, point, Deferred(slope)), state, **hyper)
        update = Update(
            {w: w_next, **{b: after[n] for n, b in zip(rule.buffers, buffers, strict=True)}}
        )
        for parameter in parameters:
            state = self.state[parameter]
            tensors = [parameter, parameter.grad, *(state[n] for n in rule.buffers)]
            update(dict(zip(given, map(torch.atleast_1d, tensors), strict=True)))
            state.update({n: after[n] for n in rule.counters})
