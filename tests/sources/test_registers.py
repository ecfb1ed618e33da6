"""Base registers as files: the facts of real deliveries, history, and what is hostile."""

import datetime
import io
import time
import tracemalloc
import zipfile

import numpy as np
import pytest

from dtwin_plugin.data import Extent
from dtwin_plugin.errors import Cancelled, CrsError, DtwinError, FormatError, InputError, SourceError
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources.bgt_files import bgt_from_files
from dtwin_plugin.sources.describe_one import describe_one
from dtwin_plugin.sources.registers import RegisterSource
from dtwin_plugin.sources.registers.imgeo import class_of, column_of
from dtwin_plugin.sources.registry import SOURCES, find

FOLDER = "basisregistraties"
IMGEO = (
    '<CityModel xmlns:gml="http://www.opengis.net/gml" xmlns:imgeo="http://www.geostandaarden.nl/imgeo/2.1" '
    'xmlns="http://www.opengis.net/citygml/2.0" xmlns:tran="http://www.opengis.net/citygml/transportation/2.0">'
)
# Types, count and extent of the files, as the list of the data states them.
FACTS = [
    ("nlextract/bgt_pand-s.gml", {"BuildingPart": 99}, (116064.17, 476219.76, 119981.41, 479952.02)),
    ("nlextract/bgt_weginrichtingselement.gml", {"Weginrichtingselement": 12},
     (116455, 477216.16, 118303.34, 479257.45)),
    ("nlextract/0221VBO15092020-000001.xml", {"Verblijfsobject": 5}, (206289.49, 447359.37, 206335.7, 447529.84)),
    ("nlextract/pand.xml", {"Pand": 19}, (112109.83, 454594.38, 272695.92, 593504.64)),
    ("nlextract/verblijfsobject.xml", {"Verblijfsobject": 15}, (155000, 463000, 275691, 569752.34)),
    ("nlextract/kadastralekaart_perceel.gml", {"Perceel": 11}, (181149.58, 456442.61, 181250.7, 456750.2)),
    ("nlextract/kadastralekaart_kadastralegrens.gml", {"KadastraleGrens": 10},
     (181788.56, 456325.6, 181836.13, 456777.12)),
    (
        "nlextract/sample.zip",
        {"BuildingPart": 22, "OpenbareRuimteLabel": 10, "Perceel": 11, "Kwaliteit": 8, "KadastraleGrens": 10},
        (178748.77, 455981.12, 185054.74, 459515.89),
    ),
    ("bgt_set1/bgt_wegdeel.gml", {"TrafficArea": 983}, (139678.95, 465524.3, 142703.8, 469160.69)),
    ("bgt_set1/bgt_ondersteunendwegdeel.gml", {"AuxiliaryTrafficArea": 408},
     (139719.69, 465719.39, 141812.29, 468273.86)),
    ("bgt_set1/bgt_pand.gml", {"BuildingPart": 97}, (140044.84, 465992.12, 141724.95, 467962.53)),
    ("bgt_set1/bgt_waterdeel.gml", {"Waterdeel": 28}, (140342.38, 465809.85, 142069.37, 468134.75)),
    ("bgt_set1/bgt_onbegroeidterreindeel.gml", {"OnbegroeidTerreindeel": 171},
     (140106.19, 465982.77, 141567.21, 468102.33)),
    ("bgt_set1/bgt_scheiding.gml", {"Scheiding": 417}, (140400.3, 465590.36, 141476.99, 468629.04)),
    ("bgt_set1/bgt_put.gml", {"Put": 58}, (140082.12, 466279.22, 140782.98, 467762.21)),
    ("bgt_set1/bgt_paal.gml", {"Paal": 72}, (140000.55, 466146.98, 140571.59, 466789.23)),
    ("bgt_set1/bgt_overbruggingsdeel.gml", {"BridgeConstructionElement": 23},
     (140637.62, 466431.72, 141566.17, 467957.84)),
    ("bgt_set1/bgt_openbareruimtelabel.gml", {"OpenbareRuimteLabel": 32},
     (138593.72, 465611.02, 142429.83, 470002.03)),
    ("bgt_set1/bgt_spoor.gml", {"Railway": 2}, (138461.19, 459676.25, 141292.93, 469160.24)),
    ("bgt_set1/bgt_overigbouwwerk.gml", {"OverigBouwwerk": 31}, (140114.44, 466000.77, 141164.03, 467614.4)),
    ("bgt_set1/bgt_kast.gml", {}, None),
    ("rotterdam_bgt/bgt_overbruggingsdeel.gml", {"BridgeConstructionElement": 248},
     (96014.78, 434005.58, 100007.54, 436006.34)),
    ("rotterdam_bgt/bgt_waterdeel.gml", {"Waterdeel": 495}, (95571.43, 433373.55, 100320.57, 436727.13)),
    ("rotterdam_bgt/bgt_spoor.gml", {"Railway": 84}, (95872.23, 433967.12, 99109.73, 435860.07)),
    ("rotterdam_bgt/bgt_ondersteunendwaterdeel.gml", {"OndersteunendWaterdeel": 331},
     (95700.8, 433920.06, 100094.45, 436328.59)),
]  # fmt: skip


