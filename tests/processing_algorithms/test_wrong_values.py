"""A number or a choice that cannot be is told with what it may be; QGIS alone names the parameter."""

import pytest
from qgis.core import QgsProcessingException, QgsProcessingFeedback, QgsProcessingModelAlgorithm

from dtwin_plugin import translate
from tests.processing_algorithms.test_modeller import child


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


@pytest.mark.parametrize(
    "name, sentence",
    [
        ("rian", "Flooding under extreme rain has no parameter rian. The nearest one is rain."),
        ("RAINFALL_IN_MM_Q", "has no parameter RAINFALL_IN_MM_Q. The help of the algorithm lists them."),
    ],
)
def test_a_name_that_is_no_parameter_is_told(refused, name, sentence):
    """QGIS leaves it out, and 20 mm of a mistyped name became the 70 mm of the default."""
    well, reason = refused(**{name: 20})
    assert not well and sentence in reason
    well, reason = refused(**{name: 20, "rain": -1})
    assert not well and sentence in reason and "is -1; expected 0 to 1000." in reason


def test_what_can_be_is_not_refused_and_what_qgis_says_of_layers_stays(refused):
    assert refused(rain=70) == (True, "")
    well, reason = refused(terrain="nowhere.tif")
    assert not well and "nowhere.tif" in reason


@pytest.mark.parametrize(
    "values, sentence",
    [
        ({"rain": "10,5"}, "Rain [mm] is 10,5; expected a number, with a dot for decimals."),
        ({"rain": [10, 20]}, "Rain [mm] is [10, 20]; expected a number"),
        ({"coarse_factor": "two"}, "is two; expected a number"),
        ({"event": 44}, "Event is 44; expected one of 0 = "),
        ({"event": -1}, "Event is -1; expected one of 0 = "),
        ({"start": "2026-13-45"}, "is 2026-13-45; expected a day and time such as"),
        ({"extent": "here"}, "Area is here, which is no area."),
        ({"rain": 7000}, "DT002"),
    ],
)
def test_a_step_of_a_model_does_not_take_the_default_for_what_it_cannot_read(
    provider, context, terrain_file, tmp_path, values, sentence
):
    """QGIS does not check the values of a step, and flooded 70 mm for "10,5" without a word."""
    model = QgsProcessingModelAlgorithm("chain", "test")
    given = {"terrain": str(terrain_file), "after": 0, "rain_duration": 0.05, **values}
    model.addChildAlgorithm(child("flood", "dtwin:flood", ["depth_max"], **given))
    model.updateDestinationParameters()
    feedback = QgsProcessingFeedback(False)
    _, good = model.run({"depth_max": str(tmp_path / "d.tif")}, context, feedback)
    assert not good and sentence in feedback.textLog() and not (tmp_path / "d.tif").exists()


def test_the_area_of_a_layer_without_features_is_told(provider, context, tmp_path):
    from tests.processing_algorithms.memory_layers import layer

    given = {"surfaces": str(tmp_path / "s.gpkg"), "file": str(tmp_path), "extent": layer("Polygon", ["name:string"])}
    with pytest.raises(QgsProcessingException, match="which is no area. Give a layer with features"):
        provider.algorithm("loadcityjson").create().run(given, context, QgsProcessingFeedback(), {}, False)
