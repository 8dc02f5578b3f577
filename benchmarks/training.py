"""How long an epoch on MNIST takes, as ratios within one run.

    python -m benchmarks.training [--rounds 9] [--images 10000] [--no-race]

One thread; times are the processor's, so that other work on the machine disturbs little.  What is held
against one another runs by turns, each round in networks made afresh, for where a network happens to lie
in memory is worth a tenth of its time; a ratio is the median of the rounds' ratios.
The epoch is the source's: 784–300–10, batches of 100, forward, backward and step.  The bare
products are its five matrix products on batches that lie ready.  The stock loader reads one image at a
time through PIL, as a folder of pictures would be read.  The race: seconds of training until the test
accuracy is 98 %, by settings chosen on the validation set (`--choose` shows that choice), against those
of the source's recipe for its ten epochs.
"""

import argparse
import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch starts its threads

import time

import numpy as np
import torch

from firstorder import load_mnist
from firstorder.training import (
    Optimizer,
    Run,
    StockDigits,
    as_tensors,
    clipped_loss,
    dense_network,
    log_sum_exp_loss,
    train,
)

BATCH = 100
# One-cycle Adam's (epochs, batch, peak), and the choice among them on the validation set.
CANDIDATES = [(2, 100, 0.006), (3, 200, 0.006), (3, 200, 0.012), (3, 300, 0.012), (4, 300, 0.012)]
CHOSEN = (3, 200, 0.012)
LIMITS = [
    ("torch SGD", "stock loader", 0.25),
    ("torch SGD", "bare products", 1.8),
    ("our gd", "torch SGD", 1.5),
    ("our momentum", "torch SGD with momentum", 1.5),
    ("our Adam", "torch Adam", 1.3),
]


def seconds(function):
    """The processor time of a call."""
    begun = time.process_time()
    function()
    return time.process_time() - begun


def resident_epoch(images, labels, make, epochs=2):
    """An epoch of our loop, on the images' device: each call the next."""
    model = dense_network(0, biases=0).to(images.device)
    optimizer = make(model.parameters())
    run = Run(model, images, labels, optimizer, epochs=epochs, batch=BATCH, seed=0)
    looks = iter(run)

    def epoch():
        for _ in looks:
            if run.step % run.steps_per_epoch == 0:
                return

    return epoch


def stock_epoch(images, labels, device="cpu"):
    """One epoch as the stock tutorial writes it."""
    model = dense_network(0, biases=0).to(device)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    loader = torch.utils.data.DataLoader(StockDigits(images, labels), BATCH, shuffle=True)

    def epoch():
        for pictures, answers in loader:
            optimizer.zero_grad()
            pictures, answers = pictures.to(device), answers.to(device)
            log_sum_exp_loss(model(pictures), answers).backward()
            optimizer.step()

    return epoch


def bare_products(images):
    """The five products of each step, two forward and three backward, and nothing else."""
    V, W = torch.randn(784, 300), torch.randn(300, 10)
    slope, hidden_slope = torch.randn(BATCH, 10), torch.randn(BATCH, 300)
    batches = images.flatten(1).split(BATCH)

    def epoch():
        for x in batches:
            hidden = x @ V
            hidden @ W
            hidden.T @ slope
            slope @ W.T
            x.T @ hidden_slope

    return epoch


def ratio(name, value, limit):
    """Print a ratio beside its limit."""
    print(f"{name:58}{value:6.2f}   at most {limit:.2f}: {'met' if value <= limit else 'MISSED'}")


