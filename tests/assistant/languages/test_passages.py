"""Passages of posts in several languages; English posts are one passage, whatever they are full of."""

import json

import pytest

from assistant.languages import passages
from assistant.languages.passages import passages_by_language
from assistant.library.content.content_files import content_corpus
from assistant.matching.posts.post import code_of
from assistant.matching.text import readable
from tests.conftest import ROOT

GERMAN = "Warum lernen nicht alle Neuronen dasselbe, obwohl sie dieselben Daten sehen?"
SPANISH = "¿Por qué sube la pérdida de validación en mi modelo?"
RUSSIAN = "Почему нейроны учатся разному?"
ENGLISH = "I trained the network of the second week, and all of it works."


def languages_of(post: str, whole: str = "en") -> list[str]:
    text = readable(post)
    found = passages_by_language(text, whole, code_of(text))
    assert "".join(each.text for each in found) == text
    return [each.language for each in found]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("post", "whole", "expected"),
    [
        (f"{ENGLISH} {GERMAN}", "en", ["en", "de"]),
        (f"{ENGLISH} {SPANISH} Does it stop by itself?", "en", ["en", "es", "en"]),
        (f"{RUSSIAN} And how many hidden neurons do I need?", "ru", ["ru", "en"]),
        (f"{ENGLISH}\n{RUSSIAN}\n{GERMAN}", "en", ["en", "ru", "de"]),
        (f"{ENGLISH} 为什么验证损失上升？What does it mean?", "en", ["en", "zh-Hans", "en"]),
        ("What does dropout do? neuron sab same kyun ho jate hain?", "en", ["en", "hi-Latn"]),
        ("Does dropout help? neuron sab same kyun ho jate hain?", "hi-Latn", ["en", "hi-Latn"]),
        # Lines that are broken within a sentence.
        (f"{ENGLISH}\nich verstehe nicht, warum die\nNeuronen\nnicht dasselbe lernen", "en", ["en", "de"]),
        (f"{GERMAN}\nIn der Vorlesung war die Rede von zufälligen Gewichten.", "de", ["de"]),
    ],
)
def test_passages_in_several_languages_are_told_apart(post: str, whole: str, expected: list[str]) -> None:
    assert languages_of(post, whole) == expected


@pytest.mark.parametrize(
    "post",
    [
        "Schrödinger and Hyvärinen said so. Why?",
        "In the café of my naïve friend Andrés, José and Zoë, we asked: why do neurons differ?",
        "The per se non-linear ReLU is de facto the default. Is it? Et al. and ad hoc.",
        "What does 学习率 mean in the lecture?",
        "Why is σ(z) = 1/(1+e^-z), with α and λ, so flat? ∂L/∂w → 0.",
        "```\n# warum ist das nicht gleich\nmodel.fit(X, y)\n```\nWhy do they differ?",
        "del self.la; os.un = 1\nWhy does it fail?",
        "Weights: W1, W2. Bias: b. Die loss, man. Was so bad.",
        "I study in São Paulo, Brazil, and at the Universität Würzburg. Can I ask here?",
    ],
)
def test_names_code_and_formulas_are_no_other_language(post: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passages, "language_of", lambda text: pytest.fail(f"the classifier was asked of {text!r}"))
    assert languages_of(post) == ["en"]


def test_the_projects_own_english_needs_no_classifier(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def english(text: str) -> str:
        asked.append(text)
        return "en"

    monkeypatch.setattr(passages, "language_of", english)
    corpus = content_corpus(ROOT / "content")
    posts = [
        json.loads(line)["question"]
        for name in ("development", "test")
        for line in (ROOT / f"tests/assistant/matching/posts/{name}.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    for text in [*corpus.texts, *posts]:
        assert languages_of(text) == ["en"]
    # One begins with a sentence in French.
    assert len(asked) <= 1, asked
