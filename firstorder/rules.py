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
from typing import NamedTuple

import sympy

from .arithmetic import javascript_block, maximum, sqrt


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

    def initial_state(self, w, given=None):
        """The state before the first step at `w`: buffers of zeros, counters at their first value.

        `given` puts other numbers in the place of some, by name.
        Raises KeyError for a name that the state does not have.

        >>> RULES["momentum"].initial_state(sympy.Symbol("w"))
        {'z': 0}
        >>> RULES["adam"].initial_state(sympy.Symbol("w"), {"s": 1})
        {'m': 0, 's': 1, 't': 0}
        """
        given = given or {}
        if unknown := sorted(set(given) - set(self.state_names)):
            raise KeyError(
                f"the state of {self.name} has no part {', '.join(unknown)}; "
                f"it has {', '.join(self.state_names) or 'none'}"
            )
        at = {name: w * 0 + value for name, value in given.items() if name in self.buffers}
        return {**dict.fromkeys(self.buffers, w * 0), **self.counters, **given, **at}

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


# The adaptive rules below divide by a running size of the gradient, coordinate by coordinate.  As in
# torch.optim, `decay` adds the gradient of ½·decay·‖w‖² (an L2 penalty) everywhere but in AdamW.


def average(beta, mean, value):
    """One step of an exponential average: βm + (1 − β)x.

    >>> average(0.9, 0.0, 1.0)
    0.09999999999999998
    """
    return beta * mean + (1 - beta) * value


def corrected(beta, mean, t):
    """An exponential average that started at zero, freed of that zero after t steps: m/(1 − βᵗ).

    Kingma and Ba (2015), section 3.

    >>> corrected(0.5, average(0.5, 0.0, 3.0), 1)
    3.0
    """
    return mean / (1 - beta**t)


@rule(
    title="Adagrad",
    source="Duchi, Hazan and Singer (2011)",
    conventions="torch.optim.Adagrad: ε outside the root; its sum starts at 0 (Keras's at .1)",
)
def adagrad(w, grad, s, *, alpha=1e-2, epsilon=1e-10, decay=0.0):
    """g = ∇f(w), s⁺ = s + g², w⁺ = w − αg/(√s⁺ + ε)."""
    g = grad(w) + decay * w
    s = s + g * g
    return w - alpha * g / (sqrt(s) + epsilon), s


@rule(
    title="RMSprop",
    source="Tieleman and Hinton (2012), lecture 6.5",
    conventions="torch.optim.RMSprop: ε outside the root, ρ = .99 (Keras: inside, .9), not centred",
)
def rmsprop(w, grad, s, *, alpha=1e-2, rho=0.99, epsilon=1e-8, decay=0.0):
    """g = ∇f(w), s⁺ = ρs + (1 − ρ)g², w⁺ = w − αg/(√s⁺ + ε)."""
    g = grad(w) + decay * w
    s = average(rho, s, g * g)
    return w - alpha * g / (sqrt(s) + epsilon), s


@rule(
    title="Adadelta",
    source="Zeiler (2012), algorithm 1",
    conventions="torch.optim.Adadelta: both ε inside the roots, α = 1; d averages squared moves",
)
def adadelta(w, grad, s, d, *, alpha=1.0, rho=0.9, epsilon=1e-6, decay=0.0):
    """g = ∇f(w), s⁺ = ρs + (1 − ρ)g², Δ = g√(d + ε)/√(s⁺ + ε), d⁺ = ρd + (1 − ρ)Δ², w⁺ = w − αΔ."""
    g = grad(w) + decay * w
    s = average(rho, s, g * g)
    move = g * sqrt(d + epsilon) / sqrt(s + epsilon)
    return w - alpha * move, s, average(rho, d, move * move)


@rule(
    title="Adam",
    source="Kingma and Ba (2015), algorithm 1",
    conventions="torch.optim.Adam: ε outside the root, after the correction",
)
def adam(w, grad, m, s, t=0, *, alpha=1e-3, beta1=0.9, beta2=0.999, epsilon=1e-8, decay=0.0):
    """m⁺ = β₁m + (1 − β₁)g, s⁺ = β₂s + (1 − β₂)g², w⁺ = w − αm̂/(√ŝ + ε), m̂, ŝ bias-corrected."""
    g, t = grad(w) + decay * w, t + 1
    m, s = average(beta1, m, g), average(beta2, s, g * g)
    m_hat, s_hat = corrected(beta1, m, t), corrected(beta2, s, t)
    return w - alpha * m_hat / (sqrt(s_hat) + epsilon), m, s, t


@rule(
    title="AdamW",
    source="Loshchilov and Hutter (2019), algorithm 2",
    conventions="torch.optim.AdamW: the decay is multiplied by α (in the paper it is not)",
)
def adamw(w, grad, m, s, t=0, *, alpha=1e-3, beta1=0.9, beta2=0.999, epsilon=1e-8, decay=1e-2):
    """w⁺ = Adam's w⁺ − α·decay·w: the decay passes by the averages."""
    after, m, s, t = adam(
        w, grad, m, s, t, alpha=alpha, beta1=beta1, beta2=beta2, epsilon=epsilon
    )  # fmt: skip
    return after - alpha * decay * w, m, s, t


