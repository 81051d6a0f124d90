"""The multiclass lab of the course: four blobs, two ReLU neurons, four outputs."""

from models.datasets import blobs
from models.labs import Lab
from models.network import Network

BLOBS = Lab(
    network=Network((2, 2, 4), "relu", "softmax_crossentropy"),
    load=blobs.load,
    data_words="four blobs, 100 points, 2 features",
    network_words="2 ReLU hidden neurons, 4 outputs",
    bar_words="99 % of the points right",
)
