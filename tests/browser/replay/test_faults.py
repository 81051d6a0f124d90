"""Replays that are missing, damaged, or hold what is no number."""

import copy
from typing import Any

import numpy as np
from playwright.sync_api import expect

from tests.browser.replays import Recorded, Show, Stage, replay, seek


def damaged(sent: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Return a replay with a changed cohort."""
    found = copy.deepcopy(sent)
    found["cohorts"][0].update(changes)
    return found


def test_damaged_and_missing_replays_get_one_clear_sentence(show: Show, split: Recorded) -> None:
    good = replay(split.data, split.cohort())
    parameters = good["cohorts"][0]["parameters"]
    cut = {**parameters, "float32": parameters["float32"][:-400]}
    for sent, words in (
        (404, "There is no replay of this run."),
        (410, "The replay of this old run was deleted; its numbers stay."),
        (500, "the server answered 500"),
        ("{", "it is no JSON, or ends too early"),
        ({}, "it holds no networks"),
        (damaged(good, parameters=cut), "bytes, not"),
        (damaged(good, parameters={**parameters, "float32": "?"}), "cannot be decoded"),
        (damaged(good, steps=[3, 2, 1]), "the parameters' shape is wrong|the steps are out of order"),
        (damaged(good, counts={"right": {"label": "x", "values": [1]}}), "the counts do not fit the steps"),
        (damaged(good, groups=[{}]), "has another form than it should"),
        (damaged(good, view="spiral"), "cannot yet draw a replay as “spiral”"),
        ({**good, "data": {"x": [[1, 2]], "labels": []}}, "its data have gaps"),
    ):
        page = show(sent)
        alert = page.get_by_role("alert")
        expect(alert).to_be_visible()
        said = str(alert.text_content())
        assert any(each in said for each in words.split("|")), said
        expect(page.get_by_text("Today's figure")).to_be_visible()
        expect(page.get_by_text("After the replay")).to_be_visible()


def test_a_number_that_is_none_is_drawn_as_diverged_from_its_step_on(show: Show, split: Recorded) -> None:
    run = copy.deepcopy(split)
    run.trained.history.parameters[25:, 4, 2] = np.nan
    page = show(replay(run.data, run.cohort(groups=[])))
    seek(page, 24.5)
    expect(page.get_by_role("gridcell", name="network 2: diverged")).to_have_count(0)
    seek(page, 25)
    expect(page.get_by_role("gridcell", name="network 2: diverged")).to_be_visible()


def test_after_a_failure_one_can_try_again(show: Show, stage: Stage, split: Recorded) -> None:
    page = show(503)
    again = page.get_by_role("button", name="Try again")
    expect(again).to_be_visible()
    stage.replays["it"] = replay(split.data, split.cohort())
    again.click()
    expect(page.get_by_role("slider")).to_be_visible()
