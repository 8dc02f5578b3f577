"""Training runs: watched, paused, stopped, saved, continued; and what is refused."""

import json
import math

import numpy as np
import pytest
import torch

from firstorder.training import (
    Diverged,
    Optimizer,
    Record,
    Run,
    dense_network,
    evaluate,
    square_loss,
    train,
)


def blobs(seed=0):
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(90) % 3
    return torch.eye(3)[labels] * 3 + torch.randn(90, 3, generator=generator), labels


def make(rule="adam", alpha=0.01, seed=1, schedule=False, **given):
    """A small run: 6 steps an epoch, a look after every fourth and after each epoch."""
    model = dense_network(seed, (3, 8, 3), weights=0.5, biases=0)
    optimizer = Optimizer(model.parameters(), rule, alpha=alpha)
    options = {"epochs": 3, "batch": 16, "seed": 0, "every": 4, "test": blobs(1)} | given
    if schedule:
        options["scheduler"] = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.05, total_steps=18)
    return Run(model, *blobs(), optimizer, **options)


def weights(run):
    return torch.cat([p.detach().flatten() for p in run.model.parameters()])


def finish(run):
    for _ in run:
        pass
    return run


def assert_same(one, other):
    """Two runs that are one, to the last bit (times apart)."""
    assert torch.equal(weights(one), weights(other))
    for name in ("step_loss", "epoch_loss", "test_loss", "test_accuracy"):
        assert np.array_equal(getattr(one.record, name), getattr(other.record, name))


def test_a_run_looks_up_after_so_many_steps_and_after_each_epoch():
    run = make()
    seen = [(len(r.step_loss), len(r.test_accuracy)) for r in run]
    assert seen == [(4, 0), (6, 1), (10, 1), (12, 2), (16, 2), (18, 3)]
    record = run.record
    assert (record.seconds > 0).all()
    assert record.device.startswith("cpu")
    assert record.versions["torch"] == torch.__version__
    assert record.settings == {"epochs": 3, "batch": 16, "seed": 0}
    assert record.test_accuracy[-1] > 0.6
    assert (record.test_loss[-1], record.test_accuracy[-1]) == evaluate(run.model, *blobs(1))


@pytest.mark.parametrize("pause", range(1, 18))
def test_a_run_that_was_paused_goes_on_as_if_it_had_not_been(pause):
    run = make(every=1)
    for _ in run:
        if run.step == pause:
            break
    assert run.step == pause
    assert_same(finish(run), finish(make()))


def test_looking_more_often_changes_nothing():
    assert_same(finish(make(every=1)), finish(make(every=1000)))


@pytest.mark.parametrize("rule", ["momentum", "adam"])
@pytest.mark.parametrize("stop", [4, 6, 10])
def test_a_run_continued_from_a_checkpoint_is_the_uninterrupted_one(rule, stop, tmp_path):
    before = make(rule, schedule=True)
    for _ in before:
        if before.step == stop:
            break
    before.save(tmp_path / "run.pt")
    after = make(rule, seed=99, schedule=True)  # other weights, until it is loaded
    after.load(tmp_path / "run.pt")
    assert_same(finish(after), finish(make(rule, schedule=True)))
    assert after.record.seconds.shape == (3,)


def test_an_interrupt_loses_no_step():
    calls = []

    def interrupted(parameters):
        calls.append(None)
        if len(calls) == 3:
            raise KeyboardInterrupt

    run = make(clip=interrupted)
    with pytest.raises(KeyboardInterrupt):
        finish(run)
    assert run.step == 2
    finish(run)
    assert run.step == 18


