"""What brings water to the surface of a run and takes it beside rain and soil: structures, open water, sewers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dtwin_plugin.progress import Progress

from ..base import Values
from ..problem import Problem
from . import structures_input
from .ground import Ground

if TYPE_CHECKING:
    from .flow import FlowSolver
    from .simulation import Exchange

INPUTS = structures_input.INPUTS
ADVANCED = structures_input.ADVANCED
OUTPUTS = structures_input.OUTPUTS


def check(values: Values) -> Iterator[Problem]:
    """Yield what is wrong with structures, open water and sewers."""
    yield from structures_input.check(values)


def with_levees(values: Values, ground: Ground) -> Ground:
    """Return the ground with the levees of the structures in its bed."""
    bed = structures_input.raised(values, ground.terrain, ground.bed)
    return ground if bed is ground.bed else replace(ground, bed=bed)


@contextmanager
def exchanges_of(values: Values, ground: Ground, progress: Progress) -> Iterator[list[Exchange]]:
    """Give what exchanges water with the surface in a run; what a sewer keeps open is closed at the end.

    Raises
    ------
    InputError, MissingDependencyError, Cancelled
        If the sewer network cannot be run.
    """
    found: list[Any] = [
        structures_input.linked(values, ground.terrain, ground.bed),
        structures_input.open_water(values, ground.terrain, ground.bed),
    ]
    yield [exchange for exchange in found if exchange is not None]


def tables_of(exchanges: Sequence[Any], solver: FlowSolver) -> dict[str, Any]:
    """Return the tables of a run that are outputs, at its end."""
    from .structures import Structures

    made: dict[str, Any] = {}
    for exchange in exchanges:
        exchange.finish(solver)
        if isinstance(exchange, Structures):
            made["structure_flow"] = exchange.table
    return made
