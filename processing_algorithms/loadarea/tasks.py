"""One product for one area: its loader is run, its results are judged and written to a folder of their own."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qgis.core import Qgis

from dtwin_plugin.catalogue.products import Product
from dtwin_plugin.data import Features, Grid, LayerReference, PointCloud, Surfaces, Voxels
from dtwin_plugin.layers.network import tallied
from dtwin_plugin.models.base import Field, Model
from dtwin_plugin.models.checks import check, require
from dtwin_plugin.models.quality import Cover, assess, findings_layer
from dtwin_plugin.progress import Part, Progress
from dtwin_plugin.translate import plural, tr
from dtwin_plugin.twin import InputRecord, RunRecord
from dtwin_plugin.twin.jobs import Task

from ..described import descriptions
from ..writers import PLAIN, SUFFIXES, write_output
from .covers import COVER, FINDINGS, write_cover

if TYPE_CHECKING:
    from dtwin_plugin.data.area import Area

PARTS = ("log_columns", "log_screens", "log_series", "log_sticks")  # styles of rows that belong to sites
LOADING, JUDGING = 0.8, 0.9  # shares of a task's time after which it has loaded, and judged


@dataclass(frozen=True)
class Order:
    """What is asked of every product.

    Attributes
    ----------
    area : Area
    cell_size : float or None
        Of rasters [m]; None for that of the source.
    purpose : str
        Goes into the record of each layer.
    """

    area: Area
    cell_size: float | None = None
    purpose: str = ""
    parameters: dict[str, dict[str, Any]] = field(default_factory=dict)  # by product, before those of the product


def task_of(product: Product, order: Order) -> Task:
    """Return the task that loads a product."""
    model = descriptions()[product.loader]
    values = values_of(model, product, order)
    key = json.dumps([model.id, model.version, product.entry.url, order.area.key(), _plain(values)], sort_keys=True)
    digest = hashlib.sha256(key.encode()).hexdigest()
    return Task(product.id, tr(product.title), digest, partial(_run, product, order, values))


def values_of(model: Model, product: Product, order: Order) -> dict[str, Any]:
    """Return a value for every input of a loader: what is asked, else its default."""
    given = {**product.parameters, **order.parameters.get(product.id, {}), "extent": order.area.extent}
    if order.cell_size is not None:
        given["cell_size"] = order.cell_size
    return {item.name: given.get(item.name, item.default) for item in model.inputs}


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value if isinstance(value, (str, int, float, bool)) else str(value) for name, value in values.items()}


def _run(product: Product, order: Order, values: dict[str, Any], folder: Path, progress: Progress) -> dict[str, Any]:
    """Load, judge and write; return what is known of the results as plain data."""
    with tallied() as tally:
        facts = _load(product, order, values, folder, progress)
    if tally.counts.get("stale"):
        hours = max(1, math.ceil(tally.oldest / 3600))
        progress.warn(
            plural(
                hours,
                "{count} of {total} answers are from the cache, at most {hours} hour old; the service was not "
                "asked or did not answer.",
                "{count} of {total} answers are from the cache, at most {hours} hours old; the service was not "
                "asked or did not answer.",
            ),
            count=tally.counts["stale"],
            total=sum(tally.counts.values()),
            hours=hours,
        )
    return {**facts, "answers": tally.counts}


def _load(product: Product, order: Order, values: dict[str, Any], folder: Path, progress: Progress) -> dict[str, Any]:
    model = descriptions()[product.loader]
    require(check(model, values), tr)
    record = RunRecord(
        model.id,
        model.version,
        tr(product.title),
        order.purpose,
        {name: value for name, value in values.items() if value is not None},
        [InputRecord("source", product.entry.url or "")],
        software={"qgis": Qgis.version()},
        rights=[product.rights],
    )
    made = model.run(values, Part(progress, 0.0, LOADING))
    record.end()
    record.warnings = list(progress.warnings)  # type: ignore[attr-defined]
    outputs, assessments = [], []
    wanted = [item for item in model.outputs if item.kind not in PLAIN and made.get(item.name) is not None]
    for number, item in enumerate(wanted):
        carrier = _within(made[item.name], order)
        layer = f"{product.id}/{item.name}"
        if isinstance(carrier, (Features, Surfaces, Grid)) and item.style not in PARTS:
            judging = Part(progress, LOADING, JUDGING)
            assessments.append(assess(layer, carrier, order.area.extent, progress=judging))
        elif item.kind == "points":
            carrier = Counted(carrier, Cover.of(order.area.extent, covers=order.area.covers))
        path = folder / (item.name + SUFFIXES[item.kind])
        share = (1.0 - JUDGING) / len(wanted)
        begin = JUDGING + share * number
        write_output(item, carrier, path, record, Part(progress, begin, begin + share))
        outputs.append({"name": item.name, "file": path.name, "kind": item.kind, "count": _count(item, carrier)})
        if isinstance(carrier, Counted):  # judged when all is there: what is water does not lack points
            write_cover(carrier.cover, folder / (item.name + COVER))
    found = findings_layer(assessments)
    if len(found):
        write_output(FINDINGS, found, folder / "quality.gpkg", record, Part(progress, 1.0, 1.0))
    return {
        "outputs": outputs,
        "quality": [assessment.summary for assessment in assessments],
        "findings": len(found),
        "run": record.id,
    }


def _within(carrier: Any, order: Order) -> Any:
    """Return what touches the area where that is no rectangle; rasters keep the rectangle, which models need."""
    if order.area.polygon is None:
        return carrier
    if isinstance(carrier, Features):
        return carrier.take(order.area.touching(carrier.geometries).nonzero()[0])
    if isinstance(carrier, Surfaces):
        return carrier.of_objects_with(order.area.touching(carrier.geometries))
    if isinstance(carrier, (Grid, LayerReference, Voxels, dict)):
        return carrier
    return (chunk.take(order.area.covers(chunk.x, chunk.y)) for chunk in carrier)


class Counted:
    """Chunks of points that are counted, and their cells marked, while they pass."""

    def __init__(self, chunks: Iterable[PointCloud], cover: Cover) -> None:
        self._chunks, self.cover, self.count = chunks, cover, 0

    def __iter__(self) -> Iterator[PointCloud]:
        for chunk in self._chunks:
            self.count += len(chunk)
            self.cover.add(chunk)
            yield chunk


def _count(item: Field, carrier: Any) -> int:
    """Return how many objects an output has; none where its rows are parts of objects that are counted as sites."""
    return 0 if item.kind == "table" or item.style in PARTS else count_of(carrier)


def count_of(carrier: Any) -> int:
    """Return how much was loaded: objects, points, or cells with a value."""
    if isinstance(carrier, Voxels):
        return int((carrier.classes >= 0).sum())
    if isinstance(carrier, Surfaces):
        return len(set(carrier.columns["id"]))
    if isinstance(carrier, Grid):
        return carrier.count()
    if isinstance(carrier, Counted):
        return carrier.count
    return 1 if isinstance(carrier, LayerReference) else len(carrier)
