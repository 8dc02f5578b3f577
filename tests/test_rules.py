"""The rules: their symbols, their numbers against torch, their JavaScript."""

import functools
import inspect

import numpy as np
import pytest
import sympy
import torch

from firstorder import RULES, iterate, iteration_matrix, javascript, rules
from firstorder.problems import LANDSCAPES, Quadratic

alpha, beta, lambda_ = sympy.symbols("alpha beta lambda", positive=True)
banana = LANDSCAPES["banana"]
A = np.diag([0.3, 1.0, 4.0]) + 0.1
bowl = Quadratic(A, [1.0, -2.0, 0.5])
PROBLEMS = {
    "quadratic": (bowl.gradient, [4.0, 3.0, -2.0]),
    "banana": (banana.gradient, [-1.0, 0.5]),
}
# Rule and torch's class; a run of these steps settles or wanders smoothly.  (With larger ones RMSprop
# and Adadelta hop about the minimum for ever, and hopping magnifies the last digit's rounding.)
ADAPTIVE = {
    "adagrad": (torch.optim.Adagrad, 0.5),
    "rmsprop": (torch.optim.RMSprop, 1e-3),
    "adadelta": (torch.optim.Adadelta, 0.05),
    "adam": (torch.optim.Adam, 0.05),
    "adamax": (torch.optim.Adamax, 0.05),
    "nadam": (torch.optim.NAdam, 0.05),
    "amsgrad": (functools.partial(torch.optim.Adam, amsgrad=True), 0.05),
    "adamw": (torch.optim.AdamW, 0.05),
}
on_problems = pytest.mark.parametrize("problem", PROBLEMS)


def torch_path(optimizer, gradient, w0, steps, **hyper):
    """What a torch optimizer does when it is given the same gradients, in float64."""
    w = torch.tensor(w0, dtype=torch.float64, requires_grad=True)
    optimizer = optimizer([w], **hyper)
    path = [w.detach().numpy().copy()]
    for _ in range(steps):
        w.grad = torch.from_numpy(gradient(path[-1]))
        optimizer.step()
        path.append(w.detach().numpy().copy())
    return np.array(path)


def assert_equal_to_twelve_digits(found, expected):
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


def test_the_iteration_matrix_of_gradient_descent_is_one_minus_alpha_lambda():
    assert iteration_matrix("gd") == sympy.Matrix([[1 - alpha * lambda_]])


def test_the_iteration_matrix_of_momentum_is_the_one_known_by_hand():
    known = sympy.Matrix([[1 - alpha * lambda_, -alpha * beta], [lambda_, beta]])
    assert iteration_matrix("momentum") == known


@pytest.mark.parametrize("name", ["nesterov", "nesterov_lookahead"])
def test_both_forms_of_nesterov_have_the_same_determinant_and_trace(name):
    matrix = iteration_matrix(name)
    assert sympy.expand(matrix.det() - beta * (1 - alpha * lambda_)) == 0
    assert sympy.expand(matrix.trace() - (1 + beta) * (1 - alpha * lambda_)) == 0


@pytest.mark.parametrize("name", sorted(set(RULES) - set(ADAPTIVE)))
def test_powers_of_the_iteration_matrix_are_the_run(name):
    numbers = {"alpha": 0.3, "beta": 0.8, "gamma": 0.4}
    hyper = {n: numbers[n] for n in RULES[name].hyper}
    at = {
        symbol: {**numbers, "lambda": 1.7}[symbol.name]
        for symbol in iteration_matrix(name).free_symbols
    }
    matrix = np.array(iteration_matrix(name).subs(at), float)
    path = iterate(name, lambda w: 1.7 * w, [1.0], 10, **hyper)
    powers = [np.linalg.matrix_power(matrix, k)[0, 0] for k in range(11)]
    np.testing.assert_allclose(path[:, 0], powers, atol=1e-12)


def test_a_rule_that_is_not_linear_has_no_iteration_matrix(registry):
    @rules.rule("Sign", "none", "none")
    def sign(w, grad, *, alpha=0.1):
        return w - alpha * sympy.sign(grad(w))

    for name in (*ADAPTIVE, "sign"):
        with pytest.raises(ValueError, match=f"{name} is not linear"):
            iteration_matrix(name)


@on_problems
@pytest.mark.parametrize("step", [1e-3, 0.01])
def test_gradient_descent_is_torch_s_sgd(problem, step):
    gradient, w0 = PROBLEMS[problem]
    expected = torch_path(torch.optim.SGD, gradient, w0, 300, lr=step)
    assert_equal_to_twelve_digits(iterate("gd", gradient, w0, 300, alpha=step), expected)


