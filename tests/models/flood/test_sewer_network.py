"""A sewer network in SWMM under a street: water goes both ways and none is made or lost."""

import threading
import time
from pathlib import Path

import numpy as np
import pytest

from dtwin_plugin.data import Features, Geometries, Grid
from dtwin_plugin.errors import Cancelled, FormatError, InputError, MissingDependencyError
from dtwin_plugin.models.checks import check
from dtwin_plugin.models.flood import FLOOD
from dtwin_plugin.models.flood.sewers import sewer_swmm
from dtwin_plugin.models.flood.sewers.sewer_inp import Manhole, parsed, read_inp, to_run
from dtwin_plugin.models.flood.sewers.sewer_network import inlet_flow
from dtwin_plugin.progress import Silent

pytest.importorskip("swmm.toolkit")

# A street of 40 by 10 m at 2 m NAP over two manholes; the pipe of 0.5 m leaves at O
STREET = """[TITLE]
two manholes
[OPTIONS]
FLOW_UNITS {units}
FLOW_ROUTING KINWAVE
START_DATE 01/01/2020
END_DATE 01/01/2020
[RAINGAGES]
G INTENSITY 0:05 1.0 TIMESERIES none
[JUNCTIONS]
A 0.0 2.0
B -0.1 2.1 ;the lower
[OUTFALLS]
O -0.5 {outfall}
[CONDUITS]
P1 A B 20 0.013 0 0
P2 B O 20 0.013 0 0
[XSECTIONS]
P1 CIRCULAR 0.5 0 0 0
P2 CIRCULAR 0.5 0 0 0
{more}
[COORDINATES]
A 10.5 5.5
B 30.5 5.5
O 50.5 5.5
"""


@pytest.fixture
def network(tmp_path):
    def write(units="CMS", outfall="FREE", more="", text=STREET):
        path = tmp_path / "street.inp"
        path.write_text(text.format(units=units, outfall=outfall, more=more))
        return path

    return write


def values(path, bed=None, **given):
    ground = np.full((10, 40), 2.0) if bed is None else bed
    defaults = {item.name: item.default for item in FLOOD.inputs}
    fixed = {"infiltration": 0.0, "after": 0.5, "rain_duration": 0.5, "boundary": "closed", "threads": 1}
    return {**defaults, **fixed, "terrain": Grid(ground, 0.0, 10.0, 1.0), "sewer_network": path, **given}


def flood(path, bed=None, progress=None, **given):
    return FLOOD.run(values(path, bed, **given), progress or Silent())


def terms(found, name):
    return dict(zip(found[name]["term"], found[name]["volume"]))


def water(found):
    return float(np.nansum(found["depth"].values[-1], dtype=float))


def codes(path, **given):
    return {item.code: item.text() for item in check(FLOOD, values(path, **given))}


def test_an_inlet_is_a_weir_then_an_orifice_by_hand():
    found = inlet_flow(np.array([0.02, 1.0, -1.0]), np.array([1.2]), np.array([0.06]))
    assert found[0] == pytest.approx(1.66 * 1.2 * 0.02**1.5, rel=1e-12)
    assert found[1] == pytest.approx(0.67 * 0.06 * (2 * 9.81) ** 0.5, rel=1e-12)
    assert found[2] == 0


def test_the_street_drains_and_what_it_lost_is_in_the_sewer(network):
    found = flood(network(), rain=50.0)
    sewer, surface = terms(found, "sewer_balance"), terms(found, "balance")
    assert sewer["taken"] > 0.9 * 400 * 0.05
    assert surface["stored"] == pytest.approx(surface["rain"] - surface["sewer_network"], abs=2e-5)
    assert found["mass_error"] < 1e-6
    # what SWMM got is what the street lost, to the tolerance of its own account (1 %: its dynamic wave is no better)
    assert sewer["inflow"] - sewer["to_street"] == pytest.approx(
        sewer["taken"] - sewer["brought"] - sewer["on_its_way"], rel=1e-3
    )
    assert abs(sewer["unexplained"]) < 0.01 * sewer["inflow"]
    assert found["sewer_exchange"].columns["taken"].sum() == pytest.approx(sewer["taken"])


