"""The editor: saving, mistakes at their fields, two at once, sessions that end, and markup that must stay text."""

import re
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from assistant.database import db
from assistant.library import phrasing_queries, queries
from assistant.library.configurations import Configuration
from assistant.library.tables import EntryRow, RevisionRow
from tests.assistant.admin.conftest import EDIT, SCRIPT, SLUG, Desk, form_in, stored

pytestmark = pytest.mark.slow

OF_ANOTHER = "Two neurons, one good boundary: why don't they both take it?"


def published_number(app: Flask, slug: str = SLUG) -> int | None:
    with app.app_context():
        return db.session.scalar(select(EntryRow.published_number).where(EntryRow.slug == slug))


def test_opening_and_saving_changes_nothing(app: Flask, bo: Desk) -> None:
    for slug in ("why-neurons-differ", "two-neurons-one-line", "why-a-neuron-splits-the-blobs-in-two"):
        answer = bo.save(slug)
        assert answer.status_code == 422
        assert "Nothing was changed" in answer.text
        assert len(stored(app, slug)) == 1


def test_a_save_is_a_draft_with_who_and_why(app: Flask, bo: Desk) -> None:
    answer = bo.save(title="Another title?", reason="The old one was long.")
    assert answer.status_code == 303
    draft, before = stored(app)
    assert (draft.number, draft.title, draft.author, draft.reason) == (
        2,
        "Another title?",
        "Bo",
        "The old one was long.",
    )
    assert draft.references == before.references
    assert draft.claims == before.claims
    assert (draft.based_on, published_number(app)) == (1, 1)
    page = bo.get(answer.headers["Location"])
    assert "Saved as revision 2" in page.text
    assert "Another title?" not in bo.get(f"/entries/{SLUG}").text


@pytest.mark.parametrize(
    ("typed", "field", "told"),
    [
        ({"title": ""}, "title", "The title is missing."),
        ({"title": "x" * 301}, "title", "The title has 301 characters, and at most 300 are allowed."),
        ({"order": "first"}, "order", "a whole number from 1"),
        (
            {"short": "x" * 191},
            "short",
            "The short answer has 191 characters, and at most 190 fit three lines beside the replay: 1 too many.",
        ),
        ({"explanation": "x" * 20_001}, "explanation", "20,001 characters, and at most 20,000 are allowed"),
        ({"not_covered": "one?\nOne?"}, "not_covered", "twice"),
        ({"not_covered": "fine?\n" + "x" * 1_001}, "not_covered", "Line 2: This line has 1,001 characters"),
        ({"not_covered": "fine?\n# why?"}, "not_covered", "a question begins with another sign"),
        ({"claims-0-finding": "no_such_finding"}, "claims-0-finding", "reports no &#39;no_such_finding&#39;"),
        ({"claims-0-finding": ""}, "claims-0-finding", "The finding is missing."),
        ({"claims-0-value": "much"}, "claims-0-value", "must be a number such as 0.95, not “much”"),
        ({"claims-0-value": ""}, "claims-0-value", "and is missing"),
        ({"claims-0-value": "nan"}, "claims-0-value", "finite"),
        (
            {"claims-0-value": "95"},
            "claims-0-value",
            "from 0 to 1, such as 0.95 for 95 %, not 95.",
        ),
        ({"claims-4-upper": "60"}, "claims-4-value", "not 60"),
        ({"claims-4-upper": "0.1"}, "claims-4-value", "The smaller number of between comes first."),
        ({"claims-0-control": "gap.constant"}, "claims-0-control", "another share"),
        ({"claims-0-experiment": "width"}, "claims-0-experiment", "&#39;width&#39; is not one of the entry"),
        (
            {"further-0-experiment": "symmetry"},
            "further-0-experiment",
            "The experiment &#39;symmetry&#39; stands twice",
        ),
        (
            {"further-0-experiment": "bias", "further-0-parameter-steps": "many"},
            "further-0-parameter-steps",
            "a whole number",
        ),
        ({"claims-0-predicate": "like"}, "claims-0-predicate", "one of the four comparisons"),
        ({"claims-0-text": ""}, "claims-0-text", "The sentence is missing."),
        ({"parameter-steps": "many"}, "parameter-steps", "must be a whole number"),
        ({"reason": ""}, "reason", "Say in 1 to 300 characters what was changed"),
    ],
)
def test_a_mistake_is_told_at_its_field_and_nothing_typed_is_lost(
    app: Flask, bo: Desk, typed: dict[str, str], field: str, told: str
) -> None:
    page = bo.save(**({"theme": "My own theme"} | typed))
    assert page.status_code == 422
    _before, after = page.text.split(f'name="{field}"', 1)
    assert told in after[:40_000]
    assert 'aria-invalid="true"' in after.split(">", 1)[0]
    again = form_in(page, EDIT)
    assert again["theme"] == "My own theme"
    for name, value in typed.items():
        if name not in {"claims-0-predicate"}:
            assert again[name] == value
    assert len(stored(app)) == 1


