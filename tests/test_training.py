"""The rules as torch optimizers, and the training loop."""

import copy
import subprocess
import sys

import numpy as np
import pytest
import torch
from test_rules import ADAPTIVE

from firstorder import rules
from firstorder.training import Diverged, Optimizer, train

A = torch.tensor([[1.0, 0.2], [0.2, 4.0]], dtype=torch.float64)
PROBLEMS = {
    "quadratic": lambda w: w @ A @ w / 2 - w.sum(),
    "banana": lambda w: (1 - w[0]) ** 2 / 2 + 5 * (w[1] - w[0] ** 2) ** 2,
}


def parameter(*values):
    return torch.nn.Parameter(torch.tensor(values or (-1.0, 0.5), dtype=torch.float64))


def run(w, optimizer, loss, steps, scheduler=None):
    """The path of w under an optimizer."""
    path = [w.detach().clone()]
    for _ in range(steps):
        optimizer.zero_grad()
        loss(w).backward()
        optimizer.step()
        if scheduler:
            scheduler.step()
        path.append(w.detach().clone())
    return torch.stack(path).numpy()


@pytest.mark.parametrize("problem", PROBLEMS)
@pytest.mark.parametrize("step", [1e-3, 0.02])
@pytest.mark.parametrize(
    ("rule", "hyper", "theirs"),
    [
        ("gd", {}, {}),
        ("momentum", {"beta": 0.5}, {"momentum": 0.5}),
        ("momentum", {"beta": 0.9}, {"momentum": 0.9}),
        ("nesterov", {"beta": 0.5}, {"momentum": 0.5, "nesterov": True}),
        ("nesterov", {"beta": 0.9}, {"momentum": 0.9, "nesterov": True}),
    ],
)
def test_a_rule_takes_the_same_300_steps_as_torch_s_sgd(problem, step, rule, hyper, theirs):
    ours, other = parameter(), parameter()
    found = run(ours, Optimizer([ours], rule, alpha=step, **hyper), PROBLEMS[problem], 300)
    sgd = torch.optim.SGD([other], lr=step, **theirs)
    np.testing.assert_allclose(found, run(other, sgd, PROBLEMS[problem], 300), rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", ADAPTIVE)
@pytest.mark.parametrize("decay", [0.0, 0.1])
@pytest.mark.parametrize("problem", PROBLEMS)
def test_an_adaptive_rule_takes_the_same_300_steps_as_torch_s(problem, name, decay, double):
    theirs, alpha = ADAPTIVE[name]
    ours, other = parameter(), parameter()
    mine = Optimizer([ours], name, alpha=alpha, decay=decay)
    found = run(ours, mine, PROBLEMS[problem], 300)
    expected = run(other, theirs([other], lr=alpha, weight_decay=decay), PROBLEMS[problem], 300)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    "name", sorted(set(rules.RULES) - {"nesterov_lookahead", "momentum_velocity"})
)
def test_a_step_does_to_every_tensor_what_the_rule_says(name):
    """Shapes and layouts do not matter, nor that it is done later, fused and in place."""
    generator = torch.Generator().manual_seed(0)

    def draw(*shape):
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    shapes = [draw(5, 3), draw(4), draw(()), draw(0), draw(3, 2, 2, 2)]
    shapes[-1] = shapes[-1].to(memory_format=torch.channels_last)
    parameters = [torch.nn.Parameter(tensor) for tensor in shapes]
    flat = torch.nn.Parameter(torch.cat([tensor.flatten() for tensor in shapes]))
    ours = Optimizer(parameters, name, alpha=0.05)
    rule, state = rules.RULES[name], None
    for _ in range(5):
        ours.zero_grad()
        sum((p**4 / 4 + p**2 / 2).sum() for p in parameters).backward()
        ours.step()
        with torch.no_grad():
            state = rule.initial_state(flat) if state is None else state
            hyper = rule.hyperparameters({"alpha": 0.05})
            after, state = rule(flat, lambda w: w**3 + w, state, **hyper)
            flat.copy_(after)
        together = torch.cat([p.flatten() for p in parameters])
        assert torch.allclose(together, flat, rtol=0, atol=1e-13)


