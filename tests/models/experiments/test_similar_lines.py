"""Two neurons on one line: outcomes, recovery, near twins, and the pull of one neuron on the other."""

import numpy as np
import numpy.typing as npt
import pytest

from models import registry
from models.datasets import blobs
from models.ensemble import gradients
from models.experiment import Result
from models.experiments.similar_lines import outcome
from tests.models.conftest import Run

FAILURES = ("dead", "duplicate", "unfinished")
EPSILONS = ("0", "1e-06", "0.0001", "0.01", "0.1", "1")


def converged(result: Result) -> npt.NDArray[np.bool_]:
    main, data = result.cohorts["main"], blobs.load()
    return main.network.accuracy(main.parameters, data.x, data.labels) >= 0.99


@pytest.mark.parametrize("name", ["duplicate_share", "dead_share", "diverged_share"])
def test_shares_of_all_networks(similar_lines: Result, name: str) -> None:
    assert similar_lines.share(name).of == 64


def test_duplicate_converged_share_is_of_the_duplicates(similar_lines: Result) -> None:
    assert similar_lines.share("duplicate_converged_share").of == similar_lines.share("duplicate_share").count


def test_what_stays_alike_is_of_the_duplicates_that_recover(similar_lines: Result) -> None:
    alike, recovered = similar_lines.share("recovered_alike_share"), similar_lines.share("recovered_share.duplicate")
    assert (alike.of, alike.count) == (recovered.count, 0)


def test_most_networks_converge_and_few_are_duplicates(similar_lines: Result) -> None:
    assert converged(similar_lines).sum() > 32
    assert similar_lines.share("duplicate_share").count < 32


@pytest.mark.parametrize("kind", ["converged", *FAILURES])
def test_loss_of_each_outcome_is_the_median_of_its_networks(similar_lines: Result, kind: str) -> None:
    main = similar_lines.cohorts["main"]
    losses = main.loss[outcome(main) == kind]
    assert registry.find("similar-lines").declared[f"loss.{kind}"].unit == "nats"
    assert similar_lines.quantity(f"loss.{kind}") == (pytest.approx(np.median(losses)) if losses.size else None)


def test_every_failure_has_a_higher_loss_than_the_converged(similar_lines: Result) -> None:
    best = similar_lines.quantity("loss.converged")
    assert best is not None
    for kind in FAILURES:
        loss = similar_lines.quantity(f"loss.{kind}")
        assert loss is None or loss > best


def test_recovered_kinds_partition_the_failures(similar_lines: Result) -> None:
    kinds = outcome(similar_lines.cohorts["main"])
    assert {kind: similar_lines.share(f"recovered_share.{kind}").of for kind in FAILURES} == {
        kind: np.count_nonzero(kinds == kind) for kind in FAILURES
    }
    assert (
        sum(similar_lines.share(f"recovered_share.{kind}").of for kind in FAILURES)
        == 64 - converged(similar_lines).sum()
    )


def test_outcomes_are_what_their_names_say(run: Run) -> None:
    main = run("similar-lines", networks=65, steps=30).cohorts["main"]
    data, kinds = blobs.load(), outcome(main)
    assert set(kinds) >= {"duplicate", "unfinished"}
    fires = main.network.forward(main.parameters, data.x)[0] > 0  # (rows, units, networks)
    np.testing.assert_array_equal(kinds[(~fires.any(axis=0)).any(axis=0)] == "dead", True)
    mostly = np.stack([fires[data.labels == label].mean(axis=0) > 0.5 for label in range(4)])
    alike = (mostly[:, 0] == mostly[:, 1]).all(axis=0) | (mostly[:, 0] != mostly[:, 1]).all(axis=0)
    assert alike[kinds == "duplicate"].all()
    assert not alike[kinds == "unfinished"].any()


def test_dead_share_counts_networks_with_a_neuron_that_never_fires(run: Run) -> None:
    result = run("similar-lines", networks=8, steps=100, rate=10.0)
    main = result.cohorts["main"]
    fires = main.network.forward(main.parameters, blobs.load().x)[0] > 0
    expected = np.count_nonzero((~fires.any(axis=0)).any(axis=0))
    assert expected > 0
    assert result.share("dead_share").count == expected


def test_failures_are_trained_ten_times_longer_from_their_own_starts(similar_lines: Result) -> None:
    main, longer = similar_lines.cohorts["main"], similar_lines.cohorts["longer"]
    assert longer.steps == 10 * main.steps
    np.testing.assert_array_equal(longer.start, main.start[:, ~converged(similar_lines)])