def test_a_longer_short_answer_of_before_stays_and_only_what_is_saved_anew_must_be_shorter(
    app: Flask, bo: Desk, tmp_path: Path
) -> None:
    longer = " ".join(f"word{at}" for at in range(60))
    with app.app_context():
        db.session.execute(update(RevisionRow).values(short=longer))
        db.session.commit()
    assert longer in bo.get(f"/entries/{SLUG}").text
    opened = bo.get(EDIT)
    assert form_in(opened, EDIT)["short"] == longer
    told = f"The short answer has {len(longer)} characters, and at most 190 fit"
    assert told in opened.text
    refused = bo.save(title="Another title?")
    assert (refused.status_code, len(stored(app))) == (422, 1)
    assert told in refused.text
    assert bo.save(short="A shorter answer.").status_code == 303
    page = f"/admin/entries/{SLUG}"
    assert bo.send(page, f"{page}/restore", number="1").status_code == 303
    assert stored(app)[0].short == longer
    assert told in bo.get(f"{page}/publish?effects=shown").text
    exported = app.test_cli_runner().invoke(args=["library", "export", str(tmp_path)])
    assert exported.exit_code == 0, exported.output
    assert "word59" in (tmp_path / f"{SLUG}.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("field", ["short", "explanation"])
def test_a_number_of_an_unknown_finding_is_told_at_its_field_and_cannot_be_published(bo: Desk, field: str) -> None:
    bo.save(**{field: "About [84 %](finding:no_such_finding) do."})
    page = bo.save(reason="", **{field: "About [84 %](finding:no_such_finding) or so do."})
    _before, after = page.text.split(f'name="{field}"', 1)
    assert "[84 %] cannot be checked: the experiment reports no &#39;no_such_finding&#39;: choose one of " in after
    assert f"{field}-problem" in after.split(">", 1)[0]
    publish = bo.get(f"/admin/entries/{SLUG}/publish?effects=shown").text
    assert "no &#39;no_such_finding&#39;" in publish


def test_the_preview_shows_the_words_of_numbers_alone(bo: Desk) -> None:
    typed = {"short": "About [84 %](finding:a) do.", "explanation": "And [1.9](finding:b).", "title": "T", "theme": "M"}
    page = bo.client.post("/admin/preview", data=form_in(bo.get(EDIT), EDIT) | typed)
    assert ">84&nbsp;%</button> do." in page.text
    assert ">1.9</button>." in page.text
    assert "finding:a)" not in page.text


def test_an_experiment_that_does_not_exist_is_refused(app: Flask, bo: Desk) -> None:
    page = bo.save(experiment="nope")
    assert page.status_code == 422
    assert "Choose one of the experiments" in page.text
    assert len(stored(app)) == 1


def test_an_incomplete_draft_is_kept_and_what_it_lacks_is_told(app: Flask, bo: Desk) -> None:
    page = bo.send(
        "/admin/entries/new",
        "/admin/entries/new",
        slug="a-new-one",
        title="New?",
        reason="Begun.",
        experiment="symmetry",
        phrasings="What is new?\n\n  * Is this new? ",
    )
    assert page.status_code == 303
    (draft,) = stored(app, "a-new-one")
    assert (draft.title, draft.claims) == ("New?", ())
    with app.app_context():
        row = queries.entry("a-new-one")
        assert phrasing_queries.texts_of(row) == ["What is new?", "Is this new?"]
        assert "What is new?" not in phrasing_queries.corpus().texts
    assert published_number(app, "a-new-one") is None
    assert bo.get("/entries/a-new-one").status_code == 404
    assert "New?" not in bo.get("/entries").text


@pytest.mark.parametrize("slug", ["Not A Slug", "../../etc", "-a", "a--b", SCRIPT, SLUG, "x" * 101])
def test_a_slug_that_cannot_be_used_is_told_at_its_field(bo: Desk, slug: str) -> None:
    path = "/admin/entries/new"
    page = bo.send(path, path, slug=slug, title="Kept?", reason="Begun.", experiment="symmetry")
    assert page.status_code == 422
    assert 'id="slug-problem"' in page.text
    assert form_in(page, path)["title"] == "Kept?"
    assert SCRIPT not in page.text


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("why?\n" + "x" * 1_001, "it has 1,001 characters, and at most 1,000 are read"),
        ("why?\n???", "it has no words"),
        (f"why?\n{OF_ANOTHER}", "is a phrasing of two-neurons-one-line. Take it out there first."),
    ],
)
def test_a_phrasing_that_cannot_be_used_keeps_a_new_entry_from_being_saved(
    app: Flask, bo: Desk, typed: str, told: str
) -> None:
    path = "/admin/entries/new"
    page = bo.send(path, path, slug="a-new-one", title="New?", reason="Begun.", experiment="symmetry", phrasings=typed)
    assert page.status_code == 422
    assert told in page.text.split('id="phrasings-problem"', 1)[1]
    assert form_in(page, path)["phrasings"] == typed
    with app.app_context():
        assert queries.entry("new") is None


