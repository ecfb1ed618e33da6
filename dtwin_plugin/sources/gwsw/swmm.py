"""A GWSW-Hyd network as the text of a SWMM input file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from .network import ORIFICES, PIPES, PUMPS, WEIRS, Sewer
from .tables import number

if TYPE_CHECKING:
    from dtwin_plugin.data.network import Network

    Links = list[dict[str, Any]]

SHAFT = 1.17  # m2, area of a node that has no size
BROAD = 1.705  # m1/2 s-1, (2/3)^1.5 sqrt(g): the factor of a sill is a share of it
DEEP = 100.0  # m that a closed node may be under pressure, and of water over an inlet of a pump
LEAST = 0.1  # m of depth that a node has at least
CLOSED = ("KNV",)  # of MVD_SCH: the lid is closed and nothing comes out
_START = 0.05  # m of water from which a pump without switches runs at its capacity


def inp_of(sewer: Sewer) -> str:
    """Return a SWMM input text: metres, m3/s, levels of pipes as elevations.

    Nodes are storage of their own area with the tag `manhole`, or junctions with the tag `closed`, to which the street
    is not coupled. A node of the type UIT is an outfall at the level outside (BWS_NIV). Pumps run from the level to
    start to the level to stop of their suction side. Without an outfall in the set one is added that nothing reaches,
    as SWMM wants one.
    """
    network = sewer.network
    names = [_name(found) for found in network.node_columns["name"].tolist()]
    links = [_link(network, names, k) for k in range(len(network.start))]
    outlets = [names[k] for k in np.flatnonzero(network.node_columns["type"] == "UIT")]
    extra = _spread(links, outlets)
    sections: dict[str, list[str]] = {
        "TITLE": ["GWSW-Hyd"],
        "OPTIONS": [
            "FLOW_UNITS CMS",
            "FLOW_ROUTING DYNWAVE",
            "LINK_OFFSETS ELEVATION",
            "START_DATE 01/01/2000",
            "END_DATE 01/02/2000",
            "ROUTING_STEP 1",
            "VARIABLE_STEP 0.75",
            "INERTIAL_DAMPING PARTIAL",
        ],
        **_nodes(sewer, names, extra),
        **_conduits(links),
        **_structures(sewer, links),
    }
    if not outlets:
        _add_outfall(sections, names)
    return "\n".join(line for name, lines in sections.items() if lines for line in (f"[{name}]", *lines, ""))


def _name(text: str) -> str:
    """Return a name without blanks or marks that SWMM reads as something else.

    >>> _name("put 12;a")
    'put_12_a'
    """
    return "".join("_" if mark.isspace() or mark in ';[]"' else mark for mark in text)


def _link(network: Network, names: list[str], k: int) -> dict[str, Any]:
    """Return one link with its nodes in the direction in which it may flow."""
    columns = {name: values[k] for name, values in network.link_columns.items()}
    a, b = int(network.start[k]), int(network.end[k])
    bottoms = [columns["bottom_from"], columns["bottom_to"]]
    if columns["direction"] == "2_1":
        a, b, bottoms = b, a, bottoms[::-1]
    floor = network.node_columns["bottom"]
    bottoms = [floor[node] if np.isnan(level) else max(level, floor[node]) for level, node in zip(bottoms, (a, b))]
    return {
        **columns,
        "name": _name(columns["name"]),
        "key": columns["name"],
        "from": names[a],
        "to": names[b],
        "bottoms": bottoms,
        "floor": float(floor[a]),
        "one_way": columns["direction"] in ("1_2", "2_1"),
    }


def _spread(links: Links, outlets: list[str]) -> dict[str, list[str]]:
    """Give each link at an outfall an outfall of its own, as SWMM wants; return the names that were added."""
    added: dict[str, list[str]] = {name: [] for name in outlets}
    seen: set[str] = set()
    for link in links:
        for side in ("from", "to"):
            name = link[side]
            if name not in added:
                continue
            if name in seen:
                link[side] = f"{name}__{len(added[name]) + 2}"
                added[name].append(link[side])
            seen.add(name)
    return added


def _nodes(sewer: Sewer, names: list[str], extra: dict[str, list[str]]) -> dict[str, list[str]]:
    columns = sewer.network.node_columns
    found: dict[str, list[str]] = {
        "JUNCTIONS": [], "STORAGE": [], "OUTFALLS": [], "TAGS": [], "DWF": [], "COORDINATES": [],
    }  # fmt: skip
    for k, name in enumerate(names):
        bottom, area = float(columns["bottom"][k]), float(columns["area"][k])
        rim = float(columns["rim"][k])
        depth = max(rim - bottom, LEAST) if np.isfinite(rim) else 0.0
        initial = max(0.0, float(np.nan_to_num(columns["initial"][k] - bottom)))
        x, y = sewer.network.nodes[k, :2]
        for other in (name, *extra.get(name, [])):
            found["COORDINATES"].append(f"{other} {x:.3f} {y:.3f}")
        if name in extra:
            outside = number(sewer.structures.get(columns["name"][k], {}), "BWS_NIV")
            stage = "FREE" if np.isnan(outside) or outside <= bottom else f"FIXED {outside:.3f}"
            found["OUTFALLS"] += [f"{other} {bottom:.3f} {stage} NO" for other in (name, *extra[name])]
        elif columns["cover"][k] in CLOSED:
            found["JUNCTIONS"].append(f"{name} {bottom:.3f} {depth:.3f} {initial:.3f} {DEEP} 0")
            found["TAGS"].append(f"Node {name} closed")
        elif depth > 0:
            size = area if area > 0 else SHAFT
            found["STORAGE"].append(f"{name} {bottom:.3f} {depth:.3f} {initial:.3f} FUNCTIONAL 0 0 {size:.3f} 0 0")
            found["TAGS"].append(f"Node {name} manhole")
        else:
            found["JUNCTIONS"].append(f"{name} {bottom:.3f} 0 {initial:.3f} 0 0")
        flow = sewer.inflow.get(columns["name"][k], 0.0)
        if flow > 0 and name not in extra:
            found["DWF"].append(f"{name} FLOW {flow:.9f}")
    return found


def _conduits(links: Links) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {"CONDUITS": [], "XSECTIONS": [], "LOSSES": [], "CURVES": []}
    for link in links:
        if link["type"] not in PIPES:
            continue
        a, b = link["bottoms"]
        ends = f"{link['name']} {link['from']} {link['to']}"
        found["CONDUITS"].append(f"{ends} {link['length']:.3f} {link['roughness']:.4f} {a:.3f} {b:.3f} 0 0")
        found["XSECTIONS"].append(_section(link))
        if link["shape"] == "TAB":
            found["CURVES"] += list(_shape(link))
        if link["one_way"]:
            found["LOSSES"].append(f"{link['name']} 0 0 0 YES")
    return found


def _section(link: dict[str, Any]) -> str:
    width, height = link["width"], link["height"]
    shapes = {
        "RND": f"CIRCULAR {width:.4f} 0 0 0",
        "EIV": f"EGG {height:.4f} 0 0 0",
        "RHK": f"RECT_CLOSED {height:.4f} {width:.4f} 0 0",
        "TAB": f"CUSTOM {height:.4f} _shape_{link['name']} 0 0",
    }
    return f"{link['name']} {shapes[link['shape']]}"


def _shape(link: dict[str, Any]) -> Iterator[str]:
    """Yield a profile as width over height, both as shares of the whole height."""
    low, full = link["curve"][0][0], link["height"]
    for k, (height, width) in enumerate(link["curve"]):
        kind = " SHAPE" if k == 0 else ""
        yield f"_shape_{link['name']}{kind} {(height - low) / full:.5f} {width / full:.5f}"


def _structures(sewer: Sewer, links: Links) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {"ORIFICES": [], "WEIRS": [], "PUMPS": []}
    sections: list[str] = []
    curves: list[str] = []
    for link in links:
        row = sewer.structures.get(link["key"], {})
        head = f"{link['name']} {link['from']} {link['to']}"
        if link["type"] in ORIFICES:
            level = max(number(row, "PRO_BOK"), link["floor"])
            factor = _or(number(row, "DRL_COE"), 0.6)
            gate = "YES" if link["one_way"] else "NO"
            found["ORIFICES"].append(f"{head} SIDE {level:.3f} {min(factor, 1.0):.3f} {gate} 0")
            sections.append(_section({**link, "shape": "RND" if link["shape"] == "RND" else "RHK"}))
        elif link["type"] in WEIRS:
            level = max(number(row, "OVS_NIV"), link["floor"])
            factor = BROAD * _or(number(row, "OVS_COE"), 0.9)
            gate = "YES" if link["one_way"] else "NO"
            found["WEIRS"].append(f"{head} TRANSVERSE {level:.3f} {factor:.4f} {gate} 0 0")
            opening, width = _or(number(row, "OVS_VOH"), 10.0), number(row, "OVS_BRE")
            sections.append(f"{link['name']} RECT_OPEN {opening:.3f} {width:.3f} 0 0")
        elif link["type"] in PUMPS:
            on, off = (number(row, name) - link["floor"] for name in ("PMP_AN1", "PMP_AF1"))
            switches = f"{on:.3f} {max(off, 0.0):.3f}" if on > 0 and off < on else "0 0"
            found["PUMPS"].append(f"{head} _pump_{link['name']} ON {switches}")
            capacity = number(row, "PMP_CAP") / 3600.0
            curves += [
                f"_pump_{link['name']} PUMP4 0 0",
                f"_pump_{link['name']} {_START} {capacity:.6f}",
                f"_pump_{link['name']} {DEEP} {capacity:.6f}",
            ]
    return {**found, "XSECTIONS ": sections, "CURVES ": curves}


def _or(value: float, other: float) -> float:
    return value if value > 0 else other


def _add_outfall(sections: dict[str, list[str]], names: list[str]) -> None:
    if names:
        sections["OUTFALLS"].append("_outside 0 FREE NO")
        sections["PUMPS"].append(f"_never {names[0]} _outside * OFF 0 0")
