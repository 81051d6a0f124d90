"""Text as people paste it is read as it was meant."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.matching.text import MOST_MARKS, one_line, readable, visible


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("Ｗｈｙ ｄｏ neurons differ？", "Why do neurons differ?"),
        ("the ﬁrst of the ﬂat ones", "the first of the flat ones"),
        ("all thre- e neu-\nrons of a lay-\n  er", "all three neurons of a layer"),
        ("pre- and post-training, one- to two-layer", "pre- and post-training, one- to two-layer"),
        ("a well-known term, x - y", "a well-known term, x - y"),
        ("why is “this” ‘so’", "why is \"this\" 'so'"),
        (r"set $\alpha = 0.01$ and \(\lambda\)", "set alpha = 0.01 and lambda"),
        ("set α=0.01, λ, 𝑤₁", "set alpha =0.01, lambda , w1"),
        ("γιατί οι νευρώνες", "γιατί οι νευρώνες"),
        ("it costs $5 and $6", "it costs $5 and $6"),
        (r"$\frac{\partial J}{\partial w}$ is 5% off", "partial J/ partial w is 5% off"),
        (r"why \frac{1}{n} and not \sqrt{n}?", "why 1/n and not √(n)?"),
        (r"what is \frac for, and \sqrt", "what is frac for, and sqrt"),
        (r"\title of a plot", "title of a plot"),
        (r"$\frac$ of \href{a}", "frac of href a"),
    ],
)
def test_what_was_pasted_is_read_as_it_was_meant(typed: str, read: str) -> None:
    assert one_line(readable(visible(typed))) == read


def test_nothing_is_kept_that_nobody_sees_and_lines_stay() -> None:
    assert visible("a\u202eb\u2066c\u200bd\ufefe\x00f\ud800g\r\nh\ti") == "abcdfg\nh\ti".replace("d", "d\ufefe"[0])
    assert visible("👩\u200d🔬") == "👩\u200d🔬"


@pytest.mark.parametrize("typed", ["ệ̱ n̈", "קָ̣֑֔", "நி ကြို ལྷྭི", "❤️ ☎️"])
def test_letters_keep_their_marks(typed: str) -> None:
    assert visible(typed) == typed


def test_marks_are_not_piled_up_over_other_lines() -> None:
    assert visible("w" + "\u0301" * 3_000 + "hy") == "w" + "\u0301" * MOST_MARKS + "hy"
    assert visible("w" + "\u0301\u200d\u0489\u202e" * 3_000).count("\u0301") <= MOST_MARKS


def test_broken_formulas_are_read_and_logged_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    for typed in (r"$\begin{a} x_1 \end{mysecret}$", r"$\mysecret{\frac{a $x}", "\\frac{" * 300):
        assert readable(typed)
    assert caplog.text == ""


@given(st.text(max_size=300))
def test_any_text_is_read_and_holds_no_hidden_signs(text: str) -> None:
    read = readable(visible(text))
    assert not any(unicodedata.category(each) in {"Cf", "Cs"} for each in visible(read) if each not in "\u200c\u200d")
    assert one_line(read) == " ".join(read.split())