@pytest.mark.parametrize("name, types, extent", FACTS, ids=[row[0] for row in FACTS])
def test_the_facts_of_real_files(shared, name, types, extent):
    path = shared / FOLDER / name
    assert find(path) is SOURCES["registers"]
    info = RegisterSource(path).describe()
    assert info.facts["types"] == types and info.count == sum(types.values())
    if extent is None:
        assert info.extent is None and not list(RegisterSource(path).read())
        return
    # arcs bulge up to 8 cm beyond the points that the list was made from
    assert np.allclose(info.extent, extent, atol=0.1) and info.crs == "EPSG:28992"
    rows = sum(len(features) for features in RegisterSource(path).read())
    assert rows == info.count + info.facts["labels"] - info.facts["without_geometry"]


def test_top10nl_has_its_eleven_kinds(shared):
    info = RegisterSource(shared / FOLDER / "nlextract/TOP10NL_1_2_sample.gml").describe()
    assert info.count == 36 and len(info.facts["types"]) == 11 and info.facts["types"]["Relief"] == 6
    assert info.facts["root"] == "FeatureCollectionT10NL"
    assert np.allclose(info.extent, (10425.89, 306838.82, 278026.1, 621876.3), atol=0.01)


def test_a_zip_of_all_buildings_of_a_town_is_read_fast_and_in_little_memory(shared):
    path = shared / FOLDER / "nlextract/0221PND15092020.zip"
    begin = time.perf_counter()
    counts = [len(features) for features in RegisterSource(path, chunk=1000).read()]
    seconds = time.perf_counter() - begin
    assert sum(counts) == 13_098 and max(counts) == 1000
    assert seconds < 15  # about 1.4 s for 19.5 MB of GML on one core that is free
    tracemalloc.start()
    for _ in RegisterSource(path, chunk=1000).read():
        pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20e6
    info = RegisterSource(path, moment=datetime.date(2020, 9, 15)).describe()
    assert info.facts["layers"] == {"0221PND15092020-000001.xml": 10_000, "0221PND15092020-000002.xml": 3_098}
    current = RegisterSource(path, current_only=True, moment=datetime.date(2020, 9, 15))
    ids = np.concatenate([features.columns["identificatie"] for features in current.read()])
    assert len(ids) == len(set(ids)) == info.facts["current"]  # of each building one state holds on a day


def test_a_whole_extract_of_zips_in_zips(shared):
    info = RegisterSource(shared / FOLDER / "nlextract/BAGNLDL-15092020-small.zip").describe()
    types = info.facts["types"]
    assert (types["Pand"], types["Ligplaats"], types["Woonplaats"], types["Nummeraanduiding"]) == (6, 2, 1, 15)
    assert types["GemeenteWoonplaatsRelatie"] == 8504
    assert "BAG-Extract-Levering" in info.facts["root"] and any("no geometry" in text for text in info.warnings)


def test_every_file_of_the_folder_is_loaded_or_refused_in_a_sentence(shared):
    refused = []
    for path in sorted((shared / FOLDER).rglob("*")):
        if path.is_file() and path.suffix != ".zip":
            row = describe_one(path)
            refused += [] if row["status"] == "loaded" else [(path.name, row["message"])]
    assert [name for name, _ in refused] == ["rwc_gemeenten_compleet_4.json"]
    assert "list of values (JSON-LD) without geometries" in refused[0][1]


