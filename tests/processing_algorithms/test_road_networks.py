"""Roads as a person loads them: files of each kind, the sample town, TNTP, and the plugin in `qgis_process`."""

import json

import numpy as np
import pytest
from qgis.core import QgsProcessingException, QgsProcessingFeedback, QgsVectorLayer

OSM = (
    '<osm version="0.6"><node id="1" lon="4.90" lat="52.30"/><node id="2" lon="4.901" lat="52.30"/>'
    '<node id="3" lon="4.901" lat="52.301"/><node id="4" lon="4.902" lat="52.30"/>'
    '<way id="10"><nd ref="1"/><nd ref="2"/><nd ref="4"/><tag k="highway" v="residential"/></way>'
    '<way id="11"><nd ref="2"/><nd ref="3"/><tag k="highway" v="tertiary"/><tag k="oneway" v="-1"/></way>'
    '<way id="12"><nd ref="1"/><nd ref="3"/><tag k="highway" v="footway"/></way>'
    '<relation id="5"><member type="way" ref="11" role="from"/><member type="node" ref="2" role="via"/>'
    '<member type="way" ref="10" role="to"/><tag k="type" v="restriction"/><tag k="restriction" v="no_left_turn"/>'
    "</relation></osm>"
)


@pytest.fixture
def run(provider, context):
    def run_algorithm(name, **parameters):
        feedback = QgsProcessingFeedback()
        result, ok = provider.algorithm(name).create().run(parameters, context, feedback, {}, False)
        assert ok, feedback.textLog()
        return result, feedback.textLog()

    return run_algorithm


@pytest.fixture
def targets(tmp_path):
    return {name: str(tmp_path / f"{name}.gpkg") for name in ("links", "nodes", "turn_bans", "problems")}


def column(path, name):
    return [feature[name] for feature in QgsVectorLayer(path, "", "ogr").getFeatures()]


def test_openstreetmap_becomes_a_network_with_bans(run, targets, tmp_path, stand_in_grids):
    (tmp_path / "town.osm").write_text(OSM)
    result, log = run("loadroads", file=str(tmp_path / "town.osm"), **targets)
    assert (result["link_count"], result["node_count"]) == (3, 4)
    assert column(targets["links"], "direction") == ["both", "both", "backward"]
    assert column(targets["links"], "reach") == ["all", "all", "no way in"]
    # the ban names way 10, which is cut in two at the junction: both pieces
    assert list(zip(column(targets["turn_bans"], "from_link"), column(targets["turn_bans"], "to_link"))) == [
        (3, 1), (3, 2)]  # fmt: skip
    assert "1 lines are no road" in log and "DT346" in column(targets["problems"], "code")


def _geojson(path, rows):
    features = [
        {"type": "Feature", "properties": values, "geometry": {"type": "LineString", "coordinates": line}}
        for line, values in rows
    ]
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::28992"}}
    path.write_text(json.dumps({"type": "FeatureCollection", "crs": crs, "features": features}))
    return str(path)


def test_geofabrik_and_the_nwb_are_known_by_their_columns(run, targets, tmp_path):
    lines = [[85000, 447000], [85100, 447000], [85200, 447000]], [[85100, 446900], [85100, 447000], [85100, 447100]]
    tags = {"fclass": "primary", "oneway": "F", "maxspeed": 0, "bridge": "F", "tunnel": "F", "layer": 0}
    rows = [(lines[0], {"osm_id": "1", **tags}), (lines[1], {"osm_id": "2", **tags, "layer": 1})]
    result, _ = run("loadroads", file=_geojson(tmp_path / "fabrik.geojson", rows), **targets)
    assert result["link_count"] == 2  # a bridge over a road shares no junction with it
    nwb = {"WVK_ID": 1, "BST_CODE": "HR", "WEGBEHSRT": "P", "RIJRICHTNG": "T", "STT_NAAM": "Provincialeweg"}
    rows = [(lines[0], nwb), (lines[1], {**nwb, "WVK_ID": 2, "RIJRICHTNG": "O"})]
    result, log = run("loadroads", file=_geojson(tmp_path / "nwb.geojson", rows), **targets)
    assert result["link_count"] == 2 and column(targets["links"], "direction") == ["backward", "both"]
    assert column(targets["links"], "class") == ["secondary", "secondary"] and "not understood (O)" in log


