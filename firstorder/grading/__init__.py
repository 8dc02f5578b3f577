"""Graded labs: releasing them, and judging what students' functions return."""

from .checks import check
from .saved import check_saved

__all__ = ["check", "check_saved"]
