"""What a dialog hands over for what is left empty is no value: QGIS's NULL for a file, which is not None."""

import pytest
from qgis.core import NULL, QgsProcessingContext, QgsProcessingFeedback

from dtwin_plugin.models import MODELS
from processing_algorithms.loaders import LOADERS
from processing_algorithms.values import ValueReader

ALL = {**MODELS, **LOADERS}


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
