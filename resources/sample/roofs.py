"""Which roof a house gets: the styles of a Dutch neighbourhood by kind and age."""

from __future__ import annotations

import random

Roof = tuple[str, dict, float]  # the builder's name, its measures, what the house is deeper than its block [m]


def roof_of(
    name: str, width: float, depth: float, common: dict, style: float, i: int, last: int, rng: random.Random
) -> Roof:
    """Return the roof of house `i` of a block whose last house is `last`."""
    if name in ("dorp", "gracht"):
        return _old(name, width, depth, rng)
    if name == "villa":
        return _villa(width, depth, style, rng)
    if name == "boerderij":
        return _farm(width, depth, style)
    if name == "twee":
        return _pair(width, depth, common, i, rng)
    return _row(name, width, depth, common, style, rng)


def _gable(depth: float, eave: float, ridge: float) -> list[tuple[float, float]]:
    return [(0.0, eave), (depth / 2, ridge), (depth, eave)]


def _mansard(depth: float, eave: float, ridge: float) -> list[tuple[float, float]]:
    knee = eave + (ridge - eave) * 0.68
    return [(0.0, eave), (depth * 0.16, knee), (depth / 2, ridge), (depth * 0.84, knee), (depth, eave)]


def _old(name: str, width: float, depth: float, rng: random.Random) -> Roof:
    eave = rng.choice([3.2, 3.6, 5.6, 6.0]) if name == "dorp" else rng.choice([6.0, 6.6, 7.2, 8.8])
    steep = rng.uniform(0.95, 1.25)
    kind = rng.random()
    if kind < 0.55:  # the gable faces the street
        return "profile", {"profile": _gable(width, eave, round(eave + steep * width / 2, 2)), "across": True}, 0.0
    if kind < 0.9:
        ridge = round(eave + min(steep * 0.8 * depth / 2, 5.2), 2)
        profile = _gable(depth, eave, ridge)
        dormers = [(0, width * 0.3, width * 0.62)] if rng.random() < 0.3 else []
        return "profile", {"profile": profile, "dormers": dormers}, 0.0
    return "prism", {"height": eave + 0.9}, 0.0


def _villa(width: float, depth: float, style: float, rng: random.Random) -> Roof:
    if style < 0.35:
        wing = round(depth * 0.62, 2)
        ring = ((0, 0), (width, 0), (width, wing), (wing, wing), (wing, depth + 2.0), (0, depth + 2.0))
        return "corner", {"ring": ring, "wing": wing, "eave": 3.1, "ridge": round(3.1 + wing * 0.42, 2)}, 2.0
    if style < 0.7:
        return (
            "hip",
            {"eave": rng.choice([3.0, 5.2]), "ridge": rng.choice([7.4, 8.6]), "hips": (depth * 0.42, depth * 0.42)},
            0.0,
        )
    if style < 0.85:
        ring = (
            (0, 0),
            (width, 0),
            (width, depth),
            (width * 0.55, depth),
            (width * 0.55, depth * 0.6),
            (0, depth * 0.6),
        )
        return "prism", {"height": 3.3, "ring": ring}, 0.0
    return "profile", {"profile": _gable(depth, 3.0, 7.9), "dormers": [(0, width * 0.35, width * 0.65)]}, 0.0


def _farm(width: float, depth: float, style: float) -> Roof:
    if style < 0.4:  # pyramid roof of the north-holland farmhouse
        return "hip", {"eave": 2.6, "ridge": 11.0, "hips": (width / 2 - 0.8, width / 2 - 0.8)}, width - depth
    return "profile", {"profile": _gable(width, 2.6, round(2.6 + width * 0.48, 2)), "across": True}, 0.0


def _pair(width: float, depth: float, common: dict, i: int, rng: random.Random) -> Roof:
    if common["hipped"]:
        hip = depth * 0.36
        return (
            "hip",
            {"eave": common["eave"], "ridge": common["ridge"], "hips": (hip, 0.0) if i == 0 else (0.0, hip)},
            0.0,
        )
    profile, extra = _gable(depth, common["eave"], common["ridge"]), 0.0
    if rng.random() < 0.5:
        extra = 2.5
        profile = [*profile, (depth, 2.9), (depth + extra, 2.9)]
    return "profile", {"profile": profile}, extra


def _row(name: str, width: float, depth: float, common: dict, style: float, rng: random.Random) -> Roof:
    extra = 2.5 if rng.random() < 0.22 else 0.0  # an extension at the back
    back = [(depth, 2.9), (depth + extra, 2.9)] if extra else []
    if "flat" in common:
        profile = [(0.0, common["flat"]), (depth, common["flat"]), *back]
        return "profile", {"profile": profile}, extra
    if "mono" in common:
        low, high = common["mono"]
        return "profile", {"profile": [(0.0, low), (depth, high), *back]}, extra
    make = _mansard if common.get("mansard") else _gable
    profile = make(depth, common["eave"], common["ridge"])
    slopes = (0, 1) if not common.get("mansard") else (0, 3)
    dormers = [(k, width * 0.16, width * 0.84) for k, share in zip(slopes, (0.18, 0.34)) if rng.random() < share]
    return "profile", {"profile": [*profile, *back], "dormers": dormers}, extra
