"""The training panel: its controls, its runs, and what it says when something goes wrong."""

import asyncio
import itertools
import json
import time

import numpy as np
import pytest
import torch
from jupyter_client.manager import start_new_kernel

from firstorder import rules
from firstorder.training import Record, TrainingPanel
from firstorder.training import panel as module
from firstorder.training.panel import hyperparameter, trainable

CHANGEABLE = ("network", "rule", "seed", "epochs", "batch", "images")


def few_digits(stand_in):
    """Sixty training digits of noise around ten patterns, as `load_mnist` gives digits."""
    rng = np.random.default_rng(0)
    labels = np.arange(60, dtype=np.uint8) % 10
    patterns = rng.integers(0, 200, (10, 28, 28))
    images = (patterns[labels] + rng.integers(0, 55, (60, 28, 28))).astype(np.uint8)
    return images, labels, images[:10], labels[:10]


@pytest.fixture(autouse=True)
def plain_script():
    """No event loop runs, as in a plain script: Playwright leaves one in a process that used it."""
    running = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    yield
    asyncio._set_running_loop(running)


@pytest.fixture
def panel(monkeypatch):
    """A panel over sixty digits: 55 to train on, in five batches, and 5 held out."""
    monkeypatch.setattr(module, "load_mnist", few_digits)
    panel = TrainingPanel()
    choose(panel, network="784–32–10", rule="adam", epochs=3, batch=11)
    return panel


def choose(panel, **values):
    for name, value in values.items():
        control = getattr(panel, name, None) or panel.numbers.get(name) or panel.hyper[name]
        control.value = value


def halt_at(panel, monkeypatch, call, slices):
    """Call a method of the panel after so many slices, one batch each, as a click might."""
    monkeypatch.setattr(module, "SLICE", 1)
    taken, slow = itertools.count(1), asyncio.to_thread

    async def to_thread(function, *arguments):
        result = await slow(function, *arguments)
        if function is next and next(taken) == slices:
            call()
        return result

    monkeypatch.setattr(asyncio, "to_thread", to_thread)


def able(panel):
    return {name for name, button in panel.buttons.items() if not button.disabled}


def controls(panel):
    return [*panel.numbers.items(), *panel.hyper.items()]


def weights(run):
    return torch.cat([p.detach().flatten() for p in run.run.model.parameters()])


# ----------------------------------------------------------------------------------- the controls


def test_making_a_panel_neither_loads_nor_trains(monkeypatch):
    monkeypatch.setattr(module, "load_mnist", lambda **_: pytest.fail("it loaded"))
    panel = TrainingPanel()
    assert panel.runs == []
    assert able(panel) == {"start"}


def test_a_panel_is_stored_as_the_same_words_each_time():
    stored, again = TrainingPanel()._repr_mimebundle_(), TrainingPanel()._repr_mimebundle_()
    assert stored["text/plain"] == "TrainingPanel(rule='gd', network='784–32–10', runs=0)"
    assert stored["text/html"] == again["text/html"]
    assert "needs a kernel" in stored["text/html"]
    assert "application/vnd.jupyter.widget-view+json" in stored


def test_every_rule_that_backpropagation_can_feed_may_be_chosen():
    assert set(trainable()) == set(rules.RULES) - {"nesterov_lookahead"}


@pytest.mark.parametrize("rule", trainable())
def test_a_rules_controls_are_its_hyperparameters_at_their_defaults(rule):
    panel = TrainingPanel()
    panel.rule.value = rule
    shown = {name: panel.settings[name] for name in panel.hyper}
    assert shown == pytest.approx(dict(rules.RULES[rule].hyper))
    assert set(panel.settings) == {*CHANGEABLE, *shown}


def test_a_rule_of_the_readers_own_is_in_the_list_with_a_control_for_its_number(registry, panel):
    @rules.rule(title="Sign descent", source="the reader", conventions="none")
    def sign_descent(w, grad, *, alpha=1e-3, boldness=2.0):
        """w⁺ = w − α·boldness·g/(|g| + 1e-9)."""
        g = grad(w)
        return w - alpha * boldness * g / (abs(g) + 1e-9)

    own = TrainingPanel()
    choose(own, rule="sign_descent", boldness=3.0, epochs=1)
    own.start()
    assert own.runs[0].state == "finished"
    assert own.runs[0].record.settings["boldness"] == 3.0


