"""Every update rule, written once.

A rule is a pure function of the iterate, the gradient *function* and its own state,

    def momentum(w, grad, z, *, alpha, beta): ...  return w⁺, z⁺

over anything that has arithmetic.  Its signature says all there is to know:

- positional arguments after `grad` name the state; one number per coordinate, starting at zero,
  or, with a default (`t=0`), a single number that starts there;
- keyword arguments are the hyperparameters and their defaults, in torch.optim's conventions;
- calling `grad` at a point other than `w` is how a rule looks ahead.

Call a rule on arrays to simulate it, on torch tensors to train with it, on symbols to derive from it
(`trace`, `iteration_matrix`), and print the traced symbols to get its JavaScript (`javascript`).
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import sympy

from .arithmetic import javascript_block


@dataclass(frozen=True)
class Rule:
    """An update rule and what its signature says of it.

    `buffers` names the state that has one number per coordinate, `counters` the single numbers with
    their first values, `hyper` the hyperparameters with their defaults.
    """

    function: Callable
    buffers: tuple[str, ...]
    counters: Mapping[str, float]
    hyper: Mapping[str, float]
    title: str
    source: str
    conventions: str

    @property
    def name(self):
        """The rule's name in `RULES`."""
        return self.function.__name__

    @property
    def state_names(self):
        """The names of the state, in the order in which the rule returns it."""
        return (*self.buffers, *self.counters)

    def initial_state(self, w):
        """The state before the first step at `w`: buffers of zeros, counters at their first value.

        >>> RULES["momentum"].initial_state(sympy.Symbol("w"))
        {'z': 0}
        """
        return {**dict.fromkeys(self.buffers, w * 0), **self.counters}

    def hyperparameters(self, given):
        """The defaults, overridden by `given`.

        Raises TypeError for a name that the rule does not have.
        """
        unknown = sorted(set(given) - set(self.hyper))
        if unknown:
            raise TypeError(
                f"{self.name} has no hyperparameter {', '.join(unknown)}; "
                f"it has {', '.join(self.hyper)}"
            )
        return {**self.hyper, **given}

    def __call__(self, w, grad, state, **hyper):
        """One step: (w, state) → (w⁺, state⁺), with `grad` a function of a point.

        >>> RULES["momentum"](1.0, lambda w: w, {"z": 0.0}, alpha=0.5, beta=0.9)
        (0.5, {'z': 1.0})
        """
        result = self.function(w, grad, **state, **hyper)
        w, *state = result if self.state_names else (result,)
        return w, dict(zip(self.state_names, state, strict=True))


_RULES: dict[str, Rule] = {}
RULES: Mapping[str, Rule] = MappingProxyType(_RULES)


def rule(title, source, conventions):
    """Register the decorated function as a rule, reading its state and hyperparameters off it.

    Raises TypeError for a function whose arguments do not begin with (w, grad).
    """

    def register(function):
        w, grad, *rest = inspect.signature(function).parameters.values()
        if (w.name, grad.name) != ("w", "grad"):
            raise TypeError(f"the rule {function.__name__} must begin with (w, grad)")
        state = [p for p in rest if p.kind is not p.KEYWORD_ONLY]
        _RULES[function.__name__] = Rule(
            function=function,
            buffers=tuple(p.name for p in state if p.default is p.empty),
            counters=MappingProxyType(
                {p.name: p.default for p in state if p.default is not p.empty}
            ),
            hyper=MappingProxyType({p.name: p.default for p in rest if p.kind is p.KEYWORD_ONLY}),
            title=title,
            source=source,
            conventions=conventions,
        )
        return function

    return register


def get_rule(name):
    """The rule of that name.

    Raises KeyError, with the names there are.

    >>> get_rule("gd").title
    'Gradient descent'
    """
    if name not in RULES:
        raise KeyError(f"no rule is called {name!r}; the rules are {', '.join(RULES)}")
    return RULES[name]


# --------------------------------------------------------------------------------------- the rules


@rule(
    title="Gradient descent",
    source="Cauchy (1847)",
    conventions="torch.optim.SGD with momentum 0",
)
def gd(w, grad, *, alpha=1e-3):
    """w⁺ = w − α∇f(w)."""
    return w - alpha * grad(w)


