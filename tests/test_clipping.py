"""Clipping by norm and by value, against torch's, and as JavaScript."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from firstorder import clipping, iterate
from firstorder.clipping import clip_norm, clip_value
from firstorder.problems import LANDSCAPES

gradients = st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=5).map(np.array)
limits = st.floats(1e-2, 1e2)


def clipped_by(torch_function, g, limit):
    weights = torch.nn.Parameter(torch.zeros(len(g), dtype=torch.float64))
    weights.grad = torch.tensor(g)
    torch_function(weights, limit)
    return weights.grad.numpy()


@given(g=gradients, limit=limits)
def test_clipping_by_norm_is_torchs_but_for_what_torch_adds_to_the_norm(g, limit):
    norm = np.linalg.norm(g)
    longer = norm > limit  # where the clipped gradient has the norm `limit`
    shorter_in_torch = norm / (norm + 1e-6) if longer else min(1, limit / (norm + 1e-6))
    expected = clipped_by(torch.nn.utils.clip_grad_norm_, g, limit)
    np.testing.assert_allclose(clip_norm(g, limit) * shorter_in_torch, expected, 1e-12, 1e-300)


@given(g=gradients, limit=limits)
def test_clipping_by_value_is_torchs(g, limit):
    expected = clipped_by(torch.nn.utils.clip_grad_value_, g, limit)
    np.testing.assert_array_equal(clip_value(g, limit), expected)


@pytest.mark.parametrize("clip", [clip_norm, clip_value])
def test_tensors_are_clipped_as_arrays_are(clip):
    g = np.random.default_rng(0).normal(size=(20, 3))
    np.testing.assert_allclose(clip(torch.from_numpy(g), 0.7).numpy(), clip(g, 0.7), rtol=1e-15)


@pytest.mark.parametrize("clip", [clip_norm, clip_value])
def test_a_gradient_within_the_limit_is_left_alone(clip):
    for g in ([0.0, 0.0], [0.3, -0.9], [0.6, 0.8]):
        np.testing.assert_array_equal(clip(np.array(g), 1.0), g)


@given(g=gradients, limit=limits)
def test_clipping_by_norm_keeps_the_direction_and_bounds_the_length(g, limit):
    clipped = clip_norm(g, limit)
    assert np.linalg.norm(clipped) == pytest.approx(min(np.linalg.norm(g), limit))
    np.testing.assert_allclose(clipped * np.linalg.norm(g), g * np.linalg.norm(clipped), atol=1e-9)


def test_clipping_by_value_turns_a_gradient_of_two_coordinates_by_at_most_45_degrees():
    angle = np.radians(np.arange(0, 360, 0.25))
    g = 1e6 * np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    clipped = clip_value(g, 1.0)
    cosine = (g * clipped).sum(-1) / np.linalg.norm(g, axis=-1) / np.linalg.norm(clipped, axis=-1)
    turned = np.degrees(np.arccos(np.minimum(1, cosine)))
    assert 44.7 < turned.max() < 45
    assert turned[angle == np.pi / 4] == pytest.approx(0, abs=1e-5)


def test_each_run_of_a_sweep_has_its_own_limit():
    g, limits = np.array([[3.0, 4.0], [3.0, 4.0]]), np.array([[1.0], [10.0]])
    np.testing.assert_allclose(clip_norm(g, limits), [[0.6, 0.8], [3.0, 4.0]])
    np.testing.assert_array_equal(clip_value(g, limits), [[1.0, 1.0], [3.0, 4.0]])


@pytest.mark.parametrize("clip", [clip_norm, clip_value])
def test_the_step_that_the_cliff_throws_far_away_is_harmless_when_clipped(clip):
    f = LANDSCAPES["cliff"]
    plain = iterate("gd", f.gradient, [1.7, 0.5], 15, alpha=0.25)
    clipped = iterate("gd", lambda w: clip(f.gradient(w), 1.0), [1.7, 0.5], 15, alpha=0.25)
    assert np.linalg.norm(plain[1]) > 7
    assert f.value(plain[-1]) > 3
    assert f.value(clipped[-1]) < 1e-2


def test_the_live_figures_clip_as_numpy_does(node):
    g, limits = np.random.default_rng(0).normal(size=(50, 2)), [0.1, 0.5, 1.0, 3.0]
    for name in ("clip_norm", "clip_value"):
        found = node(
            f"return data.limits.map((limit) => data.g.map((g) => f.{name}(g, limit)));",
            {"g": g.tolist(), "limits": limits},
            f=clipping.javascript(),
        )
        expected = [getattr(clipping, name)(g, limit) for limit in limits]
        np.testing.assert_allclose(found, expected, rtol=1e-14)
