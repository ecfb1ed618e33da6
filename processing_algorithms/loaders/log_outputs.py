"""What the loaders of logs give: the layers and tables that they have in common, and what was found wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data import Features, Logs
from dtwin_plugin.errors import DtwinError, InputError
from dtwin_plugin.models.base import Field, Values
from dtwin_plugin.models.subsurface import sticks
from dtwin_plugin.models.subsurface.soil_behaviour_logs import layers_of, with_behaviour
from dtwin_plugin.progress import Progress
from dtwin_plugin.sources.stop import stop_if_asked
from dtwin_plugin.translate import tr

if TYPE_CHECKING:
    from numpy.typing import NDArray

_KINDS = ("cpt", "borehole", "well", "levels", "samples")
_FEATURES = {
    "monitoring network": "network",
    "use of groundwater": "use",
    "formation resistance": "resistance",
    "electrical sounding": "electrical sounding",
}
_AREAS = {"polygon": "areas", "line": "lines"}
_SHOWN = 5
_COUNT_COLUMNS = {"kind": "1", "sites": "1", "rows": "1", "without_surface": "1", "without_place": "1", "deepest": "m"}


class Noted:
    """Progress that keeps the warnings, so that they become a table beside the layers."""

    def __init__(self, whole: Progress) -> None:
        self._whole, self.rows = whole, list[tuple[str, str]]()

    def report(self, fraction: float, message: str = "", **values: Any) -> None:
        """Pass on how far it is."""
        self._whole.report(fraction, message, **values)

    def warn(self, message: str, **values: Any) -> None:
        """Keep a warning, and pass it on."""
        about = str(values.get("file") or values.get("name") or "")
        self.rows.append((about, tr(message).format(**values) if values else tr(message)))
        self._whole.warn(message, **values)

    def refuse(self, name: str, error: DtwinError) -> None:
        """Tell that a file or a service is left out, and why."""
        self.rows.append((name, error.text(tr)))
        self._whole.warn("{name} is left out: {reason}", name=name, reason=error.text(tr))

    def is_cancelled(self) -> bool:
        """Tell whether the user wants to stop."""
        return self._whole.is_cancelled()


class LogTables:
    """Gathers what sources give, and makes the layers and tables of it."""

    def __init__(self) -> None:
        self._logs: dict[str, list[Logs]] = {}
        self._points: list[tuple[str, Features]] = []
        self._shapes: dict[str, list[Features]] = {}
        self.refused = 0

    def add(self, found: Logs | Features) -> None:
        """Take a chunk."""
        if isinstance(found, Logs):
            self._logs.setdefault(found.kind, []).append(found)
        elif found.geometries.kind == "point":
            self._points.append((_FEATURES.get(found.name, found.name), found))
        else:
            self._shapes.setdefault(_AREAS[found.geometries.kind], []).append(found)

    def outputs(self, values: Values, progress: Progress, what: str, noted: Noted) -> dict[str, Any]:
        """Return what there is for `LOG_OUTPUTS`; raises InputError if there is nothing."""
        logs = [
            sticks.grounded(Logs.concatenate(self._logs[kind]), values["ground"])
            for kind in _KINDS
            if kind in self._logs
        ]
        sites = sticks.sites_of(logs, self._points)
        shapes = {name: Features.concatenate(pieces) for name, pieces in self._shapes.items()}
        if sites is None and not shapes:
            raise InputError("{what} has no objects for this area.", hint="Choose another area.", what=what)
        made: dict[str, Any] = {**shapes, **({"sites": sites} if sites is not None else {})}
        made.update(self._tables(logs, values["diameter"], progress))
        self._tell(logs, progress)
        made["counts"] = _counts(logs, self._points)
        if noted.rows:
            made["findings"] = {"about": [row[0] for row in noted.rows], "finding": [row[1] for row in noted.rows]}
        bare = [name for piece in logs for name in sticks.without_surface(piece)]
        count = (0 if sites is None else len(sites)) + sum(map(len, shapes.values()))
        return {**made, "count": count, "without_surface": len(bare), "refused": self.refused}

    def _tables(self, logs: list[Logs], diameter: float, progress: Progress) -> dict[str, Any]:
        """Return what the rows become: layers in the ground, curves, screens, levels and samples."""
        made: dict[str, Any] = {}
        standing: list[Features] = []
        screens: list[Features] = []
        first = 1
        for number, piece in enumerate(logs):
            stop_if_asked(progress)
            progress.report(number / len(logs))
            if piece.kind == "cpt":
                tests = with_behaviour(piece)
                made["curve"] = sticks.joined([sticks.curve_of(tests, first)])
                standing.append(_named(sticks.sticks_of(layers_of(tests), first, "cpt")))
            elif piece.kind == "borehole":
                standing.append(_named(sticks.sticks_of(piece, first, "borehole")))
            elif piece.kind == "well":
                screens.append(sticks.screens_of(piece, first))
            elif piece.kind == "levels":
                made["series"] = sticks.series_of(piece, first)
                told = sticks.screens_of_levels(piece, first)
                screens += [told] if told is not None else []
            else:
                made["samples"] = sticks.joined([sticks.samples_of(piece, first)])
            first += len(piece)
        filled = [piece for piece in standing if len(piece)]
        if filled:
            made["sticks"] = Features.concatenate(filled)
        screens = [piece for piece in screens if len(piece)]
        if screens:
            made["screens"] = Features.concatenate(screens)
            filled.append(made["screens"])
        if filled:
            kept = ("number", "site", "kind", "z_min", "z_max", "soil", "lithoclass", "class_name", "zone")
            slim = [_only(piece, kept) for piece in filled]
            made["columns"] = sticks.columns_of(Features.concatenate(slim), diameter)
        return made

    def _tell(self, logs: list[Logs], progress: Progress) -> None:
        bare = [name for piece in logs for name in sticks.without_surface(piece)]
        if bare:
            progress.warn(
                "The height of the surface of {count} tests and boreholes is not known ({names}): they are on the map "
                "and not in space. Give a terrain.",
                count=len(bare),
                names=", ".join(bare[:_SHOWN]) + (", …" if len(bare) > _SHOWN else ""),
            )


def _only(features: Features, names: tuple[str, ...]) -> Features:
    columns = {name: features.columns[name] for name in names if name in features.columns}
    return replace(features, columns=columns, units={})


def _named(features: Features) -> Features:
    """Return layers with what their soil is called in the user's language."""

    def said(values: NDArray[Any]) -> NDArray[Any]:
        result = np.empty(len(values), object)
        result[:] = [None if value is None else tr(str(value)) for value in values.tolist()]
        return result

    columns = features.columns
    return features.with_columns({"class_name": said(columns["class_name"]), "soil": said(columns["soil"])})