def test_columns_are_those_of_the_national_service(shared):
    (roads,) = RegisterSource(shared / FOLDER / "bgt_set1/bgt_wegdeel.gml").read()
    wanted = "klasse lokaal_id bronhouder functie fysiek_voorkomen plus_functie plus_fysiek_voorkomen bgt_status"
    wanted = {*wanted.split(), "relatieve_hoogteligging", "object_begin_tijd", "eind_registratie", "plus_status"}
    assert wanted <= set(roads.columns) and roads.name == "wegdeel"
    assert roads.columns["relatieve_hoogteligging"].tolist().count(1) == 12
    assert roads.columns["functie"].tolist().count("voetpad") == 232
    (poles,) = RegisterSource(shared / FOLDER / "bgt_set1/bgt_paal.gml").read()
    assert poles.columns["type"][0] == "niet-bgt" and poles.columns["plus_type"][0] == "lichtmast"


def test_house_numbers_and_crest_lines_are_classes_of_their_own(shared):
    path = shared / FOLDER / "bgt_set1/bgt_pand.gml"
    found = {features.name: features for features in RegisterSource(path).read()}
    numbers = found["pand_nummeraanduiding"]
    assert len(numbers) == 49 and numbers.geometries.kind == "point"
    assert all(isinstance(text, str) for text in numbers.columns["tekst"]) and numbers.columns["hoek"].dtype.kind == "f"
    assert [f.name for f in RegisterSource(path, labels=False).read()] == ["pand"]
    names = [f.name for f in RegisterSource(shared / FOLDER / "bgt_set1/bgt_ondersteunendwegdeel.gml").read()]
    assert names == ["ondersteunendwegdeel", "ondersteunendwegdeel_kruinlijn"]


def test_bgt_areas_of_arcs_are_what_gdal_makes_of_them(shared):
    """The area of each water part against that of GDAL, which has its own way to make arcs straight."""
    ogr = pytest.importorskip("osgeo.ogr")
    from lxml import etree

    path = shared / FOLDER / "rotterdam_bgt/bgt_waterdeel.gml"
    (ours,) = RegisterSource(path).read()
    root = etree.parse(str(path)).getroot()
    theirs = []
    for prop in root.iter("{*}geometrie2dWaterdeel"):
        theirs.append(ogr.CreateGeometryFromGML(etree.tostring(prop[0], encoding="unicode")).GetLinearGeometry(0.5))
    areas = [ogr.CreateGeometryFromWkb(ours.geometries.wkb(number)).GetArea() for number in range(len(ours))]
    assert len(theirs) == len(areas) == 495
    errors = [abs(a - g.GetArea()) / max(g.Boundary().Length(), 1) for a, g in zip(areas, theirs)]
    assert max(errors) < 0.01  # m: within a centimetre along the whole edge


def test_history_is_left_out_when_it_is_asked(shared):
    path = shared / FOLDER / "bgt_set1/bgt_wegdeel.gml"
    (now,) = RegisterSource(path, current_only=True).read()
    assert len(now) == 541 and "eind_registratie" not in now.columns
    (then,) = RegisterSource(path, current_only=True, moment=datetime.date(2018, 1, 1)).read()
    assert len(then) > 541


def test_an_area_is_cut_and_types_are_chosen(shared):
    source = RegisterSource(shared / FOLDER / "nlextract/sample.zip", types=["Perceel"])
    (parcels,) = source.read()
    assert len(parcels) == 11 and parcels.columns["perceelnummer"].tolist()[0] == 2298
    assert parcels.columns["akr_kadastrale_gemeente_code_waarde"][0] == "OTL02"
    box = parcels.take(np.array([0])).extent
    (few,) = source.read(box)
    assert 0 < len(few) < 11
    assert not list(source.read(Extent(0, 400_000, 1, 400_001)))
    with pytest.raises(InputError, match="has no spoor; it has"):
        list(RegisterSource(shared / FOLDER / "nlextract/sample.zip", types=["spoor"]).read())


