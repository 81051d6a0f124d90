"""Front matter: YAML 1.2, mistakes with line and key, and remarks that stay."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.library.content.front_matter import read, to_text
from assistant.library.content.yaml_text import YAMLTextError

pytestmark = pytest.mark.slow


def value_of(scalar: str) -> object:
    return read(f"---\na: {scalar}\n---\n").values["a"]


@pytest.mark.parametrize(
    ("scalar", "value"),
    [
        ("yes", "yes"),
        ("on", "on"),
        ("No", "No"),
        ("true", True),
        ("012", 12),
        ("0o12", 10),
        ("0x1F", 31),
        ("1e3", 1000.0),
        ("-.5", -0.5),
        ("1_000", "1_000"),
        ("12:30", "12:30"),
        ("2024-01-01", "2024-01-01"),
        ("=", "="),
        ("<<", "<<"),
        ("0b1", "0b1"),
        ("~", None),
        ("", None),
        ('"yes"', "yes"),
        ('"a\\Lb\\Nc"', "a\u2028b\x85c"),
    ],
)
def test_scalars_are_what_yaml_1_2_says(scalar: str, value: object) -> None:
    found = value_of(scalar)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "line", "key", "words"),
    [
        ("no front matter", 1, "file", "must begin with front matter"),
        ("--- title: a\n---\n", 1, "file", "must begin with front matter"),
        ("---\ntitle: a\n", 1, "file", "must begin with front matter"),
        ("---\n---\n", 2, "front matter", "keys and values"),
        ("---\n- a\n---\n", 2, "front matter", "keys and values"),
        ("---\ntitle: a\norder: 1\ntitle: b\n---\n", 4, "title", 'duplicate key "title"'),
        ("---\nclaims:\n  - text: a\n    text: b\n---\n", 4, "claims", 'duplicate key "text"'),
        ("---\ntitle: a: b\n---\n", 2, "title", "mapping values are not allowed here"),
        ("---\norder: 1\ntitle: [\n---\n", 4, "title", "expected the node content"),
        ("---\norder: 1\ntitle: a\u2028b\n---\n", 3, "title", r"U+2028: write it as \L between double quotes"),
        ("---\norder: 1\ntitle: a\x85b\n---\n", 3, "title", r"U+0085: write it as \N between double quotes"),
        ("---\norder: 1\ntitle: a\x07b\n---\n", 3, "title", "U+0007, which no text may hold"),
        ("---\ntitle: !text a\n---\n", 2, "title", "could not determine a constructor for the tag '!text'"),
        ("---\ntitle: a\n...\norder: 1\n---\n", 4, "order", "found another document"),
        ("---\ntitle: a\n\torder: 1\n---\n", 3, "title", "found character '\\t'"),
        ("---\ntitle: &a [*a]\n---\n", 2, "front matter", "nested too deeply"),
        ("---\ntitle: !!int x\n---\n", 2, "front matter", "invalid literal"),
    ],
)
def test_what_cannot_be_read_is_told_with_line_and_key(text: str, line: int, key: str, words: str) -> None:
    with pytest.raises(YAMLTextError) as caught:
        read(text)
    assert (caught.value.line, caught.value.key) == (line, key)
    assert words in caught.value.message
    assert "\n" not in caught.value.message


def test_blanks_after_the_fence_and_a_missing_end_of_the_last_line_do_not_matter() -> None:
    found = read("--- \t\ntitle: a\n---  \nText\n")
    assert (found.values, found.body) == ({"title": "a"}, "Text\n")
    assert read("---\ntitle: a\n---").body == ""
    assert read("---\ntitle: a\n---\nText\n---\nmore").body == "Text\n---\nmore"


def test_every_key_and_item_has_its_line() -> None:
    found = read("---\ntitle: a\nclaims:\n  - text: b\n    finding: c\n  - text: >-\n      d\n---\n")
    places = {(): 2, ("title",): 2, ("claims", 0, "finding"): 5, ("claims", 1, "text"): 6, ("claims", 1, "none"): 6}
    assert {place: found.line_of(place) for place in places} == places
    assert found.line_of(("nothing", 3)) == 2


REMARKS = """---
# head
title: yes  # beside
short: >-  # at a block
  text with # a sign
  that goes on
# two
# lines
claims:  # of the list
  - text: a  # first
    # inside
    finding: "# no remark"
  # second
  - text: b
# end
---
Text
"""
KEPT = """---
# head
# beside
title: yes
# at a block
short: "text with # a sign that goes on"
# two
# lines
# of the list
claims:
  # first
  - text: a
    # inside
    finding: "# no remark"
  # second
  - text: b
# end
---
Text
"""


def test_remarks_stay_where_they_were_when_a_file_is_written_anew() -> None:
    found = read(REMARKS)
    assert to_text(found.values, found.body.strip(), found.remarks) == KEPT
    again = read(KEPT)
    assert again.values == found.values
    assert to_text(again.values, again.body.strip(), again.remarks) == KEPT


def test_a_remark_whose_place_is_gone_is_not_lost() -> None:
    remarks = read(REMARKS).remarks
    text = to_text({"title": "new", "claims": [{"text": "a"}]}, "Text", remarks)
    found = [line.strip() for line in text.split("\n") if line.strip().startswith("#")]
    assert sorted(found) == sorted(each.text for each in remarks)
    assert read(text).values == {"title": "new", "claims": [{"text": "a"}]}


texts = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\x85"), max_size=60)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.from_regex("[a-z]{1,8}", fullmatch=True), values, min_size=1, max_size=4))
def test_whatever_is_written_is_read_again(held: dict[str, object]) -> None:
    assert read(to_text(held, "")).values == held
