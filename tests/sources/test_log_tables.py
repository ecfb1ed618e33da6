"""Tables of boreholes and cone penetration tests in CSV and Parquet."""

import random
import sys
import zipfile

import numpy as np
import pytest

from dtwin_plugin.data import Extent
from dtwin_plugin.errors import CrsError, DtwinError, FormatError, MissingDependencyError, SourceError
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources.log_tables import LogTableSource, tables
from dtwin_plugin.sources.registry import open_source

BORE = """nr,x,y,surface,top,bottom,lith,zm,az,colour
A,84000,447000,1.0,0.0,0.8,K,,,GR
A,84000,447000,1.0,0.8,2.0,K,,Z3,BR
B,84010,447000,,0.5,1.0,Z,120,,
B,84010,447000,,0.0,0.5,V,,,
C,84020,447000,2.0,0.0,1.0,NBE,,,
"""
CPT = """nr,x,y,surface,depth,coneresistance,localfriction
D1,84000,447000,1.0,1.0,2.0,0.02
D1,84000,447000,1.0,2.0,4.0,0.08
D2,84000,447000,1.0,1.0,5.0,-9999
"""


@pytest.fixture
def table(tmp_path):
    """Writes a text as a table; returns its path."""

    def write(text, name="a.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return path

    return write


@pytest.fixture
def parquet(tmp_path):
    """Writes columns as Parquet; returns its path."""
    arrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet as files

    def write(columns, name="a.parquet", **options):
        files.write_table(arrow.table(columns), tmp_path / name, **options)
        return tmp_path / name

    return write


def read(path, **options):
    progress = Silent()
    chunks = list(LogTableSource(path, **options).read(progress=progress))
    return chunks, progress.warnings


def test_boreholes_have_their_layers_by_depth(table):
    (logs, last), warnings = read(table(BORE), batch=100)
    assert not warnings and logs.kind == "borehole"
    assert logs.sites.columns["id"].tolist() == ["A", "B"] and last.sites.columns["id"].tolist() == ["C"]
    assert logs.starts.tolist() == [0, 2, 4] and logs.rows["top"].tolist() == [0.0, 0.8, 0.0, 0.5]
    # clay; sandy clay by the column of its sand; peat; fine sand by its median
    assert logs.rows["lithoclass"].tolist() == [2, 3, 1, 5] and last.rows["lithoclass"].tolist() == [-1]
    assert logs.rows["colour"].tolist() == ["GR", "BR", None, None]
    np.testing.assert_array_equal(logs.sites.columns["surface"], [1.0, np.nan])
    assert logs.sites.geometries.coordinates.tolist() == [[84000, 447000], [84010, 447000]]


def test_layers_without_a_soil_are_layers(table):
    text = "nr,x,y,surface,top,bottom,d50\nA,84000,447000,1.0,0.0,0.2,210\n"
    ((logs,), _) = read(table(text))
    assert logs.rows["soil"].tolist() == [None] and logs.rows["lithoclass"].tolist() == [-1]
    assert logs.rows["sand_median"].tolist() == [210]


@pytest.mark.parametrize("batch", [1, 2, 3, 4, 100])
def test_a_place_is_whole_however_the_rows_are_cut(table, batch):
    chunks, warnings = read(table(BORE), batch=batch)
    assert not warnings
    assert [name for logs in chunks for name in logs.sites.columns["id"].tolist()] == ["A", "B", "C"]
    assert [size for logs in chunks for size in np.diff(logs.starts).tolist()] == [2, 2, 1]


def test_tests_have_curves_and_a_friction_ratio(table):
    chunks, _ = read(table(CPT))
    (first, second) = chunks
    assert first.kind == "cpt" and first.rows["friction_ratio"].tolist() == [1.0, 2.0]
    assert np.isnan(second.rows["friction"]).all() and np.isnan(second.rows["friction_ratio"]).all()
    assert first.units["cone_resistance"] == "MPa"


def test_depths_are_made_of_lengths_where_there_are_none(table):
    text = CPT.replace("depth,", "penetrationlength,").replace("localfriction", "inclination")
    chunks, _ = read(table(text.replace("4.0,0.08", "4.0,36.86989764584402")))  # 3-4-5
    np.testing.assert_allclose(chunks[0].rows["depth"], [1.0, 1.8], atol=1e-9)


def test_tops_and_bottoms_that_are_heights_become_depths(table):
    text = "nr,x,y,surface,top,bottom,lith\nA,84000,447000,1.0,1.0,0.2,K\nA,84000,447000,1.0,0.2,-1.0,Z\n"
    ((logs,), _) = read(table(text))
    np.testing.assert_allclose(logs.rows["top"], [0.0, 0.8], atol=1e-12)
    np.testing.assert_allclose(logs.rows["bottom"], [0.8, 2.0], atol=1e-12)


@pytest.mark.parametrize("change", ["semicolon", "tab", "names", "bom", "crlf", "index"])
def test_tables_of_all_writers(table, change):
    text = {
        "semicolon": BORE.replace(",", ";").replace(".", ","),
        "tab": BORE.replace(",", "\t"),
        "names": BORE.replace("nr,x,y,surface", "Boring ID,X_RD,Y_RD,Maaiveld").replace("lith", "Lithologie"),
        "bom": "\ufeff" + BORE,
        "crlf": BORE.replace("\n", "\r\n"),
        "index": "".join(f"{n},{line}\n" for n, line in enumerate(BORE.splitlines())).replace("0,nr", ",nr"),
    }[change]
    chunks, _ = read(table(text))
    assert chunks[0].rows["top"].tolist() == [0.0, 0.8, 0.0, 0.5] and chunks[0].sites.columns["id"].tolist() == [
        "A",
        "B",
    ]
    assert LogTableSource(table(text)).describe().count == 3


def test_what_lacks_is_told(table):
    lines = BORE.splitlines()
    text = "\n".join([*lines[:2], "A,84000,447000,1.0,9,1,K,,,", "N,,,0,0,1,K,,,", *lines[3:], lines[1]])
    _, warnings = read(table(text))
    assert warnings == [
        "a.csv: 1 objects have no coordinates and are left out.",
        "a.csv: the rows of 1 places do not stand together; they are several places.",
        "a.csv: 1 rows have no depth and are left out.",
    ]


def test_coordinates_outside_rd_need_a_crs(table):
    path = table(BORE.replace("84000", "4").replace("447000", "52"))
    with pytest.raises(CrsError, match="has a place at x, y 4, 52"):
        read(path)
    info = LogTableSource(path).describe()
    assert info.crs is None and info.extent[:2] == (4, 52) and "has a place at x, y 4, 52" in info.warnings[0]


def test_only_what_lies_in_the_area_is_given(table):
    source = LogTableSource(table(BORE))
    (logs,) = source.read(Extent(84_005, 446_000, 84_015, 448_000))
    assert logs.sites.columns["id"].tolist() == ["B"] and logs.rows["soil"].tolist() == ["V", "Z"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a,b\n1,2\n", "is no table of boreholes"),
        ("nr,x,y,top,bottom\nA,1,2,0,1\n", "is no table of boreholes"),
        (",".join(f"c{n}" for n in range(600)) + "\n", "has 600 columns; expected 500 at most"),
        ("", "is no table of boreholes"),
    ],
)
def test_what_is_no_table_of_logs_is_refused(table, text, fault):
    with pytest.raises(FormatError, match=fault):
        LogTableSource(table(text)).describe()