def test_parameters_that_join_later_keep_a_counter_of_their_own():
    first, second, alone = parameter(), parameter(), parameter()
    ours, other = (
        Optimizer([first, second], "adam", alpha=0.1),
        Optimizer([alone], "adam", alpha=0.1),
    )
    first.sum().backward()
    ours.step()
    for optimizer, w in ((ours, second), (other, alone)):
        (w**2).sum().backward()
        optimizer.step()
    assert [ours.state[p]["t"] for p in (first, second)] == [2, 1]
    assert torch.equal(second, alone)


def test_a_rule_may_use_whatever_a_tensor_can(registry):
    @rules.rule("Sign", "none", "none")
    def sign(w, grad, m, *, alpha=0.5):
        m = 0.5 * m + grad(w)
        size = 2 ** abs(grad(w)).clamp(max=0.0)  # 1
        return w - torch.where(m > 0, alpha, -alpha) * torch.sign(m) ** 2 / size, m

    w = parameter(8.0, -3.0)
    (w**2 / 2).sum().backward()
    Optimizer([w], "sign").step()
    assert w.tolist() == [7.5, -2.5]


@pytest.mark.parametrize(
    "schedule",
    [
        lambda o: torch.optim.lr_scheduler.StepLR(o, 10, gamma=0.5),
        lambda o: torch.optim.lr_scheduler.OneCycleLR(o, max_lr=0.05, total_steps=40),
    ],
    ids=["steps", "one cycle"],
)
def test_torch_s_schedulers_drive_it_as_they_drive_sgd(schedule):
    ours, other = parameter(), parameter()
    mine = Optimizer([ours], "momentum", alpha=0.02, beta=0.9)
    theirs = torch.optim.SGD([other], lr=0.02, momentum=0.9)
    found = run(ours, mine, PROBLEMS["quadratic"], 39, schedule(mine))
    expected = run(other, theirs, PROBLEMS["quadratic"], 39, schedule(theirs))
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


def test_a_group_may_have_hyperparameters_of_its_own_by_the_book_s_names():
    first, second = parameter(), parameter()
    groups = [{"params": [first]}, {"params": [second], "alpha": 0.5}]
    optimizer = Optimizer(groups, "momentum", alpha=0.1, beta=0.0)
    assert [group["lr"] for group in optimizer.param_groups] == [0.1, 0.5]
    assert [group["momentum"] for group in optimizer.param_groups] == [0.0, 0.0]
    (first.sum() + second.sum()).backward()
    optimizer.step()
    np.testing.assert_allclose(first.detach(), [-1.1, 0.4])
    np.testing.assert_allclose(second.detach(), [-1.5, 0.0])


@pytest.mark.parametrize("how", ["state_dict", "deepcopy"])
def test_a_saved_run_continues_exactly(how):
    for rule in ("momentum", "adam"):
        whole, halves = parameter(), parameter()
        loss = PROBLEMS["banana"]
        expected = run(whole, Optimizer([whole], rule, alpha=0.01), loss, 20)[-1]
        before = Optimizer([halves], rule, alpha=0.01)
        run(halves, before, loss, 10)
        if how == "deepcopy":
            halves, after = copy.deepcopy((halves, before))
        else:
            after = Optimizer([halves], rule)
            after.load_state_dict(copy.deepcopy(before.state_dict()))
        np.testing.assert_array_equal(run(halves, after, loss, 10)[-1], expected)


def test_a_closure_is_evaluated_first_and_its_loss_returned():
    w = parameter(3.0)
    optimizer = Optimizer([w], "gd", alpha=0.5)

    def closure():
        optimizer.zero_grad()
        loss = (w**2).sum() / 2
        loss.backward()
        return loss

    assert optimizer.step(closure).item() == 4.5
    assert w.item() == 1.5


