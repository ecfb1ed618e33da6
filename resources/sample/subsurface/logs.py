"""Where was sounded and bored, and the files of it: `bro/` as the services give them, `gef/` as firms send them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from .. import layout
from ..geometry import at, beside, stations
from ..streets import Street
from . import bro, gef, groundwater
from .soil import Subsurface
from .soundings import sounding

# Street, part of its length, metres to the left of its middle; and depth [m].
CPTS = (
    ("Parklaan", 0.10, 3.0, 18.0), ("Parklaan", 0.34, -3.0, 18.0), ("Parklaan", 0.58, 3.0, 20.0),
    ("Parklaan", 0.85, -3.0, 18.0), ("Zuidlaan", 0.30, 3.0, 18.0), ("Zuidlaan", 0.75, -3.0, 18.0),
    ("Ringlaan", 0.30, 3.0, 20.0), ("Wilgenhof", 0.55, 1.5, 18.0), ("Kerkstraat", 0.45, 1.5, 18.0),
    ("Wilhelminastraat", 0.50, 3.0, 18.0), ("Waterjufferlaan", 0.40, 3.0, 18.0), ("Dorpsdijk", 0.50, 1.0, 22.0),
)  # fmt: skip
BORES = (
    ("Parklaan", 0.22, -3.4, 6.0), ("Parklaan", 0.47, 3.4, 6.0), ("Parklaan", 0.72, -3.4, 6.0),
    ("Merelstraat", 0.50, 3.2, 6.0), ("Ringlaan", 0.55, -3.0, 8.0), ("Voorstraat", 0.40, 1.5, 8.0),
    ("Libelsingel", 0.45, 3.0, 6.0), ("Meentweg", 0.40, 1.0, 5.0),
)  # fmt: skip
GEF_BORES = (("Zuidlaan", 0.55, 3.0, 6.0), ("Bernhardstraat", 0.50, 3.0, 5.0))
WELLS = (("Parklaan", 0.60, 9.0), ("Ringlaan", 0.20, 4.5), ("Wilhelminastraat", 0.70, 4.5), ("Merelstraat", 0.30, 4.5))
DATE = "2025-04-14"
_WATER_BELOW = 0.9  # m, what is met in a borehole
_SHALLOW, _DEEP = (0.8, 1.8), (9.2, 10.2)  # screens, m below the surface


def place_of(streets: list[Street], name: str, share: float, left: float) -> tuple[float, float]:
    """Return a place beside a street: a part of its length on, metres to the left of its middle [local m]."""
    line = next(street.line for street in streets if street.name == name)
    x, y = at(beside(line, left), share * float(stations(line)[-1])).tolist()
    return round(x, 2), round(y, 2)


def write_logs(ground: Subsurface, streets: list[Street], folder: Path) -> dict[str, int]:
    """Write cone tests, boreholes, wells and levels; give how many of each."""
    for name in ("bro", "gef"):
        (folder / name).mkdir(parents=True)
    for number, (*where, depth) in enumerate(CPTS, 1):
        test = sounding(ground, number, *place_of(streets, *where), depth)
        _write(folder / "bro" / f"{bro.cpt_name(number)}.xml", bro.cpt(test, DATE))
        _write(folder / "gef" / f"{bro.cpt_name(number)}.gef", gef.cpt(test, DATE))
    for number, (*where, depth) in enumerate(BORES, 1):
        x, y = place_of(streets, *where)
        layers, surface = ground.column(x, y, depth), surface_at(ground, x, y)
        text = bro.borehole(number, x, y, surface, layers, _WATER_BELOW, DATE)
        _write(folder / "bro" / f"{bro.bore_name(number)}.xml", text)
    for number, (*where, depth) in enumerate(GEF_BORES, 1):
        x, y = place_of(streets, *where)
        x, y = round(x), round(y)  # DINO gives whole metres
        name = f"B99W{number:04d}"
        text = gef.borehole(name, x, y, surface_at(ground, x, y), ground.column(x, y, depth), DATE)
        _write(folder / "gef" / f"{name}.gef", text)
    tubes = _write_wells(ground, streets, folder / "bro")
    return {
        "cpts": len(CPTS), "boreholes": len(BORES) + len(GEF_BORES), "wells": len(WELLS), "level_series": tubes,
    }  # fmt: skip


def _write_wells(ground: Subsurface, streets: list[Street], folder: Path) -> int:
    tubes = 0
    for number, where in enumerate(WELLS, 1):
        x, y = place_of(streets, *where)
        surface = surface_at(ground, x, y)
        screens = tuple((round(surface - top, 2), round(surface - low, 2)) for top, low in (_SHALLOW, _DEEP))
        well = groundwater.Well(number, x, y, surface, screens)
        _write(folder / f"{groundwater.well_name(number)}.xml", groundwater.well_document(well))
        for tube in range(1, len(screens) + 1):
            series = groundwater.levels(well, tube, layout.POLDER_LEVEL)
            name = groundwater.dossier_name(number, tube)
            _write(folder / f"{name}.xml", groundwater.levels_document(well, tube, series))
            tubes += 1
    return tubes


def surface_at(ground: Subsurface, x: float, y: float) -> float:
    """Return the height of the ground [m NAP] to a centimetre."""
    return round(float(ground.at(np.array([x]), np.array([y]))[0][0]), 2)


def _write(path: Path, text: str) -> None:
    path.write_bytes(text.encode("utf-8"))
