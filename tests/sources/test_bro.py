"""Documents of the BRO: real ones, what several versions and kinds have in common, and broken ones."""

import time
import zipfile

import numpy as np
import pytest

from dtwin_plugin import catalogue
from dtwin_plugin.data import Extent
from dtwin_plugin.errors import FormatError, InputError, SourceError
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources.bro import BroGeoPackageSource, BroSource
from dtwin_plugin.sources.bro.area import degrees
from dtwin_plugin.sources.bro.cpt import curves, numbers
from dtwin_plugin.sources.bro.groundwater import moment
from dtwin_plugin.sources.bro.service import KINDS
from dtwin_plugin.sources.gef import GefSource
from dtwin_plugin.sources.registry import find

WELL = "GMW000000000007"


@pytest.fixture
def write(tmp_path):
    """A writer of one document."""

    def write(data, name="a.xml"):
        (tmp_path / name).write_bytes(data)
        return tmp_path / name

    return write


def read(path, **options):
    """The one chunk of a file, and the warnings."""
    progress = Silent()
    (found,) = BroSource(path, **options).read(progress=progress)
    return found, progress.warnings


@pytest.mark.parametrize(
    ("xml", "gef", "columns"),
    [
        ("CPT000000217393.xml", "CPT000000217393_IMBRO.gef", {"pore_pressure", "corrected_cone_resistance"}),
        ("cpt_with_water.xml", "cpt_with_water.gef", {"pore_pressure_u1"}),
    ],
)
def test_a_test_that_is_there_as_gef_too_has_the_same_curve(shared, xml, gef, columns):
    folder = shared / "subsurface" / "geolib_plus"
    (one,), (other,) = BroSource(folder / xml).read(), GefSource(folder / gef).read()
    assert one.sites.geometries.coordinates.tolist() == other.sites.geometries.coordinates.tolist()
    assert one.sites.columns["surface"].tolist() == other.sites.columns["surface"].tolist()
    common = {"depth", "cone_resistance", "friction", "friction_ratio", "penetration_length", "inclination"} | columns
    assert common <= set(one.rows) and common <= set(other.rows)
    for name in common:  # both are written with the same three decimals
        assert np.array_equal(one.rows[name], other.rows[name], equal_nan=True), name
        assert np.isfinite(one.rows[name]).sum() > 900 and one.units[name] == other.units[name], name


def test_both_places_of_an_object_agree_with_the_search_box(shared):
    """The area of a search is put in degrees by a formula; documents state each place in both."""
    checked = 0
    for path in sorted((shared / "subsurface").rglob("*.xml")):
        places = BroSource(path).describe().facts.get("positions", {})
        if len(places) == 2:
            found = degrees(*places["EPSG:28992"])
            assert found == pytest.approx(places["EPSG:4258"], abs=1e-5), path.name  # 1 m
            checked += 1
    assert checked > 12


def test_layers_have_the_names_and_classes_of_their_soil(shared):
    logs, _ = read(shared / "subsurface" / "geost" / "bhrg_bro.xml")
    assert logs.rows["soil"].tolist()[:2] == ["zwakZandigeKlei", "sterkSiltigeKlei"]
    assert logs.rows["lithoclass"].tolist() == [3, 2, 3, 3, 6]  # the last: zwakSiltigZand, matig fijn (150-210 um)
    assert logs.rows["top"].tolist() == [0, 0.25, 1.6, 2, 2.5] and logs.rows["bottom"][-1] == 3
    assert logs.rows["admixtures"].tolist() == ["puin", None, None, None, None]
    site = {key: values[0] for key, values in logs.sites.columns.items()}
    assert (site["id"], site["object"], site["surface"]) == ("BHR000000396406", "BHR-G", 0.69)
    assert (site["final_depth"], site["method"], site["standard"]) == (3.0, "handDraaien", "NEN5104plusOnbekend")
    assert (site["quality_regime"], site["status"], site["owner"]) == ("IMBRO/A", "voltooid", "50200097")
    assert "colour" not in logs.rows  # "onbekend" in all layers


