"""XOR on the corners of the square from -1 to 1: success is all four right."""

from models.datasets import xor
from models.labs import Lab
from models.network import Network

XOR = Lab(
    network=Network((2, 10, 1), "relu", "binary_crossentropy"),
    load=xor.load,
    data_words="XOR, the four corners of the square from -1 to 1",
    network_words="up to 10 ReLU hidden neurons, 1 sigmoid output",
    bar_words="all four corners right",
    accuracy=1.0,
)
