"""GEF files of many writers: columns by quantity, units, voids, depths, places and heights."""

import gzip
import math
import re
import zipfile

import numpy as np
import pytest

from dtwin_plugin.data import Extent
from dtwin_plugin.errors import Cancelled, CrsError, FormatError, SourceError
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources.gef import GefSource
from dtwin_plugin.sources.registry import open_source

HEAD = {
    "GEFID": "1, 1, 0",
    "COLUMN": "4",
    "REPORTCODE": "GEF-CPT-Report, 1, 1, 2",
    "TESTID": "DKM1",
    "XYID": "31000, 84000.5, 447000.25",
    "ZID": "31000, -0.5, 0.01",
    "STARTDATE": "2016, 7, 13",
}
COLUMNS = ("m, length, 1", "MPa, cone, 2", "MPa, friction, 3", "degrees, inclination, 8")
ROWS = ("1.0 2.0 0.02 0", "2.0 4.0 0.08 0", "3.0 5.0 0.05 0")


@pytest.fixture
def gef(tmp_path):
    """Writes a GEF: header lines by keyword (None leaves one out), columns, more lines, and rows; returns its path."""

    def write(columns=COLUMNS, rows=ROWS, more=(), name="a.gef", end="\n", eoh="#EOH=", encoding="utf-8", **changed):
        lines = [f"#{key}= {value}" for key, value in {**HEAD, **changed}.items() if value is not None]
        lines += [f"#COLUMNINFO= {number}, {text}" for number, text in enumerate(columns, 1)]
        lines += [*more, *([eoh] if eoh else []), *rows]
        path = tmp_path / name
        path.write_bytes(end.join(lines).encode(encoding))
        return path

    return write


def read(path, **options):
    (logs,) = GefSource(path, **options).read()
    return logs


def told(path, **options):
    progress = Silent()
    list(GefSource(path, **options).read(progress=progress))
    return progress.warnings


def test_a_test_is_a_site_with_rows(gef):
    logs = read(gef(more=("#MEASUREMENTVAR= 13, 1.00, m, dug before", "#MEASUREMENTVAR= 3, 0.8, -, ratio")))
    assert logs.kind == "cpt" and len(logs) == 1
    assert logs.sites.geometries.coordinates.tolist() == [[84000.5, 447000.25]]
    row = {name: values[0] for name, values in logs.sites.columns.items()}
    assert (row["id"], row["surface"], row["date"]) == ("DKM1", -0.5, "2016-07-13")
    assert (row["predrilled_depth"], row["area_ratio"]) == (1.0, 0.8) and math.isnan(row["final_depth"])
    assert logs.rows["depth"].tolist() == [1.0, 2.0, 3.0] and logs.heights("depth").tolist() == [-1.5, -2.5, -3.5]
    assert logs.rows["friction_ratio"].tolist() == [1.0, 2.0, 1.0]  # 100 x friction / cone
    assert logs.units["cone_resistance"] == "MPa" and logs.units["friction_ratio"] == "%"


def test_a_ratio_that_was_delivered_is_kept_with_its_gaps(gef):
    columns = ("m, length, 1", "MPa, cone, 2", "MPa, friction, 3", "%, ratio, 4")
    rows = ("1 2 0.02 7", "2 2 0.02 -9999")
    ratio = read(gef(columns, rows)).rows["friction_ratio"]
    assert ratio[0] == 7 and math.isnan(ratio[1])  # never two methods in one column


@pytest.mark.parametrize(
    ("unit", "cone"),
    [("MPa", 2.0), ("Mpa", 2.0), ("MPa (megaPascal)", 2.0), ("kPa", 0.002), ("kN/m2", 0.002), ("N/mm²", 2.0)],
)
def test_pressures_are_brought_to_mpa(gef, unit, cone):
    path = gef(("cm, length, 1", f"{unit}, cone, 2"), ("100 2",))
    logs = read(path)
    assert logs.rows["cone_resistance"][0] == pytest.approx(cone, rel=1e-12) and logs.rows["depth"][0] == 1.0
    assert not told(path)


