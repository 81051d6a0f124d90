"""Withdrawing an entry, publishing it again, moving it, and deleting a draft that nobody saw."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from assistant.audit.queries import latest
from assistant.database import db, writing
from assistant.library import addresses, phrasing_queries, queries, revisions
from assistant.library.content import import_plan
from assistant.library.content.content_files import read
from assistant.library.tables import MovedSlugRow, RevisionRow
from assistant.runs import queries as runs
from assistant.runs.tables import DONE, RunRow
from tests.assistant.admin.conftest import SLUG, Desk
from tests.conftest import ROOT

pytestmark = pytest.mark.slow

PAGE = f"/admin/entries/{SLUG}"
OTHER = "two-neurons-one-line"
NEW = "why-neurons-come-out-different"


def withdraw(desk: Desk, **typed: str) -> None:
    answer = desk.send(PAGE, f"{PAGE}/withdraw", **({"reason": "It is wrong."} | typed))
    assert answer.status_code == 303, answer.text


def a_run(app: Flask) -> str:
    """Store a run of the entry, and return its address."""
    with app.app_context(), writing():
        entry = queries.published_entry(SLUG)
        assert entry is not None
        assert entry.published is not None
        return runs.enqueue(entry.published).id


def test_a_withdrawn_entry_says_so_and_leads_on_and_its_runs_stay(app: Flask, ada: Desk, client: FlaskClient) -> None:
    run = a_run(app)
    withdraw(ada, successor=OTHER)
    for path in (f"/entries/{SLUG}", f"/embed/{SLUG}"):
        page = client.get(path)
        assert page.status_code == 410
        assert page.headers["Cache-Control"] == "no-cache"  # It may be published again.
        assert "withdrew this explanation on" in page.text
        assert f'/{OTHER}"' in page.text
    answer = client.get(f"/api/entries/{SLUG}")
    assert (answer.status_code, answer.get_json()["see"]) == (410, f"/entries/{OTHER}")
    assert SLUG not in client.get("/entries").text
    page = client.get(f"/runs/{run}")
    assert page.status_code == 200
    assert "withdrew the explanation" in page.text
    with app.app_context():
        assert db.session.get(RunRow, run) is not None
        assert (latest(None, limit=1)[0].did, latest(None, limit=1)[0].detail) == ("withdrew", "It is wrong.")


def test_a_question_whose_answer_was_withdrawn_says_so_and_leads_on(app: Flask, ada: Desk, client: FlaskClient) -> None:
    with app.app_context():
        titles = {row.slug: row.published.title for row in queries.published_entries() if row.published is not None}
    told = client.post("/api/questions", json={"question": titles[SLUG]}).get_json()
    assert told["entry"] == SLUG
    path = f"/questions/{told['question_url'].rpartition('/')[2]}"
    assert "The answer was withdrawn" not in client.get(path).text
    withdraw(ada, successor=OTHER)
    page = client.get(path)
    assert page.status_code == 200
    assert "The answer was withdrawn" in page.text
    assert "I do not know that yet" not in page.text
    assert f'<a href="/entries/{OTHER}">{titles[OTHER]}</a>' in page.text
    assert "The run that was trained for this question" in page.text
    assert "Ask again" in page.text


def test_it_is_published_again(app: Flask, ada: Desk, client: FlaskClient) -> None:
    withdraw(ada)
    assert client.get(f"/entries/{SLUG}").status_code == 410
    publishing = f"{PAGE}/publish"
    page = ada.get(f"{publishing}?effects=shown")
    confirm = page.text.partition('name="confirm" value="')[2].partition('"')[0]
    answer = ada.send(page, publishing, reason="It was right.", confirm=confirm)
    assert answer.status_code == 303, answer.text
    assert client.get(f"/entries/{SLUG}").status_code == 200
    with app.app_context():
        row = queries.entry(SLUG)
        assert row is not None
        assert (row.published_number, row.withdrawn_at) == (1, None)


def make_short_too_long(app: Flask, slug: str) -> None:
    """Let an entry's short answers be from before there was a limit; revisions cannot be changed but in the table."""
    with app.app_context(), writing():
        of_entry = RevisionRow.entry_id == revisions.require_entry(slug).id
        db.session.execute(update(RevisionRow).where(of_entry).values(short=" ".join(["From before the limit."] * 10)))


