"""One training step: as it is written, and captured as a CUDA graph; and how long a call takes."""

import time

import torch

from ..rules import RULES
from .networks import log_sum_exp_loss


def seconds(function, device):
    """The seconds from calling the function to the end of all that it started on the device."""
    wait = torch.cuda.synchronize if torch.device(device).type == "cuda" else lambda: None
    wait()
    begun = time.perf_counter()
    function()
    wait()
    return time.perf_counter() - begun


def plain_step(model, optimizer, loss=log_sum_exp_loss):
    """One step as a function of (images, labels), which returns the loss before the step.

    >>> model = torch.nn.Linear(2, 2)
    >>> step = plain_step(model, torch.optim.SGD(model.parameters(), lr=0.1))
    >>> step(torch.eye(2), torch.tensor([0, 1])).shape
    torch.Size([])
    """

    def step(images, labels):
        optimizer.zero_grad()
        value = loss(model(images), labels)
        value.backward()
        optimizer.step()
        return value.detach()

    return step


def _refuse_what_a_graph_would_freeze(optimizer):
    """A graph repeats numbers that Python computed: a counter would stand still."""
    for group in optimizer.param_groups:
        rule = RULES.get(group.get("rule"))
        if rule and rule.counters:
            raise ValueError(
                f"{rule.name} counts its steps in Python, and a graph would repeat the first count; "
                "take a rule without a counter, or torch's optimizer with capturable=True"
            )
    if optimizer.state:
        raise ValueError("capture the step before the optimizer's first, while its state is zero")


def captured_step(model, optimizer, images, labels, loss=log_sum_exp_loss):
    """A training step captured as a CUDA graph: the GPU runs it whole, without waiting for Python.

    `images` and `labels` are a batch on the GPU; the step that is returned takes batches of their
    shapes, and returns the loss before it.  Weights and state are as before the capture.  The step size
    is captured with the rest: a scheduler's changes are not seen.
    Raises RuntimeError without a GPU; ValueError for a rule with a counter and for an optimizer that
    has taken a step.
    """
    _refuse_what_a_graph_would_freeze(optimizer)
    if images.device.type != "cuda":
        raise RuntimeError(
            f"a graph can be captured on a GPU only, and the images lie on device "
            f"'{images.device}'; there, take plain_step"
        )
    batch = images.clone(), labels.clone()  # a graph reads where it read when it was captured
    kept = [tensor.clone() for tensor in model.state_dict().values()]
    plain = plain_step(model, optimizer, loss)
    aside = torch.cuda.Stream()
    aside.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(aside):  # PyTorch asks for some steps first, for its libraries to settle
        for _ in range(3):
            plain(*batch)
    torch.cuda.current_stream().wait_stream(aside)
    with torch.no_grad():
        for tensor, before in zip(model.state_dict().values(), kept, strict=True):
            tensor.copy_(before)
        for state in optimizer.state.values():
            for tensor in state.values():
                if isinstance(tensor, torch.Tensor):
                    tensor.zero_()
    optimizer.zero_grad()  # so that the gradients, too, belong to the graph
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        value = plain(*batch)

    def step(images, labels):
        for kept, new in zip(batch, (images, labels), strict=True):
            kept.copy_(new)
        graph.replay()
        return value.clone()

    return step
