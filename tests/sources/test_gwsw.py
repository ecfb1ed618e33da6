"""GWSW-Hyd sets: the network of the test set of RIONED, its faults, and that SWMM runs what is made of it."""

import shutil
import zipfile

import numpy as np
import pytest

from dtwin_plugin.data import Extent
from dtwin_plugin.errors import FormatError, SourceError
from dtwin_plugin.sources.gwsw import GwswSource, inp_of

NODES = "UNI_IDE;KNP_XCO;KNP_YCO;MVD_NIV;KNP_VRM;KNP_BOK;KNP_BRE;KNP_LEN;KNP_TYP;MVD_SCH\n"
LINKS = "UNI_IDE;KN1_IDE;KN2_IDE;VRB_TYP;BOB_KN1;BOB_KN2;STR_RCH;VRB_LEN;PRO_IDE\n"
PROFILES = "PRO_IDE;PRO_MAT;PRO_VRM;PRO_BRE;PRO_HGT;TAB_BRE;TAB_HGT\n"
WORKS = "UNI_IDE;KWK_TYP;BWS_NIV;PRO_BOK;DRL_COE;OVS_BRE;OVS_NIV;OVS_COE;PMP_CAP;PMP_AN1;PMP_AF1\n"


@pytest.fixture
def written(tmp_path):
    def write(nodes="", links="", profiles="r;PVC;RND;400;;;\n", works="", coding="utf-8"):
        texts = {
            "Knooppunt": NODES + nodes, "Verbinding": LINKS + links, "Profiel": PROFILES + profiles,
            "Kunstwerk": WORKS + works,
        }  # fmt: skip
        for name, text in texts.items():
            (tmp_path / f"{name}.csv").write_bytes(text.encode(coding))
        return tmp_path

    return write


TWO = "a;0;0;2,5;RHK;0,0;800;800;INS;RES\nb;100;0;2.4;RND;-0.1;1000;;INS;RES\n"


def lines(text, section):
    """The lines of a section, wherever it stands."""
    found, inside = [], False
    for line in text.splitlines():
        if line.startswith("["):
            inside = line.strip("[] ") == section
        elif inside and line:
            found.append(line)
    return found


def what(sewer):
    return {(fault.name, fault.what) for fault in sewer.faults}


def test_the_test_set_is_read_whole_and_its_faults_are_named(shared):
    sewer = GwswSource(shared / "flood" / "gwsw_hydx").load()
    # 86 lines with a header and one node twice; 96 links of which one is closed at both ends
    assert len(sewer.network.nodes) == 84 and len(sewer.network.start) == 95
    found = what(sewer)
    assert {("knp9", "twice"), ("lei30", "closed"), ("lei34", "no profile"), ("pmp90", "pressure side")} <= found
    kinds = sewer.network.link_columns["type"].tolist()
    assert [kinds.count(kind) for kind in ("PMP", "OVS", "DRL")] == [8, 6, 2]
    assert sum(sewer.inflow.values()) > 0


def test_a_zip_and_a_file_of_the_set_give_the_same(shared, tmp_path):
    folder = shared / "flood" / "gwsw_hydx"
    path = tmp_path / "set.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in folder.glob("*.csv"):
            archive.write(file, f"hydx/{file.name}")
    one, two, three = (inp_of(GwswSource(found).load()) for found in (folder, path, folder / "Knooppunt.csv"))
    assert one == two == three


def test_swmm_runs_the_test_set(shared, tmp_path):
    solver = pytest.importorskip("swmm.toolkit.solver")
    (tmp_path / "a.inp").write_text(inp_of(GwswSource(shared / "flood" / "gwsw_hydx").load()))
    solver.swmm_open(*(str(tmp_path / f"a.{end}") for end in ("inp", "rpt", "out")))
    try:
        solver.swmm_start(0)
        for _ in range(60):
            solver.swmm_stride(10)
        solver.swmm_end()
    finally:
        solver.swmm_close()
    assert "ERROR" not in (tmp_path / "a.rpt").read_text()


def test_sizes_and_levels_are_in_metres(written):
    sewer = GwswSource(written(TWO, "l;a;b;GSL;0,10;0.00;OPN;98;r\n")).load()
    assert not sewer.faults
    columns = sewer.network.node_columns
    np.testing.assert_allclose(columns["area"], [0.64, np.pi / 4])
    np.testing.assert_allclose(columns["rim"], [2.5, 2.4])
    text = inp_of(sewer)
    assert lines(text, "CONDUITS") == ["l a b 98.000 0.0110 0.100 0.000 0 0"]
    assert lines(text, "XSECTIONS") == ["l CIRCULAR 0.4000 0 0 0"]
    assert "b -0.100 2.500 0.000 FUNCTIONAL 0 0 0.785 0 0" in lines(text, "STORAGE")


