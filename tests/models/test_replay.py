"""What of a run can be watched: the recorded parameters, the counts that the run itself makes, and the groups."""

import base64
import gzip
import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from models import registry
from models.edges import edges
from models.ensemble import Optimizer
from models.experiment import Result
from models.labs.blobs import BLOBS
from models.labs.xor import XOR
from models.plan_training import train_plans
from models.plans import Cohort, Plan, Start, untrained
from models.readings import over_steps, success
from models.replay import MOST_BYTES, MOST_COHORTS, Moment, Replay
from models.splits import SPLIT_NAMES

pytestmark = pytest.mark.slow

OPENED = {  # the cohorts that entries open on, where it is not the first: those in which readers guess a share
    "cost-average": "same_steps.1",
    "depth": "8.relu",
    "init-scale": "tanh.10",
    "learning-rate": "adam.1",
    "symmetry": "glorot",
    "width": "xor.2",
}
SPARED = {  # what trains networks that are counted and not watched: where it is varied, the player says so
    "activation": {"steps"},
    "cost-average": {"epochs"},
    "failures-trained-longer": {"steps"},
    "optimizers": {"coffee_steps"},
}
Run = Callable[..., Result]


@pytest.fixture(scope="session")
def blobs(run: Run) -> dict[str, Any]:
    """Return the recording of the blobs lab."""
    return opened(registry.find("blobs-split").recording(run("blobs-split")))


