"""The one renderer: mathematics to MathML, links to entries, and nothing that could run."""

from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from assistant.library.texts import markdown
from assistant.library.texts.markdown import parts_of, render, without_figures, words_of
from assistant.library.texts.markdown_checks import figures_in, links_in, placed_in, problems


def test_mathematics_becomes_mathml() -> None:
    html = render(r"Weights $w_{ij}$ and $$\frac{\partial L}{\partial w} = \sum_k \delta_k$$")
    assert "<msub>" in html
    assert "<mfrac>" in html
    assert 'class="math block"' in html or 'display="block"' in html


def test_a_link_to_a_slug_leads_to_the_entrys_page() -> None:
    assert '<a href="/entries/why-neurons-differ"' in render("[there](why-neurons-differ)")


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '<img src=x onerror="alert(1)">',
        "[x](javascript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        '<a href="https://x.example" onclick="alert(1)">x</a>',
        "<iframe src='https://x.example'></iframe>",
        "<style>body{display:none}</style>",
        r"$\href{javascript:alert(1)}{x}$",
        r"$\text{<script>alert(1)</script>}$",
        "![x](https://x.example/track.png)",
    ],
)
def test_nothing_that_could_run_or_load_survives(text: str) -> None:
    html = render(text)
    for tag in (
        "<script",
        "<img",
        "<iframe",
        "<style",
        "<a onclick",
        '<a href="javascript',
        '<a href="data',
        "<mtext><script",
    ):
        assert tag not in html.lower()


def test_a_formula_that_cannot_be_converted_is_shown_as_it_was_written() -> None:
    assert "frac" in render(r"$\frac{1}$") or "<math" in render(r"$\frac{1}$")


def test_a_number_stays_with_its_per_cent_sign() -> None:
    assert render("about 80 % of them") == "<p>about 80&nbsp;% of them</p>\n"
    assert render("about 80% of them") == "<p>about 80&nbsp;% of them</p>\n"
    assert render("printed by 5%d") == "<p>printed by 5%d</p>\n"


def test_a_figure_by_itself_becomes_its_place() -> None:
    html = render("Before.\n\n![](figure:wall)\n\nBehind.\n\n![the starts](figure:bias/starts)")
    assert list(parts_of(html)) == [
        ("<p>Before.</p>\n", "wall"),
        ("\n<p>Behind.</p>\n", "bias/starts"),
        ("\n", ""),
    ]
    assert list(parts_of(render("No figure."))) == [("<p>No figure.</p>\n", "")]


@pytest.mark.parametrize(
    "text",
    [
        "Beside ![](figure:wall) words.",
        "![](figure:wall) ![](figure:push)",
        "![](figure:Not_A_Name)",
        '![](figure:a"b)',
        "![](figure:)",
        "![](https://example.org/wall)",
        "![](wall)",
        "`![](figure:wall)`",
        '<div class="placed" data-figure="wall"></div>',
    ],
)
def test_what_is_no_figure_by_itself_is_no_place(text: str) -> None:
    html = render(text)
    assert [name for _, name in parts_of(html)] == [""]
    assert "<img" not in html


def test_figures_are_found_and_left_out_for_matching() -> None:
    text = "One.\n\n![](figure:wall)\n\nTwo ![x](figure:other) here.\n\n```\n![](figure:code)\n```"
    assert figures_in(text) == [(3, "wall"), (5, "other")]
    assert without_figures(text) == "One.\n\nTwo ![x](figure:other) here.\n\n```\n![](figure:code)\n```"


def test_links_are_those_that_the_renderer_makes() -> None:
    text = """`[code](not-one)` and [a](first-one)

    [indented](not-one)

> [b](second-one "with a title") and
> [c][later], [d](<third-one>)

```
[fenced](not-one)
```

\\[escaped](not-one) [away](https://example.org/x)

[later]: fourth-one
"""
    assert links_in(text) == [(1, "first-one"), (5, "second-one"), (6, "fourth-one"), (6, "third-one")]


