"""The catalogue's algorithms, as a user runs them."""

import csv
import json

import pytest
from qgis.core import QgsProcessingException, QgsProcessingFeedback, QgsProject, QgsRasterLayer

from dtwin_plugin import catalogue
from dtwin_plugin.catalogue.moved import MOVED
from dtwin_plugin.translate import set_language

ROW = {
    "id": "trees", "title": "Trees <of> the municipality", "title_nl": "Bomen", "owner": "Municipality",
    "kind": "ogcapi-features", "url": "https://gis.example.nl/trees", "licence": "CC0 1.0", "attribution": "M",
    "access_level": "open", "theme": "topography",
}  # fmt: skip
XYZ = (
    "type=xyz&zmin=0&zmax=19&url=https://geodata.nationaalgeoregister.nl/luchtfoto/rgb/wmts/Actueel_ortho25/"
    "EPSG:3857/%7Bz%7D/%7Bx%7D/%7By%7D.jpeg"
)


@pytest.fixture(autouse=True)
def own(tmp_path, monkeypatch):
    """The own list of the test, which is not there yet."""
    monkeypatch.delenv(catalogue.OWN_LIST, raising=False)
    path = tmp_path / "profile" / "catalogue.json"
    catalogue.use_own_list(path)
    yield path
    catalogue.use_own_list(None)


@pytest.fixture
def services(catalogue_server):
    with catalogue_server.serve(catalogue_server.Services()) as state:
        yield state


@pytest.fixture
def run(provider, context):
    def run_algorithm(name, **parameters):
        algorithm = provider.algorithm(name).create()
        run_algorithm.log = QgsProcessingFeedback(False)
        result, _ = algorithm.run(parameters, context, run_algorithm.log, {}, False)
        return result

    return run_algorithm


def write(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(rows))
    return path


def sources(url):
    states = {"a": "/wfs/v2_0", "b": "/old/wfs", "c": "/gone", "d": "/key", "e": "/page", "f": "/wms/v1_0"}
    kinds = {"f": "wms"}
    return [
        {**ROW, "id": name, "kind": kinds.get(name, "wfs"), "url": url + path, "title": name, "title_nl": name}
        for name, path in states.items()
    ] + [{**ROW, "id": "g", "url": None}]


def test_the_own_sources_are_tested_and_told_in_a_table(run, own, services, tmp_path):
    write(own, sources(services.url))
    result = run("checksources", which=1, table=str(tmp_path / "found.json"))
    counts = {name: result[name] for name in ("ok", "moved", "slow", "key", "dead", "wrong", "unclear", "skipped")}
    assert counts == {"ok": 2, "moved": 1, "slow": 0, "key": 1, "dead": 1, "wrong": 1, "unclear": 0, "skipped": 1}
    rows = {row["id"]: row for row in json.loads((tmp_path / "found.json").read_text())}
    assert rows["b"]["new_url"] == services.url + "/wfs/v2_0" and rows["b"]["state"] == "moved"
    assert rows["c"]["detail"] == "The server answers HTTP 410." and rows["g"]["seconds"] is None
    assert "b: has moved" in run.log.textLog()


@pytest.mark.parametrize("suffix", [".html", ".csv"])
def test_people_read_the_table_in_their_language(run, own, services, tmp_path, suffix):
    write(own, [{**ROW, "url": services.url + "/wfs/v2_0", "kind": "wfs", "owner": "=cmd|' /C calc'!A0"}])
    path = tmp_path / f"found{suffix}"
    run("checksources", which=1, table=str(path))
    text = path.read_text(encoding="utf-8-sig")
    assert "works" in text
    if suffix == ".html":
        assert "Trees &lt;of&gt; the municipality" in text
    else:
        assert next(csv.DictReader(text.splitlines()))["Owner"].startswith("'=cmd")  # no formula


def test_words_and_a_theme_choose_what_is_tested(run, own, services):
    write(own, sources(services.url))
    assert run("checksources", which=1, text="a", theme=0)["ok"] >= 1
    before = len(services.asked)
    with pytest.raises(QgsProcessingException, match="No source of the catalogue fits"):
        run("checksources", which=1, text="zuurstof")
    assert len(services.asked) == before


def test_without_a_network_it_is_said_once(run, own):
    write(own, [{**ROW, "id": f"s{n}", "url": f"http://127.0.0.{n}:9/wfs", "kind": "wfs"} for n in range(1, 30)])
    with pytest.raises(QgsProcessingException, match="no connection"):
        run("checksources", which=1)
    assert "s1" not in run.log.textLog()


def test_a_list_is_taken_over_from_a_file(run, own, tmp_path):
    write(own, [ROW])
    path = write(tmp_path / "others.json", [{**ROW, "title": "New"}, {**ROW, "id": "lamps"}, {"id": "half"}])
    result = run("importcatalogue", file=str(path))
    assert {name: result[name] for name in ("added", "replaced", "unchanged", "refused")} == {
        "added": 1, "replaced": 1, "unchanged": 0, "refused": 1,
    }  # fmt: skip
    assert catalogue.entry("trees").title == "New" and "lacks title" in run.log.textLog()


