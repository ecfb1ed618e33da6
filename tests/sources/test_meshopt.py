"""EXT_meshopt_compression unpacked: every mode and filter, with values worked out by hand after its specification."""

import numpy as np
import pytest

from dtwin_plugin.errors import FormatError
from dtwin_plugin.sources.gltf.meshopt import decode
from tests.sources.tile_bytes import meshopt_attributes


@pytest.mark.parametrize("mode", [0, 1, 2, 3])
@pytest.mark.parametrize("count", [1, 16, 17, 300, 700])
def test_attributes_of_every_mode(mode, count):
    """Blocks of 256 rows of 8 bytes, groups of 16, and the values that do not fit two or four bits."""
    rng = np.random.default_rng(mode)
    values = np.repeat(rng.integers(0, 256, (1, 8)), count, axis=0) if mode == 0 else rng.integers(0, 256, (count, 8))
    values = values.astype(np.uint8)
    data = meshopt_attributes(values, mode)
    assert decode(data, count, 8, "ATTRIBUTES", "NONE", "a") == values.tobytes()


def filtered(values, dtype, name):
    values = np.asarray(values, dtype)
    data = meshopt_attributes(values.view(np.uint8), 3)
    return decode(data, len(values), values.view(np.uint8).shape[1], "ATTRIBUTES", name, "a")


def test_octahedral_filter():
    """Axes, and the corner of the octahedron that folds to minus z; the fourth value stays."""
    given = [[0, 0, 127, 3], [127, 0, 127, 0], [0, -127, 127, 0], [127, 127, 127, 0], [-127, 127, 127, 1]]
    found = np.frombuffer(filtered(given, "<i1", "OCTAHEDRAL"), "<i1").reshape(-1, 4)
    assert found.tolist() == [[0, 0, 127, 3], [127, 0, 0, 0], [0, -127, 0, 0], [0, 0, -127, 0], [0, 0, -127, 1]]
    given = [[8192, 8192, 16383, 0]]  # x = y = 0.5 and z = 0: 45 degrees in the plane
    found = np.frombuffer(filtered(given, "<i2", "OCTAHEDRAL"), "<i2")
    assert found.tolist() == [23170, 23170, -3, 0]  # 8192 is a bit more than half of 16383


def test_quaternion_filter():
    """The largest of four is left out and follows from the others; its number is in the last two bits."""
    one, half = 32767, 23170  # 1, and the root of a half, in 16 bits
    given = [
        [0, 0, 0, one],  # largest is w (3): no turn
        [0, 0, one, one],  # z is one times the root of a half, and so w is too: a quarter turn about z
        [0, 0, 0, one - 3],  # largest is x (0): half a turn about x
        [one, 0, 0, one - 2],  # largest is y (1), and the first of the others is z
    ]
    found = np.frombuffer(filtered(given, "<i2", "QUATERNION"), "<i2").reshape(-1, 4)
    assert found.tolist() == [[0, 0, 0, one], [0, 0, half, half], [one, 0, 0, 0], [0, half, half, 0]]


def test_exponential_filter():
    """A mantissa of 24 bits times a power of two of 8 bits, both signed."""
    given = [[3 | (-1 & 0xFF) << 24], [(-5 & 0xFFFFFF) | 2 << 24], [0x800000], [1 | 0x80 << 24]]
    found = np.frombuffer(filtered(np.array(given, "<u4"), "<u4", "EXPONENTIAL"), "<f4")
    assert found.tolist() == [1.5, -20.0, -8388608.0, 2.0**-128]


def test_filters_of_hostile_values_are_finite_or_infinite_without_a_warning():
    assert np.isinf(np.frombuffer(filtered([[0x7F7FFFFF]], "<u4", "EXPONENTIAL"), "<f4"))
    found = np.frombuffer(filtered([[32767, -32768, 32767, 3]], "<i2", "QUATERNION"), "<i2")
    assert found.tolist() == [32767, -32767, 32767, 0]


TABLE = bytes([0x00, 0x76, 0x87, 0x56, 0x67, 0x78, 0xA9, 0x86, 0x65, 0x89, 0x68, 0x98, 0x01, 0x69, 0, 0])


def test_triangles_that_share_an_edge():
    """The first takes three new corners (0xF0); its edges are 1-0, 2-1, 0-2, and 0x10 takes the last but one."""
    found = np.frombuffer(decode(b"\xe1\xf0\x10" + TABLE, 6, 2, "TRIANGLES", "NONE", "a"), "<u2")
    assert found.tolist() == [0, 1, 2, 2, 1, 3]


def test_a_triangle_with_corners_written_out():
    """0xFF 0xFF: three corners as steps from the last, each in zigzag: 300, -100, 1."""
    steps = bytes([0xD8, 0x04, 0xC7, 0x01, 0x02])
    found = np.frombuffer(decode(b"\xe1\xff\xff" + steps + TABLE, 3, 4, "TRIANGLES", "NONE", "a"), "<u4")
    assert found.tolist() == [300, 200, 201]


def test_a_sequence_of_indices():
    """Steps from one of two last values, in zigzag and the number of the value: 5, 6, 7 and 100."""
    found = np.frombuffer(decode(b"\xd1\x14\x04\x04\xf4\x02\0\0\0\0", 4, 2, "INDICES", "NONE", "a"), "<u2")
    assert found.tolist() == [5, 6, 7, 100]


@pytest.mark.parametrize("mode", ["ATTRIBUTES", "TRIANGLES", "INDICES"])
def test_every_piece_that_is_cut_off_is_refused(mode):
    whole = {
        "ATTRIBUTES": meshopt_attributes(np.random.default_rng(3).integers(0, 256, (40, 4)).astype(np.uint8), 3),
        "TRIANGLES": b"\xe1\xf0\x10" + TABLE,
        "INDICES": b"\xd1\x14\x04\x04\xf4\x02\0\0\0\0",
    }[mode]
    count, stride = {"ATTRIBUTES": (40, 4), "TRIANGLES": (6, 2), "INDICES": (4, 2)}[mode]
    decode(whole, count, stride, mode, "NONE", "a")
    for size in range(len(whole)):
        with pytest.raises(FormatError):
            decode(whole[:size], count, stride, mode, "NONE", "a")
