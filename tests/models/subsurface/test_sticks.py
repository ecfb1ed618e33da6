"""Logs as sticks, columns, curves and series: by hand, and with what is not known."""

import numpy as np
import pytest

from dtwin_plugin.data import Features, Geometries, Grid, Logs
from dtwin_plugin.data.soils import LITHOCLASSES
from dtwin_plugin.models.subsurface import sticks
from dtwin_plugin.models.subsurface.soil_behaviour_logs import layers_of, with_behaviour


def sites(count, surface, places=None):
    xy = [(84_000.0 + 10 * n, 447_000.0) for n in range(count)] if places is None else places
    shapes = Geometries.build("point", [[] if place is None else [[[place]]] for place in xy])
    columns = {"id": np.array([f"B{n}" for n in range(count)], object), "surface": np.array(surface, float)}
    return Features(shapes, columns)


def boreholes(surface=(1.5, np.nan), places=None):
    rows = {
        "top": np.array([0.0, 0.5, 0.0, 1.0]),
        "bottom": np.array([0.5, 2.0, 1.0, 1.0]),
        "soil": np.array(["Kz", "V", None, "Zf"], object),
        "lithoclass": np.array([3, 1, -1, 5]),
    }
    return Logs("borehole", sites(2, surface, places), np.array([0, 2, 4]), rows)


def test_a_layer_without_height_thickness_or_place_has_no_stick():
    assert len(sticks.sticks_of(boreholes(), 1, "borehole")) == 2  # the second has no surface
    whole = sticks.sticks_of(boreholes((1.5, 0.0)), 1, "borehole")
    assert whole.columns["number"].tolist() == [1, 1, 2]  # a layer from 1 to 1 m is none
    assert whole.columns["layer"].tolist() == [1, 2, 1] and whole.columns["class_name"].tolist()[-1] is None
    lost = sticks.sticks_of(boreholes((1.5, 0.0), [None, (84_000.0, 447_000.0)]), 7, "borehole")
    assert lost.columns["number"].tolist() == [8] and lost.columns["site"].tolist() == ["B1"]
    assert sticks.without_surface(boreholes()) == ["B1"]


def test_a_terrain_fills_only_what_is_not_known():
    grid = Grid(np.full((4, 4), 3.0), 83_990.0, 447_010.0, 10.0, unit="m")
    filled = sticks.grounded(boreholes(), grid)
    assert filled.sites.columns["surface"].tolist() == [1.5, 3.0]
    assert filled.sites.columns["surface_from"].tolist() == ["source", "terrain"]
    bare = sticks.grounded(boreholes(places=[None, (90_000.0, 447_000.0)]), grid)  # off the terrain
    assert bare.sites.columns["surface_from"].tolist() == ["source", None]


def test_columns_have_the_thickness_asked_and_close():
    around = sticks.columns_of(sticks.sticks_of(boreholes(), 1, "borehole"), 3.0)
    box = around.geometries.bounds()
    assert (box[:, 2:] - box[:, :2]).tolist() == [[3.0, 3.0]] * 2
    ring = around.geometries.coordinates[:9]
    assert ring[0].tolist() == ring[-1].tolist()
    x, y = ring.T  # counter-clockwise, so that the outside is outside
    assert np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]) > 0


def test_sites_of_several_kinds_are_numbered_through():
    holes = boreholes()
    tests = cpt()
    network = Features(Geometries.points(np.array([[84_500.0, 447_000.0]])), {"id": np.array(["N"], object)})
    found = sticks.sites_of([tests, holes], [("network", network)])
    assert found.columns["number"].tolist() == [1, 2, 3, 4]
    assert found.columns["kind"].tolist() == ["cpt", "borehole", "borehole", "network"]
    assert found.columns["deepest"].tolist()[:3] == [5.0, 2.0, 1.0] and np.isnan(found.columns["deepest"][3])
    assert sticks.sites_of([]) is None


def cpt():
    depth = np.arange(1, 251) * 0.02
    soft = depth < 2.5
    rows = {
        "depth": depth,
        "cone_resistance": np.where(soft, 0.3, 15.0),
        "friction": np.where(soft, 0.012, 0.09),
    }
    return Logs("cpt", sites(1, [0.5]), np.array([0, 250]), rows)


def test_layers_of_a_test_are_sticks_of_the_soil_that_behaves_alike():
    """Clay to 2.5 m and sand below: two sticks that meet at -2.0 m NAP, of whole heights."""
    made = sticks.sticks_of(layers_of(with_behaviour(cpt())), 1, "cpt")
    assert made.columns["zone"][-1] in (6, 7) and LITHOCLASSES[int(made.columns["lithoclass"][-1])].startswith("Sand")
    assert made.columns["z_min"][-1] == pytest.approx(0.5 - 5.0)
    assert made.columns["z_max"][-1] == pytest.approx(0.5 - 2.49, abs=0.011)  # halfway two rows
    assert np.allclose(made.columns["z_min"][:-1], made.columns["z_max"][1:])


def test_a_curve_has_a_value_for_each_column_also_where_nothing_was_measured():
    table = sticks.joined([sticks.curve_of(with_behaviour(cpt()), 5)])
    assert list(table) == list(sticks.CURVE_UNITS) and {len(values) for values in table.values()} == {250}
    assert table["height"][0] == pytest.approx(0.48) and set(table["number"]) == {5}
    assert table["pore_pressure"] == [None] * 250  # not a number is no value


def levels(**more):
    times = np.array(["2020-01-01", "NaT", "2020-01-03"], "datetime64[s]")
    place = sites(1, [1.0])
    return Logs(
        "levels",
        place.with_columns({name: np.array([value]) for name, value in more.items()}),
        np.array([0, 3]),
        {"time": times, "level": np.array([-0.5, -0.6, np.nan])},
    )


def test_levels_without_a_moment_or_a_value_are_left_out():
    made = sticks.series_of(levels(), 1)
    assert made.columns["level"].tolist() == [-0.5] and made.columns["depth"].tolist() == [1.5]
    assert made.geometries.coordinates.tolist() == [[84_000.0, 447_000.0]]


def test_screens_come_from_wells_and_from_series():
    rows = {"tube": np.array([1, 2]), "top": np.array([-1.0, np.nan]), "bottom": np.array([-2.0, -3.0])}
    made = sticks.screens_of(Logs("well", sites(1, [1.0]), np.array([0, 2]), rows), 1)
    assert made.geometries.coordinates[:, 2].tolist() == [-1.0, -2.0] and made.columns["tube"].tolist() == [1]
    assert sticks.screens_of_levels(levels(), 1) is None
    told = sticks.screens_of_levels(levels(screen_top=-1.5, screen_bottom=-2.5), 4)
    assert told.columns["z_min"].tolist() == [-2.5] and told.columns["number"].tolist() == [4]


def test_samples_have_their_moment_as_text():
    rows = {
        "time": np.array(["2020-01-01T10:00", "NaT"], "datetime64[s]"), "parameter": np.array(["Cl", "Fe"], object),
        "value": np.array([12.0, np.nan]), "unit": np.array(["mg/l", None], object),
    }  # fmt: skip
    table = sticks.joined([sticks.samples_of(Logs("samples", sites(1, [np.nan]), np.array([0, 2]), rows), 1)])
    assert table["time"] == ["2020-01-01T10:00:00", None] and table["value"] == [12.0, None]
    assert table["quality"] == [None, None]