def test_of_two_descriptions_that_of_most_metres_counts(write):
    def log(where, *bounds):
        layers = "".join(
            f'<layer><upperBoundary uom="m">{top}</upperBoundary><lowerBoundary uom="m">{bottom}</lowerBoundary>'
            "<soil><geotechnicalSoilName>zand</geotechnicalSoilName></soil></layer>"
            for top, bottom in bounds
        )
        where = f"<descriptionLocation>{where}</descriptionLocation>"
        return f"<descriptiveBoreholeLog>{where}{layers}</descriptiveBoreholeLog>"

    found, _ = read(write((
        '<dispatchDataResponse xmlns="http://www.broservices.nl/xsd/dsbhr-gt/2.1"><dispatchDocument><BHR_GT_O>'
        "<broId>BHR000000000001</broId><boreholeSampleDescription>"
        + log("lab", (0.5, 0.6), (1.5, 1.55), (1.55, 1.6))
        + log("veld", (0, 1), (1, 2))
        + "</boreholeSampleDescription></BHR_GT_O></dispatchDocument></dispatchDataResponse>"
    ).encode()))  # fmt: skip
    assert found.rows["bottom"].tolist() == [1.0, 2.0]
    assert found.sites.columns["described_at"].tolist() == ["veld"]
    assert found.sites.columns["descriptions"].tolist() == [2]


def test_a_delivery_to_the_register_is_called_as_its_maker_calls_it(shared):
    logs, _ = read(shared / "subsurface" / "pygef" / "bore.xml")
    assert logs.sites.columns["id"].tolist() == ["78379_HB335"] and len(logs.rows["top"]) == 8


def test_a_well_has_its_screens_in_nap(shared):
    logs, _ = read(shared / "subsurface" / "brodata" / "GMW000000036287.xml")
    assert (logs.rows["top"].tolist(), logs.rows["bottom"].tolist()) == ([0.142], [-0.858])
    assert logs.sites.columns["surface"].tolist() == [1.932] and logs.rows["diameter"].tolist() == [63]
    assert logs.sites.columns["final_depth"].tolist() == pytest.approx([1.932 + 0.858])


def test_a_well_as_it_is_sent_in_has_its_screen_by_the_lengths_of_its_parts(bro_server, write):
    tube = (
        '<monitoringTube><tubeNumber>1</tubeNumber><tubeTopPosition uom="m">1.50</tubeTopPosition><screen>'
        '<screenLength uom="m">1.0</screenLength></screen><plainTubePart>'
        '<c:plainTubePartLength uom="m">3.25</c:plainTubePartLength></plainTubePart></monitoringTube>'
    )
    well = f"<GMW_Construction>{bro_server.common(WELL, 84_000, 447_000)}{tube}</GMW_Construction>"
    body = f"<sourceDocument>{well}</sourceDocument>"
    logs, _ = read(write(bro_server.document("gmw", body, root="registrationRequest")))
    assert (logs.rows["top"].tolist(), logs.rows["bottom"].tolist()) == ([-1.75], [-2.75])


def test_a_place_outside_the_netherlands_is_no_place(bro_server, tmp_path):
    (tmp_path / "1.xml").write_bytes(bro_server.cpt("CPT000000000001", 84_000, 447_000))
    (tmp_path / "2.xml").write_bytes(bro_server.cpt("CPT000000000002", 0, 0))
    logs, warnings = read(tmp_path)
    assert len(logs) == 2 and logs.sites.geometries.coordinates.tolist() == [[84_000, 447_000]]
    assert "CPT000000000002 lies outside the Netherlands and is left off the map." in warnings


def test_every_kind_has_its_address_in_the_catalogue():
    for kind in KINDS:
        entry = catalogue.entry(f"bro-{kind}")
        assert (entry.kind, entry.access_level) == ("bro-rest", "open") and entry.url.endswith(tuple("0123456789")), (
            kind
        )


def test_a_sample_has_its_parameters(shared):
    logs, _ = read(shared / "subsurface" / "brodata" / "GAR000000019636.xml")
    chloride = logs.rows["parameter"].tolist().index("508")
    assert (logs.rows["value"][chloride], logs.rows["unit"][chloride]) == (165.0, "mg/l")
    assert str(logs.rows["time"][0]) == "1982-02-12T11:00:00"  # 12:00 at +01:00


