"""Cone penetration tests and boreholes as GEF."""

from __future__ import annotations

from collections.abc import Sequence

from .. import X_ORIGIN, Y_ORIGIN
from .bro import cpt_name
from .soil import Unit
from .soundings import Sounding

# Column of the BRO -> unit, name, number of the quantity, decimals, value for missing (GEF-CPT-Report 1.1.2)
_QUANTITIES = {
    "penetrationLength": ("m (meter)", "sondeertrajectlengte", 1, 3, "999.999"),
    "coneResistance": ("MPa (megaPascal)", "conusweerstand", 2, 3, "999.999"),
    "depth": ("m (meter)", "diepte", 11, 3, "999.999"),
    "inclinationResultant": ("° (graden)", "hellingresultante", 8, 1, "99"),
    "localFriction": ("MPa (megaPascal)", "plaatselijke wrijving", 3, 3, "9.999"),
    "porePressureU2": ("MPa (megaPascal)", "waterspanning u2", 6, 3, "99.999"),
    "frictionRatio": ("% (procent; MPa/MPa)", "wrijvingsgetal", 4, 1, "999.9"),
}
_BORE = (
    ("m", "Diepte bovenkant laag", 1), ("m", "Diepte onderkant laag", 2), ("mm", "Zandmediaan", 8),
    ("%", "Lutum percentage", 3), ("%", "Organische stof percentage", 7),
)  # fmt: skip
_VOID = -9999.99
_COLOURS = {0: "GEBR", 1: "BR", 2: "GR", 3: "GR"}


def cpt(test: Sounding, date: str) -> str:
    """Return a cone test: the same measurement as its document of the BRO."""
    lines = ["#GEFID= 1, 1, 0", f"#COLUMN= {len(_QUANTITIES)}"]
    for number, (unit, title, quantity, _, _) in enumerate(_QUANTITIES.values(), 1):
        lines.append(f"#COLUMNINFO= {number}, {unit}, {title}, {quantity}")
    lines.append("#COLUMNSEPARATOR= ;")
    lines += [f"#COLUMNVOID= {number}, {item[4]}" for number, item in enumerate(_QUANTITIES.values(), 1)]
    lines += [
        "#COMPANYID= Waterdam (fictief), -, 31",
        f"#FILEDATE= {date.replace('-', ', ')}",
        "#FILEOWNER= Waterdam (fictief)",
        f"#LASTSCAN= {len(test.rows['depth'])}",
        "#MEASUREMENTTEXT= 6, NEN-EN-ISO 22476-1 / klasse 2, sondeernorm en kwaliteitsklasse",
        "#MEASUREMENTTEXT= 9, maaiveld, lokaal verticaal referentiepunt",
        "#MEASUREMENTVAR= 1, 1000, mm2 (vierkante millimeter), oppervlakte conuspunt",
        "#MEASUREMENTVAR= 3, 0.80, - (geen), oppervlaktequotiënt conuspunt",
        "#MEASUREMENTVAR= 13, 0.00, m (meter), voorgeboorde/voorgegraven diepte",
        f"#MEASUREMENTVAR= 16, {test.depth:.2f}, m (meter), einddiepte",
        "#PROCEDURECODE= GEF-CPT-Report, 1, 1, 2",
        "#REPORTCODE= GEF-CPT-Report, 1, 1, 2",
        f"#STARTDATE= {date.replace('-', ', ')}",
        f"#TESTID= {cpt_name(test.number)}",
        f"#XYID= 28992, {test.x + X_ORIGIN:.3f}, {test.y + Y_ORIGIN:.3f}",
        f"#ZID= 31000, {test.surface:.3f}",
        "#EOH=",
    ]
    columns = [test.rows[name] for name in _QUANTITIES]
    places = [item[3] for item in _QUANTITIES.values()]
    lines += [";".join(f"{v:.{d}f}" for v, d in zip(row, places)) + ";" for row in zip(*columns)]
    return "\r\n".join(lines) + "\r\n"


def borehole(
    name: str, x: float, y: float, surface: float, layers: Sequence[tuple[float, float, Unit]], date: str
) -> str:
    """Return a borehole as DINO writes it: codes of NEN 5104 behind the numbers."""
    lines = [
        "#GEFID = 1,1,0", "#COLUMNTEXT = 1, aan", "#COLUMNSEPARATOR = ;", "#RECORDSEPARATOR = !",
        "#FILEOWNER = Waterdam (fictief)", "#COMPANYID = Waterdam (fictief)",
        f"#FILEDATE = {date.replace('-', ',')}", "#PROJECTID = WATERDAM", f"#COLUMN = {len(_BORE)}",
    ]  # fmt: skip
    lines += [f"#COLUMNINFO = {n}, {unit}, {title}, {code}" for n, (unit, title, code) in enumerate(_BORE, 1)]
    lines += [f"#COLUMNVOID = {n}, {_VOID}" for n in range(1, len(_BORE) + 1)]
    lines += [
        f"#LASTSCAN = {len(layers)}", "#REPORTCODE = GEF-BORE-Report,1,0,0", f"#TESTID = {name}",
        f"#XYID = 31000,{x + X_ORIGIN:.0f},{y + Y_ORIGIN:.0f}", f"#ZID = 31000,{surface:.2f}",
        "#MEASUREMENTTEXT = 9, maaiveld, vast horizontaal niveau", f"#MEASUREMENTTEXT = 16, {date}, datum boring",
        "#MEASUREMENTTEXT = 31, EDM, boormethode", f"#MEASUREMENTVAR = 16, {layers[-1][1]:.2f}, m, einddiepte",
        "#EOH =",
    ]  # fmt: skip
    for top, bottom, unit in layers:
        median = f"{unit.median / 1000:.3f}" if unit.median else str(_VOID)
        colour = _COLOURS.get(unit.lithoclass, "GR")
        lines.append(f"{top:.2f};{bottom:.2f};{median};{_VOID};{_VOID};'{unit.code}';'{colour}';!")
    return "\r\n".join(lines) + "\r\n"
