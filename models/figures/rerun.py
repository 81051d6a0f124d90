"""What the coffee networks learned: one map with the data's edges, the six orders, and all networks by their order."""

from itertools import permutations
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure as Canvas

from models.datasets import coffee
from models.experiment import Result
from models.figures import Figure, Table
from models.figures.boundaries import Group, Window, draw_map, draw_wall
from models.figures.charts import draw_shares, share_table
from models.figures.style import Palette, canvas

Held = npt.NDArray[np.intp]  # (units, networks), -1 for a neuron that holds no edge

SHORT = {"low_temperature": "temperature", "short_duration": "duration", "diagonal": "diagonal"}
EDGES = tuple(edge.name for edge in coffee.EDGES)
WALL = 64


def edge_map_figure(result: Result, held: Held) -> Figure:
    """Return the map of the run's first network that gets the most roasts right."""
    trained, data = result.cohorts["main"], coffee.load()
    accuracy = trained.network.accuracy(trained.parameters, data.x, data.labels)
    shown = int(accuracy.argmax())
    normals, offsets = coffee.normalised_edges()

    def draw(palette: Palette) -> Canvas:
        figure = canvas(3.7)
        axes = figure.add_subplot()
        draw_map(axes, palette, trained.network, trained.parameters[:, shown], data, palette.roasts)
        for normal, offset in zip(normals, offsets, strict=True):
            ends = Window.around(data).segment(normal, -float(offset))
            if ends is not None:
                axes.plot(*ends.T, color=palette.ink, linewidth=1, zorder=1.5, label="the data's own edges")
        handles, labels = axes.get_legend_handles_labels()
        unique = dict(zip(labels, handles, strict=True))
        figure.legend(unique.values(), unique.keys(), loc="outside upper left", ncols=3, columnspacing=1.2)
        return figure

    names = [_spoken(int(edge)) for edge in held[:, shown]]
    said = "; ".join(f"neuron {neuron + 1} draws {name}" for neuron, name in enumerate(names))
    kernel, bias = trained.network.unpack(trained.parameters[:, shown])[0]
    return Figure(
        name="map",
        title=f"Network {shown}: three neurons, three edges",
        caption="Thin lines are the edges by which the roasts were judged. Thick lines are where the hidden neurons "
        "switch, with arrows to their active sides.",
        alternative=f"Map of network {shown}, which gets {accuracy[shown]:.0%} of the roasts right: {said}.",
        table=Table(
            ("neuron", "draws", "weight of temperature", "weight of duration", "bias"),
            tuple(
                (str(at + 1), names[at], *(f"{value:.2f}" for value in (*kernel[:, at], bias[at])))
                for at in range(len(names))
            ),
        ),
        draw=draw,
    )


def _spoken(edge: int) -> str:
    return f"the {SHORT[EDGES[edge]]} edge" if edge >= 0 else "none of the edges"


def _orders(result: Result) -> list[tuple[str, Any]]:
    """Return each order's label and finding."""
    return [
        (" · ".join(SHORT[edge] for edge in order), result.findings["order." + "-".join(order)])
        for order in permutations(EDGES)
    ]


def orders_figure(result: Result) -> Figure:
    """Return how often each of the six orders came up, against the sixth that theory gives."""
    rows = _orders(result)
    every: Any = result.findings["same_features_share"]
    expected = every.count / 6 / result.networks
    right = max(0.4, 1.15 * max(finding.high for _, finding in rows))
    counted = ", ".join(f"{label}: {finding.count}" for label, finding in rows)
    return Figure(
        name="orders",
        title="Which neuron draws which edge is a matter of chance",
        caption="Edges drawn by neuron 1, neuron 2 and neuron 3, in this order. Nothing sets one neuron apart from "
        "another before training, so all six orders are equally likely. The mark is a sixth of the networks that hold "
        "all three edges.",
        alternative=f"Of {result.networks} networks, those that hold the edges in each order: {counted}. "
        f"One sixth of the networks with all three edges would be {every.count / 6:.1f}.",
        table=share_table(rows, "edges of neurons 1, 2, 3"),
        draw=lambda palette: draw_shares(palette, rows, reference=(expected, "one in six"), right=min(right, 1.0)),
    )


def order_wall_figure(result: Result, held: Held) -> Figure:
    """Return the wall of networks grouped by order, with those that miss an edge at the end."""
    trained, data = result.cohorts["main"], coffee.load()
    shown = min(result.networks, WALL)
    accuracy = trained.network.accuracy(trained.parameters[:, :shown], data.x, data.labels)
    converged = accuracy >= 0.97
    groups = []
    for order in permutations(range(len(EDGES))):
        members = np.flatnonzero((held[:, :shown] == np.array(order)[:, None]).all(axis=0) & converged)
        label = " · ".join(SHORT[EDGES[edge]] for edge in order)
        groups.append(Group(f"{label}: {members.size}", members.tolist()))
    missing = np.flatnonzero((held[:, :shown] < 0).any(axis=0) & converged)
    failed = np.flatnonzero(~converged)
    groups.append(Group(f"converged without all three edges: {missing.size}", missing.tolist()))
    groups.append(Group(f"not converged: {failed.size}", failed.tolist(), marked=failed.tolist()))
    most, groups = len(groups), [group for group in groups if group.members]
    return Figure(
        name="wall",
        title=f"{shown} networks by the edges of their neurons",
        caption="Neuron 1 is drawn solid, neuron 2 dashed, neuron 3 dotted. The pictures are alike; the roles are "
        "dealt anew. A frame marks a network that did not converge.",
        alternative=f"{shown} small maps of trained networks, grouped by which neuron draws which edge. "
        + "; ".join(group.title for group in groups)
        + ".",
        table=Table(
            ("network", "neuron 1 draws", "neuron 2 draws", "neuron 3 draws", "accuracy"),
            tuple(
                (str(network), *(_spoken(int(edge)) for edge in held[:, network]), f"{accuracy[network]:.1%}")
                for network in range(shown)
            ),
        ),
        draw=lambda palette: draw_wall(
            palette, trained.network, trained.parameters, data, palette.roasts, groups, most
        ),
    )
