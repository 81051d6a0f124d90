"""Trying and publishing: what speaks against a draft has to be seen, and two who publish at once do it once."""

from collections.abc import Iterable
from pathlib import Path
from threading import Barrier, Thread

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from assistant.admin import publishing
from assistant.audit.tables import AuditRow
from assistant.database import db, now
from assistant.library import queries, revisions
from assistant.library.findings import Finding
from assistant.library.revisions import ConflictError
from assistant.runs import queries as runs
from assistant.runs.evidence import evidence_queries
from assistant.runs.evidence.flags import flagged_claims
from assistant.runs.evidence.verdicts import Verdict
from assistant.runs.tables import DONE, FAILED, RunRow
from tests.assistant.admin.conftest import SLUG, Desk, SignIn, form_in

pytestmark = pytest.mark.slow

ACTION = f"/admin/entries/{SLUG}/publish"
PAGE = f"{ACTION}?effects=shown"
TRY = f"/admin/entries/{SLUG}/try"


def published_title(app: Flask) -> str:
    with app.app_context():
        row = queries.published_entry(SLUG)
        assert row is not None
        assert row.published is not None
        return row.published.title


def finish_try(app: Flask, *, held: bool | None = True, last: bool | None = True) -> str:
    """Store what a worker would store of the newest trial: all claims held, but for the main one's last perhaps.

    Return the id of the main experiment's run.
    """
    with app.app_context():
        head = queries.head(revisions.require_entry(SLUG))
        assert head is not None
        tried = db.session.scalars(select(RunRow).where(RunRow.state == "waiting").order_by(RunRow.created_at)).all()
        assert [run.experiment for run in tried] == [each.experiment for each in head.experiments]
        finish(tried, held=held)
        main = tried[0]
        main.verdicts = (*(main.verdicts or ())[:-1], Verdict(claim=main.claims[-1], finding=None, held=last))
        db.session.commit()
        return main.id


def finish(tried: Iterable[RunRow], *, held: bool | None = True) -> None:
    for run in tried:
        run.state, run.finished_at, run.findings = DONE, now(), {}
        run.seconds, run.versions = {"train": 1.0, "figures": 1.0}, {"tensorflow": "2", "numpy": "2", "cpu": "x"}
        run.verdicts = tuple(Verdict(claim=claim, finding=None, held=held) for claim in run.claims)


@pytest.fixture
def data_dir(few: Path) -> Path:
    """Few of the entries, to which the matcher is fitted in no time."""
    return few


def test_a_tried_draft_is_published_and_learners_see_it(app: Flask, bo: Desk, client: FlaskClient) -> None:
    bo.save(title="Published now?", **{"claims-0-text": "Two neurons that start alike stay alike."})
    answer = bo.send(PAGE, TRY)
    assert answer.status_code == 303
    run_id = finish_try(app)
    page = bo.get(PAGE)
    assert "A trial run" in page.text
    assert "speaks against publishing it" not in page.text
    done = bo.send(page, ACTION, reason="It is clearer.")
    assert done.status_code == 303
    assert published_title(app) == "Published now?"
    assert "Published now?" in client.get(f"/entries/{SLUG}").text
    with app.app_context():
        row = queries.published_entry(SLUG)
        assert row is not None
        latest = runs.latest_done(row)
        assert latest is None or latest.id != run_id
        assert row.published is not None
        waiting = db.session.scalars(select(RunRow).where(RunRow.state == "waiting")).all()
        assert len(waiting) == len(row.published.experiments)
        assert {(run.evidence, run.revision_id) for run in waiting} == {(True, row.published.id)}
        assert db.session.get_one(RunRow, run_id).evidence is False
        logged = db.session.scalars(select(AuditRow).where(AuditRow.did == "published", AuditRow.who != "import")).one()
        assert (logged.who, logged.detail) == ("Bo", "revision 2: It is clearer.")


def test_a_trial_run_is_never_an_entrys_own(app: Flask, bo: Desk, client: FlaskClient) -> None:
    bo.save(title="Only a draft?")
    bo.send(PAGE, TRY)
    run_id = finish_try(app)
    assert run_id not in client.get(f"/entries/{SLUG}").text
    with app.app_context():
        row = queries.published_entry(SLUG)
        assert row is not None
        assert row.published is not None
        assert runs.latest_done(row) is None
        assert (row.published, row.published.experiments[0]) in runs.without_runs()
        experiment = queries.experiment(row.published.experiment)
        assert experiment is not None
        assert evidence_queries.recent_verdicts(row.id, row.published.experiments[0], experiment.code, 20) == []


def test_what_an_open_page_asks_for_by_itself_leaves_the_cookie_with_its_message_alone(bo: Desk) -> None:
    bo.save(title="Tried?")
    part = bo.get(f"/admin/entries/{SLUG}/trials", headers={"HX-Request": "true"})
    assert part.status_code == 200
    assert "Set-Cookie" not in part.headers
    assert "Set-Cookie" in bo.get(PAGE).headers


