"""The shadow study of a plan against shadows that are computed by hand."""

from dataclasses import replace

import numpy as np
import pytest

from dtwin_plugin.data import Features, Geometries, Grid
from dtwin_plugin.data.columns import column
from dtwin_plugin.errors import Cancelled, InputError
from dtwin_plugin.models.checks import check
from dtwin_plugin.models.sunlight.shadow_models import SUN_HOURS
from dtwin_plugin.models.sunlight.study_model import GONE, LIT, NEW, SHADE, SHADOW_STUDY
from dtwin_plugin.progress import Silent

X, Y, CELL, SIDE = 155_000.0, 463_000.0, 0.5, 200.0  # near Amersfoort, where the map's north is true

DEFAULTS = {item.name: item.default for item in SHADOW_STUDY.inputs}
DEFAULTS.update(around=60.0, step=60.0, days="21-6", times="12:00")


def block(left, bottom, right, top, low, high):
    a, b, c, d = X + left, Y + bottom, X + right, Y + top
    roof = [(a, b, high), (c, b, high), (c, d, high), (a, d, high), (a, b, high)]
    wall = [(a, b, low), (c, b, low), (c, b, high), (a, b, high), (a, b, low)]
    return Features(Geometries.build("polygon", [[[roof]], [[wall]]]))


def square(left, bottom, right, top, name="A"):
    ring = [(X + left, Y + bottom), (X + right, Y + bottom), (X + right, Y + top), (X + left, Y + top),
            (X + left, Y + bottom)]  # fmt: skip
    return Features(Geometries.build("polygon", [[[ring]]]), {"id": column([name])})


def ground(height=0.0):
    cells = int(SIDE / CELL)
    return Grid(np.full((cells, cells), height), X, Y + SIDE, CELL, unit="m")


def study(progress=None, **given):
    values = {**DEFAULTS, "surface": ground(), **given}
    assert not [problem for problem in check(SHADOW_STUDY, values) if problem.level != "warning"]
    return SHADOW_STUDY.run(values, progress or Silent())


def rows(made):
    return [dict(zip(made["moments"], row)) for row in zip(*made["moments"].values())]


def test_the_new_shadow_of_a_block_has_the_area_of_its_swept_footprint():
    """A box of w by d and height h throws a shadow of w*d + h/tan(e) * (w*|cos a| + d*|sin a|), its footprint in it."""
    made = study(plan=block(90, 90, 110, 100, 0.0, 12.0), days="21-3, 21-6", times="9:00, 12:00, 15:00")
    assert [row["time"] for row in rows(made)][:2] == ["2026-03-21T09:00", "2026-03-21T12:00"]
    assert rows(made)[0]["utc"] == "2026-03-21T08:00"
    for row in rows(made):
        height, azimuth = np.radians(row["elevation"]), np.radians(row["azimuth"])
        swept = 12 / np.tan(height) * (20 * abs(np.cos(azimuth)) + 10 * abs(np.sin(azimuth)))
        outline = 12 / np.tan(height) * 2 + 60  # its edge [m], about: half a cell of error along it
        assert row["new"] == pytest.approx(swept, abs=0.5 * CELL * outline), row["time"]
        assert row["gone"] == 0 and row["beyond"] == 0
        assert row["after"] - row["before"] == pytest.approx(row["new"], abs=1e-6)  # the same cells


def test_states_tell_what_was_shadow_what_is_new_and_leave_the_plan_out():
    surface = ground()
    heights = surface.values.copy()
    heights[220:240, 160:200] = 10.0  # a house of 20 x 10 m; y from 80 to 90 m, x from 80 to 100 m
    made = study(surface=replace(surface, values=heights), plan=block(120, 80, 140, 90, 0.0, 10.0))
    before, after = made["light_before"].values[0], made["light_after"].values[0]
    assert set(np.unique(before)) == {LIT, SHADE} and set(np.unique(after)) == {LIT, SHADE, NEW}
    assert ((before == SHADE) == (after == SHADE)).all()  # the shadow of the house stays what it was
    own = made["light_after"].sample([X + 130], [Y + 85])[0, 0]
    assert own == LIT  # the roof of the plan, in the sun, is nobody's new shadow
    assert rows(made)[0]["new"] == pytest.approx((after == NEW).sum() * CELL**2, abs=0.1)


