"""`make record`: measure what the pages quote on real MNIST, and draw the README's picture.

The trainings of chapters 9 and 10 take an hour; `tools.record_training` measures them and resumes.
"""

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


def accelerated():
    """Chapters 3 and 4: the same least squares, each method at its best for κ = 1000."""
    Z, _, f = is_it_a_three()
    L, kappa = f.eigenvalues[-1], 1000.0
    momentum = theory.best_momentum_step(L / kappa, L), theory.best_momentum(kappa)
    nesterov = theory.best_nesterov_step(L / kappa, L), theory.best_nesterov(kappa)
    runs = {
        "gd": ("gd", 2000, {"alpha": theory.best_step(L / kappa, L)}),
        "momentum": ("momentum", 300, dict(zip(("alpha", "beta"), momentum, strict=True))),
        "nesterov": (
            "nesterov_lookahead",
            300,
            dict(zip(("alpha", "beta"), nesterov, strict=True)),
        ),
    }
    record = {"images": len(Z)}
    for name, (rule, steps, hyper) in runs.items():
        gap = f.value(iterate(rule, f.gradient, np.zeros(784), steps, **hyper)) - f.value(f.minimum)
        record[f"iterations_{name}"] = int(np.argmax(gap <= gap[0] / 100))
        record[f"largest_rise_{name}"] = float(gap.max() / gap[0])
    return record


RECORDS = {"01_least_squares": least_squares, "03_accelerated": accelerated}


def main():
    """Record everything anew."""
    from tools import record_training  # it loads torch, which what reads RECORDS can do without

    versions = {"python": platform.python_version(), "numpy": np.__version__}
    for name, measure in RECORDS.items():
        path = FOLDER / f"{name}.json"
        record = {**measure(), "versions": versions, "made_by": "make record"}
        path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
        print(f"recorded {path.name}")
    (ROOT / "book" / "picture.svg").write_text(Hero().still_svg(), encoding="utf-8")
    record_training.main([])


if __name__ == "__main__":
    main()
