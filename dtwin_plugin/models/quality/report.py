"""What a load got, in findings on the map and a row of a table."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Union

import numpy as np

from dtwin_plugin.data import Extent, Features, Geometries, Grid, PointCloud, Surfaces
from dtwin_plugin.data.crs import RD_NAP
from dtwin_plugin.progress import Progress
from dtwin_plugin.translate import tr

from . import coverage
from .codes import CODES, ERROR, Tolerances
from .cover import Cover
from .examine import examine

if TYPE_CHECKING:
    from numpy.typing import NDArray

Carrier = Union[Surfaces, Features, Grid, PointCloud]
COLUMNS = ("layer", "object", "lod", "code", "name", "severity", "message")
SUMMARY = {
    **dict.fromkeys(("layer", "objects", "invalid", "doubtful", "missing_heights", "duplicates", "outside"), "1"),
    **dict.fromkeys(("oldest", "newest", "sources"), "1"),
    "covered": "percent",
    "codes": "1",
}
_GAP = 0.001  # share of the area; smaller parts without data are counted in the cover, but are no finding


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, at one place.

    Attributes
    ----------
    object, lod : str
        Id and level of detail, "" where it concerns no object.
    code : str
        A key of `CODES`.
    xyz : tuple of float
        Where [m; m NAP].
    """

    object: str
    lod: str
    code: str
    xyz: tuple[float, float, float]


@dataclass(frozen=True)
class Assessment:
    """What is known about one layer.

    Attributes
    ----------
    name : str
        Of the layer.
    findings : list of Finding
    summary : dict
        A value for each column of `SUMMARY`; None where it has no meaning.
    """

    name: str
    findings: list[Finding]
    summary: dict[str, Any]


def assess(
    name: str,
    carrier: Carrier,
    area: Extent | None = None,
    tolerances: Tolerances | None = None,
    progress: Progress | None = None,
) -> Assessment:
    """Return what is wrong with a carrier and what it covers of the area that was asked; raises Cancelled."""
    if isinstance(carrier, Grid):
        return _of_cells(name, coverage.covered(carrier, area), area or carrier.extent, carrier.cell_size)
    if isinstance(carrier, PointCloud):
        where = area or carrier.extent
        if where is None:
            return Assessment(name, [], _summary(name, 0, [], {}))
        cover = Cover.of(where)
        cover.add(carrier)
        return assess_cover(name, cover, len(carrier))
    if isinstance(carrier, Surfaces):
        return _of_surfaces(name, carrier, area, tolerances, progress)
    return _of_features(name, carrier, area)


def assess_cover(name: str, cover: Cover, points: int) -> Assessment:
    """Return what a point cloud covers of the area that was asked, and the larger parts that it does not."""
    found = cover.gaps(cover.asked.sum() * cover.cell_size**2 * _GAP)
    return _with_gaps(name, points, found, cover.share())


def findings_layer(assessments: list[Assessment]) -> Features:
    """Return the findings of all layers as points, in the language in use."""
    rows = [(a.name, finding) for a in assessments for finding in a.findings]
    xyz = np.array([finding.xyz for _, finding in rows], float).reshape(-1, 3)
    table: dict[str, list[str]] = {column: [] for column in COLUMNS}
    for layer, finding in rows:
        code = CODES[finding.code]
        values = (layer, finding.object, finding.lod, finding.code, code.name, code.severity, tr(code.text))
        for column, value in zip(COLUMNS, values):
            table[column].append(value)
    columns = {column: np.array(values, object) for column, values in table.items()}
    return Features(Geometries.points(xyz), columns, crs=RD_NAP, name="Quality")


def summary_table(assessments: list[Assessment]) -> dict[str, list[Any]]:
    """Return a row for each layer."""
    return {column: [a.summary[column] for a in assessments] for column in SUMMARY}


def _of_surfaces(
    name: str, surfaces: Surfaces, area: Extent | None, tolerances: Tolerances | None, progress: Progress | None
) -> Assessment:
    found, mesh = examine(surfaces, tolerances, progress)
    ids, lods = surfaces.columns["id"], surfaces.columns["lod"]
    rows = mesh.shells.row[found.all_shells()]
    places = found.all_xyz() + mesh.origin
    findings = [
        Finding(str(ids[row]), str(lods[row]), code, tuple(xyz))
        for row, code, xyz in zip(rows.tolist(), found.codes, places.tolist())
    ]
    count, centre = surfaces.object_count, _centres(surfaces)
    box = _boxes(surfaces)
    keys = [(str(one), str(lod)) for one, lod in zip(ids, lods)]
    findings += _of_rows(surfaces.columns, keys, count, centre, box, area, [str(lod) for lod in lods])
    return Assessment(name, findings, _summary(name, len(set(ids)), findings, surfaces.columns))