@rule(
    title="Momentum (heavy ball)",
    source="Polyak (1964); this form: Goh (2017)",
    conventions="torch.optim.SGD with momentum: the buffer z sums gradients, the step scales it by α",
)
def momentum(w, grad, z, *, alpha=1e-3, beta=0.9):
    """z⁺ = βz + ∇f(w), w⁺ = w − αz⁺."""
    z = beta * z + grad(w)
    return w - alpha * z, z


@rule(
    title="Momentum, velocity form",
    source="Sutskever et al. (2013), equations (1) and (2)",
    conventions="Keras's SGD with momentum: the velocity v already holds the step size",
)
def momentum_velocity(w, grad, v, *, alpha=1e-3, beta=0.9):
    """v⁺ = βv − α∇f(w), w⁺ = w + v⁺."""
    v = beta * v - alpha * grad(w)
    return w + v, v


@rule(
    title="Momentum, averaging form",
    source="an exponential average of gradients, as in Kingma and Ba (2015) without corrections",
    conventions="torch.optim.SGD with dampening = momentum, but for its first step: m starts at 0",
)
def momentum_average(w, grad, m, *, alpha=1e-3, beta=0.9):
    """m⁺ = βm + (1 − β)∇f(w), w⁺ = w − αm⁺."""
    m = beta * m + (1 - beta) * grad(w)
    return w - alpha * m, m


@rule(
    title="Nesterov's momentum, PyTorch's form",
    source="Nesterov (1983); this form: Sutskever et al. (2013), rewritten at the look-ahead point",
    conventions="torch.optim.SGD with nesterov=True: w is the look-ahead point",
)
def nesterov(w, grad, z, *, alpha=1e-3, beta=0.9):
    """g = ∇f(w), z⁺ = βz + g, w⁺ = w − α(g + βz⁺)."""
    g = grad(w)
    z = beta * z + g
    return w - alpha * (g + beta * z), z


@rule(
    title="Nesterov's momentum, look-ahead form",
    source="Nesterov (1983); Sutskever et al. (2013), equations (3) and (4)",
    conventions="the papers' two steps: v is a velocity and already holds the step size",
)
def nesterov_lookahead(w, grad, v, *, alpha=1e-3, beta=0.9):
    """v⁺ = βv − α∇f(w + βv), w⁺ = w + v⁺."""
    v = beta * v - alpha * grad(w + beta * v)
    return w + v, v


@rule(
    title="The family of momentum methods",
    source="Lessard, Recht and Packard (2016), section 4.5, in one sequence",
    conventions="d is the last move, s the last slope; γ = 0 is momentum, γ = β Nesterov's",
)
def momentum_family(w, grad, d, s, *, alpha=1e-3, beta=0.9, gamma=0.9):
    """g = ∇f(w), d⁺ = −αg + βd − γα(g − s), w⁺ = w + d⁺, s⁺ = g."""
    g = grad(w)
    d = -alpha * g + beta * d - gamma * (alpha * (g - s))
    return w + d, d, g


# ------------------------------------------------------------------------------------- their faces


@dataclass(frozen=True)
class Trace:
    """A rule run once on symbols, for one coordinate.

    `queries` lists (point, gradient symbol) in the order in which the rule asked for gradients;
    `w_next` and `state_next` are expressions in the symbols `w`, `state`, `hyper` and those gradients.
    """

    w: sympy.Symbol
    state: Mapping[str, sympy.Symbol]
    hyper: Mapping[str, sympy.Symbol]
    queries: tuple[tuple[sympy.Expr, sympy.Symbol], ...]
    w_next: sympy.Expr
    state_next: Mapping[str, sympy.Expr]


def trace(name):
    """The rule as symbols: what one step does to one coordinate.

    Hyperparameters are positive symbols, everything else real; each call of the gradient becomes a
    symbol g0, g1, … and its point is recorded.  A rule whose coordinates influence one another
    (through a norm, say) cannot be traced this way.

    >>> trace("nesterov_lookahead").queries
    ((beta*v + w, g0),)
    >>> trace("gd").w_next
    -alpha*g0 + w
    """
    rule = get_rule(name)
    w = sympy.Symbol("w", real=True)
    state = {name: sympy.Symbol(name, real=True) for name in rule.state_names}
    hyper = {name: sympy.Symbol(name, positive=True) for name in rule.hyper}
    queries = []

    def record(point):
        queries.append((point, sympy.Symbol(f"g{len(queries)}", real=True)))
        return queries[-1][1]

    w_next, state_next = rule(w, record, state, **hyper)
    return Trace(w, state, hyper, tuple(queries), w_next, state_next)


