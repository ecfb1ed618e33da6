"""GIF as others read it."""

import numpy as np
import pytest
from qgis.PyQt.QtGui import QImage, QImageReader

from dtwin_plugin.data.gif import quantised, write_gif


def read(path):
    reader = QImageReader(str(path))
    shown = []
    for _ in range(reader.imageCount()):
        image = reader.read().convertToFormat(QImage.Format.Format_RGB888)
        bits = image.constBits()
        bits.setsize(image.sizeInBytes())
        rows = np.frombuffer(bytes(bits), np.uint8).reshape(image.height(), image.bytesPerLine())
        pixels = rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3)
        shown.append((pixels.copy(), reader.nextImageDelay() / 1000))
    return shown, reader.loopCount()


@pytest.mark.parametrize("size", [(1, 1), (7, 13), (200, 300)])
def test_another_reader_sees_the_same_pictures(tmp_path, size):
    """Noise fills the table of codes, and one colour makes the longest codes."""
    rng = np.random.default_rng(2)
    noise = rng.integers(0, 256, (*size, 3), dtype=np.uint8)
    plain = np.full((*size, 3), (12, 200, 90), np.uint8)
    frames = [(noise, 0.5), (plain, 1.0), (noise[::-1].copy(), 0.25)]
    assert write_gif(tmp_path / "a.gif", frames) == 3
    shown, loops = read(tmp_path / "a.gif")
    assert loops == -1 and [seconds for _, seconds in shown] == [0.5, 1.0, 0.25]
    for (pixels, _), (written, _) in zip(shown, frames):
        palette, indices = quantised(written)
        assert np.array_equal(pixels, palette[indices])
    assert np.array_equal(shown[1][0], plain)


def test_few_colours_are_kept_and_many_are_close():
    rng = np.random.default_rng(3)
    few = rng.integers(0, 32, (200, 3)).astype(np.uint8) * 8
    picture = few[rng.integers(0, len(few), (50, 60))]
    palette, indices = quantised(picture)
    assert np.array_equal(palette[indices], picture)
    ramp = np.tile(np.arange(256, dtype=np.uint8)[None, :, None], (20, 1, 3))
    palette, indices = quantised(ramp)
    assert np.abs(palette[indices].astype(int) - ramp).max() <= 4


def test_no_picture_is_no_film(tmp_path):
    assert write_gif(tmp_path / "none.gif", []) == 0
