"""Which edges of the coffee data a cohort's neurons draw; a reading, as those of `models.readings`."""

from itertools import permutations

import numpy as np

from models.datasets import coffee
from models.plans import Cohort, reading
from models.readings import Booleans, Integers, Strings, kernel, success
from models.replay import Colors

CLOSELY = 10.0  # degrees


@reading
def edges(cohort: Cohort) -> Integers:
    """Return the edge that each neuron draws, (units, networks); -1 for none."""
    return coffee.edges_drawn(kernel(cohort))


@reading
def edges_learned(cohort: Cohort) -> Integers:
    """Return the edge that each neuron draws, (units, networks); -1 for none, and wherever a network fails."""
    return np.where(success(cohort), edges(cohort), -1)


EDGE_COLORS = Colors("edge", coffee.EDGE_WORDS, edges)


def all_edges(cohort: Cohort) -> Booleans:
    """Say in which networks every neuron draws an edge, each another one."""
    return np.asarray((edges(cohort) >= 0).all(axis=0))


@reading
def closely_all_edges(cohort: Cohort) -> Booleans:
    """Say in which networks every neuron draws an edge within `CLOSELY` degrees, each another one."""
    return np.asarray((coffee.edges_drawn(kernel(cohort), CLOSELY) >= 0).all(axis=0))


@reading
def edge_orders(cohort: Cohort) -> dict[str, Booleans]:
    """Say who succeeds with neurons that draw the edges in which order; an order is named by its edges, with dashes."""
    learned = edges_learned(cohort)  # (units, networks)
    every = permutations(range(len(coffee.EDGES)))
    return {
        "-".join(coffee.EDGE_NAMES[edge] for edge in order): (learned == np.reshape(order, (-1, 1))).all(axis=0)
        for order in every
    }


def edge_names(cohort: Cohort) -> Strings:
    """Name what each network (networks,) learned: the edges that neurons 1, 2 and 3 draw, in words."""
    words = np.array([*coffee.EDGE_WORDS, "no edge"])
    drawn = words[edges(cohort)]  # (units, networks), with -1 for the last word
    names = np.array([", ".join(units) for units in drawn.T])
    return np.where(success(cohort), names, f"less than {cohort.lab.bar_words}")
