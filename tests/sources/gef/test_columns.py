"""Columns of GEF files of many writers: by quantity, with units, voids, depths and separators."""

import math

import pytest

from dtwin_plugin.errors import FormatError
from dtwin_plugin.sources.gef import GefSource
from tests.sources.gef.written import read, told


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


def test_a_ratio_that_is_void_from_top_to_bottom_is_computed(gef):
    columns = ("m, length, 1", "MPa, cone, 2", "MPa, friction, 3", "%, ratio, 4")
    rows = ("1 2 0.02 -9999", "2 2 0.03 -9999")
    assert read(gef(columns, rows)).rows["friction_ratio"].tolist() == [1.0, 1.5]
