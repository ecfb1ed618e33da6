"""The study of the sample: its twin file is read, its steps can run, its measures lie where they can be built."""

import json

import jsonschema
import pytest
from osgeo import ogr

from dtwin_plugin.models.flood.measures.measures_table import KINDS
from dtwin_plugin.twin.study.reading import read_study
from dtwin_plugin.twin.study.schema import schema
from resources.sample.study import FILE


def rows(sample, file, layer):
    source = ogr.Open(str(sample / file))
    return [(feature.GetGeometryRef().Clone(), feature["type"]) for feature in source.GetLayerByName(layer)]


def test_its_twin_file_is_one_and_names_files_that_are_there(sample):
    study = read_study(sample / FILE)
    jsonschema.validate(json.loads((sample / FILE).read_text("utf-8")), schema())
    assert len(study.scenarios) == 4
    for source in study.sources.values():
        file, _, layer = source["path"].partition("|layername=")
        assert ogr.Open(file) if layer else (sample / file).is_file()


@pytest.mark.parametrize("layer", ["crates", "wadi", "lowered"])
def test_measures_are_known_and_overlap_no_house_and_each_other_nowhere(sample, layer):
    found = rows(sample, "study.gpkg", layer)
    assert len(found) > 40 and {kind for _, kind in found} <= set(KINDS)
    source = ogr.Open(str(sample / "bgt.gpkg"))
    houses = source.GetLayerByName("pand")
    for index, (area, _) in enumerate(found):
        houses.SetSpatialFilter(area)
        assert sum(area.Intersection(house.GetGeometryRef()).Area() for house in houses) < 0.1  # m2
        # in a bend pieces of a strip overlap at a corner
        assert all(area.Intersection(other).Area() < 0.5 for other, _ in found[index + 1 :])


def test_all_its_steps_can_run_here(sample, qgis_app, qgis_processing):
    from qgis.core import QgsApplication

    from processing_algorithms.provider import DtwinProvider
    from processing_algorithms.study.expected import algorithms_of, used_sources

    provider = DtwinProvider()
    QgsApplication.processingRegistry().addProvider(provider)
    try:
        study = read_study(sample / FILE)
        assert len(algorithms_of(study, False)) == len(study.steps)
        assert set(used_sources(study, study.scenarios)) == set(study.sources)
    finally:
        QgsApplication.processingRegistry().removeProvider(provider)
