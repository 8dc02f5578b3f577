"""How much faster the closed form draws a field of spectral radii than batched eigenvalues.

Run with one thread, as the numbers in the book were measured:

    OMP_NUM_THREADS=1 python benchmarks/fields.py
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before NumPy loads its linear algebra

import statistics
import time

import numpy as np

from firstorder import theory

SIDE = 500


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


def main():
    alpha, beta = np.linspace(0, 4.2, SIDE), np.linspace(0, 1, SIDE)[:, None]
    matrices = momentum_matrices(alpha, beta)

    def closed_form():
        return theory.spectral_radius("momentum", alpha, 1.0, beta)

    def eigenvalues():
        return np.abs(np.linalg.eigvals(matrices)).max(-1)

    difference = np.abs(closed_form() - eigenvalues()).max()
    fast = median_seconds(closed_form, 50)
    slow = median_seconds(eigenvalues, 5)
    print(f"field of {SIDE}×{SIDE} spectral radii of momentum, one thread, medians")
    print(f"  closed form           {1e3 * fast:8.2f} ms")
    print(f"  batched eigenvalues   {1e3 * slow:8.2f} ms   {slow / fast:.0f} times as long")
    print(f"  largest difference    {difference:8.1e}")


if __name__ == "__main__":
    main()
