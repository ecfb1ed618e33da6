"""What the tasks have made to what the user gets: one GeoPackage, a folder for what does not fit in it, and a log."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qgis.core import (
    QgsCoordinateTransformContext,
    QgsMapLayer,
    QgsMapLayerStyle,
    QgsPointCloudLayer,
    QgsProviderRegistry,
    QgsRasterLayer,
    QgsVectorFileWriter,
    QgsVectorLayer,
)

from dtwin_plugin.catalogue.products import Product
from dtwin_plugin.data.atomic import written_beside
from dtwin_plugin.errors import InputError
from dtwin_plugin.layers import write
from dtwin_plugin.layers.reference import read_definition
from dtwin_plugin.models.base import Field
from dtwin_plugin.paths import version
from dtwin_plugin.progress import Silent
from dtwin_plugin.translate import tr
from dtwin_plugin.twin.jobs import TITLES, Journal, Outcome

from ..loaders import LOADERS
from .covers import findings_of, judge_covers
from .target import files_of

_STYLE_NAME = 30  # characters that a GeoPackage has for the name of a style
_VECTOR = ("features", "surfaces", "table", "voxels")
LOG, SUMMARY, QUALITY = "log", "quality_summary", "quality"


@dataclass(frozen=True)
class Loaded:
    """A layer of the result.

    Attributes
    ----------
    name : str
        Name of the declared output, and of the table in the GeoPackage ("buildings3d_surfaces").
    title : str
        For the legend.
    kind : str
        "grid", "features", "surfaces", "table", "voxels", "points" or "layer".
    uri : str
        What QGIS opens.
    """

    name: str
    title: str
    kind: str
    uri: str

    def open(self) -> QgsMapLayer:
        """Return the layer, with the style that was stored with it."""
        if self.kind == "layer":
            (layer,) = read_definition(Path(self.uri))[:1]
        elif self.kind == "grid":
            layer = QgsRasterLayer(self.uri, self.title)
        elif self.kind == "points":
            layer = QgsPointCloudLayer(self.uri, self.title, "copc")
        else:
            layer = QgsVectorLayer(self.uri, self.title, "ogr")
        layer.setName(self.title)
        return layer


def output_name(product: Product, item: Field) -> str:
    """Return the name of a declared output: that of the product, with its part where it has more than one.

    A terrain is "terrain", and the buildings of the 3DBAG are "buildings3d_surfaces" and "buildings3d_footprints".
    """
    name = product.id.lower().replace(".", "_").replace("-", "_")
    return name if len(layer_outputs(product)) == 1 else f"{name}_{item.name}"


def layer_outputs(product: Product) -> list[Field]:
    """Return the outputs of a product's loader that are layers."""
    kinds = (*_VECTOR, "grid", "points", "layer")
    return [item for item in LOADERS[product.loader].outputs if item.kind in kinds]


def assemble(
    products: Sequence[Product], outcomes: Sequence[Outcome], journal: Journal, target: Path
) -> tuple[Path, list[Loaded]]:
    """Write the GeoPackage and the folder beside it; return the file that was written, and the layers.

    Where the file is in use by another program (Windows), the next free name is taken.
    """
    folder = files_of(target)
    own = journal.folder / "own"
    own.mkdir(parents=True, exist_ok=True)
    judge_covers(outcomes, journal, own)
    loaded: list[Loaded] = []
    ended = {outcome.id: outcome for outcome in outcomes}
    tables: list[tuple[Path, str, str, str]] = []  # file, table in it, table to be, title
    for product in products:
        outcome = ended[product.id]
        if not outcome.has_result:
            continue
        made = {row["name"]: row for row in outcome.facts["outputs"]}
        for item in layer_outputs(product):
            if item.name not in made:
                continue
            row, name = made[item.name], output_name(product, item)
            file = journal.folder / product.id / row["file"]
            if row["kind"] in _VECTOR:
                tables.append((file, item.name, name, _title(product, item)))
                loaded.append(Loaded(name, _title(product, item), row["kind"], name))
            else:
                uri = _moved(file, folder / (name + file.name[len(item.name) :]))
                loaded.append(Loaded(name, _title(product, item), row["kind"], str(uri)))
    written = _write_package(target, tables, products, outcomes, journal)
    loaded = [
        Loaded(item.name, item.title, item.kind, f"{written}|layername={item.name}") if item.kind in _VECTOR else item
        for item in loaded
    ]
    return written, loaded


