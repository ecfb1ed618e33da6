"""The CRS policy, against the published test values of RDNAPTRANS2018 and locations of the national registers."""

import shutil
import threading
from pathlib import Path

import numpy as np
import pytest

from dtwin_plugin.data import Extent
from dtwin_plugin.errors import CrsError
from dtwin_plugin.sources import crs
from dtwin_plugin.sources.crs_names import name_of

MM = 1e-3  # m, the accuracy that RDNAPTRANS2018 is published with

# NSGI, self-validation set of RDNAPTRANS2018, point 30010000: longitude, latitude, height, and x, y, NAP.
SELF_VALIDATION = ((4.712120126, 51.728601274, 301.7981), (108360.8790, 415757.2745, 258.0057))
# Dam, Amsterdam. Without rdcorr2018 PROJ is 5 cm east of this, without nlgeo2018 43 m lower.
AMSTERDAM = ((121000.0, 487000.0, 0.0), (4.8879700431, 52.3698263053, 42.98851))
# BRO objects, whose registers give both: longitude, latitude (EPSG:4258) and x, y (EPSG:28992).
REGISTERED = [
    ((4.843085910, 51.945201480), (117589.000, 439779.000)),
    ((4.854978850, 51.944348090), (118406.000, 439678.000)),
    ((4.853433240, 51.945145560), (118300.381, 439767.501)),
    ((4.865734330, 51.949987100), (119150.000, 440300.000)),
]


def test_without_the_grids_they_are_not_in_use(no_grids):
    assert not no_grids(crs.grids_in_use)


@pytest.mark.parametrize("call", [lambda: crs.to_rd([[5.0, 52.0]], 4326), lambda: crs.from_rd([[1e5, 4e5]], 4258)])
def test_without_the_grids_nothing_is_transformed_and_both_are_named(no_grids, call):
    with pytest.raises(CrsError) as caught:
        no_grids(call)
    assert all(name in str(caught.value) for name in crs.GRIDS)


def test_coordinates_in_rd_need_no_grids_and_stay_as_they_are(no_grids):
    points = np.array([[84_000.0, 447_000.0, -2.0]])
    assert np.array_equal(no_grids(crs.to_rd, points, "urn:ogc:def:crs:EPSG::7415"), points)


def test_one_grid_of_the_two_is_not_enough(grids, no_grids, tmp_path):
    folder = next(f for f in grids if Path(f, crs.GRIDS[0]).is_file())
    shutil.copy(Path(folder, crs.GRIDS[1]), tmp_path)
    assert not no_grids(crs.grids_in_use)
    shutil.copy(Path(folder, crs.GRIDS[0]), tmp_path)
    assert no_grids(crs.grids_in_use)


def test_with_the_grids_they_are_in_use(grids):
    assert crs.grids_in_use()


def test_the_search_paths_that_were_there_stay(proj_settings, tmp_path):
    from osgeo import osr

    before = osr.GetPROJSearchPaths()
    crs.use_grids(tmp_path)
    assert osr.GetPROJSearchPaths() == [*before, str(tmp_path)]


def test_the_published_point_is_met_in_the_plane_and_in_height(grids):
    found = crs.to_rd([SELF_VALIDATION[0]], "EPSG:7931")[0]
    assert np.abs(found - SELF_VALIDATION[1]).max() < MM


@pytest.mark.parametrize("degrees, metres", REGISTERED)
def test_plane_coordinates_agree_with_the_national_registers(grids, degrees, metres):
    assert np.abs(crs.to_rd([degrees], "EPSG:4258")[0] - metres).max() < MM


def test_amsterdam_agrees_both_ways(grids):
    degrees = crs.from_rd([AMSTERDAM[0]], "EPSG:4979")[0]
    assert np.abs(degrees - AMSTERDAM[1])[:2].max() < 1e-8  # degrees, 1 mm
    assert abs(degrees[2] - AMSTERDAM[1][2]) < MM
    assert np.abs(crs.to_rd([AMSTERDAM[1]], "EPSG:4979")[0] - AMSTERDAM[0]).max() < MM


@pytest.mark.parametrize("name", [4258, 4326, 4937, 4979, 7931, 9286, 25831, 25832, 3857, 4978, "OGC:CRS84h", 4289])
def test_a_round_trip_over_the_country_ends_within_a_millimetre(grids, name):
    x, y, z = np.meshgrid(np.linspace(15_000, 275_000, 14), np.linspace(310_000, 615_000, 16), [-6.0, 320.0])
    points = np.column_stack([x.ravel(), y.ravel(), z.ravel()])
    back = crs.to_rd(crs.from_rd(points, name), name)
    assert np.abs(back - points).max() < MM


def test_a_height_without_a_meaning_in_its_crs_is_kept(grids):
    assert crs.to_rd([[4.9, 52.37, 12.5]], "EPSG:4326")[0, 2] == 12.5


def test_an_ellipsoidal_height_becomes_nap(grids):
    assert crs.to_rd([[4.8879700431, 52.3698263053, 42.98851]], "OGC:CRS84h")[0, 2] == pytest.approx(0, abs=MM)


