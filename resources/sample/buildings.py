"""From a house to a building of the 3DBAG: solids by level of detail, heights, areas and the attributes of the BAG."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from . import SEED, solids
from .plots import House
from .solids import GROUND, ROOF, WALL, Face
from .terrain import Ground

MUNICIPALITY = "9998"  # no municipality has this code
STOREY = 2.9  # [m], to estimate storeys from the eaves
FLAT = 90.0  # [m2], floor area of a flat with its share of stairs and gallery


@dataclass
class Building:
    """A building with its attributes and, for each part, its solids by level of detail in local world coordinates."""

    identity: str
    house: House
    base: float
    attributes: dict
    parts: list[dict[str, list[Face]]]


def shell(house: House) -> list[list[Face]]:
    """Return the detailed solid of each part of a building, in the coordinates of its front."""
    m = house.measures
    rectangle = ((0, 0), (house.width, 0), (house.width, house.depth), (0, house.depth))
    if house.shape == "prism":
        return [solids.prism(m.get("ring", rectangle), m["height"])]
    if house.shape == "profile":
        across = m.get("across", False)
        return [solids.profile(m["profile"], house.depth if across else house.width, across, m.get("dormers", ()))]
    if house.shape == "hip":
        return [solids.hip(house.width, house.depth, m["eave"], m["ridge"], m["hips"])]
    if house.shape == "corner":
        return [solids.corner(m["ring"], m["wing"], m["eave"], m["ridge"])]
    if house.shape == "stepped":
        return [solids.stepped(m["ring"], m["height"], m["top_ring"], m["top_height"])]
    if house.shape == "mill":
        return [solids.mill(m["radius"], m["waist"], m["height"], m["top"])]
    return _church(m)


def _church(m: dict) -> list[list[Face]]:
    nave = solids.profile([(0.0, m["eave"]), (m["wide"] / 2, m["ridge"]), (m["wide"], m["eave"])], m["nave"])
    tower = solids.spire(m["tower"], m["tower"], m["belfry"], m["top"])
    side = (m["wide"] - m["tower"]) / 2
    return [_moved(nave, m["tower"], 0.0), _moved(tower, 0.0, side)]


def _moved(faces: list[Face], du: float, dv: float) -> list[Face]:
    return [(kind, [[(u + du, v + dv, z) for u, v, z in ring] for ring in rings]) for kind, rings in faces]


def _placed(faces: list[Face], house: House, base: float) -> list[Face]:
    """Return local faces in the coordinates of the area, heights in m NAP."""
    (cx, cy), (ux, uy), (vx, vy) = house.corner, house.u, house.v
    return [
        (kind, [[(cx + u * ux + v * vx, cy + u * uy + v * vy, base + z) for u, v, z in ring] for ring in rings])
        for kind, rings in faces
    ]


def roof_heights(faces: list[Face]) -> dict[str, float]:
    """Return the heights that a laser scan of the roof would give: minimum, percentiles and maximum, over the plan."""
    heights, weights = [], []
    grid = [(i / 6, j / 6) for i in range(7) for j in range(7 - i)]
    for kind, rings in faces:
        if kind != ROOF:
            continue
        p = np.asarray(rings[0], float)
        for a, b in zip(p[1:], p[2:]):
            d1, d2 = a - p[0], b - p[0]
            plan = abs(d1[0] * d2[1] - d1[1] * d2[0]) / 2
            heights += [p[0][2] + s * d1[2] + t * d2[2] for s, t in grid]
            weights += [plan / len(grid)] * len(grid)
    order = np.argsort(heights)
    z, w = np.asarray(heights)[order], np.cumsum(np.asarray(weights)[order])
    w /= w[-1]
    values = {"min": z[0], "50p": np.interp(0.5, w, z), "70p": np.interp(0.7, w, z), "max": z[-1]}
    return {key: round(float(value), 3) for key, value in values.items()}


def _simple(house: House, part: list[Face], height: float, several: int) -> list[Face]:
    """Return the block model (LoD 1.2) of a part: its ground raised to one height."""
    if several == 1 and house.shape != "mill":
        ring = house.measures.get("ring", ((0, 0), (house.width, 0), (house.width, house.depth), (0, house.depth)))
        return solids.prism(ring, height)
    ground = next(rings[0] for kind, rings in part if kind == GROUND)
    ring = [(u, v) for u, v, _ in ground]
    twice = sum(a[0] * b[1] - a[1] * b[0] for a, b in zip(ring, ring[1:] + ring[:1]))
    return solids.prism(ring if twice > 0 else ring[::-1], height)


def _blocks(house: House, part: list[Face], height: float, several: int) -> list[Face]:
    """Return the block model with several heights (LoD 1.3): extensions and set-back tops keep their own."""
    m = house.measures
    if house.shape == "stepped":
        return part
    if house.shape == "profile" and not m.get("across") and len(m["profile"]) > 2:
        points = m["profile"]
        step = next((i for i in range(1, len(points)) if points[i][0] == points[i - 1][0]), None)
        if step is not None:
            deep = points[step][0]
            upper = float(np.mean([p[1] for p in points[:step]])) if step <= 2 else height
            return solids.profile([(0.0, max(upper, height)), (deep, max(upper, height)), *points[step:]], house.width)
    return _simple(house, part, height, several)


def build(houses: list[House], ground: Ground) -> list[Building]:
    """Return every building on its ground."""
    return [_building(i, house, ground) for i, house in enumerate(houses)]


def _building(number: int, house: House, ground: Ground) -> Building:
    outline = house.outline
    edge = np.vstack([outline + f * (np.roll(outline, -1, axis=0) - outline) for f in (0.0, 0.5)])
    base = round(float(np.percentile(ground.at(edge[:, 0], edge[:, 1]), 25)), 3)
    identity = f"NL.IMBAG.Pand.{MUNICIPALITY}10{number + 1:010d}"
    detailed = shell(house)
    parts, volumes = [], {"12": 0.0, "13": 0.0, "22": 0.0}
    for part in detailed:
        height = roof_heights(part)["70p"]
        levels = {
            "1.2": _simple(house, part, height, len(detailed)),
            "1.3": _blocks(house, part, height, len(detailed)),
            "2.2": part,
        }
        for lod, faces in levels.items():
            volumes[lod.replace(".", "")] += solids.volume(faces)
        parts.append({lod: _placed(faces, house, base) for lod, faces in levels.items()})
    everything = [face for part in detailed for face in part]
    attributes = _attributes(identity, house, base, everything, volumes)
    return Building(identity, house, base, attributes, parts)


def _areas(house: House, faces: list[Face]) -> dict[str, float]:
    flat = slanted = outer = plan = 0.0
    for kind, rings in faces:
        size = solids.area(rings)
        if kind == WALL:
            outer += size
        elif kind == GROUND:
            plan += size
        elif solids.slope_and_azimuth(rings[0])[0] < 3.0:
            flat += size
        else:
            slanted += size
    ends = [solids.area(rings) for kind, rings in faces if kind == WALL]
    party = min(house.party * max(ends), outer * 0.7) if house.party else 0.0
    values = {"opp_grond": plan, "opp_dak_plat": flat, "opp_dak_schuin": slanted, "opp_buitenmuur": outer - party}
    return {f"b3_{k}": round(v, 2) for k, v in {**values, "opp_scheidingsmuur": party}.items()}


def _dwellings(use: str, floors: float) -> int:
    """Return the number of dwellings of a building by its floor area [m2]."""
    return {"woning": 1, "flat": round(floors / FLAT), "woontoren": round(floors / FLAT)}.get(use, 0)


def _residents(use: str, dwellings: int, draw: int) -> int:
    """Return the number of people in a building: 1 to 5 in a house, 1.7 in each flat."""
    return (1, 2, 2, 3, 4, 2, 1, 5)[draw % 8] if use == "woning" else round(1.7 * dwellings)


def _attributes(identity: str, house: House, base: float, faces: list[Face], volumes: dict[str, float]) -> dict:
    roof, areas = roof_heights(faces), _areas(house, faces)
    digest = hashlib.blake2b(f"{SEED}{identity}".encode(), digest_size=4).digest()
    slanted = areas["b3_opp_dak_schuin"] > 1.0
    flats = {round(rings[0][0][2], 2) for kind, rings in faces if kind == ROOF}
    kind = "slanted" if slanted else "horizontal" if len(flats) == 1 else "multiple horizontal"
    storeys = max(1, round(roof["70p"] / STOREY))
    dwellings = _dwellings(house.use, areas["b3_opp_grond"] * storeys)
    rmse = 0.02 + digest[0] / 255 * 0.06
    begin = f"{max(house.year, 2010):04d}-{digest[1] % 12 + 1:02d}-{digest[2] % 28 + 1:02d}"
    return {
        "identificatie": identity,
        "status": "Pand in gebruik",
        "oorspronkelijkbouwjaar": house.year,
        "begingeldigheid": begin,
        "eindgeldigheid": None,
        "documentdatum": begin,
        "documentnummer": f"WD-{digest.hex()}",
        "geconstateerd": False,
        "voorkomenidentificatie": 1,
        "gebruik": house.use,
        "woningen": dwellings,
        "inwoners": _residents(house.use, dwellings, digest[3]),
        "straat": house.street,
        "b3_h_maaiveld": base,
        **{f"b3_h_{key}": round(base + value, 3) for key, value in roof.items()},
        "b3_h_nok": round(base + roof["max"], 3) if slanted else None,
        "b3_n_nok": 1 if slanted else 0,
        "b3_dak_type": kind,
        "b3_bouwlagen": storeys if storeys <= 5 else None,
        **areas,
        **{f"b3_volume_lod{key}": round(value, 3) for key, value in volumes.items()},
        "b3_rmse_lod12": round(rmse + (0.9 if slanted else 0.05), 3),
        "b3_rmse_lod13": round(rmse + (0.8 if slanted else 0.02), 3),
        "b3_rmse_lod22": round(rmse, 3),
        **{f"b3_val3dity_lod{key}": "[]" for key in ("12", "13", "22")},
        "b3_kwaliteitsindicator": True,
        "b3_extrusie": "standard",
        "b3_pw_bron": "AHN5",
        "b3_pw_datum": 2023,
        "b3_pw_onvoldoende": False,
        "b3_pw_selectie_reden": "PREFERRED_AND_LATEST",
        "b3_mutatie_ahn3_ahn4": house.year > 2016,
        "b3_mutatie_ahn4_ahn5": house.year > 2021,
        "b3_kas_warenhuis": False,
        "b3_is_glas_dak": False,
        "b3_bag_bag_overlap": 0.0,
    }
