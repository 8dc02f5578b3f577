"""What chapters 9 and 10 quote: trainings on real MNIST, an hour on one busy core.

    python -m tools.record_training [--so-far] [section …]

Each section is a sweep whose results are kept in build/sweeps/, so an interrupted recording goes on where
it was.  In a fresh checkout it goes on from firstorder/recorded/, if that was made on such a device with
these versions: one more seed costs one more seed.  Delete both to measure afresh.
With no section named, all are measured and written to firstorder/recorded/09_training.json and
10_sweeps.json; with some named, only those are measured; --so-far measures nothing and writes what there
is, to look at before all has ended.  What needs a GPU is measured by `python -m tools.record_gpu`.
The training set is the first 55,000 images and the validation set the last 5,000, as in the source.
"""

import datetime
import functools
import inspect
import json
import os
import sys
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch starts its threads

import numpy as np
import torch
from torch.nn.utils import clip_grad_norm_, clip_grad_value_

from firstorder import load_mnist
from firstorder.training import (
    Diverged,
    InBfloat16,
    Optimizer,
    Run,
    as_tensors,
    clipped_loss,
    convolutional_network,
    dense_network,
    grid,
    largest_eigenvalue,
    log_sum_exp_loss,
    results,
    square_loss,
    sweep,
    train,
    train_many,
)
from firstorder.training.loop import described, versions

ROOT = Path(__file__).resolve().parents[1]
RECORDED = ROOT / "firstorder" / "recorded"
SWEEPS = ROOT / "build" / "sweeps"
LOSSES = {"clipped": clipped_loss, "log-sum-exp": log_sum_exp_loss, "square": square_loss}
CLIPS = {
    "none": None,
    "norm": lambda parameters: clip_grad_norm_(parameters, 1.0),
    "value": lambda parameters: clip_grad_value_(parameters, 0.01),
}
SO_FAR = False  # whether to write what there is and run nothing
EPOCHS = 5  # of chapter 10's runs
SEEDS = range(5)
# The five rates that each method chooses from on the validation set, after two epochs with seed 0.
RATES = {
    "gd": [0.03, 0.1, 0.3, 1.0, 3.0],
    "momentum": [0.003, 0.01, 0.03, 0.1, 0.3],
    "nesterov": [0.003, 0.01, 0.03, 0.1, 0.3],
    "adagrad": [0.003, 0.01, 0.03, 0.1, 0.3],
    "rmsprop": [0.0001, 0.0003, 0.001, 0.003, 0.01],
    "adadelta": [0.1, 0.3, 1.0, 3.0, 10.0],
    "adam": [0.0003, 0.001, 0.003, 0.01, 0.03],
    "adamax": [0.001, 0.003, 0.01, 0.03, 0.1],
    "nadam": [0.0003, 0.001, 0.003, 0.01, 0.03],
    "adamw": [0.0003, 0.001, 0.003, 0.01, 0.03],
}


@functools.cache
def digits():
    """Training, validation and test sets, each (images, labels), on the CPU."""
    train_images, train_labels, test_images, test_labels = load_mnist()
    images, labels = as_tensors(train_images, train_labels)
    return {
        "train": (images[:55_000], labels[:55_000]),
        "validation": (images[55_000:], labels[55_000:]),
        "test": as_tensors(test_images, test_labels),
    }