def iteration_matrix(name):
    """R of (w, state)⁺ = R (w, state) on f(w) = λw²/2, as a SymPy matrix.

    The Jacobian of the very rule, in positive symbols `alpha`, `beta`, `lambda`; rows and columns in
    the order (w, state…).  Goh (2017) orders it (z, w).
    Raises ValueError for a rule that is not linear in (w, state).

    >>> iteration_matrix("momentum")
    Matrix([
    [-alpha*lambda + 1, -alpha*beta],
    [           lambda,        beta]])
    """
    rule = get_rule(name)
    traced = trace(name)
    curvature = sympy.Symbol("lambda", positive=True)
    w_next, state_next = rule(traced.w, lambda w: curvature * w, traced.state, **traced.hyper)
    before = sympy.Matrix([traced.w, *traced.state.values()])
    after = sympy.Matrix([w_next, *state_next.values()])
    matrix = after.jacobian(before)
    if rule.counters or (after - matrix * before).expand().norm() != 0:
        raise ValueError(f"{name} is not linear in its state, so it has no iteration matrix")
    return matrix.expand()


def javascript(name):
    """The rule as the source of an ES module, printed from its trace.

    Exports `init(w)` → state and `step(w, state, grad, hyper)` → `{w, state}`: `w` an array of
    numbers, `state` an object by the state's names (arrays, and a number for a counter), `grad` a
    function of such an array, `hyper` an object by the hyperparameters' names.

    >>> print(javascript("gd"))
    // Gradient descent: printed from firstorder.rules.gd
    export function init(w) {
      return {};
    }
    export function step(w, state, grad, {alpha}) {
      const g0 = grad(w);
      const next = w.map((_, i) => {
        const w_next = -alpha*g0[i] + w[i];
        return {w_next};
      });
      return {w: next.map((c) => c.w_next), state: {}};
    }
    """
    rule, traced = get_rule(name), trace(name)
    first = [f"{n}: w.map(() => 0)" for n in rule.buffers]
    first += [f"{n}: {value}" for n, value in rule.counters.items()]
    unpack = [f"const {{{', '.join(rule.state_names)}}} = state;"] if rule.state_names else []
    return "\n".join(
        [
            f"// {rule.title}: printed from firstorder.rules.{name}",
            "export function init(w) {",
            f"  return {{{', '.join(first)}}};",
            "}",
            f"export function step(w, state, grad, {{{', '.join(rule.hyper)}}}) {{",
            *(f"  {line}" for line in [*unpack, *_queries(rule, traced), *_next(rule, traced)]),
            "}",
        ]
    )


def _at_i(rule, traced, expression):
    """The expression for coordinate i: arrays by their entries, single numbers as they are."""
    buffers, gradients = [traced.state[b] for b in rule.buffers], [g for _, g in traced.queries]
    entries = {s: sympy.Symbol(f"{s}[i]", real=True) for s in [traced.w, *buffers, *gradients]}
    return sympy.sympify(expression).subs(entries)


def _queries(rule, traced):
    """JavaScript lines that ask for each gradient, at w itself or at a point of its own."""
    for point, gradient in traced.queries:
        where = "w"
        if point != traced.w:
            *shared, last = javascript_block([("point", _at_i(rule, traced, point))])
            where = f"w.map((_, i) => {{ {' '.join([*shared, last, 'return point;'])} }})"
        yield f"const {gradient} = grad({where});"


def _next(rule, traced):
    """JavaScript lines that compute and return the next iterate and state."""
    values = {"w": traced.w_next, **traced.state_next}
    outputs = [(f"{n}_next", _at_i(rule, traced, values[n])) for n in ("w", *rule.buffers)]
    yield "const next = w.map((_, i) => {"
    yield from (f"  {line}" for line in javascript_block(outputs))
    yield f"  return {{{', '.join(name for name, _ in outputs)}}};"
    yield "});"
    if rule.counters:
        yield from javascript_block([(f"{n}_next", values[n]) for n in rule.counters], prefix="c")
    state = [f"{n}: next.map((c) => c.{n}_next)" for n in rule.buffers]
    state += [f"{n}: {n}_next" for n in rule.counters]
    yield f"return {{w: next.map((c) => c.w_next), state: {{{', '.join(state)}}}}};"
