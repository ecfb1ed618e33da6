"""The models of sunlight as they are called: a plan before and after, norms, moments."""

from dataclasses import replace

import numpy as np
import pytest

from dtwin_plugin.data import Features, Geometries, Grid
from dtwin_plugin.data.columns import column
from dtwin_plugin.errors import InputError
from dtwin_plugin.models.sunlight import SUNLIGHT
from dtwin_plugin.models.sunlight.periods import NORMS, days_of, moments_through, parsed_days, parsed_times
from dtwin_plugin.progress import Silent

MODELS = {model.id: model for model in SUNLIGHT}
X, Y = 121_000.0, 487_000.0  # the Dam in Amsterdam
CELL = 0.5


def defaults(name, **given):
    model = MODELS[name]
    return {**{field.name: field.default for field in model.inputs}, **given}


def block(left, bottom, right, top, low, high):
    """A block as surfaces, in m from the south-west corner."""
    a, b, c, d = X + left, Y + bottom, X + right, Y + top
    roof = [(a, b, high), (c, b, high), (c, d, high), (a, d, high), (a, b, high)]
    wall = [(a, b, low), (c, b, low), (c, b, high), (a, b, high), (a, b, low)]
    shapes = Geometries.build("polygon", [[[roof]], [[wall]]])
    return Features(shapes)


def ground(rows=160, columns=160, height=1.0):
    return Grid(np.full((rows, columns), height), X, Y + rows * CELL, CELL, unit="m")


def house():
    """A row of 10 m along the north of the site, and its footprint."""
    terrain = ground()
    surface = terrain.values.copy()
    surface[30:50, 40:120] = 9.0  # y from 55 to 65 m, x from 20 to 60 m
    ring = [(X + 20, Y + 55), (X + 60, Y + 55), (X + 60, Y + 65), (X + 20, Y + 65), (X + 20, Y + 55)]
    footprints = Features(
        Geometries.build("polygon", [[[ring]]]), {"identificatie": column(["NL.IMBAG.Pand.0363100012061234"])}
    )
    return terrain, replace(terrain, values=surface), footprints


def test_days_and_times_are_read_as_people_write_them():
    assert [str(day) for day in days_of(NORMS["strict"], 2027)] == ["2027-01-21", "2027-11-22"]
    whole = days_of(NORMS["light"], 2026, 1)
    assert len(whole) == 245 and str(whole[-1]) == "2026-10-21"
    assert str(parsed_days("29/2", 2028)[0]) == "2028-02-29"
    for text in ("30-2", "x", "", "5"):
        with pytest.raises(InputError):
            parsed_days(text, 2026)
    assert parsed_times("9.15; 17").astype(int).tolist() == [555, 1020]
    for text in ("25:00", "9:60", "noon", ""):
        with pytest.raises(InputError):
            parsed_times(text)
    moments, groups = moments_through(np.array(["2026-03-29", "2026-06-21"], "datetime64[D]"), 30)
    assert np.bincount(groups).tolist() == [46, 48] and len(moments) == 94  # the day with 23 hours


def test_a_plan_takes_sun_from_facades_and_the_test_says_from_which():
    terrain, surface, footprints = house()
    plan = block(0, 40, 52, 46, 1.0, 25.0)
    given = {"footprints": footprints, "terrain": terrain, "surface": surface, "plan": plan, "step": 5.0}
    made = MODELS["facadesun"].run(defaults("facadesun", **given), Silent())
    points = made["points"].columns
    xyz = made["points"].geometries.coordinates
    south = xyz[:, 1] < Y + 55.1
    fell = points["verdict"] == "fell"
    assert fell[south].any()
    assert (points["hours_after"][fell] < 2).all() and (points["hours"][fell] >= 2).all()
    assert (points["lost"][fell] > 0).all()
    # the block of 24 m high stands 9 m before the row, but for its east end: there nothing falls
    assert (xyz[fell, 0] < X + 50).all() and (points["verdict"][south & (xyz[:, 0] > X + 58)] == "meets").all()
    north = xyz[:, 1] > Y + 64.9
    assert (points["verdict"][north] == "no sun").all()  # from October to February the sun stays in the south
    counts = dict(zip(made["summary"]["verdict"], made["summary"]["points"]))
    assert counts["fell"] == fell.sum() and sum(counts.values()) == len(made["points"])
    building = made["tested"].columns
    assert building["sun_verdict"].tolist() == ["meets"]  # one window with sun is enough for the building
    assert building["hours_best"][0] >= building["hours_best_after"][0] > 2
    assert (points["facing"][south] == 180).all() and (points["facing"][north] == 0).all()


