"""The envelope of building models: closed, where the building is, and as high."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dtwin_plugin.data import Geometries, Surfaces
from dtwin_plugin.data.placement import Placement
from dtwin_plugin.errors import InputError
from dtwin_plugin.models.bim import envelope
from dtwin_plugin.models.bim.outlines import arcs, polygons


def box(x, y, z, dx, dy, dz):
    """The six faces of a block."""
    p = [(x + i * dx, y + j * dy, z + k * dz) for k in (0, 1) for j in (0, 1) for i in (0, 1)]
    faces = [(0, 2, 3, 1), (4, 5, 7, 6), (0, 1, 5, 4), (1, 3, 7, 5), (3, 2, 6, 7), (2, 0, 4, 6)]
    return [[[[p[i] for i in (*face, face[0])]]] for face in faces]


def model(*boxes, rotation=0.0, kinds=None):
    """Elements of blocks, turned and put in RD."""
    faces = [face for item in boxes for face in box(*item)]
    shapes = Geometries.build("polygon", faces)
    placed = Placement(84_000, 447_000, 0, rotation).apply(shapes.coordinates)
    shapes = Geometries("polygon", placed, shapes.rings, shapes.parts, shapes.features)
    count = len(boxes)
    types = kinds or ["IfcWall"] * count
    columns = {"id": [str(i) for i in range(count)], "type": types, "lod": [""] * count, "parent": [None] * count}
    rows = {key: np.array(value, object) for key, value in columns.items()}
    return Surfaces(shapes, np.full(len(faces), "WallSurface", object), np.repeat(np.arange(count), 6), rows)


def volume(surfaces):
    """The volume within closed, outward faces (divergence theorem)."""
    shapes, total = surfaces.geometries, 0.0
    for ring in range(len(shapes.rings) - 1):
        q = shapes.coordinates[shapes.rings[ring] : shapes.rings[ring + 1] - 1] - shapes.coordinates[0]
        total += sum(np.dot(q[0], np.cross(a, b)) for a, b in zip(q[1:-1], q[2:])) / 6
    return total


@pytest.mark.parametrize("rotation", [0, 17.3, 45, -80])
def test_a_block_is_found_in_any_direction(rotation):
    found = envelope(model((0, 0, 1, 12, 8, 6), rotation=rotation), "a")
    values = {key: column[0] for key, column in found.footprint.columns.items()}
    assert values["area"] == pytest.approx(96, abs=4.1)  # half a cell all round
    assert (values["height_ground"], values["height_max"], values["height_eaves"]) == pytest.approx((1, 7, 7))
    assert Counter(found.surfaces.semantics) == {"WallSurface": 4, "RoofSurface": 1, "GroundSurface": 1}
    assert volume(found.surfaces) == pytest.approx(values["volume"], rel=1e-9)


def test_heights_that_jump_are_blocks_and_the_whole_is_closed():
    found = envelope(model((0, 0, 0, 20, 10, 3), (2, 2, 3, 5, 5, 9), (12, 2, 3, 5, 5, 4)), "a")
    roofs = found.surfaces.take(np.flatnonzero(found.surfaces.semantics == "RoofSurface")).geometries
    heights = sorted({round(z, 3) for z in roofs.coordinates[:, 2]})
    assert heights == [3, 7, 12]
    assert volume(found.surfaces) == pytest.approx(found.footprint.columns["volume"][0], rel=1e-9)
    assert volume(found.surfaces) == pytest.approx(600 + 225 + 100, rel=0.05)


def test_a_courtyard_stays_open_and_gaps_between_elements_close():
    ring = [(0, 0, 0, 20, 4, 5), (0, 16, 0, 20, 4, 5), (0, 4.1, 0, 4, 11.8, 5), (16, 4.1, 0, 4, 11.8, 5)]
    found = envelope(model(*ring), "a")
    shape = found.footprint.geometries
    assert len(shape.parts) - 1 == 1 and np.diff(shape.parts).tolist() == [2]  # one polygon with one hole
    assert found.footprint.columns["area"][0] == pytest.approx(400 - 144, rel=0.05)


def test_furniture_terraces_and_footings_are_not_the_building():
    boxes = [(0, 0, 0, 10, 10, 3), (20, 0, 0, 2, 2, 2), (10, 0, 0, 5, 10, 0.1), (-3, -3, -2, 16, 16, 1)]
    kinds = ["IfcWall", "IfcFurniture", "IfcSlab", "IfcFooting"]
    found = envelope(model(*boxes, kinds=kinds), "a", ground=0.0)
    assert found.footprint.columns["area"][0] == pytest.approx(100, abs=4.1)


def test_nothing_to_see_is_one_sentence():
    with pytest.raises(InputError, match="no elements that make an envelope"):
        envelope(model((0, 0, 0, 1, 1, 1), kinds=["IfcSpace"]), "a")


def test_a_huge_model_gets_larger_cells():
    found = envelope(model((0, 0, 0, 5000, 3000, 10)), "a")
    assert found.cell > 1 and found.footprint.columns["area"][0] == pytest.approx(15e6, rel=0.01)


@given(arrays(np.int32, st.tuples(st.integers(1, 7), st.integers(1, 7)), elements=st.integers(0, 3)))
def test_outlines_before_simplifying_would_cover_what_they_outline(labels):
    """Areas of polygons are those of the regions, whatever touches at a corner (simplified by less than a cell)."""
    lines = arcs(np.kron(labels, np.ones((4, 4), np.int32)))  # large cells: simplifying takes no corner away
    for region in range(1, 4):
        area = 0.0
        for polygon in polygons(lines, region):
            for ring in polygon:
                x, y = ring[:, 0].astype(float), ring[:, 1].astype(float)
                area += float((x[:-1] * y[1:] - x[1:] * y[:-1]).sum() / 2)
        assert area == pytest.approx(16 * int((labels == region).sum()))


def test_the_duplex_house_has_its_outline_and_height(shared):
    pytest.importorskip("ifcopenshell")
    from dtwin_plugin.sources.ifc import IfcSource

    path = shared / "ifc" / "duplex" / "Duplex_A_20110907_georeferenced.ifc"
    placement = Placement(84_000, 447_000, 1.5, rotation=30)
    elements = Surfaces.concatenate(list(IfcSource(path, georeference=placement).read()))
    found = envelope(elements, "duplex", ground=1.5)
    values = {key: column[0] for key, column in found.footprint.columns.items()}
    # outer walls of the house: 8.8 m by 17.8 m
    assert values["area"] == pytest.approx(8.8 * 17.8, rel=0.05)
    assert values["height_70p"] == pytest.approx(1.5 + 6.46, abs=0.1)
    assert volume(found.surfaces) == pytest.approx(values["volume"], rel=1e-6)