def _counts(logs: list[Logs], points: list[tuple[str, Features]]) -> dict[str, list[Any]]:
    """Return a row for each kind: how many places, rows, and how many lack a height or a place."""
    rows: list[tuple[Any, ...]] = []
    for piece in logs:
        deepest = sticks.deepest(piece)
        known = deepest[np.isfinite(deepest)]
        lost = int(np.isnan(sticks.places(piece.sites)[:, 0]).sum())
        bare = len(sticks.without_surface(piece))
        rows.append(
            (piece.kind, len(piece), int(piece.starts[-1]), bare, lost, float(known.max()) if len(known) else None)
        )
    for kind in dict.fromkeys(kind for kind, _ in points):
        own = [features for name, features in points if name == kind]
        lost = sum(int(np.isnan(sticks.places(features)[:, 0]).sum()) for features in own)
        rows.append((kind, sum(map(len, own)), 0, 0, lost, None))
    return {name: [row[index] for row in rows] for index, name in enumerate(_COUNT_COLUMNS)}


GROUND = Field(
    "ground",
    "Terrain",
    "grid",
    "m",
    optional=True,
    doc="Heights of the ground in m NAP, such as AHN: the surface of what does not tell its own.",
)
COLUMN_DIAMETER = Field(
    "diameter",
    "Thickness in 3D",
    "number",
    "m",
    2.0,
    0.05,
    100,
    advanced=True,
    doc="Of the columns that stand for soundings and boreholes: so much that they are seen.",
)
_SERIES_DOC = (
    "A point for each moment, so that the map shows the levels through time; moments in UTC, heights in m NAP."
)
LOG_OUTPUTS = (
    Field(
        "sites",
        "Soundings, boreholes and wells",
        "features",
        geometry="point",
        style="log_sites",
        optional=True,
        doc="A point for each object with all that is known of it; number tells which rows of the tables are its own.",
    ),
    Field(
        "sticks",
        "Layers of soundings and boreholes",
        "features",
        geometry="line",
        style="log_sticks",
        optional=True,
        doc="A vertical line for each layer from its top to its bottom in m NAP; those of a cone penetration test are "
        "runs of equal soil behaviour, of 0.2 m at least.",
    ),
    Field(
        "columns",
        "Soundings and boreholes in 3D",
        "features",
        geometry="polygon",
        style="log_columns",
        optional=True,
        doc="A column for each layer and screen, for 3D views and profiles.",
    ),
    Field(
        "curve",
        "Curves of cone penetration tests",
        "table",
        columns=sticks.CURVE_UNITS,
        optional=True,
        doc="A row for each depth: resistance, friction, pore pressure, and how the soil behaves (Robertson 2009).",
    ),
    Field(
        "screens", "Screens of wells", "features", geometry="line", style="log_screens", optional=True,
        doc="A vertical line for each tube, from the top to the bottom of its screen in m NAP.",
    ),
    Field(
        "series", "Groundwater levels", "features", geometry="point", style="log_series", optional=True,
        doc=_SERIES_DOC,
    ),
    Field(
        "samples",
        "Composition of groundwater",
        "table",
        columns=dict.fromkeys(sticks.SAMPLE_COLUMNS, "1"),
        optional=True,
        doc="A row for each value that was measured in a sample.",
    ),
    Field("areas", "Areas of groundwater use", "features", geometry="polygon", optional=True, doc="Of the BRO (GUF)."),
    Field("lines", "Lines of groundwater use", "features", geometry="line", optional=True, doc="Of the BRO (GUF)."),
    Field(
        "counts",
        "Counts",
        "table",
        columns=_COUNT_COLUMNS,
        optional=True,
        doc="Each kind with its objects, rows, and how many lack the height of their surface or their place.",
    ),
    Field(
        "findings",
        "Findings",
        "table",
        columns={"about": "1", "finding": "1"},
        optional=True,
        doc="What was left out, and what else is wrong with the files or objects.",
    ),
    Field("count", "Objects", "integer", doc="Number of objects that were read."),
    Field("without_surface", "Without surface", "integer", doc="Tests and boreholes of which the height is not known."),
    Field("refused", "Refused", "integer", doc="Files or kinds that could not be read; the log names them."),
)  # fmt: skip
