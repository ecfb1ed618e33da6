"""The facts of a delivery, for who wants to know before loading it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data.crs import RD, in_rd_bounds, is_rd
from dtwin_plugin.sources.base import SourceInfo
from dtwin_plugin.sources.gml import crs_of, ordered

from .delivery import request_of
from .lines import lines_of
from .names import LINES, LINK, TYPES
from .others import attachments_of

if TYPE_CHECKING:
    from .delivery import Delivery


def info_of(delivery: Delivery, file: str) -> SourceInfo:
    """Return what was delivered, counted."""
    lines = lines_of(delivery)
    documents = delivery.found.documents
    types = Counter(item.type for item in delivery.items.values())
    extent, geometries, srs = _geometry(delivery)
    names = [name for name in dict.fromkeys(crs_of(spelling) for spelling in srs) if name]
    attachments = attachments_of(delivery)
    themes = lines.features.columns.get("theme", np.array([], object))
    facts: dict[str, Any] = {
        "root": ", ".join(dict.fromkeys(document.root for document in documents)),
        "namespaces": list(dict.fromkeys(document.namespace for document in documents)),
        "versions": sorted({document.version or "unknown" for document in documents}),
        "types": dict(types.most_common()),
        "documents": [
            {"file": name, "count": sum(counts.values()), "types": dict(counts.most_common())}
            for name, counts in delivery.counts.items()
        ],
        "files": dict(delivery.found.suffixes),
        "lines": sum(types[name] for name in LINES),
        "lines_without_geometry": lines.without,
        "links": types[LINK],
        "themes": dict(Counter(str(theme) if theme else "unknown" for theme in themes)),
        "operators": delivery.operators(),
        "requests": request_of(delivery),
        "attachments": len(attachments),
        "attachments_present": sum(row["present"] for row in attachments),
        "geometries": geometries,
        "srs": srs,
        "repeated": delivery.repeated,
    }
    version = ", ".join(facts["versions"])
    warnings = (*_warnings(delivery, file, extent, facts), *_about_lines(file, lines.without, lines.missing))
    return SourceInfo(
        f"KLIC (IMKL {version})", "features", names[0] if names else RD, extent, len(delivery.items), facts, warnings
    )


def _geometry(delivery: Delivery) -> tuple[tuple[float, ...] | None, dict[str, int], dict[str, int]]:
    """Return the rectangle around all geometries, how many of each kind, and how their CRS is written."""
    low, high = np.full(2, np.inf), np.full(2, -np.inf)
    kinds: Counter[str] = Counter()
    srs: Counter[str] = Counter()
    for item in delivery.items.values():
        for shape in item.shapes.values():
            kinds[shape.kind] += 1
            srs[shape.srs or "not stated"] += 1
            crs = crs_of(shape.srs) or RD
            for part in shape.parts:
                xy = ordered(part[0], crs)[:, :2]
                low, high = np.minimum(low, xy.min(axis=0)), np.maximum(high, xy.max(axis=0))
    extent = tuple(float(value) for value in (*low, *high)) if np.isfinite(low).all() else None
    return extent, dict(kinds), dict(srs)


def _warnings(delivery: Delivery, file: str, extent: tuple[float, ...] | None, facts: dict[str, Any]) -> list[str]:
    found = [f"{file} is confidential: it was supplied under the WIBON for one request and is no open data."]
    strange = {name: count for name, count in facts["types"].items() if name not in TYPES}
    if strange:
        found.append(f"{file} has objects that are not known here: {', '.join(list(strange)[:5])}.")
    if extent and all(is_rd(crs_of(name) or RD) for name in facts["srs"]) and not in_rd_bounds(*extent):
        found.append(f"{file} has coordinates outside the Netherlands.")
    if delivery.degrees:
        found.append(f"{file}: {delivery.degrees} geometries are in degrees, though they say RD New; left out.")
    if delivery.repeated:
        found.append(f"{file}: {delivery.repeated} objects are in more than one document; the newest state counts.")
    if any(row["complete"] is False for row in facts["requests"]):
        found.append(f"{file} is not complete: another delivery of the same request follows.")
    return found


def _about_lines(file: str, without: int, missing: int) -> list[str]:
    found = []
    if without:
        found.append(f"{file}: {without} lines have no geometry: their links are not in the file, or not on the map.")
    if missing and not without:
        found.append(f"{file}: {missing} links that lines name are not in the file.")
    return found
