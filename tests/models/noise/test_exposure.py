"""Buildings by their facades, and people by class and by effect: the sums of hand and of the directive."""

import numpy as np
import pytest

from dtwin_plugin.data import Features, Geometries
from dtwin_plugin.models.noise.exposure import (
    LDEN_EDGES,
    LNIGHT_EDGES,
    by_class,
    class_names,
    classes_of,
    facades_of,
    highly_annoyed,
    highly_sleep_disturbed,
)
from dtwin_plugin.models.noise.road_noise_results import summary_of


def test_a_building_has_the_level_of_its_loudest_point_and_not_their_mean():
    found = facades_of([2, 0, 2, 0, 2], [60.0, 55.0, 63.0, 55.0, np.nan], 4)
    assert found.loudest[[0, 2]].tolist() == [55.0, 63.0] and np.isnan(found.loudest[[1, 3]]).all()
    assert found.quietest[[0, 2]].tolist() == [55.0, 60.0]
    assert found.at.tolist() == [1, -1, 2, -1]  # of equal points the first


@pytest.mark.parametrize("lower, quiet", [(9.99, False), (10.0, True), (25.0, True)])
def test_a_quiet_side_is_as_much_lower_as_asked(lower, quiet):
    assert facades_of([0, 0], [65.0, 65.0 - lower], 1).quiet_side.tolist() == [quiet]


def test_a_quiet_side_may_be_asked_to_be_quieter_and_one_point_has_none():
    assert facades_of([0, 0], [65.0, 50.0], 1, quiet=20.0).quiet_side.tolist() == [False]
    assert facades_of([0], [65.0], 2).quiet_side.tolist() == [False, None]
    assert facades_of([0, 0], [np.nan, np.nan], 1).quiet_side.tolist() == [None]
    assert len(facades_of([], [], 0).loudest) == 0


def test_a_point_in_silence_is_quiet_and_not_unknown():
    found = facades_of([0, 0], [60.0, -np.inf], 1)
    assert found.quietest.tolist() == [-np.inf] and found.quiet_side.tolist() == [True]


def test_classes_have_the_names_of_the_directive():
    assert class_names(LDEN_EDGES) == ["< 55", "55-59", "60-64", "65-69", "70-74", ">= 75"]
    assert class_names(LNIGHT_EDGES) == ["< 50", "50-54", "55-59", "60-64", "65-69", ">= 70"]
    levels = [54.999, 55.0, 59.999, 60.0, 74.999, 75.0, 99.0, np.nan, -np.inf]
    wanted = ["< 55", "55-59", "55-59", "60-64", "70-74", ">= 75", ">= 75", None, "< 55"]
    assert classes_of(levels, LDEN_EDGES).tolist() == wanted


def test_nobody_is_lost_or_counted_twice():
    rng = np.random.default_rng(4)
    levels, people = rng.uniform(40, 85, 1000), rng.integers(0, 9, 1000)
    levels[::50] = np.nan
    counted = by_class(levels, LDEN_EDGES, people)
    assert counted.sum() == people.sum() and counted[-1] == people[::50].sum()
    names = classes_of(levels, LDEN_EDGES)
    for name, number in zip(class_names(LDEN_EDGES), counted):
        assert number == people[names == name].sum()
    assert by_class([57.0, 57.0], LDEN_EDGES, [np.nan, 3]).tolist() == [0, 3, 0, 0, 0, 0, 0]
    assert by_class([57.0, 62.0], LDEN_EDGES).tolist() == [0, 1, 1, 0, 0, 0, 0]


def test_effects_are_those_of_the_directive_and_rise():
    # by hand: 78.9270 - 3.1162 x 60 + 0.0342 x 3600, and 19.4312 - 0.9336 x 60 + 0.0126 x 3600
    assert highly_annoyed(60.0) == pytest.approx(15.075, abs=1e-9)
    assert highly_sleep_disturbed(60.0) == pytest.approx(8.7752, abs=1e-9)
    levels = np.arange(50.0, 91.0)
    for curve in (highly_annoyed, highly_sleep_disturbed):
        assert (np.diff(curve(levels)) >= 0).all() and (curve(levels) <= 100).all()
    assert highly_annoyed([54.99, 55.0]).tolist() == [0.0, pytest.approx(10.991, abs=1e-3)]
    assert highly_sleep_disturbed([49.99, 50.0]).tolist() == [0.0, pytest.approx(4.2512, abs=1e-4)]
    assert np.isnan(highly_annoyed(np.nan)) and np.isnan(highly_sleep_disturbed([np.nan]))[0]


def test_a_summary_tells_how_many_residents_are_affected():
    shapes = Geometries.points(np.zeros((3, 2)))
    columns = {"lden": np.array([62.0, 62.0, 50.0]), "lnight": np.array([52.0, np.nan, 40.0])}
    made = summary_of(Features(shapes, {**columns, "residents": np.array([100.0, 10.0, 1000.0])}))
    rows = {key: row for *key, row in zip(made["indicator"], made["class"], made["affected"]) for key in [tuple(key)]}
    assert rows["lden", "60-64"] == pytest.approx(110 * highly_annoyed(62.0) / 100, abs=0.05)  # rounded to 0.1
    assert rows["lden", "< 55"] == 0.0 and rows["lnight", "< 50"] == 0.0
    assert rows["lnight", "50-54"] == pytest.approx(highly_sleep_disturbed(52.0), abs=0.05)
    assert rows["lnight", "not known"] is None
    assert set(summary_of(Features(shapes, columns))["affected"]) == {None}  # nobody tells who lives there
