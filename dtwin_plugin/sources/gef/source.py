"""GEF files as a source of logs: one file, or all of a zip or a folder."""

from __future__ import annotations

from collections.abc import Sequence

from dtwin_plugin.sources.log_files import Found, LogFiles, Stop, Warn

from .one import read_gef


class GefSource(LogFiles):
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

    suffixes = (".gef",)

    def one(self, data: bytes, file: str, warn: Warn, stop: Stop) -> list[Found]:
        """Return the test or the borehole of one file; raises FormatError where it is none."""
        return [read_gef(data, file, warn, self.position)]

    def label(self, found: Sequence[Found]) -> str:
        """Return "GEF" with the versions of the format."""
        versions = {str(one.facts["version"] or "?").replace(" ", "").replace(",", ".") for one in found}
        return f"GEF {' and '.join(sorted(versions))}"
