"""How long work tells where it is, and hears that it must stop."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """What a model or a source reports to; `processing_algorithms` binds it to QGIS's feedback."""

    def report(self, fraction: float, message: str = "") -> None:
        """Tell that `fraction` (0 to 1) of the work is done."""

    def warn(self, message: str) -> None:
        """Tell something that the user should know, though the work goes on."""

    def is_cancelled(self) -> bool:
        """Tell whether the user wants to stop; long work asks at least every 0.5 s."""


class Silent:
    """Progress that nobody watches; warnings are kept.

    >>> progress = Silent()
    >>> progress.warn("no heights"), progress.warnings
    (None, ['no heights'])
    """

    def __init__(self) -> None:
        self.warnings: list[str] = []

    def report(self, fraction: float, message: str = "") -> None:
        """Do nothing."""

    def warn(self, message: str) -> None:
        """Keep the message."""
        self.warnings.append(message)

    def is_cancelled(self) -> bool:
        """Never."""
        return False
