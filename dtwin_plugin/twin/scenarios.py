"""Scenarios of a project: named sets of layers with why they were made, as the project keeps them.

Which layers are seen stands in the map theme of the same name, and not here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any

from dtwin_plugin.errors import InputError

from .kept import list_of_texts, named_rows, texts_of

_TEXTS = ("purpose", "note", "date")
_LISTS = ("layers", "designs", "runs")


@dataclass(frozen=True)
class Scenario:
    """A named set of results and designs.

    Attributes
    ----------
    name : str
        Of the scenario, of its map theme and of its group of layers.
    purpose, note : str
        The question that it answers, and what is to be known of it.
    date : str
        The day on which it was made, ISO 8601.
    layers : tuple of str
        Ids of its own layers: results and designs.
    designs : tuple of str
        Those of them that are a plan design, which can be switched on and off.
    runs : tuple of str
        Ids of the runs that made its layers.
    """

    name: str
    purpose: str = ""
    note: str = ""
    date: str = ""
    layers: tuple[str, ...] = ()
    designs: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()

    def with_layers(self, layers: Iterable[str], designs: Iterable[str] = (), runs: Iterable[str] = ()) -> Scenario:
        """Return it with more layers, each once.

        >>> Scenario("A", layers=("x",)).with_layers(["x", "y"], ["y"]).layers
        ('x', 'y')
        """
        designs = tuple(designs)
        return replace(
            self,
            layers=_once(self.layers, layers, designs),
            designs=_once(self.designs, designs),
            runs=_once(self.runs, runs),
        )

    def without_layers(self, layers: Iterable[str]) -> Scenario:
        """Return it without layers.

        >>> Scenario("A", layers=("x", "y"), designs=("y",)).without_layers(["y"])
        Scenario(name='A', purpose='', note='', date='', layers=('x',), designs=(), runs=())
        """
        gone = set(layers)
        return replace(
            self,
            layers=tuple(layer for layer in self.layers if layer not in gone),
            designs=tuple(layer for layer in self.designs if layer not in gone),
        )


def _once(*parts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(item for part in parts for item in part if item))


def new_name(name: str, taken: Iterable[str]) -> str:
    """Return a name as it is kept; raises InputError where there is none, or another has it.

    >>> new_name("  Wadi at the square ", [])
    'Wadi at the square'
    """
    name = " ".join(name.split())
    if not name:
        raise InputError("A scenario needs a name.", hint="Type one at the top of the panel.")
    if name.casefold() in {other.casefold() for other in taken}:
        raise InputError("There is already a scenario or map theme {name}.", hint="Choose another name.", name=name)
    return name


def to_text(scenarios: Iterable[Scenario]) -> str:
    """Return scenarios as JSON.

    >>> from_text(to_text([Scenario("Now", layers=("a",))]))[0].layers
    ('a',)
    """
    return json.dumps([asdict(scenario) for scenario in scenarios])


def from_text(text: str) -> list[Scenario]:
    """Return the scenarios in JSON; what is none is left out, and of two with one name the second.

    >>> from_text('[{"name": 3}, {"purpose": "x"}, 4]'), from_text("{"), from_text("")
    ([], [], [])
    """
    by_name: dict[str, Scenario] = {}
    for scenario in map(_scenario, named_rows(text)):
        if scenario is not None:
            by_name.setdefault(scenario.name, scenario)
    return list(by_name.values())


def _scenario(found: dict[str, Any]) -> Scenario | None:
    if not found["name"].strip():
        return None
    values: dict[str, Any] = dict(texts_of(found, _TEXTS))
    values.update({name: _once(list_of_texts(found.get(name))) for name in _LISTS})
    values["designs"] = tuple(layer for layer in values["designs"] if layer in values["layers"])
    return Scenario(found["name"], **values)
