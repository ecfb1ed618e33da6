"""The source of CityJSON files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Union

from dtwin_plugin.data import Extent, Surfaces
from dtwin_plugin.errors import Cancelled, FormatError
from dtwin_plugin.progress import Progress, Silent

from ..base import SourceInfo
from ..objects_file import ObjectsFile
from .build import Builder
from .document import Document
from .facts import Facts
from .objects import NO_SURFACES
from .opening import Content, opened
from .placement import Placement
from .selection import Selection
from .sequence import Sequence
from .text import garbage_collection_paused, too_deep

_Opened = Union[Document, Sequence]


class CityJsonSource(ObjectsFile):
    """City objects of a CityJSON file of version 1.0, 1.1 or 2.0, or of a CityJSONSeq; plain, .gz or .zip.

    A sequence is read line by line. Of a document the bytes and the vertices are in memory, two to three times the
    size of the file at most, and the city objects are parsed and passed on one after the other.

    Takes what `ObjectsFile` takes.
    """

    def describe(self, progress: Progress | None = None) -> SourceInfo:
        """Return the facts; the whole file is read, but not kept.

        Raises
        ------
        SourceError, FormatError
            If it cannot be read or is not what CityJSON should be.
        Cancelled
            If the user stops it.
        """
        progress = progress or Silent()
        with self._open(progress) as (content, source):
            facts = Facts(source.header)
            if isinstance(source, Document):
                facts.add_vertices(source.vertices)
            with garbage_collection_paused():
                for batch in source.batches():
                    if isinstance(source, Sequence):
                        facts.add_vertices(batch.vertices)
                    facts.add(batch)
                    _report(progress, batch.fraction)
                    del batch
            more = facts.as_dict()
            kind = "CityJSON"
            if isinstance(source, Sequence):
                kind, more["features"] = "CityJSONSeq", source.features
            title, header = f"{kind} {source.header.version}", source.header
            warnings = (*content.warnings, *facts.warnings())
            return SourceInfo(title, "surfaces", header.crs, facts.extent, facts.objects, more, warnings)

    def read(self, extent: Extent | None = None, progress: Progress | None = None) -> Iterator[Surfaces]:
        """Yield chunks of about 2000 objects, in RD New and m NAP.

        A building is given whole, with all its parts, if the box around them touches the area. A part has the
        attributes of its building where it lacks them.

        Raises
        ------
        SourceError, FormatError
            If it cannot be read or is not what CityJSON should be.
        CrsError
            If its coordinates cannot be placed in RD New.
        Cancelled
            If the user stops it.
        """
        progress = progress or Silent()
        with self._open(progress) as (content, source):
            for warning in content.warnings:
                progress.warn(warning)
            place = Placement(source.header, self._assume_crs, progress)
            builder = Builder(source.header, Selection(self._lod, self._types), place, extent, self.path.name)
            batches = source.batches()
            while True:
                with garbage_collection_paused():
                    batch = next(batches, None)
                    if batch is None:
                        break
                    surfaces, fraction = builder.build(batch), batch.fraction
                    del batch  # its Python objects are far larger than the surfaces
                _report(progress, fraction)
                if surfaces is not None:
                    yield surfaces
            _warn_left_out(builder, progress)

    @contextmanager
    def _open(self, progress: Progress) -> Iterator[tuple[Content, _Opened]]:
        try:
            with opened(self.path, lambda: _stop_if_asked(progress)) as content:
                yield content, _source(content)
        except RecursionError:
            raise too_deep(self.path.name) from None


def _source(content: Content) -> _Opened:
    """Return the sequence or the document that a file holds.

    It is a sequence if its first line ends an object and another begins after it; that is no JSON otherwise.
    """
    first = _line(content)
    if not first:
        raise FormatError("{file} is empty.", hint="Download or export it again.", file=content.file)
    second = _line(content)
    # only the ends are looked at: the first line may be the whole document
    if first[-100:].rstrip().endswith(b"}") and second[:100].lstrip().startswith(b"{"):
        return Sequence(first, second, content)
    data = content.rest(first, second)
    del first, second
    return Document(data, content.file, content.look)


def _line(content: Content) -> bytes:
    """Return the next line that is not empty."""
    line = content.line()
    while line and line.isspace():
        line = content.line()
    return line


def _warn_left_out(builder: Builder, progress: Progress) -> None:
    if builder.counts["rings"]:
        progress.warn("{count} rings of fewer than three distinct points were left out.", count=builder.counts["rings"])
    for kind in NO_SURFACES:
        if builder.counts[kind]:
            progress.warn(
                "{count} {kind} geometries have no surfaces and were left out.", count=builder.counts[kind], kind=kind
            )


def _report(progress: Progress, fraction: float) -> None:
    progress.report(min(1.0, fraction))
    _stop_if_asked(progress)


def _stop_if_asked(progress: Progress) -> None:
    if progress.is_cancelled():
        raise Cancelled
