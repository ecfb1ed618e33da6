"""What the tasks have made to what the user gets: one GeoPackage, a folder for what does not fit in it, and a log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qgis.core import QgsMapLayer, QgsPointCloudLayer, QgsRasterLayer, QgsVectorLayer

from dtwin_plugin.catalogue.products import Product
from dtwin_plugin.data.atomic import written_beside
from dtwin_plugin.errors import Cancelled, InputError
from dtwin_plugin.layers.reference import read_definition
from dtwin_plugin.models.base import Field
from dtwin_plugin.progress import Progress, Silent
from dtwin_plugin.translate import tr
from dtwin_plugin.twin.jobs import Journal, Outcome

from .covers import findings_of, judge_covers
from .offers import LOG, QUALITY, SUMMARY, VECTOR, layer_outputs, output_name
from .package import begin, copy_layer, tables_of
from .records import Table, forget_findings, has_findings_of_others, tables_of_load
from .target import files_of

_BLOCK = 1 << 22  # bytes copied between looks at whether the user wants to stop


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


def assemble(
    products: Sequence[Product],
    outcomes: Sequence[Outcome],
    journal: Journal,
    target: Path,
    progress: Progress | None = None,
) -> tuple[Path, list[Loaded]]:
    """Write the GeoPackage and the folder beside it; return the file that was written, and the layers.

    What is there of products that were not loaded now stays. All is written beside and renamed at the end, so that what
    was there is whole when this fails or is stopped. Where the file is in use by another program (Windows), the next
    free name is taken.
    """
    progress = progress or Silent()
    own = journal.folder / "own"
    own.mkdir(parents=True, exist_ok=True)
    judge_covers(outcomes, journal, own)
    loaded: list[Loaded] = []
    tables: list[Table] = []
    with ExitStack() as beside:
        for product, item, row in _made(products, outcomes):
            name, title = output_name(product, item), _title(product, item)
            file = journal.folder / product.id / row["file"]
            if row["kind"] in VECTOR:
                tables.append((file, item.name, name, title))
                loaded.append(Loaded(name, title, row["kind"], name))
            else:
                goal = files_of(target) / (name + file.name[len(item.name) :])
                _copy_beside(file, goal, beside, progress)
                loaded.append(Loaded(name, title, row["kind"], str(goal)))
        written = _write_package(target, tables, products, outcomes, journal, progress)
    loaded = [
        Loaded(item.name, item.title, item.kind, f"{written}|layername={item.name}") if item.kind in VECTOR else item
        for item in loaded
    ]
    return written, loaded


def _made(products: Sequence[Product], outcomes: Sequence[Outcome]) -> Iterator[tuple[Product, Field, dict[str, Any]]]:
    """Yield what was made: the product, the output of its loader, and what is known of the result."""
    ended = {outcome.id: outcome for outcome in outcomes}
    for product in products:
        outcome = ended[product.id]
        made = {row["name"]: row for row in outcome.facts["outputs"]} if outcome.has_result else {}
        yield from ((product, item, made[item.name]) for item in layer_outputs(product) if item.name in made)


def _title(product: Product, item: Field) -> str:
    whole = tr(product.title)
    return whole if len(layer_outputs(product)) == 1 else f"{whole.partition(' (')[0]}: {tr(item.title)}"


def _copy_beside(file: Path, target: Path, beside: ExitStack, progress: Progress) -> None:
    """Copy a raster or a point cloud with its style and metadata to where it is renamed from when all is written."""
    for source in (file, file.with_suffix(".qml"), file.with_suffix(".qmd")):
        if source.is_file():
            goal = target if source == file else target.with_suffix(source.suffix)
            temporary = beside.enter_context(written_beside(goal))
            with source.open("rb") as reading, temporary.open("wb") as writing:
                while block := reading.read(_BLOCK):
                    if progress.is_cancelled():
                        raise Cancelled
                    writing.write(block)


def _write_package(
    target: Path,
    tables: Sequence[Table],
    products: Sequence[Product],
    outcomes: Sequence[Outcome],
    journal: Journal,
    progress: Progress,
) -> Path:
    """Write the tables into the file, or into the next name where another program holds it."""
    again = [product for product, outcome in zip(products, outcomes) if outcome.has_result]
    for candidate in _names(target):
        base = candidate if candidate.exists() else target  # what it has stays, else it goes on from the one in use
        own = tables_of_load(base, products, outcomes, journal.folder / "own")
        replaced = {output_name(product, item) for product in again for item in layer_outputs(product)}
        stale = {LOG, SUMMARY} if has_findings_of_others(base, again) else {LOG, SUMMARY, QUALITY}
        try:
            with written_beside(candidate) as temporary:
                begin(base, temporary, replaced | stale, progress)
                forget_findings(temporary, again)
                for number, (file, source, name, title) in enumerate((*tables, *own)):
                    progress.report(number / (len(tables) + len(own)))
                    copy_layer(file, source, temporary, name, title, progress)
                for file in findings_of(outcomes, journal):
                    there = QUALITY in tables_of(temporary)
                    copy_layer(file, QUALITY, temporary, QUALITY, tr("Quality findings"), progress, append=there)
            return candidate
        except PermissionError:  # open in another program, on Windows also in this one
            continue
    raise InputError("{file} cannot be replaced; it is open in another program.", hint="Close it.", file=str(target))


def _names(target: Path) -> list[Path]:
    return [target, *(target.with_name(f"{target.stem}-{number}{target.suffix}") for number in range(2, 10))]
