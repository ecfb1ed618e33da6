"""Spoilt GEF files: always logs, or a refusal in one sentence; never another error."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtwin_plugin.data import Logs
from dtwin_plugin.errors import DtwinError
from dtwin_plugin.sources.gef import GefSource
from dtwin_plugin.sources.gef.one import read_gef

FILES = (
    "pygef/cpt_class_high.gef",
    "pygef/cpt_pre_excavated.gef",
    "geost/CPT000000038871_IMBRO_A.gef",
    "brodata/B38B2152.gef",
    "geolib_plus/Exception_9999.gef",
)
ROWS = 30  # of each file: what is spoilt here is the header and the way in which rows are written


def outcome(data):
    """Logs with sound depths, or the refusal."""
    try:
        logs = read_gef(data, "a.gef", lambda message, **values: message.format(**values), (84_000, 447_000)).carrier()
    except DtwinError as error:
        sentence = str(error)
        assert sentence[0].isupper() or sentence.startswith("a.gef")
        assert sentence.endswith(".") and len(sentence.split()) > 3
        return error
    assert isinstance(logs, Logs) and logs.starts[-1] > 0
    depth = logs.rows["depth" if logs.kind == "cpt" else "top"]
    assert np.isfinite(depth).all() and (np.diff(depth) >= 0).all()
    return logs


@pytest.fixture(params=FILES)
def lines(request, shared):
    data = (shared / "subsurface" / request.param).read_bytes().splitlines(keepends=True)
    end = next(number for number, line in enumerate(data) if line.startswith(b"#EOH"))
    return data[: end + 1 + ROWS]


def test_a_header_line_may_be_lost(lines):
    whole = outcome(b"".join(lines))
    assert isinstance(whole, Logs)
    lost = 0
    for number, line in enumerate(lines):
        if not line.startswith(b"#"):
            break
        found = outcome(b"".join(lines[:number] + lines[number + 1 :]))
        lost += not isinstance(found, Logs)
    assert lost <= 2  # only without the columns that make it what it is


def test_a_file_may_be_cut_off_anywhere(lines):
    data = b"".join(lines)
    for part in range(0, 101):
        outcome(data[: len(data) * part // 100])


@pytest.mark.parametrize("change", [bytes.lower, bytes.upper, bytes.swapcase], ids=["lower", "upper", "swapped"])
def test_letters_may_be_of_any_size(lines, change):
    found = outcome(b"".join(change(line) if line.startswith(b"#") else line for line in lines))
    assert isinstance(found, Logs)


def test_lines_may_be_shuffled_doubled_and_damaged(lines):
    draw = random.Random(4)
    data = b"".join(lines)
    for _ in range(150):
        changed = bytearray(data)
        for _ in range(draw.choice((1, 5, 50))):
            changed[draw.randrange(len(changed))] = draw.randrange(256)
        outcome(bytes(changed))
        shuffled = [line for line in lines if draw.random() < 0.9] + draw.choices(lines, k=3)
        draw.shuffle(shuffled)
        outcome(b"".join(shuffled))


@given(st.text(alphabet="#=,;:!' \n\r\t0123456789.-eEXYZIDCOLUMNFTRGB", max_size=400))
def test_any_text_is_logs_or_a_sentence(text):
    outcome(b"#COLUMNINFO= 1, m, length, 1\n#COLUMNINFO= 2, MPa, cone, 2\n" + text.encode())


@given(st.lists(st.text(max_size=30), max_size=5), st.sampled_from(["XYID", "ZID", "COLUMNVOID", "MEASUREMENTVAR"]))
def test_any_value_is_logs_or_a_sentence(values, keyword):
    head = "#COLUMNINFO= 1, m, length, 1\n#COLUMNINFO= 2, MPa, cone, 2\n"
    outcome(f"{head}#{keyword}= {', '.join(values)}\n#EOH=\n1 2\n".encode())


def test_what_is_no_number_in_a_coordinate_system_is_refused_when_read(tmp_path):
    path = tmp_path / "a.gef"
    for code in ("99999", "1e300", "4978", "3857", "-5", "31002"):
        path.write_text(f"#COLUMNINFO= 1, m, l, 1\n#COLUMNINFO= 2, MPa, c, 2\n#XYID= {code}, 1, 2\n#EOH=\n1 2\n")
        GefSource(path).describe()
        with pytest.raises(DtwinError):
            list(GefSource(path).read())
