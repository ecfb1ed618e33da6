"""Many runs at once: what fails is named and loses nobody else's work, what is stopped stops, weights add up."""

import threading
import time

import numpy as np
import pytest

from dtwin_plugin.data import Grid
from dtwin_plugin.errors import Cancelled, InputError, ModelError
from dtwin_plugin.models.executors import executor_of
from dtwin_plugin.models.flood import FLOOD_ENSEMBLE
from dtwin_plugin.models.flood.ensembles import ensemble_model
from dtwin_plugin.models.flood.ensembles.ensemble import Member, outcomes, weights
from dtwin_plugin.progress import Silent

EVENTS = {
    "event": ["often", "seldom"],
    "rain": [20.0, 70.0],
    "duration": [0.5, 0.5],
    "return_period": [10.0, 100.0],
}


def terrain(deeper=0.0):
    y, x = np.mgrid[0:30, 0:40]
    heights = 0.3 * np.sin(x / 6) * np.cos(y / 5)
    return Grid(heights - deeper * (heights < -0.2), 0, 30, 1.0, unit="m")


def values(**given):
    found = {item.name: item.default for item in FLOOD_ENSEMBLE.inputs}
    return {**found, "terrain": terrain(), "infiltration": 0.0, "boundary": "closed", "after": 0.25, **given}


def test_the_weights_are_the_frequency_of_the_most_frequent_event():
    assert sum(weights([5, 30, 30, 200])) == pytest.approx(1 / 5)
    assert weights([50]) == [1 / 50]


def test_a_place_floods_as_often_as_its_events_say():
    result = FLOOD_ENSEMBLE.run(values(events=EVENTS, new_terrain=terrain(0.2)), Silent())
    figures = result["figures"]
    assert figures["run"] == ["often, now", "seldom, now", "often, measures", "seldom, measures"]
    assert figures["weight"] == pytest.approx([0.1 - 0.1**1.5, 0.1**1.5] * 2)
    assert figures["rain"] == pytest.approx([24.0, 84.0] * 2, rel=1e-5)
    assert max(figures["mass_error"]) < 1e-6 and not any(figures["failure"]) and result["failed"] == 0
    depths = result["depths"].values
    assert depths.shape == (4, 30, 40)
    expected = 0.1**1.5 * (depths[1] > 0.15) + (0.1 - 0.1**1.5) * (depths[0] > 0.15)
    assert result["exceeds_015"].values == pytest.approx(expected)
    assert result["exceeds_015"].values.max() == pytest.approx(0.1)
    assert (result["exceeds_030"].values <= result["exceeds_015"].values).all()
    assert result["expected_area"] == pytest.approx(expected.sum(), rel=1e-6)
    assert not np.array_equal(result["exceeds_015_measures"].values, result["exceeds_015"].values)


def test_green_roofs_are_a_measure_of_the_runs_with_measures():
    """30 mm that leaves hold: of 20 mm of rain nothing is left on the ground, of 70 mm 40 mm."""
    held = terrain().like(np.full((30, 40), 30.0), "mm", "held")
    figures = FLOOD_ENSEMBLE.run(values(events=EVENTS, new_interception_map=held), Silent())["figures"]
    assert figures["stored"] == pytest.approx([24.0, 84.0, 0.0, 48.0], rel=1e-4, abs=1e-4)


def test_a_run_that_fails_is_named_and_the_others_stay(monkeypatch):
    real = ensemble_model.flood.run

    def sometimes(given, progress):
        if given["rain"] == 70.0:
            raise InputError("The pump of {place} is broken.", place="Delft")
        return real(given, progress)

    monkeypatch.setattr(ensemble_model.flood, "run", sometimes)
    progress = Silent()
    result = FLOOD_ENSEMBLE.run(values(events=EVENTS), progress)
    assert progress.warnings == ["seldom, now failed: The pump of Delft is broken."]
    assert result["failed"] == 1 and result["figures"]["failure"] == ["", "The pump of Delft is broken."]
    assert result["figures"]["weight"] == [0.1, None]
    assert result["exceeds_015"].values.max() == pytest.approx(0.1)
    with pytest.raises(ModelError, match="None of the 1 runs"):
        FLOOD_ENSEMBLE.run(values(events={name: column[1:] for name, column in EVENTS.items()}), Silent())


def test_stopping_is_heard_within_a_second():
    class Stopping(Silent):
        def is_cancelled(self):
            return time.monotonic() > begun + 0.3

    heights = np.random.default_rng(1).uniform(0, 0.1, (400, 400))
    FLOOD_ENSEMBLE.run(values(events=EVENTS), Silent())  # compiled
    begun = time.monotonic()
    with pytest.raises(Cancelled):
        FLOOD_ENSEMBLE.run(values(events=EVENTS, terrain=Grid(heights, 0, 400, 1.0, unit="m")), Stopping())
    assert time.monotonic() - begun < 0.3 + 1.0
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("member")]


def test_events_that_cannot_be_are_told():
    broken = {**EVENTS, "return_period": [10.0, 0.0]}
    assert [problem.code for problem in FLOOD_ENSEMBLE.check(values(events=broken))] == ["DT203"]
    assert not [problem for problem in FLOOD_ENSEMBLE.check(values()) if problem.level == "error"]


def test_what_is_wrong_with_the_measures_is_told_of_their_field():
    problems = list(FLOOD_ENSEMBLE.check(values(new_terrain=terrain().like(terrain().values + 5000, "m", "mm"))))
    assert [(problem.code, problem.field) for problem in problems] == [("DT103", "new_terrain")]


def _double(number, progress):
    if number == 3:
        raise ValueError("three")
    return 2 * number


def test_a_dask_cluster_does_the_same():
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None
    ) as cluster:
        with executor_of(0, cluster.scheduler_address) as (executor, count):
            assert count == 2
            members = [Member(str(number), number) for number in range(5)]
            found = outcomes(members, _double, executor, Silent(), here=False)
    assert [one.result for one in found] == [0, 2, 4, None, 8]
    assert found[3].failure == "ValueError: three"