@pytest.mark.parametrize(("units", "flow"), [("CMS", "0.4"), ("LPS", "400"), ("MLD", "34.56")])
def test_a_sewer_that_gets_too_much_rises_onto_the_street(network, units, flow):
    """0.4 m3/s enters at B for an hour, more than the pipe takes to an outfall at 1.95 m."""
    path = network(units, "FIXED 1.95", f'[INFLOWS]\nB FLOW "" FLOW 1.0 1.0 {flow}')
    found = flood(path, rain=0.0)
    sewer = terms(found, "sewer_balance")
    assert sewer["inflow"] > 0 and sewer["brought"] > 5
    assert water(found) == pytest.approx(sewer["brought"] - sewer["taken"], rel=1e-5)
    nodes = found["sewer_exchange"].columns
    assert nodes["level_max"][1] > 2.0 and nodes["minutes_over"][1] > 10
    assert np.nanmin(found["depth"].values) >= 0


def test_the_units_of_the_file_make_no_difference(network):
    depths = []
    for units, flow in (("CMS", "0.2"), ("LPS", "200")):
        path = network(units, "FIXED 1.95", f'[INFLOWS]\nB FLOW "" FLOW 1.0 1.0 {flow}')
        depths.append(flood(path, rain=0.0, after=0.2)["depth"].values[-1])
    np.testing.assert_allclose(depths[0], depths[1], atol=1e-4)  # SWMM calculates in cubic feet


def test_a_street_and_its_sewer_come_level(network):
    """A closed network below a pond: the manholes fill up to the level on the street, and nothing flows any more."""
    text = STREET.replace("P2 B O 20 0.013 0 0\n", "[PUMPS]\nP2 B O * OFF\n").replace("P2 CIRCULAR 0.5 0 0 0\n", "")
    path = network(text=text)
    found = flood(path, rain=100.0, after=1.0)
    nodes = found["sewer_exchange"].columns
    level = 2.0 + float(np.nanmean(found["depth"].values[-1]))
    assert nodes["level_max"] == pytest.approx(level, abs=0.03)
    assert found["mass_error"] < 1e-6
    sewer = terms(found, "sewer_balance")
    assert sewer["taken"] - sewer["brought"] == pytest.approx(400 * 0.1 - water(found), abs=1e-3)


def test_street_inlets_let_more_in(network):
    places = np.array([[x + 0.5, 5.5] for x in range(2, 38, 2)])
    inlets = Features(Geometries.points(places), {"node": np.array(["A", None] * 9, object)})
    few, many = (flood(network(), rain=60.0, after=0.0, sewer_inlets=given) for given in (None, inlets))
    assert terms(many, "sewer_balance")["taken"] > 1.1 * terms(few, "sewer_balance")["taken"]
    assert many["mass_error"] < 1e-6


def test_a_node_under_a_building_is_coupled_beside_it(network):
    house = Features(Geometries.build("polygon", [[[[(8, 4), (13, 4), (13, 7), (8, 7), (8, 4)]]]]))
    found = flood(network(), rain=30.0, buildings=house)
    assert (found["sewer_exchange"].columns["taken"] > 0).all()


def test_every_run_gives_the_same_bits_and_leaves_nothing(network, tmp_path, monkeypatch):
    monkeypatch.setattr(sewer_swmm.tempfile, "tempdir", str(tmp_path / "work"))
    (tmp_path / "work").mkdir()
    one, two = (flood(network(), rain=30.0, after=0.1)["depth"].values for _ in range(2))
    np.testing.assert_array_equal(one, two)
    assert not list((tmp_path / "work").iterdir())