def opened(recording: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(gzip.decompress(recording))
    return found


def numbers(array: dict[str, Any]) -> npt.NDArray[np.float32]:
    return np.frombuffer(base64.b64decode(array["float32"]), "<f4").reshape(array["shape"])


def trained(*plans: Plan, networks: int = 3) -> dict[str, Cohort]:
    return train_plans(plans, networks=networks, seed=5, progress=lambda _: None)


def plan(name: str = "main", **how: Any) -> Plan:
    usual: dict[str, Any] = {"lab": BLOBS, "start": Start.by("glorot_uniform"), "steps": 30}
    return Plan(name, **(usual | how))


def test_the_recorded_parameters_are_the_engines(run: Run, blobs: dict[str, Any]) -> None:
    main, cohort = run("blobs-split").cohorts["main"], blobs["cohorts"][0]
    parameters = numbers(cohort["parameters"])
    assert parameters.shape == (len(cohort["steps"]), 18, 64)
    np.testing.assert_array_equal(parameters[0], main.start)
    np.testing.assert_array_equal(parameters[-1], main.parameters)
    np.testing.assert_array_equal(numbers(cohort["loss"])[-1], main.loss)
    assert (cohort["steps"][0], cohort["steps"][-1]) == (0, 800)
    assert cohort["network"] == {"sizes": [2, 2, 4], "activation": "relu", "loss": "softmax_crossentropy"}


def test_counts_are_the_runs_own(run: Run, blobs: dict[str, Any]) -> None:
    result, cohort = run("blobs-split"), blobs["cohorts"][0]
    assert cohort["counts"]["right"]["values"][-1] == result.share("converged_share").count
    assert cohort["counts"]["complementary"]["values"][-1] == result.share("complementary_share").count
    assert cohort["counts"]["complementary"]["values"][0] < result.share("complementary_share").count
    for step, right in zip(numbers(cohort["parameters"]), cohort["right"], strict=True):
        accuracy = BLOBS.network.accuracy(step, BLOBS.data.x, BLOBS.data.labels)
        np.testing.assert_array_equal(right, np.rint(accuracy * 100))


def test_each_network_is_in_one_group(blobs: dict[str, Any]) -> None:
    for groups in ("groups", "groups_at_start"):
        members = [network for group in blobs["cohorts"][0][groups] for network in group["networks"]]
        assert sorted(members) == list(range(64))
        assert len(blobs["cohorts"][0][groups]) <= 8
    sizes = [len(group["networks"]) for group in blobs["cohorts"][0]["groups"]]
    assert sizes[0] == max(sizes[:-1])


@pytest.mark.parametrize("name", ["rerun", "feature-use"])
def test_neurons_have_the_colours_of_the_edges_that_they_draw(run: Run, name: str) -> None:
    main, cohort = run(name).cohorts["main"], opened(registry.find(name).recording(run(name)))["cohorts"][0]
    drawn = edges(main)  # (units, networks)
    assert (drawn >= 0).all(axis=0).any()
    assert cohort["color_by"]["names"] == ["low temperature", "short duration", "diagonal"]
    assert cohort["color_by"]["neurons"] == drawn.T.tolist()
    assert len({tuple(kinds) for kinds in cohort["color_by"]["neurons"]}) > 1


def test_the_same_split_has_the_same_colour_wherever_the_blobs_lie(run: Run, blobs: dict[str, Any]) -> None:
    cohorts = opened(registry.find("data-decides").recording(run("data-decides")))["cohorts"]
    for cohort in [*cohorts, blobs["cohorts"][0]]:
        assert cohort["color_by"]["names"] == list(SPLIT_NAMES)
        assert np.shape(cohort["color_by"]["neurons"]) == (64, 2)
    for name, kind in (("turn.0", 1), ("turn.180", 2)):
        shown = next(cohort for cohort in cohorts if cohort["name"] == name)
        made = [kind in neurons for neurons in shown["color_by"]["neurons"]]
        counts = shown["counts"]["old" if name == "turn.0" else "new"]["values"]
        assert sum(made) == counts[-1] > 32


def test_without_colours_of_its_own_a_neuron_has_that_of_its_number() -> None:
    assert "color_by" not in opened(Replay({"main": "few steps"}).recording(trained(plan())))["cohorts"][0]


def test_the_moment_is_the_first_step_at_which_half_are_there(blobs: dict[str, Any]) -> None:
    cohort = blobs["cohorts"][0]
    values, moment = cohort["counts"]["right"]["values"], cohort["moment"]
    at = cohort["steps"].index(moment["step"])
    assert values[at] >= 32
    assert max(values[:at]) < 32


def test_without_such_a_step_there_is_no_moment() -> None:
    main = trained(plan())["main"]
    for moment in (Moment("Never.", share=1.1), Moment("Before training already.", share=0.0)):
        assert moment.step(main) is None


NEVER = Moment("Never.", share=1.1)


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"optimizer": Optimizer("sgd", 1e6)}, "At least half of the networks have diverged"),
        (
            {"steps": 400, "optimizer": Optimizer(rate=0.1)},
            "At least half of the networks have 99 % of the points right.",
        ),
        ({"optimizer": Optimizer(rate=0.01)}, "By this step, the networks' median loss has fallen 90 % of its way."),
        ({"optimizer": Optimizer(rate=1e-6)}, None),
    ],
    ids=["diverged", "there", "settled", "nothing happens"],
)
def test_where_the_moment_does_not_come_another_one_is_worth_seeing(how: dict[str, Any], words: str | None) -> None:
    cohorts = trained(plan(**how), networks=8)
    cohort = opened(Replay({"main": "some"}, moment=NEVER).recording(cohorts))["cohorts"][0]
    moment = cohort.get("moment")
    assert (moment is None) == (words is None)
    assert words is None or moment["caption"].startswith(words)
    if words and "fall" in words:
        middle = np.median(numbers(cohort["loss"]), axis=1)
        at = cohort["steps"].index(moment["step"])
        share = (middle[0] - middle[: at + 1]) / (middle[0] - middle[-1])
        assert share[-1] >= 0.9 > share[-2]


def test_few_that_get_there_are_a_moment_where_half_do_not() -> None:
    main = trained(plan(steps=400, optimizer=Optimizer(rate=0.1)), networks=8)["main"]
    steps = [moment.step(main) for moment in (Moment("", share=0.1), Moment("", share=0.5), Moment("", share=1.1))]
    assert steps[0] is not None
    assert steps[1] is not None
    assert steps[0] < steps[1]
    assert steps[2] is None


@pytest.mark.parametrize(("own_first", "order"), [(False, ["right", "any"]), (True, ["any", "right"])])
def test_an_experiments_own_counts_may_stand_first(own_first: bool, order: list[str]) -> None:
    shown = Replay({"main": "few steps"}, counts={"any": ("are there", success)}, own_first=own_first)
    assert list(opened(shown.recording(trained(plan())))["cohorts"][0]["counts"]) == order