def test_a_parameter_without_gradient_stays():
    w, still = parameter(), parameter()
    optimizer = Optimizer([w, still], "momentum", alpha=0.1)
    w.sum().backward()
    optimizer.step()
    assert torch.equal(still, parameter())
    assert still not in optimizer.state
    optimizer.zero_grad()
    assert w.grad is None


def test_a_rule_that_remembers_where_it_was_remembers_it(registry):
    @rules.rule("Memory", "none", "none")
    def memory(w, grad, before, slope, *, alpha=0.5):
        return w - alpha * grad(w), w, grad(w)

    w = parameter(8.0)
    optimizer = Optimizer([w], "memory")
    (w**2 / 2).sum().backward()
    optimizer.step()
    w.grad += 1
    assert {n: s.item() for n, s in optimizer.state[w].items()} == {"before": 8.0, "slope": 8.0}


def test_an_old_value_is_not_overwritten_while_it_is_needed(registry):
    """Two states change places, and a view of a third is read after its new value is known."""

    @rules.rule("Changing places", "none", "none")
    def places(w, grad, a, b, c, d, *, alpha=0.5):
        seen = c.detach()
        return w - alpha * (a + seen), b + grad(w), a, c + grad(w), d + seen

    w = parameter(8.0)
    optimizer = Optimizer([w], "places")
    expected, a, b, c, d = 8.0, 0.0, 0.0, 0.0, 0.0
    for _ in range(4):
        optimizer.zero_grad()
        (w**2 / 2).sum().backward()
        optimizer.step()
        slope = expected
        expected, a, b, c, d = expected - 0.5 * (a + c), b + slope, a, c + slope, d + c
        found = [optimizer.state[w][name].item() for name in "abcd"]
        assert (w.item(), *found) == (expected, a, b, c, d)


def test_a_rule_that_asks_for_more_than_each_number_is_told_so(registry):
    @rules.rule("Shape", "none", "none")
    def shape(w, grad, *, alpha=0.5):
        return w / w.shape[0]

    w = parameter(8.0)
    w.sum().backward()
    with pytest.raises(AttributeError, match="each number alone and knows no shape"):
        Optimizer([w], "shape").step()


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("name", ["momentum", "adam"])
@pytest.mark.parametrize("shape", [(), (3,)])
def test_a_step_keeps_the_type_of_the_parameter_and_its_state(name, dtype, shape):
    w = torch.nn.Parameter(torch.ones(shape, dtype=dtype))
    optimizer = Optimizer([w], name, alpha=0.1)
    w.sum().backward()
    optimizer.step()
    assert w.shape == shape
    for buffer in rules.RULES[name].buffers:
        state = optimizer.state[w][buffer]
        assert (w.dtype, state.dtype, state.requires_grad) == (dtype, dtype, False)


def test_a_mistake_is_told_clearly():
    w = parameter()
    with pytest.raises(KeyError, match="no rule is called 'sgd'"):
        Optimizer([w], "sgd")
    with pytest.raises(TypeError, match="gd has no hyperparameter lr; it has alpha"):
        Optimizer([w], "gd", lr=0.1)
    with pytest.raises(TypeError, match="gd has no hyperparameter beta"):
        Optimizer([{"params": [w], "beta": 0.1}], "gd")
    optimizer = Optimizer([w], "gd")
    for wrong in (torch.tensor([1]), torch.tensor([1j])):
        with pytest.raises(TypeError, match="real floating-point numbers; got torch"):
            optimizer.add_param_group({"params": [wrong]})
    assert len(optimizer.param_groups) == 1


def test_sparse_gradients_are_refused():
    table = torch.nn.Embedding(4, 2, sparse=True)
    table(torch.tensor([1])).sum().backward()
    with pytest.raises(RuntimeError, match="needs dense gradients"):
        Optimizer(table.parameters(), "gd").step()


