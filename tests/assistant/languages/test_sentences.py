"""What learners are told in their own language."""

import pytest

from assistant.languages.detection import language_of
from assistant.languages.sentences import SENTENCES, note_of


@pytest.mark.parametrize("language", SENTENCES)
@pytest.mark.parametrize("read", [True, False])
def test_each_sentence_is_in_its_language(language: str, *, read: bool) -> None:
    note = note_of(language, read=read, installed=True)
    assert note.lang == language == language_of(note.text)
    assert note.dir == ("rtl" if language == "ar" else "ltr")


def test_sentences_for_what_is_read_and_what_is_not_differ() -> None:
    told = [text for each in SENTENCES.values() for text in (each.read, each.unread)]
    assert len(set(told)) == 2 * len(SENTENCES) == 30


def test_other_languages_are_told_in_english_what_is_read() -> None:
    note = note_of("sv", read=False, installed=True)
    assert note.lang == "en"
    assert "I read English and Arabic, Chinese, Dutch" in note.text
    assert "Arabic" not in note_of("sv", read=False, installed=False).text
