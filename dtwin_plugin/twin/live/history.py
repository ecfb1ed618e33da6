"""A history of live data: each observation once, its corrections beside it, and the times that nothing is known of."""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dtwin_plugin.data import Series
from dtwin_plugin.data.crs import is_rd
from dtwin_plugin.errors import InputError

from . import schema

Moment = np.datetime64
# An observation that is newer than what is kept: it became known later, or neither tells when and the value differs.
_NEWER = """(coalesce(:known, '') > coalesce(known, '')
  OR (coalesce(:known, '') = coalesce(known, '') AND :value IS NOT NULL AND (value IS NULL OR value != :value)))"""
_KEEP_OLD = f"""INSERT OR IGNORE INTO revisions (channel, begins, ends, known, value, quality, received)
  SELECT channel, begins, ends, known, value, quality, received FROM observations
  WHERE channel = :channel AND begins = :begins AND ends = :ends AND {_NEWER}"""
_REPLACE = f"""UPDATE observations SET known = :known, value = :value, quality = :quality, received = :received
  WHERE channel = :channel AND begins = :begins AND ends = :ends AND {_NEWER}"""
_ADD = """INSERT OR IGNORE INTO observations (channel, begins, ends, known, value, quality, received)
  VALUES (:channel, :begins, :ends, :known, :value, :quality, :received)"""
_LATE = """INSERT OR IGNORE INTO revisions (channel, begins, ends, known, value, quality, received)
  SELECT :channel, :begins, :ends, :known, :value, :quality, :received FROM observations
  WHERE channel = :channel AND begins = :begins AND ends = :ends AND coalesce(:known, '') < coalesce(known, '')"""
# A value from after `until` is a forecast, or of a clock that is wrong: it is last only where there is no other.
_LATEST = """UPDATE channels SET latest = (SELECT fid FROM observations WHERE channel = channels.fid
  ORDER BY begins <= :until DESC, ends DESC, begins DESC LIMIT 1) WHERE fid = :channel"""
_AHEAD = np.timedelta64(1, "D")  # that clocks may differ, zones of time that were forgotten with them


@dataclass(frozen=True)
class Kept:
    """What one answer changed: observations that are new, corrected, or were there."""

    added: int
    corrected: int
    known: int


@dataclass(frozen=True)
class Covered:
    """How far a source is known.

    Attributes
    ----------
    until : datetime64 or None
        The last end of what it gave.
    asked : datetime64 or None
        When it last answered well, by the clock of who asked.
    published : datetime64 or None
        When it wrote its last answer, by its own clock.
    """

    until: Moment | None = None
    asked: Moment | None = None
    published: Moment | None = None