def test_a_table_that_is_too_long_is_refused(table, monkeypatch):
    monkeypatch.setattr(tables, "ROWS", 3)
    with pytest.raises(FormatError, match="more than 3 rows"):
        LogTableSource(table(BORE), batch=2).describe()


def test_an_id_that_never_changes_does_not_fill_the_memory(table, monkeypatch):
    from dtwin_plugin.sources.log_tables import source

    monkeypatch.setattr(source, "_MOST", 50)
    text = BORE.splitlines()[0] + "\n" + "A,84000,447000,1,0,1,K,,,\n" * 200
    with pytest.raises(FormatError, match="more than 50 rows of one place"):
        LogTableSource(table(text), batch=20).describe()


def test_a_file_that_is_absent():
    with pytest.raises(SourceError, match="does not exist"):
        LogTableSource("/nowhere/a.csv").describe()


def test_parquet_is_the_same_as_text(table, parquet):
    columns = {
        "nr": ["A", "A", "B", "B", "C"], "x": [84000, 84000, 84010, 84010, 84020], "y": [447000] * 5,
        "surface": [1.0, 1.0, None, None, 2.0], "top": [0.0, 0.8, 0.5, 0.0, 0.0], "bottom": [0.8, 2.0, 1.0, 0.5, 1.0],
        "lith": ["K", "K", "Z", "V", "NBE"], "zm": [None, None, 120.0, None, None],
        "az": [None, "Z3", None, None, None], "colour": ["GR", "BR", None, None, None],
    }  # fmt: skip
    path = parquet(columns, row_group_size=2)
    for batch in (1, 2, 100):
        text, _ = read(table(BORE), batch=batch)
        found, _ = read(path, batch=batch)
        for one, other in zip(text, found):
            assert one.sites.columns["id"].tolist() == other.sites.columns["id"].tolist()
            assert one.rows["lithoclass"].tolist() == other.rows["lithoclass"].tolist()
            np.testing.assert_array_equal(one.rows["bottom"], other.rows["bottom"])