def test_an_unknown_unit_is_taken_as_the_usual_one_with_a_warning(gef):
    path = gef(("m, length, 1", "?, cone, 2"), ("1 2",))
    assert read(path).rows["cone_resistance"][0] == 2.0
    assert told(path) == ["a.gef: the unit '?' of column cone is not known; MPa is assumed."]


def test_a_force_is_divided_by_the_area_of_the_cone(gef):
    columns, rows = ("m, length, 1", "kN, cone, 2"), ("1 3",)
    path = gef(columns, rows, ("#MEASUREMENTVAR= 1, 1500, mm2, area",))
    assert read(path).rows["cone_resistance"][0] == 2.0 and not told(path)  # 3000 N / 1500 mm2
    path = gef(columns, rows)
    assert read(path).rows["cone_resistance"][0] == 3.0 and "1000 mm2 is assumed" in told(path)[0]


@pytest.mark.parametrize(
    ("void", "text"),
    [("-9999.0", "-9999"), ("987000000.000000", "9.8700e+008"), ("9.999", "9.999"), ("", "-999999"), ("", "-")],
)
def test_voids_are_unknown(gef, void, text):
    more = (f"#COLUMNVOID= 3, {void}",) if void else ()
    logs = read(gef(rows=(f"1 2 {text} 0", "2 2 0.02 0"), more=more))
    assert math.isnan(logs.rows["friction"][0]) and logs.rows["friction"][1] == 0.02


def test_a_void_of_zero_does_not_remove_the_surface(gef):
    logs = read(gef(rows=("0 2 0 0", "1 2 0.1 0"), more=("#COLUMNVOID= 1, 0.0", "#COLUMNVOID= 3, 0.0")))
    assert logs.rows["depth"].tolist() == [0.0, 1.0] and math.isnan(logs.rows["friction"][0])


def test_depths_are_corrected_by_the_inclination(gef):
    angle = math.degrees(math.acos(0.8))
    logs = read(gef(rows=(f"1 1 0 {angle}", f"2 1 0 {angle}", "3 1 0 -9999", f"4 1 0 {angle}")))
    assert logs.rows["depth"] == pytest.approx([1.0, 1.8, 2.6, 3.4], abs=1e-9)  # the first metre is vertical
    assert logs.rows["penetration_length"].tolist() == [1, 2, 3, 4]


def test_two_inclinations_make_one(gef):
    columns = ("m, length, 1", "MPa, cone, 2", "deg, ns, 9", "deg, ew, 10")
    logs = read(gef(columns, ("1 1 0 0", "2 1 10 10")))
    # tan2 = 2 tan2(10), so the tangent is 1.41421 x 0.17633 = 0.24937
    assert logs.rows["inclination"][1] == pytest.approx(14.0019, abs=1e-3)
    assert logs.rows["depth"][1] == pytest.approx(1 + math.cos(math.radians(14.0019)), abs=1e-5)


def test_a_delivered_depth_counts_and_its_gaps_follow_it(gef):
    columns = ("m, length, 1", "MPa, cone, 2", "m, corrected depth, 11")
    logs = read(gef(columns, ("1 1 1.0", "2 2 -9999", "3 3 2.8"), ("#COLUMNVOID= 3, -9999",)))
    assert logs.rows["depth"] == pytest.approx([1.0, 1.9, 2.8], abs=1e-12)  # 0.2 m short at 3 m, so 0.1 at 2 m


def test_depths_that_count_as_heights_are_turned(gef):
    assert read(gef(rows=("-1 2 0 0", "-2 3 0 0"))).rows["depth"].tolist() == [1, 2]


def test_rows_are_put_in_order_and_those_without_a_depth_left_out(gef):
    path = gef(rows=("2 2 0 0", "-9999 9 0 0", "1 1 0 0"))
    assert read(path).rows["cone_resistance"].tolist() == [1, 2]
    assert told(path) == ["a.gef: 1 rows have no depth and are left out."]