def test_trying_twice_waits_for_the_one_that_is_under_way(app: Flask, bo: Desk) -> None:
    bo.save(title="Tried?")
    bo.send(PAGE, TRY)
    bo.send(PAGE, TRY)
    with app.app_context():
        tried = [run.experiment for run in db.session.scalars(select(RunRow))]
        assert len(tried) == len(set(tried)) > 0


def test_the_page_hears_when_the_last_of_all_trials_is_over(app: Flask, bo: Desk) -> None:
    bo.save(title="Tried?")
    bo.send(PAGE, TRY)
    assert 'hx-trigger="tried from:body once, every 3s"' in bo.get(PAGE).text
    with app.app_context():
        main, *further = db.session.scalars(select(RunRow).order_by(RunRow.created_at))
        main.state = FAILED  # the main experiment's is over first
        db.session.commit()
        assert further
    waiting = bo.get(f"/admin/entries/{SLUG}/trials")
    assert "HX-Trigger" not in waiting.headers
    assert "still under way" in waiting.text
    assert "every 500ms" in waiting.text
    with app.app_context():
        finish(db.session.scalars(select(RunRow).where(RunRow.state == "waiting")))
        db.session.commit()
    over = bo.get(f"/admin/entries/{SLUG}/trials")
    assert over.headers["HX-Trigger"] == "tried"
    assert "every 500ms" not in over.text
    assert "tried from:body" not in bo.get(PAGE).text


@pytest.mark.parametrize(
    ("last", "told"), [(False, "failed when it was tried"), (None, "could not be judged when it was tried")]
)
def test_a_claim_that_did_not_hold_asks_for_a_confirmation_and_a_reason(
    app: Flask, bo: Desk, last: bool | None, told: str
) -> None:
    bo.save(title="Doubtful?", **{"claims-0-text": "Another sentence."})
    assert "have not been tried" in bo.get(PAGE).text
    bo.send(PAGE, TRY)
    assert "still being tried" in bo.get(PAGE).text
    finish_try(app, last=last)
    page = bo.get(PAGE)
    assert told in page.text
    digest = page.text.split('name="confirm" value="', 1)[1].split('"', 1)[0]
    for typed in ({"reason": "It is right."}, {"confirm": digest}, {"confirm": "0" * 16, "reason": "It is right."}):
        refused = bo.send(page, ACTION, **typed)
        assert refused.status_code == 422
        assert published_title(app) != "Doubtful?"
    assert bo.send(page, ACTION, confirm=digest, reason="It holds in larger runs.").status_code == 303
    assert published_title(app) == "Doubtful?"
    with app.app_context():
        logged = db.session.scalars(select(AuditRow).where(AuditRow.did == "published", AuditRow.who != "import")).one()
        assert "It holds in larger runs. (in spite of: The claim" in logged.detail


def test_questions_of_other_entries_that_would_be_lost_ask_for_a_confirmation(
    app: Flask, bo: Desk, client: FlaskClient
) -> None:
    asked = "Do the neurons of a layer compete with each other or help each other?"
    told = client.post("/api/questions", json={"question": asked}).get_json()
    assert told["entry"] == "two-neurons-one-line"
    assert bo.save(title=asked).status_code == 303
    page = bo.get(PAGE)
    assert "its entry would lose it" in page.text
    assert f"“{asked}” is answered by two-neurons-one-line today, and would go to {SLUG}" in page.text
    before = published_title(app)
    refused = bo.send(page, ACTION, reason="On purpose.")
    assert refused.status_code == 422
    assert "tick that you publish it all the same" in refused.text
    assert published_title(app) == before


def test_what_a_draft_lacks_keeps_it_from_being_published(app: Flask, bo: Desk) -> None:
    path = "/admin/entries/new"
    bo.send(
        path, path, slug="a-new-one", title="New?", reason="Begun.", experiment="symmetry", explanation="[x](nowhere)"
    )
    page = bo.get("/admin/entries/a-new-one/publish?effects=shown")
    assert page.status_code == 200
    for told in (
        "There are no phrasings, and at least 20 are needed",
        "Explanation, line 1: a link leads to &#39;nowhere&#39;",
        "The theme is missing",
    ):
        assert told in page.text
    token = form_in(bo.get("/admin/"), "/admin/sign-out")["csrf_token"]
    data = {"csrf_token": token, "number": "1", "reason": "Try."}
    assert bo.client.post("/admin/entries/a-new-one/publish", data=data).status_code == 422
    with app.app_context():
        assert queries.published_entry("a-new-one") is None