class History:
    """A history in a GeoPackage; several programs may write in it at once.

    Raises
    ------
    FormatError
        If the file is another one.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._store = schema.opened(self.path)

    def close(self) -> None:
        """Let go of the file."""
        self._store.close()

    def __enter__(self) -> History:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _whole(self) -> Iterator[Any]:
        """Write all of the block or nothing."""
        try:
            self._store.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if schema.is_busy(error):
                raise schema.busy(self.path) from error
            raise
        try:
            yield self._store
            self._store.execute("COMMIT")  # may fail too, on a full disk
        except BaseException:
            if self._store.in_transaction:  # SQLite has undone it itself where the disk is full
                self._store.execute("ROLLBACK")
            raise

    def add(
        self, series: Series, received: Moment, *, current: float = 0.0, gap: tuple[Moment, Moment, str] | None = None
    ) -> Kept:
        """Keep an answer whole: its stations, observations, a gap before it, and how far its source is known now.

        Parameters
        ----------
        series : Series
            Points in RD New.
        received : datetime64
            UTC.
        current : float
            How long a value counts as current [s]; 0 leaves it.
        gap : (datetime64, datetime64, str), optional
            From when until when nothing is known, and why.

        Raises
        ------
        InputError
            If its stations are in another system.
        """
        if len(series.stations) and not is_rd(series.stations.crs):
            raise InputError("Stations of a history are in RD New; found {crs}.", crs=series.stations.crs)
        with self._whole() as store:
            channels = self._channels(series)
            counts = self._observations(series, channels, received)
            if gap is not None and gap[1] > gap[0]:
                store.execute(
                    "INSERT OR IGNORE INTO gaps (source, begins, ends, reason) VALUES (?, ?, ?, ?)",
                    (series.source, text(gap[0]), text(gap[1]), gap[2]),
                )
            store.execute(
                "INSERT INTO feeds (source, covered, asked, current_s, published) VALUES (?, ?, ?, ?, ?) "
                "ON CONFLICT (source) DO UPDATE SET covered = max(coalesce(covered, ''), coalesce(excluded.covered, "
                "covered, '')), asked = excluded.asked, current_s = coalesce(excluded.current_s, current_s), "
                "published = coalesce(excluded.published, published)",
                (
                    series.source,
                    # a value from the future must not keep from asking for what comes before it
                    text(min(series.ends.max(), received)) if len(series) else None,
                    text(received),
                    current or None,
                    text(series.published),
                ),
            )
        return counts

    def _channels(self, series: Series) -> dict[tuple[int, int], int]:
        """Return the row of each channel that has observations, which is made where it is new."""
        store, columns = self._store, series.stations.columns
        names = columns.get("name", columns["station"]).tolist()
        ids = columns["station"].tolist()
        shapes, spans = series.stations.geometries, series.stations.geometries.coordinate_spans()
        rows: dict[tuple[int, int], int] = {}
        fids: dict[int, int] = {}
        for place, kind in sorted(set(zip(series.station.tolist(), series.quantity.tolist()))):
            if place not in fids:
                point = _point(shapes.coordinates[spans[place]]) if spans[place + 1] > spans[place] else None
                known = (series.source, str(ids[place]))
                store.execute(
                    "INSERT INTO stations (geom, source, station, name) VALUES (?, ?, ?, ?) "
                    "ON CONFLICT (source, station) "
                    "DO UPDATE SET geom = coalesce(excluded.geom, geom), name = coalesce(excluded.name, name)",
                    (point, *known, None if names[place] is None else str(names[place])),
                )
                fids[place] = store.execute(
                    "SELECT fid FROM stations WHERE source = ? AND station = ?", known
                ).fetchone()[0]
            quantity = series.quantities[kind]
            key = (fids[place], quantity.name, quantity.detail)
            store.execute(
                "INSERT OR IGNORE INTO channels (station, quantity, part, unit, title) VALUES (?, ?, ?, ?, ?)",
                (*key, quantity.unit or quantity.given, quantity.title),
            )
            found = store.execute("SELECT fid FROM channels WHERE station = ? AND quantity = ? AND part = ?", key)
            rows[place, kind] = found.fetchone()[0]
        return rows

    def _observations(self, series: Series, channels: dict[tuple[int, int], int], received: Moment) -> Kept:
        store, once = self._store, series.unique()
        begins, ends, known = (texts(times) for times in (once.begins, once.ends, once.results))
        came, values = text(received), once.values.tolist()
        places, kinds, qualities = once.station.tolist(), once.quantity.tolist(), once.qualities.tolist()
        rows = [
            {
                "channel": channels[places[i], kinds[i]], "begins": begins[i], "ends": ends[i], "known": known[i],
                "value": values[i] if values[i] == values[i] else None, "quality": qualities[i], "received": came,
            }
            for i in range(len(once))
        ]  # fmt: skip
        added = corrected = 0
        for row in rows:
            if store.execute(_ADD, row).rowcount:
                added += 1
                continue
            store.execute(_LATE, row)
            store.execute(_KEEP_OLD, row)
            corrected += store.execute(_REPLACE, row).rowcount
        until = text(received + _AHEAD)
        store.executemany(_LATEST, [{"channel": channel, "until": until} for channel in set(channels.values())])
        if len(series.stations) and added:
            self._extents()
        return Kept(added, corrected, len(rows) - added - corrected)

    def _extents(self) -> None:
        bounds = [place_of(blob) for (blob,) in self._store.execute("SELECT geom FROM stations WHERE geom IS NOT NULL")]
        if bounds:
            x, y = zip(*bounds)
            self._store.execute(
                "UPDATE gpkg_contents SET min_x = ?, min_y = ?, max_x = ?, max_y = ? WHERE data_type = 'features'",
                (min(x), min(y), max(x), max(y)),
            )

    def covered(self, source: str) -> Covered:
        """Return how far a source is known."""
        row = self._store.execute("SELECT covered, asked, published FROM feeds WHERE source = ?", (source,)).fetchone()
        return Covered(*map(moment, row)) if row else Covered()

    def gaps(self, source: str = "") -> list[tuple[str, Moment, Moment, str]]:
        """Return the times that nothing is known of: source, begin, end and reason, in order of time."""
        rows = self._store.execute(
            "SELECT source, begins, ends, reason FROM gaps WHERE ? IN ('', source) ORDER BY begins", (source,)
        )
        return [(name, np.datetime64(a[:-1], "ms"), np.datetime64(b[:-1], "ms"), why) for name, a, b, why in rows]

    def forget(self, source: str, before: Moment) -> int:
        """Remove the observations of a source that ended before a moment, and return how many."""
        old = "channel IN (SELECT c.fid FROM channels c JOIN stations s ON s.fid = c.station WHERE s.source = ?)"
        with self._whole() as store:
            count = store.execute(f"DELETE FROM observations WHERE {old} AND ends < ?", (source, text(before))).rowcount
            store.execute(f"DELETE FROM revisions WHERE {old} AND ends < ?", (source, text(before)))
            store.execute("DELETE FROM gaps WHERE source = ? AND ends < ?", (source, text(before)))
            if count:
                channels = store.execute("SELECT c.fid FROM channels c JOIN stations s ON s.fid = c.station "
                                         "WHERE s.source = ?", (source,)).fetchall()  # fmt: skip
                until = text((self.covered(source).asked or before) + _AHEAD)
                store.executemany(_LATEST, [{"channel": channel, "until": until} for (channel,) in channels])
        if count:
            self._store.execute("PRAGMA incremental_vacuum").fetchall()
        return int(count)

    def rows(self, question: str, given: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """Return what a question of reading finds."""
        return self._store.execute(question, given).fetchall()


def text(time: Moment | None) -> str | None:
    """Return a moment as a GeoPackage keeps it, in UTC, None for none.

    >>> text(np.datetime64("2026-01-02T03:04:05", "ms"))
    '2026-01-02T03:04:05.000Z'
    """
    return None if time is None or np.isnat(time) else f"{np.datetime_as_string(time.astype('datetime64[ms]'))}Z"


def texts(times: Any) -> list[str | None]:
    """Return moments as a GeoPackage keeps them."""
    told = np.datetime_as_string(np.asarray(times, "datetime64[ms]")).tolist()
    return [None if item == "NaT" else f"{item}Z" for item in told]


def moment(told: str | None) -> Moment | None:
    """Return a moment that a GeoPackage keeps."""
    return np.datetime64(told.rstrip("Z"), "ms") if told else None


def _point(coordinates: Any) -> bytes:
    """Return a point in RD New as a GeoPackage keeps it (OGC 12-128r19, 2.1.3): header, no envelope, WKB."""
    return struct.pack("<2sBBi", b"GP", 0, 1, 28992) + struct.pack("<BIdd", 1, 1, *map(float, coordinates[:2]))


def place_of(blob: bytes) -> tuple[float, float]:
    """Return the place of a point that a history keeps, in RD New."""
    x, y = struct.unpack_from("<dd", blob, 13)
    return x, y
