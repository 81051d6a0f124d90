"""What the coffee networks learned: one map with the data's edges, the six orders, and all networks by their order."""

import numpy as np
from matplotlib.figure import Figure as Canvas

from models.datasets import coffee
from models.edges import edge_orders, edges
from models.experiment import Result
from models.figures import Figure, Table
from models.figures.boundaries import Group, Window, draw_map, draw_wall
from models.figures.charts import legend, shares_figure
from models.figures.style import Palette, canvas
from models.readings import accuracy, success

SHORT = {"low_temperature": "temperature", "short_duration": "duration", "diagonal": "diagonal"}
WALL = 64


def edge_map_figure(result: Result) -> Figure:
    """Return the map of the run's first network that succeeds, so that runs that are compared show the same one."""
    main = result.cohorts["main"]
    shown = int(success(main).argmax())
    normals, offsets = coffee.normalised_edges()

    def draw(palette: Palette) -> Canvas:
        figure = canvas(3.7)
        axes = figure.add_subplot()
        draw_map(axes, palette, main.network, main.parameters[:, shown], main.data, palette.roasts)
        for normal, offset in zip(normals, offsets, strict=True):
            ends = Window.around(main.data).segment(normal, -float(offset))
            if ends is not None:
                axes.plot(*ends.T, color=palette.ink, linewidth=1, zorder=1.5, label="the data's own edges")
        legend(figure, columns=3)
        return figure

    names = [_spoken(int(edge)) for edge in edges(main)[:, shown]]
    said = "; ".join(f"neuron {neuron + 1} draws {name}" for neuron, name in enumerate(names))
    kernel, bias = main.network.unpack(main.parameters[:, shown])[0]
    return Figure(
        name="map",
        title=f"Network {shown}: three neurons, three edges",
        caption="Thin lines are the edges by which the roasts were judged. Thick lines are where the hidden neurons "
        "switch, with arrows to their active sides.",
        alternative=f"Map of network {shown}, which gets {accuracy(main)[shown]:.0%} of the roasts right: {said}.",
        table=Table(
            ("neuron", "draws", "weight of temperature", "weight of duration", "bias"),
            tuple(
                (str(at + 1), names[at], *(f"{value:.2f}" for value in (*kernel[:, at], bias[at])))
                for at in range(len(names))
            ),
        ),
        draw=draw,
    )


def orders_figure(result: Result) -> Figure:
    """Return how often each of the six orders came up, against the sixth that theory gives."""
    rows = [(_short(order), result.share(f"order.{order}")) for order in edge_orders(result.cohorts["main"])]
    expected = result.share("same_features_share").count / len(rows) / result.networks
    return shares_figure(
        "orders",
        "Which neuron draws which edge is a matter of chance",
        "Edges drawn by neuron 1, neuron 2 and neuron 3, in this order. Nothing sets one neuron apart from another "
        "before training, so all six orders are equally likely. The mark is a sixth of the networks that hold all "
        "three edges.",
        rows,
        "edges of neurons 1, 2, 3",
        reference=(expected, "one in six"),
        right=min(max(0.4, *(1.15 * (share.high or 0) for _, share in rows)), 1.0),
    )


def order_wall_figure(result: Result) -> Figure:
    """Return the wall of networks grouped by order, with those that miss an edge at the end."""
    main = result.cohorts["main"]
    shown = min(result.networks, WALL)
    converged, drawn, right = success(main)[:shown], edges(main)[:, :shown], accuracy(main)[:shown]
    groups = []
    for order, found in edge_orders(main).items():
        members = np.flatnonzero(found[:shown])
        groups.append(Group(f"{_short(order)}: {members.size}", members.tolist()))
    missing = np.flatnonzero((drawn < 0).any(axis=0) & converged)
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
                (str(network), *(_spoken(int(edge)) for edge in drawn[:, network]), f"{right[network]:.1%}")
                for network in range(shown)
            ),
        ),
        draw=lambda palette: draw_wall(palette, main.network, main.parameters, main.data, palette.roasts, groups, most),
    )


def _short(order: str) -> str:
    return " · ".join(SHORT[edge] for edge in order.split("-"))


def _spoken(edge: int) -> str:
    return f"the {SHORT[coffee.EDGE_NAMES[edge]]} edge" if edge >= 0 else "none of the edges"
