"""What is wrong with values that QGIS does not take: it names the parameter, and these say what it may be.

A dialog cannot give most of them; `qgis_process`, batch tables and the modeller can. A step of a model and a script are
not checked by QGIS at all: it takes the default for what it cannot read.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Any

from qgis.core import (
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingParameterDateTime,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterEnum,
    QgsProcessingParameterNumber,
    QgsProperty,
)

from dtwin_plugin.errors import InputError
from dtwin_plugin.translate import language, tr
from dtwin_plugin.twin.report import number

_PLAIN = (str, int, float)  # other values are expressions, layers and what QGIS makes of them: they have no words


def wrong_values(
    algorithm: QgsProcessingAlgorithm, parameters: dict[str, Any], context: QgsProcessingContext
) -> Iterator[str]:
    """Yield a sentence on each number and choice that cannot be."""
    for definition in algorithm.parameterDefinitions():
        value = parameters.get(definition.name())
        if isinstance(value, _PLAIN) and not definition.checkValueIsAcceptable(value, context):
            error = _error(definition, value)
            if error is not None:
                yield error.text(tr)


def unknown_names(algorithm: QgsProcessingAlgorithm, names: Iterable[str]) -> Iterator[str]:
    """Yield a sentence on each name that is no parameter: QGIS takes the default of what was meant."""
    known = [definition.name() for definition in algorithm.parameterDefinitions()]
    for name in names:
        near = get_close_matches(name, known, 1)
        yield InputError(
            "{title} has no parameter {found}.",
            hint="The nearest one is {near}." if near else "The help of the algorithm lists them.",
            title=algorithm.displayName(),
            found=name,
            near="".join(near),
        ).text(tr)


def expect_readable(definition: QgsProcessingParameterDefinition, value: Any, context: QgsProcessingContext) -> None:
    """Raise InputError for a number, choice or moment in whose place Processing would take the default.

    The limits of numbers are those of the description, and looked at with it.
    """
    if value is None or isinstance(value, QgsProperty):
        return
    if isinstance(definition, QgsProcessingParameterNumber):
        good = _is_number(value)
    else:
        good = definition.checkValueIsAcceptable(value, context)
    error = None if good else _error(definition, value)
    if error is not None:
        raise error


def _error(definition: QgsProcessingParameterDefinition, value: Any) -> InputError | None:
    name, found = definition.description(), str(value)
    if isinstance(definition, QgsProcessingParameterEnum):
        known = "; ".join(f"{key} = {title}" for key, title in enumerate(definition.options()))
        return InputError("{field} is {found}; expected one of {choices}.", field=name, found=found, choices=known)
    if isinstance(definition, QgsProcessingParameterDateTime):
        text = "{field} is {found}; expected a day and time such as 2026-06-21T12:00:00."
        return InputError(text, field=name, found=found)
    if not isinstance(definition, QgsProcessingParameterNumber):
        return None
    low, high = definition.minimum(), definition.maximum()
    if not _is_number(value):
        return InputError("{field} is {found}; expected a number, with a dot for decimals.", field=name, found=found)
    if high >= sys.float_info.max:
        return InputError("{field} is {found}; expected {low} or more.", field=name, found=found, low=_shown(low))
    if low <= -sys.float_info.max:
        return InputError("{field} is {found}; expected {high} or less.", field=name, found=found, high=_shown(high))
    return InputError(
        "{field}{unit} is {found}; expected {low} to {high}.",
        field=name, unit="", found=found, low=_shown(low), high=_shown(high),
    )  # fmt: skip


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True


def _shown(limit: float) -> str:
    return number(limit, "g", language())
