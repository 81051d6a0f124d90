"""XOR on the corners of the square from -1 to 1: success is all four right, by a margin.

Networks that give all corners the same answer end with outputs that differ from 0 by rounding alone, and now and then
the signs of four roundings happen to be those of XOR. So an output must be clear of 0 before it counts.
"""

from models.datasets import xor
from models.labs import Lab
from models.network import Network

MARGIN = 1e-3  # logits
XOR = Lab(
    network=Network((2, 10, 1), "relu", "binary_crossentropy"),
    load=xor.load,
    data_words="XOR, the four corners of the square from -1 to 1",
    network_words="up to 10 ReLU hidden neurons, 1 sigmoid output",
    bar_words="all four corners right",
    accuracy=1.0,
    margin=MARGIN,
)
