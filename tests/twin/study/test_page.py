"""The page of a study: its answer, its cells, and nothing of the file that is taken for HTML."""

from pathlib import Path

import pytest

from dtwin_plugin.twin.study.answer import answer
from dtwin_plugin.twin.study.kept import DONE, Made, begun, finished, kept, places
from dtwin_plugin.twin.study.page import page_of
from dtwin_plugin.twin.study.reading import Study
from dtwin_plugin.twin.study.table import rows

SCENARIOS = [{"id": "now", "title": "Now"}, {"id": "wadi", "title": "<Wadi>"}, {"id": "crates", "title": "Crates"}]
INDICATORS = [
    {"id": "wet", "title": "Wet houses", "unit": "1", "better": "lower", "norm": 0, "alert": 10},
    {"id": "cost", "title": "Cost", "unit": "EUR", "better": "lower"},
    {"id": "green", "title": "Green", "unit": "m2", "better": "higher"},
]


@pytest.fixture
def study():
    return Study(Path("a.json"), "A & b", "Which?", scenarios=list(SCENARIOS), indicators=list(INDICATORS))


def table(wet, cost=(0.0, 2000.0, 1500.0), green=(0.0, 50.0, 0.0)):
    values = {
        one["id"]: {"wet": wet[k], "cost": cost[k], "green": green[k]} for k, one in enumerate(SCENARIOS)
    }  # fmt: skip
    return rows(INDICATORS, SCENARIOS, values)


def test_the_answer_goes_by_the_first_indicator_and_tells_what_becomes_worse(study):
    assert answer(study, table((12.0, 4.0, 7.0)), str, "en") == [
        "By Wet houses most is reached by <Wadi>: 4, against 12 with Now.",
        "<Wadi> is worse than Now by: Cost.",
    ]


def test_a_difference_that_is_none_is_not_told_as_worse(study):
    small = table((12.0, 4.0, 7.0), cost=(1000.0, 1000.5, 5.0))
    assert answer(study, small, str, "en")[1] == "<Wadi> is worse than Now by: Cost."
    study.indicators[1] = {**INDICATORS[1], "same": 1.0}
    assert answer(study, small, str, "en")[1] == "<Wadi> is worse than Now by none of the indicators."


@pytest.mark.parametrize("wet", [(4.0, 4.0, 7.0), (4.0, None, None), (None, 1.0, 2.0)])
def test_nothing_is_best_that_is_not_better_or_not_known(study, wet):
    assert answer(study, table(wet), str, "en") == [
        "By Wet houses no scenario is better than Now, as far as is known."
    ]  # fmt: skip


def referred(study, wet, **more):
    """The sentences of a study whose first scenario is a reference, and who is best by each indicator."""
    study.scenarios[:] = [{**SCENARIOS[0], "reference": True}, *SCENARIOS[1:]]
    found = table(wet, **more)
    values = {one["id"]: {} for one in SCENARIOS}
    for indicator, scenario, value in zip(found["indicator"], found["scenario"], found["value"]):
        values[scenario][indicator] = value
    made = rows(INDICATORS, study.scenarios, values)
    best = {(one, two) for one, two, mark in zip(made["indicator"], made["scenario"], made["best"]) if mark}
    return answer(study, made, str, "en"), best


def test_a_reference_is_compared_with_and_others_are_ranked_among_each_other(study):
    told, best = referred(study, (329.0, 338.0, 329.0), green=(500.0, 50.0, 50.0))
    assert told == [
        "Wet houses: Now 329; <Wadi> 338 (+9); Crates 329.",
        "Compared with each other, Crates does best by Wet houses.",
        "Crates is worse than Now by: Cost, Green.",
    ]
    assert best == {("wet", "crates"), ("cost", "crates")}  # by green both do as well, and no one is best


def test_what_another_scenario_does_better_is_told_of_the_best(study):
    told, best = referred(study, (9.0, 4.0, 7.0))
    assert told[1:] == [
        "Compared with each other, <Wadi> does best by Wet houses.",
        "<Wadi> is worse than Now by: Cost.",
        "Another scenario does better than <Wadi> by: Cost.",
    ]
    assert best == {("wet", "wadi"), ("cost", "crates"), ("green", "wadi")}


def test_against_a_reference_nothing_is_best_where_all_do_as_well_or_nothing_is_known(study):
    assert referred(study, (9.0, 7.0, 7.0))[0] == [
        "Wet houses: Now 9; <Wadi> 7 (-2); Crates 7 (-2).",
        "By Wet houses no scenario is better than another, as far as is known.",
    ]
    told, best = referred(study, (9.0, None, 7.0))
    assert told[0] == "Wet houses: Now 9; <Wadi> not known; Crates 7 (-2)." and ("wet", "crates") not in best
    assert "the first is only compared with" in page_of(study, table((1.0, 2.0, 3.0)), {}, {})


def test_cells_have_their_outcome_and_what_comes_from_the_file_is_escaped(study):
    page = page_of(study, table((12.0, None, 7.0)), {"Data": "<script>"}, {})
    assert "<Wadi>" not in page and "&lt;Wadi&gt;" in page and "<script>" not in page and "A &amp; b" in page
    assert '<td class="n alarm">12</td>' in page
    assert '<td class="n unknown">not known</td>' in page
    assert '<td class="n notmet best">7<small>-5</small></td>' in page
    assert "at most 0<br>alarm from 10" in page and "more is better" in page


def test_numbers_are_dutch_in_dutch(study):
    assert "<small>+1.500</small>" in page_of(study, table((1.0, 2.0, 3.0)), {}, {}, str, "nl")


def test_a_step_counts_when_it_is_whole_and_unchanged(tmp_path):
    key, outputs = "ab" * 32, {"depth": ".tif", "area": ""}
    folder = begun(tmp_path, key)
    file = Path(places(folder, outputs)["depth"])
    file.write_bytes(b"one")
    assert kept(tmp_path, key, outputs, bool) is None  # not whole
    finished(Made(key, folder, {"depth": str(file), "area": 5.0}, calculated="2026"), "dtwin:a", bool)
    made = kept(tmp_path, key, outputs, bool)
    assert made.outputs == {"depth": str(file), "area": 5.0} and made.calculated == "2026"
    # the same beginning of another key is another step
    assert kept(tmp_path, key[:16] + "0" * 48, outputs, bool) is None
    file.write_bytes(b"two")
    assert kept(tmp_path, key, outputs, bool) is None
    for text in ("", "[]", '{"key": 5}', "[" * 100_000):
        (folder / DONE).write_text(text)
        assert kept(tmp_path, key, outputs, bool) is None
    assert list(begun(tmp_path, key).iterdir()) == []


def test_what_was_stopped_is_not_whole(tmp_path):
    folder = begun(tmp_path, "cd" * 32)
    finished(Made("cd" * 32, folder, {}), "dtwin:a", lambda: True)
    assert not (folder / DONE).exists()
