"""Files with plans as a source of rule areas."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from dtwin_plugin.data import Extent, Features
from dtwin_plugin.data.crs import RD
from dtwin_plugin.errors import InputError
from dtwin_plugin.progress import Progress, Silent
from dtwin_plugin.sources.base import SourceInfo
from dtwin_plugin.sources.stop import stop_if_asked

from . import gio, imro
from .areas import Plan, PlanArea, Told, chunks
from .documents import IMRO, documents

# Statuses of a zoning plan with which its rules hold, or will when nobody appeals.
_ADOPTED = ("vastgesteld", "onherroepelijk", "gedeeltelijk onherroepelijk in werking", "onherroepelijk in werking",
            "geheel in werking", "gedeeltelijk in werking", "geconsolideerd", "geconsolideerde versie")  # fmt: skip

_NAMED = 20  # plans that are named in a message


class PlanSource:
    """Plans in a file: GML of a zoning plan (IMRO), areas with norms of an environment plan (STOP), or a zip of these.

    Parameters
    ----------
    path : str or path
        A .gml or .xml file, or a zip with these among other files of the plan.
    plans : collection of str, optional
        Ids of the plans to read; all if absent.
    """

    def __init__(self, path: str | Path, *, plans: Collection[str] | None = None) -> None:
        self.path, self.plans = Path(path), set(plans or ())
        self.found: dict[str, Plan] = {}

    def describe(self, progress: Progress | None = None) -> SourceInfo:
        """Return the facts, by reading all.

        Raises
        ------
        SourceError, FormatError, CrsError, InputError
            If it is absent, broken, no plan, not on the map, or has none of the plans asked.
        """
        told, silent = Told(), Silent()
        box: tuple[float, ...] | None = None
        for features in self._read(told, progress or Silent()):
            extent = features.extent
            assert extent is not None
            bounds = extent.bounds
            box = bounds if box is None else (*map(min, box[:2], bounds[:2]), *map(max, box[2:], bounds[2:]))
        self._tell(told, silent)
        facts = {
            "plans": [", ".join(filter(None, (p.source, p.status, p.date))) for p in self.found.values()],
            "types": dict(told.kinds),
            "norms": dict(+told.norms),
            "norms_to_read": told.unread,
        }
        name = " and ".join(dict.fromkeys(document.version for document in documents(self.path)))
        return SourceInfo(name, "features", RD, box, sum(told.kinds.values()), facts, tuple(silent.warnings))

    def read(self, extent: Extent | None = None, progress: Progress | None = None) -> Iterator[Features]:
        """Yield rule areas that touch an area (None = all), with the columns of `areas.chunks`.

        Afterwards `found` has the plans.

        Raises
        ------
        SourceError, FormatError, CrsError
            If it is absent, broken, no plan, or not on the map.
        InputError
            If it has none of the plans asked.
        Cancelled
            If the user stops it.
        """
        progress, told = progress or Silent(), Told()
        for features in self._read(told, progress):
            chosen = features if extent is None else features.within(extent)
            if len(chosen):
                yield chosen
        self._tell(told, progress)

    def _read(self, told: Told, progress: Progress) -> Iterator[Features]:
        known: list[str] = []
        self.found = {}
        for document in documents(self.path):
            stop_if_asked(progress)
            progress.report(0.0, "Reading {file}", file=document.label)
            reader = imro if document.kind == IMRO else gio
            plans = reader.plans_of(document)
            known += plans
            wanted = {name: plan for name, plan in plans.items() if not self.plans or name in self.plans}
            if wanted or not plans:
                self.found.update(wanted)
                yield from chunks(self._areas(reader.areas_of(document, plans), wanted, told, progress), told)
        missing = self.plans - set(known) - set(self.found)
        if missing:
            raise InputError(
                "{file} has no plan {plan}; it has {known}.",
                file=self.path.name,
                plan=", ".join(sorted(missing)),
                known=", ".join(known[:_NAMED]),
            )

    def _areas(
        self, found: Iterator[PlanArea | None], wanted: dict[str, Plan], told: Told, progress: Progress
    ) -> Iterator[PlanArea]:
        for area in found:
            stop_if_asked(progress)
            if area is None:
                told.without += 1
            elif not self.plans or area.plan.id in wanted or area.plan.id in self.plans:
                self.found.setdefault(area.plan.id, area.plan)
                yield area

    def _tell(self, told: Told, progress: Progress) -> None:
        told.tell(progress, self.path.name)
        for plan in list(self.found.values())[:_NAMED]:
            if plan.status and plan.status.casefold() not in _ADOPTED:
                progress.warn(
                    "{plan} has the status {status}: it is not known to be in force.", plan=plan.id, status=plan.status
                )
