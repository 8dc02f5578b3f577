"""Live figures: a small Python class and a small JavaScript module each, and one shared engine."""

from .base import LiveFigure
from .clipping import Clipping
from .counter_example import CounterExample
from .damped_spring import DampedSpring
from .hero import Hero
from .landscape_race import LandscapeRace
from .lookahead_vectors import LookaheadVectors
from .momentum_stack import MomentumStack
from .reddi import ReddisLesson
from .rotation_test import RotationTest
from .signal_bench import SignalBench
from .stability_plane import StabilityPlane
from .state_steps import StateSteps
from .step_size_stack import StepSizeStack
from .training_curves import TrainingCurves
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
    RotationTest,
    ReddisLesson,
    Clipping,
    LandscapeRace,
    SignalBench,
    StateSteps,
    TrainingCurves,
)
FIGURES = {figure.slug: figure for figure in _ALL}

__all__ = [
    "FIGURES",
    "Clipping",
    "CounterExample",
    "DampedSpring",
    "Hero",
    "LandscapeRace",
    "LiveFigure",
    "LookaheadVectors",
    "MomentumStack",
    "ReddisLesson",
    "RotationTest",
    "SignalBench",
    "StabilityPlane",
    "StateSteps",
    "StepSizeStack",
    "TrainingCurves",
    "TwinEigenPanels",
    "TwoBalls",
]
