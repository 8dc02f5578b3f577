"""Live figures: a small Python class and a small JavaScript module each, and one shared engine."""

from .base import LiveFigure
from .counter_example import CounterExample
from .damped_spring import DampedSpring
from .hero import Hero
from .lookahead_vectors import LookaheadVectors
from .momentum_stack import MomentumStack
from .stability_plane import StabilityPlane
from .step_size_stack import StepSizeStack
from .twin_eigen_panels import TwinEigenPanels
from .two_balls import TwoBalls

_ALL = (
    Hero,
    TwinEigenPanels,
    StepSizeStack,
    StabilityPlane,
    MomentumStack,
    DampedSpring,
    CounterExample,
    TwoBalls,
    LookaheadVectors,
)
FIGURES = {figure.slug: figure for figure in _ALL}

__all__ = [
    "FIGURES",
    "CounterExample",
    "DampedSpring",
    "Hero",
    "LiveFigure",
    "LookaheadVectors",
    "MomentumStack",
    "StabilityPlane",
    "StepSizeStack",
    "TwinEigenPanels",
    "TwoBalls",
]
