"""KLIC deliveries as a source of features."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from dtwin_plugin.data import Extent, Features
from dtwin_plugin.progress import Progress, Silent
from dtwin_plugin.sources.base import SourceInfo

from .delivery import Delivery, gather
from .documents import find_documents
from .facts import info_of
from .lines import depths_of, lines_of
from .others import areas_of, drawing_of, points_of, precautions_of, request_areas_of


class KlicSource:
    """KLIC deliveries, or network information as an operator sends it in, in IMKL 1.2, 2.0 or 3.0.

    Parameters
    ----------
    path : str or path
        A zip as it was delivered, an XML file, or a folder with these (unpacked deliveries too).
    more : iterable of path
        Other deliveries that belong with it; an object that is in several is given once, in its newest state.
    """

    def __init__(self, path: str | Path, *, more: Iterable[str | Path] = ()) -> None:
        self.path, self.more = Path(path), tuple(map(Path, more))

    def load(self, progress: Progress | None = None) -> Delivery:
        """Return all objects.

        Raises
        ------
        SourceError, FormatError
            If a file is absent, broken, or no IMKL.
        Cancelled
            If the user stops it.
        """
        progress = progress or Silent()
        return gather(find_documents([self.path, *self.more], progress.warn), progress)

    def describe(self, progress: Progress | None = None) -> SourceInfo:
        """Return the facts, by reading all; raises SourceError, FormatError, Cancelled."""
        return info_of(self.load(progress), self.path.name)

    def read(self, extent: Extent | None = None, progress: Progress | None = None) -> Iterator[Features]:
        """Yield what touches an area (None = all), by name.

        "lines", "points", "drawing", "areas", "precautions", "request", and "depths" (see `lines.depths_of`), those
        that are there.

        Raises
        ------
        SourceError, FormatError, CrsError
            If a file is absent, broken, no IMKL, or not on the map.
        Cancelled
            If the user stops it.
        """
        progress = progress or Silent()
        delivery = self.load(progress)
        lines = lines_of(delivery)
        if lines.without:
            progress.warn(
                "{file}: {count} lines have no geometry: their links are not in the file, or not on the map.",
                file=self.path.name,
                count=lines.without,
            )
        makers = (points_of, drawing_of, areas_of, precautions_of, request_areas_of, depths_of)
        for features in (lines.features, *(make(delivery) for make in makers)):
            chosen = features if extent is None else features.within(extent)
            if len(chosen):
                yield chosen
