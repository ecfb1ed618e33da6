"""A run record to the parameters of Processing that make the run again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from qgis.core import QgsProcessingFeatureSourceDefinition

from dtwin_plugin.data.crs import RD
from dtwin_plugin.errors import InputError
from dtwin_plugin.translate import tr
from dtwin_plugin.twin.secrets import GONE

from ..model_algorithm import PERSON, PURPOSE, RECORD
from ..writers import PLAIN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dtwin_plugin.models.base import Field, Model
    from dtwin_plugin.twin import InputRecord, RunRecord

DATA = ("grid", "features", "table", "voxels", "file")


def parameters_of(record: RunRecord, model: Model, files: Mapping[str, Path | None], folder: Path) -> dict[str, Any]:
    """Return the parameters of a run, with its data where they are now and its results in a folder.

    Raises
    ------
    InputError
        If data are gone.
    """
    used = {item.name: item for item in record.inputs}
    found: dict[str, Any] = {PURPOSE: record.purpose, PERSON: record.person}
    for item in model.inputs:
        if item.kind in DATA:
            if item.name in used:
                found[item.name] = _data(item, used[item.name], files.get(item.name))
        elif record.parameters.get(item.name) == GONE:
            raise InputError(
                "The value of {input} is a password or a key, which no record keeps.",
                hint="Run {title} from the toolbox, and give it there.",
                input=tr(item.title),
                title=tr(model.title),
            )
        elif record.parameters.get(item.name) is not None:
            found[item.name] = _plain(item, record.parameters[item.name])
    names: set[str] = set()
    for output in model.outputs:
        if output.kind not in PLAIN and isinstance(record.outputs.get(output.name), str):
            name = Path(record.outputs[output.name]).name
            if name in ("", "..") or "\0" in name:
                raise _wrong(output, record.outputs[output.name])
            name = name if name not in names else f"{output.name}-{name}"
            names.add(name)
            found[output.name] = str(folder / name)
    return {**found, RECORD: str(folder / "run.json")}


def _data(item: Field, used: InputRecord, path: Path | None) -> Any:
    """Return the layer or the file of an input, with the table and the filter that it had."""
    if path is None and "://" not in used.source and "authcfg" not in used.source and "dbname" not in used.source:
        raise InputError(
            "The data of {input} are gone: {source}.",
            hint="Give the folder that holds them, under the same name or called {name} with the suffix of its format.",
            input=tr(item.title),
            source=used.source,
            name=item.name,
        )
    address = used.source if path is None else str(path) + used.layer.removeprefix(used.source)
    if not used.part:
        return address
    chosen = QgsProcessingFeatureSourceDefinition(address)
    chosen.filterExpression = used.part
    return chosen


def _plain(item: Field, value: Any) -> Any:
    """Return a value of a record as Processing takes it; raises InputError where it is of another type.

    Processing would take a text for an expression, or run with a default.
    """
    if not _is(item, value):
        raise _wrong(item, value)
    if item.kind == "extent":
        x_min, y_min, x_max, y_max = value
        return f"{x_min!r},{x_max!r},{y_min!r},{y_max!r} [{RD}]"
    if item.kind == "choice":
        return list(item.choices).index(value) if value in item.choices else value
    return str(value).replace(" ", "T") if item.kind == "datetime" else value


def _is(item: Field, value: Any) -> bool:
    """Tell whether a value is of the type that records have for a kind of field."""
    if item.kind == "extent":
        return isinstance(value, list) and len(value) == 4 and all(map(_is_number, value))
    if item.kind in ("number", "integer"):
        return _is_number(value) and (item.kind == "number" or value == int(value))
    if item.kind in ("boolean", "choice", "text", "datetime"):
        return isinstance(value, bool if item.kind == "boolean" else str)
    return True


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and -1e300 < value < 1e300


def _wrong(item: Field, value: Any) -> InputError:
    text = str(value)
    return InputError(
        "The record has {found} for {field}, which is no {kind}: it was changed since the run.",
        hint="Choose the record as the run wrote it.",
        found=text if len(text) < 60 else text[:57] + "…",
        field=tr(item.title),
        kind=item.kind,
    )
