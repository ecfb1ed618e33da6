"""Two results of noise compared: what is told is what was done, and what is not known is not told."""

import numpy as np
import pytest

from dtwin_plugin.data import Features, Geometries, Grid
from dtwin_plugin.errors import InputError
from dtwin_plugin.models import MODELS
from dtwin_plugin.models.change import change_of
from dtwin_plugin.models.checks import check
from dtwin_plugin.models.noise.difference import matched
from dtwin_plugin.progress import Silent

MODEL = MODELS["noisedifference"]


def values(**given):
    return {**{item.name: item.default for item in MODEL.inputs}, **given}


def run(progress=None, **given):
    return MODEL.run(values(**given), progress or Silent())


def grid(levels, cell=10.0, x=0.0, y=100.0):
    return Grid(np.asarray(levels, float), x, y, cell, unit="dB")


def points(places, levels, buildings=None, name="lden"):
    columns = {name: np.asarray(levels, float)}
    if buildings is not None:
        columns["building"] = np.array(buildings, object)
    return Features(Geometries.points(np.asarray(places, float)), columns)


def buildings(*boxes, names=()):
    shapes = [[[[(x, y), (x + w, y), (x + w, y + h), (x, y + h), (x, y)]]] for x, y, w, h in boxes]
    columns = {"identificatie": np.array(names, object)} if names else {}
    return Features(Geometries.build("polygon", shapes), columns)


def rows(made):
    return dict(zip(made["statistics"]["term"], made["statistics"]["value"]))


def test_half_the_traffic_is_three_decibels_less_everywhere():
    before = np.linspace(50, 70, 50).reshape(5, 10)
    made = run(before=grid(before), after=grid(before - 3.0103))
    # float32 of both maps: 4e-6 dB each
    assert np.abs(made["difference"].values + 3.0103).max() < 1e-4
    assert made["mean_difference"] == pytest.approx(-3.0103, abs=1e-4)
    found = rows(made)
    assert found["area with much less noise"] == 5000.0 and found["largest decrease"] == pytest.approx(3.01, abs=0.01)
    assert found["largest increase"] == 0.0
    for when in ("before", "after"):
        assert sum(value for term, value in found.items() if term.endswith(f"dB {when}")) == 5000.0


def test_a_difference_and_its_reverse_are_opposite():
    rng = np.random.default_rng(2)
    one, two = grid(rng.uniform(40, 80, (6, 7))), grid(rng.uniform(40, 80, (6, 7)))
    there, back = run(before=one, after=two), run(before=two, after=one)
    np.testing.assert_array_equal(there["difference"].values, -back["difference"].values)
    assert rows(there)["area with much more noise"] == rows(back)["area with much less noise"]


def test_what_is_not_known_in_one_is_known_in_neither():
    made = run(before=grid([[60.0, np.nan, 60.0]]), after=grid([[61.5, 60.0, -np.inf]]))
    assert made["difference"].values[0, 0] == 1.5 and np.isnan(made["difference"].values[0, 1:]).all()
    assert rows(made)["area with unknown noise"] == 200.0 and made["mean_difference"] == 1.5
    with pytest.raises(InputError, match="no cell"):
        run(before=grid([[60.0, np.nan]]), after=grid([[np.nan, 60.0]]))


def test_points_are_matched_by_place_and_not_by_order():
    places = [(0, 0, 1.5), (0, 0, 4.5), (50, 0, 1.5)]
    made = run(
        before_points=points(places, [60.0, 58.0, 70.0]),
        after_points=points([*places[::-1], (99, 0, 1.5)], [70.5, 61.0, 57.0, 66.0]),
    )["point_change"].columns
    assert made["level_before"][:3].tolist() == [70.0, 58.0, 60.0] and np.isnan(made["level_before"][3])
    assert made["level_change"][:3].tolist() == [0.5, 3.0, -3.0]
    assert made["change"].tolist() == ["same", "much more", "much less", "unknown"]


def test_points_that_are_gone_are_counted_and_floors_are_not_mixed():
    old, new = (Geometries.points(np.array(one, float)) for one in ([(0, 0, 1), (0, 0, 4)], [(0, 0, 4.2), (0.6, 0, 1)]))
    assert matched(old, new).tolist() == [1, -1]
    flat = Geometries.points(np.array([(0.0, 0.3)]))
    assert matched(old, flat).tolist() in ([0], [1])  # without a height a place on the map is all there is
    assert matched(Geometries.build("point", [[]]), new).tolist() == [-1, -1]
    made = run(before_points=points([(0, 0, 1), (9, 9, 1)], [60, 60]), after_points=points([(0, 0, 1)], [60]))
    assert rows(made)["points before that are no more"] == 1.0


