import numpy as np
import pytest

from dtwin_plugin.data import PointCloud
from dtwin_plugin.errors import InputError


def cloud(count=3, **more):
    along = np.arange(count, dtype=float)
    return PointCloud(along, along + 10, along + 20, np.arange(count, dtype=np.uint8), **more)


def test_columns_of_another_length_are_refused():
    with pytest.raises(InputError, match="3 here"):
        cloud(intensity=np.zeros(2, np.uint16))


def test_take_takes_every_column():
    colour = np.arange(9, dtype=np.uint16).reshape(3, 3)
    taken = cloud(intensity=np.array([7, 8, 9], np.uint16), colour=colour, crs="EPSG:28992").take(
        np.array([True, False, True])
    )
    assert (taken.x.tolist(), taken.y.tolist(), taken.z.tolist()) == ([0, 2], [10, 12], [20, 22])
    assert (taken.classification.tolist(), taken.intensity.tolist()) == ([0, 2], [7, 9])
    assert (taken.colour.tolist(), taken.crs) == ([[0, 1, 2], [6, 7, 8]], "EPSG:28992")


def test_joined_clouds_hold_the_points_of_all():
    joined = PointCloud.concatenate([cloud(2), cloud(0), cloud(1)])
    assert (joined.x.tolist(), joined.classification.dtype) == ([0, 1, 0], np.uint8)


def test_intensity_stays_only_where_all_have_it():
    has = cloud(2, intensity=np.array([5, 6], np.uint16))
    assert PointCloud.concatenate([has, has]).intensity.tolist() == [5, 6, 5, 6]
    assert PointCloud.concatenate([has, cloud(2)]).intensity is None


def test_no_points_have_no_extent():
    assert cloud(0).extent is None


def test_the_extent_is_around_the_points():
    assert cloud(3).extent.bounds == (0, 10, 2, 12)