@pytest.mark.parametrize(
    ("more", "rows"),
    [
        (("#COLUMNSEPARATOR= ;", "#RECORDSEPARATOR= !"), ("1;2;0.1;0;!", "2;3;0.2;0;!")),
        (("#COLUMNSEPARATOR= ;", "#RECORDSEPARATOR= !"), ("1;2;0.1;0;!2;3;0.2;0;!",)),  # on one line
        (("#COLUMNSEPARATOR= :", "#RECORDSEPARATOR= !"), ("1:2:0.1:0", "2:3:0.2:0:!")),
        (("#COLUMNSEPARATOR= ;",), ("1,0;2,0;0,1;0", "2,0;3,0;0,2;0")),  # decimal commas
        (("#COLUMNSEPARATOR= ,",), ("1,2,0.1,0", "2,3,0.2,0")),
        (("#COLUMNSEPARATOR= ';'", "#RECORDSEPARATOR= '!'"), ("1;2;0.1;0;!", "2;3;0.2;0;!")),
        (("#COLUMNSEPARATOR= TAB",), ("1\t2\t0.1\t0", "2\t3\t0.2\t0")),
        ((), ("1\t2\t0.1\t0", "2\t3\t0.2\t0")),
        ((), ("  1.0E+00  2.0e+000 0,1  0 ", "2 3 .2 0  ")),
        ((), ("1;2;0.1;0;", "2;3;0.2;0;")),  # not stated
        (("#COLUMNSEPARATOR= ;",), ("1 2 0.1 0", "2 3 0.2 0")),  # stated and not so
        ((), ("1 2 0.1 0 # a remark", "", "2 3 0.2 0", "\x1a")),
    ],
)
def test_separators_of_all_kinds(gef, more, rows):
    logs = read(gef(rows=rows, more=more))
    assert logs.rows["depth"].tolist() == [1, 2]
    assert logs.rows["cone_resistance"].tolist() == [2, 3] and logs.rows["friction"].tolist() == [0.1, 0.2]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\r\r\n", "\n\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_lines_and_letters_of_all_kinds(gef, end, encoding):
    path = gef(end=end, encoding=encoding, TESTID="Coördinaat één")
    logs = read(path)
    assert logs.sites.columns["id"].tolist() == ["Coördinaat één"] and len(logs.rows["depth"]) == 3


def test_a_header_may_be_in_any_order_case_and_spacing(gef, tmp_path):
    lines = gef().read_text().split("\n")
    at = lines.index("#EOH=")
    turned = [line.lower().replace("#", " # ").replace("=", "   =   ") for line in reversed(lines[:at])]
    path = tmp_path / "b.gef"
    path.write_text("\n".join([*turned, *lines[at:]]))
    assert read(path).rows["cone_resistance"].tolist() == [2.0, 4.0, 5.0]


def test_a_header_without_its_end_is_read_with_a_warning(gef):
    path = gef(eoh="")
    assert len(read(path).rows["depth"]) == 3
    assert told(path)[0] == "a.gef has no line #EOH= at the end of its header; the data begin at the first number."


def test_columns_without_a_number_are_known_by_their_names(gef):
    logs = read(gef(("m, Sondeerlengte", "MPa, Conusweerstand", "MPa, Plaatselijke wrijving", "%, Wrijvingsgetal")))
    assert logs.rows["cone_resistance"].tolist() == [2, 4, 5] and logs.rows["friction_ratio"].tolist() == [0, 0, 0]


def test_rows_that_lack_are_told(gef):
    assert told(gef(LASTSCAN="20")) == ["a.gef says that it has 20 rows, and has 3."]
    assert not told(gef(LASTSCAN="2"))


@pytest.mark.parametrize(
    ("columns", "fault"),
    [
        (("m, length, 1", "MPa, friction, 3"), "has no column with the cone resistance"),
        (("MPa, cone, 2", "MPa, friction, 3"), "has neither a length of penetration"),
        ((), "does not say what its columns hold"),
    ],
)
def test_what_makes_no_test_is_refused(gef, columns, fault):
    with pytest.raises(FormatError, match=fault):
        GefSource(gef(columns)).describe()


def test_other_kinds_of_gef_are_refused_by_name(gef):
    with pytest.raises(FormatError, match="of kind DISS; read are CPT and BORE"):
        GefSource(gef(REPORTCODE="GEF-DISS-Report, 1, 1, 0")).describe()