def test_a_list_is_taken_over_from_the_web(run, services, catalogue_server, monkeypatch):
    monkeypatch.setitem(catalogue_server.GOOD, "/list.json", ({}, json.dumps([ROW]).encode()))
    assert run("importcatalogue", url=services.url + "/list.json")["added"] == 1
    assert catalogue.url_of("trees") == ROW["url"]


@pytest.mark.parametrize(
    "given, said",
    [
        ({}, "a file or a web address"),
        ({"url": "ftp://a.nl/x.json"}, "no web address"),
        ({"url": "SERVER/nothing"}, "HTTP 404"),
        ({"url": "SERVER/page"}, "not JSON"),
        ({"file": "FILE"}, "not a list"),
    ],
)
def test_what_cannot_be_taken_over_is_one_sentence(run, own, services, tmp_path, given, said):
    (tmp_path / "bad.json").write_text("{}")
    given = {
        name: value.replace("SERVER", services.url).replace("FILE", str(tmp_path / "bad.json"))
        for name, value in given.items()
    }
    with pytest.raises(QgsProcessingException, match=said):
        run("importcatalogue", **given)
    assert not own.exists()


def test_the_own_list_goes_out_without_what_is_not_open(run, own, tmp_path):
    write(own, [ROW, {**ROW, "id": "cables", "access_level": "confidential"}])
    path = tmp_path / "out.json"
    result = run("exportcatalogue", which=1, catalogue=str(path))
    assert (result["written"], result["left_out"]) == (1, 1)
    assert [row["id"] for row in json.loads(path.read_text())] == ["trees"]
    assert run("exportcatalogue", which=1, open_only=False, catalogue=str(path))["written"] == 2


@pytest.mark.parametrize("suffix", [".jsonld", ".rdf"])
def test_the_catalogue_goes_out_as_dcat(run, tmp_path, suffix):
    path = tmp_path / f"out{suffix}"
    result = run("exportcatalogue", organisation="Gemeente X", email="data@x.nl", catalogue=str(path))
    assert result["written"] > 70 and "Gemeente X" in path.read_text()
    assert "licence of" in run.log.textLog()


def test_dcat_needs_who_publishes(run, tmp_path):
    with pytest.raises(QgsProcessingException, match="name of the organisation is missing"):
        run("exportcatalogue", catalogue=str(tmp_path / "out.rdf"))
    assert not (tmp_path / "out.rdf").exists()


@pytest.fixture
def project_file(qgis_app, tmp_path):
    project = QgsProject()
    project.addMapLayer(QgsRasterLayer(XYZ, "luchtfoto", "wms"))
    path = tmp_path / "old.qgz"
    assert project.write(str(path))
    project.clear()
    return path


def test_a_project_file_gets_a_repaired_copy(run, project_file, tmp_path):
    before = project_file.read_bytes()
    copy, table = tmp_path / "new.qgz", tmp_path / "layers.json"
    result = run("repairproject", project=str(project_file), repaired=str(copy), table=str(table))
    assert (result["outdated"], result["changed"]) == (1, 1) and project_file.read_bytes() == before
    row = json.loads(table.read_text())[0]
    assert (row["layer"], row["reason"], row["confidence"]) == ("luchtfoto", MOVED, "sure")
    opened = QgsProject()
    assert opened.read(str(copy))
    assert "service.pdok.nl/hwh/luchtfotorgb" in next(iter(opened.mapLayers().values())).source()
    opened.clear()


def test_looking_changes_nothing(run, project_file):
    before = project_file.read_bytes()
    assert run("repairproject", project=str(project_file))["changed"] == 0
    assert project_file.read_bytes() == before


def test_the_open_project_is_changed_only_when_asked(run, context, qgis_app):
    project = QgsProject()
    layer = QgsRasterLayer(XYZ, "luchtfoto", "wms")
    project.addMapLayer(layer)
    context.setProject(project)
    assert run("repairproject")["changed"] == 0 and layer.source() == XYZ
    assert run("repairproject", apply=True)["changed"] == 1 and "service.pdok.nl" in layer.source()
    context.setProject(None)
    project.clear()


@pytest.mark.parametrize(
    "given, said",
    [
        ({"apply": True}, "never changed itself"),
        ({"repaired": "SAME"}, "inputs are never changed"),
        ({"project": "", "apply": True}, "No project is open"),
        ({"repaired": "new.qgs"}, "the suffix is not"),
    ],
)
def test_a_project_file_is_never_changed_itself(run, project_file, tmp_path, given, said):
    given = {"project": str(project_file), **given}
    if "repaired" in given:
        given["repaired"] = str(project_file if given["repaired"] == "SAME" else tmp_path / given["repaired"])
    with pytest.raises(QgsProcessingException, match=said):
        run("repairproject", **given)


def test_texts_of_themes_follow_the_language(provider):
    set_language("nl")
    try:
        algorithm = provider.algorithm("checksources").create()
        assert "Gebouwen" in algorithm.parameterDefinition("theme").options()
    finally:
        set_language("en")
