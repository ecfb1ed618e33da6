"""A section as drawings and panels use it, from a run or from its layers, and what lies at a place in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from qgis.core import QgsFeature, QgsVectorLayer

from dtwin_plugin.data import Features
from dtwin_plugin.data import columns as table
from dtwin_plugin.data.wkb import read as read_wkb
from dtwin_plugin.errors import FormatError

from .read import plain

if TYPE_CHECKING:
    from numpy.typing import NDArray

FORMS = {"areas": "polygon", "lines": "line", "points": "point"}
_FRONT = ("cable", "cpt", "borehole", "body", "building", "terrain", "groundwater", "uncertainty", "soil")


@dataclass(frozen=True)
class Item:
    """One shape: its corners (n, 2) at distance and height [m, m NAP], what it is, and what is known of it."""

    form: str
    points: NDArray[np.float64]
    facts: dict[str, Any]

    @property
    def kind(self) -> str:
        """What it is, such as "soil"."""
        return str(self.facts.get("kind") or "")


@dataclass(frozen=True)
class SectionData:
    """The shapes of a section, from the back to the front within each form.

    Attributes
    ----------
    bottom, top : float
        Heights between which it lies [m NAP].
    path : ndarray
        The points of the line, shape (n, 2) [m, RD New].
    """

    items: tuple[Item, ...]
    bottom: float
    top: float
    path: NDArray[np.float64]

    @property
    def along(self) -> NDArray[np.float64]:
        """The distance of each point of the line [m]."""
        return np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(self.path, axis=0).T))])

    @property
    def length(self) -> float:
        """The length of the line [m]."""
        return float(self.along[-1])

    def of_kind(self, *kinds: str) -> list[Item]:
        """Return the shapes of some kinds."""
        return [item for item in self.items if item.kind in kinds]

    @classmethod
    def from_run(cls, made: Mapping[str, Any]) -> SectionData:
        """Return the section of the outputs of a run, Features in its areas, lines and points."""
        items = [item for name in FORMS for item in _items(made[name])]
        path = [[float(number) for number in pair.split()] for pair in str(made["path"]).split(";")]
        return cls(tuple(items), float(made["lowest"]), float(made["highest"]), np.array(path))

    @classmethod
    def from_files(cls, made: Mapping[str, Any]) -> SectionData:
        """Return the section of the outputs of an algorithm, files in its areas, lines and points.

        Raises
        ------
        FormatError
            If a file cannot be opened.
        """
        return cls.from_run({**made, **{name: features_in(str(made[name]), FORMS[name]) for name in FORMS}})

    def at(self, along: float, height: float, reach: tuple[float, float]) -> list[Item]:
        """Return what lies at a place, in front first, and each source of a kind once.

        Parameters
        ----------
        reach : tuple of float
            How near to lines and points counts, along and in height [m].
        """
        found = [item for item in self.items if _touches(item, along, height, reach)]
        found.sort(key=lambda item: _FRONT.index(item.kind) if item.kind in _FRONT else len(_FRONT))
        seen: dict[tuple[Any, ...], Item] = {}
        for item in found:
            seen.setdefault((item.kind, item.facts.get("source"), item.facts.get("theme")), item)
        return list(seen.values())


def features_in(path: str, form: str) -> Features:
    """Return the features of a layer that lies on no map; raises FormatError."""
    layer = QgsVectorLayer(path, "section", "ogr")
    if not layer.isValid():
        raise FormatError("{file} is no layer of a section.", file=path)
    names = layer.fields().names()
    blobs: list[bytes] = []
    rows: list[list[Any]] = []
    feature: QgsFeature
    for feature in layer.getFeatures():
        geometry = feature.geometry()
        blobs.append(b"" if geometry.isNull() else bytes(geometry.asWkb()))
        rows.append([plain(value) for value in feature.attributes()])
    columns = {name: table.column([row[index] for row in rows]) for index, name in enumerate(names)}
    return Features(read_wkb(blobs, form), columns, crs="")


def _items(features: Features) -> list[Item]:
    shapes, found = features.geometries, []
    columns = {name: values.tolist() for name, values in features.columns.items()}
    for index in range(len(features)):
        facts = {name: values[index] for name, values in columns.items()}
        known = {name: value for name, value in facts.items() if value is not None and value == value}
        for part in range(shapes.features[index], shapes.features[index + 1]):
            ring = shapes.parts[part]
            points = shapes.coordinates[shapes.rings[ring] : shapes.rings[ring + 1], :2]
            found.append(Item(shapes.kind, points, known))
    return found


def _touches(item: Item, along: float, height: float, reach: tuple[float, float]) -> bool:
    x, y = (item.points - (along, height)).T
    if item.form == "polygon":
        if x.min() > 0 or x.max() < 0 or y.min() > 0 or y.max() < 0:
            return False
        x2, y2 = x[1:], y[1:]
        x, y = x[:-1], y[:-1]
        over = (y > 0) != (y2 > 0)
        at = x + (x2 - x) * -y / np.where(over, y2 - y, 1.0)
        return bool((over & (at > 0)).sum() % 2)
    x, y = x / reach[0], y / reach[1]
    if item.form == "point":
        return bool(x[0] ** 2 + y[0] ** 2 <= 1)
    step = np.column_stack([np.diff(x), np.diff(y)])
    begin = np.column_stack([x[:-1], y[:-1]])
    size = (step**2).sum(axis=1)
    share = np.clip(-(begin * step).sum(axis=1) / np.where(size > 0, size, 1.0), 0.0, 1.0)
    near = begin + share[:, None] * step
    return bool(((near**2).sum(axis=1) <= 1).any())
