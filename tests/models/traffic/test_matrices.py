"""Matrices in files: what is written is read again, what others write is read, and what is broken is told."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtwin_plugin.data.matrices import Matrices
from dtwin_plugin.errors import DtwinError, FormatError, InputError, MissingDependencyError
from dtwin_plugin.models.traffic.matrix_files import MatrixFile, read_matrices
from dtwin_plugin.models.traffic.matrix_files.files import trips_of
from dtwin_plugin.models.traffic.matrix_files.limits import MOST_ZONES

h5py = pytest.importorskip("h5py")
PAIR = np.array([[0.0, 5.5], [2.0, 0.25]])


def text(tmp_path, content, name="m.csv"):
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    return path


def omx(tmp_path, values=PAIR, lookups=None, version=b"0.2", name="m.omx"):
    """Write a file as other programs do, without our writer."""
    path = tmp_path / name
    with h5py.File(path, "w") as file:
        file.attrs["OMX_VERSION"] = np.array([version])
        file.attrs["SHAPE"] = np.array(np.asarray(values).shape, np.int32)
        file.create_group("data").create_dataset("car", data=values)
        for key, ids in (lookups or {}).items():
            file.require_group("lookup").create_dataset(key, data=ids)
    return path


@pytest.mark.parametrize("suffix", [".omx", ".csv"])
@given(
    zones=st.lists(st.text("abc0189 é-", min_size=1, max_size=6).map(str.strip).filter(bool), min_size=1, max_size=5,
                   unique=True),
    seed=st.integers(0, 1000),
)  # fmt: skip
def test_what_is_written_is_read_again(tmp_path_factory, suffix, zones, seed):
    random = np.random.default_rng(seed)
    values = {name: random.random((len(zones), len(zones))) * random.integers(0, 2, len(zones)) for name in ("a", "b")}
    path = tmp_path_factory.mktemp("m") / f"m{suffix}"
    MatrixFile(Matrices(tuple(zones), values)).write(path)
    found = read_matrices(path).ordered(zones)
    assert all((found.values[name] == values[name]).all() for name in values)  # to the last bit


def test_what_is_not_known_stays_so_in_both(tmp_path):
    values = np.array([[np.nan, 1.0], [0.0, 2.0]])
    for suffix in (".omx", ".csv"):
        MatrixFile(Matrices(("a", "b"), {"time": values})).write(tmp_path / f"m{suffix}")
        np.testing.assert_array_equal(read_matrices(tmp_path / f"m{suffix}").one(), values)


def test_the_same_matrices_give_the_same_bytes(tmp_path):
    matrices = MatrixFile(Matrices(("1", "2"), {"car": PAIR}))
    for name in ("a.omx", "b.omx"):
        matrices.write(tmp_path / name)
    assert (tmp_path / "a.omx").read_bytes() == (tmp_path / "b.omx").read_bytes()
    assert len(list(tmp_path.iterdir())) == 2  # nothing is left beside


def test_a_file_has_what_the_specification_asks(tmp_path):
    MatrixFile(Matrices(("7", "12"), {"car": PAIR})).write(tmp_path / "m.omx")
    with h5py.File(tmp_path / "m.omx") as file:
        assert file.attrs["OMX_VERSION"] == b"0.2" and file.attrs["SHAPE"].tolist() == [2, 2]
        assert file["data/car"].compression == "gzip" and file["lookup/zone"][...].tolist() == [7, 12]


@pytest.mark.parametrize(("lookups", "zones"), [
    ({}, ("1", "2")),
    ({"NO": np.array([31.0, 30.0])}, ("31", "30")),
    ({"zone": np.array([b"0344", b"W1"])}, ("0344", "W1")),
    ({"area": np.array([5, 5]), "taz": np.array([8, 9])}, ("8", "9")),
    ({"too_long": np.array([1, 2, 3])}, ("1", "2")),
])  # fmt: skip
def test_indexes_of_other_programs_are_ids(tmp_path, lookups, zones):
    assert read_matrices(omx(tmp_path, lookups=lookups)).zones == zones


@pytest.mark.parametrize("ids", [[7, 7], [1, 2, 3]])
def test_an_index_of_zones_that_is_none_is_told(tmp_path, ids):
    with pytest.raises(FormatError, match="index zone is no id of each zone once"):
        read_matrices(omx(tmp_path, lookups={"zone": np.array(ids)}))
    # one that is of something else, such as the district, is not needed
    assert read_matrices(omx(tmp_path, lookups={"district": np.array(ids)}, name="d.omx")).zones == ("1", "2")


def test_small_matrices_in_pieces_that_fill_the_memory_are_refused(tmp_path):
    with h5py.File(tmp_path / "m.omx", "w") as file:
        made = file.create_group("data").create_dataset
        made("car", (2, 2), "f8", chunks=(30_000, 30_000), maxshape=(None, None), compression="gzip")
    with pytest.raises(FormatError, match="pieces larger than 256 MB"):
        read_matrices(tmp_path / "m.omx")
    with h5py.File(omx(tmp_path), "a") as file:
        file.create_group("lookup").create_dataset("zone", (2,), "S500000000", chunks=(1,), compression="gzip")
    with pytest.raises(FormatError, match="pieces larger than 256 MB"):
        read_matrices(tmp_path / "m.omx")


def test_a_mark_of_what_is_not_there_is_not_known(tmp_path):
    path = omx(tmp_path, np.array([[-1, 3], [4, -1]], np.int16))
    with h5py.File(path, "a") as file:
        file["data/car"].attrs["NA"] = -1
    np.testing.assert_array_equal(read_matrices(path).one(), [[np.nan, 3], [4, np.nan]])


@pytest.mark.parametrize("content", [
    "origin,destination,car\na,b,5.5\nb,a,2\nb,b,0.25\n",
    "Herkomst;Bestemming;car\na;b;5,5\nb;a;2\nb;b;0,25\n",
    "van\tnaar\tcar\na\tb\t5,5\nb\ta\t2\nb\tb\t0,25\n\n",
    "Woonregio's;Werkregio's;Perioden;car\na;b;2022;5,5\nb;a;2022;2\nb;b;2022;0,25\n",
    ";a;b\na;0;5,5\nb;2;0,25\n",
    ";b;a\nb;0,25;2\na;5,5;0\n",
    "zone,a,b\na,0,5.5\nb,2,0.25\n",
])  # fmt: skip
def test_tables_of_all_kinds_give_the_same(tmp_path, content):
    assert read_matrices(text(tmp_path, content)).ordered(("a", "b")).one().tolist() == PAIR.tolist()


def test_a_table_of_numbers_alone_has_zones_from_one(tmp_path):
    found = read_matrices(text(tmp_path, "0,5.5\n2,0.25\n"))
    assert found.zones == ("1", "2") and found.one().tolist() == PAIR.tolist()


def test_trips_of_a_survey_add_up(tmp_path):
    rows = "OPID;VertPC;AankPC;Doel;FactorV\n1;1011;1012;1;100,5\n2;1011;1012;7;50\n3;;;0;0\n"
    found = read_matrices(text(tmp_path, rows))
    assert found.zones == ("1011", "1012") and found.one("trips").tolist() == [[0.0, 150.5], [0.0, 0.0]]


def test_zones_stand_in_the_order_of_their_numbers(tmp_path):
    found = read_matrices(text(tmp_path, "o,d,v\n10,9,1\n2,10,1\n"))
    assert found.zones == ("2", "9", "10")


@pytest.mark.parametrize(("content", "said"), [
    ("", "one column"),
    ("a\nb\n", "one column"),
    ("o,d,v\n1,2,3\n1,2,4\n", "in 2 rows"),
    ("o,d,v\n1,2\n", "row 2: 2 values"),
    ("o,d,v\n,2,3\n", "without an origin"),
    ("o,d,v\n", "has no rows"),
    ("o,d,v\n1,2,many\n", "no column of numbers"),
    ("o;d;v\n1;2;1.250\n", "thousands"),
    ("a,b,c\n1,2,3\n", "no matrix"),
    (",a,b\na,1,2\nc,1,2\n", "no matrix"),
    ("zone,a,b\na,1,x1\nb,1,2\n", "no numbers"),
])  # fmt: skip
def test_a_broken_table_says_what_is_wrong(tmp_path, content, said):
    with pytest.raises(FormatError, match=said):
        read_matrices(text(tmp_path, content))


@pytest.mark.parametrize(
    "content",
    [
        "origin,destination,car,truck\na,b,5,7\nb,a,6,#N/A\na,a,0,0\n",  # else no truck would drive at all
        "o;d;car\na;b;1,5\nb;a;12.5\na;a;0\n",  # else 125 trips
        "o;d;car\na;b;1,250.5\nb;a;12,5\na;a;0\n",  # else 1.2505 trips
    ],
)
def test_a_cell_that_is_no_number_is_told_and_its_matrix_is_not_left_out(tmp_path, content):
    with pytest.raises(FormatError, match="is no number as the others"):
        read_matrices(text(tmp_path, content))


def test_a_column_of_names_is_no_matrix(tmp_path):
    content = "o,d,car,name\na,b,5,north\nb,a,6,3\n"
    assert list(read_matrices(text(tmp_path, content)).values) == ["car"]


def test_thousands_with_decimals_are_read(tmp_path):
    assert read_matrices(text(tmp_path, "o;d;v\n1;2;1.250,5\n")).one().tolist()[0][1] == 1250.5


def test_more_zones_than_fit_are_refused_before_they_are_made(tmp_path):
    rows = "".join(f"{k},{k},1\n" for k in range(MOST_ZONES + 1))
    with pytest.raises(FormatError, match="more than can be held"):
        read_matrices(text(tmp_path, "o,d,v\n" + rows))


def test_what_is_declared_too_large_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "m.omx"
    with h5py.File(path, "w") as file:  # 8 TB in a file of some kB
        file.create_group("data").create_dataset("car", shape=(10**6, 10**6), chunks=(1, 10**6), dtype="f8")
    with pytest.raises(FormatError, match="more than can be held"):
        read_matrices(path)


def _external_link(file, other):
    file["data/car"] = h5py.ExternalLink(str(other), "data/car")


def _external_group(file, other):
    del file["data"]
    file["data"] = h5py.ExternalLink(str(other), "data")


def _soft_link(file, other):
    file["data/car"] = h5py.SoftLink("/elsewhere")


def _external_storage(file, other):
    file["data"].create_dataset("car", shape=(2, 2), dtype="f8", external=[(str(other), 0, 32)])


def _virtual(file, other):
    layout = h5py.VirtualLayout((2, 2), "f8")
    layout[:] = h5py.VirtualSource(str(other), "data/car", (2, 2))
    file["data"].create_virtual_dataset("car", layout)


@pytest.mark.parametrize("make", [_external_link, _external_group, _soft_link, _external_storage, _virtual])
def test_no_other_file_is_read_through_a_file(tmp_path, make):
    other = omx(tmp_path, name="secret.omx")
    with h5py.File(tmp_path / "m.omx", "w") as file:
        file.create_group("data")
        make(file, other)
    with pytest.raises(FormatError):
        read_matrices(tmp_path / "m.omx")


@pytest.mark.parametrize("values", [np.zeros((2, 3)), np.zeros(4), np.array([[b"a", b"b"], [b"c", b"d"]])])
def test_what_is_no_square_of_numbers_is_refused(tmp_path, values):
    with pytest.raises(FormatError):
        read_matrices(omx(tmp_path, values))


@pytest.mark.parametrize(
    "content", [b"\x89HDF\r\n\x1a\n" + b"\x00" * 500, b"PK\x03\x04\x00\x00", b"o,d,v\n\xff\xfe,2,3\n"]
)
def test_what_is_no_file_of_matrices_is_told(tmp_path, content):
    path = tmp_path / "m.omx"
    path.write_bytes(content)
    with pytest.raises(DtwinError):
        read_matrices(path)


def test_half_a_file_is_told(tmp_path):
    path = omx(tmp_path, np.random.default_rng(1).random((100, 100)))
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(FormatError):
        read_matrices(path)


def test_a_name_that_is_not_there_is_told_with_those_that_are(tmp_path):
    for path in (omx(tmp_path), text(tmp_path, "o,d,car\n1,2,3\n")):
        with pytest.raises(InputError, match="no matrix bus; it has car"):
            read_matrices(path, ["bus"])


def test_zones_that_a_matrix_lacks_are_named():
    with pytest.raises(InputError, match="no zone c; it has a, b"):
        Matrices(("a", "b"), {"car": PAIR}).ordered(("a", "c"))


def test_a_matrix_without_its_name_is_no_guess():
    with pytest.raises(InputError, match="there are car, bus"):
        Matrices(("a", "b"), {"car": PAIR, "bus": PAIR}).one()


def test_trips_below_nothing_are_refused(tmp_path):
    with pytest.raises(InputError, match="below 0"):
        trips_of(text(tmp_path, "o,d,v\n1,2,-3\n"))


def test_without_h5py_it_is_said_how_to_get_it(tmp_path, monkeypatch):
    path = omx(tmp_path)
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(MissingDependencyError, match="h5py"):
        read_matrices(path)


def test_a_failed_write_leaves_what_was_there(tmp_path, monkeypatch):
    path = text(tmp_path, "old", "m.omx")
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(MissingDependencyError):
        MatrixFile(Matrices(("1", "2"), {"car": PAIR})).write(path)
    assert path.read_text() == "old" and len(list(tmp_path.iterdir())) == 1


def test_a_program_with_another_hdf5_reads_and_writes_too(tmp_path, root):
    pytest.importorskip("qgis.core")
    code = (
        "import sys, numpy as np\n"
        "from qgis.core import QgsApplication\n"
        "from dtwin_plugin.data.matrices import Matrices\n"
        "from dtwin_plugin.models.traffic.matrix_files import MatrixFile, read_matrices\n"
        "MatrixFile(Matrices(('1', '2'), {'car': np.eye(2)})).write(sys.argv[1])\n"
        "print(read_matrices(sys.argv[1]).one().sum())\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "m.omx")]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=120)
    assert done.stdout.strip() == "2.0", done.stderr