def test_what_lies_in_a_well_gets_its_place_from_the_same_folder(bro_server, tmp_path):
    """The well comes last by its name, and the network and the levels need it."""
    net = bro_server.document(
        "gmn",
        f"<dispatchDocument><GMN_PO>{bro_server.common('GMN000000000001')}<name>net</name><measuringPoint><MeasuringPoint>"
        f"<measuringPointCode>P1</measuringPointCode><monitoringTube><GroundwaterMonitoringTube><c:broId>{WELL}</c:broId>"
        "<c:tubeNumber>2</c:tubeNumber></GroundwaterMonitoringTube></monitoringTube></MeasuringPoint></measuringPoint>"
        "</GMN_PO></dispatchDocument>",
    )
    (tmp_path / "1.xml").write_bytes(net)
    (tmp_path / "2.xml").write_bytes(bro_server.levels("GLD000000000002", WELL, [("2020-01-01T00:00:00Z", "0.1")]))
    (tmp_path / "3.xml").write_bytes(bro_server.well(WELL, 84_500.0, 447_500.0))
    progress = Silent()
    found = list(BroSource(tmp_path).read(Extent(84_499, 447_499, 84_501, 447_501), progress))
    features = next(item for item in found if not hasattr(item, "rows"))
    assert len(found) == 3 and progress.warnings == []
    assert features.geometries.coordinates.tolist() == [[84_500, 447_500]]
    assert (features.columns["code"].tolist(), features.columns["tube"].tolist()) == (["P1"], [2.0])
    assert {logs.kind for logs in found if hasattr(logs, "rows")} == {"levels", "well"}


def test_without_its_well_it_has_no_place_and_says_so(bro_server, write):
    path = write(bro_server.levels("GLD000000000002", WELL, [("2020-01-01T00:00:00Z", "0.1")]))
    logs, warnings = read(path)
    assert len(logs) == 1 and len(logs.sites.geometries.coordinates) == 0
    assert warnings == ["1 objects have no coordinates: read them with their wells (GMW) to see them on the map."]
    assert list(BroSource(path).read(Extent(0, 300_000, 280_000, 620_000))) == []


def test_of_one_moment_the_approved_level_comes_first(bro_server, write):
    first = bro_server.levels("GLD000000000002", WELL, [("2020-01-01T00:00:00Z", "0.1")], status="voorlopig").decode()
    other = bro_server.levels("GLD000000000002", WELL, [("2020-01-01T01:00:00+01:00", "0.2")]).decode()
    observation = other[other.index("<observation>") : other.index("</GLD_O>")]
    logs, _ = read(write(first.replace("</GLD_O>", observation + "</GLD_O>").encode()))
    assert logs.rows["level"].tolist() == [0.2, 0.1] and logs.rows["status"].tolist() == [
        "volledigBeoordeeld",
        "voorlopig",
    ]
    assert logs.rows["quality"].tolist() == ["goedgekeurd"] * 2 and logs.sites.columns["well"].tolist() == [WELL]


def test_a_long_series_takes_time_by_its_length(bro_server, write):
    """Giving back the memory of elements that Python still held took the square of it."""

    def seconds(count):
        points = [(f"2020-01-01T{number % 24:02d}:00:00Z", "0.1") for number in range(count)]
        path = write(bro_server.levels("GLD000000000002", WELL, points))
        times = []
        for _ in range(2):
            begin = time.perf_counter()
            assert len(read(path)[0].rows["time"]) == count
            times.append(time.perf_counter() - begin)
        return min(times)

    assert seconds(16_000) < 9 * seconds(4_000)  # 4 by its length, 16 by its square


