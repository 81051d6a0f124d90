"""Examples of each network's own: samples, drawn anew for each network, with weights.

A weight of 0 makes a row no example, so that networks that learn different numbers of points run in one program; other
weights multiply the rows' losses, as class weights do. Labels may be flipped. All of this is data.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from models.datasets import Dataset
from models.streams import Purpose, streams

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.integer]


@dataclass(frozen=True, eq=False)
class Examples:
    """Examples of several networks, the network as the last axis.

    ``x`` has shape (rows, features, networks), ``targets`` (rows, outputs, networks), ``weights`` (rows, networks).
    """

    x: Floats
    targets: Floats
    weights: Floats

    @property
    def labels(self) -> npt.NDArray[np.intp]:
        """The class (rows, networks) of each row; one output of 0 or 1 stands for two classes."""
        if self.targets.shape[1] == 1:
            return (self.targets[:, 0] > 0.5).astype(np.intp)
        return np.asarray(self.targets.argmax(axis=1))

    @classmethod
    def beside(cls, parts: "Sequence[Examples]") -> "Examples":
        """Join the examples of several networks, or of several groups of them."""
        names = ("x", "targets", "weights")
        return cls(*(np.concatenate([getattr(part, name) for part in parts], axis=-1) for name in names))


@dataclass(frozen=True, eq=False)
class OwnData:
    """Examples of each network's own: so many that it learns, and so many that are held back, measured and not learned.

    ``learned`` and ``held_back`` draw those of the networks at some positions of the ensemble, block by block, so that
    those of a large ensemble never stand in memory together; threads call them side by side.
    """

    examples: int
    learned: Callable[[Integers], Examples]
    held_back_examples: int = 0
    held_back: Callable[[Integers], Examples] | None = None

    def __post_init__(self) -> None:
        if (self.held_back_examples > 0) != (self.held_back is not None):
            raise ValueError("what is held back takes both a number of examples, 1 or more, and what draws them")


@dataclass(frozen=True, eq=False)
class Sampler:
    """Where networks' own examples come from: ``draw`` takes a seed and stream indices, and returns `Examples`.

    Network k of a seed is given the same rows whatever else is drawn.
    """

    words: str
    rows: int
    draw: Callable[[int, Integers], Examples]

    @classmethod
    def each(
        cls,
        words: str,
        rows: int,
        sample: Callable[[np.random.Generator, int], Dataset],
        purpose: Purpose = Purpose.EXAMPLES,
    ) -> "Sampler":
        """Give each network a sample of its own; what is held back is drawn for another ``purpose``."""

        def draw(seed: int, members: Integers) -> Examples:
            samples = [sample(generator, rows) for generator in streams(seed, members, purpose)]
            x = np.stack([each.x for each in samples], axis=-1)  # (rows, features, networks)
            targets = np.stack([each.targets for each in samples], axis=-1)  # (rows, outputs, networks)
            return Examples(x, targets, np.ones((rows, len(samples)), np.float32))

        return cls(words, rows, draw)

    @classmethod
    def shared(cls, words: str, data: Dataset) -> "Sampler":
        """Give all networks the same examples."""

        def draw(_: int, members: Integers) -> Examples:
            x, targets = (np.repeat(each[..., None], len(members), axis=-1) for each in (data.x, data.targets))
            return Examples(x, targets, np.ones((len(x), len(members)), np.float32))

        return cls(words, len(data.x), draw)

    def first(self, points: int, words: str) -> "Sampler":
        """Let only the first ``points`` rows be examples; the others have the weight 0.

        Raises:
            ValueError: there are not so many.
        """
        if not 1 <= points <= self.rows:
            raise ValueError(f"points must be from 1 to the {self.rows} rows of the sample, not {points}")
        return self.only(range(points), words)

    def only(self, rows: Sequence[int] | Integers, words: str) -> "Sampler":
        """Let only some rows be examples; the others have the weight 0."""
        there = np.isin(np.arange(self.rows), rows).astype(np.float32)[:, None]  # (rows, 1)
        return self._apply(words, lambda each, *_: replace(each, weights=each.weights * there))

    def weighted(self, weights: Mapping[int, float], words: str) -> "Sampler":
        """Multiply the losses of each class' rows, as Keras' ``class_weight`` does; a class that is not named has 1.

        Raises:
            ValueError: a weight is negative or not finite.
        """
        if any(not 0 <= weight < np.inf for weight in weights.values()):
            raise ValueError(f"class weights must be 0 or more, and finite, not {dict(weights)}")

        def change(each: Examples, *_: object) -> Examples:
            factors = np.ones_like(each.weights)  # (rows, networks)
            for label, weight in weights.items():
                factors[each.labels == label] = weight
            return replace(each, weights=each.weights * factors)

        return self._apply(words, change)

    def flipped(self, share: float, words: str) -> "Sampler":
        """Give a share of the rows a wrong class, each network's own rows; each other class is as likely.

        Raises:
            ValueError: ``share`` is not from 0 to 1.
        """
        if not 0 <= share <= 1:
            raise ValueError(f"the share of flipped labels must be from 0 to 1, not {share}")

        def change(each: Examples, seed: int, members: Integers) -> Examples:
            outputs = each.targets.shape[1]
            targets = each.targets.copy()
            for column, generator in enumerate(streams(seed, members, Purpose.LABELS)):
                wrong = generator.permutation(self.rows)[: round(share * self.rows)]
                if outputs == 1:
                    targets[wrong, 0, column] = 1 - targets[wrong, 0, column]
                else:
                    turn = generator.integers(1, outputs, len(wrong))
                    labels = (targets[wrong, :, column].argmax(axis=1) + turn) % outputs
                    targets[wrong, :, column] = np.eye(outputs, dtype=np.float32)[labels]
            return replace(each, targets=targets)

        return self._apply(words, change)

    def _apply(self, words: str, change: Callable[[Examples, int, Integers], Examples]) -> "Sampler":
        return Sampler(words, self.rows, lambda seed, members: change(self.draw(seed, members), seed, members))
