"""What counts as a success in each lab: nearly all of the blobs, all of XOR, and never a matter of rounding."""

from dataclasses import replace
from functools import partial

import numpy as np
import numpy.typing as npt
import pytest

from models.datasets import Dataset, blobs, parabola, xor
from models.labs import MARGIN, Lab
from models.labs.blobs import BLOBS
from models.labs.coffee import COFFEE
from models.labs.xor import XOR
from models.network import Network

ZERO_ONE = XOR.on(partial(xor.load, 0), "XOR from 0 to 1")
LABS = {"blobs": BLOBS, "coffee": COFFEE, "xor": XOR, "xor from 0 to 1": ZERO_ONE}
every_lab = pytest.mark.parametrize("lab", LABS.values(), ids=LABS)


def xor_solution(height: float) -> npt.NDArray[np.float32]:
    """Return |x1 - x2| - 1, times ``height``: the two neurons each lean to one corner of class 1."""
    parameters = np.zeros((XOR.network.size, 1), np.float32)
    (kernel, _), (outgoing, output_bias) = XOR.network.unpack(parameters)
    kernel[0, :2, 0], kernel[1, :2, 0] = (1, -1), (-1, 1)
    outgoing[:2], output_bias[:] = height, -height
    return parameters


@pytest.mark.parametrize(("height", "expected"), [(1.0, True), (2 * MARGIN, True), (MARGIN / 2, False), (-1.0, False)])
def test_xor_must_be_right_at_all_corners_and_clear_of_rounding(height: float, expected: bool) -> None:
    assert XOR.succeed(xor_solution(height)).tolist() == [expected]
    assert XOR.accuracies(xor_solution(height)).tolist() == [float(height > 0)]


def silent_blobs(lead: float) -> npt.NDArray[np.float32]:
    """Return two neurons that are silent on all blobs, and output biases of which that of class 0 leads."""
    network = BLOBS.network
    zero = [(np.zeros((at.inputs, at.units, 1)), np.zeros((at.units, 1))) for at in network.layers]
    parameters = network.pack(zero)
    network.unpack(parameters)[1][1][0] = lead
    return parameters


@pytest.mark.parametrize(("lead", "right"), [(0.0, 0.0), (MARGIN / 2, 1.0), (2 * MARGIN, 1.0)])
def test_a_tie_of_several_outputs_is_not_right_and_a_lead_of_rounding_no_success(lead: float, right: float) -> None:
    first = replace(BLOBS.data, labels=np.zeros(100, np.intp))
    lab = replace(BLOBS, load=lambda: first)
    assert lab.accuracies(silent_blobs(lead)).tolist() == [right]
    assert lab.succeed(silent_blobs(lead)).tolist() == [lead > MARGIN]


def test_one_wrong_corner_is_too_many() -> None:
    parameters = xor_solution(1.0)
    XOR.network.unpack(parameters)[0][0][:, 1] = 0  # only one neuron is left, and one corner of class 1 is lost
    assert XOR.accuracies(parameters).tolist() == [0.75]
    assert XOR.succeed(parameters).tolist() == [False]


def flipped(data: Dataset, right: npt.NDArray[np.intp], wrong: int) -> Dataset:
    """Return data of which so many of the rows in ``right`` have another label."""
    labels = data.labels.copy()
    labels[right[:wrong]] = (labels[right[:wrong]] + 1) % len(data.class_names)
    return replace(data, labels=labels)


@pytest.mark.parametrize(("wrong", "expected"), [(0, True), (1, True), (2, False)])
def test_one_of_a_hundred_blobs_may_be_wrong(wrong: int, expected: bool) -> None:
    data, centers = BLOBS.data, np.array(blobs.CENTERS)
    network = Network((2, 4), "linear", "softmax_crossentropy")
    # The nearest centre wins: that is linear, as |x|^2 is the same for all of them.
    parameters = network.pack([(2 * centers.T[..., None], -(centers**2).sum(axis=1)[:, None])])
    found = network.classify(network.forward(parameters, data.x)[-1])[:, 0]
    twisted = flipped(replace(data, labels=found), np.arange(100), wrong)
    lab = replace(BLOBS, network=network, load=lambda: twisted)
    assert lab.accuracies(parameters).tolist() == [1 - wrong / 100]
    assert lab.succeed(parameters).tolist() == [expected]


@pytest.mark.parametrize(("wrong", "expected"), [(6, True), (7, False)])
def test_six_of_two_hundred_roasts_may_be_wrong(wrong: int, expected: bool) -> None:
    parameters = np.random.default_rng(5).normal(size=(COFFEE.network.size, 1)).astype(np.float32)
    found = COFFEE.network.classify(COFFEE.network.forward(parameters, COFFEE.data.x)[-1])[:, 0]
    twisted = flipped(replace(COFFEE.data, labels=found), np.arange(200), wrong)
    assert replace(COFFEE, load=lambda: twisted).succeed(parameters).tolist() == [expected]


@every_lab
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_diverged_has_not_succeeded(lab: Lab, value: float) -> None:
    assert not lab.succeed(np.full((lab.network.size, 2), value, np.float32)).any()


@every_lab
def test_a_labs_network_fits_its_data_which_are_loaded_once(lab: Lab) -> None:
    assert lab.network.sizes[0] == lab.data.x.shape[1] == len(lab.data.feature_names)
    assert lab.network.sizes[-1] == lab.data.targets.shape[1]
    assert lab.data is lab.data
    assert lab.loss_words.endswith("cross-entropy")


def test_another_activation_and_other_data_leave_the_rest_as_it_was() -> None:
    bent = XOR.using("tanh", "tanh neurons")
    assert (bent.network, bent.network_words) == (replace(XOR.network, activation="tanh"), "tanh neurons")
    assert (bent.data, bent.data_words, bent.margin, bent.accuracy) == (XOR.data, XOR.data_words, MARGIN, 1)
    assert (ZERO_ONE.network, ZERO_ONE.margin, ZERO_ONE.data_words) == (XOR.network, MARGIN, "XOR from 0 to 1")
    assert sorted(ZERO_ONE.data.x.ravel().tolist()) == [0] * 4 + [1] * 4


@pytest.mark.parametrize(("off", "right"), [(0.0, 1.0), (0.19, 1.0), (0.21, 0.0), (np.nan, 0.0)])
def test_a_value_is_right_when_it_is_near_enough(off: float, right: float) -> None:
    data = replace(parabola.load(), targets=np.full((60, 1), 0.5, np.float32))
    lab = Lab(Network((1, 1), "linear", "squared_error"), lambda: data, "a level", "a line", "near", tolerance=0.2)
    level = np.array([[0.0], [0.5 + off]], np.float32)
    assert lab.accuracies(level).tolist() == [right]
    assert lab.succeed(level).tolist() == [right == 1]
    assert lab.loss_words == "squared error"
