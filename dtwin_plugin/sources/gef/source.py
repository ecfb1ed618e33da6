"""GEF files as a source of logs: one file, or all of a zip or a folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dtwin_plugin.data import Extent, Logs
from dtwin_plugin.errors import CrsError, DtwinError, FormatError, SourceError
from dtwin_plugin.progress import Progress, Silent
from dtwin_plugin.sources.archive import Member, members
from dtwin_plugin.sources.base import SourceInfo
from dtwin_plugin.sources.stop import stop_if_asked

from .header import MOST, Warn
from .one import Found, read_gef

CHUNK = 200  # files; each has a few thousand rows


class GefSource:
    """Cone penetration tests and boreholes in GEF, as logs in RD New and m NAP.

    Parameters
    ----------
    path : str or path
        A GEF file, a zip of these, or a folder.
    position : pair of float, optional
        x, y in RD New of what has no coordinates.
    chunk : int
        Files of one chunk.
    """

    def __init__(self, path: str | Path, *, position: tuple[float, float] | None = None, chunk: int = CHUNK) -> None:
        self.path, self.position, self.chunk = Path(path), position, max(1, chunk)

    def describe(self, progress: Progress | None = None) -> SourceInfo:
        """Return the facts, by reading all of it.

        Raises
        ------
        SourceError, FormatError
            If it is absent, no GEF of a test or a borehole, or lacks what makes it one.
        Cancelled
            If the user stops it.
        """
        told = Silent()
        facts: list[dict[str, Any]] = []
        crs: set[str | None] = set()
        box: tuple[float, ...] | None = None
        for found in self._found(told.warn, progress or Silent()):
            facts.append(found.facts())
            place = found.place
            crs.add(place.crs)
            try:
                place.check(found.header.file)
            except CrsError as error:
                told.warnings.append(str(error))
            if place.known:
                box = _around(box, place.x, place.y)
        known = crs - {None}
        name = known.pop() if len(known) == 1 else None
        versions = sorted({str(one["version"] or "?").replace(" ", "").replace(",", ".") for one in facts})
        return SourceInfo(
            f"GEF {' and '.join(versions)}", "logs", name, box, len(facts), _summary(facts), tuple(told.warnings)
        )

    def read(self, extent: Extent | None = None, progress: Progress | None = None) -> Iterator[Logs]:
        """Yield chunks of what lies in an area (None = all), one kind each.

        Raises
        ------
        SourceError, FormatError
            As `describe`.
        CrsError
            If a file cannot be placed; of several files it is left out, with a warning.
        Cancelled
            If the user stops it.
        """
        progress = progress or Silent()
        pieces: dict[str, list[Logs]] = {}
        several = len(self._members()) > 1
        for found in self._found(progress.warn, progress):
            try:
                logs = found.logs()
            except CrsError as error:
                if not several:
                    raise
                progress.warn(error.message, **error.values)
                continue
            if extent is not None and not len(logs.sites.within(extent)):
                continue
            pieces.setdefault(found.kind, []).append(logs)
            if len(pieces[found.kind]) >= self.chunk:
                yield Logs.concatenate(pieces.pop(found.kind))
        for group in pieces.values():
            yield Logs.concatenate(group)

    def _found(self, warn: Warn, progress: Progress) -> Iterator[Found]:
        """Yield what each file holds; of several those that are refused are left out with a warning."""
        files = self._members()
        if not files:
            raise FormatError("{file} holds no GEF files.", file=self.path.name)
        left_out: list[DtwinError] = []
        for number, member in enumerate(files):
            stop_if_asked(progress)
            progress.report(number / len(files), "Reading {file}", file=member.name)
            try:
                found = read_gef(_bytes(member), member.name, warn, self.position)
            except SourceError as error:
                left_out.append(error)
                if len(files) > 1:
                    warn(error.message, **error.values)
                continue
            yield found
        if len(left_out) == len(files):
            raise left_out[0]

    def _members(self) -> list[Member]:
        if self.path.is_dir():
            return [
                Member(path, (), path.stat().st_size) for path in sorted(self.path.rglob("*")) if _is_gef(path.name)
            ]
        return list(members(self.path, _is_gef))


def _is_gef(name: str) -> bool:
    return name.lower().endswith(".gef")


def _bytes(member: Member) -> bytes:
    with member.open() as stream:
        data = stream.read(MOST + 1)
    if len(data) > MOST:
        raise FormatError(
            "{file} is larger than {limit} MB, which no GEF of one test is.", file=member.name, limit=MOST >> 20
        )
    return data


def _around(box: tuple[float, ...] | None, x: float, y: float) -> tuple[float, ...]:
    if box is None:
        return x, y, x, y
    return min(box[0], x), min(box[1], y), max(box[2], x), max(box[3], y)


def _summary(facts: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the facts of one file, or of several the sums."""
    if len(facts) == 1:
        return facts[0]
    return {
        "kinds": dict(Counter(one["kind"] for one in facts)),
        "reports": dict(Counter(str(one["report"]) for one in facts)),
        "rows": sum(one["rows"] for one in facts),
        "depth": max(one["depth"] for one in facts),
    }
