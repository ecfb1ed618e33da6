"""What brings water to the surface of a run and takes it beside rain and soil: structures, open water, sewers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dtwin_plugin.data.crs import RD
from dtwin_plugin.progress import Progress

from ..base import Values
from ..problem import Problem
from . import nesting
from .ground import Ground
from .sewers import sewer_districts, sewer_input
from .structures import structures_input

if TYPE_CHECKING:
    from .simulation import Exchange
    from .solvers.flow import FlowSolver

_PARTS = (sewer_districts, sewer_input, structures_input, nesting)
INPUTS = tuple(item for part in _PARTS for item in part.INPUTS)
ADVANCED = tuple(item for part in _PARTS for item in part.ADVANCED)
OUTPUTS = tuple(item for part in _PARTS for item in part.OUTPUTS)


def check(values: Values) -> Iterator[Problem]:
    """Yield what is wrong with structures, open water and sewers."""
    for part in _PARTS:
        yield from part.check(values)


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
        structures_input.linked(values, ground.terrain, ground.bed, progress),
        structures_input.open_water(values, ground.terrain, ground.bed),
        nesting.outer_of(values, ground),
    ]
    districts = values.get("sewer_districts")
    if districts is not None and len(districts):
        found.append(sewer_districts.DistrictTable(sewer_districts.names_of(districts)))
    with sewer_input.network_of(values, ground, progress) as network:
        yield [exchange for exchange in (*found, network) if exchange is not None]


def balanced(
    balance: Mapping[str, Sequence[Any]], exchanges: Sequence[Any], inflow: float = 0.0
) -> dict[str, list[Any]]:
    """Return the water balance with a term for each exchange; "outflow" becomes what left over the edges, net.

    Each term is what has left the surface by it, below 0 for what it brought:
    rain = infiltration + outflow + stored + the terms of the exchanges, less what was there at the start.

    Parameters
    ----------
    inflow : float
        What came over the edges and by exchanges together [m3].

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> pump = SimpleNamespace(totals=(3.0, 1.0), lost={"structures": 2.0})
    >>> balanced({"term": ["rain", "outflow"], "volume": [9.0, 4.0]}, [pump], 1.5)
    {'term': ['rain', 'outflow', 'structures'], 'volume': [9.0, 0.5, 2.0]}
    """
    terms = dict(zip(balance["term"], balance["volume"]))
    taken, brought = (sum(float(item.totals[k]) for item in exchanges) for k in (0, 1))
    terms["outflow"] -= taken + inflow - brought
    for exchange in exchanges:
        terms.update(exchange.lost)
    return {"term": list(terms), "volume": list(terms.values())}


def tables_of(exchanges: Sequence[Any], solver: FlowSolver) -> dict[str, Any]:
    """Return the tables of a run that are outputs, at its end."""
    from .sewers.sewer_network import SewerNetwork
    from .structures.structures import Structures

    made: dict[str, Any] = {}
    for exchange in exchanges:
        exchange.finish(solver)
        if isinstance(exchange, Structures):
            made["structure_flow"] = exchange.table
        elif isinstance(exchange, sewer_districts.DistrictTable):
            made["sewer_fill"] = exchange.table
        elif isinstance(exchange, SewerNetwork):
            made["sewer_exchange"] = sewer_input.exchange_features(exchange, RD)
            made["sewer_balance"] = {"term": list(exchange.account), "volume": list(exchange.account.values())}
    return made
