"""What was encoded lately is not encoded again."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from assistant.matching.meaning.remembering import RememberingEncoder


class Counting:
    """Turns texts into their lengths, and keeps what it was asked."""

    name = "counting"
    seen = frozenset({"seen"})

    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    def encode(self, texts: Sequence[str], /, *, threads: int = 1) -> npt.NDArray[np.float32]:
        assert threads == 1
        self.asked.append(list(texts))
        return np.array([[len(text)] for text in texts], np.float32)


def test_a_text_is_encoded_once_and_its_vector_stands_in_its_place() -> None:
    encoder = Counting()
    using = RememberingEncoder(encoder, 10)
    assert using.encode(["a", "bb", "a"]).tolist() == [[1], [2], [1]]
    assert using.encode(["ccc", "bb"]).tolist() == [[3], [2]]
    assert using.encode(["ccc"]).tolist() == [[3]]
    assert encoder.asked == [["a", "bb"], ["ccc"]]
    assert (using.name, using.seen) == ("counting", {"seen"})


def test_what_was_computed_elsewhere_is_not_encoded_and_what_it_knows_stays() -> None:
    encoder = Counting()
    using = RememberingEncoder(encoder, 2)
    using.encode(["a"])
    using.remember({"a": np.array([7], np.float32), "bb": np.array([8], np.float32)})
    assert using.encode(["a", "bb"]).tolist() == [[1], [8]]
    using.remember({"ccc": np.array([9], np.float32)})
    assert using.encode(["ccc", "a"]).tolist() == [[9], [1]]
    assert encoder.asked == [["a"], ["a"]]


def test_the_oldest_are_forgotten_and_many_at_once_are_all_there() -> None:
    encoder = Counting()
    using = RememberingEncoder(encoder, 2)
    assert using.encode(["a", "bb", "ccc"]).tolist() == [[1], [2], [3]]
    using.encode(["bb", "ccc"])
    using.encode(["dddd"])
    using.encode(["ccc"])
    using.encode(["bb"])
    assert encoder.asked == [["a", "bb", "ccc"], ["dddd"], ["bb"]]
