"""Two overlapping clouds: eight or sixteen ReLU neurons, one output."""

from models.datasets import overlapping
from models.labs import Lab
from models.network import Network

OVERLAPPING = Lab(
    network=Network((2, 8, 1), "relu", "binary_crossentropy"),
    load=overlapping.load,
    data_words=f"{overlapping.WORDS}, 200 points",
    network_words="8 ReLU hidden neurons, 1 sigmoid output",
    bar_words="80 % of 200 other points right",
    accuracy=0.8,
)
WIDE = Lab(
    network=Network((2, 16, 1), "relu", "binary_crossentropy"),
    load=overlapping.load,
    data_words=OVERLAPPING.data_words,
    network_words="16 ReLU hidden neurons, 1 sigmoid output",
    bar_words=OVERLAPPING.bar_words,
    accuracy=OVERLAPPING.accuracy,
)
