"""The one renderer: mathematics to MathML, links to entries, and nothing that could run."""

import pytest

from assistant.library.markdown import figures_in, parts_of, render, without_figures


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
    text = "One.\n\n![](figure:wall)\n\nTwo ![x](figure:a b) here. ![](other)"
    assert figures_in(text) == ["wall", "a b"]
    assert without_figures(text) == "One.\n\nTwo here. ![](other)"