@pytest.mark.parametrize(
    ("xyid", "expected"),
    [
        ("0, 84000, 447000", (84000, 447000)),
        ("28992, 84000, 447000", (84000, 447000)),
        ("31000, 84000,5, 447000,25", (84000.5, 447000.25)),  # decimal commas
        ("31000, 447000, 84000", (84000, 447000)),  # swapped
        ("31000, 84000 m, 447000 m", (84000, 447000)),
        (", 84000, 447000", (84000, 447000)),
    ],
)
def test_places_in_rd_of_all_kinds(gef, xyid, expected):
    assert tuple(read(gef(XYID=xyid)).sites.geometries.coordinates[0]) == expected


@pytest.mark.parametrize("xyid", [None, "", "0, 0, 0", "31000, -, -", "0, 12, 13", "31000, 1, 2", "x"])
def test_what_cannot_be_placed_is_described_and_placed_by_hand(gef, xyid):
    path = gef(XYID=xyid)
    info = GefSource(path).describe()
    with pytest.raises(CrsError) as refused:
        list(GefSource(path).read())
    assert str(refused.value) in info.warnings and info.count == 1
    assert tuple(read(path, position=(84000, 447000)).sites.geometries.coordinates[0]) == (84000, 447000)


def test_a_position_does_not_move_what_has_coordinates(gef):
    assert tuple(read(gef(), position=(1000, 400000)).sites.geometries.coordinates[0]) == (84000.5, 447000.25)


def test_utm_is_transformed(gef, grids):
    path = gef(XYID="31001, 585000, 5763000")
    x, y = read(path).sites.geometries.coordinates[0]
    assert 60_000 < x < 90_000 and 440_000 < y < 460_000 and "100 m off" in told(path)[0]


@pytest.mark.parametrize(
    ("zid", "surface"),
    [
        ("31000, 1.5", 1.5), ("31000, 0", 0.0), ("5709, 1.5, 0.01", 1.5), ("49000, 1.5", 1.5), ("32001, 2.33", 0.0),
        (None, None), ("", None), ("31000", None), ("31000, -9999", None), ("1, 1.5", None), ("0, 1.5", None),
    ],
)  # fmt: skip
def test_heights_of_all_systems(gef, zid, surface):
    path = gef(ZID=zid)
    found = read(path).sites.columns["surface"][0]
    assert (math.isnan(found) and told(path)) if surface is None else found == pytest.approx(surface, abs=1e-12)


def test_of_several_heights_the_one_in_nap_counts(gef):
    assert read(gef(ZID="0, 0.00", more=("#ZID= 31000, -17.69",))).sites.columns["surface"].tolist() == [-17.69]


def test_a_header_that_a_spreadsheet_put_in_quotes_is_read(gef, tmp_path):
    plain = gef(more=("#MEASUREMENTTEXT= 1, ABC, client",))
    lines = plain.read_text().split("\n")
    quoted = tmp_path / "quoted.gef"
    quoted.write_text("\n".join(f'"{line}"' if line.startswith("#") and "," in line else line for line in lines))
    assert read(quoted).rows["depth"].tolist() == read(plain).rows["depth"].tolist()
    assert read(quoted).sites.geometries.coordinates.tolist() == [[84000.5, 447000.25]]


def test_a_height_in_a_system_of_its_own_counts_where_nap_is_written_beside(gef):
    path = gef(ZID="0, 1.5", more=("#MEASUREMENTTEXT= 8, Normaal Amsterdams Peil, reference",))
    assert read(path).sites.columns["surface"].tolist() == [1.5]


BORE = {
    "REPORTCODE": "GEF-BORE-Report, 1, 0, 0",
    "COLUMNTEXT": "1, aan",
    "COLUMNSEPARATOR": ";",
    "RECORDSEPARATOR": "!",
}
LAYERS = ("m, top, 1", "m, bottom, 2", "mm, sand median, 8")


def test_a_borehole_has_soils_and_lithoclasses(gef):
    rows = ("0;1.5;-9999;'Kz3';'GR';'KSTV';!", "1.5;2;270;'Zs1';'BR';!", "2;2.5;0.11;'Zs1g1';!", "2.5;3;-9999;'NBE';!")
    logs = read(gef(LAYERS, rows, **BORE))
    assert logs.kind == "borehole" and logs.rows["soil"].tolist() == ["Kz3", "Zs1", "Zs1g1", "NBE"]
    assert logs.rows["lithoclass"].tolist() == [3, 6, 5, -1]
    assert logs.rows["sand_median"][1:3].tolist() == [270, 110]  # um, whatever the file says
    assert logs.rows["colour"].tolist() == ["GR", "BR", None, None] and logs.rows["remarks"][0] == "KSTV"