def _title(product: Product, item: Field) -> str:
    whole = tr(product.title)
    return whole if len(layer_outputs(product)) == 1 else f"{whole.partition(' (')[0]}: {tr(item.title)}"


def _moved(file: Path, target: Path) -> Path:
    """Copy a raster or a point cloud with its style and metadata to the folder beside the GeoPackage."""
    for source in (file, file.with_suffix(".qml"), file.with_suffix(".qmd")):
        if source.is_file():
            goal = target if source == file else target.with_suffix(source.suffix)
            with written_beside(goal) as temporary:
                shutil.copyfile(source, temporary)
    return target


def _write_package(
    target: Path,
    tables: Sequence[tuple[Path, str, str, str]],
    products: Sequence[Product],
    outcomes: Sequence[Outcome],
    journal: Journal,
) -> Path:
    own = journal.folder / "own"
    write.write_table(_log(products, outcomes), own / "log.gpkg", LOG, Silent())
    extra = [(own / "log.gpkg", LOG, LOG, tr("Log of loading"))]
    summary = [row for outcome in outcomes for row in outcome.facts.get("quality", [])]
    if summary:
        columns = {name: [row.get(name) for row in summary] for name in dict.fromkeys(n for r in summary for n in r)}
        write.write_table(columns, own / "summary.gpkg", SUMMARY, Silent())
        extra.append((own / "summary.gpkg", SUMMARY, SUMMARY, tr("Quality of the data")))
    findings = findings_of(outcomes, journal)
    for candidate in _names(target):
        try:
            with written_beside(candidate) as temporary:
                for file, source, name, title in (*tables, *extra):
                    _copy(file, source, temporary, name, title)
                for number, file in enumerate(findings):
                    _copy(file, QUALITY, temporary, QUALITY, tr("Quality findings"), append=number > 0)
            return candidate
        except PermissionError:  # open in another program, on Windows also in this one
            continue
    raise InputError("{file} cannot be replaced; it is open in another program.", hint="Close it.", file=str(target))


def _names(target: Path) -> list[Path]:
    return [target, *(target.with_name(f"{target.stem}-{number}{target.suffix}") for number in range(2, 10))]


def _copy(file: Path, source: str, package: Path, name: str, title: str, append: bool = False) -> None:
    """Copy a layer with its style and metadata into the GeoPackage, or its features to one that is there."""
    layer = QgsVectorLayer(f"{file}|layername={source}", title, "ogr")
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.driverName, options.layerName = "GPKG", name
    actions = QgsVectorFileWriter.ActionOnExistingFile
    options.actionOnExistingFile = (
        actions.AppendToLayerNoNewFields if append
        else actions.CreateOrOverwriteLayer if package.exists()
        else actions.CreateOrOverwriteFile
    )  # fmt: skip
    error, message, *_ = QgsVectorFileWriter.writeAsVectorFormatV3(
        layer, str(package), QgsCoordinateTransformContext(), options
    )
    if error != QgsVectorFileWriter.WriterError.NoError:
        raise InputError("{file} cannot be written: {reason}.", file=str(package), reason=message.rstrip("."))
    if append:
        return
    style = QgsMapLayerStyle()
    style.readFromLayer(layer)
    copied = QgsVectorLayer(f"{package}|layername={name}", title, "ogr")
    style.writeToLayer(copied)
    copied.saveStyleToDatabase(title[:_STYLE_NAME], version(), True, "")
    QgsProviderRegistry.instance().saveLayerMetadata("ogr", copied.source(), layer.metadata())


def _log(products: Sequence[Product], outcomes: Sequence[Outcome]) -> dict[str, list[Any]]:
    """Return a row for each product: what came of it, whose data it is, and what was said."""
    rows = [_log_row(product, outcome) for product, outcome in zip(products, outcomes)]
    return {name: [row[name] for row in rows] for name in rows[0]}


def _log_row(product: Product, outcome: Outcome) -> dict[str, Any]:
    entry, facts = product.entry, outcome.facts
    return {
        "product": outcome.title,
        "status": tr(TITLES[outcome.status]),
        "objects": sum(row["count"] for row in facts.get("outputs", [])),
        "findings": int(facts.get("findings", 0)),
        "owner": entry.owner,
        "licence": entry.licence,
        "access_level": entry.access_level,
        "source": entry.url or "",
        "loaded_at": outcome.started,
        "seconds": outcome.seconds,
        "message": outcome.message,
        "warnings": "; ".join(outcome.warnings),
    }