def test_a_checkpoint_that_is_damaged_is_refused_in_words(tmp_path):
    path = tmp_path / "run.pt"
    with pytest.raises(FileNotFoundError):
        make().load(path)
    make().save(path)
    whole = path.read_bytes()
    for content in (b"", b"junk", whole[: len(whole) // 2], whole[:-30]):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"is damaged or is none .*delete it and start again"):
            make().load(path)
    torch.save([1], path)
    with pytest.raises(ValueError, match="is damaged or is none"):
        make().load(path)


def test_a_checkpoint_of_another_run_is_refused(tmp_path):
    path = tmp_path / "run.pt"
    make().save(path)
    with pytest.raises(ValueError, match=r"is of another run: .*'batch': 16"):
        make(batch=10).load(path)
    other = make()
    other.model = dense_network(0, (3, 9, 3))
    with pytest.raises(ValueError, match="is of another network or optimizer"):
        other.load(path)


def test_divergence_names_the_step_and_keeps_what_was_measured():
    run = make("gd", alpha=1e30, every=50, test=None)
    with pytest.raises(Diverged, match=r"the loss became (inf|nan) at step (\d+) \(epoch 0"):
        finish(run)
    assert 0 < run.step < 6
    assert np.isfinite(run.record.step_loss).all()
    json.dumps(run.record.as_dict(), allow_nan=False)


def test_a_test_loss_that_is_not_finite_is_divergence():
    def explode(parameters):  # in the only step: no training loss sees it
        parameters[-1].grad.fill_(math.nan)

    run = make("gd", batch=90, epochs=1, clip=explode)
    with pytest.raises(Diverged, match="the test loss became nan after step 0"):
        finish(run)


def test_clipping_bounds_the_step():
    start = weights(make())
    clip = lambda parameters: torch.nn.utils.clip_grad_norm_(parameters, 0.1)  # noqa: E731
    run = make("gd", alpha=1.0, epochs=1, batch=90, clip=clip)
    assert (weights(finish(run)) - start).norm().item() == pytest.approx(0.1, rel=1e-4)


def test_a_scheduler_steps_with_every_step():
    run = finish(make(schedule=True))
    assert run.scheduler.last_epoch == 18


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"images": torch.zeros(90, 3, dtype=torch.uint8)}, "must be floating-point.*torch.uint8"),
        ({"images": torch.full((90, 3), math.nan)}, "infinite or not a number"),
        ({"images": torch.zeros(90, 4)}, r"do not take these data: images \(90, 4\)"),
        ({"images": torch.zeros(90, 3, dtype=torch.float64)}, "do not take these data.*float64"),
        ({"labels": torch.zeros(90)}, "do not take these data.*float32"),
        ({"labels": torch.arange(90)}, "labels run from 0 to 89; .* classes 0 to 2"),
        ({"labels": -torch.ones(90, dtype=torch.int64)}, "labels|do not take"),
        ({"labels": torch.zeros(80)}, "as many labels as images"),
        ({"loss": lambda outputs, labels: outputs.sum(1)}, r"one number; it has the shape \(2,\)"),
        ({"every": 0}, "every must be at least 1"),
        ({"epochs": -1}, "epochs 0"),
    ],
)
def test_data_and_settings_that_do_not_fit_are_refused_before_the_first_step(change, message):
    images, labels = blobs()
    model = dense_network(0, (3, 8, 3))
    optimizer = Optimizer(model.parameters(), "gd")
    given = {"images": images, "labels": labels, "epochs": 1, "batch": 10, "seed": 0} | change
    with pytest.raises(ValueError, match=message):
        Run(model, optimizer=optimizer, **given)
    assert model.training


def test_a_record_survives_its_file_and_draws_itself(tmp_path):
    record = finish(make(settings={"rule": "adam"})).record
    record.save(tmp_path / "record.json")
    again = Record.load(tmp_path / "record.json")
    assert again.as_dict() == record.as_dict()
    assert again.settings["rule"] == "adam"
    loss, accuracy = again.plot()
    np.testing.assert_array_equal(loss.lines[0].get_ydata(), record.step_loss)
    np.testing.assert_array_equal(loss.lines[1].get_xdata(), [6, 12, 18])
    np.testing.assert_array_equal(accuracy.lines[0].get_ydata(), record.test_accuracy)
    for wrong in ("{", "[1]", '{"step_loss": []}'):
        (tmp_path / "record.json").write_text(wrong)
        with pytest.raises(ValueError, match="is not a record of a training run"):
            Record.load(tmp_path / "record.json")


def test_evaluation_changes_nothing_and_weighs_unequal_batches():
    images, labels = blobs()
    model = torch.nn.Sequential(torch.nn.BatchNorm1d(3), torch.nn.Dropout(0.5))
    before = model[0].running_mean.clone()
    parts = evaluate(model, images, labels, square_loss, batch=40)
    assert parts == pytest.approx(evaluate(model, images, labels, square_loss, batch=90))
    assert model.training
    assert torch.equal(model[0].running_mean, before)


def test_a_progress_bar_is_shown_only_if_asked_for(capfd):
    for progress in (False, True):
        run = make()
        options = {"epochs": 1, "batch": 16, "seed": 0}
        train(run.model, *blobs(), run.optimizer, progress=progress, **options)
        assert ("6/6" in capfd.readouterr().err) == progress
