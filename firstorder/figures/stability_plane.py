"""Chapter 3: every pair (αλ, β) of momentum at once, and what one pair does."""

import matplotlib.pyplot as plt
import numpy as np

from .. import plotting
from ..simulate import iterate
from ..theory import (
    REGIMES,
    border,
    borders,
    eigenvalue_imaginary,
    eigenvalue_real,
    half_trace_and_determinant,
    iterations_to,
    largest_eigenvalue,
    regime,
    spectral_radius,
    state_after,
)
from .base import LiveFigure, choice, control, in_words

WINDOW = ((0.0, 4.2), (0.0, 1.0))
METHODS = {
    "momentum": "heavy ball",
    "nesterov": "Nesterov",
    "momentum_average": "averaging",
}
WORDS = dict(
    zip(
        REGIMES,
        (
            "Monotone decrease",
            "Critical damping: the eigenvalues coincide",
            "Ripples",
            "Oscillation",
            "Divergence",
            "On the edge: it never comes to rest",
            "Done at once: both eigenvalues are 0",
        ),
        strict=True,
    )
)
MODULUS = {  # of a complex pair: the root of the determinant
    "momentum": "√β whatever αλ is",
    "nesterov": "√(β(1 − αλ))",
    "momentum_average": "√β whatever αλ is",
}
EDGES = {
    name: str(borders(name)["edge"]).replace("*", "").replace("beta", "β").replace("-", "−")
    for name in METHODS
}


