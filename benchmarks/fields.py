"""How much faster momentum's closed forms are than the obvious ways: fields, and far states.

Run with one thread, as the numbers in the book were measured:

    OMP_NUM_THREADS=1 python benchmarks/fields.py
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before NumPy loads its linear algebra

import statistics
import time

import numpy as np

from firstorder import RULES, theory

SIDE = 500
PAIRS, STEPS = 100_000, 1000


def median_seconds(function, repeats):
    """The median time of `repeats` calls, after one that warms up."""
    function()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def momentum_matrices(alpha, beta):
    """Momentum's iteration matrices at λ = 1, as a stack of shape (…, 2, 2)."""
    alpha, beta = np.broadcast_arrays(alpha, beta)
    entries = np.stack([1 - alpha, -alpha * beta, np.ones_like(alpha), beta], axis=-1)
    return entries.reshape(*alpha.shape, 2, 2)


def compare(title, fast, slow, difference, repeats):
    """Print the medians of both functions and their ratio."""
    quick = median_seconds(fast, 10 * repeats)
    long = median_seconds(slow, repeats)
    print(f"{title}, one thread, medians")
    print(f"  {fast.__name__:22}{1e3 * quick:8.2f} ms")
    print(f"  {slow.__name__:22}{1e3 * long:8.2f} ms   {long / quick:.0f} times as long")
    print(f"  largest difference    {difference:8.1e}")


def field():
    """The spectral radius over a plane: the closed form beside NumPy's batched eigenvalues."""
    alpha, beta = np.linspace(0, 4.2, SIDE), np.linspace(0, 1, SIDE)[:, None]
    matrices = momentum_matrices(alpha, beta)

    def closed_form():
        return theory.spectral_radius("momentum", alpha, 1.0, beta)

    def batched_eigenvalues():
        return np.abs(np.linalg.eigvals(matrices)).max(-1)

    difference = np.abs(closed_form() - batched_eigenvalues()).max()
    title = f"field of {SIDE}×{SIDE} spectral radii of momentum"
    compare(title, closed_form, batched_eigenvalues, difference, 5)


def states():
    """All stable pairs (α, β) after many steps: repeated squaring beside stepping them together."""
    chance = np.random.default_rng(0)
    beta = chance.uniform(0, 1, PAIRS)
    alpha = chance.uniform(0, 2 + 2 * beta)

    def repeated_squaring():
        return theory.state_after("momentum", STEPS, 1.0, alpha, 1.0, beta)[0]

    def stepping():
        w, z = np.ones(PAIRS), np.zeros(PAIRS)
        for _ in range(STEPS):
            w, state = RULES["momentum"](w, lambda w: w, {"z": z}, alpha=alpha, beta=beta)
            z = state["z"]
        return w

    difference = np.abs(repeated_squaring() - stepping()).max()
    compare(f"{PAIRS} states at step {STEPS}", repeated_squaring, stepping, difference, 3)


if __name__ == "__main__":
    field()
    states()
