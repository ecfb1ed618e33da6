"""A number or a choice that cannot be is told with what it may be; QGIS alone names the parameter."""

import pytest

from dtwin_plugin import translate


@pytest.fixture
def refused(provider, context, terrain_file):
    def check(**parameters):
        values = {"terrain": str(terrain_file), "depth_max": "TEMPORARY_OUTPUT", **parameters}
        return provider.algorithm("flood").create().checkParameterValues(values, context)

    return check


@pytest.mark.parametrize(
    "values, sentence",
    [
        ({"rain": 7000}, "is 7000; expected 0 to 1000."),
        ({"rain": "-1"}, "is -1; expected 0 to 1000."),
        ({"rain": "10,5"}, "is 10,5; expected a number, with a dot for decimals."),
        ({"event": 44}, "is 44; expected one of 0 = "),
    ],
)
def test_a_value_that_cannot_be_is_told_with_what_it_may_be(refused, values, sentence):
    well, reason = refused(**values)
    assert not well and sentence in reason, reason


def test_all_are_told_together_in_dutch(refused, monkeypatch):
    monkeypatch.setattr(translate, "_language", "nl")
    well, reason = refused(rain=7000, after=-1)
    assert not well and len(reason.splitlines()) == 2
    assert "is 7000; verwacht is 0 tot en met 1000." in reason and "is -1; verwacht is 0 tot en met " in reason


def test_what_can_be_is_not_refused_and_what_qgis_says_of_layers_stays(refused):
    assert refused(rain=70) == (True, "")
    well, reason = refused(terrain="nowhere.tif")
    assert not well and "nowhere.tif" in reason