class StabilityPlane(LiveFigure):
    """The largest |eigenvalue| of a form of momentum over (αλ, β), and what one point of it does.

    One eigencomponent is run from x⁰ = 1 with an empty buffer; λ = 1, so that α is αλ.

    >>> plane = StabilityPlane(alpha_lambda=1.0, beta=0.81)
    >>> plane.regime, round(plane.numbers()["largest"], 6)
    ('ripples', 0.9)
    """

    slug = "stability_plane"
    title = "The plane of stability"
    constants = {  # noqa: RUF012
        "steps": 60,
        "milestone": 0.01,
        "rounding": 1e-6,  # an imaginary part below this is that of a double eigenvalue
        "plane": WINDOW,
        "levels": [0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95],  # of the largest |σ|
        "limits": [1.25, 2.5, 5.0],  # of the stems and the phase portrait: the least that holds all
        "regimes": list(REGIMES),
        "words": list(WORDS.values()),
        "modulus": MODULUS,
        "edges": EDGES,
        "names": {  # what is written on the plane, and where: (αλ, β)
            "momentum": {
                "monotone": (0.04, 0.03), "ripples, |σ| = √β": (0.75, 0.5),
                "oscillation": (1.5, 0.03), "|σ| = 1": (2.72, 0.28), "divergence": (2.7, 0.12),
            },
            "nesterov": {
                "monotone": (0.04, 0.03), "ripples": (0.28, 0.62), "oscillation": (1.04, 0.2),
                "|σ| = 1": (1.62, 0.42), "divergence": (1.75, 0.8),
                "heavy ball": (2.72, 0.28),
            },
            "momentum_average": {
                "monotone": (0.04, 0.03), "ripples, |σ| = √β": (1.4, 0.6),
                "oscillation": (1.4, 0.03), "|σ| = 1": (3.1, 0.19), "divergence": (2.72, 0.06),
            },
        },
    }  # fmt: skip

    method = choice("momentum", METHODS, "method")
    alpha_lambda = control(0.5, *WINDOW[0], "step size αλ", step=0.005, digits=".3f")
    beta = control(0.8, *WINDOW[1], "momentum β", step=0.005, digits=".3f")

    def _invariants(self, alpha_lambda):
        return half_trace_and_determinant(self.method, alpha_lambda, 1.0, self.beta)

    @property
    def regime(self):
        """How the error behaves, one of `theory.REGIMES`."""
        return REGIMES[int(regime(*self._invariants(self.alpha_lambda)))]

    def run(self):
        """x at k = 0 … 60 from x⁰ = 1: the rule itself, on f = x²/2."""
        return iterate(
            self.method, lambda x: x, [1.0], self.constants["steps"],
            alpha=self.alpha_lambda, beta=self.beta,
        )[:, 0]  # fmt: skip

    def _reference(self, beta):
        """The heavy ball's edge, which is drawn beside Nesterov's."""
        if self.method != "nesterov":
            return {}
        return {"heavy_ball_edge": border("momentum", "edge", beta)}

    def numbers(self):
        """The eigenvalues, the largest |σ|, iterations to 1 %, the edge, sign changes, the last x.

        Beside Nesterov's edge, the heavy ball's.
        """
        invariants = self._invariants(self.alpha_lambda)
        real, imaginary = (
            [float(part(*invariants, sign)) for sign in (1, -1)]
            for part in (eigenvalue_real, eigenvalue_imaginary)
        )
        largest = float(largest_eigenvalue(*invariants))
        x = self.run()
        pair = (
            {"real": real[0], "imaginary": imaginary[0]}
            if imaginary[0] > self.constants["rounding"]
            else {"sigma1": real[0], "sigma2": real[1]}
        )
        settles = self.regime not in ("divergence", "edge", "at once")
        needed = float(iterations_to(self.constants["milestone"], largest))
        return {
            **pair,
            "largest": largest,
            **({"iterations": needed} if settles else {}),
            "edge": float(border(self.method, "edge", self.beta)),
            **self._reference(self.beta),
            "flips": int(np.sum(x[1:] * x[:-1] < 0)),
            "last": float(x[-1]),
        }

    @property
    def description(self):
        """What the picture shows, in words."""
        n = self.numbers()
        if "real" in n:
            pair = (
                f"a complex pair {in_words(n['real'])} ± {in_words(n['imaginary'])} i "
                f"of size {in_words(n['largest'], 4)}, which is {MODULUS[self.method]}"
            )
        else:
            pair = (
                f"{in_words(n['sigma1'])} and {in_words(n['sigma2'])}, "
                f"the larger of size {in_words(n['largest'], 4)}"
            )
        pace = (
            f"In the long run a factor of 100 takes {n['iterations']:.0f} iterations. "
            if "iterations" in n
            else ""
        )
        edge = (
            f"At this β the edge is αλ = {EDGES[self.method]} = {in_words(n['edge'], 4)}."
            if np.isfinite(n["edge"])
            else f"At this β the edge, αλ = {EDGES[self.method]}, is beyond every number."
        )
        if "heavy_ball_edge" in n:
            edge += (
                f" Dashed beside it, the heavy ball's edge, {in_words(n['heavy_ball_edge'], 4)}."
            )
        return (
            f"Four views of {METHODS[self.method]} momentum at αλ = {in_words(self.alpha_lambda, 4)}, "
            f"β = {in_words(self.beta)}. The plane of αλ and β, with the largest eigenvalue of the "
            "iteration matrix as level lines and the edge of stability; the two eigenvalues among the "
            "complex numbers, with the unit circle and the tracks they follow as αλ grows; 60 iterates "
            f"from 1; and the same as a path of x and αz. {WORDS[self.regime]}: the eigenvalues are "
            f"{pair}. In 60 iterations x changes sign {n['flips']} times and ends at "
            f"{in_words(n['last'])}. {pace}{edge}"
        )

    def _limit(self, *values):
        """The least of the picture's limits that holds all these values, or the greatest."""
        limits = self.constants["limits"]
        largest = max(np.abs(v).max() for v in values)
        return next((limit for limit in limits if largest <= limit), limits[-1])

    def still(self):
        """The plane, the complex plane, the stems and the phase portrait."""
        a, b = np.linspace(*WINDOW[0], 211), np.linspace(*WINDOW[1], 101)
        field = spectral_radius(self.method, a, 1.0, b[:, None])
        edge = border(self.method, "edge", b)
        track = np.array([
            [part(*self._invariants(np.linspace(*WINDOW[0], 600)), sign) for sign in (1, -1)]
            for part in (eigenvalue_real, eigenvalue_imaginary)
        ])  # fmt: skip
        now = np.array([
            [part(*self._invariants(self.alpha_lambda), sign) for sign in (1, -1)]
            for part in (eigenvalue_real, eigenvalue_imaginary)
        ])  # fmt: skip
        k, x = np.arange(self.constants["steps"] + 1), self.run()
        z = [state_after(self.method, int(i), 1.0, self.alpha_lambda, 1.0, self.beta)[1] for i in k]
        path = np.stack([x, self.alpha_lambda * np.array(z)], axis=-1)
        limit = self._limit(path)
        with plotting.style():
            figure, axes = plt.subplot_mosaic(
                [["plane", "complex"], ["stems", "phase"]], figsize=(7.2, 6),
                width_ratios=[1.35, 1], layout="constrained",
            )  # fmt: skip
            plane = plotting.contours(axes["plane"], a, b, field, [*self.constants["levels"], 1.0])
            plotting.border(plane, edge, b)
            for other in self._reference(b).values():
                plotting.border(plane, other, b, dashed=True)
            for which in ("complex_from", "complex_to"):
                plotting.border(plane, border(self.method, which, b[:-1]), b[:-1], dashed=True)
            plotting.names(plane, self.constants["names"][self.method])
            plotting.point(plane, (self.alpha_lambda, self.beta))
            plane.set(xlim=WINDOW[0], ylim=WINDOW[1], xlabel="αλ", ylabel="β", title="Largest |σ|")
            plotting.circles(axes["complex"], [1.0, np.sqrt(self.beta)])
            for real, imaginary in zip(*track, strict=True):
                plotting.border(axes["complex"], real, imaginary)
            for point in now.T:
                plotting.point(axes["complex"], point)
            axes["complex"].set(xlim=(-1.5, 1.5), ylim=(-1.5, 1.5), aspect="equal")
            axes["complex"].set(title="Eigenvalues σ", xlabel="real", ylabel="imaginary")
            plotting.stems(axes["stems"], k, x)
            axes["stems"].set(xlim=(-1, k[-1] + 1), ylim=(-limit, limit), xlabel="iteration k")
            axes["stems"].set(title="x")
            plotting.path(axes["phase"], path)
            axes["phase"].set(xlim=(-limit, limit), ylim=(-limit, limit), xlabel="x", ylabel="αz")
            axes["phase"].set(title="Phase portrait")
            plt.close(figure)
        return figure
