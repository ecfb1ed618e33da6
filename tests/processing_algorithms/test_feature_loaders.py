"""The loaders of feature services as a person runs them, against a server that plays PDOK."""

import json

import pytest
from qgis.core import QgsProcessingException, QgsProcessingFeedback, QgsVectorLayer

from dtwin_plugin.layers import styles3d

AREA = "84000,84300,447000,447300 [EPSG:28992]"
BAG, BGT, TOP10NL, BRK, AREAS = "bag/ogc/v2", "bgt/ogc/v1", "top10nl/ogc/v1", "brk/ogc/v1", "gebieden/ogc/v1"
IDS = {
    "bag-ogcapi": BAG,
    "bgt-ogcapi": BGT,
    "top10nl-ogcapi": TOP10NL,
    "kadastrale-kaart": BRK,
    "bestuurlijke-gebieden": AREAS,
    "spoorwegen": "spoor/ogc/v1",
    "bag-wfs": f"{BAG}/wfs",
}


def services(server):
    line = {"type": "LineString", "coordinates": [[84_000, 447_100], [84_300, 447_110]]}
    point, square, feature = server.point, server.square, server.feature
    panden = [
        feature(n, square(84_010 + 20 * n, 447_010), identificatie=f"0503100000{n:06d}", bouwjaar=1970 + n)
        for n in range(12)
    ]
    adressen = [
        feature(n, point(84_014 + 20 * n, 447_014), identificatie=f"0503200000{n:06d}", huisnummer=n, huisletter=None)
        for n in range(24)
    ]
    trees = [
        feature(n, point(84_010 + 9 * n, 447_050), lokaal_id=f"B{n}", eind_registratie="2020-01-01" if n == 3 else None)
        for n in range(20)
    ]
    return {
        BAG: {"pand": panden, "adres": adressen, "verblijfsobject": adressen[:5]},
        BGT: {
            "vegetatieobject_punt": trees,
            "vegetatieobject_lijn": [feature("h", line, lokaal_id="H", plus_type="haag")],
            "paal": [feature("p", point(84_020, 447_020), lokaal_id="P")],
            "bord": [feature("b", point(84_030, 447_020), lokaal_id="S")],
        },
        TOP10NL: {
            "gebouw_vlak": [feature(1, square(84_050, 447_050), hoogteniveau=0)],
            "waterdeel_vlak": [feature(2, square(84_040, 447_040, 50), hoogteniveau=-1)],
            "terrein_vlak": [feature(3, square(84_000, 447_000, 200), hoogteniveau=0)],
            "wegdeel_hartlijn": [feature(4, line, naam="Dorpsstraat")],
            "registratief_gebied_vlak": [feature(5, square(80_000, 440_000, 9000))],
        },
        BRK: {"perceel": [feature(1, square(84_000, 447_000, 90), sectie="A", perceelnummer=123, identificatie="1")]},
        AREAS: {"gemeentegebied": [feature(1, square(80_000, 440_000, 9000), naam="Delft", identificatie="GM0503")]},
        "spoor/ogc/v1": {"as": [feature(1, line, naam="spoor")], "station": [feature(2, point(84_100, 447_105))]},
    }


@pytest.fixture
def pdok(pdok_server, tmp_path, monkeypatch):
    """The national services on this machine, by an organisation's own list."""
    from dtwin_plugin.catalogue import entry

    with pdok_server.serve(pdok_server.Pdok(services(pdok_server))) as state:
        rows = []
        for identity, path in IDS.items():
            found = entry(identity)
            row = {name: getattr(found, name) for name in ("id", "title", "owner", "kind", "crs", "licence", "theme")}
            row |= {"attribution": found.attribution, "confirmed": True, "access_level": found.access_level}
            rows.append({**row, "url": state.address(path)})
        (tmp_path / "own.json").write_text(json.dumps(rows))
        monkeypatch.setenv("DTWIN_CATALOGUE", str(tmp_path / "own.json"))
        yield state


