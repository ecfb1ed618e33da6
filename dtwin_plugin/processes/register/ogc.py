"""A record as an OGC API - Processes description (18-062r2, 7.10), with what the register adds in its own place."""

from __future__ import annotations

from typing import Any

from dtwin_plugin.models.base import TWIN_KINDS

from ..description import process_description
from .record import ModelRecord

PREFIX = "urn:dtwin:register:"  # of the names of what the standard has no name for


def process(record: ModelRecord) -> dict[str, Any]:
    """Return the description of a record.

    What the standard has no member for stands in `additionalParameters`, which it gives for that (schema
    `descriptionType.yaml`), each under a name of `PREFIX`; literature stands in `metadata` as the standard asks.
    """
    model = record.model
    extra = {
        "owner": record.owner,
        "licence": record.licence,
        "mim8-kind": model.twin_kind,
        "mim8-kind-meaning": TWIN_KINDS[model.twin_kind],
        "validity": model.validity,
        "uncertainty": model.uncertainty,
        "method": record.method,
        "limits": record.limits,
        "validation": record.validation,
    }
    return {
        **process_description(model),
        "metadata": [{"title": reference, "role": "reference"} for reference in model.references],
        "additionalParameters": {
            "title": "Model register",
            "parameters": [{"name": PREFIX + name, "value": [text]} for name, text in extra.items() if text],
        },
    }


def summary(record: ModelRecord) -> dict[str, Any]:
    """Return what a list of processes says of a record (`processSummary.yaml`)."""
    return {name: value for name, value in process(record).items() if name not in ("inputs", "outputs")}
