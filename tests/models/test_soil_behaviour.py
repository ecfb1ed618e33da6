"""Robertson's soil behaviour type: indices and zones by hand, what is not known, and layers."""

import math

import numpy as np
import pytest

from dtwin_plugin.data import Features, Geometries, Logs
from dtwin_plugin.data.soils import LITHOCLASSES, UNKNOWN
from dtwin_plugin.errors import InputError
from dtwin_plugin.models.subsurface.soil_behaviour import (
    ATMOSPHERE,
    ZONES,
    index_of,
    normalised,
    stresses,
    unit_weight,
    zone_of,
)
from dtwin_plugin.models.subsurface.soil_behaviour_logs import layers_of, merged, with_behaviour


def logs_of(depth, cone, friction, **site):
    sites = {"id": np.array(["a"], object), "surface": np.array([0.0])}
    sites |= {name: np.array([value], float) for name, value in site.items()}
    rows = {"depth": np.array(depth, float), "cone_resistance": np.array(cone, float)}
    rows["friction"] = np.array(friction, float)
    places = Features(Geometries.points(np.array([[84_000.0, 447_000.0]])), sites)
    return Logs("cpt", places, np.array([0, len(depth)]), rows)


@pytest.mark.parametrize(
    ("index", "zone"),
    [(1.30, 7), (1.32, 6), (2.04, 6), (2.06, 5), (2.59, 5), (2.61, 4), (2.94, 4), (2.96, 3), (3.59, 3), (3.61, 2)],
)
def test_zones_change_where_the_table_of_robertson_says(index, zone):
    assert zone_of(np.array([index])).tolist() == [zone]


def test_the_circles_of_the_index_go_round_their_centre():
    """Ic is the distance from log Q = 3.47, log F = -1.22: all points at one distance have one index."""
    angles = np.linspace(0, 2 * np.pi, 50)
    q, f = 10 ** (3.47 + 2.6 * np.cos(angles)), 10 ** (-1.22 + 2.6 * np.sin(angles))
    np.testing.assert_allclose(index_of(q, f), 2.6, rtol=1e-12)


def test_the_exponent_fulfils_its_own_equation():
    depth = np.linspace(0.5, 30, 200)
    cone = np.interp(depth, [0, 5, 10, 20, 30], [1.0, 0.6, 8.0, 1.5, 25.0])
    friction = cone * np.interp(depth, [0, 5, 10, 20, 30], [0.02, 0.06, 0.008, 0.04, 0.006])
    found = normalised(depth, cone, friction, groundwater=1.0)
    expected = np.minimum(0.381 * found.index + 0.05 * found.effective / ATMOSPHERE - 0.15, 1.0)
    np.testing.assert_allclose(found.exponent, expected, atol=1e-3)  # the iteration ends at a change of 1e-4
    np.testing.assert_allclose(index_of(found.resistance, found.friction), found.index, rtol=1e-12)


def test_three_soils_by_hand():
    """Peat, clay and sand of 14 kN/m3 at 6, 6 and 15 m below water at 0.5 m.

    Total 84, 84, 210 kPa; effective 30, 30, 67.8 kPa. Peat and clay have n = 1: Q = 116 / 30 and 416 / 30.
    """
    depth = np.array([6.0, 6.0, 15.0])
    found = normalised(depth, np.array([0.2, 0.5, 20.0]), np.array([0.02, 0.02, 0.12]), groundwater=0.5, weight=14.0)
    np.testing.assert_allclose(found.effective, [30.0, 30.0, 67.8], atol=0.1)
    np.testing.assert_allclose(found.resistance[:2], [3.86, 13.8], rtol=0.01)
    np.testing.assert_allclose(found.friction, [17.2, 4.8, 0.61], rtol=0.01)
    assert found.zone.tolist() == [2, 3, 6]


def test_sensitive_and_very_stiff_soils_have_zones_of_their_own():
    q, f = np.array([2.0, 600.0, 300.0]), np.array([0.3, 2.5, 6.0])
    assert zone_of(index_of(q, f), q, f).tolist() == [1, 8, 9]
    assert not {1, 8, 9} & set(zone_of(index_of(q, f)).tolist())


def test_pore_pressure_adds_to_the_cone():
    depth, cone, friction = np.array([10.0]), np.array([0.5]), np.array([0.01])
    with_u = normalised(depth, cone, friction, np.array([0.3]), groundwater=0.0, area_ratio=0.75, weight=16.0)
    without = normalised(depth, cone + 0.3 * 0.25, friction, groundwater=0.0, weight=16.0)
    assert with_u.resistance.tolist() == without.resistance.tolist()
    # not measured: as without
    unknown = normalised(depth, cone, friction, np.array([np.nan]), groundwater=0.0, weight=16.0)
    assert (
        unknown.resistance.tolist()
        == normalised(depth, cone, friction, groundwater=0.0, weight=16.0).resistance.tolist()
    )


@pytest.mark.parametrize(
    ("depth", "cone", "friction"),
    [(np.nan, 1, 0.01), (2, np.nan, 0.01), (2, 1, np.nan), (2, 1, 0), (2, 1, -0.01), (2, 0, 0.01), (20, 0.2, 0.01)],
)
def test_what_is_not_known_has_no_zone(depth, cone, friction):
    found = normalised(np.array([depth], float), np.array([cone], float), np.array([friction], float))
    assert np.isnan(found.index).all() and found.zone.tolist() == [0]


