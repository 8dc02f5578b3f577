"""`make record`: measure what the pages quote on real MNIST, and draw the README's picture."""

import json
import platform
from pathlib import Path

import numpy as np

from firstorder import iterate, load_mnist, theory
from firstorder.figures import Hero
from firstorder.problems import Quadratic

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "firstorder" / "recorded"


def is_it_a_three():
    """The pixels of all training images, the answers, and the least squares between them."""
    images, labels, _, _ = load_mnist()
    Z, d = images.reshape(len(images), -1) / 255, (labels == 3).astype(float)
    return Z, d, Quadratic.least_squares(Z, d)


def least_squares():
    """Chapter 1: "is this a 3?" by least squares on the pixels of all training images."""
    Z, d, f = is_it_a_three()
    alpha, positive = 1 / f.eigenvalues[-1], f.eigenvalues[f.eigenvalues > 0]
    w = iterate("gd", f.gradient, np.zeros(784), 1000, alpha=alpha)[-1]
    shown = positive[[-1, -10, -100, 100, 0]]
    return {
        "images": len(Z),
        "zero_eigenvalues": int((f.eigenvalues == 0).sum()),
        "eigenvalues": shown.tolist(),
        "iterations_to_1_percent": theory.iterations_to(0.01, np.abs(1 - alpha * shown)).tolist(),
        "loss_after_1000": float(f.value(w)),
        "loss_at_minimum": float(f.value(f.minimum)),
        "accuracy_after_1000": float((((Z @ w) > 0.5) == d).mean()),
        "accuracy_at_minimum": float((((Z @ f.minimum) > 0.5) == d).mean()),
    }


def momentum():
    """Chapter 3: the same least squares, with the best momentum for κ = 1000."""
    Z, _, f = is_it_a_three()
    L, w0 = f.eigenvalues[-1], np.zeros(784)
    alpha, beta = theory.best_momentum_step(L / 1000, L), theory.best_momentum(1000.0)
    runs = {
        "gd": iterate("gd", f.gradient, w0, 2000, alpha=theory.best_step(L / 1000, L)),
        "momentum": iterate("momentum", f.gradient, w0, 300, alpha=alpha, beta=beta),
    }
    gaps = {name: f.value(run) - f.value(f.minimum) for name, run in runs.items()}
    counts = {f"iterations_{n}": int(np.argmax(gap <= gap[0] / 100)) for n, gap in gaps.items()}
    rise = gaps["momentum"].max() / gaps["momentum"][0]
    return {"images": len(Z), **counts, "largest_rise": float(rise)}


RECORDS = {"01_least_squares": least_squares, "03_momentum": momentum}


def main():
    """Record everything anew."""
    versions = {"python": platform.python_version(), "numpy": np.__version__}
    for name, measure in RECORDS.items():
        path = FOLDER / f"{name}.json"
        record = {**measure(), "versions": versions, "made_by": "make record"}
        path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
        print(f"recorded {path.name}")
    (ROOT / "book" / "picture.svg").write_text(Hero().still_svg(), encoding="utf-8")


if __name__ == "__main__":
    main()
