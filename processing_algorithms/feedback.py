"""Progress of the pure packages to QGIS's feedback."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsProcessingFeedback

from dtwin_plugin.errors import translated
from dtwin_plugin.translate import tr


class FeedbackProgress:
    """A `Progress` that reports a share of the whole run to QGIS."""

    def __init__(self, feedback: QgsProcessingFeedback, first: float = 0.0, last: float = 1.0) -> None:
        self._feedback, self._first, self._last = feedback, first, last
        self._message = ""
        self.warnings: list[str] = []

    def part(self, first: float, last: float) -> FeedbackProgress:
        """Return the progress of a part of the run; its warnings are kept here."""
        result = FeedbackProgress(self._feedback, first, last)
        result.warnings = self.warnings
        return result

    def report(self, fraction: float, message: str = "", **values: Any) -> None:
        """Move the progress bar; show a message once."""
        self._feedback.setProgress(100 * (self._first + (self._last - self._first) * min(max(fraction, 0.0), 1.0)))
        text = _text(message, values)
        if text and text != self._message:
            self._message = text
            self._feedback.setProgressText(text)

    def warn(self, message: str, **values: Any) -> None:
        """Show and keep a warning, in the user's language."""
        text = _text(message, values)
        self.warnings.append(text)
        self._feedback.pushWarning(text)

    def is_cancelled(self) -> bool:
        """Tell whether the user pressed cancel."""
        return self._feedback.isCanceled()


def _text(message: str, values: dict[str, Any]) -> str:
    return tr(message).format(**translated(values, tr)) if values else tr(message)