def test_a_gap_changes_nothing_below_it_but_the_weight():
    depth, cone, friction = np.array([1.0, 2.0, 3.0]), np.array([5.0, 5.0, 5.0]), np.array([0.05, 0.05, 0.05])
    whole = normalised(depth, cone, friction, groundwater=1.0)
    cone[1] = np.nan
    gap = normalised(depth, cone, friction, groundwater=1.0)
    assert gap.zone.tolist() == [whole.zone[0], 0, whole.zone[2]]
    np.testing.assert_allclose(gap.effective[2], whole.effective[2], rtol=1e-12)  # the same soil on both sides


def test_stresses_of_two_layers_by_hand():
    total, effective = stresses(np.array([2.0, 4.0, 6.0]), np.array([18.0, 12.0, 20.0]), 2.0)
    assert total.tolist() == [36.0, 60.0, 100.0]
    np.testing.assert_allclose(effective, [36.0, 60 - 19.62, 100 - 39.24])


def test_weights_are_within_what_soils_weigh():
    weight = unit_weight(np.array([0.3, 1.0, 5.0, 30.0]), np.array([8.0, 4.0, 1.0, 0.7]))
    assert (np.diff(weight) > 0).all() and 12 < weight[0] < 18 and 19 < weight[3] < 22


def test_a_test_that_was_drilled_before_has_no_soil_there():
    logs = with_behaviour(logs_of([0.5, 1.0, 2.0, 3.0], [10] * 4, [0.05] * 4, predrilled_depth=1.5))
    assert logs.rows["zone"].tolist() == [0, 0, 6, 6] and logs.units["behaviour_friction"] == "percent"


def test_the_water_of_a_site_counts_before_that_of_the_user():
    shallow = with_behaviour(logs_of([5.0], [2.0], [0.05], groundwater_depth=0.0), groundwater=4.0, weight=18.0)
    assert shallow.rows["effective_stress"][0] == pytest.approx(5 * (18 - 9.81))
    unknown = with_behaviour(logs_of([5.0], [2.0], [0.05], groundwater_depth=np.nan), groundwater=4.0, weight=18.0)
    assert unknown.rows["effective_stress"][0] == pytest.approx(5 * 18 - 9.81)


def test_only_cone_tests_have_a_behaviour():
    layers = layers_of(with_behaviour(logs_of([1.0, 2.0], [10, 10], [0.05, 0.05])))
    with pytest.raises(InputError, match="found borehole"):
        with_behaviour(layers)


def test_layers_are_runs_of_one_zone():
    logs = with_behaviour(
        logs_of([1, 2, 3, 4, 5], [10, 10, 0.5, 0.5, np.nan], [0.05, 0.05, 0.02, 0.02, 0.1]), normalise=False
    )
    layers = layers_of(logs, 0.0)
    assert layers.kind == "borehole" and layers.rows["zone"].tolist() == [6, 3, 0]
    assert layers.rows["top"].tolist() == [1.0, 2.5, 4.5] and layers.rows["bottom"].tolist() == [2.5, 4.5, 5.0]
    assert layers.rows["soil"].tolist() == [ZONES[6][0], ZONES[3][0], None]
    assert layers.rows["lithoclass"].tolist() == [4, 2, UNKNOWN]


def test_thin_layers_are_joined_and_nothing_is_lost():
    draw = np.random.default_rng(1)
    for _ in range(20):
        edges = np.concatenate([[0.0], np.cumsum(draw.uniform(0.02, 0.6, 60))])
        zones = draw.integers(2, 7, 60)
        layers = merged(edges, zones, 0.3)
        assert layers[0][0] == 0 and layers[-1][1] == edges[-1]
        assert all(one[1] == two[0] and one[2] != two[2] for one, two in zip(layers, layers[1:]))
        assert len(layers) == 1 or min(bottom - top for top, bottom, _ in layers) >= 0.3


def test_no_rows_and_no_sites():
    empty = layers_of(with_behaviour(logs_of([], [], [])))
    assert empty.starts.tolist() == [0, 0]
    none = logs_of([1.0], [1.0], [0.1]).take(np.array([], np.int64))
    assert len(layers_of(with_behaviour(none))) == 0


def test_each_zone_has_a_name_a_colour_and_a_class():
    assert set(ZONES) == set(range(10))
    for name, colour, lithoclass in ZONES.values():
        assert name and len(colour) == 7 and (lithoclass in LITHOCLASSES or lithoclass == UNKNOWN)


def test_a_real_test_is_sand_where_its_cone_says_sand(shared):
    from dtwin_plugin.sources.registry import open_source

    (logs,) = open_source(shared / "subsurface" / "geost" / "83268_DKMP003_wiertsema.gef").read()
    found = with_behaviour(logs, groundwater=1.0)
    zone, cone = found.rows["zone"], logs.rows["cone_resistance"]
    assert (zone > 0).mean() > 0.9
    hard, soft = (zone > 0) & (cone > 15), (zone > 0) & (cone < 0.5)
    assert np.isin(zone[hard], (5, 6, 7, 8, 9)).mean() > 0.99 and np.isin(zone[soft], (1, 2, 3, 4)).mean() > 0.9
    layers = layers_of(found)
    assert 5 < len(layers.rows["top"]) < 120 and math.isclose(layers.rows["bottom"][-1], logs.rows["depth"][-1])
