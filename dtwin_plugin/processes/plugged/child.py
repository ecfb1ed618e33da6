"""A program of somebody else: followed, stopped when asked, and ended with all that it started."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path

from dtwin_plugin.errors import Cancelled, ModelError
from dtwin_plugin.progress import Progress

TIMEOUT = 3600.0  # s
_LOOK = 0.1  # s between looks at whether the user wants to stop
_GRACE = 1.0  # s for a program that is asked to end
_LINES, _LONGEST = 200, 500  # of what it says: lines that are kept, characters of each
_SHARE = re.compile(r"\s*(?:PROGRESS\s+)?(\d{1,3}(?:\.\d+)?)\s*%\s*(.*)")
# What programs find their files and libraries by; keys and tokens of the user stay here.
_ENVIRONMENT = (
    *("PATH", "HOME", "USER", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"),
    *("SYSTEMROOT", "WINDIR", "COMSPEC", "PATHEXT", "TEMP", "TMP", "USERPROFILE", "APPDATA", "LOCALAPPDATA"),
    *("PROGRAMFILES", "PROGRAMDATA", "NUMBER_OF_PROCESSORS", "OMP_NUM_THREADS", "PROJ_DATA", "PROJ_LIB", "GDAL_DATA"),
)


def run_program(
    command: Sequence[str], folder: Path, progress: Progress, timeout: float = TIMEOUT, title: str = ""
) -> list[str]:
    """Run a program until it ends, and return the last lines that it said.

    A line such as "40 %" or "PROGRESS 40 % rain" moves the progress.

    Parameters
    ----------
    command : sequence of str
        The program and what it is given; no shell looks at it.
    folder : Path
        Where it works.
    timeout : float
        Seconds that it may take.
    title : str
        Of the model, for the sentences.

    Raises
    ------
    Cancelled
        If the user stops it; the program and all that it started are ended.
    ModelError
        If it cannot be started, takes too long, or ends with another code than 0.
    """
    begin = time.monotonic()
    try:
        process = _started(command, folder)
    except OSError as error:
        raise ModelError(
            "{title} cannot be started: {program}: {reason}.",
            hint="Install the program that the model needs, or ask its owner.",
            title=title,
            program=Path(command[0]).name,
            reason=error.strerror or str(error),
        ) from error
    said: deque[str] = deque(maxlen=_LINES)
    listener = threading.Thread(target=_listen, args=(process, said, progress), daemon=True)
    listener.start()
    try:
        while process.poll() is None:
            time.sleep(_LOOK)
            if progress.is_cancelled():
                raise Cancelled
            if time.monotonic() - begin > timeout:
                raise ModelError(
                    "{title} was not done within {timeout:g} s and was ended.",
                    hint="Take a smaller area, or let the owner of the model allow more time in its description.",
                    title=title,
                    timeout=timeout,
                )
    finally:
        _end(process)
        listener.join(_GRACE)
    if process.returncode:
        raise ModelError(
            "{title} ended with code {code}: {said}.",
            hint="What it said stands in the log; ask the owner of the model.",
            title=title,
            code=process.returncode,
            said=(next((line for line in reversed(said) if line.strip()), "") or "-").rstrip("."),
        )
    return list(said)


def _started(command: Sequence[str], folder: Path) -> subprocess.Popen[bytes]:
    environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    environment.update(PYTHONUTF8="1", PYTHONDONTWRITEBYTECODE="1", PYTHONUNBUFFERED="1")
    flags = 0
    if sys.platform == "win32":
        flags = subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
    return subprocess.Popen(
        list(command),
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=sys.platform != "win32",
        creationflags=flags,
    )


def _listen(process: subprocess.Popen[bytes], said: deque[str], progress: Progress) -> None:
    stream = process.stdout
    assert stream is not None
    while raw := stream.readline(1 << 16):  # a line without an end does not fill the memory
        line = "".join(c if c.isprintable() else " " for c in raw.decode("utf-8", "replace").rstrip())[:_LONGEST]
        said.append(line)
        share = _SHARE.match(line)
        if share and float(share[1]) <= 100:
            progress.report(float(share[1]) / 100, "{said}", said=share[2] or line)
    stream.close()


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a program and what it started, also where it ended by itself and left something behind."""
    if sys.platform == "win32":
        if process.poll() is None:
            subprocess.run(["taskkill", "/T", "/F", "/PID", str(process.pid)], capture_output=True, check=False)
    else:
        _signal(process.pid, signal.SIGTERM)
        try:
            process.wait(_GRACE / 2)
        except subprocess.TimeoutExpired:
            pass
        _signal(process.pid, signal.SIGKILL)
    process.wait()


def _signal(group: int, number: int) -> None:
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        pass
