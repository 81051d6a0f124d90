"""What counts as a success: nearly all of the blobs, all of XOR, and never a matter of rounding."""

import numpy as np
import pytest

from models.datasets import blobs, xor
from models.network import Network
from models.success import MARGIN, succeeded

XOR = Network((2, 2, 1), "relu", "binary_crossentropy")


def xor_solution(height: float) -> np.ndarray:
    """Return |x1 - x2| - 1, times ``height``: the two neurons each lean to one corner of class 1."""
    kernel, bias = np.array([[1.0, -1.0], [-1.0, 1.0]])[..., None], np.zeros((2, 1))
    return XOR.pack([(kernel, bias), (np.full((2, 1, 1), height), np.full((1, 1), -height))])


@pytest.mark.parametrize(("height", "expected"), [(1.0, True), (2 * MARGIN, True), (MARGIN / 2, False), (-1.0, False)])
def test_xor_must_be_right_at_all_corners_and_clear_of_rounding(height: float, expected: bool) -> None:
    assert succeeded(XOR, xor_solution(height), xor.load()).tolist() == [expected]


@pytest.mark.parametrize(("wrong", "expected"), [(0, True), (1, True), (2, False)])
def test_one_of_a_hundred_blobs_may_be_wrong(wrong: int, expected: bool) -> None:
    network, data = Network((2, 4), "linear", "softmax_crossentropy"), blobs.load()
    centers = np.array(blobs.CENTERS)
    # The nearest centre wins: that is linear, as |x|^2 is the same for all of them.
    parameters = network.pack([(2 * centers.T[..., None], -(centers**2).sum(axis=1)[:, None])])
    right = np.flatnonzero(network.forward(parameters, data.x)[-1][..., 0].argmax(axis=1) == data.labels)
    kept = right[: 100 - wrong]
    labels = data.labels.copy()
    labels[right[100 - wrong :]] = 3 - labels[right[100 - wrong :]]
    assert kept.size >= 98
    twisted = type(data)(data.x, data.targets, labels, data.feature_names, data.class_names)
    accuracy = network.accuracy(parameters, twisted.x, twisted.labels)[0]
    assert succeeded(network, parameters, twisted).tolist() == [accuracy >= 0.99] == [expected]


@pytest.mark.parametrize("low", [-1, 0])
def test_what_diverged_has_not_succeeded(low: int) -> None:
    assert not succeeded(XOR, np.full((XOR.size, 2), np.nan, np.float32), xor.load(low)).any()
