"""The units that writers of GEF use, as those of the carrier."""

from __future__ import annotations

import re

LENGTH = {"m": 1.0, "meter": 1.0, "cm": 0.01, "dm": 0.1, "mm": 0.001, "km": 1000.0}
PRESSURE = {
    **dict.fromkeys(("mpa", "mn/m2", "mn/m^2", "n/mm2", "n/mm^2", "megapascal"), 1.0),
    **dict.fromkeys(("kpa", "kn/m2", "kn/m^2", "kilopascal"), 1e-3),
    "pa": 1e-6,
    "bar": 0.1,
    **dict.fromkeys(("kg/cm2", "kgf/cm2", "kg/cm^2"), 0.0980665),
}
FORCE = {"kn": 1e3, "n": 1.0, "mn": 1e6}  # [N]
ANGLE = {
    **dict.fromkeys(("°", "deg", "degree", "degrees", "graden", "graad"), 1.0),
    **dict.fromkeys(("rad", "radialen"), 57.29577951308232),
}

_STOP = re.compile(r"[\s(\[;]")


def factor(unit: str, known: dict[str, float]) -> float | None:
    """Return what a value in a unit is multiplied with, None where the unit is not known.

    >>> factor("MPa (megaPascal)", PRESSURE), factor("kN/m²", PRESSURE), factor("?", PRESSURE)
    (1.0, 0.001, None)
    """
    text = unit.strip().lower().replace("²", "2")
    return known.get(_STOP.split(text)[0])
