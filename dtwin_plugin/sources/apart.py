"""Work that cannot be broken off, in a thread of its own: the user need not wait for its end."""

from __future__ import annotations

import threading
from typing import Any, Callable, TypeVar

from dtwin_plugin.progress import Progress

from .stop import stop_if_asked

T = TypeVar("T")
_LOOK = 0.2  # s between looks at whether the user wants to stop


class Apart:
    """Progress of work in a thread of its own: keeps what it says, and hears that the user wants to stop."""

    def __init__(self, whole: Progress) -> None:
        self._whole, self.warnings = whole, list[tuple[str, dict[str, Any]]]()

    def report(self, fraction: float, message: str = "", **values: Any) -> None:
        """Say nothing: tiles are counted."""

    def warn(self, message: str, **values: Any) -> None:
        """Keep a warning."""
        self.warnings.append((message, values))

    def is_cancelled(self) -> bool:
        """Tell whether the user wants to stop."""
        return self._whole.is_cancelled()


def watched(work: Callable[[Progress], T], progress: Progress) -> T:
    """Return what work gives, and tell its warnings; raises what it raises.

    Raises
    ------
    Cancelled
        If the user stops it; the work ends by itself when its server answers or its time is over.
    """
    outcome: list[Any] = []
    apart = Apart(progress)

    def run() -> None:
        try:
            outcome.append((True, work(apart)))
        except BaseException as error:  # noqa: BLE001  (raised again in the thread that asked)
            outcome.append((False, error))

    thread = threading.Thread(target=run)  # no daemon: Python waits for it before GDAL goes
    thread.start()
    while thread.is_alive():
        thread.join(_LOOK)
        stop_if_asked(progress)
    for message, values in apart.warnings:
        progress.warn(message, **values)
    done, value = outcome[0]
    if not done:
        raise value
    return value  # type: ignore[no-any-return]