def test_a_row_with_nan_gives_nan_and_leaves_the_others(grids):
    found = crs.to_rd([[np.nan, 52.0], SELF_VALIDATION[0][:2]], 4258)
    assert np.isnan(found[0]).all() and np.isfinite(found[1]).all()


@pytest.mark.parametrize(
    "point, name",
    [
        ((52.37, 4.9), 4326),
        ((-74.0, 40.7), 4326),
        ((0.0, 0.0), 4326),
        ((674_000.0, 6_580_000.0), 3006),
        ((1e9, 0.0), 3857),
    ],
)
def test_a_point_outside_the_netherlands_is_refused(grids, point, name):
    with pytest.raises(CrsError, match="outside the Netherlands"):
        crs.to_rd([point], name)


def test_an_rd_point_outside_the_netherlands_is_refused(grids):
    with pytest.raises(CrsError, match="outside the Netherlands"):
        crs.from_rd([[1e6, 1e6]], 4326)


@pytest.mark.parametrize("name", [None, "local", "", "EPSG:999999"])
def test_an_unknown_crs_is_refused(grids, name):
    with pytest.raises(CrsError, match="not known|cannot be transformed"):
        crs.to_rd([[5.0, 52.0]], name)


def test_coordinates_of_another_shape_are_refused():
    with pytest.raises(CrsError, match=r"\(n, 2\) or \(n, 3\)"):
        crs.to_rd([1.0, 2.0], 28992)


def test_geocentric_coordinates_need_three_columns():
    with pytest.raises(CrsError, match="X, Y and Z"):
        crs.to_rd([[3.9e6, 3.3e5]], 4978)


def test_an_extent_holds_its_own_edges_in_another_crs(grids):
    extent = Extent(100_000, 450_000, 140_000, 490_000)
    west, south, east, north = crs.extent_from_rd(extent, 4258)
    edge = crs.from_rd(np.column_stack([np.linspace(100_000, 140_000, 50), np.full(50, 490_000.0)]), 4258)
    assert edge[:, 1].max() < north + 1e-6  # degrees, 0.1 m over edges of 40 km
    assert west < 4.6 < east and south < 52.1 < north
    assert crs.extent_to_rd((west, south, east, north), 4258).contains(extent)


def test_threads_do_not_disturb_each_other(grids):
    points = np.column_stack([np.linspace(20_000, 270_000, 2000), np.linspace(320_000, 600_000, 2000), np.zeros(2000)])
    expected, found = crs.from_rd(points, 4979), {}
    threads = [threading.Thread(target=lambda n=n: found.__setitem__(n, crs.from_rd(points, 4979))) for n in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(found) == 4 and all(np.array_equal(values, expected) for values in found.values())


def test_gdal_is_left_as_it_was(grids):
    from osgeo import gdal, ogr, osr

    before = [module.GetUseExceptions() for module in (gdal, ogr, osr)]
    crs.to_rd([[5.0, 52.0]], 4326)
    with pytest.raises(CrsError):
        crs.to_rd([[50.0, 52.0]], 4326)
    assert [module.GetUseExceptions() for module in (gdal, ogr, osr)] == before


def test_a_reference_without_a_code_is_recognised():
    from osgeo import osr

    reference = osr.SpatialReference()
    reference.ImportFromProj4(
        "+proj=sterea +lat_0=52.1561605555556 +lon_0=5.38763888888889 +k=0.9999079 +x_0=155000 +y_0=463000 "
        "+ellps=bessel +towgs84=565.4171,50.3319,465.5524,-0.398957,0.343988,-1.87740,4.0725 +units=m"
    )
    assert name_of(reference) == "EPSG:28992"
    reference.ImportFromEPSG(7415)
    assert name_of(reference) == "EPSG:7415"
    reference.SetFromUserInput("EPSG:28992+5709")
    assert name_of(reference) in ("EPSG:28992", "EPSG:7415")


def test_rd_without_a_datum_is_recognised_by_its_numbers():
    """As ESRI programs of old wrote it."""
    from osgeo import osr

    text = (
        'PROJCS["Double_Stereographic",GEOGCS["GCS_Bessel 1841",DATUM["D_unknown",SPHEROID["bessel",6377397.155,'
        '299.1528128]],PRIMEM["Greenwich",0],UNIT["Degree",0.017453292519943295]],PROJECTION["Double_Stereographic"],'
        'PARAMETER["latitude_of_origin",52.15616055555555],PARAMETER["central_meridian",5.38763888888889],'
        'PARAMETER["scale_factor",0.9999079],PARAMETER["false_easting",155000],PARAMETER["false_northing",463000],'
        'UNIT["Meter",1]]'
    )
    assert name_of(osr.SpatialReference(text)) == "EPSG:28992"
    with pytest.raises(CrsError, match="no EPSG code"):
        name_of(osr.SpatialReference(text.replace("155000", "0").replace("463000", "0")))