@pytest.fixture
def run(provider, context, pdok):
    def run_algorithm(name, **parameters):
        algorithm = provider.algorithm(name).create()
        result, _ = algorithm.run(parameters, context, QgsProcessingFeedback(), {}, False)
        return result

    return run_algorithm


def layer_of(path):
    layer = QgsVectorLayer(path, "layer", "ogr")
    assert layer.isValid() and layer.crs().authid() == "EPSG:28992"
    layer.loadDefaultStyle()
    return layer


def values(layer, field):
    return [feature[field] for feature in layer.getFeatures()]


def test_bag_gives_buildings_and_addresses_styled(run, tmp_path):
    result = run("loadbag", extent=AREA, buildings=str(tmp_path / "b.gpkg"), addresses=str(tmp_path / "a.gpkg"))
    assert (result["objects"], result["address_count"]) == (12, 15)  # the others lie east of the area
    buildings, addresses = layer_of(result["buildings"]), layer_of(result["addresses"])
    assert values(buildings, "identificatie")[0] == "0503100000000000" and values(buildings, "bouwjaar")[0] == 1970
    assert addresses.labelsEnabled() and "huisnummer" in addresses.labeling().settings().fieldName


@pytest.mark.parametrize("choice, count", [("verblijfsobject", 5), ("none", 0)])
def test_bag_addresses_may_be_units_or_none(run, tmp_path, choice, count):
    names = ["adres", "verblijfsobject", "none"]
    result = run("loadbag", extent=AREA, addresses_from=names.index(choice), buildings=str(tmp_path / "b.gpkg"))
    assert result["address_count"] == count


def test_top10nl_gives_a_map_drawn_by_level(run, tmp_path):
    paths = {name: str(tmp_path / f"{name}.gpkg") for name in ("lines", "polygons")}
    result = run("loadtop10nl", extent=AREA, **paths)
    assert result["objects"] == 4
    polygons = layer_of(result["polygons"])
    assert values(polygons, "thema") == ["waterdeel", "terrein", "gebouw"]
    assert polygons.renderer().type() == "categorizedSymbol"
    assert values(layer_of(result["lines"]), "collectie") == ["wegdeel_hartlijn"]


def test_a_theme_of_top10nl_alone(run, tmp_path):
    from processing_algorithms.loaders import LOADERS

    theme = list(LOADERS["loadtop10nl"].input("theme").choices).index("registratief_gebied")
    result = run("loadtop10nl", extent=AREA, theme=theme, polygons=str(tmp_path / "p.gpkg"))
    assert result["objects"] == 1


def test_parcels_have_their_number_as_a_label(run, tmp_path):
    layer = layer_of(run("loadparcels", extent=AREA, parcels=str(tmp_path / "p.gpkg"))["parcels"])
    settings = layer.labeling().settings()
    assert settings.fieldName == '"sectie" || \' \' || "perceelnummer"' and settings.minimumScale == 2500


def test_boundaries_come_whole_with_or_without_an_area(run, tmp_path):
    result = run("loadboundaries", boundaries=str(tmp_path / "b.gpkg"))
    layer = layer_of(result["boundaries"])
    assert values(layer, "identificatie") == ["GM0503"] and layer.extent().width() == 9000


def test_trees_stand_in_3d_and_what_has_ended_is_gone(run, tmp_path):
    paths = {name: str(tmp_path / f"{name}.gpkg") for name in ("trees", "rows", "furniture")}
    result = run("loadtrees", extent=AREA, **paths)
    assert (result["objects"], result["furniture_count"]) == (19, 2)
    styles3d.initialise()
    trees = QgsVectorLayer(result["trees"], "t", "ogr")
    assert trees.renderer3D().type() == "rulebased"
    assert "B3" not in values(trees, "lokaal_id")
    assert sorted(values(layer_of(result["furniture"]), "klasse")) == ["bord", "paal"]
    assert layer_of(result["rows"]).featureCount() == 1


