"""Descriptions of models as text and back: QGIS starts from a file of them, and imports a model when it is run."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import MISSING, fields
from typing import Any

from .base import Field, Model, Values

_CODE = ("run", "check")
_FIELDS = ("inputs", "outputs")


def to_text(models: Iterable[Model]) -> str:
    """Return descriptions as JSON: all but the functions, and without what has its default.

    Two builds of the same source give the same text.
    """
    return json.dumps([_model_row(model) for model in models], ensure_ascii=False, separators=(",", ":"))


def from_text(text: str, find: Callable[[str], Model]) -> dict[str, Model]:
    """Return the models of a text by id.

    Parameters
    ----------
    find : callable
        Returns the whole model of an id, when it is checked or run for the first time.
    """
    return {row["id"]: _model(row, find) for row in json.loads(text)}


def _row(item: Field | Model, left_out: tuple[str, ...] = ()) -> dict[str, Any]:
    row = {}
    for part in fields(item):
        value = getattr(item, part.name)
        default = part.default_factory() if part.default_factory is not MISSING else part.default
        if part.name not in left_out and value != default:
            row[part.name] = value
    return row


def _model_row(model: Model) -> dict[str, Any]:
    row = _row(model, (*_CODE, *_FIELDS))
    return {**row, **{name: [_row(item) for item in getattr(model, name)] for name in _FIELDS}}


def _model(row: dict[str, Any], find: Callable[[str], Model]) -> Model:
    name = row["id"]

    def run(values: Values, progress: Any) -> dict[str, Any]:
        return find(name).run(values, progress)

    def check(values: Values) -> Any:
        return find(name).check(values)

    parts = {key: tuple(Field(**item) for item in row[key]) for key in _FIELDS}
    references = tuple(row.get("references", ()))
    return Model(**{**row, **parts, "references": references, "run": run, "check": check})
