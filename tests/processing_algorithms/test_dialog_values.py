"""What a dialog hands over for what is left empty is no value: QGIS's NULL for a file, which is not None."""

import pytest
from qgis.core import NULL, QgsProcessingContext, QgsProcessingFeedback, QgsProcessingParameterNumber

from dtwin_plugin.errors import InputError
from dtwin_plugin.models import MODELS
from processing_algorithms.loaders import LOADERS
from processing_algorithms.values import ValueReader

ALL = {**MODELS, **LOADERS}


@pytest.mark.parametrize(("given", "wanted"), [("crossings", "crossings"), (" ends ", "ends"), (2, "touching"),
                                               ("0", "ends")])  # fmt: skip
def test_a_choice_is_given_by_its_key_or_its_number(provider, context, given, wanted):
    item = next(item for item in MODELS["roadnetwork"].inputs if item.name == "meet")
    reader = ValueReader(provider.algorithm("roadnetwork"), {"meet": given}, context)
    assert reader._choice(item, None) == wanted


def test_a_choice_that_is_none_is_told_and_not_taken_for_the_default(provider, context):
    item = next(item for item in MODELS["roadnetwork"].inputs if item.name == "meet")
    reader = ValueReader(provider.algorithm("roadnetwork"), {"meet": "crossing"}, context)
    with pytest.raises(InputError, match="is crossing; expected one of ends, vertices, touching, crossings"):
        reader._choice(item, None)


@pytest.mark.parametrize("name", sorted(ALL))
@pytest.mark.parametrize("value", [NULL, "", None])
def test_what_is_left_empty_is_no_value(provider, context, name, value):
    for item in ALL[name].inputs:
        reader = ValueReader(provider.algorithm(name), {item.name: value}, context)
        assert reader._is_empty(item) == item.optional


def test_a_flood_runs_as_its_dialog_starts_it(provider, terrain_file, tmp_path):
    files = {item.name: NULL for item in MODELS["flood"].inputs if item.kind == "file"}
    assert "sewer_network" in files
    depth = str(tmp_path / "depth.tif")
    given = {"terrain": str(terrain_file), "rain_duration": 0.05, "after": 0.01, "depth_max": depth, **files}
    context, feedback = QgsProcessingContext(), QgsProcessingFeedback()
    results, well = provider.algorithm("flood").create().run(given, context, feedback, {}, False)
    assert well and results["depth_max"] == depth


def test_the_smallest_value_of_each_number_can_be_entered(provider):
    """A field with too few decimals makes 0 of a gap of 1E-8, without a word."""
    qgis_decimals, lost = 6, []  # as QGIS 3.40 shows where nothing is told
    for algorithm in provider.algorithms():
        for definition in algorithm.parameterDefinitions():
            if definition.type() == "number" and definition.dataType() == QgsProcessingParameterNumber.Type.Double:
                decimals = definition.metadata().get("widget_wrapper", {}).get("decimals", qgis_decimals)
                for value in (definition.minimum(), definition.defaultValue()):
                    if value is not None and round(value, decimals) != value and abs(value) < 1e-3:
                        lost.append((algorithm.name(), definition.name(), value))
    assert lost == []
