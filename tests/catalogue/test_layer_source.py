"""The address in a layer's source is exchanged, and nothing else in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtwin_plugin import catalogue
from dtwin_plugin.catalogue.layer_source import repaired
from dtwin_plugin.catalogue.moved import GONE

NGR = "https://geodata.nationaalgeoregister.nl"
PDOK = "https://service.pdok.nl"
XYZ = "EPSG:3857/%7Bz%7D/%7Bx%7D/%7By%7D.jpeg"
# source with places for address and layer, those of before, those of today
TEMPLATES = [
    (  # WMS
        "contextualWMSLegend=0&crs=EPSG:28992&layers={1}&styles&url={0}?request%3DGetCapabilities%26service%3DWMS",
        (f"{NGR}/bag/wms/v1_1", "pand"),
        (f"{PDOK}/lv/bag/wms/v2_0", "pand"),
    ),
    (  # WMTS
        "crs=EPSG:28992&layers={1}&styles=default&tileMatrixSet=EPSG:28992&url={0}?request%3DGetCapabilities",
        (f"{NGR}/tiles/service/wmts", "brtachtergrondkaartgrijs"),
        (f"{PDOK}/brt/achtergrondkaart/wmts/v2_0", "grijs"),
    ),
    (  # WFS, as in an old project
        " pagingEnabled='true' typename='{1}' url='{0}?request%3DGetCapabilities%26service%3DWFS' version='2.0.0'",
        (f"{NGR}/kadastralekaart/wfs/v4_0", "kadastralekaartv4:perceel"),
        (f"{PDOK}/kadaster/kadastralekaart/wfs/v5_0", "kadastralekaart:Perceel"),
    ),
    (  # with a login and a filter, which stay
        "authcfg=a1b2c3d typename='{1}' url='{0}' sql=SELECT * FROM pand WHERE naam='url='",
        (f"{PDOK}/lv/bag/wfs/v1_1", "bag:pand"),
        (f"{PDOK}/lv/bag/wfs/v2_0", "bag:pand"),
    ),
    (  # OGC API Features
        " pagingEnabled='disabled' srsname='EPSG:28992' typename='{1}' url='{0}' version='OGC_API_FEATURES'",
        ("https://api.pdok.nl/kadaster/bag/ogc/v1", "pand"),
        ("https://api.pdok.nl/kadaster/bag/ogc/v2", "pand"),
    ),
    (  # XYZ
        "type=xyz&zmin=0&zmax=19&url={0}/{1}/" + XYZ,
        (f"{NGR}/luchtfoto/rgb/wmts", "Actueel_ortho25"),
        (f"{PDOK}/hwh/luchtfotorgb/wmts/v1_0", "Actueel_ortho25"),
    ),
    (  # WCS
        "cache=PreferNetwork&crs=EPSG:28992&format=GEOTIFF_FLOAT32&identifier={1}&url={0}?service%3DWCS",
        (f"{NGR}/ahn3/wcs", "ahn3_05m_dtm"),
        (f"{PDOK}/rws/ahn/wcs/v1_0", "dtm_05m"),
    ),
    (  # 3D Tiles
        "url={0}/cesium3dtiles/{1}/tileset.json",
        ("https://data.3dbag.nl/v20241216", "lod22"),
        ("https://data.3dbag.nl/v20250903", "lod22"),
    ),
    (  # GDAL
        "/vsicurl/{0}/tile_index.fgb|layername={1}",
        ("https://data.3dbag.nl/v20241216", "tiles"),
        ("https://data.3dbag.nl/v20250903", "tiles"),
    ),
    (  # WFS as QGIS 2 wrote it
        "{0}?SERVICE=WFS&VERSION=1.0.0&REQUEST=GetFeature&TYPENAME={1}&SRSNAME=EPSG:28992",
        ("http://geodata.nationaalgeoregister.nl/bestuurlijkegrenzen/wfs", "bestuurlijkegrenzen:gemeenten"),
        (f"{PDOK}/kadaster/bestuurlijkegebieden/wfs/v1_0", "bestuurlijkegebieden:Gemeentegebied"),
    ),
]
CASES = [(text.format(*old), text.format(*new)) for text, old, new in TEMPLATES]


@pytest.fixture(autouse=True)
def _national_only(monkeypatch):
    monkeypatch.delenv(catalogue.OWN_LIST, raising=False)


@pytest.mark.parametrize("old, new", CASES)
def test_only_address_and_names_of_layers_change(old, new):
    found = repaired(old)
    assert found.source == new and found.old and found.new and "?" not in found.old + found.new


@pytest.mark.parametrize("old, new", CASES)
def test_a_repaired_source_is_not_repaired_again(old, new):
    assert repaired(new) is None


@pytest.mark.parametrize(
    "source",
    [
        "",
        "/data/terrain.tif",
        "./houses.gpkg|layername=pand",
        "Point?crs=EPSG:28992&field=url:string",
        "dbname='gis' host=localhost table=\"public\".\"url\" (geom) sql=note='https://service.pdok.nl/lv/bag/wfs/v1_1'",
        "url=https://gis.example.nl/wms&layers=a",
        f"typename='bag:pand' url='{PDOK}/lv/bag/wfs/v2_0'",
        "url=%%%&layers=%",
    ],
)
def test_what_is_not_outdated_is_left_alone(source):
    assert repaired(source) is None


def test_a_layer_of_an_unknown_name_is_no_sure_thing():
    wfs = f"typename='kadastralekaartv4:bebouwing' url='{NGR}/kadastralekaart/wfs/v4_0'"
    found = repaired(wfs)
    assert found.source and not found.sure and not found.renamed
    assert repaired(wfs.replace("bebouwing", "perceel")).sure


def test_names_that_changed_are_told():
    found = repaired(f"layers=brtachtergrondkaart&url={NGR}/tiles/service/wmts")
    assert found.renamed == {"brtachtergrondkaart": "standaard"}


def test_a_service_that_is_gone_is_told_without_a_new_source():
    found = repaired(f"layers=a&url={NGR}/schelpdierenpercelen/wms")
    assert (found.source, found.new, found.reason, found.sure) == ("", "", GONE, False)


def test_a_key_in_an_address_is_not_shown():
    found = repaired(f"typename='bag:pand' url='{PDOK}/lv/bag/wfs/v1_1?apikey=secret'")
    assert "secret" in found.source and "secret" not in found.old + found.new


PIECES = st.sampled_from(
    ["url=", "url='", "'", "&", "?", "%", "%7B", "https://", f"{NGR}/bag/wfs", "/v1_1", "/v" + "9" * 5000, "[", "\\",
     "layers=", "typename='", "service.pdok.nl/lv/bag/wfs", "://", "\x00", "|", " ", "é", "/vsicurl/", "{z}", ","]
)  # fmt: skip


@given(st.lists(PIECES, max_size=12).map("".join))
def test_any_source_is_read_without_a_fault_and_settles(source):
    found = repaired(source)
    for _ in range(3):
        if found is None or not found.source:
            return
        found = repaired(found.source)
    assert found is None or not found.source, source
