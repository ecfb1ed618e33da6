"""The AHN client against a coverage service with the quirks of the real one."""

import time

import numpy as np
import pytest

from dtwin_plugin.data import Extent
from dtwin_plugin.errors import Cancelled, DtwinError, FormatError, InputError, UnavailableError
from dtwin_plugin.sources.ahn import AhnSource
from dtwin_plugin.sources.requests_transport import RequestsTransport
from dtwin_plugin.sources.retry import Retrying

AREA = Extent(84_000, 447_000, 84_200, 447_150)


@pytest.fixture
def service(ahn_server):
    with ahn_server.serve(ahn_server.Ahn()) as state:
        yield state


def source(service, **options):
    transport = Retrying(RequestsTransport(), sleep=lambda seconds: None)
    return AhnSource(transport, url=service.url, **options)


def centres(grid):
    rows, columns = grid.shape
    x = grid.x_min + (np.arange(columns) + 0.5) * grid.cell_size
    y = grid.y_max - (np.arange(rows) + 0.5) * grid.cell_size
    return np.meshgrid(x, y)


def test_values_lie_where_they_belong(service, ahn_server):
    (grid,) = source(service).read(AREA)
    assert grid.extent.bounds == AREA.bounds and grid.cell_size == 0.5 and grid.unit == "m"
    expected = ahn_server.height(*centres(grid))
    assert np.allclose(grid.values, expected, atol=1e-4, equal_nan=True)  # m, float32 at 4 digits


def test_no_data_is_nan_and_ground_below_nap_is_not(service):
    (grid,) = source(service).read(AREA)
    assert np.isnan(grid.sample([84_100], [447_100]))[0]
    assert np.nanmin(grid.values) < -4


def test_an_area_is_snapped_outward_to_half_metres(service):
    (grid,) = source(service).read(Extent(84_000.2, 447_000.3, 84_010.1, 447_010.0))
    assert grid.extent.bounds == (84_000.0, 447_000.0, 84_010.5, 447_010.0)


def test_a_large_area_is_asked_in_tiles_that_fit_without_a_seam(service, ahn_server):
    (grid,) = source(service).read(Extent(84_000, 447_000, 85_100, 448_050))
    assert len(service.asked) == 4
    assert np.allclose(grid.values, ahn_server.height(*centres(grid)), atol=1e-3, equal_nan=True)  # m


def test_coarser_cells_are_the_mean_of_those_with_data(service):
    (fine,) = source(service).read(AREA)
    (coarse,) = source(service, cell_size=2.0).read(AREA)
    with np.errstate(invalid="ignore"):
        blocks = fine.values.reshape(75, 4, 100, 4).swapaxes(1, 2).reshape(75, 100, 16)
    known = np.isfinite(blocks).any(axis=2)
    assert np.allclose(coarse.values[known], np.nanmean(blocks[known], axis=1), atol=1e-4)  # m
    assert np.isnan(coarse.values[~known]).all()


def test_a_tile_outside_among_others_is_no_data(service):
    service.box = (84_000.0, 447_000.0, 84_900.0, 448_000.0)
    (grid,) = source(service).read(Extent(84_000, 447_000, 86_000, 447_100))
    assert np.isfinite(grid.sample([84_500], [447_050]))[0]
    assert np.isnan(grid.sample([85_900], [447_050]))[0]


def test_an_area_outside_is_refused(service):
    with pytest.raises(InputError, match="lies outside AHN"):
        next(source(service).read(Extent(200_000, 500_000, 200_100, 500_100)))


@pytest.mark.parametrize(
    "area, match",
    [
        (None, "read by area"),
        (Extent(0, 0, 1, 1), "outside the Netherlands"),
        (Extent(80_000, 440_000, 90_000, 450_000), "400 million cells"),
    ],
)
def test_an_area_that_cannot_be_asked_is_refused_without_asking(service, area, match):
    with pytest.raises(InputError, match=match):
        next(source(service).read(area))
    assert service.asked == []


@pytest.mark.parametrize("fault", ["closed", (500, b"oops"), (503, b"")])
def test_a_fault_that_passes_is_not_seen(service, fault):
    service.faults = [fault]
    (grid,) = source(service).read(AREA)
    assert grid.shape == (300, 400)


def test_an_exception_with_status_200_is_told(service, ahn_server):
    service.faults = [(200, ahn_server.exception("No such coverage: dtm_05m"))]
    with pytest.raises(UnavailableError, match="No such coverage: dtm_05m"):
        next(source(service).read(AREA))


def test_a_damaged_raster_is_told(service):
    service.faults = ["damaged"]
    with pytest.raises(FormatError, match="damaged"):
        next(source(service).read(AREA))


@pytest.mark.parametrize("cell, size", [(5.0, 20), (0.5, 4000)])
def test_a_raster_of_other_cells_or_another_size_is_refused(service, ahn_server, cell, size):
    service.faults = [(200, ahn_server.tiff(np.zeros((size, size)), 84_000, 447_150, cell))]
    with pytest.raises(FormatError, match="where .* cells of 0.5 m were asked"):
        next(source(service).read(AREA))


def test_a_raster_one_cell_larger_is_put_in_its_place(service, ahn_server):
    values = np.arange(401 * 302, dtype=float).reshape(302, 401)
    service.faults = [(200, ahn_server.tiff(values, 83_999.5, 447_150.5))]
    (grid,) = source(service).read(AREA)
    assert np.array_equal(grid.values, values[1:301, 1:].astype(np.float32)[:, :400])


def test_the_user_can_stop_it(service, cancelling):
    service.faults = ["slow"]
    begin = time.monotonic()
    with pytest.raises(Cancelled):
        next(source(service).read(AREA, cancelling()))
    assert time.monotonic() - begin < 1  # s


def test_progress_ends_at_one(service, cancelling):
    progress = cancelling(after=1000)
    next(source(service).read(Extent(84_000, 447_000, 85_100, 447_050), progress))
    assert progress.reports[-1] == 1.0 and len(progress.reports) == 2


@pytest.mark.parametrize("options", [{"coverage": "dem"}, {"cell_size": 0.3}, {"cell_size": 0.25}])
def test_an_impossible_wish_is_refused(service, options):
    with pytest.raises(DtwinError):
        source(service, **options)


def test_the_address_comes_from_the_catalogue():
    from dtwin_plugin import catalogue

    assert AhnSource(RequestsTransport()).url == catalogue.entry("ahn-wcs").url
