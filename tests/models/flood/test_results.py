"""The results of a run, as the model gives them."""

import numpy as np
import pytest

from dtwin_plugin.data import Features, Geometries, Grid
from dtwin_plugin.models import MODELS
from dtwin_plugin.models.checks import check
from dtwin_plugin.progress import Silent

FLOOD = MODELS["flood"]
MAPS = ("level_max", "velocity_max", "hazard_max", "arrival", "duration")


def bowl(rows=40, columns=50):
    y, x = np.mgrid[0:rows, 0:columns]
    return Grid(-2 + 0.05 * np.hypot(x - columns / 2, y - rows / 2), 84_000, 447_000 + rows, 1.0, unit="m")


def values(**given):
    found = {item.name: item.default for item in FLOOD.inputs}
    return {**found, "terrain": bowl(), "after": 0.0, "interval": 20.0, **given}


def points(*xy, **columns):
    return Features(Geometries.points(np.array(xy, float)), columns)


def lines(*points_of):
    return Features(Geometries.build("line", [[[line]] for line in points_of]))


@pytest.fixture(scope="module")
def made():
    ring = [(84_015, 447_010), (84_035, 447_010), (84_035, 447_030), (84_015, 447_030), (84_015, 447_010)]
    given = values(
        boundary="closed",
        infiltration=0.0,
        gauges=points((84_025, 447_020), (84_002, 447_002), name=np.array(["middle", None], object)),
        cross_sections=lines(ring[::-1]),
    )
    return FLOOD.run(given, Silent())


def test_maps_of_one_run_fit_each_other(made):
    depth, terrain = made["depth_max"].values, bowl().values
    level, arrival = made["level_max"].values, made["arrival"].values
    assert np.isnan(level[depth < 0.01]).all() and np.allclose(level[depth >= 0.01], (terrain + depth)[depth >= 0.01])
    # seen every 5 s: a cell that only just reached 5 cm between two looks may be missed
    assert np.isfinite(arrival[depth > 0.055]).all() and np.isnan(arrival[depth < 0.05]).all()
    assert (made["duration"].values[depth < 0.15] == 0).all() and np.nanmax(made["duration"].values) < 60
    assert [made[name].unit for name in MAPS] == ["m", "m s-1", "m2 s-1", "min", "min"]
    assert np.nanmax(made["hazard_max"].values) <= np.nanmax(depth) * np.nanmax(made["velocity_max"].values)


def test_a_gauge_follows_the_water_at_its_place(made):
    series = made["gauge_series"]
    mine = [k for k, name in enumerate(series["name"]) if name == "middle"]
    depth = [series["depth"][k] for k in mine]
    assert depth[-1] == pytest.approx(made["depth"].values[-1][20, 25], abs=1e-6)
    assert series["minutes"][mine[0]] == 0 and series["minutes"][mine[-1]] == 60
    assert series["time"][mine[-1]] == "2000-01-01T01:00:00"
    assert series["level"][mine[-1]] == pytest.approx(bowl().values[20, 25] + depth[-1], abs=1e-5)
    assert series["level"][mine[0]] is None  # dry
    assert set(series["name"]) == {"middle", "gauge 2"}


def test_into_a_ring_flows_what_stands_in_it_more_than_rain(made):
    depth = made["depth"].values[-1][10:30, 15:35]
    rain = 0.07 * depth.size
    # drawn clockwise, inside lies right; float32 rounding is all that differs
    assert made["section_series"]["volume"][-1] == pytest.approx(depth.sum() - rain, rel=1e-5)


def test_the_mesh_has_a_face_for_each_cell_that_was_wet(made):
    mesh = made["mesh"]
    assert len(mesh.faces) == (made["depth_max"].values >= 0.01).sum()
    assert mesh.times.astype(str).tolist() == [f"2000-01-01T{t}:00" for t in ("00:20", "00:40", "01:00")]
    depth, level = mesh.values["depth"][-1], mesh.values["level"][-1]
    assert np.nanmax(depth) == pytest.approx(np.nanmax(made["depth"].values[-1]))
    assert (np.isnan(depth) == np.isnan(level)).all() and np.isnan(
        mesh.values["velocity"][0][np.isnan(mesh.values["depth"][0])]
    ).all()
    middle = mesh.nodes[mesh.faces].mean(axis=1)
    # the water of a bowl runs to its middle
    inwards = (np.array([84_025, 447_020]) - middle[:, :2]) * np.nan_to_num(mesh.values["velocity"][1])
    assert (inwards.sum(axis=1) >= -0.01).mean() > 0.95


def test_the_rating_is_made_where_it_is_chosen():
    made = FLOOD.run(values(hazard="rating"), Silent())
    assert "hazard_max" not in made and made["hazard_rating"].unit == "1"


def test_what_nobody_wants_is_not_made():
    made = FLOOD.run(values(wanted={"depth_max"}, gauges=points((84_025, 447_020))), Silent())
    assert not {*MAPS, "mesh", "gauge_series", "section_series", "depth"} & set(made)


def test_recording_changes_no_depth():
    bare = FLOOD.run(values(wanted={"depth"}), Silent())
    watched = FLOOD.run(values(cross_sections=lines([(84_000, 447_010), (84_050, 447_012)])), Silent())
    assert np.array_equal(bare["depth"].values, watched["depth"].values)
    # the largest depth is seen at each time step where a line is followed, and every few steps elsewhere
    assert np.allclose(bare["depth_max"].values, watched["depth_max"].values, atol=1e-3)


def test_gauges_and_lines_at_wrong_places_are_listed():
    terrain = bowl()
    terrain.values[3:6, 3:6] = np.nan
    gauges = points((84_004.5, 447_035.5), (84_020, 447_020))
    line = lines([(0, 0), (5, 5)], [(84_000, 447_010), (84_020, 447_010)])
    found = check(FLOOD, values(gauges=gauges, cross_sections=line, terrain=terrain))
    assert [problem.code for problem in found] == ["DT010", "DT181", "DT182"]
    found = check(FLOOD, values(gauges=points((84_020, 447_020), (0, 0)), terrain=terrain))
    assert [(problem.code, problem.values.get("names")) for problem in found][0] == ("DT180", "gauge 2")