def test_a_rule_that_looks_ahead_is_refused_and_its_equal_named():
    w = parameter()
    w.sum().backward()
    with pytest.raises(RuntimeError, match="take the rule 'nesterov'"):
        Optimizer([w], "nesterov_lookahead").step()
    assert torch.equal(w, parameter())


def blobs():
    generator = torch.Generator().manual_seed(0)
    labels = torch.arange(90) % 3
    return torch.eye(3)[labels] * 3 + torch.randn(90, 3, generator=generator), labels


def linear():
    torch.manual_seed(1)
    return torch.nn.Linear(3, 3)


def learn(optimizer, seed=0, **given):
    model = linear()
    images, labels = blobs()
    options = {"epochs": 3, "batch": 20, "seed": seed} | given
    return train(model, images, labels, optimizer(model.parameters()), **options), model


def test_training_learns_and_records_every_step_and_epoch():
    record, model = learn(lambda p: Optimizer(p, "momentum", alpha=0.05))
    assert record.step_loss.shape == (15,)
    assert record.epoch_loss.shape == (3,)
    assert (np.diff(record.epoch_loss) < 0).all()
    weights = np.array([20, 20, 20, 20, 10]) / 90
    np.testing.assert_allclose(record.step_loss.reshape(3, 5) @ weights, record.epoch_loss)
    images, labels = blobs()
    assert (model(images).argmax(1) == labels).float().mean() > 0.8


def test_the_order_depends_on_the_seed_alone():
    same, again, other = (
        learn(lambda p: Optimizer(p, "gd", alpha=0.1), seed)[0].step_loss for seed in (0, 0, 1)
    )
    assert np.array_equal(same, again)
    assert not np.array_equal(same, other)


def test_the_book_s_rule_and_torch_s_train_the_same_network():
    (mine, ours), (theirs, other) = (
        learn(lambda p: Optimizer(p, "nesterov", alpha=0.05, beta=0.9)),
        learn(lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, nesterov=True)),
    )
    np.testing.assert_allclose(mine.step_loss, theirs.step_loss, rtol=1e-5)
    assert torch.allclose(ours.weight, other.weight, rtol=1e-4)


def test_arrays_and_a_loss_of_one_s_own_will_do():
    model = torch.nn.Linear(1, 1)
    x = np.linspace(-1, 1, 20, dtype=np.float32)[:, None]
    optimizer = Optimizer(model.parameters(), "gd", alpha=0.5)
    mean_square = torch.nn.functional.mse_loss
    train(model, x, 3 * x + 1, optimizer, epochs=200, batch=20, seed=0, loss=mean_square)
    assert model.weight.item() == pytest.approx(3, abs=1e-3)


def test_divergence_stops_the_training_and_names_the_step():
    model = torch.nn.Linear(1, 1)
    x = torch.ones(4, 1)
    optimizer = Optimizer(model.parameters(), "gd", alpha=1e6)
    with pytest.raises(Diverged, match=r"the loss became (inf|nan) at step \d+ \(epoch \d+"):
        train(model, x, x, optimizer, epochs=99, batch=4, seed=0, loss=torch.nn.functional.mse_loss)


@pytest.mark.parametrize("change", [{"batch": 0}, {"labels": torch.zeros(3)}, {"images": []}])
def test_data_that_do_not_fit_are_refused(change):
    images, labels = blobs()
    model = linear()
    given = {"images": images, "labels": labels, "batch": 10} | change
    with pytest.raises(ValueError, match="as many labels as images"):
        train(model, optimizer=Optimizer(model.parameters(), "gd"), epochs=1, seed=0, **given)


def test_without_torch_the_package_works_and_training_says_how_to_get_it():
    program = """
import sys
sys.modules["torch"] = None
import firstorder
try:
    import firstorder.training
except ModuleNotFoundError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert "pip install 'firstorder[training]'" in done.stdout
