"""Live sources in a project: which are asked, where their history is, and its layers."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np
from qgis.core import QgsApplication, QgsProject, QgsVectorLayer

from dtwin_plugin import catalogue
from dtwin_plugin.data import Extent
from dtwin_plugin.data.crs import RD
from dtwin_plugin.errors import Cancelled, DtwinError, InputError
from dtwin_plugin.sources.transport import CancellableTransport, Response, Transport
from dtwin_plugin.sources.watching import UnchangedError, WatchingTransport
from dtwin_plugin.translate import language, tr
from dtwin_plugin.twin.live.feed import Feed, Watch
from dtwin_plugin.twin.live.history import History
from dtwin_plugin.twin.live.schema import ALL, LAST

from .finish import fit_in
from .network import direct
from .styles import STYLES

SCOPE, FEEDS, FILE = "dtwin", "live_feeds", "live_history"
_SPOKEN = ("datex2", "sensorthings", "ngsi-ld", "edr")  # kinds of the catalogue
_BY_ID = ("luchtmeetnet", "knmi-edr")
# How much of the past a kind of server gives [s], 0 for its last file only; where its owner tells, that goes before.
_KEEPS = {"datex2": 0.0, "file": 0.0}
_DAY = 86_400.0
_MOST = 50  # sources of one project


def offered() -> list[catalogue.Entry]:
    """Return the sources of the catalogue that may be asked again and again."""
    found = [entry for entry in catalogue.entries().values() if entry.kind in _SPOKEN or entry.id in _BY_ID]
    free = [entry for entry in found if entry.url and not entry.needs_key]
    return sorted(free, key=lambda entry: entry.title_in(language()))


def feed_of(source: str, area: Sequence[float] = (), interval: float | None = None) -> Feed:
    """Return a feed for an id of the catalogue or an address, with the interval that the catalogue tells.

    Raises
    ------
    InputError
        If it is neither, or the source asks for a key.
    """
    if re.match(r"https?://", source):
        plain = {"source": source, "title": source, "keeps": 0.0 if re.search(r"\.\w{2,4}$", source) else _DAY}
        return Feed.of({**plain, "interval": interval or 300.0, "area": list(area)})
    entry = catalogue.entry(source)
    if entry.needs_key:
        raise InputError("{source} asks for a key, and is not asked by itself.", source=entry.title)
    told = re.match(r"(\d+) ?(s|min|h)\b", str(entry.more.get("refresh", "")))
    seconds = float(told[1]) * {"s": 1, "min": 60, "h": 3600}[told[2]] if told else 600.0
    return Feed.of({
        "source": source, "title": entry.title_in(language()), "interval": interval or seconds, "area": list(area),
        "keeps": _KEEPS.get(entry.kind, _DAY), "level": entry.access_level,
    })  # fmt: skip


def feeds_of(project: QgsProject) -> list[Feed]:
    """Return the feeds of a project; what is no feed is left out, as anybody may have written it."""
    try:
        plain = json.loads(project.readEntry(SCOPE, FEEDS, "[]")[0])
    except ValueError:
        return []
    found: dict[str, Feed] = {}
    for item in plain[:_MOST] if isinstance(plain, list) else []:
        try:
            feed = Feed.of(item)
        except InputError:
            continue
        found.setdefault(feed.source, feed)
    return list(found.values())


def keep_feeds(project: QgsProject, feeds: Sequence[Feed]) -> None:
    """Keep the feeds in a project."""
    project.writeEntry(SCOPE, FEEDS, json.dumps([asdict(feed) for feed in feeds]))


def history_path(project: QgsProject) -> Path:
    """Return the file of the history: that of the project, else the one of the user's profile."""
    profile = Path(QgsApplication.qgisSettingsDirPath()) / "dtwin" / "live" / "history.gpkg"
    return Path(project.readEntry(SCOPE, FILE, "")[0] or profile)


class Question:
    """Asks one feed, in whatever thread; remembered between questions is what it answered last."""

    def __init__(self, watch: Watch, path: Path, transport: Transport | None = None) -> None:
        self.watch, self.path, self.is_cancelled = watch, path, False
        source = watch.feed.source
        address = source if re.match(r"https?://", source) else catalogue.entry(source).url or ""
        stopping = _Stopping(transport or direct(), lambda: self.is_cancelled)
        self._transport = WatchingTransport(stopping, address)

    def ask(self, clock: Callable[[], float]) -> None:
        """Ask, and keep the answer; how it went stands in the watch."""
        watch = self.watch
        now = np.datetime64(datetime.now(timezone.utc).replace(tzinfo=None), "ms")
        try:
            with History(self.path) as history:
                if self._other_asked(history, now):
                    watch.unchanged(now, clock())
                    return
                self._keep(history, now, clock)
        except UnchangedError:
            watch.unchanged(now, clock())
        except Cancelled:
            return
        except DtwinError as error:
            watch.failed(error.text(tr), clock(), getattr(error, "wait", None))
        except (OSError, ValueError, sqlite3.Error) as error:
            watch.failed(str(error), clock())

    def _other_asked(self, history: History, now: np.datetime64) -> bool:
        """Tell whether another QGIS asked just now: two that look at one history ask as often as one."""
        asked, last = history.covered(self.watch.feed.source).asked, self.watch.last
        soon = np.timedelta64(round(400 * self.watch.feed.interval), "ms")
        return bool(asked is not None and (last is None or asked > last) and abs(now - asked) < soon)

    def _keep(self, history: History, now: np.datetime64, clock: Callable[[], float]) -> None:
        from dtwin_plugin.sources.live import ask
        from dtwin_plugin.sources.live.tabled import as_points, in_rd

        feed = self.watch.feed
        extent = Extent(*feed.area[:4], RD) if len(feed.area) == 4 else None
        series = ask(self._transport, feed.source, extent, self.watch.since(history), spoken=feed.spoken)
        if self.is_cancelled:
            raise Cancelled
        series = replace(series, stations=in_rd(as_points(series.stations))[0])
        self.watch.arrived(history, series, now, clock())
        self._transport.taken()


class _Stopping:
    """A transport whose requests are broken off when the question is."""

    def __init__(self, transport: Transport, cancelled: Callable[[], bool]) -> None:
        self._transport, self._cancelled = transport, cancelled

    def get(self, url: str, params: Mapping[str, str] | None = None, **how: Any) -> Response:
        """Return the answer; `how` are the time-out and headers of `Transport.get`."""
        if isinstance(self._transport, CancellableTransport):
            return self._transport.get_unless(self._cancelled, url, params, **how)
        return self._transport.get(url, params, **how)


def add_layers(project: QgsProject, path: Path) -> list[QgsVectorLayer]:
    """Add the last values and all observations of a history to a project, those that are not there."""
    there = {layer.source() for layer in project.mapLayers().values()}
    added = []
    for table, title, style in ((ALL, tr("Live: observations"), "live_observed"), (LAST, tr("Live"), "live_values")):
        layer = QgsVectorLayer(f"{path}|layername={table}", title, "ogr")
        if not layer.isValid() or layer.source() in there:
            continue
        STYLES[style](layer)
        layer.setCustomProperty("dtwin/style", style)
        project.addMapLayer(layer)
        fit_in(layer, project)
        added.append(layer)
    return added


def layers_of(project: QgsProject, path: Path) -> list[QgsVectorLayer]:
    """Return the layers of a history in a project."""
    return [layer for layer in project.mapLayers().values() if layer.source().startswith(f"{path}|")]