def epochs(images, labels, rounds):
    """Print the times of an epoch, and their ratios."""
    ink, answers = as_tensors(images, labels)

    def torchs(kind, **options):
        return lambda: resident_epoch(ink, answers, lambda w: kind(w, **options))

    def ours(rule, **hyper):
        return lambda: resident_epoch(ink, answers, lambda w: Optimizer(w, rule, **hyper))

    makers = {
        "stock loader": lambda: stock_epoch(images, labels),
        "bare products": lambda: bare_products(ink),
        "torch SGD": torchs(torch.optim.SGD, lr=0.1),
        "our gd": ours("gd", alpha=0.1),
        "torch SGD with momentum": torchs(torch.optim.SGD, lr=0.1, momentum=0.9),
        "our momentum": ours("momentum", alpha=0.1, beta=0.9),
        "our Adam": ours("adam"),
        "torch Adam": torchs(torch.optim.Adam),  # torch's default: on a CPU, a loop over parameters
        "torch Adam, fused": torchs(torch.optim.Adam, fused=True),
    }
    times = {name: [] for name in makers}
    for _ in range(rounds):
        work = {name: make() for name, make in makers.items()}
        for function in work.values():  # warm up
            function()
        for name, function in work.items():
            times[name].append(seconds(function))
    for name, found in times.items():
        print(f"{name:28}{np.median(found):7.3f} s for {len(images)} images")
    for one, other, limit in LIMITS:
        found = np.array(times[one]) / times[other]
        ratio(f"{one} / {other}", np.median(found), limit)
        print(f"{'':58}{found.min():6.2f} to {found.max():.2f} in {rounds} rounds")


def one_cycle(data, held_out, epochs, batch, peak, seed):
    """Processor seconds of training by one-cycle Adam, and the accuracy on the images held out."""
    model = dense_network(seed, biases=0)
    optimizer = torch.optim.Adam(model.parameters(), fused=True)  # as the default, in one call
    steps = epochs * -(-len(data[0]) // batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, peak, total_steps=steps)
    begun = time.process_time()
    record = train(
        model,
        *data,
        optimizer,
        epochs=epochs,
        batch=batch,
        seed=seed,
        scheduler=schedule,
        test=held_out,
    )
    return time.process_time() - begun, record.test_accuracy[-1]


def choose(data, validation):
    """Print the accuracy on the validation set of the settings that the race chose from."""
    for setting in CANDIDATES:
        spent, accuracy = one_cycle(data, validation, *setting, seed=100)
        named = "{} epochs, batch {}, peak {}".format(*setting)
        print(f"{named}: {spent:.1f} s, {accuracy:.4f} on validation", flush=True)


def source_recipe(data, held_out, seed):
    """Processor seconds of training by the source's recipe, and the accuracy on the images held out."""
    model = dense_network(seed)
    descent = torch.optim.SGD(model.parameters(), lr=0.5)
    options = {"epochs": 10, "batch": BATCH, "loss": clipped_loss, "test": held_out}
    begun = time.process_time()
    record = train(model, *data, descent, seed=seed, **options)
    return time.process_time() - begun, record.test_accuracy[-1]


def race(data, test, seeds=3):
    """Print the times and accuracies of the source's recipe and of ours, which take turns."""
    ratios, reached = [], 0
    for seed in range(seeds):
        source, before = source_recipe(data, test, seed)
        spent, accuracy = one_cycle(data, test, *CHOSEN, seed)
        print(f"the source's recipe: {source:.1f} s, accuracy {before:.4f};", end=" ")
        print(f"one-cycle Adam: {spent:.1f} s, accuracy {accuracy:.4f}", flush=True)
        ratios.append(spent / source)
        reached += accuracy >= 0.98
    print(f"98 % reached by {reached} of {seeds} seeds")
    ratio("one-cycle Adam / the source's recipe", np.median(ratios), 1 / 3)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--choose", action="store_true")
    parser.add_argument("--no-race", action="store_true")
    given = parser.parse_args()
    torch.set_num_threads(1)
    images, labels, test_images, test_labels = load_mnist()
    data = as_tensors(images[:55_000], labels[:55_000])
    if given.choose:
        choose(data, as_tensors(images[55_000:], labels[55_000:]))
        return
    print(f"torch {torch.__version__}, one thread; load average {os.getloadavg()[0]:.1f}")
    epochs(images[: given.images], labels[: given.images], given.rounds)
    if not given.no_race:
        race(data, as_tensors(test_images, test_labels))


if __name__ == "__main__":
    main()
