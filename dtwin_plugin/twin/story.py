"""What a film of viewpoints shows, picture by picture: flights between them, turns around one, moments of one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from dtwin_plugin.data.moments import Moments

from .viewpoints import Viewpoint


class Shot(NamedTuple):
    """One picture of a film.

    Attributes
    ----------
    viewpoint : Viewpoint
        What it shows.
    seconds : float
        How long it is seen.
    """

    viewpoint: Viewpoint
    seconds: float


def between(one: Viewpoint, other: Viewpoint, share: float) -> Viewpoint:
    """Return the place on a flight where a share of its time has passed; all that is set is that of the other end.

    It starts and ends slowly, turns the short way about, and comes nearer by as many times in each part.

    >>> a, b = Viewpoint("A", 0, 0, 0, 100, 40, 350), Viewpoint("B", 10, 0, 0, 400, 60, 10)
    >>> half = between(a, b, 0.5)
    >>> half.x, round(half.distance, 6), half.pitch, half.heading % 360
    (5.0, 200.0, 50.0, 0.0)
    >>> between(a, b, 0.0).heading, between(a, b, 1.0) == b
    (350.0, True)
    """
    if share >= 1:
        return other
    part = share * share * (3 - 2 * share)

    def mixed(a: float, b: float) -> float:
        return a + part * (b - a)

    turn = (other.heading - one.heading + 180) % 360 - 180
    begin, end = (_time_between(getattr(one, name), getattr(other, name), part) for name in ("begin", "end"))
    return replace(
        other,
        x=mixed(one.x, other.x),
        y=mixed(one.y, other.y),
        z=mixed(one.z, other.z),
        distance=one.distance * (other.distance / one.distance) ** part,
        pitch=mixed(one.pitch, other.pitch),
        heading=one.heading + part * turn,
        begin=begin,
        end=end,
    )


def _time_between(one: str, other: str, part: float) -> str:
    try:
        begin, end = (datetime.fromisoformat(text.replace("Z", "+00:00")) for text in (one, other))
        return (begin + part * (end - begin)).replace(microsecond=0).isoformat()
    except (ValueError, TypeError):  # a time with and one without a zone cannot be compared
        return other


def walk(viewpoints: Sequence[Viewpoint], rate: float) -> list[Shot]:
    """Return a walk along viewpoints, with so many pictures a second of flight and one for each stay.

    >>> a, b = Viewpoint("A", 0, 0, 0, 100, 40, 0), Viewpoint("B", 10, 0, 0, 100, 40, 0, flight=1.0, stay=3.0)
    >>> [(round(shot.viewpoint.x, 2), shot.seconds) for shot in walk([a, b], 4)]
    [(0, 2.0), (1.56, 0.25), (5.0, 0.25), (8.44, 0.25), (10, 3.0)]
    """
    shots: list[Shot] = []
    for number, viewpoint in enumerate(viewpoints):
        steps = math.ceil(viewpoint.flight * rate) if number else 0
        for step in range(1, steps):
            shots.append(Shot(between(viewpoints[number - 1], viewpoint, step / steps), 1 / rate))
        shots.append(Shot(viewpoint, max(viewpoint.stay, 1 / rate)))
    return shots


def around(viewpoint: Viewpoint, count: int, rate: float) -> list[Shot]:
    """Return a turn around what is looked at, in so many pictures.

    >>> [shot.viewpoint.heading for shot in around(Viewpoint("A", 0, 0, 0, 100, 40, 20), 4, 10)]
    [20.0, 110.0, 200.0, 290.0]
    """
    return [
        Shot(replace(viewpoint, heading=(viewpoint.heading + 360 * k / count) % 360), 1 / rate) for k in range(count)
    ]


def through(viewpoint: Viewpoint, moments: Moments, count: int, rate: float) -> list[Shot]:
    """Return moments from the first to the last, at most so many, as they are seen from a viewpoint."""
    chosen = moments.chosen(count)
    spans = (moments.at(number) for number in chosen)
    return [Shot(replace(viewpoint, begin=b.isoformat(), end=e.isoformat()), 1 / rate) for b, e in spans]
