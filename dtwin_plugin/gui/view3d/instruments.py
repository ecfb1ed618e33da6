"""The instruments of the 3D panel, each made when it is first asked for."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, Callable

from dtwin_plugin.translate import mark

from .instrument import Instrument
from .scene import Scene

# key, title, explanation, place of the class in this package; the order is that of the toolbar
TABLE = (
    ("inspect", mark("Inspect"), mark("Click on an object and read what is known of it."), "inspector.Inspect"),
    ("measure", mark("Measure"), mark("Distances, areas and heights between places in space."), "measure.Measure"),
    ("legend", mark("Legend"), mark("What the colours mean, and which layers and classes are shown."), "legend.Legend"),
    ("results", mark("Results"), mark("Buildings and roads in the colours of a result."), "results.Results"),
    ("compare", mark("Compare"), mark("Two scenarios beside or over each other, or what differs."), "compare.Compare"),
    (
        "column",
        mark("What lies here"),
        mark("What lies above and under a point, from the roof down, as a log."),
        "column.ColumnPage",
    ),
    ("below", mark("Under the ground"), mark("See cables, pipes and soil through the ground."), "below.Below"),
    (
        "section",
        mark("Section"),
        mark("Cut the scene along a line; see its profile."),
        "section.SectionPage",
    ),
    ("time", mark("Time"), mark("Play what changes through time, on the map and in 3D together."), "time.TimePage"),
    (
        "viewpoints",
        mark("Viewpoints"),
        mark("Keep where you look from, with what is shown, and come back to it."),
        "viewpoints.ViewpointsPage",
    ),
    (
        "film",
        mark("Film"),
        mark("Walk along viewpoints, and make pictures, films and sheets of them."),
        "film.FilmPage",
    ),
)


class Instruments:
    """The pages that are made so far, by key.

    Parameters
    ----------
    scene : Scene
    added : callable
        Is handed each page that is made.
    """

    def __init__(self, scene: Scene, added: Callable[[Instrument], Any]) -> None:
        self._scene, self._added = scene, added
        self.made: dict[str, Instrument] = {}

    def get(self, key: str) -> Instrument:
        """Return a page; it is made if it was not asked for before."""
        if key not in self.made:
            module, name = next(place for known, _, _, place in TABLE if known == key).split(".")
            page: Instrument = getattr(import_module(f".{module}", __package__), name)(self._scene)
            self.made[key] = page
            self._added(page)
        return self.made[key]

    def states(self) -> dict[str, dict[str, Any]]:
        """Return what is set on the pages, by key."""
        states = {key: page.state() for key, page in self.made.items()}
        return {key: state for key, state in states.items() if state}

    def restore(self, states: Mapping[str, Any]) -> None:
        """Set all pages as they were; those that had nothing set go back to that."""
        known = [key for key, _, _, _ in TABLE]
        for key in known:
            state = states.get(key)
            if isinstance(state, dict):
                self.get(key).restore(state)
            elif key in self.made:
                self.made[key].restore({})

    def close_for_good(self) -> None:
        """Leave nothing behind."""
        for page in self.made.values():
            page.close_for_good()
        self.made.clear()
