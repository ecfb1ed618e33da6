"""Columns of any layer of roads as those of a network: OpenStreetMap, Geofabrik, NWB, a network itself, or others."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data.columns import number_of
from dtwin_plugin.errors import InputError

from ..noise.traffic import names_from
from . import osm_values
from .nwb_values import nwb_class, nwb_direction
from .osm_values import BACKWARD, BOTH, CLOSED, DIRECTIONS, FORWARD

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Features

    Objects = NDArray[np.object_]
    Floats = NDArray[np.float64]

TEXTS = ("class", "direction", "name", "surface", "tunnel", "source")
NUMBERS = (
    *("speed", "lanes_forward", "lanes_backward", "capacity_forward", "capacity_backward", "length"),
    *("free_time_forward", "free_time_backward", "bpr_b", "bpr_power", "toll", "level"),
    *("link", "from_node", "to_node"),
)
COLUMNS = (*TEXTS, *NUMBERS)
# what others call them, in small letters; a name that the user gives goes before
_SYNONYMS = {
    "class": ("class", "wegtype", "road_class", "wegklasse"),
    "direction": ("direction", "rijrichting", "oneway"),
    "name": ("name", "stt_naam", "straatnaam", "street"),
    "speed": ("speed", "snelheid", "maxsnelheid", "max_snelheid", "maxshd", "speed_limit"),
    "level": ("level", "relatieve_hoogteligging", "rel_hoogte", "hoogteniveau", "layer"),
    "surface": ("surface", "wegdek"),
    "tunnel": ("tunnel",),
    "source": ("source", "osm_id", "wvk_id", "full_id", "lokaal_id", "identificatie"),
}
_ONEWAY = {"f": FORWARD, "t": BACKWARD, "h": FORWARD, "b": BOTH, "ft": FORWARD, "tf": BACKWARD, "heen": FORWARD,
           "terug": BACKWARD, "beide": BOTH, "yes": FORWARD, "true": FORWARD, "1": FORWARD, "-1": BACKWARD,
           "no": BOTH, "false": BOTH, "0": BOTH, "n": CLOSED}  # fmt: skip
_PAIR = re.compile(r'"((?:[^"\\]|\\.)*)"\s*=>\s*"((?:[^"\\]|\\.)*)"')


@dataclass
class Columns:
    """What is known of each road before the table of classes fills the rest.

    Attributes
    ----------
    kind : str
        What the layer was taken for: "network", "osm", "geofabrik", "nwb" or "other".
    texts, numbers : dict
        By name of a column; None or NaN where it is not known. The class "" says that it is no road.
    strange : dict of str to Counter
        Values that were not understood, by column.
    used : set of str
        Names of columns of the layer that were taken.
    """

    kind: str
    texts: dict[str, Objects]
    numbers: dict[str, Floats]
    strange: dict[str, Counter[str]] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    def note(self, column: str, value: Any) -> None:
        """Keep a value that is not understood."""
        self.strange.setdefault(column, Counter())[str(value)[:40]] += 1


class _Layer:
    """Columns of a layer by their names in small letters."""

    def __init__(self, roads: Features) -> None:
        self.count = len(roads)
        self._found = {name.lower(): (name, values) for name, values in roads.columns.items()}
        self.used: set[str] = set()

    def has(self, name: str) -> bool:
        return name.lower() in self._found

    def values(self, name: str) -> list[Any]:
        """Return a column as Python values, all None where there is none; NaN and empty texts are None."""
        if not self.has(name):
            return [None] * self.count
        real, values = self._found[name.lower()]
        self.used.add(real)
        return [None if value is None or value != value or value == "" else value for value in values.tolist()]

    def texts(self, name: str) -> list[str | None]:
        return [None if value is None else _text(value) for value in self.values(name)]

    def numbers(self, name: str) -> Floats:
        return np.array([number_of(value) for value in self.values(name)], float)


def columns_of(roads: Features, names: str | None = None) -> Columns:
    """Return what the columns of a layer say of its roads.

    Parameters
    ----------
    names : str, optional
        Names of columns where they differ, such as `speed=V85; class=TYPE`.

    Raises
    ------
    InputError
        If a column that was named is not there.
    """
    layer = _Layer(roads)
    given = names_from(names, COLUMNS)
    for ours, column in given.items():
        if not layer.has(column):
            raise InputError(
                "The roads have no column {column} for {ours}.", hint="Check the names of columns.",
                column=column, ours=ours,
            )  # fmt: skip
    kind = _kind(layer)
    found = Columns(
        kind,
        {name: _blank(layer.count) for name in TEXTS},
        {name: np.full(layer.count, np.nan) for name in NUMBERS},
    )
    _take_named(layer, found, {name: name for name in NUMBERS if layer.has(name)})
    _take_named(layer, found, {ours: theirs for ours in _SYNONYMS if (theirs := _synonym(layer, ours))})
    if kind in _DIALECTS:
        _DIALECTS[kind](layer, found)
    _take_named(layer, found, given)
    found.used = layer.used
    return found


def tags_in(text: str | None) -> dict[str, str]:
    r"""Return the tags of a text as PostgreSQL's hstore and GDAL write them.

    >>> tags_in('"oneway"=>"yes","note"=>"a \\"b\\""')
    {'oneway': 'yes', 'note': 'a "b"'}
    """
    return {key: re.sub(r"\\(.)", r"\1", value) for key, value in _PAIR.findall(text or "")}


def _kind(layer: _Layer) -> str:
    if layer.has("from_node") and layer.has("to_node") and layer.has("direction"):
        return "network"
    if layer.has("highway"):
        return "osm"
    if layer.has("fclass"):
        return "geofabrik"
    return "nwb" if layer.has("rijrichtng") or layer.has("bst_code") else "other"


def _synonym(layer: _Layer, ours: str) -> str | None:
    return next((name for name in _SYNONYMS[ours] if layer.has(name)), None)


def _take_named(layer: _Layer, found: Columns, names: dict[str, str]) -> None:
    for ours, theirs in names.items():
        if ours in ("class", "direction"):
            read = _class if ours == "class" else _direction
            found.texts[ours] = _objects([read(value, found) for value in layer.texts(theirs)])
        elif ours in TEXTS:
            found.texts[ours] = _objects(layer.texts(theirs))
        elif ours == "speed":
            found.numbers[ours] = np.array([_speed(value, found) for value in layer.texts(theirs)], float)
        else:
            found.numbers[ours] = layer.numbers(theirs)


def _class(text: str | None, found: Columns) -> str | None:
    if text is None or text in ("connector", "ferry"):
        return text
    name = osm_values.class_of(text)
    if name is None:
        found.note("class", text)
    return name


def _direction(text: str | None, found: Columns) -> str | None:
    name = None if text is None else text.strip().lower()
    if name is None or name in DIRECTIONS:
        return name
    if name not in _ONEWAY:
        found.note("direction", text)
    return _ONEWAY.get(name)


def _speed(text: str | None, found: Columns) -> float:
    speed = osm_values.speed_of(text)
    if speed is None and text is not None and text.strip() not in ("0", "0.0"):
        found.note("speed", text)
    return np.nan if speed is None else speed


def _osm(layer: _Layer, found: Columns) -> None:
    """Take tags, whether they are columns or in other_tags as GDAL has them."""
    names = ("oneway", "oneway:motor_vehicle", "junction", "access", "vehicle", "motor_vehicle", "motorcar", "maxspeed",
             "lanes", "lanes:forward", "lanes:backward", "layer", "tunnel", "surface", "route", "toll")  # fmt: skip
    known = [name for name in names if layer.has(name) or layer.has(name.replace(":", "_"))]
    columns = {name: layer.texts(name if layer.has(name) else name.replace(":", "_")) for name in known}
    rest = [tags_in(text) for text in layer.texts("other_tags")]
    for row, highway in enumerate(layer.texts("highway")):
        tags = {**rest[row], **{name: value for name in known if (value := columns[name][row]) is not None}}
        if highway is None:
            found.texts["class"][row] = "ferry" if tags.get("route") == "ferry" else ""
        else:
            found.texts["class"][row] = _class(highway, found)
        _take_tags(row, tags, found)


def _take_tags(row: int, tags: dict[str, str], found: Columns) -> None:
    direction = osm_values.direction_of(tags, found.texts["class"][row] or "")
    found.texts["direction"][row] = direction
    surface = osm_values.surface_of(tags.get("surface"))
    found.texts["surface"][row], found.texts["tunnel"][row] = surface, tags.get("tunnel")
    speed = _speed(tags.get("maxspeed"), found)
    if speed > 0:
        found.numbers["speed"][row] = speed
    lanes = osm_values.lanes_of(tags, direction)
    for name, value in zip(("lanes_forward", "lanes_backward"), lanes):
        if value is not None:
            found.numbers[name][row] = value
    level = number_of(tags.get("layer"))
    found.numbers["level"][row] = level if level == level else 0.0
    found.numbers["toll"][row] = np.nan  # the tag says only that there is one


def _geofabrik(layer: _Layer, found: Columns) -> None:
    """Take the columns of the shapefiles and GeoPackages of Geofabrik, whose 0 is an unknown speed."""
    found.texts["class"] = _objects([_class(text, found) for text in layer.texts("fclass")])
    named = layer.texts("tunnel")
    found.texts["tunnel"] = _objects(["yes" if (text or "").lower() in ("t", "true", "1", "yes") else None
                                      for text in named])  # fmt: skip


def _nwb(layer: _Layer, found: Columns) -> None:
    kinds, owners, letters = (layer.texts(name) for name in ("bst_code", "wegbehsrt", "routeltr"))
    frc, speeds = layer.numbers("frc"), found.numbers["speed"]
    named = found.texts["class"]
    for row, (text, kind) in enumerate(zip(layer.texts("rijrichtng"), kinds)):
        way = nwb_direction(text, kind)
        if way is None:
            found.note("direction", text)
        found.texts["direction"][row] = way
        if named[row] is None:
            named[row] = nwb_class(kind, owners[row], letters[row], float(frc[row]), float(speeds[row]))


_DIALECTS = {"osm": _osm, "geofabrik": _geofabrik, "nwb": _nwb}


def _blank(count: int) -> Objects:
    return np.full(count, None, object)


def _objects(values: list[Any]) -> Objects:
    made = np.empty(len(values), object)
    made[:] = values
    return made


def _text(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
