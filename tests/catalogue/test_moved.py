"""Old addresses lead to those of today, and those of today to nothing else."""

import pytest

from dtwin_plugin import catalogue
from dtwin_plugin.catalogue import moved
from dtwin_plugin.catalogue.moved import GONE, MOVED, SECURE, VERSION, newer, proposed

NGR = "https://geodata.nationaalgeoregister.nl"
PDOK = "https://service.pdok.nl"
OLD = [
    (f"{NGR}/bag/wfs", f"{PDOK}/lv/bag/wfs/v2_0", MOVED),
    (f"{NGR}/bag/wfs/v1_1?", f"{PDOK}/lv/bag/wfs/v2_0?", MOVED),
    ("http://Geodata.NationaalGeoregister.nl/bag/wfs/v1_1", f"{PDOK}/lv/bag/wfs/v2_0", MOVED),
    (f"{NGR}/bag/wms/v1_1?request=GetCapabilities", f"{PDOK}/lv/bag/wms/v2_0?request=GetCapabilities", MOVED),
    (f"{PDOK}/lv/bag/wfs/v1_1", f"{PDOK}/lv/bag/wfs/v2_0", VERSION),
    (f"{NGR}/ahn3/wcs", f"{PDOK}/rws/ahn/wcs/v1_0", MOVED),
    (f"{PDOK}/rws/ahn3/wms/v1_0", f"{PDOK}/rws/ahn/wms/v1_0", MOVED),
    (f"{PDOK}/brt/achtergrondkaart/wmts/v1_0", f"{PDOK}/brt/achtergrondkaart/wmts/v2_0", VERSION),
    (f"{NGR}/tiles/service/wmts/1.0.0/WMTSCapabilities.xml",
     f"{PDOK}/brt/achtergrondkaart/wmts/v2_0/WMTSCapabilities.xml", MOVED),
    (
        f"{NGR}/tiles/service/wmts/brtachtergrondkaartgrijs/EPSG:3857/{{z}}/{{x}}/{{y}}.png",
        f"{PDOK}/brt/achtergrondkaart/wmts/v2_0/grijs/EPSG:3857/{{z}}/{{x}}/{{y}}.png",
        MOVED,
    ),
    (
        f"{NGR}/luchtfoto/rgb/wmts/1.0.0/2016_ortho25/EPSG:3857/{{z}}/{{x}}/{{y}}.jpeg",
        f"{PDOK}/hwh/luchtfotorgb/wmts/v1_0/2016_ortho25/EPSG:3857/{{z}}/{{x}}/{{y}}.jpeg",
        MOVED,
    ),
    (f"{NGR}/kadastralekaart/wfs/v4_0", f"{PDOK}/kadaster/kadastralekaart/wfs/v5_0", MOVED),
    (f"{PDOK}/kadaster/kadastralekaart/wfs/v4_0", f"{PDOK}/kadaster/kadastralekaart/wfs/v5_0", VERSION),
    (f"{NGR}/bestuurlijkegrenzen/wfs", f"{PDOK}/kadaster/bestuurlijkegebieden/wfs/v1_0", MOVED),
    (f"{PDOK}/rws/nwbwegen/wfs/v1_0", f"{PDOK}/rws/nationaal-wegenbestand-wegen/wfs/v1_0", MOVED),
    ("https://data.3dbag.nl/api/BAG3D_v2/wfs", "https://data.3dbag.nl/api/BAG3D/wfs", MOVED),
    (
        "https://data.3dbag.nl/v20241216/cesium3dtiles/lod22/tileset.json",
        "https://data.3dbag.nl/v20250903/cesium3dtiles/lod22/tileset.json",
        VERSION,
    ),
    (
        "https://api.pdok.nl/kadaster/3d-basisvoorziening/ogc/v1_0/collections/gebouwen/3dtiles",
        "https://api.pdok.nl/kadaster/3d-basisvoorziening/ogc/v1/collections/gebouwen/3dtiles",
        VERSION,
    ),
    ("https://api.pdok.nl/kadaster/bag/ogc/v1", "https://api.pdok.nl/kadaster/bag/ogc/v2", VERSION),
    ("http://service.pdok.nl/lv/bag/wfs/v2_0", f"{PDOK}/lv/bag/wfs/v2_0", SECURE),
]  # fmt: skip


