"""How long work tells where it is, and hears that it must stop.

As in an error, a message is a template and its values apart, so that it can be shown in Dutch and in English.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol


class Progress(Protocol):
    """What a model or a source reports to; `processing_algorithms` binds it to QGIS's feedback."""

    def report(self, fraction: float, message: str = "", **values: Any) -> None:
        """Tell that `fraction` (0 to 1) of the work is done; `values` fill the `{names}` in the message."""

    def warn(self, message: str, **values: Any) -> None:
        """Tell something that the user should know, though the work goes on."""

    def is_cancelled(self) -> bool:
        """Tell whether the user wants to stop; long work asks at least every 0.5 s."""


class Silent:
    """Progress that nobody watches; warnings are kept.

    >>> progress = Silent()
    >>> progress.warn("{file} has no heights.", file="a.json"), progress.warnings
    (None, ['a.json has no heights.'])
    """

    def __init__(self) -> None:
        self.warnings: list[str] = []

    def report(self, fraction: float, message: str = "", **values: Any) -> None:
        """Do nothing."""

    def warn(self, message: str, **values: Any) -> None:
        """Keep the message, in English."""
        self.warnings.append(message.format(**values) if values else message)

    def is_cancelled(self) -> bool:
        """Never."""
        return False


@dataclass(frozen=True)
class Part:
    """Progress of a part of the work, as a part of the whole.

    Attributes
    ----------
    begin, end : float
        Where the part lies in the whole, 0 to 1.
    """

    whole: Progress
    begin: float
    end: float

    def report(self, fraction: float, message: str = "", **values: Any) -> None:
        """Pass on how far the whole is."""
        self.whole.report(self.begin + (self.end - self.begin) * min(1.0, max(0.0, fraction)), message, **values)

    def warn(self, message: str, **values: Any) -> None:
        """Pass on a warning."""
        self.whole.warn(message, **values)

    def is_cancelled(self) -> bool:
        """Tell whether the user wants to stop."""
        return self.whole.is_cancelled()
