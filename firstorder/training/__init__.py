"""Training networks by the book's rules: the only room that needs PyTorch.

Everything runs on the device of the network (`choose_device`).  It has been run on CPUs; on a GPU not yet.
"""

try:
    import torch  # noqa: F401
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        "firstorder.training needs PyTorch; get it with: pip install 'firstorder[training]'",
        name="torch",
    ) from error

from .derivatives import gradient_check, largest_eigenvalue
from .loop import Diverged, Record, Run, evaluate, train
from .many import train_many
from .networks import (
    InBfloat16,
    as_tensors,
    choose_device,
    clipped_loss,
    convolutional_network,
    dense_network,
    log_sum_exp_loss,
    square_loss,
)
from .optimizer import Optimizer
from .panel import TrainingPanel
from .steps import captured_step, plain_step, seconds
from .stock import StockDigits
from .sweep import grid, results, sweep

__all__ = [
    "Diverged",
    "InBfloat16",
    "Optimizer",
    "Record",
    "Run",
    "StockDigits",
    "TrainingPanel",
    "as_tensors",
    "captured_step",
    "choose_device",
    "clipped_loss",
    "convolutional_network",
    "dense_network",
    "evaluate",
    "gradient_check",
    "grid",
    "largest_eigenvalue",
    "log_sum_exp_loss",
    "plain_step",
    "results",
    "seconds",
    "square_loss",
    "sweep",
    "train",
    "train_many",
]
