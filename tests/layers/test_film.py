"""Films as others read them."""

import shutil
import subprocess

import pytest
from qgis.PyQt.QtGui import QColor, QImage, QImageReader

from dtwin_plugin.errors import InputError, ModelError
from dtwin_plugin.layers.film import write_film


def plain(colour, size=(31, 21)):
    image = QImage(*size, QImage.Format.Format_RGB32)
    image.fill(QColor(colour))
    return image


FRAMES = [(plain("#c83232"), 0.5), (plain("#3232c8"), 1.0)]


def test_a_gif_has_the_pictures_and_their_seconds(qgis_app, tmp_path):
    write_film(tmp_path / "film.gif", FRAMES)
    reader = QImageReader(str(tmp_path / "film.gif"))
    assert [QColor(reader.read().pixel(3, 3)).name() for _ in FRAMES] == ["#c83232", "#3232c8"]
    assert reader.nextImageDelay() == 1000


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="needs ffmpeg")
def test_an_mp4_is_as_long_as_its_pictures(qgis_app, tmp_path):
    path = tmp_path / "film.mp4"
    write_film(path, FRAMES)
    raw = ["ffmpeg", "-v", "error", "-i", str(path), "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    frames = subprocess.run(raw, capture_output=True, check=True).stdout
    size = 32 * 22 * 3  # odd sizes get a row and a column more
    count = len(frames) // size
    assert len(frames) % size == 0 and abs(count / 25 - 1.5) < 0.1
    first, last = (frames[k * size + 15 * 3 :][:3] for k in (0, count - 1))
    assert first[0] > 150 > first[2] and last[2] > 150 > last[0]


def test_an_mp4_without_ffmpeg_says_what_to_install(qgis_app, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match="ffmpeg") as caught:
        write_film(tmp_path / "film.mp4", FRAMES)
    assert "Install" in str(caught.value) and "GIF" in str(caught.value)


@pytest.mark.skipif(shutil.which("sh") is None, reason="needs a shell")
def test_what_ffmpeg_says_is_handed_on_and_nothing_is_left(qgis_app, tmp_path, monkeypatch):
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "ffmpeg"
    program.write_text("#!/bin/sh\necho 'no encoder' >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=":")
    (tmp_path / "out").mkdir()
    with pytest.raises(ModelError, match="no encoder"):
        write_film(tmp_path / "out" / "film.mp4", FRAMES)
    assert list((tmp_path / "out").iterdir()) == []


def test_neither_another_kind_nor_nothing_is_written(qgis_app, tmp_path):
    with pytest.raises(InputError, match="film.avi"):
        write_film(tmp_path / "film.avi", FRAMES)
    with pytest.raises(ModelError, match="no pictures"):
        write_film(tmp_path / "film.gif", [])
    assert list(tmp_path.iterdir()) == []
