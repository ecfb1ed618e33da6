"""Nested "boundaries" and "semantics" of many geometries to flat arrays."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data.surfaces import shell_name
from dtwin_plugin.errors import FormatError

from .header import short
from .objects import DEPTHS, KINDS, wrong

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Flat:
    """Surfaces of many geometries.

    Attributes
    ----------
    indices : ndarray
        Vertices of all rings, one after the other.
    rings : ndarray
        Vertices a ring.
    surfaces : ndarray
        Rings a surface.
    geometries : ndarray
        Surfaces a geometry.
    semantics : ndarray
        Row of each surface in `table`; -1 without.
    shells : ndarray
        Code of the shell that each surface belongs to (`shell_names` turns it into text).
    table : list of dict
        Semantic surfaces as in the file.
    """

    indices: NDArray[np.int64]
    rings: NDArray[np.int64]
    surfaces: NDArray[np.int64]
    geometries: NDArray[np.int64]
    semantics: NDArray[np.int64]
    shells: NDArray[np.int64]
    table: list[dict[str, Any]]


class Collector:
    """Takes geometries one by one and flattens them all at once: the lists are walked in C."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._surfaces: list[Any] = []
        self._counts: list[int] = []
        self._values: list[int | None] = []
        self._bases: list[tuple[int, int]] = []  # first row in the table and number of rows, a geometry
        self._shells: list[tuple[int, int]] = []  # code and number of surfaces, a shell
        self._sources: list[tuple[str, dict[str, Any]]] = []
        self.table: list[dict[str, Any]] = []

    def add(self, identifier: str, geometry: dict[str, Any], number: int = 0) -> None:
        """Take a geometry that has surfaces; `number` counts those of one object row."""
        depth = DEPTHS[geometry["type"]]
        try:
            surfaces = _at_depth(geometry["boundaries"], depth)
        except TypeError:
            raise self._fault(identifier, geometry) from None
        count = len(surfaces)
        semantics = geometry.get("semantics")
        rows = 0
        if semantics:
            rows = self._add_semantics(identifier, semantics, surfaces, geometry, depth)
        else:
            self._values.extend([None] * count)
        self._bases.append((len(self.table) - rows, rows))
        self._surfaces.extend(surfaces)
        self._shells.extend(_shells(geometry["boundaries"], KINDS.index(geometry["type"]), number))
        self._counts.append(count)
        self._sources.append((identifier, geometry))

    def finish(self) -> Flat:
        """Return all that was taken as arrays; raises FormatError that names the object with wrong boundaries."""
        try:
            indices, rings, surfaces = _flatten(self._surfaces)
        except (TypeError, OverflowError):
            raise self._locate() from None
        counts = np.array(self._counts, np.int64)
        shells = np.array(self._shells, np.int64).reshape(-1, 2)
        codes = np.repeat(shells[:, 0], shells[:, 1])
        return Flat(indices, rings, surfaces, counts, self._semantic_rows(counts), codes, self.table)

    def source(self, geometry: int) -> str:
        """Return the id of the object that a geometry belongs to."""
        return self._sources[geometry][0]

    def _add_semantics(
        self, identifier: str, semantics: Any, surfaces: list[Any], geometry: dict[str, Any], depth: int
    ) -> int:
        table = semantics.get("surfaces") if isinstance(semantics, dict) else None
        values = semantics.get("values") if isinstance(semantics, dict) else None
        if not isinstance(table, list) or not all(isinstance(s, dict) and type(s.get("type")) is str for s in table):
            expected = 'an object with "surfaces" that have a type each'
            raise wrong(self._file, identifier, '"semantics"', expected, table if table else semantics)
        try:
            flat = [None] * len(surfaces) if values is None else _at_depth(values, depth)
        except TypeError:
            flat = _aligned(values, geometry["boundaries"], depth)
        if len(flat) != len(surfaces):
            flat = _aligned(values, geometry["boundaries"], depth)
        if len(flat) != len(surfaces) or not set(map(type, flat)) <= {int, type(None)}:
            expected = f"a number or null for each of {len(surfaces)} surfaces, nested as the boundaries"
            raise wrong(self._file, identifier, '"values" of the semantics', expected, values)
        self._values.extend(flat)
        self.table.extend(table)
        return len(table)

    def _semantic_rows(self, counts: NDArray[np.int64]) -> NDArray[np.int64]:
        values = self._values
        bases = np.array(self._bases, np.int64).reshape(-1, 2)
        try:
            found = np.array(array("q", [-1 if value is None else value for value in values]), np.int64)
        except OverflowError:
            found = np.array([0], np.int64)
            bases = np.array([[0, 0]])
            counts = np.array([1])
        base = np.repeat(bases, counts, axis=0)
        bad = (found < -1) | (found >= base[:, 1])
        if bad.any():
            place = int(np.argmax(bad))
            identifier = self.source(int(np.searchsorted(np.cumsum(counts), place, side="right")))
            expected = f"numbers below {base[place, 1]}, the semantic surfaces there are"
            raise wrong(self._file, identifier, '"values" of the semantics', expected, int(found[place]))
        return np.where(found < 0, -1, found + base[:, 0])

    def _locate(self) -> FormatError:
        """Return the error that names the first geometry with boundaries of the wrong kind."""
        for identifier, geometry in self._sources:
            try:
                _flatten(_at_depth(geometry["boundaries"], DEPTHS[geometry["type"]]))
            except (TypeError, OverflowError):
                return self._fault(identifier, geometry)
        raise AssertionError("one of the geometries must be at fault")

    def _fault(self, identifier: str, geometry: dict[str, Any]) -> FormatError:
        kind = geometry["type"]
        levels = ("solids", "shells", "surfaces", "rings")[3 - DEPTHS[kind] :]
        expected = "lists of " + " of ".join(levels) + " of vertex numbers"
        return wrong(self._file, identifier, f'"boundaries" of a {kind}', expected, short(geometry["boundaries"]))


