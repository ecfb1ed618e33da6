"""The description of a shadow study: shadow at moments, hours of sun, and facades against a norm, of one plan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data import Extent, Features
from dtwin_plugin.errors import Cancelled, InputError
from dtwin_plugin.progress import Part
from dtwin_plugin.translate import mark

from ..base import Field, Model, Values
from .clock import local_of
from .drawn import standing
from .facade_model import FACADE_SUN
from .fields import SURFACE_FIELDS, place_of, surfaces_of
from .periods import moments_at, parsed_days, parsed_times
from .position import Sun, sun_position
from .shadow import FILTERED, SHADOW, Surface
from .shadow_models import SHADOW as SHADOW_MODEL
from .shadow_models import SUN_HOURS, surface_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Grid
    from dtwin_plugin.progress import Progress

LIT, SHADE, CROWNS, NEW, GONE = range(5)  # of a cell at a moment
_COLUMNS = {"time": "1", "utc": "1", "elevation": "degree", "azimuth": "degree", "before": "m2", "after": "m2",
            "new": "m2", "gone": "m2", "beyond": "m2"}  # fmt: skip
_CHANGED = 0.05  # m: what the plan changes by less is as it was


@dataclass(frozen=True)
class _Scene:
    """The surface as it is and with the plan, where the plan itself is, and what is counted."""

    now: Surface
    later: Surface
    own: NDArray[np.bool_]
    counted: tuple[slice, slice]
    area: float  # of a cell [m2]


def _run(values: Values, progress: Progress) -> dict[str, Any]:
    drawn, values = values["plan"], {**values, "plan": standing(values)}
    made, own = _moments(values, Part(progress, 0.0, 0.3))
    if values["plan"] is not drawn:
        made["blocks"] = values["plan"]  # for pictures in 3D
        heights = values["plan"].geometries.coordinates[:, 2]
        progress.warn(
            "The plan is drawn on the map: it stands from {low:.2f} to {high:.2f} m NAP here.",
            low=float(heights.min()),
            high=float(heights.max()),
        )
    hours = SUN_HOURS.run(values, Part(progress, 0.3, 0.7))
    made.update(lost=hours["lost"], hours=hours["hours"], hours_after=hours["hours_after"])
    made["lost_area"] = _lost_area(values, hours["lost"], own)
    near = _near(values, progress)
    if near is not None:
        found = FACADE_SUN.run({**values, "footprints": near}, Part(progress, 0.7, 1.0))
        made.update(points=found["points"], tested=found["tested"], summary=found["summary"])
    return made


def _near(values: Values, progress: Progress) -> Features | None:
    """Return the buildings around the plan whose facades are tested; None where there are none."""
    if values["footprints"] is None:
        return None
    near = values["footprints"].within(_around(values, values["surface"]))
    if not len(near):
        progress.warn("No footprint lies around the plan: facades are not tested.")
        return None
    return near


def _lost_area(values: Values, lost: Grid, own: NDArray[np.bool_]) -> float:
    """Return the area around the plan [m2], itself left out, that loses an hour of sun or more."""
    kept = lost.window(_around(values, lost))
    part = _slices(lost, kept)
    return round(float(((kept.values <= -1.0) & ~own[part]).sum()) * lost.cell_size**2, 1)


def _moments(values: Values, progress: Progress) -> tuple[dict[str, Any], NDArray[np.bool_]]:
    """Return the pictures of each moment and the table of them, and which cells are the plan itself."""
    now, later = surfaces_of(values)
    assert later is not None
    site = place_of(now)
    moments = np.sort(moments_at(parsed_days(values["days"], values["year"]), parsed_times(values["times"])))
    sun = sun_position(moments, site.latitude, site.longitude)
    window = _around(values, now)
    kept = now.window(window)
    scene = _Scene(
        surface_of(values, now),
        surface_of(values, later),
        _own(now, later),
        _slices(now, kept),
        now.cell_size**2,
    )
    bands = {name: np.empty((len(moments), *kept.shape), np.float32) for name in ("light_before", "light_after")}
    rows = []
    for number, (before, after, row) in enumerate(_each(scene, sun, progress)):
        bands["light_before"][number], bands["light_after"][number] = before, after
        row["time"], row["utc"] = str(local_of(moments[number]))[:16], str(moments[number])[:16]
        rows.append(row)
        if row.pop("edge"):
            progress.warn(
                "At {time} the new shadow reaches the edge of the surface: it may be larger than is counted.",
                time=row["time"].replace("T", " "),
            )
    unknown = ~np.isfinite(kept.values)
    grids = {}
    for name, states in bands.items():
        states[:, unknown] = np.nan
        grids[name] = kept.like(states, "1", "Shadow", moments)
    table = {name: [row[name] for row in rows] for name in _COLUMNS}
    return {**grids, "moments": table}, scene.own


def _around(values: Values, now: Grid) -> Extent:
    """Return the rectangle around the plan that is shown and counted."""
    box = values["plan"].extent
    if box is None or not now.extent.intersects(box):
        raise InputError("The plan lies outside the surface.", hint="Choose a surface that covers the plan.")
    far = values["around"]
    return Extent(box.x_min - far, box.y_min - far, box.x_max + far, box.y_max + far)


def _slices(grid: Grid, part: Grid) -> tuple[slice, slice]:
    """Return the rows and columns of a grid that a part of it has."""
    top, left = (round(value / grid.cell_size) for value in (grid.y_max - part.y_max, part.x_min - grid.x_min))
    return slice(top, top + part.shape[0]), slice(left, left + part.shape[1])


def _own(now: Grid, later: Grid) -> NDArray[np.bool_]:
    """Return the cells of the plan itself, and of what goes for it: what was ground there is roof, or the reverse."""
    with np.errstate(invalid="ignore"):
        return ~(np.abs(later.values - now.values) <= _CHANGED)


def _each(scene: _Scene, sun: Sun, progress: Progress) -> Iterator[tuple[Any, Any, dict[str, Any]]]:
    """Yield for each moment what is shown before and after, and its row of the table."""
    for number, (height, azimuth) in enumerate(zip(sun.elevation, sun.azimuth)):
        if progress.is_cancelled():
            raise Cancelled
        one = Sun(np.array([height]), np.array([azimuth]))
        before, after = scene.now.light(one)[0], scene.later.light(one)[0]
        new = (after == SHADOW) & (before != SHADOW) & ~scene.own
        gone = (before == SHADOW) & (after != SHADOW) & ~scene.own
        row = _row(scene, before, after, new, gone)
        row.update(elevation=round(float(height), 3), azimuth=round(float(azimuth), 3))
        shown = [_states(light[scene.counted]) for light in (before, after)]
        shown[1][new[scene.counted]], shown[1][gone[scene.counted]] = NEW, GONE
        yield shown[0], shown[1], row
        progress.report((number + 1) / len(sun.elevation), "Shadow at moments")


def _states(light: NDArray[np.uint8]) -> NDArray[np.float32]:
    states = np.full(light.shape, LIT, np.float32)
    states[light == SHADOW], states[light == FILTERED] = SHADE, CROWNS
    return states


def _row(
    scene: _Scene,
    before: NDArray[np.uint8],
    after: NDArray[np.uint8],
    new: NDArray[np.bool_],
    gone: NDArray[np.bool_],
) -> dict[str, Any]:
    """Return the areas [m2] in shadow, those of the plan itself left out, and whether the new reaches the edge."""
    known = scene.now.known & ~scene.own

    def area(cells: NDArray[np.bool_]) -> float:
        return round(int(cells[scene.counted].sum()) * scene.area, 1)

    beyond = int((new & known).sum()) - int((new & known)[scene.counted].sum())
    return {
        "before": area((before == SHADOW) & known),
        "after": area((after == SHADOW) & known),
        "new": area(new & known),
        "gone": area(gone & known),
        "beyond": round(beyond * scene.area, 1),
        "edge": bool(new[0].any() or new[-1].any() or new[:, 0].any() or new[:, -1].any()),
    }


def _inputs() -> tuple[Field, ...]:
    """Return the inputs of the three models, each once; what is always wanted here is not optional."""
    footprints = replace(
        FACADE_SUN.input("footprints"),
        optional=True,
        doc=mark(
            "Of the buildings whose facades are tested against the norm; without them no facade is. They need the "
            "terrain."
        ),
    )
    found = {item.name: item for item in SURFACE_FIELDS}
    found["plan"] = replace(found["plan"], optional=False)
    found["footprints"] = footprints
    for model in (SHADOW_MODEL, SUN_HOURS, FACADE_SUN):
        for item in model.inputs:
            found.setdefault(item.name, item)
    found["around"] = Field(
        "around",
        "Distance around the plan",
        "number",
        "m",
        150.0,
        10.0,
        2000.0,
        doc="How far from the plan is shown and counted; what lies farther still throws its shadow.",
    )
    return tuple(found.values())


SHADOW_STUDY = Model(
    id="shadowstudy",
    version="1.0.0",
    title="Shadow study",
    group="Sunlight",
    summary="What a plan does to the sun of its surroundings, as one package: pictures before and after at the twelve "
    "moments of a shadow study, areas in shadow, a map of the hours of sun lost, facades against a norm, and a report.",
    inputs=_inputs(),
    outputs=(
        Field(
            "moments",
            "Moments",
            "table",
            columns=_COLUMNS,
            doc="Civil time and UTC, where the sun stands, and the areas around the plan in shadow before and after, "
            "newly in shadow and no more; those of the plan itself are left out. New shadow beyond is told apart.",
        ),
        Field(
            "light_before",
            "Shadow before the plan",
            "grid",
            "1",
            series=True,
            optional=True,
            style="sun_study",
            doc="0 in the sun, 1 in shadow, 2 below crowns; a band for each moment.",
        ),
        Field(
            "light_after",
            "Shadow with the plan",
            "grid",
            "1",
            series=True,
            optional=True,
            style="sun_study",
            doc="The same with the plan, and 3 where shadow is new, 4 where it is no more.",
        ),
        next(item for item in SUN_HOURS.outputs if item.name == "lost"),
        replace(next(item for item in SUN_HOURS.outputs if item.name == "hours"), optional=True, advanced=True),
        replace(next(item for item in SUN_HOURS.outputs if item.name == "hours_after"), advanced=True),
        *(replace(item, optional=True) for item in FACADE_SUN.outputs),
        Field(
            "lost_area",
            "Area that loses an hour of sun or more",
            "number",
            "m2",
            doc="Around the plan, itself left out, on the day that the plan takes most of.",
        ),
    ),
    run=_run,
    references=(*SUN_HOURS.references, FACADE_SUN.references[0]),
    validity=SUN_HOURS.validity,
)