def test_a_building_has_its_loudest_facade_before_and_after():
    """The loud side moves: the street before the house is closed and that behind it opened."""
    places = [(0, 0, 2), (10, 0, 2), (40, 0, 2)]
    made = run(
        before_points=points(places, [66.0, 50.0, 60.0], ["A", "A", "B"]),
        after_points=points(places, [52.0, 69.0, 60.4], ["A", "A", "B"]),
        buildings=buildings((0, -5, 10, 10), (40, -5, 10, 10), (80, -5, 10, 10), names=("A", "B", "C")),
    )
    found = made["building_change"].columns
    assert found["level_before"][:2].tolist() == [66.0, 60.0] and found["level_after"][:2].tolist() == [69.0, 60.4]
    assert found["change"].tolist() == ["much more", "same", "unknown"] and made["buildings_more"] == 1


def test_without_points_buildings_have_the_loudest_cell_around_them():
    before, after = np.full((5, 9), 55.0), np.full((5, 9), 55.0)
    before[2, 4] = after[2, 4] = 99.0  # within the building, which nobody hears
    after[2, 5] = 58.0
    progress = Silent()
    made = run(progress, before=grid(before), after=grid(after), buildings=buildings((40, 70, 10, 10), (900, 0, 5, 5)))
    assert made["building_change"].columns["level_after"][0] == 58.0
    assert made["building_change"].columns["change"].tolist() == ["much more", "unknown"]
    assert progress.warnings == ["Of 1 buildings the noise before or after is not known."]


def test_the_limit_of_much_is_a_choice():
    given = dict(before=grid([[60.0, 60.0]]), after=grid([[62.0, 60.9]]))
    assert rows(run(**given))["area with much more noise"] == 100.0
    strict = rows(run(**given, much=5.0))
    assert strict["area with much more noise"] == 0.0 and strict["area with more noise"] == 100.0


def test_another_column_may_be_compared():
    made = run(
        level="Lnight",
        before_points=points([(0, 0)], [50.0], name="lnight"),
        after_points=points([(0, 0)], [45.0], name="lnight"),
    )
    assert made["point_change"].columns["level_change"].tolist() == [-5.0]


def codes(**given):
    return [(problem.code, problem.field, problem.level) for problem in check(MODEL, values(**given))]


def test_wrong_input_is_told_before_the_run():
    assert codes() == [("DT185", "before", "error")]
    assert codes(before=grid([[60.0]])) == [("DT245", "after", "error")]
    assert codes(after_points=points([(0, 0)], [60.0])) == [("DT245", "before_points", "error")]
    assert codes(before=grid([[60.0]]), after=grid([[60.0]], cell=5.0)) == [("DT246", "after", "error")]
    far = codes(before=grid([[60.0]]), after=grid([[60.0]], x=9000.0))
    assert far[0][0] in ("DT008", "DT187") and far[0][2] == "error"
    assert codes(before=grid([[60.0]]), after=grid([[600.0]])) == [("DT247", "after", "warning")]
    pair = dict(before_points=points([(0, 0)], [60.0]), after_points=points([(0, 0)], [60.0], name="level"))
    assert codes(**pair) == [("DT179", "after_points", "error")]
    assert codes(before=grid([[60.0]]), after=grid([[61.0]])) == []


def test_buildings_without_names_are_told_as_rows_may_have_moved():
    pair = dict(before_points=points([(0, 0)], [60.0], ["1"]), after_points=points([(0, 0)], [61.0], ["1"]))
    bare = buildings((0, 0, 9, 9))
    bgt = bare.with_columns({"lokaal_id": np.array(["G1"], object)})
    assert codes(buildings=bare, **pair) == [("DT249", "buildings", "warning")]
    assert codes(buildings=bgt, **pair) == []


def test_points_that_name_no_building_are_refused():
    one = points([(0, 0)], [60.0])
    with pytest.raises(InputError, match="no column building"):
        run(before_points=one, after_points=one, buildings=buildings((0, 0, 5, 5)))


@pytest.mark.parametrize("change, name", [
    (-2.0, "much less"), (-1.99, "less"), (-1.0, "same"), (1.0, "same"), (1.01, "more"), (2.0, "much more"),
    (np.nan, "unknown"),
])  # fmt: skip
def test_classes_are_the_same_for_less_and_for_more(change, name):
    assert change_of([60.0], [60.0 + change], 1.0, 2.0).tolist() == [name]