def test_weirs_pumps_and_orifices_by_hand(written):
    links = "w;a;b;OVS;;;OPN;;\np;a;b;PMP;;;1_2;;\no;a;b;DRL;;;2_1;;r\n"
    works = "w;OVS;;;;3;1.5;0.9;;;\np;PMP;;;;;;;72;1.2;0.3\no;DRL;;0.2;0.6;;;;;;\n"
    text = inp_of(GwswSource(written(TWO, links, works=works)).load())
    assert lines(text, "WEIRS") == ["w a b TRANSVERSE 1.500 1.5345 NO 0 0"]  # 0.9 x 1.705
    assert "w RECT_OPEN 10.000 3.000" in text
    assert lines(text, "PUMPS")[0] == "p a b _pump_p ON 1.200 0.300"
    assert "_pump_p 100.0 0.020000" in text  # 72 m3/h
    assert lines(text, "ORIFICES") == ["o b a SIDE 0.200 0.600 YES 0"]


def test_an_outfall_has_the_level_outside_and_one_link_each(written):
    nodes = TWO + "u;200;0;;RND;-1;;;UIT;\n"
    works = "u;UIT;0.5;;;;;;;;\n"
    text = inp_of(GwswSource(written(nodes, "l;a;u;GSL;0;-1;OPN;98;r\nm;b;u;GSL;0;-1;OPN;98;r\n", works=works)).load())
    assert lines(text, "OUTFALLS") == ["u -1.000 FIXED 0.500 NO", "u__2 -1.000 FIXED 0.500 NO"]


def test_a_table_of_widths_is_a_shape_and_a_missing_size_is_said(written):
    profiles = "t;;TAB;;;0.2 1.0 0.2;0 0.5 1.0\nx;;RND;;;;\n"
    links = "l;a;b;GSL;0;0;OPN;98;t\nm;a;b;GSL;0;0;OPN;98;x\n"
    sewer = GwswSource(written(TWO, links, profiles)).load()
    assert what(sewer) == {("m", "no profile")}
    text = inp_of(sewer)
    assert "l CUSTOM 1.0000 _shape_l 0 0" in text and "_shape_l 0.50000 1.00000" in text
    assert "m CIRCULAR 0.4000 0 0 0" in text


@pytest.mark.parametrize(
    ("nodes", "links", "fault"),
    [
        ("c;x;0;2;RND;0;;;INS;\n", "", ("c", "no place")),
        ("a;9;9;2;RND;0;;;INS;\n", "", ("a", "twice")),
        ("", "l;a;z;GSL;0;0;OPN;9;r\n", ("l", "no node")),
        ("", "l;a;a;GSL;0;0;OPN;9;r\n", ("l", "loop")),
        ("", "l;a;b;PMP;;;OPN;;\n", ("l", "no level")),
        ("", "l;a;b;GSL;-0.5;0;OPN;9;r\n", ("a", "high bottom")),
        ("c;5;0;2;RND;;;;INS;\n", "l;a;c;GSL;0;0.3;OPN;9;r\n", ("c", "no bottom")),
    ],
)
def test_a_fault_is_named_with_its_object(written, nodes, links, fault):
    assert fault in what(GwswSource(written(TWO + nodes, links)).load())


def test_a_set_from_windows_is_read(written):
    nodes = TWO.replace("a;", "Café;").replace("b;", "b 2;")
    sewer = GwswSource(written(nodes, "l;Café;b 2;GSL;0;0;OPN;9;r\n", coding="cp1252")).load()
    assert sewer.network.node_columns["name"].tolist() == ["Café", "b 2"]
    assert "l Café b_2" in inp_of(sewer)


def test_what_is_no_set_is_said(tmp_path, written):
    folder = written(TWO)
    (folder / "Verbinding.csv").unlink()
    with pytest.raises(FormatError, match="Verbinding"):
        GwswSource(folder).load()
    with pytest.raises(SourceError, match="does not exist"):
        GwswSource(tmp_path / "none.zip").load()
    (folder / "Verbinding.csv").write_text("no semicolons\n")
    with pytest.raises(FormatError, match="semicolons"):
        GwswSource(folder).load()


def test_an_area_keeps_what_touches_it(shared, tmp_path):
    source = GwswSource(shutil.copytree(shared / "flood" / "gwsw_hydx", tmp_path / "set"))
    nodes, links = source.read(Extent(390, 40, 410, 110))
    assert sorted(nodes.columns["name"].tolist()) == ["knp1", "knp2"]
    assert "lei46" in links.columns["name"].tolist()
    info = source.describe()
    assert info.facts["nodes"] == 84 and info.warnings and info.extent[:2] == (0.0, 0.0)
