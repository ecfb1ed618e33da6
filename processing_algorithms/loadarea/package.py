"""The GeoPackage of a load: what other loads and the user put in it stays, what is loaded again is replaced."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from contextlib import closing
from pathlib import Path
from typing import Any

from qgis.core import (
    QgsCoordinateTransformContext,
    QgsFeatureRequest,
    QgsFeedback,
    QgsMapLayerStyle,
    QgsProviderRegistry,
    QgsVectorFileWriter,
    QgsVectorLayer,
)

from dtwin_plugin.errors import Cancelled, InputError
from dtwin_plugin.layers import voxels
from dtwin_plugin.layers.finish import STYLE_NAME
from dtwin_plugin.paths import version
from dtwin_plugin.progress import Progress

_MAGIC = b"SQLite format 3\0"
_PAGES = 2048  # of a database, copied between looks at whether the user wants to stop (8 MB)
_HOUSEHOLD = ("gpkg_", "rtree_", "sqlite_", "layer_styles")  # beginnings of tables that hold no data of their own


def begin(base: Path, package: Path, replaced: Collection[str], progress: Progress) -> None:
    """Begin a GeoPackage with what another one has, but for the tables that are to be replaced.

    Nothing is copied where nothing stays, or where the other is no GeoPackage.

    Raises
    ------
    InputError
        If the other one is damaged: what it has would be lost.
    Cancelled
        If the user stops it.
    """
    names = tables_of(base)
    if not set(names) - set(replaced):
        return
    try:
        _copy_whole(base, package, progress)
    except sqlite3.Error as error:
        raise _damaged(base, error) from error
    connection = QgsProviderRegistry.instance().providerMetadata("ogr").createConnection(str(package), {})
    for name in sorted(set(names) & set(replaced)):
        connection.dropVectorTable("", name)
    del connection
    _forget(package, set(names) & set(replaced))


def tables_of(file: Path) -> list[str]:
    """Return the tables with data in a GeoPackage; none of what is no GeoPackage, or is not there.

    Raises InputError where it is damaged.
    """
    if not file.is_file() or not _is_database(file):
        return []
    try:
        with closing(_opened(file)) as database:
            if not database.execute("select 1 from sqlite_master where name='gpkg_contents'").fetchall():
                return []
            names = [name for (name,) in database.execute("select name from sqlite_master where type='table'")]
    except sqlite3.DatabaseError as error:
        raise _damaged(file, error) from error
    return [name for name in names if not name.startswith(_HOUSEHOLD)]


def rows_of(file: Path, table: str) -> list[dict[str, Any]]:
    """Return the rows of a small table, without their number; none where it is not there."""
    if table not in tables_of(file):
        return []
    with closing(_opened(file)) as database:
        found = database.execute(f'select * from "{table}"')
        names = [column[0] for column in found.description]
        return [{n: v for n, v in zip(names, row) if n != "fid"} for row in found.fetchall()]


def leave_out(package: Path, table: str, where: str) -> None:
    """Remove rows from a table of a GeoPackage."""
    layer = QgsVectorLayer(f"{package}|layername={table}", table, "ogr")
    request = QgsFeatureRequest().setFilterExpression(where).setFlags(QgsFeatureRequest.Flag.NoGeometry)
    layer.dataProvider().deleteFeatures([feature.id() for feature in layer.getFeatures(request)])


def copy_layer(
    file: Path, source: str, package: Path, name: str, title: str, progress: Progress, append: bool = False
) -> None:
    """Copy a layer with its style and metadata into a GeoPackage, or its features to one that is there.

    Raises
    ------
    InputError
        If it cannot be written.
    Cancelled
        If the user stops it.
    """
    layer = QgsVectorLayer(f"{file}|layername={source}", title, "ogr")
    layer.loadDefaultStyle()  # a layer that code opens has all of its style but its times
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.driverName, options.layerName, options.feedback = "GPKG", name, _Heard(progress)
    actions = QgsVectorFileWriter.ActionOnExistingFile
    options.actionOnExistingFile = (
        actions.AppendToLayerNoNewFields if append
        else actions.CreateOrOverwriteLayer if package.exists()
        else actions.CreateOrOverwriteFile
    )  # fmt: skip
    error, message, *_ = QgsVectorFileWriter.writeAsVectorFormatV3(
        layer, str(package), QgsCoordinateTransformContext(), options
    )
    if progress.is_cancelled():
        raise Cancelled
    if error != QgsVectorFileWriter.WriterError.NoError:
        raise InputError("{file} cannot be written: {reason}.", file=str(package), reason=message.rstrip("."))
    if append:
        return
    style = QgsMapLayerStyle()
    style.readFromLayer(layer)
    copied = QgsVectorLayer(f"{package}|layername={name}", title, "ogr")
    style.writeToLayer(copied)
    copied.saveStyleToDatabase(title[:STYLE_NAME], version(), True, "")
    QgsProviderRegistry.instance().saveLayerMetadata("ogr", copied.source(), layer.metadata())
    voxels.follow(layer, package, name)


class _Heard(QgsFeedback):
    """Tells QGIS to stop when the user wants to, at the progress that QGIS tells while it writes."""

    def __init__(self, progress: Progress) -> None:
        super().__init__()
        self.progressChanged.connect(lambda _: self.cancel() if progress.is_cancelled() else None)


def _damaged(file: Path, error: sqlite3.Error) -> InputError:
    return InputError(
        "{file} has layers of earlier loads that cannot be read: {reason}.",
        hint="Choose another file.",
        file=str(file),
        reason=str(error),
    )


def _is_database(file: Path) -> bool:
    with file.open("rb") as opened:
        return opened.read(len(_MAGIC)) == _MAGIC


def _opened(file: Path) -> sqlite3.Connection:
    """Open a database to read, with what its journal has; only who may write can clear the journal's files away."""
    database = sqlite3.connect(f"{file.absolute().as_uri()}?mode=rw", uri=True)
    database.execute("pragma query_only=1")
    return database


def _copy_whole(base: Path, package: Path, progress: Progress) -> None:
    """Copy a database as it is at one moment, also where a program has it open."""

    def look(status: int, remaining: int, total: int) -> None:
        if progress.is_cancelled():
            raise Cancelled

    with closing(_opened(base)) as source, closing(sqlite3.connect(package)) as goal:
        source.backup(goal, pages=_PAGES, progress=look)
        goal.execute("pragma journal_mode=delete")


def _forget(package: Path, names: Collection[str]) -> None:
    """Remove styles and metadata of tables that are gone."""
    with closing(sqlite3.connect(package)) as database, database:
        there = {name for (name,) in database.execute("select name from sqlite_master where type='table'")}
        for name in names:
            if "layer_styles" in there:
                database.execute("delete from layer_styles where f_table_name=?", (name,))
            if "gpkg_metadata_reference" in there:
                database.execute("delete from gpkg_metadata_reference where table_name=?", (name,))
        if "gpkg_metadata_reference" in there:
            database.execute(
                "delete from gpkg_metadata where id not in (select md_file_id from gpkg_metadata_reference union "
                "select md_parent_id from gpkg_metadata_reference where md_parent_id is not null)"
            )