def test_separators_within_texts_do_not_cut_them(gef):
    logs = read(gef(LAYERS, ("0;1;-9999;'Kz3';'GR';'a;b!c';!",), **BORE))
    assert logs.rows["remarks"].tolist() == ["a;b!c"]


def test_layers_that_stand_on_their_head_are_left_out(gef):
    path = gef(LAYERS, ("0;1;0;'K';!", "2;1;0;'Z';!"), **BORE)
    assert len(read(path).rows["top"]) == 1 and "1 layers have no top above their bottom" in told(path)[0]


def test_a_text_without_end_is_refused(gef):
    rows = ("0;1;'Kz1';!", f"1;2;'{'x' * 200_000}';!")
    path = gef(
        columns=("m, top, 1", "m, bottom, 2"),
        rows=rows,
        more=("#COLUMNSEPARATOR= ;", "#RECORDSEPARATOR= !"),
        REPORTCODE="GEF-BORE-Report, 1, 0, 0",
    )
    with pytest.raises(FormatError, match="a.gef cannot be read as a table: field larger than field limit"):
        read(path)


def test_a_borehole_needs_layers(gef):
    with pytest.raises(FormatError, match="top and the bottom of its layers"):
        GefSource(gef(("m, top, 1", "mm, sand median, 8"), ("0;1;'K';!",), **BORE)).describe()


def test_a_zip_of_many_is_read_in_chunks_and_the_faulty_are_told(gef, tmp_path):
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for number in range(5):
            archive.write(gef(TESTID=f"D{number}", name=f"{number}.gef"), f"d/{number}.GEF")
        archive.write(gef(LAYERS, ("0;1;0;'K';!",), name="bore.gef", **BORE), "bore.gef")
        archive.write(gef(("m, length, 1",), name="bad.gef"), "bad.gef")
        archive.write(gef(XYID="0, 0, 0", name="nowhere.gef"), "nowhere.gef")
    source, progress = open_source(tmp_path / "all.zip", chunk=2), Silent()
    chunks = list(source.read(progress=progress))
    assert [(logs.kind, len(logs)) for logs in chunks] == [("cpt", 2), ("cpt", 2), ("cpt", 1), ("borehole", 1)]
    assert chunks[1].sites.columns["id"].tolist() == ["D2", "D3"] and chunks[1].starts.tolist() == [0, 3, 6]
    assert {warning.split()[0] for warning in progress.warnings} == {"bad.gef", "nowhere.gef"}
    info = source.describe()
    assert info.count == 7 and info.facts["kinds"] == {"cpt": 6, "borehole": 1} and info.facts["rows"] == 19


def test_only_what_lies_in_the_area_is_given(gef):
    source = GefSource(gef())
    assert len(list(source.read(Extent(83_000, 446_000, 85_000, 448_000)))) == 1
    assert not list(source.read(Extent(0, 400_000, 1, 400_001)))


def test_an_end_that_the_user_asks_for(gef):
    class Stopping(Silent):
        def is_cancelled(self):
            return True

    with pytest.raises(Cancelled):
        list(GefSource(gef()).read(progress=Stopping()))


def test_files_that_are_no_files(tmp_path):
    with pytest.raises(SourceError, match="does not exist"):
        GefSource(tmp_path / "none.gef").describe()
    (tmp_path / "binary.gef").write_bytes(bytes(range(256)) * 10)
    with pytest.raises(FormatError, match="no header of GEF"):
        GefSource(tmp_path / "binary.gef").describe()
    with zipfile.ZipFile(tmp_path / "empty.zip", "w") as archive:
        archive.writestr("a.txt", "x")
    with pytest.raises(FormatError, match="holds no files that end in .gef"):
        GefSource(tmp_path / "empty.zip").describe()


def test_a_header_without_end_does_not_fill_the_memory(tmp_path):
    (tmp_path / "long.gef").write_text("#GEFID= 1\n" + "#COMMENT= x\n" * 30_000)
    with pytest.raises(FormatError, match="more than 20000 lines"):
        GefSource(tmp_path / "long.gef").describe()


