"""Progress of the pure packages to QGIS's feedback."""

from __future__ import annotations

from qgis.core import QgsProcessingFeedback

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

    def report(self, fraction: float, message: str = "") -> None:
        """Move the progress bar; show a message once."""
        self._feedback.setProgress(100 * (self._first + (self._last - self._first) * min(max(fraction, 0.0), 1.0)))
        if message and message != self._message:
            self._message = message
            self._feedback.setProgressText(tr(message))

    def warn(self, message: str) -> None:
        """Show and keep a warning."""
        self.warnings.append(message)
        self._feedback.pushWarning(message)

    def is_cancelled(self) -> bool:
        """Tell whether the user pressed cancel."""
        return self._feedback.isCanceled()
