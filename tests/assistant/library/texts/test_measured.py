"""Measured numbers: read off a text's own tokens, as precise as written, and checked against what is declared."""

import re

import pytest

from assistant.library.findings import label_of
from assistant.library.texts.markdown import measured_in, measured_in_line, render, render_line, words_of
from assistant.library.texts.measured import Measured, agrees, misfit, written_range

DECLARED = {
    "success": {"kind": "share", "label": "networks that succeed"},
    "gap.<start>": {"kind": "quantity", "label": "gap; start: {start}", "unit": "weight"},
    "accuracy": {"kind": "quantity", "label": "accuracy", "unit": "share of points"},
    "best": {"kind": "label", "label": "the best pair"},
}


def test_numbers_are_read_with_their_finding_and_line() -> None:
    text = "One [84 %](finding:success), and\nanother [1.9](finding:bias/gap.a), [5\nof 8](finding:pattern.01|23).\n"
    table = "\n| a |\n|---|\n| [3 %](finding:low) |\n"
    assert list(measured_in(text + table)) == [
        Measured("success", "84 %", 1),
        Measured("bias/gap.a", "1.9", 2),
        Measured("pattern.01|23", "5 of 8", 2),
        Measured("low", "3 %", 7),
    ]
    assert [(each.experiment, each.finding) for each in measured_in(text)][:2] == [
        (None, "success"),
        ("bias", "gap.a"),
    ]


def test_no_other_words_are_measured_numbers() -> None:
    assert measured_in("`[84 %](finding:a)`, [b](other-entry), ![](finding:a) and [c](https://x.example)") == ()


def test_a_number_is_a_button_that_opens_the_note_on_its_finding() -> None:
    html = render("About [84 %](finding:pattern.01|23) do.")
    assert html == (
        '<p>About <button type="button" class="measured" popovertarget="finding:pattern.01%7C23">'
        "84&nbsp;%</button> do.</p>\n"
    )


def test_no_line_ends_between_a_number_and_the_signs_that_touch_it() -> None:
    text = "First [93 %](finding:a) ([78 %](finding:b)), then [5](finding:c)."
    found = re.sub("<button[^>]*>", "<b>", render(text).replace("</button>", "</b>").replace("&nbsp;", " "))
    assert found == (
        '<p>First <b>93 %</b> <span class="unbroken">(<b>78 %</b>),</span> then '
        '<span class="unbroken"><b>5</b>.</span></p>\n'
    )
    assert words_of(text) == "First 93 % (78 %), then 5."
    assert [each.target for each in measured_in(text)] == ["a", "b", "c"]


def test_neither_a_name_nor_its_words_get_out_of_the_button() -> None:
    for shown in (render, render_line):
        html = shown('["><script>alert(1)</script>](<finding:x\' onclick=\'alert(1)" autofocus=">)')
        assert "<script" not in html
        opening = html.split("<button ", 1)[1].split(">", 1)[0]
        target = "finding:x%27%20onclick%3D%27alert%281%29%22%20autofocus%3D%22"
        assert opening == f'type="button" class="measured" popovertarget="{target}"'


def test_a_short_answer_is_plain_but_for_its_numbers() -> None:
    short = "About [84 %](finding:success) do; **stars**, <b> & `ticks` stay, and so does [this]."
    assert words_of(short) == "About 84 % do; **stars**, <b> & `ticks` stay, and so does [this]."
    assert measured_in_line(short) == [Measured("success", "84 %", 1)]
    html = render_line(short)
    assert ">84&nbsp;%</button> do; **stars**, &lt;b&gt; &amp; `ticks`" in html


@pytest.mark.parametrize(
    ("words", "kind", "unit", "low", "high"),
    [
        ("84 %", "share", "", 0.835, 0.845),
        ("about 0.5 %", "share", "", 0.0045, 0.0055),
        ("53 of 64", "share", "", 52.5 / 64, 53.5 / 64),
        ("Eight of the 78", "share", "", 7.5 / 78, 8.5 / 78),
        ("1,020 of 1,280", "share", "", 1019.5 / 1280, 1020.5 / 1280),
        ("none", "share", "", 0, 0),
        ("all of them", "share", "", 1, 1),
        ("92 %", "quantity", "share of points", 0.915, 0.925),
        ("7 %", "quantity", "ratio", 0.065, 0.075),
        ("0.07", "quantity", "ratio", 0.065, 0.075),
        ("1.9", "quantity", "weight", 1.85, 1.95),
        ("40 degrees", "quantity", "degrees", 39.5, 40.5),
        ("−0.30", "quantity", "weight", -0.305, -0.295),
        ("8,300,000", "quantity", "ratio", 8_250_000, 8_350_000),
        ("1,600", "quantity", "ratio", 1_550, 1_650),
        ("800", "quantity", "step", 799.5, 800.5),
        ("2e-6", "quantity", "weight", 1.5e-6, 2.5e-6),
    ],
)
def test_a_number_is_as_precise_as_its_last_digit(words: str, kind: str, unit: str, low: float, high: float) -> None:
    assert written_range(words, kind, unit) == pytest.approx((low, high))


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (
            Measured("sucess", "84 %", 1),
            "the experiment reports no 'sucess': choose one of success, gap.<start>, accuracy",
        ),
        (Measured("success", "0.84", 1), "'0.84' is no share: write it as 84 %, 53 of 64, none or all"),
        (Measured("success", "80 to 84 %", 1), "'80 to 84 %' holds 2 numbers: each measured number is a link"),
        (Measured("gap.zero", "84 %", 1), "'84 %' is written as a share, and the finding is a quantity"),
        (Measured("gap.zero", "a little", 1), "'a little' holds no numbers"),
        (Measured("accuracy", "0.9", 1), "'0.9' is no share"),
    ],
)
def test_what_cannot_be_the_findings_number_is_refused(number: Measured, told: str) -> None:
    assert (misfit(number, DECLARED) or "").startswith(told)


@pytest.mark.parametrize("number", [("success", "84 %"), ("gap.zero", "1.9"), ("accuracy", "92 %"), ("best", "01|02")])
def test_what_fits_is_not_refused(number: tuple[str, str]) -> None:
    assert misfit(Measured(*number, 1), DECLARED) is None


def test_a_written_number_agrees_with_a_range_that_it_meets() -> None:
    assert agrees((0.835, 0.845), (0.84, 0.9))
    assert agrees((0.835, 0.845), (0.845, 0.9))
    assert not agrees((0.835, 0.845), (0.8451, 0.9))
    assert not agrees((0, 0), (0.001, 0.1))
    assert agrees("023|123", "023|123")
    assert agrees("023 and 123", "023|123")
    assert not agrees("01|02", "023|123")


def test_a_member_of_a_family_has_its_label() -> None:
    assert label_of("gap.zero", DECLARED) == "gap; start: zero"
    assert label_of("success", DECLARED) == "networks that succeed"
    assert label_of("other", DECLARED) == "other"
