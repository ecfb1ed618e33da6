"""Documents of the BRO as a source: a file, an archive or a folder of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from dtwin_plugin.data import Extent
from dtwin_plugin.errors import FormatError, InputError
from dtwin_plugin.progress import Progress, Silent
from dtwin_plugin.sources.base import SourceInfo
from dtwin_plugin.sources.stop import stop_if_asked

from .collect import Collector, Found, within
from .documents import Document, documents
from .facts import Facts
from .kinds import READERS, kind_of
from .record import Record

CHUNK = 500  # objects
_SHOWN = 5


class BroSource:
    """Objects of the basic register of the subsurface, as they are downloaded from it or sent to it.

    Cone penetration tests, boreholes, soil faces, wells, levels and samples become logs; networks, uses of groundwater
    and dossiers of formation resistance become features. What lies in a well and has no coordinates of its own (levels,
    samples, networks, dossiers) has those of the well, where that is in the same folder or archive.

    Parameters
    ----------
    path : str or path
        An XML document, a zip of them (zips within it too), or a folder.
    kinds : iterable of str, optional
        Objects to read ("CPT", "BHR_GT", "GMW"); all if absent.
    chunk : int
        Objects of one chunk.
    """

    def __init__(self, path: str | Path, *, kinds: Iterable[str] | None = None, chunk: int = CHUNK) -> None:
        self.path, self.chunk = Path(path), chunk
        self.kinds = None if kinds is None else {name.strip().upper().replace("-", "_") for name in kinds}
        unknown = sorted((self.kinds or set()) - set(READERS))
        if unknown:
            raise InputError(
                "The BRO has no objects {found} that are read here; it has {known}.",
                found=", ".join(unknown),
                known=", ".join(READERS),
            )

    def describe(self, progress: Progress | None = None) -> SourceInfo:
        """Return the facts, by reading it once.

        Raises
        ------
        SourceError, FormatError
            If it is absent, broken, or not of the BRO.
        Cancelled
            If the user stops it.
        """
        facts, strange = Facts(), list[str]()
        listed = list(documents(self.path, strange))
        for document, record in self._records(listed, strange, progress or Silent()):
            facts.roots[document.root] = None
            if document.version:
                facts.versions[document.version.upper()] = None
            if record is None:
                facts.skipped += 1
            else:
                facts.add(record)
        return facts.info(self.path.name)

    def read(self, extent: Extent | None = None, progress: Progress | None = None) -> Iterator[Found]:
        """Yield chunks of what lies in an area (None = all), one kind each; without an area also what has no place.

        Raises
        ------
        SourceError, FormatError
            If it is absent, broken, or not of the BRO.
        CrsError
            If an object has no coordinates in RD and the grids to transform others are missing.
        Cancelled
            If the user stops it.
        """
        progress = progress or Silent()
        collector, strange = Collector(self.chunk, progress), list[str]()
        listed = list(documents(self.path, strange))
        _learn_wells(listed, collector, progress)
        for _, record in self._records(listed, strange, progress):
            if record is not None:
                for found in collector.add(record):
                    yield from _cut(found, extent)
        for found in collector.rest():
            yield from _cut(found, extent)

    def _records(
        self, listed: list[Document], strange: list[str], progress: Progress
    ) -> Iterator[tuple[Document, Record | None]]:
        """Yield the objects; None for one of a kind that is not read. A broken document among others is a warning."""
        faults: list[FormatError] = []
        others: dict[str, None] = {}
        good, any_object = 0, False
        for number, document in enumerate(listed):
            stop_if_asked(progress)
            try:
                for record in document.records():
                    any_object = True
                    stop_if_asked(progress)
                    if isinstance(record, str):
                        others[record] = None
                        yield document, None
                    elif self._is_wanted(record):
                        yield document, record
                good += 1
            except FormatError as error:
                faults.append(error)
                progress.warn("{file} is left out: {reason}", file=document.label, reason=error.text())
            progress.report((number + 1) / len(listed), "{count} documents", count=number + 1)
        if faults and not good:
            raise faults[0]
        if not any_object:
            raise FormatError("{file} holds no object of the BRO, only what goes with it.", file=self.path.name)
        self._tell(strange, list(others), progress)

    def _is_wanted(self, record: Record) -> bool:
        return self.kinds is None or kind_of(record.name) in self.kinds

    def _tell(self, strange: list[str], others: list[str], progress: Progress) -> None:
        for names in (strange, others):
            if names:
                progress.warn(
                    "{file} holds {names}, which is not read here.",
                    file=self.path.name,
                    names=", ".join(names[:_SHOWN]),
                )


def _cut(found: Found, extent: Extent | None) -> Iterator[Found]:
    chosen = within(found, extent)
    if chosen is not None:
        yield chosen


def _learn_wells(listed: list[Document], collector: Collector, progress: Progress) -> None:
    """Read the wells before all else, where other objects may lie in them."""
    if len(listed) < 2:
        return
    for document in listed:
        if document.version.startswith("gmw") or not document.version:
            stop_if_asked(progress)
            try:
                for record in document.records():
                    if isinstance(record, Record) and record.kind == "well":
                        collector.learn(record)
            except FormatError:  # told when it is read
                continue
