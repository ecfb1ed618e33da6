"""Soundings, boreholes, wells and levels as a person loads them: from files of all kinds together, and from the BRO."""

import json
import sqlite3
import zipfile
from collections import Counter
from contextlib import ExitStack, closing

import numpy as np
import pytest
from qgis.core import QgsProcessingException, QgsProcessingFeatureSource, QgsProcessingFeedback, QgsVectorLayer
from qgis.PyQt.QtCore import Qt

from dtwin_plugin.catalogue.reading import national_entries
from dtwin_plugin.data import Extent, Features, Geometries, Grid
from dtwin_plugin.layers import network, styles3d
from dtwin_plugin.layers.styles_logs import KINDS
from dtwin_plugin.layers.voxels import voxels_of
from dtwin_plugin.layers.write import write_features
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources.bro.area import degrees
from dtwin_plugin.sources.geotop import GeotopSource, joined
from dtwin_plugin.sources.raster_write import write_cog
from processing_algorithms.loadarea import LoadArea

OUTPUTS = (
    "sites", "sticks", "columns", "curve", "screens", "series", "samples", "areas", "lines", "counts", "findings",
)  # fmt: skip
AREA = "84000,84500,447000,447500 [EPSG:28992]"
CPT, BORE = "geolib_plus/CPT000000217393_IMBRO.gef", "pygef/BHR000000336600.xml"


@pytest.fixture(autouse=True)
def ready(qgis_app):
    styles3d.initialise()


def run(provider, name, context, made_in, **parameters):
    feedback = QgsProcessingFeedback()
    outputs = {output: str(made_in / f"{output}.gpkg") for output in OUTPUTS}
    result, ok = provider.algorithm(name).create().run({**outputs, **parameters}, context, feedback, {}, False)
    assert ok, feedback.textLog()
    return result, feedback.textLog()


def refusal(provider, name, context, made_in, **parameters):
    outputs = {output: str(made_in / f"{output}.gpkg") for output in OUTPUTS}
    with pytest.raises(QgsProcessingException) as found:
        provider.algorithm(name).create().run({**outputs, **parameters}, context, QgsProcessingFeedback(), {}, False)
    return str(found.value)


def rows(result, name):
    layer = QgsVectorLayer(result[name], name, "ogr")
    assert layer.isValid(), name
    return list(layer.getFeatures())


def test_a_folder_of_all_formats_loads_and_what_is_broken_stops_nothing(provider, context, shared, tmp_path):
    """Every file of the folder is a row of the findings or objects on the map."""
    result, log = run(provider, "loadlogs", context, tmp_path, folder=str(shared / "subsurface"))
    counts = {row["kind"]: (row["sites"], row["rows"]) for row in rows(result, "counts")}
    assert counts["levels"][1] == 4124 and counts["samples"] == (1, 13) and counts["well"] == (1, 1)
    assert counts["cpt"][0] == 134 and counts["borehole"][0] == 78
    assert result["count"] == len(rows(result, "sites")) == sum(sites for sites, _ in counts.values())
    found = {row["about"] for row in rows(result, "findings")}
    assert {"Exception_NoCoord.gef", "Exception_NoTip.gef", "test_borehole_table.csv"} <= found
    assert "Exception_NoTip.gef is left out: Exception_NoTip.gef has no column with the cone resistance" in log
    assert result["refused"] == 7 and result["without_surface"] == 3
    numbers = {row["number"]: row["kind"] for row in rows(result, "sites")}
    assert len(numbers) == result["count"]
    for name, kinds in (
        ("curve", {"cpt"}),
        ("series", {"levels"}),
        ("screens", {"well", "levels"}),
        ("samples", {"samples"}),
    ):
        assert {numbers[row["number"]] for row in rows(result, name)} == kinds, name
    assert {numbers[row["number"]] for row in rows(result, "sticks")} == {"cpt", "borehole"}


def test_a_test_is_the_same_from_gef_and_xml(provider, context, shared, tmp_path):
    made = {}
    for ending in (".xml", "_IMBRO.gef"):
        folder = tmp_path / ending.strip("._")
        folder.mkdir()
        source = shared / "subsurface" / "geolib_plus" / f"CPT000000217393{ending}"
        result, _ = run(provider, "loadlogs", context, folder, file=str(source))
        made[ending] = [(row["height"], row["cone_resistance"], row["zone"]) for row in rows(result, "curve")]
        (site,) = rows(result, "sites")
        assert (site["kind"], site["surface"]) == ("cpt", pytest.approx(-0.824))
    one, other = made.values()
    assert len(one) == len(other) == 1261
    assert max(abs(a[0] - b[0]) for a, b in zip(one, other)) < 0.011  # 2 and 3 decimals
    assert sum(a[2] == b[2] for a, b in zip(one, other)) > 0.99 * len(one)