def test_trees_may_come_from_a_service_of_ones_own(run, pdok, tmp_path):
    address = pdok.address(BGT) + "/wfs"
    result = run(
        "loadtrees", extent=AREA, source=address, collection="vegetatieobject_punt", with_furniture=False,
        trees=str(tmp_path / "t.gpkg"),
    )  # fmt: skip
    assert result["objects"] == 20 and layer_of(result["trees"]).featureCount() == 20


@pytest.mark.parametrize("source", ["spoorwegen", "address"])
def test_features_of_the_catalogue_or_an_address(run, pdok, tmp_path, source):
    source = pdok.address("spoor/ogc/v1") if source == "address" else source
    result = run("loadfeatures", extent=AREA, source=source, collection="as", lines=str(tmp_path / "l.gpkg"))
    assert result["objects"] == 1 and values(layer_of(result["lines"]), "naam") == ["spoor"]


@pytest.mark.parametrize("source", ["bag-wfs", "address"])
def test_features_of_a_wfs(run, pdok, tmp_path, source):
    source = pdok.address(BAG) + "/wfs?service=WFS" if source == "address" else source
    result = run("loadfeatures", extent=AREA, source=source, collection="pdok:pand", polygons=str(tmp_path / "p.gpkg"))
    assert result["objects"] == 12


def test_an_address_that_does_not_show_its_kind_is_asked(run, pdok, pdok_server, tmp_path):
    pdok.services["odd"] = {"boom": [pdok_server.feature(1, pdok_server.point(84_010, 447_010))]}
    result = run("loadfeatures", extent=AREA, source=pdok.address("odd"), points=str(tmp_path / "p.gpkg"))
    assert result["objects"] == 1
    with pytest.raises(QgsProcessingException, match="answers neither as an OGC API nor as a WFS"):
        run("loadfeatures", extent=AREA, source=pdok.url + "/nothing", points=str(tmp_path / "q.gpkg"))


@pytest.mark.parametrize(
    "parameters, match",
    [
        ({"source": "spoorwegen"}, "has 2 collections; which one is not said. Choose one of as, station"),
        ({"source": "spoorwegen", "collection": "wissel"}, "has no collection 'wissel'; it has as, station"),
        ({"source": "ahn-wcs"}, "is no service of features: it is wcs"),
        ({"source": "nonsense"}, "The catalogue has no source nonsense"),
    ],
)
def test_what_cannot_be_loaded_is_one_sentence_and_no_file(run, tmp_path, parameters, match):
    before = set(tmp_path.iterdir())
    with pytest.raises(QgsProcessingException, match=match):
        run("loadfeatures", extent=AREA, points=str(tmp_path / "p.gpkg"), **parameters)
    assert set(tmp_path.iterdir()) == before


def test_an_area_without_anything_is_one_sentence(run, tmp_path):
    with pytest.raises(QgsProcessingException, match="BAG has no objects for this area"):
        run("loadbag", extent="90000,90100,447000,447100 [EPSG:28992]", buildings=str(tmp_path / "b.gpkg"))
    assert not (tmp_path / "b.gpkg").exists()


def test_a_moment_is_asked_of_the_service(run, pdok, tmp_path):
    from qgis.PyQt.QtCore import QDateTime, Qt

    moment = QDateTime.fromString("2021-05-01T12:00:00Z", Qt.DateFormat.ISODate)
    run(
        "loadfeatures",
        extent=AREA,
        source="spoorwegen",
        collection="as",
        datetime=moment,
        lines=str(tmp_path / "l.gpkg"),
    )
    assert [query["datetime"] for path, query in pdok.asked if path.endswith("items")] == ["2021-05-01T12:00:00Z"]


def test_heights_of_some_pages_do_not_stop_the_others(run, pdok, pdok_server, tmp_path):
    deep = {"type": "Point", "coordinates": [84_020, 447_020, 1.5]}
    pdok.services["spoor/ogc/v1"]["station"] = [
        pdok_server.feature(n, pdok_server.point(84_010, 447_010) if n < 1000 else deep) for n in range(1001)
    ]
    result = run(
        "loadfeatures", extent=AREA, source="spoorwegen", collection="station", points=str(tmp_path / "p.gpkg")
    )
    assert result["objects"] == 1001