_MOST = 1 << 20  # geometries, solids and shells that have a number of their own


def _shells(boundaries: list[Any], kind: int, geometry: int) -> list[tuple[int, int]]:
    """Return the code and the number of surfaces of each shell of a geometry."""
    depth = DEPTHS[KINDS[kind]]
    start = (kind * _MOST + min(geometry, _MOST - 1)) * _MOST
    if depth == 1:
        return [(start * _MOST, len(boundaries))]
    solids = [boundaries] if depth == 2 else boundaries
    return [
        ((start + min(s, _MOST - 1)) * _MOST + min(number, _MOST - 1), len(shell))
        for s, solid in enumerate(solids)
        for number, shell in enumerate(solid)
    ]


def shell_names(codes: NDArray[np.int64]) -> NDArray[Any]:
    """Return the names of shells by their codes, shape (surfaces,)."""
    found, inverse = np.unique(codes, return_inverse=True)
    names = np.empty(len(found), object)
    for place, code in enumerate(found.tolist()):
        rest, shell = divmod(code, _MOST)
        rest, solid = divmod(rest, _MOST)
        kind, geometry = divmod(rest, _MOST)
        names[place] = shell_name(KINDS[kind], geometry, solid, shell)
    return names[inverse.reshape(-1)]


def _at_depth(nested: Any, depth: int) -> list[Any]:
    """Return the items at a depth of nested lists."""
    if not isinstance(nested, list):
        raise TypeError
    for _ in range(depth - 1):
        nested = list(chain.from_iterable(nested))
    return nested


def _flatten(surfaces: list[Any]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return the vertex numbers, ring sizes and ring counts of surfaces; raises TypeError for anything else."""
    rings = list(chain.from_iterable(surfaces))
    indices = array("q", chain.from_iterable(rings))
    arrays = indices, array("q", map(len, rings)), array("q", map(len, surfaces))
    return tuple(np.array(values, np.int64) for values in arrays)  # type: ignore[return-value]


def _aligned(values: Any, boundaries: Any, depth: int) -> list[Any]:
    """Return semantic values per surface where null stands for a whole shell or solid."""
    if depth == 1:
        return [None] * len(boundaries) if values is None else values if isinstance(values, list) else []
    if values is None:
        values = [None] * len(boundaries)
    if not isinstance(values, list) or len(values) != len(boundaries):
        return []
    pieces = (_aligned(value, item, depth - 1) for value, item in zip(values, boundaries))
    return list(chain.from_iterable(pieces))
