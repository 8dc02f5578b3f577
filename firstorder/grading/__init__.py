"""Graded labs: releasing them, and judging what students' functions return."""

from .checks import check

__all__ = ["check"]
