"""Norms of plans as a person loads them: from a file, and from services that want a key of QGIS's authentication."""

import json

import numpy as np
import pytest
from qgis.core import (
    QgsApplication,
    QgsAuthMethodConfig,
    QgsExpression,
    QgsExpressionContext,
    QgsExpressionContextUtils,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsVectorLayer,
)

from dtwin_plugin.layers import network, settings
from tests.sources.plans import written

EXTENT = "84600,85140,447400,447750 [EPSG:28992]"


@pytest.fixture
def run(provider, context, tmp_path):
    def call(**parameters):
        feedback = QgsProcessingFeedback()
        paths = {name: str(tmp_path / f"{name}.gpkg") for name in ("areas", "plans")}
        parameters = {**paths, "record": str(tmp_path / "run.json"), **parameters}
        result, ok = provider.algorithm("loadplan").create().run(parameters, context, feedback, {}, False)
        assert ok
        return result, feedback.textLog()

    return call


@pytest.fixture
def state(plan_server, tmp_path, monkeypatch, own_cache):
    with plan_server.serve(plan_server.Plans()) as found:
        (tmp_path / "own.json").write_text(json.dumps(plan_server.own_catalogue(found.url)))
        monkeypatch.setenv("DTWIN_CATALOGUE", str(tmp_path / "own.json"))
        yield found


@pytest.fixture
def authentication(qgis_app, plan_server):
    """A configuration with the key in a header, in QGIS's own database; gone after the test."""
    manager = QgsApplication.authManager()
    assert manager.setMasterPassword("made up for the tests", True)
    configuration = QgsAuthMethodConfig("APIHeader")
    configuration.setName("key of the tests")
    configuration.setConfig("X-Api-Key", plan_server.KEY)
    assert manager.storeAuthenticationConfig(configuration)[0]
    yield configuration.id()
    manager.removeAuthenticationConfig(configuration.id())
    for setting in settings.KEYS:
        setting.keep("")


def layer(path, name):
    found = QgsVectorLayer(f"{path}|layername={name}", name, "ogr")
    found.loadDefaultStyle()
    assert found.isValid()
    return found


def labels(areas):
    """Return what is written on the map."""
    expression, context = QgsExpression(areas.labeling().settings().fieldName), QgsExpressionContext()
    context.appendScopes(QgsExpressionContextUtils.globalProjectLayerScopes(areas))
    found = {}
    for feature in areas.getFeatures():
        context.setFeature(feature)
        value = expression.evaluate(context)
        assert not expression.hasEvalError(), expression.evalErrorString()
        if value:
            found[feature["rule"]] = value
    return found


def test_a_file_gives_rule_areas_with_their_style_and_labels(run, tmp_path):
    (tmp_path / "plan.gml").write_bytes(written.imro())
    result, log = run(file=str(tmp_path / "plan.gml"))
    assert (result["norms"], result["to_read"]) == (3, 1)
    areas = layer(result["areas"], "areas")
    assert areas.featureCount() == 7 and areas.crs().authid() == "EPSG:28992"
    norms = {row["rule"]: row["norm"] for row in areas.getFeatures()}
    assert norms["NL.IMRO.mv1.2"] == 11.0 and not isinstance(norms["NL.IMRO.mv3.2"], float)  # NULL, and not 0
    assert [category.value() for category in areas.renderer().categories()] == [
        "enkelbestemming", "maatvoering", "bouwvlak"]  # fmt: skip
    assert labels(areas) == {
        "NL.IMRO.mv1.1": "eaves max 6.5 m\nmax 11 m", "NL.IMRO.mv2.1": "max 60 %",
        "NL.IMRO.mv3.1": "read: 9 (excl. kap)",
    }  # fmt: skip
    plans = layer(result["plans"], "plans")
    (row,) = plans.getFeatures()
    assert (row["plan"], row["name"], row["status"], row["areas"]) == (
        written.PLAN, "Testplan Delft", "vastgesteld", 7)  # fmt: skip
    assert "must be read" in log and "minimum" in log


def test_an_area_and_a_plan_are_chosen(run, tmp_path):
    (tmp_path / "plan.gml").write_bytes(written.imro())
    file = str(tmp_path / "plan.gml")
    result, _ = run(file=file, extent="84810,84820,447510,447520 [EPSG:28992]", plan=written.PLAN)
    assert layer(result["areas"], "areas").featureCount() == 2
    with pytest.raises(QgsProcessingException, match=r"has no plan NL\.IMRO\.1"):
        run(file=file, plan="NL.IMRO.1")
    with pytest.raises(QgsProcessingException, match=r"plan\.gml has no areas with rules here"):
        run(file=file, extent="10000,10001,400000,400001 [EPSG:28992]")


@pytest.mark.parametrize(("service", "count"), [(0, 7), (1, 5)])
def test_services_are_asked_with_the_key_and_it_stays_secret(run, state, authentication, plan_server, service, count):
    result, log = run(service=service, extent=EXTENT, authentication=authentication)
    assert layer(result["areas"], "areas").featureCount() == count
    assert all(headers.get("x-api-key") == plan_server.KEY for _, _, headers, _ in state.asked)
    record = json.loads(open(result["record"]).read())
    assert plan_server.KEY not in json.dumps(record) + log
    assert network.cache().count() == 0  # what came with a key is not kept