def test_parquet_of_unusual_types(parquet):
    import datetime

    import pyarrow as arrow

    columns = {
        "nr": arrow.array([7, 7], arrow.int32()), "x": arrow.array([84000, 84000], arrow.float32()),
        "y": arrow.array([447000, 447000], arrow.int64()), "depth": arrow.array([1, 2], arrow.int8()),
        "qc": arrow.array([None, "2.5"], arrow.string()).cast(arrow.float64()),
        "note": arrow.array(["a", "a"]).dictionary_encode(), "day": [datetime.date(2020, 1, 1)] * 2,
        "list": [[1, 2], None], "nothing": arrow.nulls(2),
    }  # fmt: skip
    ((logs,), _) = read(parquet(columns))
    assert logs.sites.columns["id"].tolist() == ["7"] and logs.rows["cone_resistance"][1] == 2.5
    assert logs.rows["note"].tolist() == ["a", "a"] and logs.rows["day"].tolist() == ["2020-01-01"] * 2
    assert logs.rows["list"].tolist() == ["[1, 2]", None] and "nothing" not in logs.rows


def test_parquet_without_a_reader_says_what_is_needed(parquet, monkeypatch):
    from osgeo import gdal

    path = parquet({"nr": ["A"]})
    if gdal.GetDriverByName("Parquet") is not None:
        pytest.skip("GDAL reads Parquet here")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(MissingDependencyError, match="pyarrow"):
        LogTableSource(path).describe()


def test_a_table_that_gdal_reads_is_the_same(table, tmp_path):
    """GDAL's Parquet driver is not everywhere; its tables are read alike whatever driver gives them."""
    from osgeo import gdal

    path = str(tmp_path / "a.gpkg")
    options = gdal.VectorTranslateOptions(format="GPKG", layerName="a")
    gdal.VectorTranslate(path, gdal.OpenEx(str(table(BORE)), open_options=["AUTODETECT_TYPE=YES"]), options=options)
    found = tables.OgrTable(tmp_path / "a.gpkg", "GPKG")
    batches = list(found.batches(2))
    assert [len(batch["x"]) for batch in batches] == [2, 2, 1] and batches[0]["x"].dtype == np.float64
    assert np.isnan(batches[1]["surface"]).all() and batches[0]["az"].tolist() == [None, "Z3"]
    with pytest.raises(FormatError, match="is damaged or no table"):
        tables.OgrTable(table("x", "b.gpkg"), "GPKG")


def test_damaged_parquet_is_refused_in_one_sentence(parquet):
    path = parquet({"nr": ["A"] * 300, "x": [84000] * 300, "y": [447000] * 300, "top": list(range(300)),
                    "bottom": list(range(1, 301)), "lith": ["K"] * 300})  # fmt: skip
    whole, draw = path.read_bytes(), random.Random(3)
    cases = [whole[: len(whole) * part // 30] for part in range(1, 30)]
    for _ in range(60):
        changed = bytearray(whole)
        for _ in range(draw.choice((1, 4, 20))):
            changed[draw.randrange(4, len(changed))] = draw.randrange(256)
        cases.append(bytes(changed))
    for data in cases:
        path.write_bytes(data)
        try:
            LogTableSource(path).describe()
        except DtwinError as error:
            assert str(error).endswith(".") and len(str(error).split()) > 3


def test_spoilt_text_is_logs_or_one_sentence(table):
    draw = random.Random(4)
    for text in (BORE, CPT):
        for _ in range(150):
            changed = bytearray(text.encode())
            for _ in range(draw.choice((1, 5, 20))):
                changed[draw.randrange(len(changed))] = draw.randrange(256)
            path = table("")
            path.write_bytes(bytes(changed))
            try:
                LogTableSource(path, batch=draw.choice((1, 2, 9))).describe()
                list(LogTableSource(path).read())
            except DtwinError as error:
                assert str(error).endswith(".") and len(str(error).split()) > 3


def test_the_tables_around_utrecht_science_park(shared):
    pytest.importorskip("pyarrow")
    folder = shared / "subsurface" / "geost_usp"
    tests = list(open_source(folder / "cpts_usp.parquet").read())
    assert sum(len(logs) for logs in tests) == 111 and sum(int(logs.starts[-1]) for logs in tests) == 73128
    holes = list(open_source(folder / "boreholes_usp.parquet").read())
    assert sum(len(logs) for logs in holes) == 67
    rows = {name: np.concatenate([logs.rows[name] for logs in holes]) for name in ("soil", "lithoclass")}
    of_soil = {soil: set(rows["lithoclass"][rows["soil"] == soil].tolist()) for soil in set(rows["soil"].tolist())}
    assert of_soil["Z"] <= {3, 4, 5, 6, 7} and of_soil["K"] <= {2, 3} and of_soil["V"] == {1} and of_soil["SHE"] == {9}
    assert of_soil["GM"] == {-1} and len(of_soil["Z"]) > 3


@pytest.mark.parametrize(
    ("name", "data"), [("a.csv", b"nr;x;y;top;bottom;lith\n"), ("a.parquet", b"PAR1"), ("a.shp", b"\0\0'\n")]
)
def test_tables_and_shapes_in_a_zip_are_told_to_be_packed(tmp_path, name, data):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(name, data)
    with pytest.raises(FormatError, match=r"a\.zip is a zip with .*, which are not read from a zip"):
        open_source(tmp_path / "a.zip")
