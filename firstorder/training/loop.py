"""The training loop: runs that can be watched, paused, stopped, saved and continued."""

import json
import math
import os
import platform
import time
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

import numpy as np
import torch

from .. import plotting
from .networks import log_sum_exp_loss


class Diverged(ArithmeticError):
    """The loss is no longer a finite number."""


def described(device):
    """A device in words, for records."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    threads = torch.get_num_threads()
    return f"{device.type}, {threads} thread{'s' if threads > 1 else ''}"


def versions():
    """What makes a measurement: the versions of Python and torch."""
    return {"python": platform.python_version(), "torch": torch.__version__}


@dataclass
class Record:
    """What a training run measured.

    `step_loss`: at each step, of its batch, before the step.  For each whole epoch: `epoch_loss`, the
    mean of its steps' losses; `seconds`, without evaluation and pauses; `test_loss` and
    `test_accuracy` (0…1) after it, where the run was given images to test on.
    """

    step_loss: np.ndarray
    epoch_loss: np.ndarray
    test_loss: np.ndarray
    test_accuracy: np.ndarray
    seconds: np.ndarray
    device: str = ""
    versions: dict = field(default_factory=dict)
    settings: dict = field(default_factory=dict)

    def as_dict(self):
        """The record in numbers, lists and strings."""
        values = asdict(self)
        return {n: v.tolist() if isinstance(v, np.ndarray) else v for n, v in values.items()}

    @classmethod
    def from_dict(cls, values):
        """The record of which `as_dict` made `values`."""
        arrays = {f.name for f in fields(cls) if f.type is np.ndarray}
        return cls(**{n: np.array(v, float) if n in arrays else v for n, v in values.items()})

    def save(self, path):
        """Write the record as JSON."""
        Path(path).write_text(json.dumps(self.as_dict()), encoding="utf-8")

    @classmethod
    def load(cls, path):
        """Read a record; ValueError for a file that is none."""
        try:
            return cls.from_dict(json.loads(Path(path).read_text(encoding="utf-8")))
        except (ValueError, TypeError, AttributeError) as error:
            raise ValueError(f"{path} is not a record of a training run: {error}") from error

    def plot(self, axes=None):
        """Draw the losses on the first of two axes and the test accuracy on the second."""
        if axes is None:
            _, axes = plotting.subplots(2)
        steps = len(self.step_loss) / max(1, len(self.epoch_loss))
        epochs = np.arange(1, len(self.epoch_loss) + 1)
        plotting.losses(axes[0], self.step_loss, epochs * int(steps), self.epoch_loss)
        plotting.accuracies(axes[1], epochs[: len(self.test_accuracy)], self.test_accuracy)
        return axes


@torch.no_grad()
def evaluate(model, images, labels, loss=log_sum_exp_loss, batch=1000):
    """The mean loss and the share of right answers (0…1) on images; nothing is trained.

    >>> evaluate(torch.nn.Identity(), torch.eye(2), torch.tensor([0, 0]))[1]
    0.5
    """
    training = model.training
    model.eval()
    total = right = 0.0
    for some, answers in zip(images.split(batch), labels.split(batch), strict=True):
        outputs = model(some)
        total += loss(outputs, answers).item() * len(some)
        right += (outputs.argmax(1) == answers).sum().item()
    model.train(training)
    return total / len(images), right / len(images)


class Run:
    """A training run: `for record in run` trains, and looks up after every so many steps.

    Each epoch is one pass over `images` (N×…, as the model takes them) and `labels` (N, …, as the
    loss takes them), arrays or tensors, in batches of `batch` in an order that depends on `seed`
    alone; the last batch may be smaller.  The data lie on the model's device from the start; the
    images of `every` steps at a time are gathered by index.

    - `loss(outputs, labels)` is a mean over the batch.
    - `test=(images, labels)`, labels being classes, are what each epoch ends with an evaluation on.
    - `scheduler`, one of torch's, takes a step after each step of the optimizer.
    - `clip(parameters)` may change the gradients before each step.
    - `every`: after so many steps, and after each epoch, the loop yields the `Record` so far.
    - `settings` are words and numbers of your own for the record.

    Leave the loop (`break`, or an interrupt) to pause; a new `for record in run` goes on where it was.
    `save` and `load` carry a run over to another process, to the last bit on a CPU if the model itself
    draws no random numbers.
    Raises ValueError for data that do not fit the network or the loss; and `Diverged`, naming the
    step, once a loss is infinite or not a number.

    >>> model = torch.nn.Linear(2, 3)
    >>> descent = torch.optim.SGD(model.parameters(), lr=0.1)
    >>> images, labels = torch.eye(2), torch.tensor([0, 2])
    >>> run = Run(model, images, labels, descent, epochs=4, batch=1, seed=0)
    >>> for record in run:
    ...     if len(record.epoch_loss) == 3:
    ...         break
    >>> run.step, run.steps
    (6, 8)
    """

    def __init__(
        self, model, images, labels, optimizer, *, epochs, batch, seed, loss=log_sum_exp_loss,
        test=None, scheduler=None, clip=None, every=50, settings=None,
    ):  # fmt: skip
        if not len(images) == len(labels) > 0 or batch < 1:
            raise ValueError(
                "training needs as many labels as images, and batches of at least one; "
                f"got {len(images)} images, {len(labels)} labels, batch {batch}"
            )
        if every < 1 or epochs < 0:
            raise ValueError(f"every must be at least 1 and epochs 0; got {every} and {epochs}")
        self.model, self.optimizer, self.loss = model, optimizer, loss
        self.scheduler, self.clip, self.every = scheduler, clip, every
        self.epochs, self.batch, self.seed = epochs, batch, seed
        self.settings = settings or {}
        self.device = next(model.parameters()).device
        self.images, self.labels = self._resident(images, labels)
        self.test = test and self._resident(*test)
        self.steps_per_epoch = math.ceil(len(images) / batch)
        self.steps = epochs * self.steps_per_epoch
        self._generator = torch.Generator().manual_seed(seed)  # on the CPU: one order everywhere
        self._order = None
        self._measured = {
            n: [] for n in ("step_loss", "epoch_loss", "test_loss", "test_accuracy", "seconds")
        }
        self._seconds = 0.0  # of the present epoch

    def _resident(self, images, labels):
        """The data on the device, after a trial of whether the network and the loss take them."""
        images, labels = (torch.as_tensor(data, device=self.device) for data in (images, labels))
        got = (
            f"images {tuple(images.shape)} of {images.dtype}, "
            f"labels {tuple(labels.shape)} of {labels.dtype}"
        )
        if not images.is_floating_point():
            raise ValueError(f"images must be floating-point numbers (see as_tensors); got {got}")
        if not images.sum().isfinite():  # one pass over the data, and no copy
            raise ValueError(
                f"some images hold numbers that are infinite or not a number; got {got}"
            )
        training = self.model.training
        try:
            with torch.no_grad():
                outputs = self.model.eval()(images[:2])
                value = self.loss(outputs, labels[:2])
        except (RuntimeError, IndexError, TypeError) as error:
            raise ValueError(
                f"the network and the loss do not take these data: {got}; {error}"
            ) from error
        finally:
            self.model.train(training)
        if value.ndim:
            raise ValueError(f"the loss must be one number; it has the shape {tuple(value.shape)}")
        if labels.dtype == torch.int64 and labels.ndim == 1 and outputs.ndim == 2:
            low, high, classes = int(labels.min()), int(labels.max()), outputs.shape[1]
            if low < 0 or high >= classes:
                raise ValueError(
                    f"the labels run from {low} to {high}; "
                    f"the network tells classes 0 to {classes - 1} apart"
                )
        return images, labels

    @property
    def step(self):
        """How many steps have been taken."""
        return len(self._measured["step_loss"])

    @property
    def record(self):
        """What was measured so far."""
        values = {n: np.array(v, float) for n, v in self._measured.items()}
        settings = {"epochs": self.epochs, "batch": self.batch, "seed": self.seed, **self.settings}
        return Record(
            **values, device=described(self.device), versions=versions(), settings=settings
        )

    def __iter__(self):
        while True:
            epochs_done = len(self._measured["epoch_loss"])
            left = (epochs_done + 1) * self.steps_per_epoch - self.step
            if epochs_done == self.epochs:
                return
            if left:
                self._advance(min(self.every, left))
            if left <= self.every:
                self._end_epoch()
            yield self.record

    def _advance(self, count):
        """Take so many steps within the epoch."""
        if self._order is None:
            self._order = torch.randperm(len(self.images), generator=self._generator)
        at = self.step % self.steps_per_epoch
        rows = self._order[at * self.batch : (at + count) * self.batch].to(self.device)
        batches = zip(  # each step's images lie together: one gathering, and no copy at a step
            self.images.index_select(0, rows).split(self.batch),
            self.labels.index_select(0, rows).split(self.batch),
            strict=True,
        )
        parameters = list(self.model.parameters())
        measured = self._measured["step_loss"]
        self.model.train()
        begun, losses = time.perf_counter(), []
        try:
            for images, labels in batches:
                for parameter in parameters:
                    parameter.grad = None
                value = self.loss(self.model(images), labels)
                value.backward()
                if self.clip:
                    self.clip(parameters)
                self.optimizer.step()
                if self.scheduler:
                    self.scheduler.step()
                losses.append(value.detach())
        finally:  # an interrupt loses nothing
            if losses:  # together: each look at a number makes a GPU wait
                measured += torch.stack(losses).tolist()
            self._seconds += time.perf_counter() - begun
        for step in range(len(measured) - len(losses), len(measured)):
            if not math.isfinite(value := measured[step]):
                del measured[step:]
                raise Diverged(
                    f"the loss became {value} at step {step} (epoch {step // self.steps_per_epoch}, "
                    "counting from 0); try a smaller step size"
                )

    def _end_epoch(self):
        losses = np.array(self._measured["step_loss"][-self.steps_per_epoch :])
        sizes = [len(rows) for rows in self._order.split(self.batch)]
        found = {"epoch_loss": losses @ sizes / len(self.images), "seconds": self._seconds}
        if self.test:
            loss, accuracy = evaluate(self.model, *self.test, self.loss)
            if not math.isfinite(loss):
                raise Diverged(f"the test loss became {loss} after step {self.step - 1}")
            found |= {"test_loss": loss, "test_accuracy": accuracy}
        for name, value in found.items():
            self._measured[name].append(float(value))
        self._order, self._seconds = None, 0.0

    def _who(self):
        """What a saved run must share with the run that goes on with it."""
        return {"images": len(self.images), "batch": self.batch, "seed": self.seed}

    def save(self, path):
        """Write a checkpoint: all that is needed to go on.  The file appears whole or not at all."""
        saved = {
            "run": self._who(),
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "scheduler": self.scheduler and self.scheduler.state_dict(),
            "generator": self._generator.get_state(),
            "order": self._order,
            "measured": self._measured,
            "seconds": self._seconds,
        }
        part = Path(f"{path}.part")
        torch.save(saved, part)
        os.replace(part, path)

    def load(self, path):
        """Go on from a checkpoint that a run with the same data, batch and seed saved.

        Raises FileNotFoundError where there is none, ValueError for a file that is damaged, no
        checkpoint, or another run's.
        """
        try:
            saved = torch.load(path, map_location=self.device, weights_only=True)
            parts = [saved[n] for n in ("run", "generator", "order", "measured", "seconds")]
        except FileNotFoundError:
            raise
        except Exception as error:  # torch raises a dozen kinds for damaged files
            raise ValueError(
                f"the checkpoint {path} is damaged or is none ({type(error).__name__}); delete it "
                "and start again, or take an older one"
            ) from error
        run, generator, order, measured, seconds = parts
        if run != self._who():
            raise ValueError(f"the checkpoint {path} is of another run: {run}, not {self._who()}")
        try:
            self.model.load_state_dict(saved["model"])
            self.optimizer.load_state_dict(saved["optimizer"])
            if self.scheduler:
                self.scheduler.load_state_dict(saved["scheduler"])
        except (RuntimeError, ValueError, KeyError, TypeError) as error:
            raise ValueError(
                f"the checkpoint {path} is of another network or optimizer: {error}"
            ) from error
        self._generator.set_state(generator.cpu())
        self._order = order if order is None else order.cpu()
        self._measured, self._seconds = measured, seconds


def train(model, images, labels, optimizer, *, progress=False, **options):
    """Train to the end and return the `Record`; arguments as for `Run`.

    `progress` shows a bar.  Raises ValueError and `Diverged` as `Run` does.

    >>> model = torch.nn.Linear(2, 3)
    >>> descent = torch.optim.SGD(model.parameters(), lr=0.1)
    >>> images, labels = torch.eye(2), torch.tensor([0, 2])
    >>> train(model, images, labels, descent, epochs=4, batch=1, seed=0).step_loss.shape
    (8,)
    """
    from tqdm.auto import tqdm

    run = Run(model, images, labels, optimizer, **options)
    with tqdm(total=run.steps, unit="step", disable=not progress) as bar:
        for record in run:
            bar.update(run.step - bar.n)
            bar.set_postfix(loss=f"{record.step_loss[-1]:.4f}")
    return run.record
