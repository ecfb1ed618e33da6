"""A run within a larger one has its water."""

from datetime import datetime

import numpy as np
import pytest

from dtwin_plugin.data import Grid
from dtwin_plugin.models.flood import FLOOD, nesting
from dtwin_plugin.progress import Silent


def valley(rows=60, columns=90):
    """A street of 0.2 m deep that falls to the east, with a bowl at its end."""
    y, x = np.mgrid[0:rows, 0:columns]
    street = np.where(np.abs(y - rows / 2) < 5, -0.2, 0.0)
    return Grid(0.05 * np.abs(y - rows / 2) + street - 0.004 * x, 0, rows, 1.0, unit="m")


def run(terrain, **given):
    found = {item.name: item.default for item in FLOOD.inputs}
    given = {"rain": 30.0, "rain_duration": 0.25, "infiltration": 0.0, "after": 0.1, "interval": 1.0, **given}
    return FLOOD.run({**found, "terrain": terrain, "wanted": {"depth", "depth_max", "balance"}, **given}, Silent())


def inner(grid):
    return Grid(grid.values[..., :, 40:70], 40, 60, 1.0, unit="m", times=grid.times)


def test_the_run_within_has_the_water_that_the_larger_one_brings():
    whole = run(valley())
    alone = run(inner(valley()), boundary="closed")
    nested = run(inner(valley()), boundary="closed", outer_depth=inner(whole["depth"]))
    expected = whole["depth_max"].values[:, 40:70]
    wet = expected > 0.05
    errors = [np.sqrt(np.mean((one["depth_max"].values - expected)[wet] ** 2)) for one in (alone, nested)]
    assert errors[1] < 0.01 < errors[0]
    assert nested["mass_error"] < 1e-6
    terms = dict(zip(nested["balance"]["term"], nested["balance"]["volume"]))
    assert terms["larger_run"] != 0
    assert terms["rain"] == pytest.approx(
        terms["infiltration"] + terms["outflow"] + terms["stored"] + terms["larger_run"], abs=1e-4 * terms["rain"]
    )


def test_a_map_without_times_or_of_another_start_is_told():
    whole = run(valley())["depth"]
    codes = [
        [problem.code for problem in nesting.check({"outer_depth": grid, "boundary": "closed", **more})]
        for grid, more in (
            (whole.like(whole.values[0], "m", ""), {}),
            (whole.like(whole.values - 1, "m", "", whole.times), {}),
            (whole, {"start": datetime(2026, 1, 1)}),
            (whole, {"boundary": "open"}),
            (whole, {}),
        )
    ]
    assert codes == [["DT204"], ["DT205"], ["DT206"], ["DT207"], []]
