"""Where results may be written: never over an input, each in its own file, in a folder that takes them.

Looked at before a run, so that hours of work do not end at a folder that is read-only.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from qgis.core import (
    QgsProcessing,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingOutputLayerDefinition,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterFolderDestination,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterVectorDestination,
    QgsProperty,
)

from dtwin_plugin.errors import InputError
from dtwin_plugin.translate import mark

_LAYERS = ("raster", "vector", "source", "layer")
_RASTERS = (".tif", ".tiff")
_MESH = ".nc"


def check_destinations(
    algorithm: QgsProcessingAlgorithm, parameters: dict[str, Any], context: QgsProcessingContext
) -> None:
    """Raise InputError where a result would replace an input or another result, or cannot be written."""
    inputs = list(_inputs(algorithm, parameters, context))
    seen: list[Path] = []
    for definition in algorithm.parameterDefinitions():
        path = chosen_file(definition, parameters, context) if definition.isDestination() else None
        if path is None:
            continue
        if any(_is_same(path, other) for other in inputs):
            raise InputError(
                "{field} would replace the input {file}; inputs are never changed.",
                hint="Choose another file for the result.",
                field=definition.description(),
                file=str(path),
            )
        if any(_is_same(path, other) for other in seen):
            raise InputError(
                "{field} would be written to {file}, which is that of another result.",
                hint="Choose a file for each result.",
                field=definition.description(),
                file=str(path),
            )
        if any(_share_style(path, other) for other in seen):
            raise InputError(
                "{field} would be written to {file}, which has one style file with another result.",
                hint="Give the raster and the mesh names that differ by more than the suffix.",
                field=definition.description(),
                file=str(path),
            )
        seen.append(path)
        _expect_writable(path)
        _expect_suffix(definition, path)


def chosen_file(
    definition: QgsProcessingParameterDefinition, parameters: dict[str, Any], context: QgsProcessingContext
) -> Path | None:
    """Return the file that the user chose for a result, None where QGIS makes one itself."""
    if isinstance(definition, QgsProcessingParameterFolderDestination):
        return None  # who writes a folder looks at what is in it
    value = parameters.get(definition.name())
    if isinstance(value, QgsProcessingOutputLayerDefinition):
        value = value.sink
    if isinstance(value, QgsProperty):
        value, _ = value.valueAsString(context.expressionContext())
    if not isinstance(value, str) or not value or value == "TEMPORARY_OUTPUT":
        return None
    return Path(value)


def _inputs(
    algorithm: QgsProcessingAlgorithm, parameters: dict[str, Any], context: QgsProcessingContext
) -> Iterator[Path]:
    """Yield the files that a run reads."""
    from dtwin_plugin.layers.read import file_behind

    for definition in algorithm.parameterDefinitions():
        name, kind = definition.name(), definition.type()
        if parameters.get(name) in (None, "") or definition.isDestination():
            continue
        found: list[str] = []
        if kind in _LAYERS:
            layer = algorithm.parameterAsLayer(parameters, name, context)
            found = [layer.source()] if layer is not None and layer.providerType() != "memory" else []
        elif kind == "file":
            found = [algorithm.parameterAsFile(parameters, name, context)]
        elif kind == "multilayer":
            if definition.layerType() != QgsProcessing.SourceType.TypeFile:  # QGIS would try to open records as layers
                found = [layer.source() for layer in algorithm.parameterAsLayerList(parameters, name, context)]
            found += algorithm.parameterAsFileList(parameters, name, context)
        yield from (path for path in map(file_behind, found) if path is not None)


def _share_style(path: Path, other: Path) -> bool:
    """Tell whether QGIS looks for the style of both in one file."""
    beside = (*_RASTERS, _MESH)
    return {path.suffix.lower(), other.suffix.lower()} <= set(beside) and _is_same(
        path.with_suffix(".qml"), other.with_suffix(".qml")
    )


def _is_same(path: Path, other: Path) -> bool:
    if path.exists() and other.exists():
        return path.samefile(other)  # links and another spelling too
    return os.path.normcase(os.path.realpath(path)) == os.path.normcase(os.path.realpath(other))


def _expect_suffix(definition: QgsProcessingParameterDefinition, path: Path) -> None:
    if isinstance(definition, QgsProcessingParameterVectorDestination):
        from dtwin_plugin.layers.write import check_suffix

        check_suffix(path, table=definition.dataType() == QgsProcessing.SourceType.TypeVector)
    elif isinstance(definition, QgsProcessingParameterRasterDestination) and path.suffix.lower() not in _RASTERS:
        raise InputError(
            "{file} cannot be written: the suffix is not one of {suffixes}.",
            hint="Choose .tif.",
            file=path.name,
            suffixes=", ".join(_RASTERS),
        )


def _expect_writable(path: Path) -> None:
    folder = next((parent for parent in path.absolute().parents if parent.exists()), Path(path.anchor))
    reason = ""
    if path.is_dir():
        reason = mark("it is a folder")
    elif not folder.is_dir():
        reason = mark("what should be its folder is a file")
    elif not os.access(folder, os.W_OK | os.X_OK):
        reason = mark("you may not write in its folder")
    elif "|" in path.name:
        reason = mark("its name has a |, which QGIS reads as the end of it")
    if reason:
        raise InputError(
            "{file} cannot be written: {reason}.", hint="Choose another folder or file.", file=str(path), reason=reason
        )
