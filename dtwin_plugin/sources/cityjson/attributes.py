"""Attributes of city objects as columns, harmonised."""

from __future__ import annotations

from typing import Any

from dtwin_plugin.data.columns import flatten

from .families import Objects
from .objects import relations

RESERVED = ("id", "type", "lod", "parent")  # columns that every Surfaces has

# 3DBAG has spelt its attributes in three ways: to 2021 (h_dak_50p), to 2024 (b3_h_dak_50p) and since (b3_h_50p).
_HEIGHTS = ("50p", "70p", "min", "max")
_LODS = ("lod12", "lod13", "lod22")
RENAMED = {
    **{f"{prefix}h_dak_{height}": f"b3_h_{height}" for prefix in ("", "b3_") for height in _HEIGHTS},
    "h_maaiveld": "b3_h_maaiveld",
    "dak_type": "b3_dak_type",
    "kas_warenhuis": "b3_kas_warenhuis",
    "pw_bron": "b3_pw_bron",
    **{f"rmse_{lod}": f"b3_rmse_{lod}" for lod in _LODS},
    **{f"val3dity_codes_{lod}": f"b3_val3dity_{lod}" for lod in _LODS},
}


def harmonised(attributes: dict[str, Any] | None) -> dict[str, Any]:
    """Return attributes on one level, in the newest spelling; names that every table has get a prefix.

    >>> harmonised({"h_dak_50p": 9.5, "type": "house", "use": {"main": "shop"}})
    {'use.main': 'shop', 'b3_h_50p': 9.5, 'attributes.type': 'house'}
    """
    if not attributes:
        return {}
    flat = flatten(attributes)
    for old in [name for name in flat if name in RENAMED]:
        value = flat.pop(old)
        if flat.get(RENAMED[old]) is None:
            flat[RENAMED[old]] = value
    for name in RESERVED:
        if name in flat:
            flat[f"attributes.{name}"] = flat.pop(name)
    return flat


def inherited(own: dict[str, Any], parent: dict[str, Any]) -> dict[str, Any]:
    """Return the attributes of a part: its own, and those of its parent that it lacks.

    >>> inherited({"a": None, "b": 2}, {"a": 1, "c": 3})
    {'a': 1, 'c': 3, 'b': 2}
    """
    return {**parent, **{name: value for name, value in own.items() if value is not None or name not in parent}}


def with_parents(identifier: str, objects: Objects, known: dict[tuple[int, str], dict[str, Any]]) -> dict[str, Any]:
    """Return the attributes of an object with those of the objects that it is part of; `known` keeps them."""
    key = id(objects), identifier
    if key in known:
        return known[key]
    chain, current = [], identifier
    while current in objects and current not in chain:
        chain.append(current)
        if objects[current]["type"] == "CityObjectGroup" and len(chain) > 1:
            chain.pop()
            break
        parents = relations(objects[current])[0]
        current = parents[0] if parents else ""
    result: dict[str, Any] = {}
    for name in reversed(chain):
        own = harmonised(objects[name].get("attributes"))
        result = inherited(own, result) if result else own
    known[key] = result
    return result
