"""First Order: first-order optimisation, where every update rule is written once."""

from .data import load_mnist
from .rules import RULES, iteration_matrix, javascript
from .simulate import iterate

__all__ = ["RULES", "iterate", "iteration_matrix", "javascript", "load_mnist"]
__version__ = "0.1.0"
