"""Whether point clouds cover the area asked: judged after all was loaded, as only then it is known what is water."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from qgis.core import QgsVectorLayer

from dtwin_plugin.data import Geometries
from dtwin_plugin.layers.read import features_of
from dtwin_plugin.models.base import Field
from dtwin_plugin.models.quality import Assessment, Cover, assess_cover, findings_layer
from dtwin_plugin.progress import Silent
from dtwin_plugin.translate import mark
from dtwin_plugin.twin import RunRecord
from dtwin_plugin.twin.jobs import Journal, Outcome

from ..writers import write_output

COVER = ".cover.npz"  # beside a point cloud in the folder of its task
FINDINGS = Field("quality", mark("Quality findings"), "features", geometry="point", style="quality")
_WATER = ("bgt", "\"klasse\" = 'waterdeel'")  # output of a loader that has water, and what water is in it
_FINDINGS_FILE = "findings_file"


def write_cover(cover: Cover, path: Path) -> None:
    """Keep which cells of an area hold points."""
    place = np.array([cover.x_min, cover.y_max, cover.cell_size])
    np.savez_compressed(path, place=place, has=cover.has, asked=cover.asked)


def read_cover(path: Path) -> Cover:
    """Return what `write_cover` kept."""
    with np.load(path, allow_pickle=False) as kept:
        x_min, y_max, size = kept["place"].tolist()
        return Cover(x_min, y_max, size, kept["has"], kept["asked"])


def judge_covers(outcomes: Sequence[Outcome], journal: Journal, folder: Path) -> None:
    """Add to the facts of point clouds what they cover, water left out where it was loaded too.

    Parameters
    ----------
    folder : Path
        Where the findings are written.
    """
    water: Geometries | None = None
    for outcome in outcomes:
        covers = list(_covers(outcome, journal))
        if not covers:
            continue
        water = _water(outcomes, journal) if water is None else water
        assessments = [assess_cover(name, cover.without(water), count) for name, cover, count in covers]
        outcome.facts["quality"] = [*outcome.facts.get("quality", []), *(item.summary for item in assessments)]
        _keep(outcome, assessments, folder / f"{outcome.id}.gpkg")


def findings_of(outcomes: Sequence[Outcome], journal: Journal) -> list[Path]:
    """Return the files with findings."""
    return [
        Path(item.facts.get(_FINDINGS_FILE) or journal.folder / item.id / "quality.gpkg")
        for item in outcomes
        if item.has_result and item.facts.get("findings")
    ]


def _covers(outcome: Outcome, journal: Journal) -> Iterator[tuple[str, Cover, int]]:
    """Yield the name, the cover and the count of the point clouds of a task."""
    for row in outcome.facts.get("outputs", []) if outcome.has_result else []:
        path = journal.folder / outcome.id / (row["name"] + COVER)
        if path.is_file():
            yield f"{outcome.id}/{row['name']}", read_cover(path), row["count"]


def _keep(outcome: Outcome, assessments: list[Assessment], path: Path) -> None:
    found = findings_layer(assessments)
    if len(found):
        record = RunRecord("loadarea", "1.0.0", outcome.title)
        record.end()
        write_output(FINDINGS, found, path, record, Silent())
        outcome.facts.update({"findings": len(found), _FINDINGS_FILE: str(path)})


def _water(outcomes: Sequence[Outcome], journal: Journal) -> Geometries:
    """Return the water that was loaded, nothing where none was."""
    name, condition = _WATER
    for outcome in outcomes:
        for row in outcome.facts.get("outputs", []) if outcome.has_result else []:
            if row["name"] == name:
                layer = QgsVectorLayer(f"{journal.folder / outcome.id / row['file']}|layername={name}", name, "ogr")
                layer.setSubsetString(condition)
                return features_of(layer, "polygon", None, Silent()).geometries
    return Geometries.build("polygon", [])
