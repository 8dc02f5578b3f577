"""Networks, losses, sweeps, batched networks and curvature."""

import json
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import torch
from torch.func import functional_call

from firstorder.training import (
    InBfloat16,
    Optimizer,
    as_tensors,
    captured_step,
    choose_device,
    clipped_loss,
    convolutional_network,
    dense_network,
    gradient_check,
    grid,
    largest_eigenvalue,
    log_sum_exp_loss,
    plain_step,
    square_loss,
    sweep,
    train,
    train_many,
)

# ------------------------------------------------------------------------------ networks and losses


def test_the_source_s_network_has_its_sizes_and_spreads():
    network = dense_network(seed=3)
    one, two = network[1], network[3]
    assert [tuple(p.shape) for p in network.parameters()] == [(300, 784), (300,), (10, 300), (10,)]
    for layer in (one, two):
        assert layer.weight.std().item() == pytest.approx(0.03, rel=0.05)
    assert one.bias.std().item() == pytest.approx(1, rel=0.15)


def test_zero_biases_leave_the_weights_as_they_were():
    """So that two recipes that differ in the biases alone can be compared seed by seed."""
    normal, zero = dense_network(5), dense_network(5, biases=0)
    assert (zero[1].bias == 0).all()
    assert torch.equal(zero[1].weight, normal[1].weight)
    assert torch.equal(zero[3].weight, normal[3].weight)


@pytest.mark.parametrize("network", [dense_network, convolutional_network])
def test_a_network_depends_on_its_seed_alone(network):
    torch.manual_seed(1)
    before = torch.get_rng_state()
    first, again, other = (list(network(seed).parameters()) for seed in (0, 0, 1))
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert not torch.equal(first[0], other[0])
    assert torch.equal(torch.get_rng_state(), before)


def test_the_clipped_loss_is_the_sum_of_binary_cross_entropies():
    generator = torch.Generator().manual_seed(0)
    outputs = torch.randn(6, 4, generator=generator, dtype=torch.float64)
    labels = torch.tensor([0, 1, 2, 3, 0, 1])
    p, y = outputs.softmax(1), torch.eye(4, dtype=torch.float64)[labels]
    expected = torch.nn.functional.binary_cross_entropy(p, y, reduction="none").sum(1).mean()
    assert clipped_loss(outputs, labels).item() == pytest.approx(expected.item(), rel=1e-12)


def test_where_it_is_clipped_the_source_s_loss_teaches_nothing_and_log_sum_exp_does():
    labels = torch.tensor([1])
    for loss, slope in ((clipped_loss, 0.0), (log_sum_exp_loss, 1.0)):
        outputs = torch.tensor([[50.0, 0.0, 0.0]], requires_grad=True)  # sure, and wrong
        loss(outputs, labels).backward()
        assert outputs.grad[0, 0].item() == pytest.approx(slope)


def test_images_become_ink_from_zero_to_one():
    grey = np.arange(8, dtype=np.uint8).reshape(2, 2, 2) * 36
    images, labels = as_tensors(grey, np.array([1, 9], np.uint8))
    np.testing.assert_allclose(images, grey / 255, rtol=1e-6)
    assert (images.dtype, labels.dtype) == (torch.float32, torch.int64)
    with pytest.raises(TypeError, match="grey levels 0…255 in uint8; got float64"):
        as_tensors(grey / 255, [1, 9])


