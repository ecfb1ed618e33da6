"""Nodes and links of a GWSW-Hyd set, with what is wrong in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dtwin_plugin.data import Geometries
from dtwin_plugin.data.network import Network
from dtwin_plugin.translate import mark

from .tables import Row, number

PIPES = ("GSL", "OPL", "ITR", "DIT")  # closed, open, infiltration and drainage pipes
WEIRS, ORIFICES, PUMPS = ("OVS",), ("DRL",), ("PMP",)
ROUGHNESS = {"PVC": 0.011, "PE": 0.011, "HPE": 0.011, "PP": 0.011, "GVK": 0.011, "GRE": 0.012, "STL": 0.012,
             "GIJ": 0.013, "BET": 0.013, "MSW": 0.015}  # fmt: skip
PLAIN = 0.013  # s m-1/3, of a material that is not known
ASSUMED = 0.4  # m, diameter where a profile has no size
_MM = 1e-3

TEXTS = {
    "twice": mark("given more than once; the first counts"),
    "no place": mark("has no coordinates"),
    "no node": mark("names a node that is not there"),
    "loop": mark("begins and ends at one node"),
    "no profile": mark("has no profile with a size; a circle of 0.4 m is assumed"),
    "no bottom": mark("has no level of its bottom; the lowest pipe gives it"),
    "high bottom": mark("has a pipe below its bottom; the bottom is lowered"),
    "no level": mark("has no level or width of its sill, or no capacity; it is left out"),
    "closed": mark("is closed; it is left out"),
    "pressure side": mark("is switched at its pressure side; it runs whenever there is water"),
    "capacity": mark("has a capacity, which is not kept"),
}


@dataclass(frozen=True)
class Fault:
    """Something in a set that is not as it should be: the table, the object, and a key of `TEXTS`."""

    table: str
    name: str
    what: str


@dataclass(frozen=True)
class Sewer:
    """A network with the rows that it was made of.

    Attributes
    ----------
    network : Network
        Nodes with the columns name, type, bottom, rim, area, initial, cover; links with name, type, bottom_from,
        bottom_to, length, shape, width, height, roughness, direction. Levels in m NAP, sizes in m.
    structures : dict
        Row of Kunstwerk by name.
    inflow : dict of str to float
        Mean dry weather flow into a node [m3 s-1].
    faults : list of Fault
    """

    network: Network
    structures: dict[str, Row]
    inflow: dict[str, float]
    faults: list[Fault] = field(default_factory=list)


@dataclass(frozen=True)
class _Profile:
    shape: str
    width: float
    height: float
    roughness: float
    curve: tuple[tuple[float, float], ...] = ()  # height and width [m]


def sewer_of(tables: Mapping[str, list[Row]]) -> Sewer:
    """Return the network of a set; see `Sewer`."""
    faults: list[Fault] = []
    nodes = {name: row for name, row in _once(tables["knooppunt"], "UNI_IDE", "Knooppunt", faults).items()}
    for name in [name for name, row in nodes.items() if np.isnan(_place(row)).any()]:
        faults.append(Fault("Knooppunt", name, "no place"))
        del nodes[name]
    structures = _once(tables["kunstwerk"], "UNI_IDE", "Kunstwerk", faults)
    profiles = {name: _profile(row) for name, row in _once(tables["profiel"], "PRO_IDE", "Profiel", faults).items()}
    links = _links(_once(tables["verbinding"], "UNI_IDE", "Verbinding", faults), nodes, structures, faults)
    names = list(nodes)
    index = {name: k for k, name in enumerate(names)}
    start = np.array([index[row["KN1_IDE"]] for row in links.values()], np.int64)
    end = np.array([index[row["KN2_IDE"]] for row in links.values()], np.int64)
    places = np.array([_place(row) for row in nodes.values()], float).reshape(-1, 2)
    columns = _link_columns(links, structures, profiles, places, start, end, faults)
    lines = Geometries.build("line", [[[[places[a], places[b]]]] for a, b in zip(start, end)])
    network = Network(
        places, start, end, lines, _node_columns(nodes, columns, start, end, faults), columns,
        {name: "m" for name in ("bottom", "rim", "bottom_from", "bottom_to", "length", "width", "height")},
    )  # fmt: skip
    return Sewer(network, structures, _inflow(tables, nodes, links), faults)


def _once(rows: list[Row], key: str, table: str, faults: list[Fault]) -> dict[str, Row]:
    found: dict[str, Row] = {}
    for row in rows:
        name = row.get(key, "")
        if name in found:
            faults.append(Fault(table, name, "twice"))
        elif name:
            found[name] = row
    return found


def _place(row: Row) -> tuple[float, float]:
    return number(row, "KNP_XCO"), number(row, "KNP_YCO")


def _links(
    rows: dict[str, Row], nodes: Mapping[str, Row], structures: Mapping[str, Row], faults: list[Fault]
) -> dict[str, Row]:
    """Return the links that can be used."""
    found = {}
    for name, row in rows.items():
        what = _unusable(row, nodes, structures.get(name, {}))
        if what:
            faults.append(Fault("Verbinding", name, what))
        else:
            found[name] = row
    return found


def _unusable(row: Row, nodes: Mapping[str, Row], structure: Row) -> str:
    kind = row.get("VRB_TYP", "")
    if row.get("KN1_IDE") not in nodes or row.get("KN2_IDE") not in nodes:
        return "no node"
    if row["KN1_IDE"] == row["KN2_IDE"]:
        return "loop"
    if row.get("STR_RCH") == "GSL":
        return "closed"
    needs = {"OVS": ("OVS_NIV", "OVS_BRE"), "PMP": ("PMP_CAP",), "DRL": ("PRO_BOK",)}.get(kind, ())
    return "no level" if any(np.isnan(number(structure, name)) for name in needs) else ""


def _profile(row: Row) -> _Profile:
    """Return a profile; the width is NaN where it has no size."""
    shape = row.get("PRO_VRM", "")
    width, height = number(row, "PRO_BRE") * _MM, number(row, "PRO_HGT") * _MM
    roughness = ROUGHNESS.get(row.get("PRO_MAT", ""), PLAIN)
    curve = _curve(row)
    if shape in ("TAB", "XYV") and len(curve) > 1:
        return _Profile("TAB", max(w for _, w in curve), curve[-1][0] - curve[0][0], roughness, curve)
    if shape == "EIV":
        height = height if height > 0 else 1.5 * width
    if not height > 0:
        height = width
    return _Profile(shape if shape in ("RND", "EIV", "RHK") else "RND", width, height, roughness)


def _curve(row: Row) -> tuple[tuple[float, float], ...]:
    """Return heights and widths of a profile in rows [m]; numbers above 20 are mm."""
    lists = []
    for name in ("TAB_HGT", "TAB_BRE"):
        try:
            values = [float(word) for word in row.get(name, "").replace(",", ".").split()]
        except ValueError:
            return ()
        lists.append([value * (_MM if max(values) > 20 else 1.0) for value in values])
    heights, widths = lists
    rising = len(heights) == len(widths) and all(a < b for a, b in zip(heights, heights[1:]))
    return tuple(zip(heights, widths)) if rising and max(widths, default=0.0) > 0 else ()


def _link_columns(
    links: Mapping[str, Row],
    structures: Mapping[str, Row],
    profiles: Mapping[str, _Profile],
    places: np.ndarray,
    start: np.ndarray,
    end: np.ndarray,
    faults: list[Fault],
) -> dict[str, Any]:
    rows: list[tuple[Any, ...]] = []
    for k, (name, row) in enumerate(links.items()):
        kind = row.get("VRB_TYP", "")
        profile = profiles.get(row.get("PRO_IDE", ""))
        if kind in (*PIPES, *ORIFICES) and (profile is None or not profile.width > 0):
            faults.append(Fault("Verbinding", name, "no profile"))
            profile = _Profile("RND", ASSUMED, ASSUMED, PLAIN)
        profile = profile or _Profile("", np.nan, np.nan, np.nan)
        faults += _switches(name, kind, structures.get(name, {}))
        straight = float(np.hypot(*(places[end[k]] - places[start[k]])))
        length = number(row, "VRB_LEN")
        sizes = (profile.shape, profile.width, profile.height, profile.roughness, profile.curve)
        rows.append(
            (name, kind, number(row, "BOB_KN1"), number(row, "BOB_KN2"), length if length > 0 else max(straight, 1.0),
             *sizes, row.get("STR_RCH", "OPN") or "OPN")
        )  # fmt: skip
    titles = ("name", "type", "bottom_from", "bottom_to", "length", "shape", "width", "height", "roughness", "curve",
              "direction")  # fmt: skip
    numbers = ("bottom_from", "bottom_to", "length", "width", "height", "roughness")
    result: dict[str, Any] = {}
    for index, title in enumerate(titles):
        values = np.empty(len(rows), float if title in numbers else object)
        for k, found in enumerate(rows):
            values[k] = found[index]
        result[title] = values
    return result


def _switches(name: str, kind: str, structure: Row) -> list[Fault]:
    found = []
    if kind in PUMPS and np.isnan(number(structure, "PMP_AN1")) and not np.isnan(number(structure, "PMP_AN2")):
        found.append(Fault("Kunstwerk", name, "pressure side"))
    if kind in ORIFICES and not np.isnan(number(structure, "DRL_CAP")):
        found.append(Fault("Kunstwerk", name, "capacity"))
    return found


def _node_columns(
    nodes: Mapping[str, Row], links: dict[str, Any], start: np.ndarray, end: np.ndarray, faults: list[Fault]
) -> dict[str, Any]:
    lowest = np.full(len(nodes), np.inf)
    np.fmin.at(lowest, start, links["bottom_from"].astype(float))
    np.fmin.at(lowest, end, links["bottom_to"].astype(float))
    bottom = np.array([number(row, "KNP_BOK") for row in nodes.values()], float)
    rim = np.array([number(row, "MVD_NIV") for row in nodes.values()], float)
    for k, name in enumerate(nodes):
        if np.isnan(bottom[k]):
            faults.append(Fault("Knooppunt", name, "no bottom"))
            bottom[k] = lowest[k] if np.isfinite(lowest[k]) else rim[k] - 1.0 if np.isfinite(rim[k]) else 0.0
        elif lowest[k] < bottom[k] - 0.005:
            faults.append(Fault("Knooppunt", name, "high bottom"))
            bottom[k] = lowest[k]
    sides = [np.array([number(row, name) * _MM for row in nodes.values()], float) for name in ("KNP_BRE", "KNP_LEN")]
    square = sides[0] * np.where(np.isnan(sides[1]), sides[0], sides[1])
    rounded = np.array([row.get("KNP_VRM") == "RND" for row in nodes.values()])
    texts = {
        "name": np.array(list(nodes), object),
        "type": np.array([row.get("KNP_TYP", "") for row in nodes.values()], object),
        "cover": np.array([row.get("MVD_SCH", "") for row in nodes.values()], object),
    }
    initial = np.array([number(row, "INI_NIV") for row in nodes.values()], float)
    return {
        **texts, "bottom": bottom, "rim": rim, "area": np.where(rounded, np.pi / 4, 1.0) * square, "initial": initial,
    }  # fmt: skip


def _inflow(tables: Mapping[str, list[Row]], nodes: Mapping[str, Row], links: Mapping[str, Row]) -> dict[str, float]:
    """Return the mean dry weather flow into each node: units times their volume a day; that of a pipe at its start."""
    volumes: dict[str, list[float]] = {}
    for row in tables["verloop"]:
        volumes.setdefault(row.get("VER_IDE", ""), []).append(number(row, "VER_VOL"))
    found: dict[str, float] = {}
    for row in tables["debiet"]:
        name = row.get("UNI_IDE", "")
        node = name if name in nodes else links.get(name, {}).get("KN1_IDE", "")
        daily = volumes.get(row.get("VER_IDE", ""))
        if row.get("DEB_TYP") != "VWD" or not daily or node not in nodes:
            continue
        units = number(row, "AVV_ENH")
        flow = (1.0 if np.isnan(units) else units) * float(np.nanmean(daily)) / 86_400.0
        found[node] = found.get(node, 0.0) + flow
    return found