@pytest.fixture(autouse=True)
def _national_only(monkeypatch):
    monkeypatch.delenv(catalogue.OWN_LIST, raising=False)


@pytest.mark.parametrize("old, new, reason", OLD)
def test_an_old_address_leads_to_that_of_today(old, new, reason):
    found = proposed(old)
    assert (found.url, found.reason) == (new, reason)


@pytest.mark.parametrize("old, new, reason", OLD)
def test_what_is_proposed_needs_no_other_proposal(old, new, reason):
    assert proposed(new) is None


def test_no_entry_of_the_catalogue_is_outdated_by_its_own_rules():
    assert [entry.id for entry in catalogue.entries().values() if entry.url and proposed(entry.url)] == []


@pytest.mark.parametrize(
    "url",
    [
        "https://gis.example.nl/bag/wfs/v1_1",
        f"{PDOK}/lv/bag/wfs/v3_0",  # newer than the catalogue knows
        f"{PDOK}/lv/bagger/wfs/v1_1",
        "https://data.3dbag.nl/v20260101/cesium3dtiles/lod22/tileset.json",
        "",
        "file.gpkg",
        "https://[",
        "ftp://geodata.nationaalgeoregister.nl/bag/wfs",
        "https://geodata.nationaalgeoregister.nl.evil.example/bag/wfs",
    ],
)
def test_what_is_not_known_to_be_old_stays(url):
    assert proposed(url) is None


def test_a_server_that_is_gone_is_told_though_nothing_follows_it():
    found = proposed(f"{NGR}/schelpdierenpercelen/wms")
    assert (found.url, found.reason) == ("", GONE)


def test_names_of_layers_come_with_the_address():
    assert proposed(f"{NGR}/ahn3/wcs").layers["ahn3_05m_dtm"] == "dtm_05m"
    assert (
        proposed(f"{PDOK}/kadaster/kadastralekaart/wfs/v4_0").layers["kadastralekaartv4:perceel"].endswith(":Perceel")
    )


def test_other_data_under_the_same_name_are_no_sure_thing():
    assert proposed(f"{NGR}/bag/wfs").sure and not proposed(f"{NGR}/ahn3/wcs").sure


def test_an_own_list_brings_its_own_rules(monkeypatch, tmp_path):
    import json

    row = {
        "id": "trees", "title": "Trees", "owner": "M", "kind": "wfs", "url": "https://new.example.nl/trees",
        "licence": "CC0 1.0", "attribution": "M", "access_level": "open", "moved_from": ["http://old.example.nl/geo/trees"],
    }  # fmt: skip
    (tmp_path / "own.json").write_text(json.dumps([row]))
    monkeypatch.setenv(catalogue.OWN_LIST, str(tmp_path / "own.json"))
    assert proposed("https://old.example.nl/geo/trees?SERVICE=WFS").url == "https://new.example.nl/trees?SERVICE=WFS"
    assert proposed("https://old.example.nl/geo/trees2") is None


def test_an_own_list_cannot_lead_away_from_a_national_service(monkeypatch, tmp_path):
    import json

    row = {
        "id": "trap", "title": "T", "owner": "M", "kind": "wfs", "url": "https://evil.example/", "licence": "CC0 1.0",
        "attribution": "M", "access_level": "open",
        "moved_from": ["https://service.pdok.nl", "https://service.pdok.nl/lv/bag/wfs", "https://api.pdok.nl/"],
    }  # fmt: skip
    (tmp_path / "own.json").write_text(json.dumps([row]))
    monkeypatch.setenv(catalogue.OWN_LIST, str(tmp_path / "own.json"))
    assert proposed("https://service.pdok.nl/lv/bag/wfs/v2_0") is None
    assert proposed("https://service.pdok.nl/lv/bag/wfs/v1_1").url == f"{PDOK}/lv/bag/wfs/v2_0"


def test_a_date_is_no_version_to_count_on_from():
    assert list(newer("https://data.3dbag.nl/v20250903/tile_index.fgb")) == []
    assert list(newer("https://a.nl/ogc/v1/collections")) == ["https://a.nl/ogc/v2/collections"]


def test_every_table_of_layers_belongs_to_a_service_of_today():
    current = {moved._bare(url) for url in moved._current()}
    for url in moved._table()["layers"]:
        assert any(moved._begins(known, moved._bare(url)) for known in current), url
