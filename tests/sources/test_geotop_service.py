"""GeoTOP and REGIS by area from an OPeNDAP service."""

import time

import numpy as np
import pytest

from dtwin_plugin.data import Extent
from dtwin_plugin.errors import Cancelled, FormatError, InputError, UnavailableError
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources.geotop import GeotopServiceSource, GeotopSource, RegisServiceSource, RegisSource, joined
from dtwin_plugin.sources.geotop.dap import DapArrays
from dtwin_plugin.sources.geotop.dds import attributes, error_in, variables
from dtwin_plugin.sources.requests_transport import RequestsTransport
from dtwin_plugin.sources.retry import Retrying

AREA = Extent(139_550, 454_750, 140_500, 455_650)


@pytest.fixture
def files(shared):
    folder = shared / "subsurface"
    return {"geotop": folder / "geost_usp" / "geotop_usp.nc", "regis": folder / "zeeland_nlmod" / "regis.nc"}


@pytest.fixture
def service(opendap_server, files):
    state = opendap_server.Opendap(*opendap_server.of_file(files["geotop"]))
    with opendap_server.serve(state):
        yield state


def transport():
    return Retrying(RequestsTransport(), attempts=2, sleep=lambda _: None)


def source(state, **options):
    return GeotopServiceSource(transport(), url=state.url, **options)


def test_an_area_of_the_service_equals_the_file(service, files):
    found, expected = joined(source(service).read(AREA)), joined(GeotopSource(files["geotop"]).read(AREA))
    np.testing.assert_array_equal(found.classes, expected.classes)
    np.testing.assert_array_equal(found.probability, expected.probability)
    assert set(found.layers) == set(expected.layers)
    for name, values in expected.layers.items():
        np.testing.assert_array_equal(found.layers[name], values)
    assert found.extent == expected.extent


def test_only_the_cells_of_the_area_are_asked(service):
    list(source(service, heights=(-3.0, 2.0)).read(Extent(139_910, 454_910, 139_990, 454_990)))
    # (139910 - 139500) div 100 = 4; (454910 - 454700) div 100 = 2; (-3 + 50) div 0.5 = 94
    assert "lithok[4:1:4][2:1:2][94:1:103]" in service.asked[-1]
    assert len(service.asked) == 4  # .dds, the labels of the axes, .das, and one for the cells


def test_the_indices_are_those_of_the_reference(opendap_server):
    axes = {"x": 13_600 + 100 * np.arange(2646), "y": 338_500 + 100 * np.arange(2811), "z": -50 + 0.5 * np.arange(313)}
    arrays = {name: ((name,), labels.astype("f8")) for name, labels in axes.items()}
    state = opendap_server.Opendap(arrays)
    shape = ("x", "y", "z")
    # what the real service has: 2.3 milliard cells, of which none is kept here
    state.arrays["lithok"] = (shape, np.broadcast_to(np.int16(5), (2646, 2811, 313)))
    state.arrays["strat"] = (shape, np.broadcast_to(np.int16(1000), (2646, 2811, 313)))
    with opendap_server.serve(state):
        found = joined(source(state).read(Extent(172_201, 447_701, 172_299, 447_799)))
    assert "lithok[1586:1:1586][1092:1:1092][0:1:312]" in state.asked[-1]
    assert (found.x_min, found.y_min, found.z_min) == (172_200, 447_700, -50) and found.classes.shape == (1, 1, 313)


def test_a_large_area_comes_in_several_requests(service):
    pieces = list(source(service).read(Extent(139_500, 454_700, 141_400, 456_200)))
    assert len(pieces) > 1 and len(service.asked) == 3 + len(pieces)
    assert sum(piece.classes.size for piece in pieces) == 19 * 15 * 313


def test_the_description_asks_for_no_cells(service):
    info = source(service).describe()
    assert info.count == 19 * 15 * 313 and info.crs == "EPSG:7415"
    assert not any("lithok" in asked for asked in service.asked)


@pytest.mark.parametrize(
    ("faults", "fault"),
    [
        ([None, None, None, "error"], "the file is locked"),
        ([None, None, None, "short"], "ends too soon|did not send what was asked"),
        ([None, None, None, "lies"], "announces another number of values"),
        ([None, None, None, "other"], "did not send what was asked: lithok"),
        ([(200, b"<html>login</html>")], "sent no description of its structure"),
        ([(404, b"")], "HTTP 404"),
        ([None, (400, b'Error { code = 1005; message = "no such variable x"; };')], "no such variable x"),
        ([None, None, None, (200, b"Dataset { Int16 a[x = 2]; } b;")], "did not send what was asked: data"),
    ],
)
def test_a_fault_of_the_service_is_told(service, faults, fault):
    service.faults[:] = faults
    with pytest.raises((UnavailableError, FormatError), match=fault):
        list(source(service).read(AREA))