def test_panels_stand_on_the_walls_around_the_windows_and_say_what_those_do():
    terrain, surface, footprints = house()
    given = {"footprints": footprints, "terrain": terrain, "surface": surface, "step": 30.0, "wanted": {"panels"}}
    made = MODELS["facadesun"].run(defaults("facadesun", **given), Silent())
    points, panels = made["points"], made["panels"]
    assert panels.columns.keys() == points.columns.keys() and len(panels) == len(points)
    assert panels.columns["verdict"].tolist() == points.columns["verdict"].tolist()
    xyz, corners = points.geometries.coordinates, panels.geometries.coordinates.reshape(len(points), 5, 3)
    middle = corners[:, :4].mean(axis=1)
    # on the wall but for the 0.15 m before it; from the floor at the sill's 0.75 m below to 1 m above
    assert np.hypot(*(middle - xyz)[:, :2].T) == pytest.approx(0.15, abs=1e-6)
    assert corners[:, 0, 2] == pytest.approx(xyz[:, 2] - 0.75) and corners[:, 2, 2] == pytest.approx(xyz[:, 2] + 1.0)
    # together they cover nine tenths of each wall, as none overlap; all of the lowest storey is free
    lowest = points.columns["storey"] == 0
    around = np.hypot(*np.diff(footprints.geometries.coordinates[:, :2], axis=0).T).sum()
    widths = np.hypot(*(corners[:, 1] - corners[:, 0])[:, :2].T)
    assert widths[lowest].sum() == pytest.approx(0.9 * around, rel=1e-6)
    assert "panels" not in MODELS["facadesun"].run(defaults("facadesun", **{**given, "wanted": {"points"}}), Silent())


def test_norms_differ_and_the_whole_period_is_never_easier_than_its_ends():
    terrain, surface, footprints = house()
    wall = surface.values.copy()
    wall[70:72, 20:140] = 8.0  # 10 m to the south, 7 m high
    given = {"footprints": footprints, "terrain": terrain, "surface": replace(surface, values=wall)}
    run = MODELS["facadesun"].run
    hours = {}
    for norm in ("light", "strict", "hague"):
        hours[norm] = run(defaults("facadesun", norm=norm, **given), Silent())["points"].columns["hours"]
    assert (hours["strict"] <= hours["light"] + 0.5).all() and (hours["strict"] < hours["light"]).any()
    assert (hours["hague"] <= hours["light"]).all() and (hours["hague"] < hours["light"]).any()
    whole = run(defaults("facadesun", every=30, **given), Silent())["points"].columns["hours"]
    assert (whole <= hours["light"] + 1e-9).all()
    own = run(defaults("facadesun", norm="own", own_hours=24.0, **given), Silent())["points"].columns["verdict"]
    assert set(own) <= {"below", "no sun"}


def test_hours_of_sun_are_those_of_an_open_field_and_less_behind_a_block():
    """On an open field at the Dam: 602 minutes on 19 February, 604 on 21 October (pvlib), to a step of 10 minutes."""
    field = defaults("sunhours", surface=ground(), days="19-2, 21-10", plan=block(30, 20, 50, 30, 1.0, 13.0))
    made = MODELS["sunhours"].run(field, Silent())
    assert made["hours_by_day"].values[:, 5, 5] * 60 == pytest.approx([602, 604], abs=10)
    assert made["hours"].values.max() == made["hours"].values.min()
    lost = made["lost"].values
    assert lost.max() <= 0 and lost[158, 2] == 0  # to the south of the block nothing changes
    behind = int((80 - 33) / CELL), int(40 / CELL)
    assert lost[behind] < -3 and made["hours_after"].values[behind] < 7
    later = defaults("sunhours", surface=ground(), days="19-2", lowest=10.0)
    assert MODELS["sunhours"].run(later, Silent())["hours"].values[0, 0] * 60 == pytest.approx(456, abs=10)


def test_moments_are_civil_times_and_no_data_stays_no_data():
    heights = ground()
    heights.values[5, 7] = np.nan
    made = MODELS["shadow"].run(
        defaults("shadow", surface=heights, buildings=block(30, 20, 50, 30, 1.0, 13.0)), Silent()
    )
    light = made["light"]
    assert light.values.shape[0] == 12 and np.isnan(light.values[:, 5, 7]).all()
    assert str(light.times[0]) == "2026-03-21T08:00:00" and str(light.times[3]) == "2026-06-21T07:00:00"
    # noon by the clock on the longest day is 1 h 42 min before that of the sun: sin h = 0.3149 + 0.5601 cos(25.4)
    assert made["sun"]["elevation"][4] == pytest.approx(55.2, abs=0.2)
    north = int((80 - 36) / CELL), int(40 / CELL)
    assert light.values[10][north] == 0 and light.values[4][int((80 - 50) / CELL), int(40 / CELL)] == 1
    assert "light_after" not in made