def test_a_use_of_groundwater_gives_the_places_of_its_installations(bro_server, write):
    srs = 'srsName="urn:ogc:def:crs:EPSG::28992"'
    body = (
        f"<dispatchDocument><GUF_PO>{bro_server.common('GUF000000000001')}<licence><c:LicenceGroundwaterUsage>"
        "<c:identificationLicence>L1</c:identificationLicence><c:designInstallation><c:DesignInstallation>"
        f"<c:installationFunction>open</c:installationFunction><c:geometry><gml:Point {srs}>"
        "<gml:pos>84500 447500</gml:pos></gml:Point>"
        "</c:geometry></c:DesignInstallation></c:designInstallation></c:LicenceGroundwaterUsage></licence>"
        "<realisedInstallation><c:RealisedInstallation><c:realisedLoop><c:RealisedLoop><c:geometry>"
        f"<c:PointOrCurveOrSurface><gml:LineString {srs}><gml:posList>84500 447500 84510 447500</gml:posList>"
        '</gml:LineString></c:PointOrCurveOrSurface></c:geometry><c:loopDepth uom="m">150.0</c:loopDepth>'
        "</c:RealisedLoop></c:realisedLoop></c:RealisedInstallation></realisedInstallation></GUF_PO></dispatchDocument>"
    )
    path = write(bro_server.document("guf", body, "1.0"))
    points, lines = BroSource(path).read()
    assert (points.geometries.kind, lines.geometries.kind) == ("point", "line")
    assert points.columns["installation_function"].tolist() == ["open"] and points.columns["licence"].tolist() == ["L1"]
    assert lines.columns["part"].tolist() == ["RealisedLoop"] and lines.columns["loop_depth"].tolist() == [150.0]
    assert BroSource(path).describe().carrier == "features"


def test_a_zip_of_zips_is_read_and_a_broken_document_is_left_out(bro_server, tmp_path):
    inner = tmp_path / "inner.zip"
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("CPT/1.xml", bro_server.cpt("CPT000000000001", 84_000, 447_000))
        archive.writestr("CPT/2.xml", bro_server.cpt("CPT000000000002", 84_001, 447_000)[:900])
        archive.writestr("readme.xml", b"<html/>")
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.write(inner, "../../inner.zip")  # a name that leads out of the folder is only a name here
        archive.writestr("3.xml", bro_server.cpt("CPT000000000003", 84_002, 447_000, version="2.0", old=True))
    assert find(tmp_path / "all.zip").title.startswith("BRO documents")
    logs, warnings = read(tmp_path / "all.zip")
    assert sorted(logs.sites.columns["id"]) == ["CPT000000000001", "CPT000000000003"]
    assert any(warning.startswith("2.xml is left out: 2.xml is not well-formed XML") for warning in warnings)
    assert any("holds readme.xml, which is not read here" in warning for warning in warnings)


def test_kinds_can_be_chosen(bro_server, tmp_path):
    (tmp_path / "1.xml").write_bytes(bro_server.cpt("CPT000000000001", 84_000, 447_000))
    (tmp_path / "2.xml").write_bytes(bro_server.well(WELL, 84_500.0, 447_500.0))
    assert [logs.kind for logs in BroSource(tmp_path, kinds=["gmw"]).read()] == ["well"]
    with pytest.raises(InputError, match="no objects TREE"):
        BroSource(tmp_path, kinds=["tree"])


def test_a_plain_object_is_read_too(bro_server, write):
    whole = bro_server.cpt("CPT000000000001", 84_000, 447_000).decode()
    spaces = whole[whole.index("xmlns") : whole.index(">", whole.index("xmlns"))]
    inside = whole[whole.index("<CPT_O") : whole.index("</dispatchDocument>")].replace("<CPT_O", f"<CPT_O {spaces}", 1)
    logs, _ = read(write(inside.encode()))
    assert logs.sites.columns["id"].tolist() == ["CPT000000000001"] and len(logs.rows["depth"]) == 5


def test_an_object_without_measurements_says_so(bro_server, write):
    data = bro_server.cpt("CPT000000000001", 84_000, 447_000)
    begin, end = data.index(b"<c:values>") + 10, data.index(b"</c:values>")
    path = write(data[:begin] + data[end:])
    assert BroSource(path).describe().warnings == ("a.xml: 1 objects have no measurements and no layers.",)
    assert BroSource(write(data)).describe().warnings == ()


def test_a_height_that_is_not_in_nap_is_no_height(bro_server, write):
    data = bro_server.cpt("CPT000000000001", 84_000, 447_000).replace(b"Datum>NAP<", b"Datum>MSL<")
    assert np.isnan(read(write(data))[0].sites.columns["surface"]).all()


def test_units_are_those_of_the_carrier(bro_server, write):
    data = bro_server.cpt("CPT000000000001", 84_000, 447_000).replace(b'offset uom="m">0.50', b'offset uom="cm">50')
    assert read(write(data))[0].sites.columns["surface"].tolist() == [0.5]


