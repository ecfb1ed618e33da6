"""Roads: their pieces, slopes, and what drives on them from the columns that a layer has."""

import numpy as np
import pytest

from dtwin_plugin.data import Geometries
from dtwin_plugin.errors import InputError
from dtwin_plugin.models.noise.bands import weighted
from dtwin_plugin.models.noise.roads import HEIGHT, roads_of, slopes_of
from dtwin_plugin.models.noise.traffic import (
    Shares,
    has_flows,
    names_from,
    powers_of,
    renamed,
    spread,
    traffic_of,
)

from .sites import X, Y, lines, terrain

DUTCH = Shares((6.7, 2.7, 1.1), 4.0, 2.0)


def long(roads):
    return np.hypot(roads.pieces[:, 3] - roads.pieces[:, 0], roads.pieces[:, 4] - roads.pieces[:, 1])


def test_a_bend_keeps_its_length_with_fewer_pieces():
    turn = np.linspace(0, np.pi, 400)
    bend = [(100 * np.cos(t), 100 * np.sin(t)) for t in turn]
    roads = roads_of(lines(bend).geometries)
    # chords that stay within 0.25 m of a circle of 100 m are up to 14 m long
    assert 20 < len(roads.pieces) < 60
    assert long(roads).sum() == pytest.approx(100 * np.pi, rel=2e-3)  # chords are shorter, by at most (14/100)^2/24
    assert (roads.pieces[:, [2, 5]] == HEIGHT).all()


def test_pieces_know_their_road_through_parts_and_what_has_no_length():
    shapes = Geometries.build(
        "line", [[[[(0, 0), (10, 0)]], [[(20, 0), (30, 0)]]], [[[(5, 5), (5, 5)]]], [], [[[(0, 9), (9, 9)]]]]
    )
    roads = roads_of(shapes)
    assert roads.features.tolist() == [0, 0, 3] and long(roads).tolist() == [10, 10, 9]


def test_a_road_is_as_steep_as_its_ends_say():
    grid = terrain(100)
    grid.values[:] = 0.04 * np.arange(100)  # 4 percent up to the east
    roads = lines([(0.5, 50), (80.5, 50)], [(80.5, 50), (0.5, 50)], [(0.5, 5), (0.5, 95)], [(50, 50), (300, 50)])
    # the last reaches beyond the terrain, where no height is known
    assert slopes_of(roads.geometries, grid) == pytest.approx([4.0, -4.0, 0.0, 0.0], abs=1e-4)  # float32 heights
    grid.values[:] = np.arange(100)
    assert slopes_of(roads.geometries, grid)[:2].tolist() == [12.0, -12.0]


def test_the_vehicles_of_a_day_are_spread_over_its_hours():
    assert spread(DUTCH) == pytest.approx(100.0)
    flows = traffic_of(lines([(0, 0), (9, 0)], daily=[10_000.0]), DUTCH, 50.0).flows
    assert flows[0].sum(axis=1) == pytest.approx([670, 270, 110])
    assert flows[0, 0] == pytest.approx([670 * 0.94, 670 * 0.04, 670 * 0.02, 0, 0])


def test_columns_by_the_hour_come_before_those_of_the_day_and_a_total_has_lorries_in_it():
    columns = {f"total_{period}": [100.0] for period in ("day", "evening", "night")}
    roads = lines([(0, 0), (9, 0)], **columns, heavy_day=[10.0], daily=[5.0], speed=[80.0], speed_heavy=["70"])
    traffic = traffic_of(roads, DUTCH, 50.0)
    assert has_flows(roads)
    assert traffic.flows[0].tolist() == [[90, 0, 10, 0, 0], [100, 0, 0, 0, 0], [100, 0, 0, 0, 0]]
    assert traffic.speeds[0].tolist() == [80, 70, 70, 80, 80]
    assert traffic.surfaces.tolist() == ["DEF"]


def test_what_is_not_known_stays_so():
    roads = lines([(0, 0), (9, 0)], [(0, 0), (9, 0)], daily=[np.nan, 100.0], speed=[50.0, np.nan])
    traffic = traffic_of(roads, DUTCH, 50.0)
    assert np.isnan(traffic.flows[0]).any() and np.isfinite(traffic.flows[1]).all()
    assert np.isnan(traffic.speeds[1]).all()
    assert np.isnan(powers_of(traffic, np.zeros(2), 10.0)[0]).all()


@pytest.mark.parametrize("columns", [{}, {"light_day": [1.0]}, {"light_day": [1.0], "daily": [1.0]}])
def test_a_layer_without_all_periods_does_not_tell_what_drives(columns):
    assert not has_flows(lines([(0, 0), (9, 0)], **columns))


def test_columns_of_other_names_are_taken_where_they_are_named():
    roads = lines([(0, 0), (9, 0)], V=[30.0], ETMAAL=[100.0])
    assert traffic_of(renamed(roads, names_from("speed=V; daily = ETMAAL;")), DUTCH, 50.0).speeds[0, 0] == 30
    assert names_from("") == names_from(None) == {}
    for text in ("speed", "speed=", "fast=V", "=V"):
        with pytest.raises(InputError, match="not understood"):
            names_from(text)
    with pytest.raises(InputError, match="have no column W"):
        renamed(roads, {"speed": "W"})


def test_a_quiet_surface_and_less_speed_are_quieter_and_twice_the_traffic_is_3_db():
    kinds = {"daily": [1e4, 2e4, 1e4, 1e4, 0.0], "speed": [80.0, 80.0, 50.0, 80.0, 80.0]}
    roads = lines(*[[(0, 0), (9, 0)]] * 5, **kinds, surface=["DEF", "DEF", "DEF", "NL02", None])
    levels = weighted(powers_of(traffic_of(roads, DUTCH, 50.0), np.zeros(5), 20.0))
    assert levels[1] - levels[0] == pytest.approx(10 * np.log10(2), abs=1e-9)
    # rolling noise goes with 30 to 40 lg v: about 6 dB between 50 and 80, less what propulsion keeps
    assert 3 < levels[0, 0] - levels[2, 0] < 7
    assert 3 < levels[0, 0] - levels[3, 0] < 8  # two layers of porous asphalt
    assert np.isneginf(levels[4]).all()  # nothing drives


def test_a_slope_counts_in_both_ways_alike():
    roads = lines(*[[(0, 0), (9, 0)]] * 3, daily=[1e4] * 3)
    levels = weighted(powers_of(traffic_of(roads, DUTCH, 50.0), np.array([0.0, 6.0, -6.0]), 20.0))
    assert levels[1] == pytest.approx(levels[2], abs=1e-9)
    assert (levels[1] > levels[0]).all()


def test_the_test_site_lies_in_the_netherlands():
    assert 0 < X < 300_000 and 300_000 < Y < 620_000
