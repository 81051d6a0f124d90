"""What makes one compiled program: the network, the optimiser and the shapes; all else that varies is data.

XLA compiles for each shape, which takes seconds: shapes are kept few, and networks are trained in blocks of one size.
"""

from dataclasses import dataclass
from typing import Literal

from models.network import Network

BLOCK = 64  # networks that are trained side by side
CHUNK = 64  # epochs whose orders go to the program at once; one size, so that steps do not become a shape
MARKS = 64  # steps at which one call can keep what a block is then
TILE = 50  # rows of networks' own examples that are computed at a time: what they need stays in a core's cache


@dataclass(frozen=True)
class Rule:
    """An optimiser with all but its rate and its momentum's coefficient, by Keras' definitions.

    ``sgd``: w -= rate * g. ``momentum``: u = momentum * u - rate * g; w += u. ``adam``: Kingma and Ba 2015, in the form
    with epsilon outside the bias correction.
    """

    name: Literal["sgd", "momentum", "adam"] = "adam"
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-7

    @property
    def slots(self) -> int:
        """How many arrays of the parameters' shape the optimiser remembers."""
        return {"sgd": 0, "momentum": 1, "adam": 2}[self.name]


@dataclass(frozen=True)
class Program:
    """What makes one compiled program: all else that varies is data.

    Args:
        network: the network; that of a program with ``own_activations`` names "linear", whatever its networks have.
        rule: the optimiser.
        examples: how many examples are learned.
        batch: rows of a mini-batch; None for the full batch.
        dropout: whether hidden neurons' outputs are dropped.
        own_examples: each network has examples of its own, with weights.
        held_back: how many examples of each network's own are measured and never learned; takes ``own_examples``.
        own_activations: the activation of each hidden layer is data for each network.
    """

    network: Network
    rule: Rule
    examples: int
    batch: int | None
    dropout: bool
    own_examples: bool = False
    held_back: int = 0
    own_activations: bool = False

    @property
    def tiles(self) -> int:
        """In how many tiles a step computes its rows: more than one only for a full batch of networks' own examples."""
        return -(-self.examples // TILE) if self.own_examples and self.batch is None else 1

    @property
    def rows(self) -> int:
        """The rows of a mini-batch, or of a tile of the full batch, padding included."""
        return padded(-(-(self.batch or self.examples) // self.tiles))

    @property
    def padded_examples(self) -> int:
        """The rows that hold the examples, padding included."""
        return padded(self.examples) if self.tiles == 1 else self.tiles * self.rows

    @property
    def batches(self) -> int:
        """The batches of an epoch, the last one of which can be short."""
        return -(-self.examples // (self.batch or self.examples))

    @property
    def order_shape(self) -> tuple[int, int, int]:
        """The shape of a chunk of orders, (B, epochs, examples); the smallest possible for the full batch."""
        return (1, 1, 1) if self.batch is None else (BLOCK, CHUNK, self.examples)

    def visited(self, step: int) -> int:
        """Return how many examples are learned in the steps before ``step``, those of each epoch counted anew."""
        epochs, batches = divmod(step, self.batches)
        return epochs * self.examples + min(batches * (self.batch or self.examples), self.examples)


def padded(rows: int) -> int:
    """Return how many rows stand for ``rows`` in a program.

    XLA turns a sum over more than 32 rows into a windowed sum that runs along the networks; a sum over 5 to 32 rows
    becomes a strided loop that costs three times as much as 33 rows do. Padding rows carry the weight 0.
    """
    return rows if rows <= 4 or rows > 32 else 33