def test_a_zip_with_several_formats_is_read_whole(provider, context, shared, tmp_path):
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for name in (CPT, BORE, "hydropandas/B33F0080001_1.csv"):
            archive.write(shared / "subsurface" / name, name.rpartition("/")[2])
        archive.writestr("readme.pdf", b"%PDF-1.4")
    result, _ = run(provider, "loadlogs", context, tmp_path, file=str(tmp_path / "all.zip"))
    assert Counter(row["kind"] for row in rows(result, "sites")) == {"cpt": 1, "borehole": 1, "levels": 1}
    assert result["refused"] == 0


def test_a_terrain_gives_the_surface_that_a_file_does_not_tell(provider, context, shared, tmp_path):
    source = shared / "subsurface" / "geolib_plus" / "Exception_NoNAP.gef"
    result, log = run(provider, "loadlogs", context, tmp_path, file=str(source))
    assert result["without_surface"] == 1 and not result.get("sticks") and "Give a terrain" in log
    (site,) = rows(result, "sites")
    place = site.geometry().asMultiPoint()[0]
    write_cog(Grid(np.full((20, 20), 1.25), place.x() - 10, place.y() + 10, 1.0, unit="m"), tmp_path / "g.tif")
    result, _ = run(provider, "loadlogs", context, tmp_path, file=str(source), ground=str(tmp_path / "g.tif"))
    (site,) = rows(result, "sites")
    assert (site["surface"], site["surface_from"], result["without_surface"]) == (1.25, "terrain", 0)
    assert all(row["height"] == pytest.approx(1.25 - row["depth"]) for row in rows(result, "curve"))


def test_what_lies_outside_the_area_is_left_out(provider, context, shared, tmp_path):
    source = str(shared / "subsurface" / "geost_usp" / "boreholes_usp.parquet")
    area = "139500,140000,454700,455400"
    result, _ = run(provider, "loadlogs", context, tmp_path, file=source, extent=f"{area} [EPSG:28992]")
    places = [row.geometry().asMultiPoint()[0] for row in rows(result, "sites")]
    assert 0 < len(places) < 67
    assert all(139_500 <= place.x() <= 140_000 and 454_700 <= place.y() <= 455_400 for place in places)
    sentence = refusal(provider, "loadlogs", context, tmp_path, file=source, extent="0,10,300000,300010 [EPSG:28992]")
    assert "has no objects for this area" in sentence


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("klic/Levering_22G0027001_1.zip", "is of the kind KLIC deliveries (IMKL). Load it with the algorithm"),
        ("subsurface/geost_usp/geotop_usp.nc", "is of the kind GeoTOP voxels"),
        ("subsurface/geolib_plus/Exception_NoTip.gef", "has no column with the cone resistance"),
    ],
)
def test_a_file_of_another_kind_is_refused_by_its_name(provider, context, shared, tmp_path, name, sentence):
    text = refusal(provider, "loadlogs", context, tmp_path, file=str(shared / name))
    assert sentence in text and name.rpartition("/")[2] in text


def test_nothing_and_an_empty_folder_are_told(provider, context, tmp_path):
    assert "Neither a file nor a folder" in refusal(provider, "loadlogs", context, tmp_path)
    (tmp_path / "empty").mkdir()
    text = refusal(provider, "loadlogs", context, tmp_path, folder=str(tmp_path / "empty"))
    assert text.startswith("empty holds no soundings")


def test_levels_move_through_time_and_are_coloured_by_their_depth(provider, context, shared, tmp_path):
    source = shared / "subsurface" / "hydropandas" / "B33F0080001_1.csv"
    result, _ = run(provider, "loadlogs", context, tmp_path, file=str(source))
    layer = QgsVectorLayer(result["series"], "series", "ogr")
    layer.loadDefaultStyle()
    times = layer.temporalProperties()
    assert times.isActive() and times.startField() == "time" and layer.featureCount() == 3988
    first = next(layer.getFeatures())["time"]
    assert first.timeSpec() == Qt.TimeSpec.UTC or first.offsetFromUtc() == 0
    rules = layer.renderer().rootRule().children()
    held = [sum(1 for _ in layer.getFeatures(rule.filterExpression())) for rule in rules]
    assert sum(held) == 3988 and sum(count > 0 for count in held) > 1