def test_separators_are_those_of_the_document(bro_server, write):
    data = bro_server.cpt("CPT000000000001", 84_000, 447_000)
    begin, end = data.index(b"<c:values>") + 10, data.index(b"</c:values>")
    other = data[begin:end].replace(b",", b"|").replace(b".", b",").replace(b";", b"\n")
    data = data[:begin] + other + data[end:]
    stated = b'decimalSeparator="." tokenSeparator="," blockSeparator=";"'
    data = data.replace(stated, b'decimalSeparator="," tokenSeparator="|" blockSeparator="&#10;"')
    assert read(write(data))[0].rows["cone_resistance"].tolist() == pytest.approx([0.02, 0.04, 0.06, 0.08, 0.1])


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ("1,2;3", "rows of different length"),
        ("1,2;3,x", "could not convert"),
        ("1,2;3,4", "2 columns; expected 25"),
    ],
)
def test_numbers_that_cannot_be_told_apart_are_refused(bro_server, write, values, message):
    data = bro_server.cpt("CPT000000000001", 84_000, 447_000)
    begin, end = data.index(b"<c:values>") + 10, data.index(b"</c:values>")
    with pytest.raises(FormatError, match=message):
        read(write(data[:begin] + values.encode() + data[end:]))


def test_missing_values_are_no_numbers():
    table = numbers("1,-999999;2,-999999.0;,nan", ",", ";", ".", "a.xml")
    assert np.isnan(table[:, 1]).all() and np.isnan(table[2]).all()


def test_a_moment_that_no_calendar_has_is_unknown():
    written = ("9999-12-31T23:59:59-10:00", "0001-01-01T00:00:00+14:00", "2020-13-45T00:00:00Z", "", None)
    assert all(np.isnat(moment(text)) for text in written)


def test_the_depth_is_computed_where_it_lacks():
    """0.5 m is dug before; then 1 m of rod at 36.87 degrees (3-4-5), by its two inclinations at right angles."""
    angle = np.array([0.0, 36.86989764584402])
    raw = {"penetrationLength": np.array([0.5, 1.5]), "inclinationX": angle, "inclinationY": np.zeros(2)}
    rows = curves({**raw, "coneResistance": np.array([1.0, 2.0]), "localFriction": np.array([0.02, 0.02])})
    assert rows["depth"].tolist() == pytest.approx([0.5, 1.3])
    assert rows["friction_ratio"].tolist() == pytest.approx([2.0, 1.0])  # %


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b'<dispatchDataResponse xmlns="http://www.broservices.nl/xsd/dscpt/1.1"><', "not well-formed XML"),
        (b'<dispatchDataResponse xmlns="http://www.broservices.nl/xsd/dscpt/1.1"/>', "holds no object of the BRO"),
        (b'<schema xmlns:a="http://www.broservices.nl/xsd/dscpt/1.1"/>', "holds no object of the BRO"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a xmlns="http://www.broservices.nl/xsd/dscpt/1.1">&b;</a>', "document type"),
    ],
)
def test_what_is_no_document_is_refused(write, data, message):
    path = write(data)
    for ask in (lambda: find(path).load()(path).describe(), lambda: list(BroSource(path).read())):
        with pytest.raises(FormatError, match=message):
            ask()


def test_a_refusal_of_the_register_is_told(bro_server, write):
    with pytest.raises(FormatError, match="a refusal of the BRO: Het object bestaat niet"):
        BroSource(write(bro_server.rejection("Het object bestaat niet.", "dispatchDataResponse"))).describe()


def test_an_object_of_another_kind_is_named(bro_server, write):
    path = write(bro_server.document("epc", "<dispatchDocument><EPC_O><a/></EPC_O></dispatchDocument>"))
    progress = Silent()
    assert list(BroSource(path).read(progress=progress)) == []
    assert progress.warnings == ["a.xml holds EPC_O, which is not read here."]


def test_an_absent_file_is_told(tmp_path):
    for source in (BroSource, BroGeoPackageSource):
        with pytest.raises(SourceError, match=r"b\.gpkg does not exist"):
            source(tmp_path / "b.gpkg").describe()