@on_problems
@pytest.mark.parametrize("step", [1e-3, 0.01])
@pytest.mark.parametrize("momentum", [0.3, 0.9])
@pytest.mark.parametrize("name", ["momentum", "nesterov"])
def test_momentum_and_nesterov_are_torch_s_sgd_with_momentum(problem, name, step, momentum):
    gradient, w0 = PROBLEMS[problem]
    options = {"lr": step, "momentum": momentum, "nesterov": name == "nesterov"}
    expected = torch_path(torch.optim.SGD, gradient, w0, 300, **options)
    found = iterate(name, gradient, w0, 300, alpha=step, beta=momentum)
    assert_equal_to_twelve_digits(found, expected)


@on_problems
def test_both_forms_of_nesterov_are_one_after_the_change_of_variable(problem):
    gradient, w0 = PROBLEMS[problem]
    w = iterate("nesterov_lookahead", gradient, w0, 300, alpha=0.01, beta=0.9)
    velocity = np.diff(w, axis=0, prepend=w[:1])
    y = iterate("nesterov", gradient, w0, 300, alpha=0.01, beta=0.9)
    assert_equal_to_twelve_digits(w + 0.9 * velocity, y)


@on_problems
@pytest.mark.parametrize("name", ADAPTIVE)
@pytest.mark.parametrize("epsilon", [1e-10, 1e-8, 1e-2])
@pytest.mark.parametrize("decay", [0.0, 0.1])
def test_an_adaptive_method_is_torch_s(problem, name, epsilon, decay, double):
    gradient, w0 = PROBLEMS[problem]
    theirs, alpha = ADAPTIVE[name]
    options = {"lr": alpha, "eps": epsilon, "weight_decay": decay}
    expected = torch_path(theirs, gradient, w0, 300, **options)
    found = iterate(name, gradient, w0, 300, alpha=alpha, epsilon=epsilon, decay=decay)
    assert_equal_to_twelve_digits(found, expected)


@pytest.mark.parametrize("name", ADAPTIVE)
def test_an_adaptive_method_has_torch_s_defaults(name, double):
    theirs, _ = ADAPTIVE[name]
    group = theirs([torch.zeros(1, requires_grad=True)]).param_groups[0]
    named = {"alpha": "lr", "epsilon": "eps", "decay": "weight_decay", "psi": "momentum_decay"}
    named |= {"rho": "rho" if name == "adadelta" else "alpha"}
    betas = dict(zip(("beta1", "beta2"), group.get("betas", ()), strict=False))
    for hyper, value in RULES[name].hyper.items():
        assert value == (betas[hyper] if hyper in betas else group[named[hyper]])


def test_a_run_may_start_from_another_state():
    start = {"s": 0.1}  # Adagrad's in Keras, and torch's initial_accumulator_value
    gradient, w0 = PROBLEMS["quadratic"]
    expected = torch_path(
        torch.optim.Adagrad, gradient, w0, 300, lr=0.5, initial_accumulator_value=0.1
    )
    found = iterate("adagrad", gradient, w0, 300, alpha=0.5, state=start)
    assert_equal_to_twelve_digits(found, expected)
    with pytest.raises(KeyError, match="the state of adagrad has no part v; it has s"):
        iterate("adagrad", gradient, w0, 1, state={"v": 0.1})


def test_a_trace_with_numbers_put_in_is_the_step():
    for name in RULES:
        traced, rule = rules.trace(name), RULES[name]
        numbers = {"w": 0.7, **dict.fromkeys(rule.buffers, 0.3), **rule.counters, **rule.hyper}
        state = {n: numbers[n] for n in rule.state_names}
        w, after = rule(0.7, lambda point: 0.4, state, **rule.hyper)
        values = {str(g): 0.4 for _, g in traced.queries} | numbers
        for symbolic, number in (
            (traced.w_next, w),
            *zip(traced.state_next.values(), after.values(), strict=True),
        ):
            symbolic = sympy.sympify(symbolic)
            put = {s: values[str(s)] for s in symbolic.free_symbols}
            assert float(symbolic.subs(put)) == pytest.approx(float(number), rel=1e-12)


def test_a_look_ahead_is_recorded_where_it_looks():
    ((point, _),) = rules.trace("nesterov_lookahead").queries
    assert str(point) == "beta*v + w"
    assert rules.trace("nesterov").queries[0][0] == rules.trace("nesterov").w


