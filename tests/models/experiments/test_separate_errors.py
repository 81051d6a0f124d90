"""An error of its own for each neuron: what is trained alone, what is put together, and what is counted."""

import numpy as np
import pytest

from models.experiment import Result
from models.experiments.separate_errors import together
from models.labs.blobs import BLOBS
from models.readings import duplicate, success, untrained
from tests.models.conftest import Run, train


@pytest.fixture(scope="module")
def separate(run: Run) -> Result:
    return run("separate-errors")


def test_each_neuron_alone_begins_as_it_does_in_the_pair(separate: Result) -> None:
    began = {name: cohort.start for name, cohort in separate.cohorts.items()}
    np.testing.assert_array_equal(together(began["alone.1"], began["alone.2"]), began["shared"])


def test_a_neuron_alone_does_not_feel_the_other(separate: Result) -> None:
    plan = separate.cohorts["alone.1"].plan
    again = train(plan, networks=2, seed=separate.seed)["alone.1"]
    np.testing.assert_array_equal(again.parameters, separate.cohorts["alone.1"].parameters[:, :2])
    outgoing = BLOBS.network.unpack(again.parameters)[1][0]
    assert not outgoing[1].any()


def test_pairs_are_both_neurons_with_their_outputs_added_up(separate: Result) -> None:
    one, two, both = (separate.cohorts[name] for name in ("alone.1", "alone.2", "separate"))
    outputs = [BLOBS.network.forward(cohort.parameters, cohort.data.x)[-1] for cohort in (one, two, both)]
    np.testing.assert_allclose(outputs[0] + outputs[1], outputs[2], atol=1e-4)
    np.testing.assert_array_equal(both.history.parameters[-1], both.parameters)
    np.testing.assert_allclose(both.history.loss[-1], both.loss, rtol=1e-5)


def test_the_output_layer_is_learned_anew_over_lines_that_are_held(separate: Result) -> None:
    lines = slice(0, BLOBS.network.layers[0].bias.stop)
    relearned, both = separate.cohorts["relearned"], separate.cohorts["separate"]
    np.testing.assert_array_equal(relearned.parameters[lines], both.parameters[lines])
    assert (relearned.parameters[lines.stop :] != relearned.start[lines.stop :]).any(axis=0).all()


def test_what_is_kept_is_counted_among_those_that_began_alike(separate: Result) -> None:
    began = untrained(duplicate)(separate.cohorts["shared"])
    for name in ("shared", "separate"):
        kept = separate.share(f"kept_share.{name}")
        assert kept.of == np.count_nonzero(began) == separate.share("duplicate_share_at_start").count
        assert kept.count == np.count_nonzero(began & duplicate(separate.cohorts[name]))
        assert separate.share(f"converged_share.{name}").count == np.count_nonzero(success(separate.cohorts[name]))


def test_splits_of_single_neurons_are_counted_once_each(separate: Result) -> None:
    splits = {key: each for key, each in separate.findings.items() if key.startswith("alone_split.")}
    assert sum(separate.share(key).count for key in splits) == 64
    assert all(key.removeprefix("alone_split.").startswith("0") for key in splits)


def test_a_shared_error_parts_what_separate_errors_leave_alike(separate: Result) -> None:
    assert separate.share("duplicate_share.shared").count < 13 < separate.share("duplicate_share.separate").count


@pytest.mark.parametrize("networks", [1, 65])
def test_any_number_of_networks(run: Run, networks: int) -> None:
    assert run("separate-errors", networks=networks, steps=20).share("duplicate_share.separate").of == networks