@pytest.mark.parametrize("service", [0, 1])
def test_the_key_of_the_settings_is_the_default(run, state, authentication, service):
    settings.KEYS[service].keep(authentication)
    assert run(service=service, extent=EXTENT)[0]["norms"] > 0


def test_without_a_key_or_with_a_wrong_one_a_sentence_says_what_to_do(run, state):
    with pytest.raises(QgsProcessingException, match="wants a key that it knows .HTTP 401.*API header"):
        run(extent=EXTENT)
    with pytest.raises(QgsProcessingException, match="configuration abcdefg cannot be used"):
        run(extent=EXTENT, authentication="abcdefg")


def test_neither_a_file_nor_an_area(run, state):
    with pytest.raises(QgsProcessingException, match="Neither an area nor a plan"):
        run()


def test_labels_tell_each_quantity(run, tmp_path, qgis_app):
    """Also a distance, a value with a quote, and a number that floats would write with sixteen digits."""
    pairs = (("minimum afstand tot de perceelgrens (m)", "3"), ("maximum bouwhoogte (m)", "'s avonds"),
             ("maximum goothoogte (m)", "6,35"))  # fmt: skip
    body = written.area("Maatvoering", "a", "x", written.surface(84700, 447500, 9), written.norms(*pairs))
    (tmp_path / "plan.gml").write_bytes(written.imro(body + written.plan_area()))
    result, _ = run(file=str(tmp_path / "plan.gml"))
    text = "min 3 m to the boundary\nread: 's avonds\neaves max 6.35 m"
    assert labels(layer(result["areas"], "areas")) == {"NL.IMRO.a.1": text}


def test_load_area_takes_the_norms_along_with_the_key_of_the_settings(state, context, authentication, tmp_path):
    from processing_algorithms.loadarea import LoadArea

    for setting in settings.KEYS:
        setting.keep(authentication)
    target = tmp_path / "area.gpkg"
    parameters = {"extent": EXTENT, "products": "zoning,environmentplans", "geopackage": str(target)}
    result, ok = LoadArea().create().run(parameters, context, QgsProcessingFeedback(), {}, False)
    assert ok and (result["loaded"], result["failed"]) == (2, 0)
    assert layer(target, "zoning_areas").featureCount() == 7 and layer(target, "zoning_plans").featureCount() == 1
    assert layer(target, "environmentplans_areas").featureCount() == 5
    findings = [row["code"] for row in layer(target, "quality").getFeatures()] if result.get("quality") else []
    assert findings == []  # norms of one area lie on top of each other, and should


def test_load_area_says_what_a_service_without_a_key_said(state, context, tmp_path):
    from processing_algorithms.loadarea import LoadArea

    feedback = QgsProcessingFeedback()
    parameters = {"extent": EXTENT, "products": "zoning", "geopackage": str(tmp_path / "area.gpkg")}
    with pytest.raises(QgsProcessingException):
        LoadArea().create().run(parameters, context, feedback, {}, False)
    assert "wants a key that it knows" in feedback.textLog()


def test_what_is_loaded_is_what_the_plan_check_tests(run, provider, context, tmp_path, root):
    """Three blocks on flat ground: too high in its building area, on a norm in words, and outside of all."""
    from dtwin_plugin.data import Features, Geometries, Grid
    from dtwin_plugin.data.columns import column
    from dtwin_plugin.layers.write import write_features
    from dtwin_plugin.progress import Silent
    from dtwin_plugin.sources.raster_write import write_cog

    def square(x, y, size):
        return [[[(x, y), (x + size, y), (x + size, y + size), (x, y + size), (x, y)]]]

    shapes = Geometries.build(
        "polygon", [square(84735, 447505, 12), square(84885, 447505, 12), square(84640, 447600, 9)]
    )
    columns = {"id": column(["high", "words", "outside"]), "height": np.array([12.0, 7.0, 5.0])}
    write_features(Features(shapes, columns), tmp_path / "design.gpkg", "design", Silent())
    write_cog(Grid(np.zeros((400, 600)), 84_500, 447_800, 1.0, unit="m"), tmp_path / "terrain.tif")
    (tmp_path / "plan.gml").write_bytes(written.imro())
    loaded, _ = run(file=str(tmp_path / "plan.gml"))
    given = {
        "rules": str(root / "resources" / "plan" / "rules.json"), "plan": str(tmp_path / "design.gpkg"),
        "areas": loaded["areas"], "terrain": str(tmp_path / "terrain.tif"),
        **{name: str(tmp_path / f"{name}.gpkg") for name in ("outcomes", "objects", "violations", "summary")},
    }  # fmt: skip
    algorithm = provider.algorithm("plancheck").create()
    result, ok = algorithm.run(given, context, QgsProcessingFeedback(), {}, False)
    rows = list(QgsVectorLayer(result["outcomes"], "outcomes", "ogr").getFeatures()) if ok else []
    found = {(row["object"], row["rule"].rpartition(" ")[2]): row["outcome"] for row in rows}
    assert found["high", "NL.IMRO.mv1.2"] == "non_compliant"  # 12 m where 11 m is allowed
    assert found["words", "NL.IMRO.mv3.2"] == "review_required"  # "9 (excl. kap)"
    assert found["high", "NL.IMRO.mv3.2"] == "not_applicable"
    assert [found[name, "bouwvlak"] for name in ("high", "words", "outside")] == [
        "compliant", "non_compliant", "non_compliant"]  # fmt: skip