def test_the_nwb_comes_from_its_service(run, targets, pdok_server, tmp_path, monkeypatch):
    from dtwin_plugin.catalogue import entry

    line = {"type": "LineString", "coordinates": [[84_000, 447_100], [84_300, 447_110]]}
    road = pdok_server.feature(
        1, line, wvk_id=600, bst_code="RB", wegbehsrt="G", rijrichtng="H", stt_naam="Dorpsstraat"
    )
    found = entry("nwb-wfs")
    row = {name: getattr(found, name) for name in ("id", "title", "owner", "kind", "crs", "licence", "theme")}
    with pdok_server.serve(pdok_server.Pdok({"nwb": {"wegvakken": [road]}})) as state:
        row |= {"attribution": found.attribution, "confirmed": True, "access_level": found.access_level}
        (tmp_path / "own.json").write_text(json.dumps([{**row, "url": state.address("nwb/wfs")}]))
        monkeypatch.setenv("DTWIN_CATALOGUE", str(tmp_path / "own.json"))
        result, _ = run("loadroads", extent="84000,84300,447000,447300 [EPSG:28992]", **targets)
    assert result["link_count"] == 1 and column(targets["links"], "name") == ["Dorpsstraat"]


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [({}, "Neither a file nor an area"), ({"file": "/nowhere/a.osm"}, "does not exist")],
)
def test_what_is_missing_is_one_sentence(provider, context, targets, parameters, sentence):
    with pytest.raises(QgsProcessingException, match=sentence):
        provider.algorithm("loadroads").create().run(
            {**parameters, **targets}, context, QgsProcessingFeedback(), {}, False
        )


def test_the_sample_town_is_a_network_that_can_be_driven(run, sample, targets):
    result, _ = run("roadnetwork", roads=str(sample / "roads.gpkg"), grid=250, **targets)
    assert result["dropped"] == 0 and result["unreachable"] == 0
    classes, speeds = column(targets["links"], "class"), column(targets["links"], "speed")
    assert {"tertiary", "residential", "living_street", "connector"} == set(classes)
    assert {one for one, two in zip(speeds, classes) if two == "living_street"} == {15.0}
    zones = [zone for zone in column(targets["nodes"], "zone") if zone]
    assert len(zones) == len(set(zones)) > 10
    layer = QgsVectorLayer(targets["links"], "", "ogr")
    layer.loadDefaultStyle()
    assert layer.renderer().type() == "RuleRenderer" and layer.fields().lookupField("free_time_forward") >= 0


def test_a_layer_outside_the_netherlands_stays_in_its_system(run, shared, targets):
    roads = shared / "traffic" / "noise_lorient" / "roads_traff.shp"
    result, _ = run("roadnetwork", roads=str(roads), **targets)
    layer = QgsVectorLayer(targets["links"], "", "ogr")
    assert layer.crs().authid() == "EPSG:2154" and result["link_count"] > 549  # lines of the file, cut at junctions
    assert layer.extent().xMinimum() > 222_000


@pytest.mark.parametrize(
    ("name", "nodes", "crs", "counts", "system"),
    [
        # 76 and 523 directed links (README of the data); SiouxFalls has every one both ways
        ("SiouxFalls/SiouxFalls", "SiouxFalls/SiouxFalls_node.tntp", "EPSG:4326", (38, 24, 76), "EPSG:32614"),
        ("Berlin-Friedrichshain/friedrichshain-center", "Berlin-Friedrichshain/friedrichshain-center_node.tntp", None,
         (None, 224, 523), "EPSG:28992"),
        ("Anaheim/Anaheim", "Anaheim/anaheim_nodes.geojson", None, (None, 416, 914), "EPSG:32611"),
        ("Braess-Example/Braess", None, None, (None, 4, 5), "EPSG:28992"),
    ],
)  # fmt: skip
def test_tntp_keeps_every_directed_link(run, shared, targets, name, nodes, crs, counts, system):
    folder = shared / "traffic"
    more = {key: value for key, value in (("nodes_file", nodes and str(folder / nodes)), ("crs", crs)) if value}
    targets = {key: targets[key] for key in ("links", "nodes")}
    result, _ = run("loadtntp", net=str(folder / f"{name}_net.tntp"), **more, **targets)
    directions = column(targets["links"], "direction")
    assert len(directions) + directions.count("both") == counts[2] and result["node_count"] == counts[1]
    assert counts[0] in (None, result["link_count"])
    layer = QgsVectorLayer(targets["links"], "", "ogr")
    assert layer.crs().authid() == system and np.isfinite(layer.extent().width())


def test_a_node_file_of_another_network_is_refused(provider, context, shared, targets):
    folder = shared / "traffic"
    parameters = {
        "net": str(folder / "Anaheim" / "Anaheim_net.tntp"),
        "nodes_file": str(folder / "SiouxFalls" / "SiouxFalls_node.tntp"),
        "links": targets["links"], "nodes": targets["nodes"],
    }  # fmt: skip
    with pytest.raises(QgsProcessingException, match="no place of 392 nodes, such as 25"):
        provider.algorithm("loadtntp").create().run(parameters, context, QgsProcessingFeedback(), {}, False)
