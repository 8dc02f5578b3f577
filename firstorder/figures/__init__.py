"""Live figures: a small Python class and a small JavaScript module each, and one shared engine."""

from .base import LiveFigure
from .hero import Hero
from .stability_plane import StabilityPlane
from .step_size_stack import StepSizeStack
from .twin_eigen_panels import TwinEigenPanels

FIGURES = {figure.slug: figure for figure in (Hero, TwinEigenPanels, StepSizeStack, StabilityPlane)}

__all__ = ["FIGURES", "Hero", "LiveFigure", "StabilityPlane", "StepSizeStack", "TwinEigenPanels"]