@pytest.mark.parametrize("rule", trainable())
@pytest.mark.parametrize("end", ["min", "max"])
def test_at_either_end_of_every_range_a_run_ends_in_words(panel, rule, end):
    choose(panel, rule=rule)
    for name, control in controls(panel):
        low_or_high = getattr(control, end)
        control.value = control.base**low_or_high if hasattr(control, "base") else low_or_high
        assert panel.settings[name] == control.value
    choose(panel, epochs=1)
    panel.start()
    assert panel.runs[0].state in ("finished", "diverged")
    assert panel.message.value.startswith('<p role="status">Run 1 ')


def test_a_number_out_of_its_range_is_put_back_into_it():
    control = hyperparameter("beta", 0.9)
    control.value = 7
    assert control.value == control.max < 1


def test_every_network_trains(panel):
    choose(panel, epochs=1)
    for network in panel.network.options:
        choose(panel, network=network)
        panel.start()
    assert [run.state for run in panel.runs] == ["finished"] * 3


# ------------------------------------------------------------------ start, pause, continue, stop


def test_a_run_finishes_and_its_record_says_what_was_chosen(panel):
    choose(panel, seed=3, alpha=0.01)
    panel.start()
    (run,) = panel.runs
    assert run.state == "finished"
    assert run.record.step_loss.shape == (15,)
    assert run.record.epoch_loss[-1] < run.record.epoch_loss[0]
    assert run.record.test_accuracy.shape == (3,)
    facts = {"rule": "adam", "alpha": 0.01, "seed": 3, "images": 55, "validation_images": 5}
    assert facts.items() <= run.record.settings.items()
    assert able(panel) == {"start", "save"}
    assert "finished" in panel.table.value
    assert 'alt="Loss and accuracy of 1. Adam, α 0.01, 784–32–10"' in panel.picture.value


@pytest.mark.parametrize("halt", ["pause", "stop"])
@pytest.mark.parametrize("slices", [1, 3, 5, 12])
def test_a_run_that_was_halted_goes_on_to_what_it_would_have_been(panel, monkeypatch, halt, slices):
    panel.start()
    halt_at(panel, monkeypatch, getattr(panel, halt), slices)
    panel.start()
    whole, run = panel.runs
    assert run.state == {"pause": "paused", "stop": "stopped"}[halt]
    assert len(run.record.step_loss) == run.run.step == slices
    begun = run.run
    panel.resume()
    assert run.state == "finished"
    assert run.run is begun  # it went on, and did not begin anew
    assert np.array_equal(run.record.step_loss, whole.record.step_loss)
    assert torch.equal(weights(run), weights(whole))


def test_a_paused_run_keeps_its_place_until_it_is_stopped(panel, monkeypatch):
    halt_at(panel, monkeypatch, panel.pause, 2)
    panel.start()
    assert able(panel) == {"resume", "stop", "save"}
    panel.start()
    assert len(panel.runs) == 1
    panel.stop()
    assert panel.runs[0].state == "stopped"
    assert able(panel) == {"start", "resume", "save"}


def test_a_stopped_run_is_continued_when_it_is_chosen_again(panel, monkeypatch):
    halt_at(panel, monkeypatch, panel.stop, 2)
    panel.start()
    panel.start()
    assert [run.state for run in panel.runs] == ["stopped", "finished"]
    assert "resume" not in able(panel)  # the finished run is the one chosen
    panel.chosen.value = 1
    assert "resume" in able(panel)
    panel.resume()
    assert [run.state for run in panel.runs] == ["finished", "finished"]


def test_a_button_that_comes_too_late_does_nothing(panel):
    for button in (panel.pause, panel.resume, panel.stop, panel.save):
        button()
    panel.start()
    before = panel.message.value
    for button in (panel.pause, panel.resume, panel.stop):
        button()
    assert panel.message.value == before
    assert len(panel.runs) == 1


def test_on_an_event_loop_start_returns_at_once_and_the_loop_answers_meanwhile(monkeypatch):
    monkeypatch.setattr(module, "load_mnist", few_digits)
    monkeypatch.setattr(module, "SLICE", 1)

    async def session():
        panel, waits = TrainingPanel(), []
        choose(panel, network="784–300–10", epochs=100, batch=11)
        panel.start()
        assert panel.training
        while panel.training:
            before = time.perf_counter()
            await asyncio.sleep(0.001)
            waits.append(time.perf_counter() - before)
            if panel.runs[0].epoch > 20:
                panel.stop()
        assert panel.runs[0].state == "stopped"
        return waits

    waits = asyncio.run(session())
    assert len(waits) > 20
    assert np.median(waits) < 0.1


