"""A damaged netCDF file: refused, and the program goes on."""

import random

import pytest

from dtwin_plugin.errors import FormatError
from dtwin_plugin.sources import tried
from dtwin_plugin.sources.describe import describe_files


def test_damaged_netcdf_takes_nothing_down(shared, tmp_path):
    """Bytes put in twice made the library corrupt the memory of the program, and QGIS crash."""
    sound = (shared / "terrain/xugrid/elevation_nl.nc").read_bytes()
    chance = random.Random(7)
    for number in range(4):
        start = chance.randrange(len(sound) // 2)
        piece = sound[start : start + chance.randrange(500, 4000)]
        (tmp_path / f"{number}.nc").write_bytes(sound[:start] + piece + sound[start:])
    rows = describe_files([tmp_path])
    assert [row["status"] for row in rows] == ["refused"] * 4 and not any(
        row["crashed"] for row in rows if "crashed" in row
    )
    assert all(row["message"].endswith(".") for row in rows)


def test_a_file_that_opens_is_tried_once(shared, monkeypatch):
    path = shared / "terrain/xugrid/elevation_nl.nc"
    tried.try_apart(path)
    monkeypatch.setattr(tried.subprocess, "run", None)
    tried.try_apart(path)


def test_without_a_python_to_try_it_with_a_file_is_simply_opened(tmp_path, monkeypatch):
    (tmp_path / "a.nc").write_bytes(b"\x89HDF")
    with pytest.raises(FormatError, match="netCDF cannot open it"):
        tried.try_apart(tmp_path / "a.nc")
    (tmp_path / "b.nc").write_bytes(b"\x89HDF")

    def absent(*args, **named):
        raise FileNotFoundError

    monkeypatch.setattr(tried.subprocess, "run", absent)
    tried.try_apart(tmp_path / "b.nc")