@pytest.mark.parametrize(
    "text",
    ["$5 and $6", "It costs $5, or $6 at most.", "between 5$ and 6$", "$ x $", r"\$a\$", "`$a$`", "5$x$", "x $a$5"],
)
def test_prices_and_code_are_no_formulas(text: str) -> None:
    assert "<math" not in render(text)


@pytest.mark.parametrize(
    "text", ["$a$", "$a$ is 5", "($a$)", "$a$, $b$", "**$a$**", "- $a$", "$5$", "$$a$$", "$$\na\n$$"]
)
def test_formulas_are_formulas(text: str) -> None:
    assert "<math" in render(text)


def test_code_keeps_its_blanks() -> None:
    assert "<code>5 %  of</code>" in render("`5 %  of`")
    assert "5 %\n    x" in render("```\n5 %\n    x\n```")
    assert words_of("84 % of them") == "84 % of them"


@pytest.mark.parametrize("end", ["  ", "\\"])
def test_hard_line_breaks_come_through(end: str) -> None:
    assert render(f"One{end}\ntwo") == "<p>One<br>\ntwo</p>\n"


def test_headings_come_through_or_are_refused() -> None:
    for level in range(2, 7):
        assert f"<h{level}>Why?</h{level}>" in render("#" * level + " Why?")
        assert problems("#" * level + " Why?") == []
    for text in ("Words.\n\n# Why?", "Words.\n\nWhy?\n==="):
        ((line, told),) = problems(text)
        assert line == 3
        assert "begin with ##" in told


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("Fine $a_i$,\nand then $b_{$ here", 2, "$b_{$ in column 10"),
        ("> Quoted\n> and $\\sqrt$", 2, "in column 7"),
        ("* One\n* two $x^$", 2, "in column 7 cannot be shown as it is: something is missing after ^"),
        ("Words.\n\n$$\n\\left( x\n$$", 3, r"a \left has no \right"),
        ("| a | b |\n|---|---|\n| c | $}$ |", 3, "a } closes nothing"),
        ("$\\foo x$", 1, r"the command \foo is not known"),
        ("$\\boxed{x}$", 1, "menclose"),
        ("$\\color{red}x$", 1, "mathcolor"),
        ("![words](https://example.org/x.png)", 1, "is not shown"),
        ("See [it](ftp://example.org/x).", 1, "leads nowhere"),
        ("One.\n\nSee ![it](figure:a b).", 3, "is shown as it is typed"),
    ],
)
def test_what_would_not_come_through_is_told_with_its_place(text: str, line: int, words: str) -> None:
    (told,) = problems(text)
    assert told.line == line
    assert words in told.what


def test_cells_are_aligned() -> None:
    html = render("| a | b |\n|:-:|--:|\n| 1 | 2 |")
    assert '<th class="center">a</th>' in html
    assert '<td class="right">2</td>' in html


class Shown(HTMLParser):
    """The tags and the text of HTML, which is what a reader sees."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(" ".join([tag, *sorted(f"{name}={value}" for name, value in attrs if name != "rel")]))

    def handle_data(self, data: str) -> None:
        self.seen.append(data)


PARTS = (
    *(
        "# ",
        "## ",
        "###### ",
        "\n",
        "\n\n",
        "* ",
        "1. ",
        "> ",
        "words",
        " 5 %",
        "**",
        "`",
        "```\n",
        "  \n",
        "    ",
        "\t",
    ),
    *("$", "$$", "a_i", "\\", "{", "}", "\\frac", "\\text{", "&", "|", "|-|:-:|", "<b>", "é", "😀", "न"),
    *("[x](", "slug", ")", ' "t")', "![", "](figure:wall)", "https://example.org", "ftp://a"),
)


@given(st.lists(st.sampled_from(PARTS), max_size=14).map("".join))
@example("## ![](figure:wall)")
def test_the_sanitizer_drops_nothing_that_is_not_told(text: str) -> None:
    figures = [each.what for each in figures_in(text)]  # An entry is told of those that have no place, or two.
    if problems(text) == [] and len(figures) == len(set(figures)) and set(figures) == placed_in(text):
        assert Shown(render(text)).seen == Shown(markdown._renderer().render(text)).seen