@pytest.fixture
def bro(bro_server, tmp_path, monkeypatch):
    """Tests, a well with its levels, on three services that the catalogue names."""

    def name(kind, number):
        return f"{kind}{number:012d}"

    tests = {name("CPT", n): (84_010 + 20 * n, 447_010) for n in range(12)}
    well, series = name("GMW", 1), name("GLD", 1)
    points = [(f"2020-01-{day:02d}T12:00:00+01:00", f"{-0.5 - 0.01 * day:.2f}") for day in range(1, 11)]
    found_at = (84_100, 447_100)
    bodies = {
        "cpt": {key: (*xy, bro_server.cpt(key, *xy, rows=100)) for key, xy in tests.items()},
        "gmw": {well: (*found_at, bro_server.well(well, *found_at))},
        "gld": {series: (*found_at, bro_server.levels(series, well, points))},
    }
    states, rows_of_list = {}, []
    with ExitStack() as opened:
        for kind, objects in bodies.items():
            state = states[kind] = opened.enter_context(bro_server.serve(bro_server.Bro(objects, degrees)))
            state.wells = {key: body for key, (_, _, body) in bodies["gmw"].items()}
            path = "/sr/cpt/v1" if kind == "cpt" else f"/gm/{kind}/v1"
            rows_of_list.append({**national_entries()[f"bro-{kind}"].as_row(), "url": state.url + path})
        (tmp_path / "own.json").write_text(json.dumps(rows_of_list))
        monkeypatch.setenv("DTWIN_CATALOGUE", str(tmp_path / "own.json"))
        monkeypatch.setattr(network, "cache_folder", lambda: tmp_path / "cache")
        monkeypatch.setattr(network, "PAUSE", 0.01)
        yield states


def test_the_bro_is_loaded_by_area_and_kind(provider, context, bro, tmp_path):
    result, log = run(provider, "loadbro", context, tmp_path, extent=AREA, kinds="cpt, gmw, gld")
    assert Counter(row["kind"] for row in rows(result, "sites")) == {"cpt": 12, "well": 1, "levels": 1}, log
    (screen,) = rows(result, "screens")
    assert (screen["z_max"], screen["z_min"], screen["tube"]) == (-1.0, -2.0, 1)
    levels = [row["level"] for row in rows(result, "series")]
    assert levels == [pytest.approx(-0.5 - 0.01 * day) for day in range(1, 11)]
    assert [row["depth"] for row in rows(result, "series")] == [pytest.approx(1.25 - level) for level in levels]
    places = {row["id"]: row.geometry().asMultiPoint()[0] for row in rows(result, "sites")}
    assert (places["GLD000000000001"].x(), places["GLD000000000001"].y()) == (84_100, 447_100)  # that of its well
    sites = QgsVectorLayer(result["sites"], "sites", "ogr")
    sites.loadDefaultStyle()
    labels = [category.label() for category in sites.renderer().categories()]
    assert labels == [KINDS[kind].label for kind in ("cpt", "well", "levels")]


def test_one_kind_that_fails_stops_no_other(provider, context, bro, bro_server, tmp_path):
    bro["gld"].search = lambda question: (400, bro_server.rejection("De periode is onjuist."))
    result, log = run(provider, "loadbro", context, tmp_path, extent=AREA, kinds="gld, cpt")
    assert result["refused"] == 1 and result["count"] == 12
    assert "GLD is left out" in log and "De periode is onjuist" in log
    bro["cpt"].broken["CPT000000000003"] = (200, b"<html>oops</html>")
    result, log = run(provider, "loadbro", context, tmp_path, extent=AREA, kinds="cpt")
    assert result["count"] == 11 and "CPT000000000003" in log


def test_a_kind_that_is_not_there_and_an_empty_area_are_told(provider, context, bro, tmp_path):
    assert "no objects 'xyz'" in refusal(provider, "loadbro", context, tmp_path, extent=AREA, kinds="xyz")
    far = "90000,90100,450000,450100 [EPSG:28992]"
    assert "The BRO has no objects" in refusal(provider, "loadbro", context, tmp_path, extent=far, kinds="cpt")


