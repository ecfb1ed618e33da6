"""Results never replace an input or each other, and a place that cannot take them is told before the run."""

import os

import pytest
from qgis.core import QgsProcessingException, QgsProcessingFeedback, QgsRasterLayer


@pytest.fixture
def refused(provider, context, terrain_file):
    def run_flood(**parameters):
        algorithm = provider.algorithm("flood").create()
        values = {"terrain": str(terrain_file), "rain": 10, "after": 0, "depth_max": "TEMPORARY_OUTPUT", **parameters}
        with pytest.raises(QgsProcessingException) as error:
            algorithm.run(values, context, QgsProcessingFeedback(), {}, False)
        return str(error.value)

    return run_flood


@pytest.mark.parametrize("output", ["depth_max", "depth", "record"])
def test_a_result_never_replaces_the_terrain(refused, terrain_file, output):
    before = terrain_file.read_bytes()
    assert "would replace the input" in refused(**{output: str(terrain_file)})
    assert terrain_file.read_bytes() == before


def test_a_result_never_replaces_the_buildings(refused, buildings_file):
    before = buildings_file.read_bytes()
    text = refused(buildings=str(buildings_file), building_depth=str(buildings_file))
    assert "would replace the input" in text and buildings_file.read_bytes() == before


def test_another_spelling_and_a_link_are_the_same_file(refused, terrain_file, tmp_path):
    link = tmp_path / "link.tif"
    link.symlink_to(terrain_file)
    for path in (link, tmp_path / "." / ".." / tmp_path.name / terrain_file.name):
        assert "would replace the input" in refused(depth_max=str(path))


def test_a_layer_of_a_project_is_an_input_too(refused, terrain_file):
    layer = QgsRasterLayer(str(terrain_file), "terrain")
    assert "would replace the input" in refused(terrain=layer, depth_max=str(terrain_file))


def test_two_results_in_one_file_are_refused(refused, tmp_path):
    text = refused(depth_max=str(tmp_path / "a.tif"), depth=str(tmp_path / "a.tif"))
    assert "which is that of another result" in text and not (tmp_path / "a.tif").exists()


@pytest.mark.parametrize("name, reason", [("a.tif/b.tif", "is a file"), ("folder.tif", "is a folder")])
def test_a_place_that_takes_no_file_is_told_before_the_run(refused, tmp_path, name, reason):
    (tmp_path / "a.tif").write_text("x")
    (tmp_path / "folder.tif").mkdir()
    assert reason in refused(depth_max=str(tmp_path / name))


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_rights_is_told_before_the_run(refused, tmp_path):
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o500)
    assert "may not write" in refused(depth_max=str(folder / "a.tif"))


def test_a_suffix_that_cannot_be_written_is_told_before_the_run(refused, buildings_file, tmp_path):
    text = refused(
        buildings=str(buildings_file),
        depth_max=str(tmp_path / "a.tif"),
        building_depth=str(tmp_path / "a.kml"),
    )
    assert "suffix" in text and not (tmp_path / "a.tif").exists()
    assert "suffix" in refused(depth_max=str(tmp_path / "a.png"))