@pytest.mark.parametrize("fault", ["closed", "half", (503, b"")])
def test_a_service_that_fails_once_is_asked_again(service, fault):
    service.faults[:] = [None, None, None, fault]
    assert joined(source(service).read(AREA)).classes.shape == (10, 10, 313)


def test_a_constraint_that_is_wrong_is_refused_by_the_service(service):
    arrays = DapArrays(transport(), service.url)
    with pytest.raises(UnavailableError, match="the constraint is wrong"):
        arrays.read(["lithok"], {"x": (18, 20)}, Silent())


def test_the_user_stops_a_service_that_is_slow(service):
    class Impatient(Silent):
        begin = time.monotonic()

        def is_cancelled(self):
            return time.monotonic() - self.begin > 0.3

    service.faults[:] = [None, None, None, "slow"]
    began = time.monotonic()
    with pytest.raises(Cancelled):
        list(source(service).read(AREA, Impatient()))
    assert time.monotonic() - began < 2.0  # the service waits 3 s; the user 1 s at most, on a busy machine 2


def test_an_area_is_needed_and_must_be_covered(service):
    with pytest.raises(InputError, match="is read by area"):
        list(source(service).read())
    with pytest.raises(InputError, match="lies outside GeoTOP"):
        list(source(service).read(Extent(20_000, 400_000, 20_100, 400_100)))


def test_an_area_that_is_too_large_is_refused_before_a_cell_is_asked(opendap_server):
    axes = {"x": 13_600 + 100 * np.arange(2646), "y": 338_500 + 100 * np.arange(2811), "z": -50 + 0.5 * np.arange(313)}
    state = opendap_server.Opendap({name: ((name,), labels.astype("f8")) for name, labels in axes.items()})
    state.arrays["lithok"] = (("x", "y", "z"), np.broadcast_to(np.int16(5), (2646, 2811, 313)))
    with opendap_server.serve(state), pytest.raises(InputError, match="at most 12000000 are read at once"):
        list(source(state).read(Extent(100_000, 400_000, 200_000, 500_000)))
    assert not any("lithok" in asked for asked in state.asked)


def test_an_area_without_cells_is_told(service):
    name, values = service.arrays["lithok"]
    service.arrays["lithok"] = (name, np.full_like(values, -127))
    progress = Silent()
    list(source(service).read(AREA, progress))
    assert progress.warnings == ["GeoTOP does not cover this area: no voxel in it has a class."]


def test_regis_of_the_service_equals_the_file(opendap_server, files):
    state = opendap_server.Opendap(*opendap_server.of_file(files["regis"]))
    area = Extent(32_350, 369_650, 33_000, 370_000)
    with opendap_server.serve(state):
        found = RegisServiceSource(transport(), url=state.url).stack(area)
        info = RegisServiceSource(transport(), url=state.url).describe()
    expected = RegisSource(files["regis"]).stack(area)
    assert found.names == expected.names and found.extent == expected.extent
    for name, values in expected.values.items():
        np.testing.assert_array_equal(found.values[name], values)
    assert info.facts["layers"][:2] == ["HLc", "BXz2"]


@pytest.mark.parametrize(
    "text",
    ["", "Dataset", "Dataset {", "Dataset { Int16 a[x = ", "Dataset { Int16 a[x = -2]; } b;", "Dataset { Grid { } ",
     "Dataset { Int16 a[x = y]; } b;", "<html></html>", "Dataset " + "{ Structure " * 20],
)  # fmt: skip
def test_a_structure_that_is_none_is_refused(text):
    with pytest.raises(FormatError, match="sent no description of its structure"):
        variables(text, "server")


def test_a_sequence_is_refused_by_its_name():
    with pytest.raises(FormatError, match="of a kind that is not read here: sequence"):
        variables("Dataset { Sequence { Int32 a; } s; } d;", "server")


def test_attributes_keep_their_texts_with_what_stands_in_them():
    text = 'Attributes {\n x { String units "m; {of} \\"RD\\""; Float32 range 1.0, 2.0; }\n }'
    assert attributes(text, "s") == {"x": {"units": 'm; {of} "RD"', "range": 1.0}}


def test_an_error_is_told_from_data():
    assert error_in(b"Error {\n code = 404;\n};") == (404, "no reason given") and error_in(b"Dataset { } a;") is None
