"""Training networks by the book's rules: the only room that needs PyTorch."""

try:
    import torch  # noqa: F401
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        "firstorder.training needs PyTorch; get it with: pip install 'firstorder[training]'",
        name="torch",
    ) from error

from .loop import Diverged, Record, train
from .optimizer import Optimizer

__all__ = ["Diverged", "Optimizer", "Record", "train"]
