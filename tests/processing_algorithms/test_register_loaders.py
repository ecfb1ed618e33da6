"""BGT and registers from files as a person loads them."""

import shutil

import pytest
from qgis.core import QgsProcessingException, QgsProcessingFeedback, QgsVectorLayer

SET = "basisregistraties/bgt_set1"


@pytest.fixture
def run(provider, context):
    def run_algorithm(name, **parameters):
        algorithm = provider.algorithm(name).create()
        result, _ = algorithm.run(parameters, context, QgsProcessingFeedback(), {}, False)
        return result

    return run_algorithm


def outputs(folder, *names):
    return {name: str(folder / f"{name}.gpkg") for name in names}


def values(path, *columns):
    layer = QgsVectorLayer(path, "a", "ogr")
    return [tuple(feature[name] for name in columns) for feature in layer.getFeatures()]


def test_a_folder_of_bgt_gml_is_three_layers_in_the_colours_of_the_standard(run, shared, tmp_path):
    result = run("loadbgt", folder=str(shared / SET), **outputs(tmp_path, "bgt", "bgt_lines", "bgt_points"))
    areas = QgsVectorLayer(result["bgt"], "a", "ogr")
    assert areas.featureCount() == 1009 and areas.crs().authid() == "EPSG:28992"
    labels = [rule.label() for rule in areas.renderer().rootRule().children()]
    assert {"Wegdeel: fietspad", "Pand", "Water: watervlakte", "Overig"} <= set(labels)
    assert areas.renderer().orderByEnabled()
    levels = [level for (level,) in values(result["bgt"], "relatieve_hoogteligging")]
    assert levels == sorted(levels) and levels[-1] == 1
    lines = values(result["bgt_lines"], "klasse", "functie")
    assert lines.count(("spoor", "trein")) == 2
    points = QgsVectorLayer(result["bgt_points"], "p", "ogr")
    assert points.labelsEnabled() and points.labeling().type() == "rule-based"
    names = values(result["bgt_points"], "klasse", "tekst", "hoek")
    assert ("openbareruimtelabel", "Hoornboegsweg", 79.3) in names


def test_every_area_follows_a_rule_of_its_own(run, shared, tmp_path):
    result = run("loadbgt", folder=str(shared / "basisregistraties/delft_bgt"), **outputs(tmp_path, "bgt"))
    layer = QgsVectorLayer(result["bgt"], "a", "ogr")
    from qgis.core import QgsFeatureRequest

    rules = [rule for rule in layer.renderer().rootRule().children() if not rule.isElse()]
    matched = [
        {f.id() for f in layer.getFeatures(QgsFeatureRequest().setFilterExpression(rule.filterExpression()))}
        for rule in rules
    ]
    assert sum(map(len, matched)) == len(set().union(*matched)) == layer.featureCount() == 582


def test_history_comes_when_it_is_asked(run, shared, tmp_path):
    file = str(shared / SET / "bgt_wegdeel.gml")
    today = run("loadbgt", file=file, bgt=str(tmp_path / "a.gpkg"))
    ever = run("loadbgt", file=file, history=True, bgt=str(tmp_path / "b.gpkg"))
    assert len(values(today["bgt"], "klasse")) == 541 and len(values(ever["bgt"], "klasse")) == 983


def test_classes_and_area_are_chosen(run, shared, tmp_path):
    result = run(
        "loadbgt", folder=str(shared / SET), classes="wegdeel, pand", extent="140600,140900,466100,466400 [EPSG:28992]",
        **outputs(tmp_path, "bgt"),
    )  # fmt: skip
    found = {klasse for (klasse,) in values(result["bgt"], "klasse")}
    assert found == {"wegdeel", "pand"} and 0 < len(values(result["bgt"], "klasse")) < 400


@pytest.mark.parametrize(
    "given, message",
    [
        ({"classes": "straat"}, "The BGT has no 'straat'"),
        ({"classes": "buurt"}, "has no BGT polygons, lines or points of these classes"),
    ],
)
def test_what_is_not_there_is_told(run, shared, tmp_path, given, message):
    with pytest.raises(QgsProcessingException, match=message):
        run("loadbgt", file=str(shared / SET / "bgt_pand.gml"), bgt=str(tmp_path / "a.gpkg"), **given)
    assert not (tmp_path / "a.gpkg").exists()


def test_without_a_file_an_area_is_needed(run, tmp_path):
    with pytest.raises(QgsProcessingException, match="Neither a file nor an area"):
        run("loadbgt", bgt=str(tmp_path / "a.gpkg"))


def test_a_folder_without_bgt_is_told(run, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(QgsProcessingException, match="no files of the BGT"):
        run("loadbgt", folder=str(tmp_path / "empty"), bgt=str(tmp_path / "a.gpkg"))


def test_addresses_of_a_bag_extract_are_points_of_today(run, shared, tmp_path):
    file = shared / "basisregistraties/nlextract/0221VBO15092020-000001.xml"
    result = run("loadregister", file=str(file), **outputs(tmp_path, "points"))
    assert result["count"] == 2
    layer = QgsVectorLayer(result["points"], "p", "ogr")
    assert layer.renderer().type() == "categorizedSymbol"
    rows = values(result["points"], "identificatie", "pand_identificatie", "oppervlakte")
    assert ("0221010000330226", "0221100000312938", 223) in rows and len(rows) == 2


def test_the_cadastral_map_gives_parcels_and_borders(run, shared, tmp_path):
    file = shared / "basisregistraties/nlextract/sample.zip"
    chosen = {"types": "perceel,kadastralegrens"}
    result = run("loadregister", file=str(file), **chosen, **outputs(tmp_path, "polygons", "lines"))
    assert result["count"] == 20  # 11 parcels, 9 of 10 borders are of today
    parcels = values(result["polygons"], "klasse", "sectie", "perceelnummer", "kadastrale_grootte_waarde")
    assert ("perceel", "B", 2298, 222) in parcels


def test_a_type_that_is_not_there_is_told(run, shared, tmp_path):
    file = shared / "basisregistraties/nlextract/pand.xml"
    with pytest.raises(QgsProcessingException, match="has no woonplaats; it has pand"):
        run("loadregister", file=str(file), types="woonplaats", polygons=str(tmp_path / "a.gpkg"))


def test_a_layer_of_a_geopackage_loads_too(run, shared, tmp_path):
    file = shared / "basisregistraties/pygeoapi/dutch_addresses_28992.gpkg"
    assert run("loadregister", file=str(file), **outputs(tmp_path, "points"))["count"] == 2481


def test_another_kind_of_file_is_named(run, shared, tmp_path):
    shutil.copy(next((shared / "pointcloud").rglob("*.laz")), tmp_path / "a.laz")
    with pytest.raises(QgsProcessingException, match="LAS and LAZ"):
        run("loadregister", file=str(tmp_path / "a.laz"), points=str(tmp_path / "a.gpkg"))