def test_identifications_stay_texts_and_heights_of_zero_go(shared):
    (buildings,) = RegisterSource(shared / FOLDER / "nlextract/pand.xml").read()
    assert buildings.columns["identificatie"][0] == "0003100000117485" and not buildings.geometries.has_z
    assert buildings.crs == "EPSG:28992" and buildings.columns["oorspronkelijk_bouwjaar"].dtype.kind == "i"


@pytest.mark.parametrize("name, count", [("bgt_set1", 1614), ("delft_bgt", 582), ("rotterdam_bgt", 767)])
def test_a_bgt_folder_gives_all_its_classes(shared, name, count):
    found = list(bgt_from_files(shared / FOLDER / name, None))
    assert sum(len(features) for _, features in found) == count
    for klasse, features in found:
        assert features.columns["klasse"][0] == klasse == features.name
        assert {"bronhouder", "lokaal_id"} <= set(features.columns) or name == "delft_bgt"


def write(tmp_path, text, name="a.gml"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def road(inner="", points="0 0 1 0 1 1 0 0", srs="EPSG:28992"):
    moved = " ".join(str(float(v) + (84_000, 447_000)[n % 2]) for n, v in enumerate(points.split())) if points else ""
    return (
        f"<cityObjectMember><tran:TrafficArea>{inner}<tran:function>fietspad</tran:function><imgeo:geometrie2dWegdeel>"
        f"<gml:Polygon srsName='{srs}'><gml:exterior><gml:LinearRing><gml:posList>{moved}</gml:posList>"
        "</gml:LinearRing></gml:exterior></gml:Polygon></imgeo:geometrie2dWegdeel></tran:TrafficArea></cityObjectMember>"
    )


def test_a_small_file_of_ones_own(tmp_path):
    ended = "<imgeo:eindRegistratie>2001-02-03T04:05:06</imgeo:eindRegistratie>"
    path = write(tmp_path, IMGEO + road() + road(ended) + "</CityModel>")
    (all_,) = RegisterSource(path).read()
    (now,) = RegisterSource(path, current_only=True).read()
    assert all_.columns["functie"].tolist() == ["fietspad"] * 2 and len(now) == 1
    assert now.extent.bounds == (84_000, 447_000, 84_001, 447_001)


def test_the_crs_of_the_envelope_holds_for_all(tmp_path):
    envelope = "<gml:boundedBy><gml:Envelope srsName='urn:ogc:def:crs:EPSG::28992'/></gml:boundedBy>"
    path = write(tmp_path, IMGEO + envelope + road().replace(" srsName='EPSG:28992'", "") + "</CityModel>")
    info = RegisterSource(path).describe()
    assert info.crs == "EPSG:28992" and not info.warnings


def test_a_crs_that_is_not_known_is_told(tmp_path):
    path = write(tmp_path, IMGEO + road(srs="my own") + "</CityModel>")
    RegisterSource(path).describe()
    with pytest.raises(CrsError, match="my own"):
        list(RegisterSource(path).read())


def test_degrees_become_rd(tmp_path, grids):
    text = road(srs="urn:ogc:def:crs:EPSG::4258", points="").replace(
        "<gml:posList>", "<gml:posList>52.01 4.35 52.01 4.36 52.02 4.36 52.01 4.35"
    )
    (features,) = RegisterSource(write(tmp_path, IMGEO + text + "</CityModel>")).read()
    x, y = features.geometries.coordinates[0]
    assert 84_000 < x < 86_000 and 446_000 < y < 449_000


def test_a_plain_collection_keeps_its_heights(tmp_path):
    text = (
        '<ogr:FeatureCollection xmlns:gml="http://www.opengis.net/gml" xmlns:ogr="http://ogr.maptools.org/">'
        '<gml:featureMember><ogr:tree fid="1"><ogr:geometryProperty><gml:Point srsName="EPSG:7415">'
        "<gml:pos>84000 447000 1.5</gml:pos></gml:Point></ogr:geometryProperty><ogr:soort>eik</ogr:soort></ogr:tree>"
        "</gml:featureMember></ogr:FeatureCollection>"
    )
    (trees,) = RegisterSource(write(tmp_path, text)).read()
    assert trees.crs == "EPSG:7415" and trees.geometries.coordinates.tolist() == [[84_000, 447_000, 1.5]]
    assert trees.columns["soort"].tolist() == ["eik"] and trees.name == "tree"


@pytest.mark.parametrize(
    "text, message",
    [
        ("<IndoorFeatures/>", "IndoorGML, which is not read here"),
        ('<CityModel xmlns="http://www.opengis.net/citygml/2.0"/>', "CityGML"),
        ("<html/>", "web page"),
        ("<a/>", "root element a"),
        ("", "empty"),
        (IMGEO, "not well-formed"),
        (IMGEO + road()[:-30], "not well-formed"),
        (IMGEO + road(points="0 0 1 0 1") + "</CityModel>", "list of 5 numbers"),
        ('<!DOCTYPE a [<!ENTITY b "c">]>' + IMGEO + "</CityModel>", "document type"),
        ("<FeatureCollection xmlns:i='http://www.geostandaarden.nl/imkl/wibon'/>", "KLIC"),
        (b"\xff\xfe<\x00", "well-formed|not read here|empty"),
    ],
)
def test_what_is_something_else_is_refused_by_name(tmp_path, text, message):
    path = write(tmp_path, text)
    with pytest.raises(FormatError, match=message):
        RegisterSource(path).describe()
    row = describe_one(path)
    elsewhere = find(path) is not SOURCES["registers"] if text else False  # CityGML without IMGeo has its own reader
    assert row["status"] == "refused" and "\n" not in row["message"] or elsewhere


def test_elements_without_end_are_refused(tmp_path):
    path = write(tmp_path, IMGEO + "<cityObjectMember>" + "<a>" * 5000)
    with pytest.raises(FormatError):
        RegisterSource(path).describe()


def test_objects_of_a_kind_unknown_do_not_grow_in_memory(tmp_path):
    """A BAG file in which nothing is an object: what was parsed is given back all the same."""
    head, filler = b"<bagStand><stand>", b"<x><y>some text that is not needed</y></x>" * 20_000
    path = tmp_path / "a.xml"
    with path.open("wb") as file:
        file.write(head)
        for _ in range(20):
            file.write(filler)
        file.write(b"</stand></bagStand>")
    from dtwin_plugin.sources.describe_one import peak_memory

    before = peak_memory()
    assert RegisterSource(path).describe().count == 0
    after = peak_memory()
    assert before is None or after - before < 60  # MB; as a tree it would be more than 200


def packed(**files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name.replace("__", "."), data)
    return buffer.getvalue()


def test_zips_in_zips_are_found_without_a_letter(tmp_path):
    inner = packed(a__gml=IMGEO + road() + "</CityModel>")
    path = write(tmp_path, packed(b__zip=packed(c__zip=inner)), "d.zip")
    assert find(path) is SOURCES["registers"] and RegisterSource(path).describe().count == 1


@pytest.mark.parametrize(
    "data",
    [
        packed(a__txt="no"),
        packed(a__gml="<a/>"),
        packed(a__gml=IMGEO)[:-40],
        packed(a__zip=b"PK\x03\x04broken"),
        packed(),
    ],
)
def test_a_zip_without_a_register_or_broken_is_told(tmp_path, data):
    path = write(tmp_path, data, "a.zip")
    with pytest.raises((SourceError, FormatError)):
        RegisterSource(path).describe()
    assert describe_one(path)["status"] == "refused"


def test_cancel_is_heard(tmp_path, cancelling):
    path = write(tmp_path, IMGEO + road() * 20_000 + "</CityModel>")
    with pytest.raises(Cancelled):
        list(RegisterSource(path).read(progress=cancelling(after=3)))


def test_what_is_absent_is_told(tmp_path):
    for path in (tmp_path / "a.gml", tmp_path):
        with pytest.raises(DtwinError):
            RegisterSource(path).describe()


def test_names_in_all_their_spellings():
    assert class_of("ns:BuildingPart") == "pand" and class_of("bgt_kunstwerkdeel_vlak") == "kunstwerkdeel"
    assert column_of("plus-typeGebouwInstallatie", "gebouwinstallatie") == "plus_type"
    assert column_of("relatievehoogteligging", "pand") == "relatieve_hoogteligging"


def test_warnings_reach_who_reads(shared):
    progress = Silent()
    list(RegisterSource(shared / FOLDER / "nlextract/sample.zip").read(progress=progress))
    assert progress.warnings == ["sample.zip: 8 objects have no geometry and are left out."]