def _of_features(name: str, features: Features, area: Extent | None) -> Assessment:
    count, box = len(features), features.geometries.bounds()
    centre = np.column_stack([(box[:, :2] + box[:, 2:]) / 2, np.zeros(count)])
    ids = coverage.ids_of(features.columns, count)
    findings = _of_rows(features.columns, ids, count, centre, box, area, [""] * count)
    return Assessment(name, findings, _summary(name, count, findings, features.columns))


def _of_rows(
    columns: coverage.Columns,
    keys: list[Any],
    count: int,
    centre: NDArray[np.float64],
    box: NDArray[np.float64],
    area: Extent | None,
    lods: list[str],
) -> list[Finding]:
    """Return what is wrong with attributes and places, a finding each; what has no place is put amid the area."""
    ids = coverage.ids_of(columns, count)
    empty = ~np.isfinite(box).all(axis=1)
    marked = {
        "Q01": coverage.missing_heights(columns, count),
        "Q02": coverage.repeated(keys),
        "Q04": coverage.doubted(columns, count),
        "Q05": empty,
    }
    middle = np.zeros(3)
    if area is not None:
        x_min, y_min, x_max, y_max = area.bounds
        outside = (box[:, 0] > x_max) | (box[:, 2] < x_min) | (box[:, 1] > y_max) | (box[:, 3] < y_min)
        marked["Q03"] = outside & ~empty
        middle[:2] = (x_min + x_max) / 2, (y_min + y_max) / 2
    elif (~empty).any():
        middle = centre[~empty].mean(axis=0)
    places = np.where(np.isfinite(centre), centre, middle)
    return [
        Finding(ids[row] or "", lods[row], code, tuple(places[row].tolist()))
        for code, mask in sorted(marked.items())
        for row in np.flatnonzero(mask).tolist()
    ]


def _of_cells(name: str, has: NDArray[np.bool_], area: Extent, size: float) -> Assessment:
    """Return the cover of an area and its larger gaps."""
    found = coverage.gaps(has, area.x_min, area.y_max, size, has.size * size**2 * _GAP)
    return _with_gaps(name, int(has.sum()), found, float(has.mean()))


def _with_gaps(name: str, count: int, found: NDArray[np.float64], share: float | None) -> Assessment:
    findings = [Finding("", "", "Q06", (x, y, 0.0)) for x, y, _ in found.tolist()]
    covered = None if share is None else round(100 * share, 2)
    return Assessment(name, findings, {**_summary(name, count, findings, {}), "covered": covered})


def _summary(name: str, objects: int, findings: list[Finding], columns: coverage.Columns) -> dict[str, Any]:
    codes = Counter(finding.code for finding in findings)
    geometry = [finding for finding in findings if not finding.code.startswith("Q")]
    wrong = {finding.object for finding in geometry if CODES[finding.code].severity == ERROR}
    doubtful = {finding.object for finding in geometry} - wrong
    used = coverage.years(columns)
    return {
        "layer": name,
        "objects": objects,
        "invalid": len(wrong),
        "doubtful": len(doubtful),
        "missing_heights": codes["Q01"],
        "duplicates": codes["Q02"],
        "outside": codes["Q03"],
        "oldest": min(used, default=None),
        "newest": max(used, default=None),
        "sources": ", ".join(f"{source} ({count})" for source, count in coverage.sources(columns).items()) or None,
        "covered": None,
        "codes": ", ".join(f"{code} ({count})" for code, count in sorted(codes.items())) or None,
    }


def _boxes(surfaces: Surfaces) -> NDArray[np.float64]:
    """Return x min, y min, x max, y max of each object row, NaN where it has no surface."""
    of_surface = surfaces.geometries.bounds()
    low, high = np.full((surfaces.object_count, 2), np.inf), np.full((surfaces.object_count, 2), -np.inf)
    known = np.isfinite(of_surface).all(axis=1)
    np.minimum.at(low, surfaces.objects[known], of_surface[known, :2])
    np.maximum.at(high, surfaces.objects[known], of_surface[known, 2:])
    box = np.column_stack([low, high])
    box[~np.isfinite(box).all(axis=1)] = np.nan
    return box


def _centres(surfaces: Surfaces) -> NDArray[np.float64]:
    """Return the middle of the corners of each object row, NaN where it has none."""
    shapes = surfaces.geometries
    row = np.repeat(surfaces.objects, np.diff(shapes.coordinate_spans()))
    count = np.bincount(row, minlength=surfaces.object_count)
    xyz = shapes.coordinates if shapes.has_z else np.column_stack([shapes.coordinates, np.zeros(len(row))])
    sums = np.column_stack([np.bincount(row, xyz[:, axis], surfaces.object_count) for axis in range(3)])
    return np.asarray(np.where(count > 0, 1.0, np.nan)[:, None] * sums / np.maximum(count, 1)[:, None])