def test_crowns_let_through_their_share():
    crowns = ground(height=np.nan)
    crowns.values[100:110, 70:80] = 9.0
    given = defaults("shadow", surface=ground(), crowns=crowns, days="21-6", times="13:40", transmissivity=0.25)
    light = MODELS["shadow"].run(given, Silent())["light"].values[0]
    assert set(np.unique(light)) == {0.25, 1.0} and light[105, 75] == 0.25


def test_what_a_plan_removes_gives_its_sun_back():
    terrain, surface, _ = house()
    ring = [(X + 20, Y + 55), (X + 60, Y + 55), (X + 60, Y + 65), (X + 20, Y + 65), (X + 20, Y + 55)]
    removed = Features(Geometries.build("polygon", [[[ring]]]))
    plan = block(70, 60, 72, 62, 1.0, 2.0)
    given = {"surface": surface, "plan": plan, "removed": removed, "days": "19-2"}
    made = MODELS["sunhours"].run(defaults("sunhours", terrain=terrain, **given), Silent())
    behind = int((80 - 68) / CELL), int(40 / CELL)
    assert made["lost"].values[behind] > 3  # it is a gain
    with pytest.raises(InputError, match="needs a terrain"):
        MODELS["sunhours"].run(defaults("sunhours", **given), Silent())


def test_a_facade_test_without_terrain_or_houses_says_so():
    terrain, surface, footprints = house()
    with pytest.raises(InputError, match="need a terrain"):
        MODELS["facadesun"].run(defaults("facadesun", footprints=footprints, surface=surface), Silent())
    far = Features(Geometries.build("polygon", [[[[(0, 0), (9, 0), (9, 9), (0, 9), (0, 0)]]]]))
    with pytest.raises(InputError, match="No facade"):
        MODELS["facadesun"].run(defaults("facadesun", footprints=far, surface=surface, terrain=terrain), Silent())


def test_crowns_take_sun_from_facades_but_for_the_share_that_they_let_through():
    """A row of trees 10 m before the south wall: nothing through it is as a wall, all is as no trees."""
    terrain, surface, footprints = house()
    crowns = ground(height=np.nan)
    crowns.values[70:74, 20:140] = 12.0
    given = {"footprints": footprints, "terrain": terrain, "surface": surface}
    run = MODELS["facadesun"].run

    def hours(**more):
        return run(defaults("facadesun", **given, **more), Silent())["points"].columns["hours"]

    free, none, some, all_ = (hours(), *(hours(crowns=crowns, transmissivity=share) for share in (0.0, 0.3, 1.0)))
    wall = replace(surface, values=np.fmax(surface.values, crowns.values))
    solid = run(defaults("facadesun", **{**given, "surface": wall}), Silent())["points"].columns["hours"]
    np.testing.assert_array_equal(none, solid)
    np.testing.assert_array_equal(all_, free)
    assert (some <= free).all() and (some >= none).all() and ((some > none) & (some < free)).any()
    with pytest.raises(InputError, match="not on the cells of the surface"):
        hours(crowns=ground(rows=10))


@pytest.mark.parametrize("name", ["shadow", "sunhours", "facadesun"])
@pytest.mark.parametrize(
    ("plan", "sentence"),
    [
        (block(1000, 20, 1050, 30, 1.0, 13.0), "reaches beyond the surface"),
        (block(70, 20, 90, 30, 1.0, 13.0), "reaches beyond the surface"),  # the part outside would throw no shadow
        (block(30, 20, 50, 30, -40.0, -30.0), "rises nowhere over the surface"),  # heights that are not in m NAP
        (block(30, 20, 50, 30, 1.0, np.nan), "corners without a height"),
    ],
)
def test_a_plan_that_would_take_no_sun_only_for_want_of_data_is_refused(name, plan, sentence):
    terrain, surface, footprints = house()
    given = defaults(name, surface=surface, terrain=terrain, plan=plan)
    if name == "facadesun":
        given["footprints"] = footprints
    with pytest.raises(InputError, match=sentence):
        MODELS[name].run(given, Silent())


def test_rasters_of_one_shape_in_two_places_are_not_on_the_same_cells():
    terrain, surface, footprints = house()
    aside = replace(terrain, x_min=X + 10)
    with pytest.raises(InputError, match="not on the cells of the surface"):
        MODELS["sunhours"].run(defaults("sunhours", surface=surface, crowns=aside, days="19-2"), Silent())
    given = {"plan": block(70, 60, 72, 62, 1.0, 2.0), "removed": footprints, "days": "19-2"}
    with pytest.raises(InputError, match="needs a terrain on the cells"):
        MODELS["sunhours"].run(defaults("sunhours", surface=surface, terrain=aside, **given), Silent())
    almost = replace(terrain, x_min=X + 0.001)  # rounding of a file
    assert MODELS["sunhours"].run(defaults("sunhours", surface=surface, terrain=almost, **given), Silent())["lost"]