def test_longer_training_is_a_continuation_of_the_same_training(run: Run) -> None:
    short, long = run("similar-lines", networks=65, steps=30), run("similar-lines", networks=65, steps=300)
    failed = ~converged(short)
    np.testing.assert_array_equal(short.cohorts["longer"].parameters, long.cohorts["main"].parameters[:, failed])
    recovered = sum(short.share(f"recovered_share.{kind}").count for kind in FAILURES)
    assert recovered == (failed & converged(long)).sum()


@pytest.mark.parametrize("epsilon", EPSILONS)
def test_twins_start_the_named_distance_apart(similar_lines: Result, epsilon: str) -> None:
    twins = similar_lines.cohorts[f"twins.{epsilon}"]
    (incoming, _), (outgoing, _) = twins.network.unpack(twins.start.astype(np.float64))
    both = np.concatenate((incoming[:, 1] - incoming[:, 0], outgoing[1] - outgoing[0]))
    np.testing.assert_allclose(np.linalg.norm(both, axis=0), float(epsilon), rtol=1e-5, atol=3e-7)
    np.testing.assert_array_equal(incoming[:, 0], twins.network.unpack(similar_lines.cohorts["main"].start)[0][0][:, 0])


@pytest.mark.parametrize("epsilon", EPSILONS)
def test_gap_after_is_reported_for_every_distance(similar_lines: Result, epsilon: str) -> None:
    found = similar_lines.quantity(f"gap_after.{epsilon}")
    assert registry.find("similar-lines").declared[f"gap_after.{epsilon}"].unit == "weight"
    assert found is not None
    assert (found == 0) == (epsilon == "0")


def test_twins_stay_twins_in_every_network(similar_lines: Result) -> None:
    twins = similar_lines.cohorts["twins.0"]
    incoming, bias = twins.network.unpack(twins.parameters)[0]
    np.testing.assert_array_equal(incoming[:, 0], incoming[:, 1])
    np.testing.assert_array_equal(bias[0], bias[1])


def test_turning_one_neuron_changes_the_other_ones_gradient(similar_lines: Result) -> None:
    main = similar_lines.cohorts["main"]
    at = int(np.flatnonzero(main.history.steps >= 90)[0])
    before = main.history.parameters[at]
    after = before.copy()
    kernel, _ = main.network.unpack(after)[0]
    kernel[0, 1], kernel[1, 1] = -kernel[1, 1].copy(), kernel[0, 1].copy()
    one, two = (
        main.network.unpack(gradients(main.network, each, blobs.load()))[0][0][:, 0] for each in (before, after)
    )
    length = np.linalg.norm(one, axis=0)
    pulled = length > 0  # a dead neuron has no gradient
    assert pulled.sum() > 32
    assert np.median(np.linalg.norm(two - one, axis=0)[pulled] / length[pulled]) > 0.1
    found = similar_lines.quantity("gradient_change")
    assert found is not None
    assert found > 0.1


def test_history_of_the_networks_in_the_figures_ends_at_the_end(similar_lines: Result) -> None:
    trained = similar_lines.cohorts["main"]
    assert (trained.history.steps[0], trained.history.steps[-1]) == (0, 800)
    assert 25 <= len(trained.history.steps) <= 40
    np.testing.assert_array_equal(trained.history.parameters[-1], trained.parameters[:, trained.history.positions])


@pytest.mark.parametrize("networks", [1, 65])
def test_any_number_of_networks(run: Run, networks: int) -> None:
    result = run("similar-lines", networks=networks, steps=30)
    assert result.share("duplicate_share").of == networks
    assert sum(result.share(f"recovered_share.{kind}").of for kind in FAILURES) == (~converged(result)).sum()
    for epsilon in EPSILONS:
        assert result.cohorts[f"twins.{epsilon}"].loss.size == networks


def test_a_run_without_failures_reports_recovery_of_nothing(run: Run) -> None:
    runs = (run("similar-lines", networks=1, seed=seed) for seed in range(20))
    result = next(each for each in runs if converged(each).all())
    assert "longer" not in result.cohorts
    for kind in FAILURES:
        finding = result.share(f"recovered_share.{kind}")
        assert (finding.of, finding.value, finding.low, finding.high) == (0, None, None, None)


def test_every_network_has_one_outcome(similar_lines: Result) -> None:
    ended = [similar_lines.share(f"outcome_share.{kind}").count for kind in ("converged", *FAILURES)]
    assert sum(ended) == 64
    assert ended[0] == converged(similar_lines).sum()
