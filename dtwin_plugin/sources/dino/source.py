"""Text files of DINO and the BRO as a source of logs: one file, or all of a zip or a folder."""

from __future__ import annotations

from collections.abc import Sequence

from dtwin_plugin.errors import FormatError
from dtwin_plugin.sources.heads_logs import dino_kind
from dtwin_plugin.sources.log_files import Found, LogFiles, Stop, Warn

from .blocks import rows_of
from .borehole import borehole
from .levels import levels
from .samples import quality, samples
from .series import dossier, series
from .sounding import sounding

_READERS = {
    "borehole": (borehole, "DINO borehole"),
    "sounding": (sounding, "DINO vertical electrical sounding"),
    "levels": (levels, "DINO levels"),
    "quality": (quality, "DINO groundwater composition"),
    "series": (series, "BRO groundwater levels (GLD) as CSV"),
    "dossier": (dossier, "BRO groundwater levels (GLD) as CSV"),
    "samples": (samples, "BRO groundwater composition (GAR) as CSV"),
}
_HEAD = 8192  # bytes that tell the kind


class DinoSource(LogFiles):
    """Boreholes, levels, compositions and soundings, as logs (soundings as features) in RD New and m NAP.

    Parameters
    ----------
    path : str or path
        A text file, a zip of these, or a folder.
    position : pair of float, optional
        x, y in RD New of what has no coordinates, such as the series of the BRO.
    chunk : int
        Places of one chunk.
    """

    suffixes = (".csv", ".txt")
    most = 64 << 20  # a measurement every minute for three years

    def one(self, data: bytes, file: str, warn: Warn, stop: Stop) -> list[Found]:
        """Return the places of one file; raises FormatError where it is of no kind that is known."""
        kind = dino_kind(data[:_HEAD])
        if kind is None:
            raise FormatError(
                "{file} is no file of DINO or the BRO that is read here.", hint="Download it again.", file=file
            )
        reader, label = _READERS[kind]
        found = reader(rows_of(data, file, stop), file, warn, self.position)
        lines = data.count(b"\n") + (not data.endswith(b"\n"))
        for one in found:
            one.facts.update(lines=lines, format=label)
        return found

    def label(self, found: Sequence[Found]) -> str:
        """Return the names of the kinds of files."""
        return " and ".join(sorted({str(one.facts["format"]) for one in found}))