def test_the_same_test_in_gef_and_in_xml_gives_the_same_curve(shared):
    """The values of the XML are taken as they stand: 25 to a row, penetration length, depth, time, cone and so on."""
    folder = shared / "subsurface" / "geolib_plus"
    for name, gef_name in (("CPT000000217393", "CPT000000217393_IMBRO"), ("cpt_with_water", "cpt_with_water")):
        blocks = re.findall(r"<[\w:]*values>([^<]+)</", (folder / f"{name}.xml").read_text(), re.DOTALL)
        block = max(blocks, key=len)  # the others are of dissipation
        rows = np.array([row.split(",") for row in block.strip().strip(";").split(";")], float)
        rows[rows == -999999] = np.nan
        rows = rows[np.argsort(rows[:, 0], kind="stable")]
        found = read(folder / f"{gef_name}.gef").rows
        for column, key in ((0, "penetration_length"), (1, "depth"), (3, "cone_resistance"), (18, "friction")):
            # three decimals are written in the GEF
            np.testing.assert_allclose(found[key], rows[:, column], atol=0.00051, err_msg=key)
        np.testing.assert_allclose(found["friction_ratio"], rows[:, 24], atol=0.051)  # one decimal


def test_a_ratio_that_is_void_from_top_to_bottom_is_computed(gef):
    columns = ("m, length, 1", "MPa, cone, 2", "MPa, friction, 3", "%, ratio, 4")
    rows = ("1 2 0.02 -9999", "2 2 0.03 -9999")
    assert read(gef(columns, rows)).rows["friction_ratio"].tolist() == [1.0, 1.5]


def test_the_depth_that_is_computed_is_that_of_the_writer(shared):
    """Wiertsema delivers both: the length with the inclination, and the depth that was made of them."""
    from dtwin_plugin.sources.gef.depth import corrected

    rows = read(shared / "subsurface" / "geost" / "83268_DKMP003_wiertsema.gef").rows
    found = corrected(rows["penetration_length"], rows["inclination"])
    np.testing.assert_allclose(found, rows["depth"], atol=0.002)  # steps of 2 cm, 37 m, angles before filtering


@pytest.mark.parametrize(
    ("xml", "gef_name"), [("CPT000000217393", "CPT000000217393_IMBRO"), ("cpt_with_water", "cpt_with_water")]
)
def test_both_formats_give_logs_that_are_alike(shared, xml, gef_name):
    folder = shared / "subsurface" / "geolib_plus"
    (one,) = open_source(folder / f"{gef_name}.gef").read()
    (other,) = open_source(folder / f"{xml}.xml").read()
    np.testing.assert_allclose(
        one.sites.geometries.coordinates, other.sites.geometries.coordinates, atol=0.00051
    )  # millimetres are written
    for name in ("id", "surface", "final_depth", "predrilled_depth", "area_ratio"):
        assert one.sites.columns[name].tolist() == other.sites.columns[name].tolist(), name
    for name in ("depth", "cone_resistance", "friction", "pore_pressure", "inclination"):
        assert one.units[name] == other.units[name]
        np.testing.assert_allclose(one.rows[name], other.rows[name], atol=0.00051, err_msg=name)  # three decimals
    np.testing.assert_allclose(one.rows["friction_ratio"], other.rows["friction_ratio"], atol=0.051)  # one decimal


def test_a_file_that_is_too_large_is_refused(gef, monkeypatch):
    monkeypatch.setattr(GefSource, "most", 200)
    with pytest.raises(FormatError, match=r"a\.gef is larger than 0 MB"):
        GefSource(gef()).describe()


@pytest.mark.parametrize(
    "data",
    [
        b"#GEFID= 1, 1, 0\n",
        b'<a xmlns="http://www.broservices.nl/xsd/dscpt/1.1"/>',
        b"nr;x;y;top;bottom;lith\n1;2;3;4;5;6\n",
    ],
)
def test_what_is_packed_with_gzip_is_told(tmp_path, data):
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(data))
    with pytest.raises(FormatError, match="a.gz is compressed with gzip"):
        open_source(path)
