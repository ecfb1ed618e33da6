"""Live sources of a project go on when it is opened and stop before QGIS quits; without any this costs nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from qgis.core import QgsApplication, QgsProject, QgsSettings

if TYPE_CHECKING:
    from .live.polling import Polling

_ENTRY = ("dtwin", "live_feeds")
_HOSTS = "dtwin/live_hosts"  # servers of addresses that the user of this profile has started


class LiveStart:
    """Hears of projects; the one that asks for it, and the panel, get the one polling that there is."""

    _now: LiveStart | None = None

    def __init__(self) -> None:
        self._polling: Polling | None = None
        LiveStart._now = self
        project = QgsProject.instance()
        project.readProject.connect(self._opened)
        project.cleared.connect(self._closed)
        QgsApplication.instance().aboutToQuit.connect(self._stop)

    @classmethod
    def polling(cls) -> Polling:
        """Return the polling, which is made on first use."""
        if cls._now is None:
            cls()
        now = cls._now
        assert now is not None
        if now._polling is None:
            from .live.polling import Polling

            now._polling = Polling()
        return now._polling

    def _opened(self, *_: object) -> None:
        # most projects have none, and nothing is loaded for them
        if self._polling is not None or QgsProject.instance().readEntry(*_ENTRY, "")[0]:
            self.polling().read_project()

    def _closed(self) -> None:
        if self._polling is not None:
            self._polling.read_project()

    def _stop(self) -> None:
        if self._polling is not None:
            self._polling.stop_all()

    def remove(self) -> None:
        """Stop all, and hear of nothing any more."""
        self._stop()
        project = QgsProject.instance()
        project.readProject.disconnect(self._opened)
        project.cleared.disconnect(self._closed)
        QgsApplication.instance().aboutToQuit.disconnect(self._stop)
        self._polling = None
        LiveStart._now = None


def may_start(source: str) -> bool:
    """Tell whether a source may be asked without a click: one of the catalogue, or a server that was started before.

    A project comes from anybody, and must not let QGIS ask any address by being opened.
    """
    if "://" not in source:
        return True
    return (urlsplit(source).hostname or "") in QgsSettings().value(_HOSTS, [], list)


def remember(source: str) -> None:
    """Remember that the user has started an address."""
    host = urlsplit(source).hostname if "://" in source else None
    known = list(QgsSettings().value(_HOSTS, [], list))
    if host and host not in known:
        QgsSettings().setValue(_HOSTS, [*known, host][-200:])
