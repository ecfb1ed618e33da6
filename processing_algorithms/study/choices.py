"""Choices in a twin file: a name is a name, also where it looks like a number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dtwin_plugin.errors import InputError
from dtwin_plugin.models.base import Field
from dtwin_plugin.translate import tr


def numbered(step: str, inputs: Mapping[str, Any], fields: Iterable[Field]) -> dict[str, Any]:
    """Return the inputs of a step with each choice by its number, as Processing takes it.

    To Processing `"2"` is the third choice. Who writes it as a level of detail in a twin file means LoD 2: so a text is
    looked for among the names first, and a number is refused where it could be either.

    Parameters
    ----------
    step : str
        Of which the error tells.
    inputs : mapping
        Values by name; what is no choice stays as it is.

    Raises
    ------
    InputError
        If a number, or a text of digits, could be the number of a choice and its name.

    >>> lod = Field("lod", "Level", "choice", choices={"all": "All", "0": "LoD 0"}, default="all")
    >>> numbered("a", {"lod": "0", "rain": 70}, [lod])
    {'lod': 1, 'rain': 70}
    """
    found = dict(inputs)
    for field in fields:
        value = found.get(field.name)
        names = list(field.choices)
        if isinstance(value, str) and value.strip() in names:
            found[field.name] = names.index(value.strip())
        elif _is_number(value) and any(_is_number(name) for name in names):
            raise InputError(
                "Step {step}: {field} is {found}, which could be a number of a choice or its name.",
                hint="Write one of {known}, between quotes.",
                step=step,
                field=tr(field.title),
                found=value,
                known=", ".join(names),
            )
    return found


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True