def schedulers(optimizer, name, steps):
    """One of torch's schedulers over so many steps; None for a constant rate."""
    schedule = torch.optim.lr_scheduler
    return {
        "constant": lambda: None,
        "tenth after 3/5": lambda: schedule.StepLR(optimizer, steps * 3 // 5, gamma=0.1),
        "exponential": lambda: schedule.ExponentialLR(optimizer, 0.01 ** (1 / steps)),
        "cosine": lambda: schedule.CosineAnnealingLR(optimizer, steps),
    }[name]()


def trial(
    rule, alpha, seed, epochs=EPOCHS, batch=100, loss="log-sum-exp", biases=0.0,
    test="test", clip="none", decay="constant", **hyper,
):  # fmt: skip
    """Train the source's network once; what each epoch measured, and where it diverged if it did."""
    data = digits()
    model = dense_network(seed, biases=biases)
    optimizer = Optimizer(model.parameters(), rule, alpha=alpha, **hyper)
    steps = epochs * -(-len(data["train"][0]) // batch)
    run = Run(
        model, *data["train"], optimizer, epochs=epochs, batch=batch, seed=seed, loss=LOSSES[loss],
        test=data[test], clip=CLIPS[clip], scheduler=schedulers(optimizer, decay, steps),
    )  # fmt: skip
    diverged = None
    try:
        for _ in run:
            pass
    except Diverged as error:
        diverged = str(error)
    record = run.record.as_dict()
    names = ("epoch_loss", "test_loss", "test_accuracy", "seconds")
    return {**{n: record[n] for n in names}, "diverged": diverged}


def origin(device="cpu"):
    """What a result depends on besides its settings."""
    return {"device": described(torch.device(device)), "versions": versions()}


def recorded_before(section, settings):
    """What the committed records hold of these settings, if they are of the same origin."""
    for path in RECORDED.glob("*.json"):
        record = json.loads(path.read_text(encoding="utf-8"))
        if origin().items() <= record.items():
            for setting in settings:
                for entry in record.get(section, []):
                    if setting.items() <= entry.items():
                        result = {n: v for n, v in entry.items() if n not in setting}
                        yield {"setting": setting, "result": result}


def measured(section, settings, run=trial):
    """The settings of a section, each with its result; runs those that have none, unless SO_FAR."""
    path, settings = SWEEPS / f"{section}.jsonl", list(settings)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = (json.dumps(entry) + "\n" for entry in recorded_before(section, settings))
        path.write_text("".join(lines), encoding="utf-8")
    if not SO_FAR:
        sweep(path, run, settings)
    found = [{**setting, **result} for setting, result in results(path) if setting in settings]
    if len(found) < len(settings):
        print(f"{section}: only {len(found)} of {len(settings)} runs have ended")
    return found


def reproduction():
    """The source's recipe, its biases and its loss each exchanged: five seeds, ten epochs."""
    cases = grid(seed=range(5), loss=["clipped", "log-sum-exp"], biases=[1.0, 0.0])
    return measured(
        "reproduction", ({"rule": "gd", "alpha": 0.5, "epochs": 10, **c} for c in cases)
    )


def rates():
    """Every rate of every method, judged on the validation set."""
    shared = {"seed": 0, "epochs": 2, "test": "validation"}
    settings = [{"rule": r, "alpha": a, **shared} for r, all_ in RATES.items() for a in all_]
    return measured("rates", settings)


def chosen():
    """Each method's rate: the one of least validation loss."""
    found = rates()
    best = {}
    for rule in RATES:
        ended = [f for f in found if f["rule"] == rule and f["diverged"] is None]
        best[rule] = min(ended, key=lambda f: f["test_loss"][-1])["alpha"]
    return best


def methods():
    """Ten methods, each at its chosen rate, with five seeds."""
    alphas = chosen()
    cases = grid(seed=SEEDS, rule=list(RATES))
    return measured("methods", ({**c, "alpha": alphas[c["rule"]]} for c in cases))


def batches():
    """Adam's default rate with larger and larger batches: each epoch is a point of the sweep."""
    cases = grid(seed=SEEDS, batch=[30, 100, 300, 1000, 3000])
    return measured("batches", ({"rule": "adam", "alpha": 0.001, **c} for c in cases))


def clipping():
    """Momentum at rates up to far too large, with gradients clipped by norm, by value, or not."""
    cases = grid(seed=SEEDS, alpha=[0.1, 0.3, 1.0], clip=list(CLIPS))
    return measured("clipping", ({"rule": "momentum", "epochs": 2, **c} for c in cases))


def decay():
    """Momentum at a large rate that stays, or falls in three ways."""
    names = ["constant", "tenth after 3/5", "exponential", "cosine"]
    cases = grid(seed=SEEDS, decay=names)
    return measured("decay", ({"rule": "momentum", "alpha": 0.1, **c} for c in cases))


def follow_curvature(alpha, loss, steps=2000, every=20, images=1000):
    """λₙ and the loss during gradient descent on all of a few images at once, 784–32–10."""
    data = [tensor[:images] for tensor in digits()["train"]]
    model = dense_network(0, (784, 32, 10), weights=0.05, biases=0)
    optimizer = Optimizer(model.parameters(), "gd", alpha=alpha)
    values, eigenvalues, v = [], [], None
    for step in range(steps + 1):
        value = LOSSES[loss](model(data[0]), data[1])
        values.append(value.item())
        if step % every == 0:
            eigenvalue, v = largest_eigenvalue(model, *data, LOSSES[loss], start=v)
            eigenvalues.append(eigenvalue)
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
    return {
        "loss_values": values[::5], "loss_every": 5, "eigenvalues": eigenvalues, "every": every
    }  # fmt: skip


def sharpness():
    """Where the largest curvature goes, for several step sizes and both losses."""
    cases = [
        *grid(loss=["square"], alpha=[0.05, 0.1, 0.2, 0.4]),
        *grid(loss=["log-sum-exp"], alpha=[0.1, 0.3]),
    ]
    return measured("sharpness", cases, follow_curvature)


def follow_recipe(
    seed, images=55_000, batches=10, looks=(10, 30, 100, 300), epochs=(1, 2, 4, 7, 10)
):
    """λₙ of the training loss during the source's recipe, beside the mean of λₙ of single batches.

    At the start, after the steps `looks` (tens), and after `epochs`.
    """
    data = [tensor[:images] for tensor in digits()["train"]]
    model = dense_network(seed)
    optimizer = Optimizer(model.parameters(), "gd", alpha=0.5)
    options = {"epochs": max(epochs), "batch": 100, "seed": seed, "loss": clipped_loss}
    run = Run(model, *data, optimizer, every=10, **options)
    looks = {0, *looks, *(epoch * run.steps_per_epoch for epoch in epochs)}
    found = {"steps": [], "eigenvalues": [], "batch_eigenvalues": []}

    def look(start):
        value, v = largest_eigenvalue(model, *data, clipped_loss, start=start)
        each = zip(*(tensor[: 100 * batches].split(100) for tensor in data), strict=True)
        of_batches = [largest_eigenvalue(model, *some, clipped_loss, start=v)[0] for some in each]
        found["steps"].append(run.step)
        found["eigenvalues"].append(value)
        found["batch_eigenvalues"].append(float(np.mean(of_batches)))
        return v

    v = look(None)
    for _ in run:
        if run.step in looks:
            v = look(v)
    return {**found, "epoch_loss": run.record.epoch_loss.tolist()}


def recipe_curvature():
    """Where the largest curvature goes in the source's own recipe, with three seeds."""
    return measured("recipe_curvature", grid(seed=range(3)), follow_recipe)


def train_convolutional(seed, epochs=3, device="cpu", bf16=False):
    """The small convolutional network by one-cycle Adam: what each epoch measured."""
    data = {name: [part.to(device) for part in parts] for name, parts in digits().items()}
    model = convolutional_network(seed).to(device)
    optimizer = torch.optim.Adam(model.parameters())
    steps = epochs * -(-len(data["train"][0]) // 100)
    record = train(
        InBfloat16(model) if bf16 else model, *data["train"], optimizer,
        epochs=epochs, batch=100, seed=seed, test=data["test"],
        scheduler=torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.005, total_steps=steps),
    )  # fmt: skip
    return {n: getattr(record, n).tolist() for n in ("epoch_loss", "test_accuracy", "seconds")}


def convolutional():
    """The small convolutional network by one-cycle Adam, three epochs, three seeds."""
    return measured("convolutional", grid(seed=range(3), epochs=[3]), train_convolutional)


def train_map(loss, rule, side=(16, 24), images=2000, steps=200, batch=100, device="cpu"):
    """The final loss of one small network, 784–16–10, over (α, β); and its curvature at the start."""
    data = [tensor[:images].to(device) for tensor in digits()["train"]]
    model = dense_network(0, (784, 16, 10), weights=0.05, biases=0).to(device)
    beta, alpha = np.linspace(0, 0.99, side[0]), np.geomspace(0.003, 10, side[1])
    final = train_many(
        model, *data, rule, steps=steps, batch=batch, seed=0, loss=LOSSES[loss],
        alpha=alpha, beta=beta[:, None],
    )  # fmt: skip
    largest, _ = largest_eigenvalue(model, *data, LOSSES[loss])
    return {
        "alpha": alpha.tolist(),
        "beta": beta.tolist(),
        "final_loss": [[x if np.isfinite(x) else None for x in row] for row in final.tolist()],
        "eigenvalue_at_start": largest,
    }


def maps():
    """The (α, β) map of momentum in real training."""
    return measured("maps", grid(loss=["square", "log-sum-exp"], rule=["momentum"]), train_map)


CHAPTERS = {
    "09_training": [reproduction, sharpness, recipe_curvature, convolutional],
    "10_sweeps": [rates, methods, batches, clipping, decay, maps],
}


def described_by(section):
    """What a section measures: the first line of its docstring."""
    return inspect.getdoc(section).split("\n")[0]


def write(chapter, sections):
    """Write a chapter's record, with what made it."""
    record = {section.__name__: section() for section in sections}
    if rates in sections:
        record["chosen_rates"] = chosen()
    record["about"] = {section.__name__: described_by(section) for section in sections}
    store(chapter, record, made_by="python -m tools.record_training")


def store(name, record, made_by, device="cpu"):
    """Write a record, and what made it."""
    made = {**origin(device), "date": datetime.date.today().isoformat(), "made_by": made_by}
    path = RECORDED / f"{name}.json"
    path.write_text(json.dumps(rounded(record | made)) + "\n", encoding="utf-8")
    print(f"recorded {path.name}", flush=True)


def rounded(value):
    """Numbers to six digits, wherever they stand: a page quotes four."""
    if isinstance(value, dict):
        return {name: rounded(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(part) for part in value]
    return float(f"{value:.6g}") if isinstance(value, float) else value


def main(names):
    global SO_FAR
    torch.set_num_threads(1)
    SO_FAR = "--so-far" in names
    names = [name for name in names if name != "--so-far"]
    for chapter, sections in CHAPTERS.items():
        for section in sections:
            if section.__name__ in names:
                section()
                print(f"measured {section.__name__}", flush=True)
        if not names:
            write(chapter, sections)


if __name__ == "__main__":
    main(sys.argv[1:])
