"""The order in which networks visit their examples in mini-batches, each network by its own stream."""

from collections.abc import Collection, Iterator
from itertools import groupby

import numpy as np
import numpy.typing as npt

from models.program import CHUNK, MARKS, Program
from models.streams import Purpose, streams

Integers = npt.NDArray[np.integer]

# Full-batch blocks report their progress, and can be stopped, each time they have done so many steps.
LONGEST_SEGMENT = 500


def segments(marks: Collection[int], every: int) -> Iterator[list[int]]:
    """Yield the steps at which something is kept by the calls that train up to them, in their order.

    A call ends at each multiple of ``every`` before the last mark, and keeps something at `MARKS` steps at the most.
    """
    steps = sorted({*marks} | {*range(every, max(marks), every)})
    for _, chunk in groupby(steps, key=lambda step: max(step - 1, 0) // every):
        together = list(chunk)
        for begin in range(0, len(together), MARKS):
            yield together[begin : begin + MARKS]


class Orders:
    """The order in which each network of a block visits its examples, in chunks of whole epochs."""

    def __init__(self, program: Program, seed: int, members: Integers) -> None:
        self._batches = program.batches
        self.every = CHUNK * self._batches if program.batch else LONGEST_SEGMENT
        self._at = -self.every
        self._generators = streams(seed, members, Purpose.ORDER) if program.batch else []
        self._chunk = np.zeros(program.order_shape, np.uint32)  # (B, epochs, examples), filled anew for each chunk

    def containing(self, step: int, steps: int) -> tuple[npt.NDArray[np.int32], int]:
        """Return the chunk (B, epochs, examples) that holds ``step`` of ``steps``, and its first step.

        Chunks are asked for in turn; each takes the place of the one before.
        """
        while step >= self._at + self.every:
            self._at += self.every
            if self._generators:
                self._draw(-(-min(self.every, steps - self._at) // self._batches))
        return self._chunk.view(np.int32), self._at

    def _draw(self, epochs: int) -> None:
        """Shuffle ``epochs`` epochs for each network: sort random numbers that carry the examples in their low bits.

        This is three times as fast as shuffling row by row. Two of the numbers agree in all their random bits about
        once in 7,000 epochs of 100 examples; these two then keep their order.
        """
        examples = self._chunk.shape[-1]
        low = np.uint32(2 ** (examples - 1).bit_length() - 1)
        for network, generator in enumerate(self._generators):
            self._chunk[network, :epochs] = generator.integers(2**32, size=(epochs, examples), dtype=np.uint32)
        numbers = self._chunk[:, :epochs]
        numbers &= ~low
        numbers |= np.arange(examples, dtype=np.uint32)
        numbers.sort(axis=-1)
        numbers &= low