@pytest.mark.parametrize("name", ["no_suffix", "memory:", "postgis:dbname='x' table=\"t\" (geom)"])
@pytest.mark.parametrize("output", ["depth_max", "building_depth"])
def test_what_is_no_file_of_a_known_kind_is_told_before_the_run(
    refused, buildings_file, tmp_path, monkeypatch, output, name
):
    """It was told when all was calculated, or a raster was called memory:."""
    monkeypatch.chdir(tmp_path)
    before = {path.name for path in tmp_path.iterdir()}
    places = {"depth_max": str(tmp_path / "a.tif"), output: str(tmp_path / name) if name == "no_suffix" else name}
    assert "the suffix is not one of" in refused(buildings=str(buildings_file), **places)
    assert {path.name for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize("suffix", [".shp", ".fgb"])
def test_a_table_goes_into_a_file_that_keeps_its_rows(refused, tmp_path, suffix):
    text = refused(balance=str(tmp_path / f"b{suffix}"))
    assert "the suffix is not one of .gpkg" in text and suffix not in text.partition("one of")[2]


@pytest.fixture
def flooded(provider, context, terrain_file, tmp_path):
    """Run a short flood; return its progress, what was told, and the results."""

    def run(**parameters):
        feedback, steps = QgsProcessingFeedback(False), []
        feedback.progressChanged.connect(steps.append)
        given = {"terrain": str(terrain_file), "after": 0, "rain_duration": 0.05, "depth_max": str(tmp_path / "d.tif")}
        found, good = provider.algorithm("flood").create().run({**given, **parameters}, context, feedback, {}, False)
        assert good
        return steps, feedback.textLog(), found

    return run


def test_progress_never_goes_back_while_results_are_written(flooded, buildings_file, tmp_path):
    names = {"depth": "a.tif", "building_depth": "b.gpkg", "balance": "c.csv", "duration": "e.tif", "mesh": "f.nc"}
    more = {name: str(tmp_path / file) for name, file in names.items()}
    steps, _, _ = flooded(buildings=str(buildings_file), **more)
    assert steps == sorted(steps) and steps[-1] == 100


def test_a_result_that_somebody_named_and_the_run_does_not_give_is_told(flooded, tmp_path):
    """A step of a model that takes it would go without, and so would a batch job."""
    _, told, found = flooded(building_depth=str(tmp_path / "b.gpkg"))
    assert "Water at buildings was not made: this run gives none." in told and "building_depth" not in found
    _, told, _ = flooded(building_depth="TEMPORARY_OUTPUT")  # as a dialog asks for all that it shows
    assert "was not made" not in told


def test_what_a_shapefile_or_a_csv_file_does_not_keep_is_told(flooded, buildings_file, tmp_path):
    _, told, _ = flooded(buildings=str(buildings_file), building_depth=str(tmp_path / "b.shp"))
    assert "a shapefile cuts names of columns after 10 characters, here water_depth_max, water_depth_mean" in told
    _, told, _ = flooded(buildings=str(buildings_file), building_depth=str(tmp_path / "b.csv"))
    assert "b.csv has the columns alone" in told
    _, told, _ = flooded(balance=str(tmp_path / "c.csv"))
    assert "columns alone" not in told


def test_a_name_that_qgis_cuts_is_told_before_the_run(refused, tmp_path):
    assert "its name has a |" in refused(record=str(tmp_path / "a|b.json"))


@pytest.mark.parametrize(
    "rows", ["0,0\n30,-20", "-30,0\n30,5", "0,0\n30,inf", "0,0\nnan,20", "0,0\n1e12,1", "0,0\n30,1e9"]
)
def test_rain_that_cannot_be_is_one_sentence(refused, tmp_path, rows):
    (tmp_path / "rain.csv").write_text("minutes,rain\n" + rows)
    text = refused(rain_series=str(tmp_path / "rain.csv"))
    assert "DT104" in text or "expected a number" in text


def test_what_the_system_says_of_a_file_is_one_sentence(refused, tmp_path):
    text = refused(record=str(tmp_path / ("n" * 250 + ".json")))  # too long with what is put before it
    assert "cannot be read or written" in text and "Traceback" not in text


def test_a_layer_in_memory_with_many_fields_is_no_file(context, tmp_path):
    from qgis.core import QgsProcessingFeedback, QgsProject, QgsVectorLayer

    from processing_algorithms.loadarea import LoadArea

    fields = "&".join(f"field=a_long_name_of_a_field_{number}:string(0,0)" for number in range(40))
    layer = QgsVectorLayer(f"Polygon?crs=EPSG:28992&{fields}", "area", "memory")
    QgsProject.instance().addMapLayer(layer)
    parameters = {"polygon": layer, "products": "nothing", "geopackage": str(tmp_path / "area.gpkg")}
    with pytest.raises(QgsProcessingException) as caught:
        LoadArea().create().run(parameters, context, QgsProcessingFeedback(), {}, False)
    assert "too long" not in str(caught.value)
    QgsProject.instance().removeMapLayer(layer.id())


def test_dialogs_offer_what_is_written(provider):
    from dtwin_plugin.layers.write import suffixes

    flood = provider.algorithm("flood")
    assert provider.supportedOutputVectorLayerExtensions() == [suffix[1:] for suffix in suffixes()]
    offered = flood.parameterDefinition("building_depth").createFileFilter()
    assert "*.gpkg" in offered and "*.shp" in offered and "*.kml" not in offered
    assert "*.img" not in flood.parameterDefinition("depth").createFileFilter()
    ends = [flood.parameterDefinition(name).generateTemporaryDestination() for name in ("building_depth", "depth")]
    assert ends[0].endswith(".gpkg") and ends[1].endswith(".tif")
