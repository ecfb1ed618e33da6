"""The fields of a process of somebody else: our names and kinds, and how each is said in his terms."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dtwin_plugin.errors import FormatError
from dtwin_plugin.models.base import Field

from ..client.deviations import Deviations
from ..client.documents import text_of, title_of
from .schema import Shape, shape_of

MOST = 500  # inputs, and outputs, of one process
_LONGEST = 2000  # characters of a text
TAKEN = (
    "purpose",
    "person",
    "record",
    "wanted",
    "keep_until",
)  # parameters that every algorithm has, and keys of values
_OUTPUT_KINDS = {"points": "file", "choice": "text", "boolean": "text"}  # as results they are files and texts


@dataclass(frozen=True)
class Binding:
    """A field and what it is at the server.

    Attributes
    ----------
    name : str
        At the server.
    field : Field
    shape : Shape
    """

    name: str
    field: Field
    shape: Shape


def slug(text: str, most: int = 60) -> str:
    """Return a text as a name of ours: lower case, letters, digits and underscores.

    >>> slug("stringInput"), slug("Größe (m)"), slug("3d-model"), slug("日本")
    ('string_input', 'grosse_m', 'x_3d_model', 'x')
    """
    plain = unicodedata.normalize("NFKD", text[:500].replace("ß", "ss"))
    plain = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", plain).encode("ascii", "ignore").decode().lower()
    found = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:most].strip("_")
    return found if found[:1].isalpha() else f"x_{found}".rstrip("_")


def bindings_of(
    description: Mapping[str, Any], deviations: Deviations, what: str
) -> tuple[tuple[Binding, ...], tuple[Binding, ...]]:
    """Return the inputs and the outputs of a process description.

    Raises
    ------
    FormatError
        If there are too many, or they are no objects.
    """
    taken = set(TAKEN)
    found = []
    for part in ("inputs", "outputs"):
        rows = _rows(description.get(part), part, what, deviations)
        found.append(tuple(_binding(name, row, part, description, taken, deviations, what) for name, row in rows))
    return found[0], found[1]


def _rows(found: Any, part: str, what: str, deviations: Deviations) -> list[tuple[str, Mapping[str, Any]]]:
    """Return the members of "inputs" or "outputs"; lists of objects with an id, as in drafts, are read too."""
    if found is None:
        deviations.note("OP06", what, part)
        return []
    if isinstance(found, list):
        deviations.note("OP06", what, f"{part} is a list")
        found = {
            row["id"]: row for row in found[: MOST + 1] if isinstance(row, Mapping) and isinstance(row.get("id"), str)
        }
    if not isinstance(found, Mapping):
        raise FormatError("The {part} of {process} are no object.", part=part, process=what)
    if len(found) > MOST:
        raise FormatError(
            "The process {process} has {count} {part}, more than the {limit} that are read.",
            hint="Do not trust it.",
            process=what,
            count=len(found),
            part=part,
            limit=MOST,
        )
    return [(str(name), row if isinstance(row, Mapping) else {}) for name, row in found.items()]


def _binding(
    name: str,
    row: Mapping[str, Any],
    part: str,
    root: Any,
    taken: set[str],
    deviations: Deviations,
    what: str,
) -> Binding:
    shape = shape_of(row.get("schema"), root)
    where = f"{what}, {name[:80]}"
    if not shape.is_understood:
        deviations.note("OP07", where)
    ours = _free(slug(name), "_result" if part == "outputs" else "_input", taken)
    is_output = part == "outputs"
    kind = _OUTPUT_KINDS.get(shape.kind, shape.kind) if is_output else _input_kind(shape)
    optional = not is_output and (row.get("minOccurs") == 0 or shape.may_be_null)
    default = None if is_output else _default(shape, kind, deviations, where)
    choices = {str(value): str(value) for value in shape.values} if kind == "choice" else {}
    item = Field(
        ours,
        title_of(row.get("title"), name),
        kind,
        shape.unit or "1",
        default,
        None if is_output else shape.minimum,
        None if is_output else shape.maximum,
        choices,
        dict(shape.columns),
        shape.geometry,
        series=shape.is_series,
        # what has a default is left out by leaving it as it is
        optional=optional and default is None,
        doc=_doc(row, shape, name),
        style="" if kind != "file" or not is_output else _filter(shape),
    )
    return Binding(name, item, shape)


def _free(name: str, ending: str, taken: set[str]) -> str:
    found, number = name, 2
    if found in taken:
        found += ending
    while found in taken:
        found, number = f"{name}{ending}_{number}", number + 1
    taken.add(found)
    return found


def _input_kind(shape: Shape) -> str:
    """Return the kind of an input that has a parameter; what has none is given as a file."""
    return "file" if shape.kind in ("surfaces", "points") else shape.kind


def _default(shape: Shape, kind: str, deviations: Deviations, where: str) -> Any:
    """Return a default that fits its kind, None for another."""
    found = shape.default
    if found is None or kind not in ("number", "integer", "boolean", "choice", "text"):
        return None
    is_number = isinstance(found, (int, float)) and not isinstance(found, bool)
    fits = {
        "number": is_number,
        "integer": is_number and found == int(found),
        "boolean": isinstance(found, bool),
        "choice": found in shape.values,
        "text": True,
    }[kind]
    if fits and is_number and kind in ("number", "integer"):
        low, high = shape.minimum, shape.maximum
        fits = (low is None or found >= low) and (high is None or found <= high)
    if not fits:
        deviations.note("OP16", where, found)
        return None
    if kind == "text" and shape.is_json:
        from ..json_text import dumped

        return dumped(found).decode()
    return (
        {"number": float, "integer": int}.get(kind, lambda value: value)(found)
        if is_number and kind != "choice"
        else (str(found) if kind in ("choice", "text") else found)
    )


def _doc(row: Mapping[str, Any], shape: Shape, name: str) -> str:
    parts = [text_of(row.get("description"))[:_LONGEST].strip()]
    if shape.is_json:
        parts.append("JSON.")
    if shape.media_types:
        parts.append(", ".join(shape.media_types[:6]) + ".")
    return " ".join(part for part in parts if part)


def _filter(shape: Shape) -> str:
    from ..media import suffix_of

    suffix = suffix_of(shape.media_types[0]) if shape.media_types else ".bin"
    return f"{suffix[1:].upper()} (*{suffix})"
