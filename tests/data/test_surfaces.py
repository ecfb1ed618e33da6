from dataclasses import replace

import numpy as np
import pytest

from dtwin_plugin.data import Surfaces
from dtwin_plugin.errors import InputError


@pytest.fixture
def two(shapes):
    """Two objects, the first with two surfaces."""
    faces = [
        (0, "GroundSurface", shapes.box(0, 0, 1, 1, 0)),
        (0, "RoofSurface", shapes.box(0, 0, 1, 1, 3)),
        (1, "GroundSurface", shapes.box(5, 0, 6, 1, 0)),
    ]
    return shapes.surfaces([("a", "2.2", None), ("b", "1.2", None)], faces)


@pytest.mark.parametrize("name", ["id", "type", "lod", "parent"])
def test_an_object_column_that_is_absent_is_named(two, name):
    columns = {key: values for key, values in two.columns.items() if key != name}
    with pytest.raises(InputError, match=name):
        replace(two, columns=columns)


@pytest.mark.parametrize("row", [-1, 2])
def test_a_surface_of_no_object_is_refused(two, row):
    with pytest.raises(InputError, match="does not exist"):
        replace(two, objects=np.array([0, 0, row]))


@pytest.mark.parametrize("change", [{"semantics": np.array(["x"])}, {"surface_columns": {"slope": np.zeros(2)}}])
def test_each_surface_needs_a_value(two, change):
    with pytest.raises(InputError, match="a surface"):
        replace(two, **change)


def test_take_keeps_the_object_rows(two):
    taken = replace(two, surface_columns={"slope": np.array([1.0, 2, 3])}).take(np.array([2, 1]))
    assert taken.semantics.tolist() == ["GroundSurface", "RoofSurface"]
    assert (taken.objects.tolist(), taken.object_count) == ([1, 0], 2)
    assert taken.surface_columns["slope"].tolist() == [3, 2]


def test_joined_surfaces_still_belong_to_their_objects(two):
    joined = Surfaces.concatenate([two, two.take(np.array([2])), two])
    owners = joined.columns["id"][joined.objects]
    assert owners.tolist() == ["a", "a", "b", "b", "a", "a", "b"]


def test_the_extent_is_around_all_surfaces(two):
    assert two.extent.bounds == (0, 0, 6, 1)
