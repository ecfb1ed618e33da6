"""Structures as a layer gives them: which column means what, and one record a structure."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data.columns import number_with_comma

from ..columns import values_of

if TYPE_CHECKING:
    from dtwin_plugin.data import Features

CULVERT, TUNNEL, PUMP, WEIR, LEVEE = "culvert", "tunnel", "pump", "weir", "levee"
LEVEL, FLOW, FREE = "level", "flow", "free"

# what a layer may call a type, in Dutch and English
TYPES = {
    CULVERT: ("culvert", "duiker", "siphon", "sifon", "pipe", "buis"),
    TUNNEL: ("tunnel", "underpass", "onderdoorgang", "onderdoorlaat", "coupure"),
    PUMP: ("pump", "pomp", "gemaal", "pumping station"),
    WEIR: ("weir", "stuw", "overlaat", "drempel", "overstort"),
    LEVEE: ("levee", "kade", "dijk", "dike", "wall", "muur", "keermuur", "kering", "barrier"),
    LEVEL: ("level", "peil", "open water", "water"),
    FLOW: ("flow", "discharge", "debiet", "inflow", "afvoer"),
    FREE: ("free", "free outflow", "vrij", "vrije uitstroming"),
}
# what a layer may call a column
COLUMNS = {
    "type": ("type", "soort", "kind"),
    "name": ("name", "naam", "id", "code"),
    "crest": ("crest", "crest_level", "kruin", "kruinhoogte", "kruinpeil", "drempelhoogte"),
    "raise": ("raise", "crest_height", "ophoging", "kerende_hoogte"),
    "width": ("width", "breedte", "diameter", "doorsnede"),
    "height": ("height", "hoogte"),
    "bottom_a": ("invert_from", "bottom_from", "bob_begin", "bob1", "bob_1", "bok_begin"),
    "bottom_b": ("invert_to", "bottom_to", "bob_eind", "bob2", "bob_2", "bok_eind"),
    "length": ("length", "lengte"),
    "roughness": ("manning", "n", "ruwheid"),
    "loss": ("inlet_loss", "intreeverlies"),
    "factor": ("weir_coefficient", "stuwcoefficient", "overlaatcoefficient"),
    "capacity": ("capacity", "capaciteit"),
    "on": ("on_level", "aanslagpeil", "inslagpeil"),
    "off": ("off_level", "afslagpeil", "uitslagpeil"),
    "level": ("level", "peil", "waterpeil", "waterlevel", "water_level"),
    "flow": ("flow", "discharge", "debiet"),
    "series": ("series", "reeks"),
}
TEXTS = ("type", "name", "series")
DEFAULTS = {"roughness": 0.015, "loss": 0.5, "factor": 1.7}  # concrete; a sharp edge; a broad crest


@dataclass(frozen=True)
class Structure:
    """One structure.

    Attributes
    ----------
    kind : str
        A key of `TYPES`; "" where the layer says something else.
    said : str
        What the layer says.
    values : dict of str to float
        Numbers by the keys of `COLUMNS`; NaN where the layer has none.
    points : ndarray
        The vertices, shape (n, 2) [m].
    series : str
        Name of its series through time; "" for none.
    parts : tuple of ndarray
        The vertices of each of its lines.
    """

    kind: str
    said: str
    name: str
    values: dict[str, float]
    points: np.ndarray
    series: str = ""
    parts: tuple[np.ndarray, ...] = field(default=())

    @property
    def place(self) -> str:
        """Its name and where it is, as a message shows it.

        >>> Structure("weir", "stuw", "st1", {}, np.array([[10.0, 20.0], [30.0, 20.0]])).place
        'st1 (10, 20)'
        """
        where = ", ".join(f"{value:.0f}" for value in self.points[0]) if len(self.points) else "-"
        return f"{self.name} ({where})"

    def missing(self, *names: str) -> list[str]:
        """Return the columns, by their first name, that have no value."""
        return [COLUMNS[name][0] for name in names if math.isnan(self.values.get(name, math.nan))]


def kind_of(said: Any, default: str = "") -> str:
    """Return the type that a layer means; "" for one that is not known.

    >>> kind_of("Duiker"), kind_of(" gemaal "), kind_of("sluis"), kind_of(None, "level")
    ('culvert', 'pump', '', 'level')
    """
    text = str(said or "").strip().lower()
    if not text:
        return default
    return next((kind for kind, names in TYPES.items() if text in names), "")


def structures_of(features: Features, default: str = "") -> list[Structure]:
    """Return the features as structures, in the order of the layer.

    Parameters
    ----------
    features : Features
        Any geometry, with columns named as in `COLUMNS`, in capitals or not.
    default : str
        The type where the layer gives none.
    """
    columns = {key: values_of(features, names) for key, names in COLUMNS.items()}
    spans = features.geometries.coordinate_spans()
    found = []
    for index in range(len(features)):
        points = features.geometries.coordinates[spans[index] : spans[index + 1], :2]
        numbers = {key: number_with_comma(columns[key][index]) for key in COLUMNS if key not in TEXTS}
        for key, value in DEFAULTS.items():
            numbers[key] = value if math.isnan(numbers[key]) else numbers[key]
        said = _text(columns["type"][index])
        found.append(
            Structure(
                kind_of(said, default),
                said,
                _text(columns["name"][index]) or str(index + 1),
                numbers,
                points,
                _text(columns["series"][index]),
                tuple(_parts(features, index)),
            )
        )
    return found


def _parts(features: Features, index: int) -> Iterable[np.ndarray]:
    shapes = features.geometries
    for part in range(shapes.features[index], shapes.features[index + 1]):
        for ring in range(shapes.parts[part], shapes.parts[part + 1]):
            yield shapes.coordinates[shapes.rings[ring] : shapes.rings[ring + 1], :2]


def _text(value: Any) -> str:
    return "" if value is None or value != value else str(value).strip()