def test_two_who_publish_at_once_do_it_once(app: Flask, sign_in: SignIn) -> None:
    """Both have looked at the same page; they press the button in the same moment, each in a thread of its own."""
    bo, cy = sign_in("Bo"), sign_in("Cy")
    bo.save(theme="Once")
    bo.send(PAGE, TRY)
    finish_try(app)
    forms, statuses, start = [form_in(desk.get(PAGE), ACTION) for desk in (bo, cy)], [], Barrier(2)

    def press(desk: Desk, form: dict[str, str]) -> None:
        start.wait()
        statuses.append(desk.client.post(ACTION, data=form).status_code)

    threads = [Thread(target=press, args=pair) for pair in zip((bo, cy), forms, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [303, 409]
    with app.app_context():
        assert (
            len(list(db.session.scalars(select(AuditRow).where(AuditRow.did == "published", AuditRow.who != "import"))))
            == 1
        )


def test_a_newer_draft_is_not_published_by_somebody_who_has_not_seen_it(app: Flask, sign_in: SignIn) -> None:
    bo, cy = sign_in("Bo"), sign_in("Cy")
    bo.save(theme="Seen")
    bo.send(PAGE, TRY)
    finish_try(app)
    page = bo.get(PAGE)
    cy.save(theme="Not seen")
    answer = bo.send(page, ACTION)
    assert answer.status_code == 409
    assert "Cy has saved a newer revision" in answer.text
    headers = {"Accept": "application/json", "X-CSRFToken": form_in(page, ACTION)["csrf_token"]}
    told = bo.client.post(ACTION, data=form_in(page, ACTION), headers=headers)
    assert (told.status_code, told.get_json()["status"]) == (409, 409)


def test_the_published_number_moves_from_what_was_expected_only(app: Flask) -> None:
    with app.app_context():
        row = queries.published_entry(SLUG)
        assert row is not None
        draft = revisions.draft_of(SLUG, revisions.require_revision(row, 1)).model_copy(update={"title": "Later?"})
        revisions.save(draft, base=1, author="test", reason="to see")
        with pytest.raises(ConflictError):
            revisions.publish(SLUG, 2, expected=None)
        with pytest.raises(ConflictError):
            revisions.publish(SLUG, 1, expected=1)
        assert revisions.publish(SLUG, 2, expected=1).published_number == 2


def store_runs(app: Flask, *, count: int, runs_: int) -> None:
    """Store runs of the entry in which ``count`` of 64 networks did what its first claim says all of them do."""
    with app.app_context():
        row = queries.published_entry(SLUG)
        assert row is not None
        assert row.published is not None
        experiment = queries.experiment(row.published.experiment)
        assert experiment is not None
        claim = row.published.claims[0]
        finding = Finding(kind="share", label="networks", value=count / 64, count=count, of=64)
        for seed in range(runs_):
            verdict = Verdict(claim=claim, finding=finding, held=count == 64)
            values = {"networks": 64, "evidence": True, "state": DONE, "code": experiment.code, "claims": (claim,)}
            run = RunRow(
                entry_id=row.id,
                experiment=experiment.name,
                hyperparameters=row.published.hyperparameters,
                seed=seed,
                verdicts=(verdict,),
                finished_at=now(),
                **values,
            )
            db.session.add(run)
        db.session.commit()


@pytest.mark.parametrize(("count", "runs_", "flags"), [(64, 20, 0), (40, 4, 0), (40, 5, 1), (63, 20, 1)])
def test_a_published_claim_is_flagged_when_recent_runs_speak_against_it(
    app: Flask, bo: Desk, count: int, runs_: int, flags: int
) -> None:
    store_runs(app, count=count, runs_=runs_)
    with app.app_context():
        assert len(flagged_claims()) == flags
    page = bo.get("/admin/").text
    assert ("evidence against it" in page) is bool(flags)
    assert ("Evidence has turned against 1 claim" in page) is bool(flags)


def test_what_was_long_ago_no_longer_counts_against_a_claim(app: Flask) -> None:
    store_runs(app, count=40, runs_=20)
    with app.app_context():
        assert len(flagged_claims()) == 1
        for run in db.session.scalars(select(RunRow)):
            run.finished_at, run.seed = now().replace(year=2020), run.seed + 1_000
        db.session.commit()
    store_runs(app, count=64, runs_=20)
    with app.app_context():
        assert flagged_claims() == []


def test_the_page_is_there_before_all_questions_are_matched_anew(bo: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    bo.save(title="Not matched yet?")
    with monkeypatch.context() as patched:
        patched.setattr(publishing, "moves", lambda _draft: pytest.fail("it was matched"))
        page = bo.get(ACTION).text
    assert f'hx-get="/admin/entries/{SLUG}/effects" hx-trigger="load"' in page
    assert 'href="/admin/entries/why-neurons-differ/publish?effects=shown"' in page  # without JavaScript
    assert "Publish revision" not in page
    followed = bo.get(f"/admin/entries/{SLUG}/effects").text
    assert followed.lstrip().startswith('<section id="effects"')
    assert "Publish revision 2" in followed
    assert "<html" not in followed