@pytest.mark.parametrize("own_first", [False, True])
def test_the_networks_that_the_first_count_counts_are_told_one_by_one(own_first: bool) -> None:
    shown = Replay({"main": "few steps"}, counts={"good": ("are good", lambda own: own.loss < 1)}, own_first=own_first)
    cohort = opened(shown.recording(trained(plan(steps=300), networks=8)))["cohorts"][0]
    first = next(iter(cohort["counts"].values()))
    assert [row.count("1") for row in cohort["counted"]] == first["values"]
    assert first["values"][-1] > 0
    if own_first:
        losses = numbers(cohort["loss"])
        assert cohort["counted"] == ["".join("1" if each < 1 else "0" for each in step) for step in losses]


@pytest.mark.parametrize(
    ("words", "of_one"),
    [
        ("have all right", "has all right"),
        ("still have 90 % of the old ones right", "still has 90 % of the old ones right"),
        ("are there", "is there"),
        ("answer the same class", "answers the same class"),
        ("haven't moved", "haven't moved"),
    ],
)
def test_a_count_of_one_has_its_verb(words: str, of_one: str) -> None:
    cohort = opened(Replay({"main": "few"}, counts={"own": (words, success)}).recording(trained(plan())))["cohorts"][0]
    assert (cohort["counts"]["own"]["label"], cohort["counts"]["own"]["one"]) == (words, of_one)


def test_masked_units_are_left_out() -> None:
    cohorts = trained(plan(lab=XOR, width=3))
    cohort = opened(Replay({"main": "three"}).recording(cohorts))["cohorts"][0]
    assert cohort["network"]["sizes"] == [2, 3, 1]
    kernel = cohorts["main"].network.unpack(cohorts["main"].parameters)[0][0]
    np.testing.assert_array_equal(numbers(cohort["parameters"])[-1][:6], kernel[:, :3].reshape(6, -1))


def test_at_most_64_networks_are_shown_and_all_are_told() -> None:
    cohort = opened(Replay({"main": "many"}).recording(trained(plan(recorded=70), networks=70)))["cohorts"][0]
    assert cohort["of"] == 70
    assert numbers(cohort["parameters"]).shape[2] == 64
    assert np.asarray(cohort["right"]).shape[1] == 64


def test_one_network_is_enough() -> None:
    cohort = opened(Replay({"main": "one"}).recording(trained(plan(), networks=1)))["cohorts"][0]
    assert cohort["groups"][0]["networks"] == [0]


def test_a_network_that_diverged_is_told() -> None:
    cohort = opened(Replay({"main": "far"}).recording(trained(plan(optimizer=Optimizer("sgd", 1e6)))))["cohorts"][0]
    assert cohort["diverged"] == [True, True, True]
    assert cohort["groups"][0]["title"] == "diverged"
    assert cohort["right"][-1] == [0, 0, 0]


def test_a_cohort_on_other_data_brings_its_own() -> None:
    moved = replace(BLOBS.data, x=BLOBS.data.x + 1)
    cohorts = trained(plan(), plan("moved", lab=BLOBS.on(lambda: moved, "moved blobs")))
    shown = opened(Replay({"main": "here", "moved": "there"}).recording(cohorts))
    assert "data" not in shown["cohorts"][0]
    assert shown["cohorts"][1]["data"]["x"] == moved.x.astype(float).tolist()


def test_many_steps_of_large_networks_are_thinned_until_they_fit() -> None:
    names = {f"{at}": "wide" for at in range(MOST_COHORTS)}
    plans = [plan(name, lab=XOR, steps=800, start=Start.by("normal", 1 + int(name))) for name in names]
    recording = Replay(names).recording(trained(*plans, networks=64))
    assert 0.7 * MOST_BYTES < len(recording) <= MOST_BYTES
    for cohort in opened(recording)["cohorts"]:
        assert (cohort["steps"][0], cohort["steps"][-1]) == (0, 800)
        assert 5 < len(cohort["steps"]) < 35
        assert len(cohort["counts"]["right"]["values"]) == len(cohort["steps"])