def test_a_short_answer_from_before_the_limit_is_withdrawn_and_comes_back_shortened(
    app: Flask, ada: Desk, client: FlaskClient
) -> None:
    make_short_too_long(app, SLUG)
    too_long = "he short answer has 229 characters, and at most 190 fit three lines beside the replay: 39 too many."
    assert f"its short answer has to be shortened: t{too_long}" in ada.get(PAGE).text
    withdraw(ada)
    assert client.get(f"/entries/{SLUG}").status_code == 410
    page = ada.get(f"{PAGE}/publish?effects=shown").text
    assert f"<li>T{too_long}</li>" in page
    assert f'<a href="/admin/entries/{SLUG}/edit">Correct it in the editor</a>' in page
    assert "Publish revision" not in page
    unchanged = ada.save(title="And more?")
    assert unchanged.status_code == 422
    assert too_long in unchanged.text
    assert ada.save(short="Short enough.").status_code == 303
    shorter = ada.get(f"{PAGE}/publish?effects=shown")
    confirm = shorter.text.partition('name="confirm" value="')[2].partition('"')[0]
    answer = ada.send(shorter, f"{PAGE}/publish", reason="It was right.", confirm=confirm)
    assert answer.status_code == 303, answer.text
    assert "Short enough." in client.get(f"/entries/{SLUG}").text
    compared = ada.get(f"{PAGE}/compare?before=1&after=2")
    assert "From before the limit." in compared.text  # It stays in the history.


def test_a_draft_whose_short_answer_is_too_long_is_deleted(app: Flask, ada: Desk) -> None:
    a_draft(ada)
    make_short_too_long(app, "a-draft")
    assert ada.get("/admin/entries/a-draft").status_code == 200
    assert ada.send("/admin/entries/a-draft", "/admin/entries/a-draft/delete").status_code == 303
    assert ada.get("/admin/entries/a-draft").status_code == 404


@pytest.mark.parametrize(
    ("typed", "status", "told"),
    [
        ({"reason": " "}, 422, "Say in 1 to 300 characters why"),
        ({"successor": SLUG}, 422, "another entry that learners see"),
        ({"successor": "no-such-entry"}, 422, "another entry that learners see"),
        ({"expected": "7"}, 409, "Somebody else has just"),
    ],
)
def test_what_is_wrong_withdraws_nothing(
    ada: Desk, client: FlaskClient, typed: dict[str, str], status: int, told: str
) -> None:
    answer = ada.send(PAGE, f"{PAGE}/withdraw", **({"reason": "Why not."} | typed))
    assert answer.status_code == status
    assert told in answer.text
    assert client.get(f"/entries/{SLUG}").status_code == 200


def test_a_moved_entry_is_found_at_its_old_address(ada: Desk, client: FlaskClient) -> None:
    assert ada.send(PAGE, f"{PAGE}/move", slug=NEW).status_code == 303
    assert client.get(f"/entries/{NEW}").status_code == 200
    for path in ("/entries/{}", "/embed/{}", "/api/entries/{}"):
        answer = client.get(path.format(SLUG) + "?a=b")
        assert (answer.status_code, answer.headers["Location"]) == (301, path.format(NEW) + "?a=b")
        assert answer.headers["Cache-Control"] == "no-cache"  # It may move back.
    for query in ("?endpoint=x", "?_method=x", "?_scheme=ftp", "?slug=x&a=1&a=2"):  # which mean nothing to the router
        answer = client.get(f"/entries/{SLUG}{query}")
        assert (answer.status_code, answer.headers["Location"]) == (301, f"/entries/{NEW}{query}")
    answer = client.post(f"/entries/{SLUG}/guesses", data={"guess": "3"})
    assert (answer.status_code, answer.headers["Location"]) == (308, f"/entries/{NEW}/guesses")
    assert ada.get(PAGE).headers["Location"] == f"/admin/entries/{NEW}"
    assert client.get(f"/oembed?url=http://127.0.0.1:8000/entries/{SLUG}").status_code == 200
    again = ada.send(f"/admin/entries/{NEW}", f"/admin/entries/{NEW}/move", slug=SLUG)
    assert again.status_code == 303, again.text
    assert client.get(f"/entries/{SLUG}").status_code == 200
    assert client.get(f"/entries/{NEW}").headers["Location"] == f"/entries/{SLUG}"


@pytest.mark.parametrize("slug", ["", "Not A Slug", "x" * 101, OTHER, SLUG, "new"])
def test_an_address_that_cannot_be_is_refused(ada: Desk, client: FlaskClient, slug: str) -> None:
    answer = ada.send(PAGE, f"{PAGE}/move", slug=slug)
    assert answer.status_code == 422
    assert client.get(f"/entries/{SLUG}").status_code == 200


