import numpy as np
import pytest

from dtwin_plugin.data import Geometries, Surfaces
from dtwin_plugin.data.footprints import footprints

GROUND, WALL, ROOF = "GroundSurface", "WallSurface", "RoofSurface"


def outlines(surfaces):
    """Return the bounds of each outline by id."""
    found = footprints(surfaces)
    return {name: bounds for name, bounds in zip(found.columns["id"], found.geometries.bounds().tolist())}


def test_the_ground_is_the_outline(shapes):
    faces = [(0, ROOF, shapes.box(-1, -1, 5, 5, 3)), (0, GROUND, shapes.box(0, 0, 4, 4, 0))]
    assert outlines(shapes.surfaces([("a", "2.2", None)], faces)) == {"a": [0, 0, 4, 4]}


def test_without_a_ground_lod_0_is_the_outline(shapes):
    faces = [(0, "Unknown", shapes.box(0, 0, 4, 4, 0)), (1, ROOF, shapes.box(-1, -1, 5, 5, 3))]
    rows = [("a", "0", None), ("a", "2.2", None)]
    assert outlines(shapes.surfaces(rows, faces)) == {"a": [0, 0, 4, 4]}


def test_without_either_all_that_is_not_upright_is_the_outline(shapes):
    faces = [
        (0, "Unknown", shapes.wall(0, 0, 9, 0, 0, 3)),
        (0, "Unknown", shapes.box(0, 0, 2, 4, 3)),
        (0, "Unknown", shapes.box(2, 0, 4, 4, 5)),
    ]
    found = footprints(shapes.surfaces([("a", "2.2", None)], faces))
    assert found.geometries.bounds().tolist() == [[0, 0, 4, 4]]
    assert found.geometries.features.tolist() == [0, 2]


def test_of_several_levels_of_detail_one_is_used(shapes):
    faces = [(0, GROUND, shapes.box(0, 0, 1, 1, 0)), (1, GROUND, shapes.box(0, 0, 2, 2, 0))]
    found = footprints(shapes.surfaces([("a", "2.2", None), ("a", "1.2", None)], faces))
    assert (found.geometries.bounds().tolist(), len(found.geometries.parts)) == ([[0, 0, 2, 2]], 2)


def test_parts_are_one_outline_with_the_attributes_of_the_whole(shapes):
    rows = [("whole", "", None), ("p1", "2.2", "whole"), ("p2", "2.2", "whole")]
    faces = [(2, GROUND, shapes.box(4, 0, 6, 1, 0)), (1, GROUND, shapes.box(0, 0, 4, 4, 0))]
    assert outlines(shapes.surfaces(rows, faces)) == {"whole": [0, 0, 6, 4]}


def test_parts_of_parts_count_for_the_topmost(shapes):
    rows = [("c", "2.2", "b"), ("b", "", "a"), ("a", "", None)]
    assert outlines(shapes.surfaces(rows, [(0, GROUND, shapes.box(0, 0, 1, 1, 0))])) == {"a": [0, 0, 1, 1]}


def test_a_parent_that_is_absent_is_stood_for_by_its_first_part(shapes):
    rows = [("p1", "2.2", "gone"), ("p2", "2.2", "gone")]
    faces = [(0, GROUND, shapes.box(0, 0, 1, 1, 0)), (1, GROUND, shapes.box(1, 0, 2, 1, 0))]
    assert outlines(shapes.surfaces(rows, faces)) == {"p1": [0, 0, 2, 1]}


@pytest.mark.parametrize("parents", [("a", "b"), ("b", "a")])
def test_objects_that_are_their_own_ancestors_still_have_an_outline(shapes, parents):
    rows = [("a", "2.2", parents[0]), ("b", "2.2", parents[1])]
    faces = [(0, GROUND, shapes.box(0, 0, 1, 1, 0)), (1, GROUND, shapes.box(1, 0, 2, 1, 0))]
    assert np.concatenate([*outlines(shapes.surfaces(rows, faces)).values()]).max() == 2


@pytest.mark.timeout(20)  # [s]; walking the chain anew for each object would take minutes
def test_a_long_chain_of_parents_is_walked_once(shapes):
    count = 50_000
    rows = [(str(n), "2.2", str(n - 1) if n else None) for n in range(count)]
    surfaces = shapes.surfaces(rows, [(count - 1, GROUND, shapes.box(0, 0, 1, 1, 0))])
    assert list(outlines(surfaces)) == ["0"]


def test_an_object_of_walls_only_has_no_outline(shapes):
    faces = [(0, WALL, shapes.wall(0, 0, 9, 0, 0, 3)), (1, ROOF, shapes.box(0, 0, 1, 1, 3))]
    assert list(outlines(shapes.surfaces([("a", "2.2", None), ("b", "2.2", None)], faces))) == ["b"]


def test_small_surfaces_far_from_the_origin_are_told_apart(shapes):
    x, y = 121_000.0, 487_000.0
    faces = [
        (0, "Unknown", shapes.box(x, y, x + 0.01, y + 0.01, 3)),
        (0, "Unknown", shapes.wall(x, y, x + 0.01, y, 3, 3.01)),
    ]
    assert footprints(shapes.surfaces([("a", "2.2", None)], faces)).geometries.features.tolist() == [0, 1]


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_surface_without_coordinates_changes_nothing(shapes, place):
    roof, wall = shapes.box(0, 0, 4, 4, 3), shapes.wall(0, 0, 9, 0, 0, 3)
    rings = [[[[wall]]], [[[roof]]]]
    rings.insert(place, [])
    plain = shapes.surfaces([("a", "2.2", None)], [(0, "Unknown", roof)] * 3)
    surfaces = Surfaces(
        Geometries.build("polygon", [ring[0] if ring else [] for ring in rings]),
        plain.semantics,
        plain.objects,
        plain.columns,
    )
    assert outlines(surfaces) == {"a": [0, 0, 4, 4]}


def test_no_surfaces_have_no_outlines(shapes):
    assert len(footprints(shapes.surfaces([("a", "2.2", None)], []))) == 0


def test_outlines_have_no_height_and_the_unit_of_attributes_stays(shapes):
    from dataclasses import replace

    surfaces = shapes.surfaces([("a", "2.2", None)], [(0, GROUND, shapes.box(0, 0, 1, 1, 5))])
    surfaces = replace(surfaces, columns={**surfaces.columns, "h": np.array([7.0])}, units={"h": "m"})
    found = footprints(surfaces, "Houses")
    assert (found.geometries.has_z, found.crs, found.name) == (False, "EPSG:28992", "Houses")
    assert (found.columns["h"].tolist(), found.units) == ([7.0], {"h": "m"})
    assert not {"lod", "parent"} & set(found.columns)
