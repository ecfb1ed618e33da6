"""Areas of a plan with what holds in them, a row for each norm, as features."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data import Features, Geometries
from dtwin_plugin.data.columns import column
from dtwin_plugin.data.crs import RD, in_rd_bounds, is_rd
from dtwin_plugin.progress import Progress
from dtwin_plugin.sources import crs as policy
from dtwin_plugin.sources.gml import Shape, ordered
from dtwin_plugin.sources.registers.batch import geometries_of

from .norms import MINIMUM, norms_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

CHUNK, COORDINATES = 5_000, 1_000_000  # rows, and coordinates in all of them
MEASURE, BUILDING, NORM = "maatvoering", "bouwvlak", "norm"  # kinds of areas
_TEXTS = ("rule", "quantity", "title", "text", "value", "unit", "area_kind", "source", "plan", "link", "date", "status")
_NORMS = 50  # of one area; real ones have six at most
_LONGEST = 2000  # characters of a text of a plan


@dataclass(frozen=True)
class Plan:
    """A plan as its areas refer to it.

    Attributes
    ----------
    id, name, type, status, date, link : str
        "" where it is not known; the status is as the plan has it ("vastgesteld"), the day that of the status.
    """

    id: str
    name: str = ""
    type: str = ""
    status: str = ""
    date: str = ""
    link: str = ""

    @property
    def source(self) -> str:
        """Its id and name in one text.

        >>> Plan("NL.IMRO.0503.BP1-0001", "Centrum").source, Plan("a").source
        ('NL.IMRO.0503.BP1-0001, Centrum', 'a')
        """
        return ", ".join(filter(None, (self.id, self.name)))


@dataclass(frozen=True)
class Stated:
    """A norm as a plan states it: its name, the value as it is written, and what else is known of both."""

    name: str
    value: Any
    concept: str = ""
    unit: str | None = None
    unit_text: str = ""


@dataclass(frozen=True)
class PlanArea:
    """An area of a plan; no more than 50 of its norms are looked at.

    Attributes
    ----------
    id : str
        In its plan.
    kind : str
        "bouwvlak", "maatvoering", "norm", "enkelbestemming", …
    name : str
        As the plan has it.
    stated : tuple of Stated
        Its norms.
    shape : Shape
        Polygons.
    crs : str
        Of their coordinates.
    link, text : str
        Where its rules can be read, and what else it says.
    """

    plan: Plan
    id: str
    kind: str
    name: str
    shape: Shape
    crs: str = RD
    stated: tuple[Stated, ...] = ()
    link: str = ""
    text: str = ""

    def rows(self) -> Iterator[tuple[dict[str, Any], str]]:
        """Yield a row for each norm with its limit; one without a quantity where there is no norm."""
        about = {
            "source": self.plan.source,
            "plan": self.plan.id,
            "link": self.link or self.plan.link,
            "date": self.plan.date,
            "area_kind": self.kind,
            "status": self.plan.status,
        }
        empty = {"quantity": "", "norm": math.nan, "title": self.name, "text": self.text, "value": "", "unit": ""}
        if not self.stated:
            yield {"rule": self.id, **empty, **about}, ""
        number = 0
        for stated in self.stated[:_NORMS]:
            value = _text(stated.value)
            written = ", ".join(filter(None, (f"{stated.name}: {value}".strip(), stated.unit_text, self.text)))
            for norm in norms_of(stated.name, stated.value, concept=stated.concept, unit=stated.unit):
                number += 1
                yield (
                    {
                        "rule": f"{self.id}.{number}",
                        "quantity": norm.quantity,
                        "norm": norm.value,
                        "title": stated.name,
                        "text": written[:_LONGEST],
                        "value": value,
                        "unit": stated.unit_text,
                        **about,
                    },
                    norm.limit,
                )


@dataclass
class Told:
    """What was seen on the way, for warnings and facts."""

    kinds: Counter[str] = field(default_factory=Counter)
    norms: Counter[str] = field(default_factory=Counter)
    stated: int = 0
    unread: int = 0
    minimum: int = 0
    outside: int = 0
    without: int = 0

    def row(self, row: dict[str, Any], limit: str) -> None:
        """See a row."""
        self.norms[row["quantity"]] += bool(row["quantity"])
        self.stated += bool(row["value"])
        self.unread += bool(row["quantity"]) and math.isnan(row["norm"])
        self.minimum += limit == MINIMUM and not row["quantity"]

    def tell(self, progress: Progress, name: str) -> None:
        """Warn of what a person should look at."""
        if self.unread:
            progress.warn(
                "{name}: {count} of {total} norms had no plain number that holds for every building; their text was "
                "kept and must be read.",
                name=name,
                count=self.unread,
                total=self.stated,
            )
        if self.minimum:
            progress.warn(
                "{name}: {count} of {total} norms had a minimum, which is not tested; their text was kept.",
                name=name,
                count=self.minimum,
                total=self.stated,
            )
        total = sum(self.kinds.values()) + self.without + self.outside
        if self.without:
            progress.warn(
                "{name}: {count} of {total} areas had no polygon that can be read and were left out.",
                name=name,
                count=self.without,
                total=total,
            )
        if self.outside:
            progress.warn(
                "{name}: {count} of {total} areas lay outside the Netherlands and were left out.",
                name=name,
                count=self.outside,
                total=total,
            )


def chunks(areas: Iterable[PlanArea], told: Told, to_rd: Callable[[Any, str], Any] | None = None) -> Iterator[Features]:
    """Yield the areas as features in RD.

    Columns: "rule" (unique in its plan), "quantity" ("" where none is known), "norm" (NaN where the text must be read),
    "title", "text", "value" and "unit" (as written), "area_kind", "source" (plan id and name), "plan" (its id), "link",
    "date" and "status".

    Raises
    ------
    CrsError
        If coordinates cannot be brought to RD.
    """
    waiting: list[tuple[dict[str, Any], Shape]] = []
    coordinates = 0
    for area in areas:
        shape = _placed(area, told, to_rd or _to_rd)
        if shape is None:
            continue
        told.kinds[area.kind] += 1
        size = sum(len(ring) for part in shape.parts for ring in part)
        for row, limit in area.rows():
            told.row(row, limit)
            waiting.append((row, shape))
            coordinates += size
            if len(waiting) >= CHUNK or coordinates >= COORDINATES:
                yield _features(waiting)
                waiting, coordinates = [], 0
    if waiting:
        yield _features(waiting)


def _placed(area: PlanArea, told: Told, to_rd: Callable[[Any, str], Any]) -> Shape | None:
    """Return the polygons in RD; None, counted, for what is no place in the Netherlands."""
    if area.shape.kind != "polygon":
        told.without += 1
        return None
    parts = [[to_rd(ring[:, :2], area.crs) for ring in part] for part in area.shape.parts]
    xy = np.concatenate([ring for part in parts for ring in part])
    if not np.isfinite(xy).all() or not in_rd_bounds(*xy.min(axis=0), *xy.max(axis=0)):
        told.outside += 1
        return None
    return Shape("polygon", parts)


def _to_rd(coordinates: NDArray[np.float64], crs: str) -> NDArray[np.float64]:
    return coordinates if is_rd(crs) else policy.to_rd(ordered(coordinates, crs), crs)


def _features(waiting: list[tuple[dict[str, Any], Shape]]) -> Features:
    shapes: Geometries = geometries_of("polygon", [shape for _, shape in waiting])
    texts = {name: column([row[name] for row, _ in waiting]) for name in _TEXTS}
    norm = np.array([row["norm"] for row, _ in waiting], float)
    first = {"rule": texts.pop("rule"), "quantity": texts.pop("quantity"), "norm": norm}
    return Features(shapes, {**first, **texts}, crs=RD, name="rule_areas")


def _text(value: Any) -> str:
    """Return a value as it is written; a number without a decimal that it does not have.

    >>> _text(13.0), _text(13.5), _text(" 24,5 "), _text(None)
    ('13', '13.5', '24,5', '')
    """
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return "" if value is None else " ".join(str(value)[:_LONGEST].split())