def test_the_preview_is_what_the_page_will_show(app: Flask, bo: Desk) -> None:
    form = form_in(bo.get(EDIT), EDIT)
    preview = bo.client.post("/admin/preview", data=form).text
    with app.app_context():
        row = queries.published_entry(SLUG)
        assert row is not None
        assert row.published is not None
        assert row.published.html in preview


def test_the_form_can_be_seen_anew_without_saving(app: Flask, bo: Desk) -> None:
    page = bo.save(experiment="rerun", title="Another experiment?", action="refresh")
    assert page.status_code == 200
    form = form_in(page, EDIT)
    assert (form["experiment"], form["title"]) == ("rerun", "Another experiment?")
    assert len(stored(app)) == 1


def test_an_earlier_revision_is_restored_as_a_new_one(app: Flask, bo: Desk) -> None:
    bo.save(title="Second?")
    bo.save(title="Third?")
    page = f"/admin/entries/{SLUG}"
    answer = bo.send(page, f"{page}/restore", number="1")
    assert answer.status_code == 303
    newest, *_, first = stored(app)
    assert (newest.number, newest.title, newest.author) == (4, first.title, "Bo")
    assert newest.reason == "Restored revision 1."
    opened = bo.get(page)
    bo.save(title="Fifth?")
    assert bo.send(opened, f"{page}/restore", number="2").status_code == 409
    assert bo.send(page, f"{page}/restore", number="77").status_code == 404


def test_revisions_are_only_ever_added(app: Flask) -> None:
    with app.app_context():
        row = db.session.scalars(select(RevisionRow)).first()
        assert row is not None
        row.title = "Rewritten"
        with pytest.raises(RuntimeError, match="only ever added"):
            db.session.commit()
        db.session.rollback()
        db.session.delete(db.session.scalars(select(RevisionRow)).first())
        with pytest.raises(RuntimeError, match="only ever added"):
            db.session.commit()


@pytest.mark.parametrize(
    "path",
    [
        f"/admin/entries/{SLUG}/compare",
        f"/admin/entries/{SLUG}/compare?before=1&after=9",
        "/admin/entries/none",
        "/admin/entries/none/edit",
    ],
)
def test_what_does_not_exist_is_not_found(bo: Desk, path: str) -> None:
    assert bo.get(path).status_code == 404


def test_a_further_experiment_is_added_with_its_parameters_and_a_claim_about_it(app: Flask, bo: Desk) -> None:
    shown = bo.send(EDIT, EDIT, action="refresh", **{"further-1-experiment": "bias"})
    assert "identical_share.constant_random:" in shown.text
    claim = shown.text.partition('id="claims-0-experiment"')[2].partition("</select>")[0]
    assert re.findall(r'<option value="([a-z-]*)"', claim) == ["", "escape", "bias"]
    row = {"text": "They differ.", "finding": "identical_share.constant_random", "experiment": "bias"}
    row |= {"predicate": "at_least", "value": "1", "complement": "y", "control": "untrained"}
    typed = {f"claims-6-{key}": value for key, value in row.items()}
    saved = bo.send(shown, EDIT, reason="Biases too.", **{"further-1-parameter-steps": "400"}, **typed)
    assert saved.status_code == 303, saved.text
    draft = stored(app)[0]
    further = Configuration(experiment="bias", hyperparameters={"steps": 400})
    before = (Configuration(experiment="symmetry"), Configuration(experiment="escape"))
    assert draft.experiments == (*before, further)
    assert draft.claims[6].to_json() == {
        "text": "They differ.",
        "finding": "identical_share.constant_random",
        "experiment": "bias",
        "complement": True,
        "at_least": 1.0,
        "control": "untrained",
    }
    assert "Nothing was changed" in bo.save().text
    refused = bo.save(**{"further-1-experiment": ""})
    assert refused.status_code == 422  # A claim is still about it.
    assert '<option value="bias" selected>bias: is not one of this entry’s experiments' in refused.text
    gone = {f"claims-6-{key}": "" for key in ("text", "finding", "value")}
    assert bo.save(**{"further-1-experiment": ""}, **gone).status_code == 303
    assert stored(app)[0].experiments == before