def test_javascript_takes_the_same_steps_as_numpy(node):
    """Every rule, adaptive ones included: 40 steps in three coordinates, state and all."""
    random = np.random.default_rng(0)
    modules, data = {}, {}
    for name in RULES:
        hyper = dict(RULES[name].hyper) | {"alpha": float(random.uniform(0.05, 0.3))}
        modules[name], data[name] = (
            javascript(name),
            {"hyper": hyper, "w": random.normal(size=3).tolist()},
        )
    script = f"""
        const modules = {{{", ".join(modules)}}}, result = {{}};
        const A = {A.tolist()}, b = {bowl.b.tolist()};
        const grad = (w) => A.map((row, i) => row.reduce((sum, a, j) => sum + a * w[j], -b[i]));
        for (const [name, {{w, hyper}}] of Object.entries(data)) {{
            const {{init, step}} = modules[name];
            let now = {{w, state: init(w)}};
            const path = [w];
            for (let k = 0; k < 40; k += 1) path.push((now = step(now.w, now.state, grad, hyper)).w);
            result[name] = {{path, state: now.state}};
        }}
        return result;"""
    found = node(script, data, **modules)
    for name, rule in RULES.items():
        w, hyper = np.array(data[name]["w"]), data[name]["hyper"]
        path = iterate(name, bowl.gradient, w, 40, **hyper)
        assert_equal_to_twelve_digits(found[name]["path"], path)
        state = rule.initial_state(w)
        for _ in range(40):
            w, state = rule(w, bowl.gradient, state, **hyper)
        assert set(found[name]["state"]) == set(state)
        for part, value in state.items():
            assert_equal_to_twelve_digits(found[name]["state"][part], value)


FRACTIONS = ("gd", "momentum", "momentum_average", "nesterov", *ADAPTIVE)


def test_the_parts_of_a_step_in_javascript_make_the_step_of_numpy(node):
    """w⁺ = w − α(numerator/denominator + outside), 50 steps of every rule that has such a fraction."""
    modules = {f"{name}_parts": rules.parts_javascript(name) for name in FRACTIONS}
    modules |= {name: javascript(name) for name in FRACTIONS}
    data = {name: {**RULES[name].hyper, "alpha": 0.05} for name in FRACTIONS}
    script = f"""
        const modules = {{{", ".join(modules)}}}, result = {{}};
        const A = {A.tolist()}, b = {bowl.b.tolist()};
        const grad = (w) => A.map((row, i) => row.reduce((sum, a, j) => sum + a * w[j], -b[i]));
        for (const [name, hyper] of Object.entries(data)) {{
            const {{init, step}} = modules[name], {{parts}} = modules[`${{name}}_parts`];
            let w = [4, 3, -2], state = init(w);
            result[name] = [w];
            for (let k = 0; k < 50; k += 1) {{
                const g = grad(w), {{numerator, denominator, outside}} = parts(w, g, state, hyper);
                ({{state}} = step(w, state, () => g, hyper));
                w = w.map((v, i) => v - hyper.alpha * (numerator[i] / denominator[i] + outside[i]));
                result[name].push(w);
            }}
        }}
        return result;"""
    found = node(script, data, **modules)
    for name in FRACTIONS:
        assert_equal_to_twelve_digits(
            found[name], iterate(name, bowl.gradient, [4.0, 3.0, -2.0], 50, alpha=0.05)
        )


@pytest.mark.parametrize("name", FRACTIONS)
def test_the_denominator_holds_what_measures_the_gradient_and_no_average_of_it(name):
    parts = rules.step_parts(name)
    letters = {str(s) for s in parts.denominator.free_symbols}
    if name in ADAPTIVE:
        assert letters & {"s", "u"}
        assert not {str(s) for s in parts.numerator.free_symbols} & {"s", "u", "top"}
    else:
        assert parts.denominator == 1
    assert not letters & {"m", "w", "alpha", "beta1"}  # m's bias correction stays with m


@pytest.mark.parametrize("name", ["momentum_velocity", "nesterov_lookahead", "momentum_family"])
def test_a_state_that_holds_the_step_size_has_no_fraction(name):
    with pytest.raises(ValueError, match=f"the step of {name} is not a multiple of α"):
        rules.step_parts(name)


@pytest.mark.parametrize("name", sorted(RULES))
def test_every_rule_says_its_title_its_source_and_its_formula(name):
    rule = RULES[name]
    assert rule.name == name
    assert rule.title
    assert rule.source
    assert rule.conventions
    assert "w⁺ = " in inspect.getdoc(rule.function)


def test_a_mistake_is_told_clearly(registry):
    with pytest.raises(KeyError, match="no rule is called 'sgd'; the rules are gd, momentum"):
        javascript("sgd")
    with pytest.raises(
        TypeError, match="momentum has no hyperparameter gamma, lr; it has alpha, b"
    ):
        RULES["momentum"].hyperparameters({"lr": 1, "gamma": 1})
    with pytest.raises(TypeError, match="must begin with"):
        rules.rule("Wrong", "none", "none")(lambda gradient, w: w)
    with pytest.raises(TypeError, match="item assignment"):
        RULES["mine"] = RULES["gd"]
