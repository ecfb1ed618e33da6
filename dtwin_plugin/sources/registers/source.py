"""Files of base registers as a source of features."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, cast

from dtwin_plugin.data import Extent, Features
from dtwin_plugin.data.crs import RD, RD_BOUNDS
from dtwin_plugin.errors import CrsError, InputError
from dtwin_plugin.progress import Progress, Silent
from dtwin_plugin.sources.base import SourceInfo
from dtwin_plugin.sources.gml import Shape, crs_of, shape_of
from dtwin_plugin.sources.stop import stop_if_asked

from .batch import Batch
from .current import is_current
from .documents import Document, documents
from .facts import Facts
from .flat import flattened
from .imgeo import class_of
from .profile import Item, Profile

CHUNK = 10_000  # features


class RegisterSource:
    """BGT, BAG, BRK or TOP10NL as it was delivered, or a GML collection, as features in RD New.

    Parameters
    ----------
    path : str or path
        A GML or XML file, a gz, a zip of these (zips within it too), or a folder.
    types : iterable of str, optional
        Classes ("wegdeel", "pand") or elements ("TrafficArea") to read; all if absent.
    current_only : bool
        Leave out what has ended, was replaced, or is gone.
    labels : bool
        Read house numbers and crest lines too, as classes of their own.
    moment : date, optional
        The day for which "current" is told; today if absent.
    chunk : int
        Features of one chunk.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        types: Iterable[str] | None = None,
        current_only: bool = False,
        labels: bool = True,
        moment: datetime.date | None = None,
        chunk: int = CHUNK,
    ) -> None:
        self.path, self.current_only, self.labels, self.chunk = Path(path), current_only, labels, chunk
        self.types = None if types is None else {name.strip().lower() for name in types if name.strip()}
        self.moment = (moment or datetime.date.today()).strftime("%Y%m%d")

    def describe(self, progress: Progress | None = None) -> SourceInfo:
        """Return the facts, in the file's own coordinates, by reading it once.

        Raises
        ------
        SourceError, FormatError
            If it is absent, broken, or no register.
        Cancelled
            If the user stops it.
        """
        progress, facts = progress or Silent(), Facts()
        for document in documents(self.path, progress.warn):
            facts.roots[document.root] = None
            facts.layers.setdefault(document.label, 0)
            if document.profile is None:
                continue
            facts.names[document.profile.name] = None
            with document.open() as stream:
                for name, item, inherited in self._items(document, _watched(stream, progress)):
                    self._count(facts, document, name, item, inherited)
        return facts.info(self.path.name)

    def read(self, extent: Extent | None = None, progress: Progress | None = None) -> Iterator[Features]:
        """Yield chunks of what touches an area (None = all), one class and one kind of geometry each.

        The column "klasse" holds the class. What has no geometry is left out, with a warning.

        Raises
        ------
        SourceError, FormatError, CrsError
            If it is absent, broken, no register, or not on the map.
        InputError
            If none of the types asked is in it.
        Cancelled
            If the user stops it.
        """
        progress, batch = progress or Silent(), Batch(self.chunk)
        found, seen, without = 0, set(), 0
        for document in documents(self.path, progress.warn):
            if document.profile is None:
                continue
            progress.report(0.0, "Reading {file}", file=document.label)
            with document.open() as stream:
                for name, item, inherited in self._items(document, _watched(stream, progress)):
                    seen.add(item.klasse)
                    if not self._is_wanted(document.profile, name, item):
                        continue
                    shape = None if item.geometry is None else shape_of(item.geometry, document.label)
                    if shape is None:
                        without += 1
                        continue
                    found += 1
                    shape = flattened(shape) if document.profile.flat else shape
                    batch.add(item.klasse, item.row, shape, self._crs(shape, inherited, document.label))
                    if batch.full:
                        yield from _cut(batch, extent)
        yield from _cut(batch, extent)
        self._tell(found, seen, without, progress)

    def _items(self, document: Document, stream: IO[bytes]) -> Iterator[tuple[str, Item, str | None]]:
        """Yield the element name, the row and the CRS that holds where none is stated."""
        profile = document.profile
        assert profile is not None
        for element, inherited in document.objects(stream, profile):
            name = element.tag.rpartition("}")[2]
            for item in profile.items(element):
                yield name, item, inherited

    def _is_wanted(self, profile: Profile, name: str, item: Item) -> bool:
        if item.extra and not self.labels and item.klasse != "openbareruimtelabel":
            return False
        if self.types is not None and not self.types & {item.klasse, name.lower(), class_of(item.klasse)}:
            return False
        return not self.current_only or is_current(profile, item.row, self.moment)

    def _count(self, facts: Facts, document: Document, name: str, item: Item, inherited: str | None) -> None:
        assert document.profile is not None
        shape = None if item.geometry is None else shape_of(item.geometry, document.label)
        if shape is not None:
            facts.shape(shape, inherited)
        elif item.geometry is not None:
            facts.linked += 1
        else:
            facts.without += 1
        if item.extra:
            facts.labels += 1
            return
        facts.count += 1
        facts.types[name] += 1
        facts.layers[document.label] += 1
        facts.classes[name] = item.klasse
        facts.row(item.row)
        facts.ended += not is_current(document.profile, item.row, self.moment)

    @staticmethod
    def _crs(shape: Shape, inherited: str | None, file: str) -> str:
        spelling = shape.srs or inherited
        known = crs_of(spelling)
        if known is not None:
            return known
        x, y = shape.parts[0][0][0, :2]
        if spelling is None and RD_BOUNDS[0] <= x <= RD_BOUNDS[1] and RD_BOUNDS[2] <= y <= RD_BOUNDS[3]:
            return RD
        raise CrsError(
            "{file} is in the coordinate reference system {crs}, which is not known.",
            hint="Convert the data to RD New (EPSG:28992) first.",
            file=file,
            crs=repr(spelling or "")[:100],
        )

    def _tell(self, found: int, seen: set[str], without: int, progress: Progress) -> None:
        if self.types and seen and not found and not self.types & (seen | {class_of(name) for name in seen}):
            raise InputError(
                "{file} has no {types}; it has {known}.",
                file=self.path.name,
                types=", ".join(sorted(self.types)),
                known=", ".join(sorted(seen)),
            )
        if without:
            progress.warn(
                "{file}: {count} objects have no geometry and are left out.", file=self.path.name, count=without
            )


class _Watched:
    """A stream that asks at each piece whether the user wants to stop."""

    def __init__(self, stream: IO[bytes], progress: Progress) -> None:
        self._stream, self._progress = stream, progress

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes; raises Cancelled."""
        stop_if_asked(self._progress)
        return self._stream.read(size)


def _watched(stream: IO[bytes], progress: Progress) -> IO[bytes]:
    return cast("IO[bytes]", _Watched(stream, progress))


def _cut(batch: Batch, extent: Extent | None) -> Iterator[Features]:
    for features in batch.take():
        chosen = features if extent is None else features.within(extent)
        if len(chosen):
            yield chosen
