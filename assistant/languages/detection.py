"""Which language a text is in.

Learners' English is full of code, formulas, names of functions and typos, and must never be taken for another language.
So code and formulas are not read; a fair share of English function words decides alone; and otherwise another language
than English has to be ten times as likely, or two in five words are its function words. Where most letters belong to a
script of one language, that decides. Of what seems to be English, `is_nobodys` tells texts in languages that nothing
here knows.

The rest is py3langid's: naive Bayes over parts of words, its data inside the package.

Source: Lui and Baldwin (2012). langid.py: an off-the-shelf language identification tool. ACL system demonstrations.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence

from py3langid.langid import MODEL_DIR, MODEL_FILE, LanguageIdentifier
from py3langid.modelio import load_model

from assistant.languages.function_words import ROMANISED, counted, speaks_for
from assistant.once import Once

ENGLISH = "en"
UNDETERMINED = "und"  # as BCP 47 has it
LONGEST = 2_000  # characters that are read
FUNCTION_WORDS = frozenset(  # words of no other language that is told apart here
    re.findall(
        r"\S+",
        "the why how what does doesn't don't which when where who should would could can't there their they this that "
        "these those with without then because always each every not it's its from have has did my your you between "
        "instead isn't and are",
    )
)
SMALL_WORDS = frozenset(  # other words of English, of which some languages have one or two
    re.findall(
        r"\S+",
        "a an of to in is it i for on or if be do can we as at by will than more but so was any all one only use after "
        "no",
    )
)
ENGLISH_SHARE = 0.2  # of the words are function words: this is English
OWN_SHARE = 0.4  # of the words are function words of another language: this is that one
NOBODYS_SHARE = 0.4  # of the words are unknown in English
FEWEST_UNKNOWN = 3
FEWEST_LETTERS = 6  # in other letters than Latin ones, before they say anything of a passage
LIKELIER = 10.0  # times as likely as English must another language be
LEAST = 0.4  # and as likely as that among all
WIDE = 3  # A sign of Chinese or Japanese, or a Korean syllable, stands for so many letters.
CLASSIFIED = re.findall(  # what the classifier tells apart, without close relatives that few write, as Extremaduran
    r"\S+",
    "ar bg bn ca cs da de el en es et eu fa fi fr he hi hr hu id it lt lv mk nl no pl pt ro ru sk sl sq sr sv ta tl tr "
    "uk ur vi "
    # Farther languages, which may be written in plain letters and are then no English either.
    "az cy eo ga ha is mt so sw uz yo zu",
)
ONE_LANGUAGE = {"HANGUL": "ko", "HIRAGANA": "ja", "KATAKANA": "ja", "THAI": "th"}
WIDE_SCRIPTS = {"HANGUL", "HIRAGANA", "KATAKANA", "CJK"}
NOT_PROSE = re.compile(
    r"```.*?(?:```|$)|`[^`]*`|\$[^$]*\$|https?://\S+"  # code, formulas, addresses
    r"|[!-~]*(?:[_={}\[\]<>\\|@#^&*+~]|\w\()[!-~]*"  # expressions
    r"|[A-Za-z]+\.[A-Za-z][!-~]*|[A-Za-z]*[a-z][A-Z][A-Za-z]*|[!-~]*\d[!-~]*",  # names with dots or capitals, numbers
    re.DOTALL,
)
WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


def language_of(text: str) -> str:
    """Return the BCP 47 tag of the language of a text; English where nothing speaks clearly for another.

    Chinese is zh-Hans or zh-Hant; a script that nothing here tells more about is "und".
    """
    prose = _prose(text)
    scripts = _scripts(prose)
    latin = scripts.pop("LATIN", 0)
    if scripts.total() > latin:
        return _by_script(prose, scripts)
    words = [word.lower() for word in WORD.findall(prose)]
    english = sum(word in FUNCTION_WORDS for word in words)
    others = counted(words)
    for language in ROMANISED:
        if speaks_for(words, others[language]) and others[language] > max(english, *_but(others, language), 0):
            return language
    if not words or english >= ENGLISH_SHARE * len(words):
        return ENGLISH
    for language, count in others.most_common(1):
        if speaks_for(words, count, OWN_SHARE) and not english and count > max(_but(others, language), default=0):
            return language
    likely = dict(_classifier().rank(prose))
    best = max(likely, key=lambda each: likely[each])
    return best if likely[best] >= max(LEAST, LIKELIER * likely[ENGLISH]) else ENGLISH


def is_nobodys(text: str, unknown: Callable[[Sequence[str]], Sequence[str]]) -> bool:
    """Say whether a text that seems to be English is in a language that nothing here knows.

    Args:
        text: what `language_of` takes for English.
        unknown: returns those of words in small letters that are no English words, not even with typos.
    """
    words = [word.lower() for word in typed_words(text)]
    fewest = max(FEWEST_UNKNOWN, NOBODYS_SHARE * len(words), 2 * english_words(words) + 1)
    if len(words) <= FEWEST_UNKNOWN or len(words) < fewest:
        return False
    return len(unknown([word.partition("'")[0] for word in words])) >= fewest


def _prose(text: str) -> str:
    return NOT_PROSE.sub(" ", unicodedata.normalize("NFKC", text[:LONGEST]).replace("’", "'"))


def typed_words(text: str) -> list[str]:
    """Return the words of a text as they were typed, without code, formulas and names of functions."""
    return WORD.findall(_prose(text))


def english_words(words: Sequence[str]) -> int:
    """Return how many of words are small ones of English."""
    return sum(word.lower() in FUNCTION_WORDS or word.lower() in SMALL_WORDS for word in words)


def is_in_other_letters(text: str) -> bool:
    """Say whether most letters of a text, and more than a few, are not Latin."""
    if text.isascii():
        return False
    scripts = _scripts(_prose(text))
    latin = scripts.pop("LATIN", 0)
    return scripts.total() > max(latin, FEWEST_LETTERS - 1)


def _but(counts: Counter[str], language: str) -> list[int]:
    return [count for each, count in counts.items() if each != language]


def _scripts(prose: str) -> Counter[str]:
    """Return how many letters of each script there are; single Greek letters are symbols of formulas."""
    counts: Counter[str] = Counter()
    for word in WORD.findall(prose):
        names = [unicodedata.name(letter, "?").partition(" ")[0] for letter in word]
        if len(word) <= 2 and set(names) == {"GREEK"}:
            continue
        for name in names:
            counts[name] += WIDE if name in WIDE_SCRIPTS else 1
    return counts


def _by_script(prose: str, scripts: Counter[str]) -> str:
    """Return the language of a text in other letters than Latin ones."""
    script = scripts.most_common(1)[0][0]
    if script == "CJK" and not scripts["HIRAGANA"] + scripts["KATAKANA"] + scripts["HANGUL"]:
        return _chinese(prose)
    if script == "CJK":  # Chinese characters between those of Japan, or of Korea.
        script = max(ONE_LANGUAGE, key=lambda each: scripts[each])
    if script in ONE_LANGUAGE:
        return ONE_LANGUAGE[script]
    likely = dict(_classifier().rank(prose))
    best = max(likely, key=lambda each: likely[each])
    return best if likely[best] >= LEAST else UNDETERMINED


def _chinese(prose: str) -> str:
    """Return zh-Hant where more characters are traditional alone than are simplified alone."""
    traditional = sum(_encodes(each, "big5") - _encodes(each, "gb2312") for each in prose)
    return "zh-Hant" if traditional > 0 else "zh-Hans"


def _encodes(character: str, encoding: str) -> bool:
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


@Once
def _classifier() -> LanguageIdentifier:
    """Return what tells languages apart, loaded once for each process, in a second.

    Its own `set_languages` would keep the weights of all its 140 languages too, 27 MB more.
    """
    weights, offsets, languages, moves, rows, outputs = load_model(MODEL_DIR / MODEL_FILE)
    kept = [at for at, language in enumerate(languages) if language in CLASSIFIED]
    kept_languages = [languages[at] for at in kept]
    return LanguageIdentifier(
        weights[:, kept], offsets[kept], kept_languages, moves, outputs, norm_probs=True, tk_row=rows
    )