def test_what_goes_for_the_plan_gives_sun_back():
    surface = ground()
    heights = surface.values.copy()
    heights[220:240, 160:200] = 20.0
    plan = block(80, 80, 100, 90, 0.0, 8.0)  # lower than what stood there
    made = study(surface=replace(surface, values=heights), terrain=ground(), removed=square(80, 80, 100, 90), plan=plan)
    row = rows(made)[0]
    assert row["gone"] > 0 and row["new"] == 0
    assert (made["light_after"].values == GONE).sum() * CELL**2 == pytest.approx(row["gone"], abs=0.1)
    assert made["lost_area"] == 0


def test_new_shadow_beyond_what_is_shown_is_told_apart_and_at_the_edge_warned_of():
    progress = Silent()
    made = study(progress, plan=block(90, 90, 110, 100, 0.0, 40.0), days="22-12", times="12:00", around=20.0)
    row = rows(made)[0]
    assert row["beyond"] > 0 and made["light_after"].shape == (100, 120)  # 10 + 40 m and 20 + 40 m
    assert any("2026-12-22 12:00 the new shadow reaches the edge" in text for text in progress.warnings)
    quiet = Silent()
    study(quiet, plan=block(90, 90, 110, 100, 0.0, 5.0))
    assert not quiet.warnings


def test_the_hours_lost_are_those_of_the_model_of_hours():
    given = {"surface": ground(), "plan": block(90, 90, 110, 100, 0.0, 12.0), "days": "21-3", "step": 30.0}
    made = study(**given)
    alone = SUN_HOURS.run({**{item.name: item.default for item in SUN_HOURS.inputs}, **given}, Silent())
    assert np.array_equal(made["lost"].values, alone["lost"].values)
    lost = made["lost"].window(made["light_after"].extent).values
    own = 20 * 10  # m2 of the plan, which loses its sun by rising and is left out
    assert made["lost_area"] == pytest.approx((lost <= -1).sum() * CELL**2, abs=own + 1)
    assert 0 < made["lost_area"] <= (lost <= -1).sum() * CELL**2


def test_facades_near_the_plan_are_tested_and_no_others():
    surface = ground()
    heights = surface.values.copy()
    heights[150:170, 160:200] = 9.0  # y from 115 to 125 m, x from 80 to 100 m
    near, far = square(80, 115, 100, 125, "near"), square(5, 5, 10, 10, "far")
    both = Features(Geometries.build("polygon", [[[r] for r in p] for p in polygons([near, far])]),
                    {"id": column(["near", "far"])})  # fmt: skip
    made = study(surface=replace(surface, values=heights), terrain=ground(), footprints=both, around=40.0,
                 plan=block(50, 100, 130, 108, 0.0, 30.0), storey=3.0, step=10.0)  # fmt: skip
    assert made["tested"].columns["id"].tolist() == ["near"]
    assert "fell" in made["points"].columns["verdict"]
    progress = Silent()
    alone = study(progress, footprints=far, terrain=ground(), plan=block(150, 150, 160, 160, 0.0, 5.0), around=20.0)
    assert "points" not in alone and any("No footprint lies around the plan" in text for text in progress.warnings)


def polygons(features):
    """The rings of squares, as lists."""
    return [[each.geometries.coordinates[:, :2].tolist()] for each in features]


def test_no_data_stays_no_data():
    surface = ground()
    heights = surface.values.copy()
    heights[:, :200] = np.nan
    made = study(surface=replace(surface, values=heights), plan=block(110, 90, 130, 100, 0.0, 12.0))
    shown = made["light_after"]
    west = shown.sample([X + 99.0], [Y + 95.0])[0, 0]
    assert np.isnan(west)
    assert rows(made)[0]["before"] == 0  # nothing is known there, and so nothing is counted


def test_a_plan_beside_the_surface_is_refused():
    given = {**DEFAULTS, "surface": ground(), "plan": block(1000, 1000, 1010, 1010, 0.0, 12.0)}
    assert [problem.code for problem in check(SHADOW_STUDY, given) if problem.level != "warning"] == ["DT008"]
    with pytest.raises(InputError, match="The plan reaches beyond the surface"):
        SHADOW_STUDY.run(given, Silent())


def test_it_stops_when_asked():
    class Stopped(Silent):
        def is_cancelled(self):
            return True

    with pytest.raises(Cancelled):
        study(Stopped(), plan=block(90, 90, 110, 100, 0.0, 12.0))


def test_the_inputs_are_those_of_the_three_models_each_once():
    names = [item.name for item in SHADOW_STUDY.inputs]
    assert len(names) == len(set(names)) and not SHADOW_STUDY.input("plan").optional
    assert {item.name for item in SUN_HOURS.inputs} <= set(names)
