"""The coffee-roasting lab of the course: 200 roasts, three sigmoid neurons, one output."""

from models.datasets import coffee
from models.labs import Lab
from models.network import Network

COFFEE = Lab(
    network=Network((2, 3, 1), "sigmoid", "binary_crossentropy"),
    load=coffee.load,
    data_words="coffee roasting, 200 roasts, temperature and duration normalised",
    network_words="3 sigmoid hidden neurons, 1 sigmoid output",
    bar_words="97 % of the roasts right",
    accuracy=0.97,
)
