"""The end that a user asked for."""

from dtwin_plugin.errors import Cancelled
from dtwin_plugin.progress import Progress


def stop_if_asked(progress: Progress) -> None:
    """Raise Cancelled where the user wants to stop."""
    if progress.is_cancelled():
        raise Cancelled