IN_A_KERNEL = """
import numpy as np
from firstorder.training import TrainingPanel, panel as module

module.load_mnist = lambda stand_in: (
    np.zeros((600, 28, 28), np.uint8), np.arange(600, dtype=np.uint8) % 10
)
panel = TrainingPanel()
panel.numbers["epochs"].value = 100
panel.buttons["start"].click()
"""


def test_in_a_kernel_a_run_trains_between_cells_and_a_cell_can_stop_it():
    manager, client = start_new_kernel(kernel_name="python3")

    def ask(expression):
        reply = client.execute_interactive("", user_expressions={"it": expression}, timeout=60)
        return reply["content"]["user_expressions"]["it"]["data"]["text/plain"]

    try:
        reply = client.execute_interactive(IN_A_KERNEL, timeout=60)
        assert reply["content"]["status"] == "ok"
        epochs = [0.0]
        while epochs[-1] < 3:
            epochs.append(float(ask("panel.runs[0].epoch")))
        assert ask("panel.training") == "True"
        ask("panel.buttons['stop'].click()")
        while ask("panel.training") == "True":
            pass
        assert ask("panel.runs[0].state") == "'stopped'"
        assert float(ask("panel.runs[0].epoch")) < 100
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


# --------------------------------------------------------------------------- what is seen and kept


def test_the_runs_are_compared_in_one_picture_and_one_table(panel):
    panel.start()
    one = panel.picture.value
    choose(panel, rule="gd", alpha=0.1)
    panel.start()
    assert panel.picture.value != one
    assert "1. Adam" in panel.picture.value
    assert "2. Gradient descent, α 0.1" in panel.picture.value
    assert panel.table.value.count("<tr>") == 3
    assert f"{100 * panel.runs[1].record.test_accuracy[-1]:.2f} %" in panel.table.value


def test_the_picture_moves_while_a_run_trains(panel, monkeypatch):
    monkeypatch.setattr(module, "PERIOD", 0)
    pictures = set()
    panel.picture.observe(lambda change: pictures.add(change.new), "value")
    panel.start()
    assert len(pictures) >= 3


def test_a_saved_record_is_read_back_and_no_file_is_overwritten(panel, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    panel.start()
    panel.save()
    panel.save()
    files = sorted(path.name for path in tmp_path.iterdir())
    assert files == ["training-1-adam-2.json", "training-1-adam.json"]
    assert "training-1-adam-2.json" in panel.message.value
    kept = Record.load(tmp_path / "training-1-adam.json")
    assert json.dumps(kept.as_dict()) == json.dumps(panel.runs[0].record.as_dict())


def test_a_record_that_cannot_be_saved_is_said_to_be_so(panel, monkeypatch):
    def refuse(path):
        raise OSError("the disk is full")

    panel.start()
    monkeypatch.setattr(panel.runs[0].record, "save", refuse)
    panel.save()
    assert "could not be saved: the disk is full" in panel.message.value


# ---------------------------------------------------------------------------- when it goes wrong


def test_divergence_is_a_sentence_and_the_record_stays(panel):
    choose(panel, rule="adamw", alpha=10.0, decay=1.0, epochs=100)  # w is multiplied by −9
    panel.start()
    (run,) = panel.runs
    assert run.state == "diverged"
    assert "Run 1 diverged: the loss became" in panel.message.value
    assert "try a smaller step size" in panel.message.value
    assert np.isfinite(run.record.step_loss).all()
    assert able(panel) == {"start", "save"}


def test_an_error_in_training_is_shown_in_the_panel_and_the_next_run_works(panel, monkeypatch):
    def broken(seed):
        raise RuntimeError("no <network> today")

    monkeypatch.setitem(module.NETWORKS, "784–32–10", broken)
    panel.start()
    assert "Run 1 failed: RuntimeError: no &lt;network&gt; today" in panel.message.value
    assert able(panel) == {"start"}
    choose(panel, network="784–300–10")
    panel.start()
    assert panel.runs[1].state == "finished"


def test_without_mnist_the_panel_trains_on_the_stand_in_and_says_so(panel, monkeypatch):
    monkeypatch.setattr(module, "STAND_IN_TRAIN", 60)
    panel.start()
    assert panel.runs[0].state == "finished"
    assert "MNIST could not be had" in panel.message.value
    assert panel.runs[0].record.settings["data"] == "stand-in digits"
