"""A raster that is too large to be copied in memory is written as any other, and leaves nothing beside."""

import numpy as np
import pytest

from dtwin_plugin.data import Grid
from dtwin_plugin.errors import Cancelled
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources import raster_write


def grid():
    times = np.array(["2026-01-01T00:15", "2026-01-01T00:30"], "datetime64[s]")
    values = np.random.default_rng(1).uniform(0, 1, (2, 700, 600)).astype(np.float32)
    return Grid(values, 0, 700, 1.0, unit="m", times=times, name="Water depth")


def test_it_is_the_same_file(tmp_path, monkeypatch):
    small = raster_write.write_cog(grid(), tmp_path / "small.tif").read_bytes()
    monkeypatch.setattr(raster_write, "IN_MEMORY", 1000)
    large = raster_write.write_cog(grid(), tmp_path / "large.tif").read_bytes()
    assert small == large
    assert sorted(path.name for path in tmp_path.iterdir()) == ["large.tif", "small.tif"]


def test_nothing_is_left_when_it_is_stopped(tmp_path, monkeypatch):
    class Stopped(Silent):
        def is_cancelled(self):
            return True

    monkeypatch.setattr(raster_write, "IN_MEMORY", 1000)
    with pytest.raises(Cancelled):
        raster_write.write_cog(grid(), tmp_path / "large.tif", progress=Stopped())
    assert not list(tmp_path.iterdir())