def told_apart(plan: Plan, plans: dict[str, Plan]) -> Any:
    """Return what a training follows from, in a form in which two can be compared."""
    members = plan.indices(2) + (0 if plan.members is not None else 1_000_000)  # for starts of other networks too
    samples = [
        each and [part.tobytes() for part in vars(each.draw(5, members)).values()]
        for each in (plan.learned, plan.held_back)
    ]
    return (
        (plan.steps, str(plan.optimizer), plan.mini_batch, plan.dropout, plan.penalty.tobytes(), plan.width),
        (plan.lab.network, plan.lab.data.x.tobytes(), plan.lab.data.targets.tobytes(), samples),
        [np.ascontiguousarray(each).tobytes() for each in plan.begin(5, members)],
        plan.continues and told_apart(plans[plan.continues], plans),
    )


def watched_plans(name: str, **values: Any) -> dict[str, Any]:
    """Return what is watched of a run with these values, by the replay's names; nothing is trained."""
    experiment = registry.find(name)
    hyperparameters = experiment.parameters.model_validate(values)
    plans = {each.name: each for each in experiment.plans(hyperparameters)}
    drawn = {name: untrained(each, np.zeros((each.lab.network.size, 1), np.float32)) for name, each in plans.items()}
    result = Result(name, 5, 1, hyperparameters, {}, {}, drawn, {})
    return {key: told_apart(cohort.plan, plans) for key, cohort in experiment.watched(result).items()}


def another(rule: dict[str, Any]) -> Any:
    """Return a value of a parameter that is not its default."""
    default = rule["default"]
    if "enum" in rule:
        return next(value for value in rule["enum"] if value != default)
    step = 1 if rule["type"] == "integer" else default / 10 or 0.1
    return default + step if default + step <= rule["maximum"] else default - step


@pytest.mark.parametrize("name", registry.names())
def test_what_a_learner_varies_changes_something_that_is_watched(name: str) -> None:
    rules = registry.find(name).parameters.model_json_schema()["properties"]
    own = watched_plans(name)
    spared = set()
    for parameter, rule in rules.items():
        varied = watched_plans(name, **{parameter: another(rule)})
        if all(own[key] == varied[key] for key in own.keys() & varied.keys()):
            spared.add(parameter)
    assert spared == SPARED.get(name, set())


def test_a_rate_of_ones_own_is_watched_under_one_name_whichever_it_is(run: Run) -> None:
    for rate in (0.05, 0.01):
        result = run("learning-rate", networks=2, steps=1, rate=rate)
        shown = {each["name"]: each for each in opened(registry.find("learning-rate").recording(result))["cohorts"]}
        assert list(shown) == ["adam.0.01", "adam.own", "adam.1", "sgd.10"]
        assert shown["adam.own"]["title"] == f"Adam, a rate of your own: {rate}"
        np.testing.assert_array_equal(
            numbers(shown["adam.own"]["parameters"])[-1], result.cohorts[f"adam.{rate}"].parameters
        )


@pytest.mark.parametrize("name", registry.names())
def test_every_experiment_can_be_watched(run: Run, name: str) -> None:
    recording = registry.find(name).recording(run(name))
    assert len(recording) <= MOST_BYTES
    shown = opened(recording)
    assert 1 <= len(shown["cohorts"]) <= MOST_COHORTS
    for cohort in shown["cohorts"]:
        assert cohort["title"]
        assert cohort["of"] >= len(cohort["diverged"])
        assert np.asarray(cohort["right"]).shape == (len(cohort["steps"]), len(cohort["diverged"]))


@pytest.mark.parametrize("name", registry.names())
def test_what_is_said_of_a_moment_is_true_of_it_whatever_comes_later(run: Run, name: str) -> None:
    experiment, result = registry.find(name), run(name)
    own, cohorts = experiment.shown(result).moment, experiment.watched(result)
    shown = {each["name"]: each for each in opened(experiment.recording(result))["cohorts"]}
    assert "moment" in shown[OPENED.get(name, next(iter(shown)))]
    for key, cohort in shown.items():
        if "moment" not in cohort:
            continue
        caption = cohort["moment"]["caption"]
        assert not re.search(r"from here|more than|most of|most networks", caption, re.IGNORECASE)
        history = cohorts[key].history
        there = over_steps(own.reading)(cohorts[key])[history.steps.tolist().index(cohort["moment"]["step"])]
        if caption == own.words(cohorts[key]):
            assert there[:64].mean() >= own.share == 0.5
            assert "half" in caption