@rule(
    title="AMSGrad",
    source="Reddi, Kale and Kumar (2018), algorithm 2",
    conventions="torch.optim.Adam with amsgrad=True: bias-corrected (in the paper it is not)",
)
def amsgrad(
    w, grad, m, s, top, t=0, *, alpha=1e-3, beta1=0.9, beta2=0.999, epsilon=1e-8, decay=0.0
):
    """Adam with the largest s so far: top⁺ = max(top, s⁺), w⁺ = w − αm̂/(√top⁺ corrected + ε)."""
    g, t = grad(w) + decay * w, t + 1
    m, s = average(beta1, m, g), average(beta2, s, g * g)
    top = maximum(top, s)
    m_hat, top_hat = corrected(beta1, m, t), corrected(beta2, top, t)
    return w - alpha * m_hat / (sqrt(top_hat) + epsilon), m, s, top, t


@rule(
    title="Adamax",
    source="Kingma and Ba (2015), algorithm 2",
    conventions="torch.optim.Adamax: ε is added to |g| inside the maximum (the paper has none)",
)
def adamax(w, grad, m, u, t=0, *, alpha=2e-3, beta1=0.9, beta2=0.999, epsilon=1e-8, decay=0.0):
    """m⁺ = β₁m + (1 − β₁)g, u⁺ = max(β₂u, |g| + ε), w⁺ = w − αm̂/u⁺."""
    g, t = grad(w) + decay * w, t + 1
    m, u = average(beta1, m, g), maximum(beta2 * u, abs(g) + epsilon)
    return w - alpha * corrected(beta1, m, t) / u, m, u, t


@rule(
    title="Nadam",
    source="Dozat (2016), algorithm 2",
    conventions="torch.optim.NAdam: β₁'s schedule μ(t) = β₁(1 − ½·.96^(tψ)); p is its product so far",
)
def nadam(
    w, grad, m, s, t=0, p=1.0, *,
    alpha=2e-3, beta1=0.9, beta2=0.999, epsilon=1e-8, psi=4e-3, decay=0.0,
):  # fmt: skip
    """As Adam, looking ahead: p⁺ = μ(t)p, w⁺ = w − αa/(√ŝ + ε),
    a = μ(t+1)m⁺/(1 − μ(t+1)p⁺) + (1 − μ(t))g/(1 − p⁺).
    """
    g, t = grad(w) + decay * w, t + 1
    now, then = (beta1 * (1 - 0.96 ** (step * psi) / 2) for step in (t, t + 1))
    p = p * now
    m, s = average(beta1, m, g), average(beta2, s, g * g)
    ahead = then * m / (1 - then * p) + (1 - now) * g / (1 - p)
    return w - alpha * ahead / (sqrt(corrected(beta2, s, t)) + epsilon), m, s, t, p


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


class StepParts(NamedTuple):
    """A rule's step as one fraction: w⁺ = w − α(numerator/denominator + outside)."""

    numerator: sympy.Expr
    denominator: sympy.Expr
    outside: sympy.Expr


def step_parts(name):
    """What a rule's step divides by what, read off its trace (`decay` left out of the gradient).

    The denominator is what measures the size of the gradients: every divisor that holds the gradient
    or a buffer.  A divisor that depends on the step number alone (a bias correction) stays with the
    average that it corrects, in the numerator.  `outside` holds the terms that pass by the fraction.
    Raises ValueError for a rule whose step is not a multiple of α, as where the state holds α.

    >>> step_parts("rmsprop")
    StepParts(numerator=g0, denominator=epsilon + sqrt(g0**2*(1 - rho) + rho*s), outside=0)
    >>> step_parts("adamw").outside
    decay*w
    """
    traced, rule = trace(name), get_rule(name)
    alpha, decay = traced.hyper["alpha"], traced.hyper.get("decay")
    moved = traced.w - traced.w_next
    if moved.subs(alpha, 0) != 0:
        raise ValueError(f"the step of {name} is not a multiple of α: its state already holds α")
    measured = [*(g for _, g in traced.queries), *(traced.state[b] for b in rule.buffers)]
    terms = sympy.Add.make_args(moved.subs(alpha, 1))
    outside = sympy.Add(*(term for term in terms if not term.has(*measured)))
    fraction = sympy.Add(*(term for term in terms if term.has(*measured)))
    fraction = fraction.subs(decay, 0) if decay else fraction
    numerator = denominator = sympy.Integer(1)
    for factor in sympy.Mul.make_args(fraction):
        base, exponent = factor.as_base_exp()
        if exponent.is_negative and base.has(*measured):
            denominator *= base**-exponent
        else:
            numerator *= factor
    return StepParts(numerator, denominator, outside)


def parts_javascript(name):
    """`step_parts` as the source of an ES module.

    Exports `parts(w, g0, state, hyper)` → `{numerator, denominator, outside}`: arrays like the point w
    and its gradient g0, for the step from there.

    >>> print(parts_javascript("adagrad").splitlines()[3])
        const numerator = g0[i];
    """
    rule, traced = get_rule(name), trace(name)
    outputs = [(n, _at_i(rule, traced, v)) for n, v in step_parts(name)._asdict().items()]
    states, hypers = ", ".join(rule.state_names), ", ".join(rule.hyper)
    columns = (f"{part}: rows.map((row) => row.{part})" for part in StepParts._fields)
    return "\n".join(
        [
            f"// {rule.title}: printed from firstorder.rules.step_parts",
            f"export function parts(w, g0, {{{states}}}, {{{hypers}}}) {{",
            "  const rows = w.map((_, i) => {",
            *(f"    {line}" for line in javascript_block(outputs)),
            f"    return {{{', '.join(StepParts._fields)}}};",
            "  });",
            f"  return {{{', '.join(columns)}}};",
            "}",
        ]
    )
