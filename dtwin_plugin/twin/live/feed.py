"""A source that is asked again and again: when it is due, how far it is known, and what it missed."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dtwin_plugin.data import Series
from dtwin_plugin.errors import InputError
from dtwin_plugin.translate import mark

from .admit import admitted
from .history import Covered, History, Kept, Moment

SHORTEST, LONGEST = 10.0, 86_400.0  # s between two questions
_PATIENCE = 900.0  # s between questions to a server that fails, at most
_AGAIN = 5.0  # s after the first fault: a file that is being written is whole soon
_LATE = 1.5  # intervals between two files, from which on one was missed


@dataclass(frozen=True)
class Feed:
    """What is asked, and how often.

    Attributes
    ----------
    source : str
        An id of the catalogue or an address; under this name it stands in the history.
    title : str
    spoken : str
        What an address speaks; "" where the source tells.
    interval : float
        Seconds between questions.
    keeps : float
        How much of the past the server gives [s]; 0 where it gives its last file only.
    late : float
        How late an observation or a correction may come [s]: so much is asked again.
    days : float
        How long observations are kept; 0 for ever.
    level : str
        How open it is.
    area : tuple of float
        Left, bottom, right and top in RD New of what is kept; empty for all.
    running : bool
    """

    source: str
    title: str = ""
    spoken: str = ""
    interval: float = 300.0
    keeps: float = 0.0
    late: float = 3600.0
    days: float = 30.0
    level: str = ""
    area: tuple[float, ...] = ()
    running: bool = False

    @classmethod
    def of(cls, plain: Any) -> Feed:
        """Return a feed of plain data, which anybody may have written.

        Raises
        ------
        InputError
            If it names no source.

        >>> Feed.of({"source": "ndw-speeds", "interval": 0.1}).interval
        10.0
        """
        given = plain if isinstance(plain, dict) else {}
        if not isinstance(given.get("source"), str) or not given["source"]:
            raise InputError("A live source without a name is kept in the project.", hint="Add it again.")
        kept: dict[str, Any] = {
            name: str(given[name])[:500] for name in ("source", "title", "spoken", "level") if name in given
        }
        for name, low, high in (
            ("interval", SHORTEST, LONGEST), ("keeps", 0.0, 3.2e7), ("late", 0.0, 604_800.0), ("days", 0.0, 36_500.0),
        ):  # fmt: skip
            value = given.get(name)
            if isinstance(value, (int, float)) and value == value:
                kept[name] = min(max(float(value), low), high)
        area = given.get("area")
        if isinstance(area, (list, tuple)) and len(area) == 4 and all(isinstance(v, (int, float)) for v in area):
            kept["area"] = tuple(map(float, area))
        return cls(**kept, running=given.get("running") is True)

    @property
    def current(self) -> float:
        """How long a value counts as current [s]."""
        return 3 * self.interval


@dataclass
class Watch:
    """The state of one feed: when it is due, and how it went.

    Times are seconds of any clock that only goes forward, but for the moments that are kept.
    """

    feed: Feed
    due: float = 0.0
    failures: int = 0
    error: str = ""
    last: Moment | None = None
    kept: Kept | None = None
    random: random.Random = field(default_factory=random.Random)

    def since(self, history: History) -> Moment | None:
        """Return from when on to ask: what is known, less what may have come late; None for the last values."""
        covered = history.covered(self.feed.source)
        if not self.feed.keeps:
            return None
        back = _ms(self.feed.late)
        if covered.until is None:
            return None
        return covered.until - back

    def arrived(self, history: History, series: Series, now: Moment, clock: float) -> Kept:
        """Keep an answer, with the gap before it where something was missed."""
        feed = self.feed
        series = admitted(series.named(feed.source), feed.level)
        gap = missed(feed, history.covered(feed.source), series, now)
        kept = history.add(series, now, current=feed.current, gap=gap)
        if feed.days and len(series):  # old by what the source says too: a clock that was set wrong empties nothing
            history.forget(feed.source, min(now, series.ends.max()) - _ms(feed.days * 86_400))
        self.kept = kept
        self.unchanged(now, clock)
        return kept

    def unchanged(self, now: Moment, clock: float) -> None:
        """Note that the source answered that nothing changed."""
        self.error, self.failures, self.last = "", 0, now
        # a file that is soon another one is asked for twice an interval, so that none is missed: the same costs little
        self.due = clock + self.feed.interval / (1 if self.feed.keeps else 2)

    def failed(self, reason: str, clock: float, wait: float | None = None) -> None:
        """Note a fault; the next question comes later each time, and no sooner than the server asks for (`wait`)."""
        self.failures += 1
        self.error = reason
        # a server that is back is asked before it has forgotten much
        longest = max(self.feed.interval, min(_PATIENCE, self.feed.keeps / 3 or 5 * self.feed.interval))
        pause = min(longest, min(_AGAIN, self.feed.interval) * 2 ** (self.failures - 1))
        pause *= 1 + 0.1 * self.random.random()  # many that failed at once do not come back at once
        self.due = clock + max(pause, wait or 0.0)


def missed(feed: Feed, covered: Covered, series: Series, now: Moment) -> tuple[Moment, Moment, str] | None:
    """Return from when to when something was missed before an answer, and why; None where nothing was.

    Of a file that is written again each interval the times of writing tell it, all by the clock of the server. Of a
    server that keeps a while, that it was not asked for longer than that.
    """
    if covered.until is None or not len(series):
        return None
    if not feed.keeps:
        before, after = covered.published, series.published
        if before is None or np.isnat(after) or after - before <= _ms(_LATE * feed.interval):
            return None
        if covered.asked is not None and now - covered.asked <= _ms(_LATE * feed.interval):
            return None  # its clock was set: no so much time went by here
        # the last file that was missed was written one interval before this one
        return before, after - _ms(feed.interval), mark("not published or not reached")
    if covered.asked is None or now - covered.asked <= _ms(feed.keeps):
        return None
    new = series.begins[series.begins >= covered.until]
    end = new.min() if len(new) else covered.until + (now - covered.asked)
    # what came late meanwhile, of before, may lack too
    return covered.until - _ms(feed.late), end, mark("not reached for longer than the server keeps")


def _ms(seconds: float) -> np.timedelta64:
    return np.timedelta64(round(seconds * 1000), "ms")