def test_runs_in_two_threads_wait_for_each_other(network):
    path, found = network(), []
    threads = [threading.Thread(target=lambda: found.append(flood(path, rain=20.0, after=0.0))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert len(found) == 2
    np.testing.assert_array_equal(found[0]["depth"].values, found[1]["depth"].values)


class Stopping(Silent):
    """Asks to stop from some time on."""

    def __init__(self, seconds):
        super().__init__()
        self.end = time.monotonic() + seconds

    def is_cancelled(self):
        return time.monotonic() > self.end


def test_a_run_stops_within_a_second_also_while_it_waits_for_another(network, tmp_path):
    flood(network(), rain=1.0, after=0.0)  # compiled
    stopping = Stopping(0.5)
    with pytest.raises(Cancelled):
        flood(network(), rain=50.0, rain_duration=20.0, progress=stopping)
    assert time.monotonic() - stopping.end < 1.0
    with sewer_swmm._LOCK:
        stopping = Stopping(0.2)
        with pytest.raises(Cancelled):
            flood(network(), rain=50.0, progress=stopping)
        assert time.monotonic() - stopping.end < 1.0
    flood(network(), rain=1.0, after=0.0)  # SWMM is free again


def test_without_the_package_it_is_one_sentence(network, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "swmm.toolkit", None)
    with pytest.raises(MissingDependencyError, match="swmm-toolkit"):
        flood(network(), rain=1.0)
    assert "swmm-toolkit" in codes(network())["DT146"]


def test_what_swmm_says_of_a_broken_network_is_told_and_it_can_run_again(network):
    with pytest.raises(InputError, match="ERROR 209.*Z"):
        flood(network(text=STREET.replace("P1 A B", "P1 A Z")), rain=1.0)
    flood(network(), rain=1.0, after=0.0)


def test_before_the_run_what_is_wrong_is_listed(network, tmp_path):
    assert not codes(network())
    assert "CFS" in codes(network("CFS"))["DT147"]
    (tmp_path / "no.inp").write_text("a,b\n1,2\n")
    assert "JUNCTIONS" in codes(tmp_path / "no.inp")["DT146"]
    far = network(text=STREET.replace("A 10.5", "A 1010.5").replace("B 30.5", "B 1030.5"))
    assert "2 nodes" in codes(far)["DT148"]
    assert ": A" in codes(network(text=STREET.replace("A 10.5", "A 1010.5")))["DT149"]
    assert "A +0.70" in codes(network(text=STREET.replace("A 0.0 2.0", "A 0.0 1.3")))["DT150"].replace("+0.7 ", "+0.70")
    assert ": A" in codes(network(text=STREET.replace("A 0.0 2.0", "A 3.0 0")))["DT151"]
    with pytest.raises(FormatError, match="number"):
        read_inp(network(text=STREET.replace("A 0.0", "A zero")))


def test_the_copy_that_runs_has_no_rain_and_no_files_of_the_first():
    text = (
        "[OPTIONS]\nFLOW_UNITS CMS\nFLOW_ROUTING STEADY\nIGNORE_RAINFALL NO\n[FILES]\nSAVE OUTFLOWS x\n[JUNC]\nA 0 2\n"
    )
    text += '[TIMESERIES]\nt FILE "t.dat"\n[REPORT]\nINPUT YES\n'
    found = to_run(parsed(text, Path("/data")), {"A": Manhole(2.0, 1.2, 4.0)})
    assert "FLOW_ROUTING DYNWAVE" in found and "IGNORE_RAINFALL YES" in found and "STEADY\n" not in found
    assert "SAVE" not in found and "INPUT YES" not in found and '"/data/t.dat"' in found
    assert "A 0.000000 12.000000 0.000000 TABULAR" in found


def test_a_network_of_the_environment_agency_surcharges_at_the_manhole_it_should(shared, tmp_path):
    """Test 8B: 1.6 to 6.3 m3/s through a culvert of 1.4 m; the street over J1 is made here: a bowl at 31.46 m."""
    path = shared / "flood" / "ea_test8" / "test8b_drainage_ponding.inp"
    y, x = np.mgrid[0:60, 0:60]
    bed = 31.46 + 0.002 * np.hypot(x - 30, y - 30)
    ground = Grid(bed, 264895 - 61.0, 664747 + 61.0, 2.0)
    found = flood(path, terrain=ground, rain=0.0, rain_duration=0.1, after=4.0)
    sewer = terms(found, "sewer_balance")
    assert found["sewer_exchange"].columns["node"].tolist() == ["J1"]
    assert sewer["brought"] > 100
    assert np.nansum(found["depth"].values[-1]) * 4 == pytest.approx(sewer["brought"] - sewer["taken"], rel=1e-5)
    assert found["mass_error"] < 1e-6
