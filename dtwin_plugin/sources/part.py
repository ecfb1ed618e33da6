"""Progress of a part of the work, as a part of the whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dtwin_plugin.progress import Progress


@dataclass(frozen=True)
class Part:
    """What a source among several reports to.

    Attributes
    ----------
    begin, end : float
        Where its work lies in the whole, 0 to 1.
    """

    whole: Progress
    begin: float
    end: float

    def report(self, fraction: float, message: str = "", **values: Any) -> None:
        """Pass on how far the whole is."""
        self.whole.report(self.begin + (self.end - self.begin) * fraction, message, **values)

    def warn(self, message: str, **values: Any) -> None:
        """Pass on a warning."""
        self.whole.warn(message, **values)

    def is_cancelled(self) -> bool:
        """Tell whether the user wants to stop."""
        return self.whole.is_cancelled()
