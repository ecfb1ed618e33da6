import numpy as np
import pytest

from dtwin_plugin.data import Features, Geometries
from dtwin_plugin.errors import InputError
from dtwin_plugin.models.subsurface.settlement import Columns, settlement
from dtwin_plugin.models.subsurface.settlement_sites import SETTLEMENT_SITES, STEP, columns_of
from dtwin_plugin.models.subsurface.soil_table import soil_table
from dtwin_plugin.progress import Silent

CLAY, SAND, PEAT = 2, 6, 1


def sticks(*layers):
    """Return layers of site, top, bottom [m NAP] and class."""
    shapes = Geometries.build(
        "line", [[[[(ord(site), 0.0, top), (ord(site), 0.0, bottom)]]] for site, top, bottom, _ in layers]
    )
    columns = {
        "site": np.array([layer[0] for layer in layers], object),
        "z_max": np.array([layer[1] for layer in layers]),
        "z_min": np.array([layer[2] for layer in layers]),
        "lithoclass": np.array([layer[3] for layer in layers]),
    }
    return Features(shapes, columns)


def run(layers, **values):
    defaults = {item.name: item.default for item in SETTLEMENT_SITES.inputs}
    return SETTLEMENT_SITES.run({**defaults, "sticks": layers, "load": 20.0, **values}, Silent())


def test_a_site_settles_as_a_column_of_the_same_layers():
    found = run(sticks(("b", 2.0, 0.0, PEAT), ("b", 0.0, -2.0, CLAY)))["sites"].columns["settlement"][0]
    classes = np.array([[PEAT] * 20 + [CLAY] * 20])
    column = Columns(classes, -(np.arange(40) + 0.5) * STEP, STEP, np.zeros(1))
    water = np.array([-1.0])
    expected = settlement(column, soil_table(), water, water, 20.0, 30 * 365.25)[0, 0]
    assert found == pytest.approx(expected, rel=1e-9) and found > 0.3


def test_layers_in_any_order_and_of_several_sites_are_each_their_own():
    layers = (("b", 0.0, -2.0, CLAY), ("a", 5.0, 1.0, SAND), ("b", 2.0, 0.0, PEAT))
    found = run(sticks(*layers))["sites"]
    assert found.columns["site"].tolist() == ["a", "b"] and found.columns["depth"].tolist() == [4, 4]
    assert found.geometries.coordinates[:, 0].tolist() == [ord("a"), ord("b")]
    alone = run(sticks(layers[2], layers[0]))["sites"].columns["settlement"][0]
    assert found.columns["settlement"][1] == pytest.approx(alone, rel=1e-12)
    assert found.columns["settlement"][0] < 0.02


def test_what_lies_deeper_than_a_site_does_not_count():
    short, long = sticks(("a", 0.0, -2.0, PEAT)), sticks(("a", 0.0, -2.0, PEAT), ("z", 0.0, -30.0, SAND))
    one, two = (run(layers)["sites"].columns["settlement"][0] for layers in (short, long))
    assert one == pytest.approx(two, rel=1e-12)


def test_a_gap_or_an_unknown_soil_gives_no_number():
    for layers in (
        sticks(("a", 0.0, -1.0, PEAT), ("a", -2.0, -3.0, PEAT)),
        sticks(("a", 0.0, -1.0, PEAT), ("a", -1.0, -2.0, -1), ("a", -2.0, -3.0, PEAT)),
    ):
        found = run(layers)["sites"].columns
        assert np.isnan(found["settlement"][0]) and found["unknown"][0] == pytest.approx(1.0)


def test_steps_meet_the_layers_of_the_site():
    columns, _, deep = columns_of(sticks(("a", 1.03, 0.53, PEAT), ("a", 0.53, 0.0, SAND)))
    assert deep[0] == pytest.approx(1.03) and columns.lithoclass[0].tolist() == [PEAT] * 5 + [SAND] * 6


def test_another_layer_is_refused():
    with pytest.raises(InputError, match="no field site"):
        run(Features(Geometries.build("line", [])))
