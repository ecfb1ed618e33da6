"""Cables, pipes, ducts and beds joined to the links that have their geometry, and what is known of their depth."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dtwin_plugin.data import Features
from dtwin_plugin.data.crs import RD
from dtwin_plugin.sources.gml import Shape

from .names import AROUND, DEPTHS, EXTRA, LINES, LINK, NETWORK
from .shapes import features_of, in_rd, lines_in, oriented

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .delivery import Delivery
    from .objects import Item

    Depth = tuple[Item, NDArray[np.float64], str, float]  # whose, where, kind, level

_COPIED = (
    "status", "vertical_position", "accuracy", "pressure", "voltage", "material", "product", "delivery_type",
    "count_inside", "visible_above_ground", "label", "description", "remark", "begin", "valid_from", "valid_to",
)  # fmt: skip
UNITS = {"diameter": "mm", "width": "mm", "pressure": "bar", "voltage": "V", "standard_depth": "m"}


class Lines(NamedTuple):
    """The lines, how many have no geometry, and how many of the links that they name are not there."""

    features: Features
    without: int
    missing: int


class Networks:
    """What objects have from the network that they are in: theme, standard depth, operator."""

    def __init__(self, delivery: Delivery) -> None:
        self._delivery, self._names = delivery, delivery.operators()
        self._rows = {item.id: item.row for item in delivery.of(NETWORK)}

    def of(self, item: Item) -> dict[str, Any]:
        """Return the columns "theme", "network", "standard_depth", "operator" and "operator_code" of an object."""
        ids = item.refs("networks")
        rows = [self._rows[name] for name in ids if name in self._rows]
        themes = dict.fromkeys(str(row["theme"]) for row in rows if row.get("theme"))
        code = self._delivery.operator_code(item)
        return {
            "theme": item.row.get("theme") or next(iter(themes), None),
            "operator": self._names.get(code or "", code),
            "operator_code": code,
            "network": ids[0] if ids else None,
            "standard_depth": next((row["standard_depth"] for row in rows if "standard_depth" in row), None),
        }


def lines_of(delivery: Delivery) -> Lines:
    """Return the lines with their attributes, 2D, or with z where a link has heights.

    A part of a line is a link; the parts stand in the order in which the line names them.
    """
    networks, inside = Networks(delivery), _inside(delivery)
    rows, shapes, without, missing = [], [], 0, 0
    for item in delivery.of(*LINES):
        links = [delivery.items.get(name) for name in item.refs("links")]
        missing += sum(link is None or link.type != LINK for link in links)
        parts = [part for link in links if link is not None and link.type == LINK for part in lines_in(link)]
        parts = oriented([*parts, *lines_in(item)])
        if not parts:
            without += 1
            continue
        shapes.append(Shape("line", [[part] for part in parts], RD))
        rows.append({
            "id": item.id, "type": item.type, **networks.of(item), **_sizes(item),
            **{name: item.row.get(name) for name in _COPIED},
            "inside": inside.get(item.id),
            "contains": ", ".join(item.refs("contains")) or None,
            "links": len(parts),
            "delivery": delivery.origin[item.id].label if item.id in delivery.origin else None,
        })  # fmt: skip
    found = features_of("line", "lines", rows, shapes)
    known = {name: unit for name, unit in UNITS.items() if name in found.columns}
    return Lines(Features(found.geometries, found.columns, known, found.crs, found.name), without, missing)


def _sizes(item: Item) -> dict[str, Any]:
    """Return the diameter [mm] and, of a duct or a bed, the width [mm]; 0 is what operators write for unknown."""
    sizes = {name: item.row.get(name) or None for name in ("diameter", "cable_diameter", "width")}
    return {"diameter": sizes["diameter"] or sizes["cable_diameter"], "width": sizes["width"]}


def _inside(delivery: Delivery) -> dict[str, str]:
    """Return for each object the duct, pipe or bed that says that it lies in it."""
    return {name: around.id for around in delivery.of(*AROUND) for name in around.refs("contains")}


def depths_of(delivery: Delivery) -> Features:
    """Return what is known of depths, as points.

    Returns
    -------
    Features
        Columns "id", "object" (the line, None where the point names none: then one of its "network"), "kind"
        ("geometry" and "nap": `level` is m NAP; "surface": m below the ground), "level" [m], "accuracy", "reference"
        (which part of the pipe), "ground" [m NAP, as it was measured]; each as often as lines refer to it.
    """
    users: dict[str, list[str]] = {}
    for item in delivery.of(*LINES):
        for name in (*item.refs("depths"), *item.refs("extra")):
            users.setdefault(name, []).append(item.id)
    rows: list[dict[str, Any]] = []
    shapes: list[Shape] = []
    for item, point, kind, level in (*_measured(delivery), *_surveyed(delivery, users)):
        for user in users.get(item.id) or ("",):
            rows.append({
                "id": item.id, "object": user or None, "kind": kind, "level": float(level),
                "accuracy": item.row.get("accuracy"), "reference": item.row.get("reference"),
                "network": next(iter(item.refs("networks")), None), "ground": item.row.get("ground"),
                "measured": item.row.get("measured"),
            })  # fmt: skip
            shapes.append(Shape("point", [[point[None, :2]]], RD))
    return features_of("point", "depths", rows, shapes)


def _measured(delivery: Delivery) -> Iterator[Depth]:
    """Yield depths that were measured at a point."""
    for item in delivery.of(*DEPTHS):
        shape = item.shape
        if shape is not None and shape.kind == "point" and item.row.get("level") is not None:
            kind = "nap" if item.type == "DiepteNAP" else "surface"
            yield item, in_rd(shape, item.id).parts[0][0][0], kind, item.row["level"]


def _surveyed(
    delivery: Delivery, users: dict[str, list[str]]
) -> Iterator[tuple[Item, NDArray[np.float64], str, float]]:
    """Yield the vertices with a height of the points and lines that lines refer to."""
    for item in delivery.of(EXTRA):
        for shape in item.shapes.values():
            if shape.kind == "polygon" or item.id not in users:
                continue
            for part in in_rd(shape, item.id).parts:
                for point in part[0]:
                    if len(point) == 3 and np.isfinite(point[2]):
                        yield item, point, "geometry", point[2]