def test_an_old_address_is_given_to_no_other_entry(app: Flask, ada: Desk) -> None:
    ada.send(PAGE, f"{PAGE}/move", slug=NEW)
    with app.app_context():
        assert revisions.problem_of_slug(SLUG) == f"The slug {SLUG} was that of {NEW}, and leads there: choose another."
    answer = ada.send(f"/admin/entries/{OTHER}", f"/admin/entries/{OTHER}/move", slug=SLUG)
    assert answer.status_code == 422
    field = answer.text.partition('<input id="moved-to"')[2].partition(">")[0]
    assert f'value="{SLUG}"' in field
    assert 'aria-invalid="true" autofocus aria-describedby="moved-problem moved-help"' in field
    assert f'id="moved-problem" role="alert">The slug {SLUG} was that of {NEW}, and leads there: choose' in answer.text
    assert "Move it to another address</summary>" in answer.text.partition("<details open>")[2]
    with app.app_context():
        assert queries.entry(OTHER) is not None


def test_an_entry_goes_to_and_fro_and_each_old_address_leads_to_it(ada: Desk, client: FlaskClient) -> None:
    here = SLUG
    for there in (NEW, SLUG, NEW, "a-third", SLUG):
        assert ada.send(f"/admin/entries/{here}", f"/admin/entries/{here}/move", slug=there).status_code == 303
        here = there
    for slug in (NEW, "a-third"):
        assert client.get(f"/entries/{slug}").headers["Location"] == f"/entries/{SLUG}"


def test_a_redirect_that_is_stored_where_an_entry_is_keeps_nobody_there(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        number = revisions.require_entry(OTHER).id
        with writing():
            db.session.add(MovedSlugRow(slug=SLUG, entry_id=number))
        with writing():
            addresses.move(SLUG, NEW)
    assert client.get(f"/entries/{SLUG}").headers["Location"] == f"/entries/{NEW}"
    assert client.get(f"/entries/{OTHER}").status_code == 200


def test_an_address_that_is_taken_in_the_same_moment_is_a_conflict(
    ada: Desk, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(addresses, "problem_of_slug", lambda _slug: None)  # when it was looked at, it was free
        answer = ada.send(PAGE, f"{PAGE}/move", slug=OTHER)
    assert answer.status_code == 409
    assert 'id="moved-problem" role="alert">Somebody else has just taken this address' in answer.text
    for slug in (SLUG, OTHER):
        assert client.get(f"/entries/{slug}").status_code == 200


def test_the_files_of_a_moved_entry_are_passed_over_until_they_are_renamed(app: Flask, ada: Desk) -> None:
    ada.send(PAGE, f"{PAGE}/move", slug=NEW)
    (entry,) = [each for each in read(ROOT / "content") if each.slug == SLUG]
    with app.app_context():
        (step,) = import_plan.plan([entry])
        assert (
            str(step)
            == f"{SLUG}.md is passed over: a teacher gave its entry another address; rename its files to {NEW}"
        )
        (step,) = import_plan.plan([entry.model_copy(update={"slug": NEW})])
        assert step.what == "same"
    result = app.test_cli_runner().invoke(args=["library", "import"])
    assert result.exit_code == 0, result.output
    assert "0 of" in result.output


def a_draft(desk: Desk, **typed: str) -> None:
    new = "/admin/entries/new"
    values = {
        "slug": "a-draft",
        "title": "What is a draft?",
        "reason": "Begun.",
        "phrasings": "what is a draft, really",
    }
    assert desk.send(new, new, **(values | typed)).status_code == 303


def test_a_draft_that_nobody_saw_is_deleted_with_all_that_hangs_on_it(app: Flask, ada: Desk) -> None:
    a_draft(ada)
    ada.send("/admin/entries/a-draft/publish", "/admin/entries/a-draft/try")
    delete = "/admin/entries/a-draft/delete"
    answer = ada.send("/admin/entries/a-draft", delete)
    assert answer.status_code == 422
    assert "are being tried" in answer.text
    with app.app_context(), writing():
        for run in db.session.query(RunRow).filter(RunRow.entry_id.is_(None)):
            run.state = DONE
    assert ada.send("/admin/entries/a-draft", delete).status_code == 303
    assert ada.get("/admin/entries/a-draft").status_code == 404
    with app.app_context():
        assert queries.entry("a-draft") is None
        assert phrasing_queries.owners_of(["what is a draft, really"]) == {}
    a_draft(ada, title="Once more?")


def test_what_learners_saw_is_not_deleted(app: Flask, ada: Desk, client: FlaskClient) -> None:
    title = "If every neuron gets the same data, why do they not all come out the same?"
    assert client.post("/api/questions", json={"question": title}).get_json()["run_url"]
    with app.app_context(), writing():
        for run in db.session.query(RunRow):
            run.state = DONE
    token = {"csrf_token": ada.get(PAGE).text.partition('name="csrf_token" value="')[2].partition('"')[0]}
    for _ in range(2):
        answer = ada.client.post(f"{PAGE}/delete", data=token)
        assert answer.status_code == 422
        assert "so it cannot be deleted. Withdraw it instead." in answer.text
        if client.get(f"/entries/{SLUG}").status_code == 200:
            withdraw(ada)
