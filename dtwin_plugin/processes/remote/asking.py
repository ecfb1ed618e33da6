"""Values of a model as the request of an execution, and results as values of a model (OGC 18-062r2, 7.11)."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dtwin_plugin.data.atomic import written_beside
from dtwin_plugin.errors import FormatError, InputError
from dtwin_plugin.progress import Progress

from ..client import Client
from ..client.results import Results
from ..json_text import dumped, parsed
from ..media import Link, Value, chosen, decode, encode, essence, known, suffix_of
from .binding import Binding

_DOCUMENTS = ("grid", "features", "surfaces", "file", "voxels")


@dataclass(frozen=True)
class FileResult:
    """A result that is a file as it came; it writes itself."""

    data: bytes

    def write(self, path: Path) -> None:
        """Write it, beside and renamed."""
        with written_beside(path) as temporary:
            temporary.write_bytes(self.data)


def request_of(
    inputs: Sequence[Binding], outputs: Sequence[Binding], values: Mapping[str, Any], progress: Progress
) -> dict[str, Any]:
    """Return the request of an execution.

    Raises
    ------
    InputError
        If a text that must be JSON is none.
    CrsError
        If a layer must be in longitude and latitude, and cannot be.
    """
    given = {}
    for binding in inputs:
        value = values.get(binding.field.name)
        if value is not None and not (value == "" and binding.field.optional):
            sent = _input(binding, value, progress)
            given[binding.name] = [sent] if binding.shape.is_list else sent
    asked = {binding.name: _format(binding) for binding in outputs}
    is_one = len(outputs) == 1 and outputs[0].field.kind in _DOCUMENTS
    return {"inputs": given, "outputs": asked, "response": "raw" if is_one else "document"}


def _format(binding: Binding) -> dict[str, Any]:
    """Return what is asked of an output: the format that keeps most, of those that the server has."""
    shape = binding.shape
    if not shape.media_types:
        return {"transmissionMode": "value"}
    best = chosen(shape.kind, shape.media_types) if shape.kind in _DOCUMENTS and shape.kind != "file" else ""
    name = next((one for one in shape.media_types if known(one) == best), shape.media_types[0])
    return {"transmissionMode": "value", "format": {"mediaType": name}}


def _input(binding: Binding, value: Any, progress: Progress) -> Any:
    shape, item = binding.shape, binding.field
    if item.kind == "choice":
        return next(one for one in shape.values if str(one) == value)
    if item.kind == "datetime" and shape.is_date:
        return value.date().isoformat()
    if item.kind == "text" and shape.is_json:
        try:
            return parsed(str(value), item.title)
        except FormatError as error:
            raise InputError(
                "{field} is no JSON.", hint="Write texts in quotes, lists in [ ].", field=item.title
            ) from error
    if item.kind == "file":
        return _file(binding, Path(value)).as_json()
    wanted = chosen(item.kind, shape.media_types) if item.kind in _DOCUMENTS else ""
    sent = encode(item, value, wanted, progress)
    spelt = next((one for one in shape.media_types if known(one) == known(sent.media_type)), sent.media_type)
    return replace(sent, media_type=spelt).as_json()


def _file(binding: Binding, path: Path) -> Value:
    """Return a file with the media type that its name stands for, of those that the server takes."""
    types = binding.shape.media_types
    name = next((one for one in types if path.name.lower().endswith(suffix_of(one))), types[0] if types else "")
    found = encode(binding.field, path, name)
    if essence(name) == "application/json" or essence(name).endswith("+json"):
        return Value(parsed(found.data, path.name), name)
    return found


def values_of(client: Client, outputs: Sequence[Binding], results: Results, progress: Progress) -> dict[str, Any]:
    """Return the values of results, brought here where they are links.

    Raises
    ------
    FormatError
        If one is of another type than was described, a link leads where it may not, or there is none at all.
    """
    made = {}
    for binding in outputs:
        found = results.get(binding.name)
        if found is None:
            progress.warn("The server gave no {output}.", output=binding.field.title)
            continue
        value = client.fetch(found) if isinstance(found, Link) else found
        if binding.shape.is_list and isinstance(value.data, list) and len(value.data) == 1:
            value = Value(value.data[0], value.media_type)
        made[binding.field.name] = _output(binding, value, progress)
    if outputs and not made:
        raise FormatError("The server gave none of the results.", hint="Refresh the server, or tell who keeps it.")
    return made


def _output(binding: Binding, value: Value, progress: Progress) -> Any:
    item = binding.field
    if item.kind == "text":
        if isinstance(value.data, bytes):
            return value.data.decode("utf-8", "replace")
        return value.data if isinstance(value.data, str) else dumped(value.data).decode()
    with tempfile.TemporaryDirectory() as folder:
        found = decode(item, value, Path(folder), progress=progress)
        return FileResult(found.read_bytes()) if isinstance(found, Path) else found
