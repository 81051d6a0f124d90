"""What follows from an experiment's plans and measures: cost, set-up, training, findings, and what has diverged."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any, final

import numpy as np
import pytest

from models.ensemble import Optimizer
from models.experiment import Experiment, Hyperparameters, Result
from models.figures import Figure
from models.findings import Declared, Share
from models.labs.blobs import BLOBS
from models.labs.xor import XOR
from models.measures import Family, each, label, median, share
from models.plans import Cohort, Plan, Start
from models.readings import loss, success

pytestmark = pytest.mark.slow  # trains

RATES = {"0.01": "small", "1e+30": "huge"}
GLOROT = Start.by("glorot_uniform")


class Parameters(Hyperparameters):
    """What can be varied."""

    steps: int = 20


@final
class Sweep(Experiment[Parameters]):
    """Train XOR networks at two rates, one of which is much too large, and others that are not the run's own."""

    title = "Two rates"
    summary = "Trains at two rates."
    parameters = Parameters

    def plans(self, hyperparameters: Parameters) -> Iterator[Plan]:
        """Plan both rates, a few on the blobs, and networks aside that diverge."""
        for rate in RATES:
            yield Plan(f"rate.{rate}", XOR, GLOROT, hyperparameters.steps, Optimizer("sgd", float(rate)))
        yield Plan("few", BLOBS, Start.by("zero"), 5, batch=32, members=range(2))
        yield Plan("aside", XOR, GLOROT, 3, Optimizer("sgd", 1e30), members=range(9), aside=True)

    def notes(self, hyperparameters: Parameters) -> dict[str, str]:
        """Say it better."""
        return {"loss": "two of them", "rates": f"{len(RATES)} for {hyperparameters.steps} steps"}

    measures = (
        *each(
            Family("rate.<rate>", "rate {rate}", "<rate>", {"rate": RATES}),
            median("loss", "the loss", "nats", loss),
            share("success", "networks that succeed", success),
        ),
    )

    def figures(self, result: Result) -> Iterable[Figure]:  # noqa: ARG002
        """Draw nothing."""
        return ()


@final
class Drawn(Experiment[Parameters]):
    """Train nothing."""

    title = "Nothing"
    summary = "Trains nothing."
    parameters = Parameters
    measures = (label("name", "what it is called", lambda main: main.plan.name),)

    def plans(self, hyperparameters: Parameters) -> Iterator[Plan]:  # noqa: ARG002
        """Plan networks that are only drawn."""
        yield Plan("main", XOR, GLOROT, steps=0)

    def figures(self, result: Result) -> Iterable[Figure]:  # noqa: ARG002
        """Draw nothing."""
        return ()


def execute(experiment: Experiment[Any], networks: int = 5, **how: Any) -> Result:
    return experiment.execute(Parameters(), networks=networks, seed=3, **how)


@pytest.fixture(scope="module")
def sweep() -> Result:
    return execute(Sweep())


def test_cost_is_that_of_all_plans() -> None:
    assert Sweep().cost(Parameters(), 5) == 2 * 5 * 20 + 2 * 5 + 9 * 3
    assert Sweep().cost(Parameters(steps=7), 1) == 2 * 7 + 2 * 5 + 9 * 3
    assert Drawn().cost(Parameters(), 5) == 0


def test_the_setup_lists_what_the_runs_own_plans_are_and_notes_have_the_last_word() -> None:
    assert Sweep().setup(Parameters()) == {
        "data": f"{XOR.data_words}; {BLOBS.data_words}",
        "network": f"{XOR.network_words}; {BLOBS.network_words}",
        "initialiser": "glorot_uniform, biases 0; zero, biases 0",
        "loss": "two of them",
        "optimiser": "plain gradient descent, rates 0.01, 1e+30; Adam, rate 0.01",
        "steps": "20, full batch; 5, shuffled mini-batches of 32",
        "rates": "2 for 20 steps",
    }


