"""Pictures that follow each other, written as a film: GIF by ourselves, MP4 by ffmpeg where that is installed."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from qgis.PyQt.QtGui import QImage

from dtwin_plugin.data.atomic import written_beside
from dtwin_plugin.data.gif import write_gif
from dtwin_plugin.errors import InputError, ModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray

SUFFIXES = (".gif", ".mp4")
_RATE = 25  # pictures a second of an MP4, for those that players expect
_LONGEST = 3600  # seconds that ffmpeg may take

Frames = Iterable[tuple[QImage, float]]


def expect_writable(path: Path) -> None:
    """Raise InputError where no film of this kind can be written: ask before pictures are made for it."""
    if path.suffix.lower() not in SUFFIXES:
        raise InputError("{file} is no film.", hint="Choose a file that ends in .gif or .mp4.", file=path.name)
    if path.suffix.lower() == ".mp4" and shutil.which("ffmpeg") is None:
        raise InputError(
            "An MP4 needs the program ffmpeg, and it is not on the path.",
            hint="Install it from https://ffmpeg.org (Windows: winget install ffmpeg), or choose a GIF.",
        )


def write_film(path: Path, frames: Frames) -> None:
    """Write pictures of one size, each seen for some seconds, by the suffix of the path.

    Raises
    ------
    InputError
        If the film is of a kind that cannot be written here.
    ModelError
        If there are no pictures, or ffmpeg fails.
    """
    expect_writable(path)
    with written_beside(path) as temporary:
        if path.suffix.lower() == ".gif":
            count = write_gif(temporary, ((pixels_of(image), seconds) for image, seconds in frames))
        else:
            count = _write_mp4(temporary, frames)
        if not count:
            raise ModelError("There are no pictures for the film {file}.", file=path.name)


def pixels_of(image: QImage) -> NDArray[np.uint8]:
    """Return a picture as red, green and blue, shape (rows, columns, 3)."""
    plain = image.convertToFormat(QImage.Format.Format_RGB888)
    bits = plain.constBits()
    bits.setsize(plain.sizeInBytes())
    rows = np.frombuffer(bytes(bits), np.uint8).reshape(plain.height(), plain.bytesPerLine())
    return rows[:, : 3 * plain.width()].reshape(plain.height(), plain.width(), 3)


def _write_mp4(path: Path, frames: Frames) -> int:
    with tempfile.TemporaryDirectory(prefix="dtwin-film-", ignore_cleanup_errors=True) as folder:
        shown = list(_pictures(Path(folder), frames))
        if not shown:
            return 0
        lines = [f"file {name}\nduration {seconds:.3f}" for name, seconds in shown]
        # the last is named again, as some versions do not count its time, and what others add is cut off
        listed = "\n".join(["ffconcat version 1.0", *lines, f"file {shown[-1][0]}"])
        length = sum(seconds for _, seconds in shown)
        (Path(folder) / "list.txt").write_text(listed + "\n", encoding="utf-8")
        # players want an even number of rows and columns, and colours at half the detail
        looks = f"fps={_RATE},pad=ceil(iw/2)*2:ceil(ih/2)*2,format=yuv420p"
        command = ["ffmpeg", "-y", "-v", "error", "-f", "concat", "-i", "list.txt", "-vf", looks]
        command += ["-t", f"{length:.3f}", "-movflags", "+faststart", "-f", "mp4", str(path.absolute())]
        try:
            subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, timeout=_LONGEST)
        except (subprocess.SubprocessError, OSError) as error:
            reason = (getattr(error, "stderr", "") or str(error)).strip().splitlines()
            raise ModelError(
                "The file {file} could not be written by ffmpeg: {reason}.",
                hint="Choose a GIF.",
                file=path.name,
                reason=reason[-1] if reason else "",
            ) from error
        return len(shown)


def _pictures(folder: Path, frames: Frames) -> Iterator[tuple[str, float]]:
    """Write pictures, and yield the name and the seconds of each."""
    for number, (image, seconds) in enumerate(frames):
        name = f"{number:06d}.png"
        image.save(str(folder / name), "PNG")
        yield name, seconds