def test_a_gpu_that_is_not_there_is_missed_in_words(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert choose_device() == torch.device("cpu")
    with pytest.raises(RuntimeError, match=r"finds no GPU here\.  Train on device 'cpu'"):
        choose_device("cuda")


def test_a_network_in_bfloat16_learns_and_its_parameters_stay_float32():
    images, labels = blobs()
    network = InBfloat16(dense_network(0, (3, 8, 3), weights=0.5))
    seen = []
    network.network[1].register_forward_hook(lambda *call: seen.append(call[-1].dtype))
    optimizer = Optimizer(network.parameters(), "momentum", alpha=0.05)
    record = train(network, images, labels, optimizer, epochs=5, batch=20, seed=0)
    assert set(seen) == {torch.bfloat16}
    assert record.epoch_loss[-1] < record.epoch_loss[0]
    assert {p.dtype for p in network.parameters()} == {torch.float32}


# -------------------------------------------------------------------------------------------- steps


def test_plain_steps_are_those_of_the_loop():
    images, labels = blobs()
    alone, looped = dense_network(0, (3, 8, 3)), dense_network(0, (3, 8, 3))
    step = plain_step(alone, Optimizer(alone.parameters(), "gd", alpha=0.1))
    values = [step(images, labels).item() for _ in range(3)]
    optimizer = Optimizer(looped.parameters(), "gd", alpha=0.1)
    record = train(looped, images, labels, optimizer, epochs=3, batch=60, seed=0)
    assert values == pytest.approx(record.step_loss, rel=1e-5)


def test_a_captured_graph_is_refused_in_words_where_it_cannot_be():
    images, labels = blobs()
    network = dense_network(0, (3, 3))
    with pytest.raises(RuntimeError, match=r"on a GPU only.*device 'cpu'; there, take plain_step"):
        captured_step(network, Optimizer(network.parameters(), "momentum"), images, labels)
    with pytest.raises(ValueError, match="adam counts its steps in Python"):
        captured_step(network, Optimizer(network.parameters(), "adam"), images, labels)
    used = Optimizer(network.parameters(), "momentum")
    plain_step(network, used)(images, labels)
    with pytest.raises(ValueError, match="before the optimizer's first"):
        captured_step(network, used, images, labels)


if torch.cuda.is_available():  # CI skips nothing, and has none

    @pytest.mark.parametrize("rule", ["gd", "momentum"])
    def test_a_captured_step_does_what_the_plain_one_does(rule):
        images, labels = (tensor.cuda() for tensor in blobs())
        networks = [dense_network(0, (3, 8, 3), weights=0.5).cuda() for _ in range(2)]
        optimizers = [Optimizer(n.parameters(), rule, alpha=0.05) for n in networks]
        plain = plain_step(networks[0], optimizers[0])
        captured = captured_step(networks[1], optimizers[1], images[:20], labels[:20])
        for _ in range(3):
            for some, answers in zip(images.split(20), labels.split(20), strict=True):
                assert torch.allclose(plain(some, answers), captured(some, answers))
        for one, other in zip(*(n.parameters() for n in networks), strict=True):
            assert torch.allclose(one, other)


# ------------------------------------------------------------------------------------------- sweeps


def test_a_sweep_runs_each_setting_once(tmp_path):
    calls = []

    def run(x, y):
        calls.append((x, y))
        return {"sum": x + y}

    path = tmp_path / "deep" / "sweep.jsonl"
    settings = grid(x=[1, 2], y=[10, 20])
    expected = [{"sum": s} for s in (11, 21, 12, 22)]
    assert sweep(path, run, settings[:3]) == expected[:3]
    assert sweep(path, run, settings) == expected
    assert calls == [(1, 10), (1, 20), (2, 10), (2, 20)]
    assert len(path.read_text().splitlines()) == 4


def test_a_sweep_that_fails_keeps_what_ended(tmp_path):
    def run(n):
        return 1 / (n - 2)

    with pytest.raises(ZeroDivisionError):
        sweep(tmp_path / "s", run, grid(n=[0, 1, 2, 3]))
    assert sweep(tmp_path / "s", None, grid(n=[0, 1])) == [-0.5, -1.0]


def test_a_killed_sweep_goes_on_with_nothing_lost_and_nothing_twice(tmp_path):
    program = f"""
import sys, time
sys.path.insert(0, {str(tmp_path)!r})
from firstorder.training import grid, sweep
def run(n):
    with open({str(tmp_path / "calls")!r}, "a") as file:
        print(n, file=file)
    time.sleep(0.02 if n < 3 else 60)
    return n
sweep({str(tmp_path / "s.jsonl")!r}, run, grid(n=range(5)))
"""
    process = subprocess.Popen([sys.executable, "-c", program])
    path, begun = tmp_path / "s.jsonl", time.monotonic()
    while not path.exists() or path.read_bytes().count(b"\n") < 3:
        assert process.poll() is None
        assert time.monotonic() - begun < 60
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    with path.open("a") as file:
        file.write('{"setting": {"n": 3}, "resu')  # as if killed while writing
    calls = []
    assert sweep(path, lambda n: calls.append(n) or n, grid(n=range(5))) == [0, 1, 2, 3, 4]
    assert calls == [3, 4]
    assert [json.loads(line)["result"] for line in path.read_text().splitlines()] == [0, 1, 2, 3, 4]


def test_a_file_that_is_no_sweep_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("dear diary\n")
    with pytest.raises(ValueError, match="line 1 is no result of a sweep: 'dear diary'"):
        sweep(path, abs, [])
    assert path.read_text() == "dear diary\n"


# -------------------------------------------------------------------------------- batched networks


def blobs():
    generator = torch.Generator().manual_seed(0)
    labels = torch.arange(60) % 3
    return torch.eye(3)[labels] * 2 + torch.randn(60, 3, generator=generator), labels


@pytest.mark.parametrize("rule", ["momentum", "adam"])
def test_networks_trained_at_once_end_as_when_trained_alone(rule):
    images, labels = blobs()
    network = dense_network(0, (3, 6, 3), weights=0.5)
    name = "beta" if rule == "momentum" else "beta1"
    alphas, betas = np.array([0.01, 0.05]), np.array([0.0, 0.5, 0.9])
    hyper = {"alpha": alphas, name: betas[:, None]}
    # Three epochs of four batches, the last of them smaller.
    found = train_many(network, images, labels, rule, steps=12, batch=16, seed=7, **hyper)
    assert found.shape == (3, 2)
    for i, beta in enumerate(betas):
        for j, alpha in enumerate(alphas):
            alone = dense_network(0, (3, 6, 3), weights=0.5)
            optimizer = Optimizer(alone.parameters(), rule, alpha=alpha, **{name: beta})
            train(alone, images, labels, optimizer, epochs=3, batch=16, seed=7)
            expected = log_sum_exp_loss(alone(images), labels).item()
            assert found[i, j] == pytest.approx(expected, rel=1e-4)
    assert all(
        map(torch.equal, network.parameters(), dense_network(0, (3, 6, 3), 0.5).parameters())
    )


def test_a_network_that_diverges_has_an_infinite_loss_and_spoils_no_other():
    images, labels = blobs()
    network = dense_network(0, (3, 6, 3), weights=0.5)
    given = {"steps": 40, "batch": 60, "seed": 0, "loss": square_loss}
    both = train_many(network, images, labels, "gd", alpha=[0.05, 1e3], **given)
    alone = train_many(network, images, labels, "gd", alpha=0.05, **given)
    assert both[1] == np.inf
    assert both[0] == pytest.approx(alone, rel=1e-5)
    assert alone.shape == ()


def test_hyperparameters_of_a_map_must_fit_together():
    images, labels = blobs()
    with pytest.raises(ValueError, match="do not broadcast together"):
        train_many(
            dense_network(0, (3, 3)), images, labels, "momentum", steps=1, batch=9, seed=0,
            alpha=[1, 2], beta=[1, 2, 3],
        )  # fmt: skip


# --------------------------------------------------------------------------------------- curvature


@pytest.mark.parametrize("loss", [log_sum_exp_loss, square_loss, clipped_loss])
def test_power_iteration_finds_the_largest_eigenvalue_of_the_full_hessian(loss):
    images, labels = blobs()
    network = dense_network(2, (3, 4, 3), weights=0.7).double()
    names, values = zip(*network.named_parameters(), strict=True)
    sizes = [v.numel() for v in values]

    def value(w):
        parts = w.split(sizes)
        given = {n: p.view(v.shape) for n, p, v in zip(names, parts, values, strict=True)}
        return loss(functional_call(network, given, (images.double(),)), labels)

    w = torch.cat([v.detach().flatten() for v in values])
    hessian = torch.autograd.functional.hessian(value, w)
    exact, vectors = torch.linalg.eigh(hessian)
    options = {"tolerance": 1e-12, "iterations": 5000}
    found, v = largest_eigenvalue(network, images.double(), labels, loss, **options)
    assert found == pytest.approx(exact[-1].item(), rel=1e-6)
    assert abs(v @ vectors[:, -1]).item() == pytest.approx(1, abs=1e-3)


def test_the_largest_eigenvalue_is_not_the_one_of_largest_size():
    """On f = (3w₁² − 8w₂²)/2 the eigenvalues are 3 and −8."""
    network = torch.nn.Linear(2, 1, bias=False)
    x = torch.eye(2)
    signs = torch.tensor([3.0, -8.0])

    def saddle(outputs, labels):
        return (signs * outputs[:, 0] ** 2).sum() / 2

    value, v = largest_eigenvalue(network, x, None, saddle, tolerance=1e-7)
    assert value == pytest.approx(3, rel=1e-4)
    assert abs(v[0]).item() == pytest.approx(1, abs=1e-3)


def test_gradient_descent_crosses_over_at_two_over_lambda():
    """The edge on a linear model: a hair below 2/λ the loss falls, above it grows."""
    images, labels = blobs()
    for factor, falls in ((0.95, True), (1.05, False)):
        network = dense_network(0, (3, 3), weights=0.5).double()
        options = {"tolerance": 1e-10, "iterations": 5000}
        largest, _ = largest_eigenvalue(network, images.double(), labels, square_loss, **options)
        optimizer = Optimizer(network.parameters(), "gd", alpha=factor * 2 / largest)
        record = train(
            network,
            images.double(),
            labels,
            optimizer,
            epochs=200,
            batch=60,
            seed=0,
            loss=square_loss,
        )
        assert (record.step_loss[-1] < record.step_loss[100]) == falls


def test_backpropagation_agrees_with_central_differences_where_the_loss_is_smooth():
    images, labels = blobs()
    network = dense_network(0, (3, 4, 3), weights=0.5, activation=torch.nn.Tanh).double()

    def value(w):
        return log_sum_exp_loss(
            functional_call(network, {"1.weight": w}, (images.double(),)), labels
        )

    check = gradient_check(value, network[1].weight)
    assert check.relative_difference.max() < 1e-7
    assert check.backward.shape == check.central.shape == (4, 3)


def test_at_a_relu_s_kink_the_check_fails_though_nothing_is_wrong():
    """An input of exactly 0: backpropagation says slope 0, the difference averages 0 and 1."""
    kink = gradient_check(lambda w: w.relu().sum(), torch.zeros(1, dtype=torch.float64))
    assert kink.backward.item() == 0
    assert kink.central.item() == pytest.approx(0.5)
    assert kink.relative_difference.item() == 1
    beside = gradient_check(lambda w: w.relu().sum(), torch.full((1,), 1e-3, dtype=torch.float64))
    assert beside.relative_difference.item() < 1e-9


def test_a_wrong_gradient_is_found():
    class Wrong(torch.autograd.Function):
        @staticmethod
        def forward(context, x):
            context.save_for_backward(x)
            return x**2

        @staticmethod
        def backward(context, slope):
            return slope * context.saved_tensors[0]  # the factor 2 is missing

    w = torch.tensor([1.0, -2.0], dtype=torch.float64)
    check = gradient_check(lambda w: Wrong.apply(w).sum(), w)
    np.testing.assert_allclose(check.relative_difference, 0.5, rtol=1e-6)
    with pytest.raises(TypeError, match="floating-point numbers, best float64"):
        gradient_check(lambda w: w.sum(), torch.tensor([1]))
