"""The bodies that cells make together: no volume and no area is lost or won by joining faces."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from dtwin_plugin.data.voxel_shell import bodies_of, faces_of, triangles

SIZE = (100.0, 100.0, 0.5)
CORNER = (139_500.0, 454_700.0, -50.0)
blocks = arrays(np.int16, array_shapes(min_dims=3, max_dims=3, max_side=6), elements=st.integers(-1, 2))


def volumes(faces, size=SIZE):
    """Volume within the triangles of each label, by the divergence theorem; about the corner, for its digits."""
    found = triangles(faces, (0, 0, 0), size)[:, :, :3]
    each = np.einsum("ijk,ijk->ij", found[:, :, 0], np.cross(found[:, :, 1], found[:, :, 2])).sum(axis=1) / 6
    return {int(label): each[faces.label == label].sum() for label in np.unique(faces.label)}


def areas(faces):
    """Area of the faces by label, axis, direction and whether inside, in cells."""
    spans = np.where(faces.high > faces.low, faces.high - faces.low, 1).prod(axis=1)
    keys = zip(faces.label.tolist(), faces.axis.tolist(), faces.outward.tolist(), faces.inside.tolist())
    total: dict = {}
    for key, span in zip(keys, spans.tolist()):
        total[key] = total.get(key, 0) + span
    return total


def expected_areas(labels):
    """The same, cell by cell."""
    total: dict = {}
    for place in np.argwhere(labels >= 0):
        own = int(labels[tuple(place)])
        for axis in range(3):
            for outward in (-1, 1):
                there = place.copy()
                there[axis] += outward
                within = 0 <= there[axis] < labels.shape[axis]
                other = int(labels[tuple(there)]) if within else -1
                if other != own:
                    key = own, axis, outward, other >= 0
                    total[key] = total.get(key, 0) + 1
    return total


@given(blocks)
def test_every_cell_counts_once_in_volume_and_its_borders_once_in_area(labels):
    faces = faces_of(labels)
    expected = {int(label): (labels == label).sum() * 5000.0 for label in np.unique(labels) if label >= 0}
    found = volumes(faces)
    assert found.keys() == expected.keys()
    # of at most 216 cells of 5,000 m3; sums of whole numbers of cells are exact to the last digits
    assert all(found[key] == pytest.approx(expected[key], abs=1e-6) for key in expected)
    assert areas(faces) == expected_areas(labels)


@given(blocks)
def test_no_two_faces_of_a_label_overlap(labels):
    faces = faces_of(labels)
    seen = set()
    for label, axis, outward, low, high in zip(faces.label, faces.axis, faces.outward, faces.low, faces.high):
        for place in np.ndindex(*np.where(high > low, high - low, 1)):
            key = (int(label), int(axis), int(outward), *(low + place).tolist())
            assert key not in seen
            seen.add(key)


def test_a_block_of_one_class_is_six_faces_however_large():
    faces = faces_of(np.zeros((40, 30, 100), np.int16))
    assert len(faces.label) == 6 and not faces.inside.any()
    assert volumes(faces) == {0: pytest.approx(120_000 * 5000.0)}


def test_a_layer_between_two_others_is_seen_at_its_sides_only():
    labels = np.zeros((4, 4, 3), np.int16)
    labels[:, :, 1] = 1
    numbers, inside, shapes = bodies_of(faces_of(labels), CORNER, SIZE)
    assert list(zip(numbers.tolist(), inside.tolist())) == [(0, False), (1, False), (0, True), (1, True)]
    assert np.diff(shapes.features).tolist() == [2 * 10, 2 * 4, 2 * 2, 2 * 2]  # triangles
    assert shapes.coordinates[:, 2].min() == -50.0 and shapes.coordinates[:, 2].max() == -48.5
    box = shapes.bounds()[0].tolist()
    assert box == [139_500.0, 454_700.0, 139_900.0, 455_100.0]


def test_triangles_are_closed_and_seen_from_outside_counter_clockwise():
    found = triangles(faces_of(np.zeros((1, 1, 1), int)), (0, 0, 0), (1, 1, 1))
    assert found.shape == (6, 2, 4, 3) and (found[:, :, 0] == found[:, :, 3]).all()
    outwards = np.cross(found[:, :, 1] - found[:, :, 0], found[:, :, 2] - found[:, :, 1])
    middle = found[:, :, :3].mean(axis=2) - 0.5
    assert (np.einsum("ijk,ijk->ij", outwards, middle) > 0).all()


def test_nothing_has_no_faces():
    numbers, inside, shapes = bodies_of(faces_of(np.full((2, 2, 2), -1)), CORNER, SIZE)
    assert len(numbers) == len(inside) == len(shapes) == 0