def test_findings_and_what_has_diverged_are_declared() -> None:
    diverged = "networks with a loss or weight that is no finite number, in any training"
    assert dict(Sweep().declared) == {
        "loss.0.01": Declared("quantity", "the loss; rate small", "nats"),
        "loss.1e+30": Declared("quantity", "the loss; rate huge", "nats"),
        "success.0.01": Declared("share", "networks that succeed; rate small", ""),
        "success.1e+30": Declared("share", "networks that succeed; rate huge", ""),
        "diverged_share": Declared("share", diverged, ""),
    }


def test_findings_stand_in_the_order_of_the_measures(sweep: Result) -> None:
    assert list(sweep.findings) == ["loss.0.01", "loss.1e+30", "success.0.01", "success.1e+30", "diverged_share"]
    assert sweep.quantity("loss.0.01") == pytest.approx(float(np.median(sweep.cohorts["rate.0.01"].loss)))


def test_networks_before_training_are_measured_alike_and_only_as_asked(sweep: Result) -> None:
    experiment = Sweep()
    assert experiment.measure_untrained(sweep.cohorts, []) == {}
    began = experiment.measure_untrained(sweep.cohorts, ["success.0.01"])
    assert list(began) == ["success.0.01"]
    assert (
        began["success.0.01"]
        == experiment.measure({name: cohort.untrained for name, cohort in sweep.cohorts.items()})["success.0.01"]
    )


def test_a_network_that_diverges_anywhere_counts_once_unless_it_stands_aside(sweep: Result) -> None:
    assert sweep.cohorts["rate.1e+30"].diverged.all()
    assert sweep.cohorts["aside"].diverged.all()
    found = sweep.share("diverged_share")
    assert (found.count, found.of) == (5, 5)
    fine = {name: cohort for name, cohort in sweep.cohorts.items() if name != "rate.1e+30"}
    assert diverged_among(fine, 5) == 0
    broken = dict(fine)
    broken["few"] = with_nan(fine["few"], 1)
    broken["rate.0.01"] = with_nan(fine["rate.0.01"], 1, 4)
    assert diverged_among(broken, 5) == 2


def diverged_among(cohorts: dict[str, Cohort], of: int) -> int:
    found = Drawn().measure({**cohorts, "main": cohorts["rate.0.01"]})["diverged_share"]
    assert isinstance(found, Share)
    assert found.of == of
    return found.count


def with_nan(cohort: Cohort, *networks: int) -> Cohort:
    broken = cohort.loss.copy()
    broken[list(networks)] = np.nan
    return replace(cohort, loss=broken)


def test_a_run_says_what_it_was(sweep: Result) -> None:
    assert (sweep.experiment, sweep.seed, sweep.networks, sweep.hyperparameters) == (
        *("test-experiment", 3, 5, Parameters()),
    )
    assert list(sweep.cohorts) == ["rate.0.01", "rate.1e+30", "few", "aside"]
    assert [cohort.loss.size for cohort in sweep.cohorts.values()] == [5, 5, 2, 9]
    assert sweep.setup == Sweep().setup(Parameters())
    assert set(sweep.seconds) == {"compile", "train", "figures"}


def test_progress_runs_up_to_1() -> None:
    shares: list[float] = []
    execute(Sweep(), progress=shares.append)
    assert shares == sorted(shares)
    assert (shares[-2], shares[-1]) == (1, 1)
    assert 0 <= shares[0] < 1


def test_a_run_that_trains_nothing_is_done_at_once() -> None:
    shares: list[float] = []
    result = execute(Drawn(), progress=shares.append)
    assert shares == [1]
    assert result.findings["name"].value == "main"


def test_findings_are_asked_for_by_their_kind(sweep: Result) -> None:
    assert sweep.share("success.0.01") is sweep.findings["success.0.01"]
    assert sweep.quantity("loss.1e+30") is None
    asked: list[tuple[Callable[[str], object], str, str]] = [
        (sweep.share, "loss.0.01", "is a quantity, not a share"),
        (sweep.quantity, "success.0.01", "is a share, not a quantity"),
    ]
    for ask, name, words in asked:
        with pytest.raises(TypeError, match=f"'{name}' {words}"):
            ask(name)
        with pytest.raises(KeyError, match="nothing"):
            ask("nothing")
