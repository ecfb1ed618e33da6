"""Headers and tables that cannot be true, and bytes that are not what they should be."""

import struct

import numpy as np
import pytest

from dtwin_plugin.errors import DtwinError, FormatError
from dtwin_plugin.sources.las import LasSource

pytestmark = pytest.mark.timeout(60)

VERSION, HEADER_SIZE, OFFSET, RECORDS, FORMAT, SIZE, COUNT, SCALES, SHIFTS = 24, 94, 96, 100, 104, 105, 107, 131, 155


@pytest.fixture
def broken(tmp_path):
    """A file with some bytes changed."""

    def make(source, changes=(), length=None, start=0):
        data = bytearray(source.read_bytes())[start:length]
        for offset, fmt, *values in changes:
            struct.pack_into(fmt, data, offset, *values)
        path = tmp_path / source.name
        path.write_bytes(data)
        return path

    return make


def refusal(path):
    with pytest.raises(FormatError) as caught:
        LasSource(path).describe()
    return str(caught.value)


@pytest.fixture
def las(shared):
    return shared / "pointcloud/pdal/simple.las"


@pytest.fixture
def laz(shared):
    return shared / "pointcloud/pdal/simple.laz"


@pytest.fixture
def copc(shared):
    return shared / "pointcloud/pdal/1.2-with-color.copc.laz"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ((0, "4s", b"LASX"), "is not a LAS file"),
        ((VERSION, "BB", 1, 7), "is LAS 1.7; read are LAS 1.0 to 1.4"),
        ((VERSION, "BB", 2, 0), "is LAS 2.0"),
        ((HEADER_SIZE, "<H", 100), "expected a header of at least 227 bytes"),
        ((OFFSET, "<I", 10), "its points start at byte 10"),
        ((OFFSET, "<I", 2**32 - 1), "its points start at byte 4294967295 of 36437"),
        ((RECORDS, "<I", 1), "1 records before its points"),
        ((FORMAT, "B", 11), "points of format 11"),
        ((SIZE, "<H", 33), "points of format 3 in 33 bytes"),
        ((SIZE, "<H", 35), "1065 points, and there is room for 1034"),
        ((COUNT, "<I", 2**32 - 1), "4294967295 points, and there is room for 1065"),
        ((SCALES, "<d", np.nan), "the scale of x is nan"),
        ((SCALES + 8, "<d", np.inf), "the scale of y is inf"),
        ((SCALES + 16, "<d", 0.0), "the scale of z is 0.0"),
        ((SHIFTS, "<d", np.nan), "its offset nan"),
        ((SCALES, "<d", 1e308), "the scale of x is 1e"),
    ],
)
def test_a_header_that_cannot_be_true_is_refused(broken, las, change, sentence):
    assert sentence in refusal(broken(las, [change]))


@pytest.mark.parametrize(("length", "sentence"), [(0, "is empty"), (100, "ends within its header"), (5000, "ends too")])
def test_a_file_that_ends_too_soon_is_refused(broken, las, length, sentence):
    assert sentence in refusal(broken(las, length=length))


@pytest.mark.parametrize("part", [0.1, 0.5, 0.99])
def test_a_compressed_file_that_ends_too_soon_is_refused(broken, shared, part):
    source = shared / "pointcloud/delft_ahn3/ahn3_cropped_1.laz"
    assert "ends too soon" in refusal(broken(source, length=int(source.stat().st_size * part)))


def test_a_compressed_file_without_the_record_of_laszip_is_refused(broken, laz):
    assert "the record that tells how is absent" in refusal(broken(laz, [(RECORDS, "<I", 0)]))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ((281, "<H", 9), "compressor 9 is not known"),
        ((281 + 32, "<H", 60_000), "the record that tells how is too short"),
        ((281 + 36, "<H", 60_000), "points unpack to 60014 bytes where the header says 34"),
        ((333, "<q", 10), "the table of its compressed chunks is absent"),
        ((333, "<q", 2**62), "the table of its compressed chunks is absent"),
        ((COUNT, "<I", 10**9), "fewer than the 1000000000 points"),
    ],
)
def test_compression_that_cannot_be_true_is_refused(broken, laz, change, sentence):
    assert sentence in refusal(broken(laz, [change]))


def test_more_chunks_than_fit_are_refused(broken, laz):
    (table,) = struct.unpack_from("<q", laz.read_bytes(), 333)
    assert "4294967295 chunks do not fit" in refusal(broken(laz, [(table + 4, "<I", 2**32 - 1)]))


def test_layers_larger_than_their_chunk_are_refused(broken, copc):
    # Behind the place of the table and the first point of the first chunk stand its count and the sizes of its layers.
    change = (1709 + 8 + 36 + 4, "<I", 2**32 - 1)
    assert "the layers of a chunk would take more than its" in refusal(broken(copc, [change]))


def test_bytes_changed_anywhere_give_an_answer_or_a_sentence(broken, shared):
    """Nothing but the errors of the house may come out, whatever is in the file."""
    random = np.random.default_rng(20240501)
    names = ("simple.laz", "extrabytes.las", "1.2-with-color.copc.laz", "1.0_0.las")
    outcomes = []
    for number in range(200):
        source = shared / "pointcloud/pdal" / names[number % len(names)]
        size = source.stat().st_size
        limit = (375, 1700, size)[number % 3]
        changes = [(int(at), "B", int(random.integers(256))) for at in random.integers(0, min(limit, size), 3)]
        path = broken(source, changes)
        try:
            outcomes.append(LasSource(path).describe().count)
        except DtwinError as error:
            outcomes.append(str(error))
    texts = [outcome for outcome in outcomes if isinstance(outcome, str)]
    # Both happen, or the test would look at nothing.
    assert 10 < len(texts) < 190 and all("{" not in text for text in texts)
