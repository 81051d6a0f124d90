"""YAML apart from front matter: a list that begins in the first line. What it holds is tested with the front matter."""

import pytest

from assistant.library.content.yaml_text import YAMLTextError, read, to_text

TEXT = "# Ours.\n- a: one\n  b:\n    - x\n    # two\n    - y\n- a: two\n  b:\n    - z\n# The end.\n"


def test_lines_count_from_the_first() -> None:
    document = read(TEXT)
    assert document.line_of((0, "b", 1)) == 6
    assert document.line_of((1, "b", 7)) == 8
    assert document.line_of((9,)) == 1
    assert read(TEXT, first=5).line_of((0, "a")) == 6


def test_what_is_written_is_what_was_read() -> None:
    document = read(TEXT)
    assert to_text(document.values, document.remarks) == TEXT


@pytest.mark.parametrize(("text", "line"), [("- a: b: c\n", 1), ("- a\n- [\n", 3), ("- a\n- b\u2028c\n", 2)])
def test_a_mistake_has_its_line_and_the_name_of_the_whole(text: str, line: int) -> None:
    with pytest.raises(YAMLTextError) as caught:
        read(text, name="list")
    assert (caught.value.line, caught.value.key) == (line, "list")