def test_products_of_the_ground_load_with_an_area(provider, context, bro, tmp_path):
    """Only sites count as objects, and only they are judged; the rows go along."""
    feedback = QgsProcessingFeedback()
    target = tmp_path / "area.gpkg"
    parameters = {"extent": AREA, "products": "cpts,groundwater", "geopackage": str(target)}
    result, ok = LoadArea().create().run(parameters, context, feedback, {}, False)
    assert ok and (result["loaded"], result["failed"]) == (2, 0), feedback.textLog()
    log = {row["product"]: row for row in QgsVectorLayer(result["log"], "log", "ogr").getFeatures()}
    assert log["Cone penetration tests (BRO)"]["objects"] == 12
    assert log["Groundwater wells and levels (BRO)"]["objects"] == 2
    judged = [row["layer"] for row in QgsVectorLayer(result["quality_summary"], "s", "ogr").getFeatures()]
    assert sorted(judged) == ["cpts/sites", "groundwater/sites"]
    curve = QgsVectorLayer(f"{target}|layername=cpts_curve", "curve", "ogr")
    assert curve.isValid() and curve.featureCount() == 1200
    series = QgsVectorLayer(f"{target}|layername=groundwater_series", "series", "ogr")
    series.loadDefaultStyle()
    assert series.featureCount() == 10 and series.temporalProperties().isActive()


def test_a_polygon_keeps_what_touches_it(provider, context, bro, tmp_path):
    target = tmp_path / "area.gpkg"
    triangle = [[[(84_000, 447_000), (84_125, 447_000), (84_000, 447_125), (84_000, 447_000)]]]
    write_features(Features(Geometries.build("polygon", [triangle])), tmp_path / "p.gpkg", "p", Silent())
    parameters = {"polygon": str(tmp_path / "p.gpkg"), "products": "cpts", "geopackage": str(target)}
    result, ok = LoadArea().create().run(parameters, context, QgsProcessingFeedback(), {}, False)
    assert ok and (result["loaded"], result["failed"]) == (1, 0)
    places = [row.geometry().asMultiPoint()[0] for row in
              QgsVectorLayer(f"{target}|layername=cpts_sites", "s", "ogr").getFeatures()]  # fmt: skip
    assert sorted(place.x() for place in places) == [84_010, 84_030, 84_050, 84_070, 84_090, 84_110]


@pytest.mark.parametrize("shape", ["extent", "polygon"])
def test_geotop_loads_with_an_area_and_stays_voxels(context, opendap_server, shared, tmp_path, monkeypatch, shape):
    """Models read the block of voxels from the file of the load as it came from the service."""
    file, target = shared / "subsurface" / "geost_usp" / "geotop_usp.nc", tmp_path / "area.gpkg"
    box = Extent(139_500, 454_700, 140_000, 455_200)
    state = opendap_server.Opendap(*opendap_server.of_file(file))
    with opendap_server.serve(state):
        row = {**national_entries()["geotop"].as_row(), "url": state.url}
        (tmp_path / "own.json").write_text(json.dumps([row]))
        monkeypatch.setenv("DTWIN_CATALOGUE", str(tmp_path / "own.json"))
        monkeypatch.setattr(network, "cache_folder", lambda: tmp_path / "cache")
        area = {"extent": "139500,140000,454700,455200 [EPSG:28992]"}
        if shape == "polygon":
            ring = [(139_500, 454_700), (140_000, 454_700), (139_500, 455_200), (139_500, 454_700)]
            write_features(Features(Geometries.build("polygon", [[[ring]]])), tmp_path / "p.gpkg", "p", Silent())
            area = {"polygon": str(tmp_path / "p.gpkg")}
        feedback = QgsProcessingFeedback()
        parameters = {**area, "products": "geotop", "geopackage": str(target)}
        result, ok = LoadArea().create().run(parameters, context, feedback, {}, False)
    assert ok and (result["loaded"], result["failed"]) == (1, 0), feedback.textLog()
    whole = joined(GeotopSource(file).read(box))
    layer = QgsVectorLayer(f"{target}|layername=geotop_voxels", "voxels", "ogr")
    (log,) = QgsVectorLayer(result["log"], "log", "ogr").getFeatures()
    assert layer.featureCount() == log["objects"] == (whole.classes >= 0).sum()
    source = QgsProcessingFeatureSource(layer, context)
    found = voxels_of(source, None, Silent(), layer)
    assert found.cell_size == whole.cell_size and found.classes.shape == whole.classes.shape
    assert Counter(found.classes[found.classes >= 0].tolist()) == Counter(whole.classes[whole.classes >= 0].tolist())
    with closing(sqlite3.connect(target)) as base:
        rows_of_it = base.execute("SELECT table_name FROM gpkg_extensions WHERE extension_name LIKE '%metadata'")
        assert len(set(rows_of_it := rows_of_it.fetchall())) == len(rows_of_it)
    styles = layer.listStylesInDatabase()[2]
    assert any("probability" in name for name in styles), styles
