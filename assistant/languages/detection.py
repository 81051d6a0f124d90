"""Which language a text is in.

Learners' English is full of code, formulas, names of functions and typos, and must never be taken for another language.
So code and formulas are not read; a fair share of English function words decides alone; and otherwise another language
than English has to be ten times as likely. Where most letters belong to a script of one language, that decides.

The rest is py3langid's: naive Bayes over parts of words, its data inside the package.

Source: Lui and Baldwin (2012). langid.py: an off-the-shelf language identification tool. ACL system demonstrations.
"""

import re
import unicodedata
from collections import Counter

from py3langid.langid import MODEL_DIR, MODEL_FILE, LanguageIdentifier
from py3langid.modelio import load_model

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
ENGLISH_SHARE = 0.2  # of the words are function words: this is English
LIKELIER = 10.0  # times as likely as English must another language be
LEAST = 0.4  # and as likely as that among all
WIDE = 3  # A sign of Chinese or Japanese, or a Korean syllable, stands for so many letters.
CLASSIFIED = re.findall(  # what the classifier tells apart, without close relatives that few write, as Extremaduran
    r"\S+",
    "ar bg bn ca cs da de el en es et eu fa fi fr he hi hr hu id it lt lv mk nl no pl pt ro ru sk sl sq sr sv ta tl tr "
    "uk ur vi",
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
    prose = NOT_PROSE.sub(" ", unicodedata.normalize("NFKC", text[:LONGEST]).replace("’", "'"))
    scripts = _scripts(prose)
    latin = scripts.pop("LATIN", 0)
    if scripts.total() > latin:
        return _by_script(prose, scripts)
    words = [word.lower() for word in WORD.findall(prose)]
    if not words or sum(word in FUNCTION_WORDS for word in words) >= ENGLISH_SHARE * len(words):
        return ENGLISH
    likely = dict(_classifier().rank(prose))
    best = max(likely, key=lambda each: likely[each])
    return best if likely[best] >= max(LEAST, LIKELIER * likely[ENGLISH]) else ENGLISH


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
