"""What has been delivered? The facts of files and folders, each file read in a process of its own.

A hostile or broken file can then take no other down: it gets so much time and memory, and is refused in one sentence.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from dtwin_plugin.errors import Cancelled, MissingDependencyError
from dtwin_plugin.progress import Progress, Silent

_PACKAGE = __package__ or "dtwin_plugin.sources"
_LOOK = 0.2  # s between looks at whether the user wants to stop
_WORKERS = 2  # processes at a time; each may take gigabytes
# Files beside another that are no delivery themselves, by the suffix of the other.
_BESIDE = {".shp": (".shx", ".dbf", ".prj", ".cpg", ".qix", ".sbn", ".sbx", ".qpj"), ".tif": (".tfw", ".ovr")}


def describe_files(
    paths: Iterable[str | Path], timeout: float = 60.0, progress: Progress | None = None
) -> list[dict[str, Any]]:
    """Return a row for each file, as `describe_one.describe_one` gives it, in the order of the paths.

    Parameters
    ----------
    paths
        Files and folders; folders are searched to the bottom. A zip is one file.
    timeout : float
        Time for each file [s]; one that takes longer is refused.
    progress : Progress, optional
        Hears after each file.

    Returns
    -------
    list of dict
        A row has "crashed": True if its process ended in a way that no file should be able to cause.

    Raises
    ------
    Cancelled
        If the user stops it.
    """
    files = list(walk(paths))
    progress = progress or Silent()
    python = python_program()
    done = 0

    def described(file: Path) -> dict[str, Any]:
        nonlocal done
        row = _in_process(python, file, timeout, progress)
        done += 1
        progress.report(done / len(files), file.name)
        return row

    with ThreadPoolExecutor(min(_WORKERS, os.cpu_count() or 1)) as pool:
        return list(pool.map(described, files))


def walk(paths: Iterable[str | Path]) -> Iterator[Path]:
    """Yield files, and those in folders to the bottom, by name; not what only goes with another file."""
    for path in map(Path, paths):
        if not path.is_dir():
            yield path
            continue
        for folder, folders, names in os.walk(path):
            folders.sort()
            beside = {
                name[: -len(main)] + suffix
                for main, suffixes in _BESIDE.items()
                for name in names
                if name.lower().endswith(main)
                for suffix in suffixes
            }
            for name in sorted(names):
                if not name.startswith(".") and name not in beside and not name.endswith(".aux.xml"):
                    yield Path(folder) / name


def python_program() -> str:
    """Return the Python program that goes with this interpreter; within QGIS on Windows `sys.executable` is QGIS."""
    suffix = ".exe" if os.name == "nt" else ""
    base = getattr(sys, "_base_executable", None)
    folders = [Path(sys.executable or ".").parent, Path(sys.exec_prefix), Path(sys.exec_prefix) / "bin"]
    beside = [folder / (name + suffix) for folder in folders for name in ("python3", "python")]
    candidates = [Path(program) for program in (sys.executable, base) if program] + beside
    for program in candidates:
        if program.name.lower().startswith("python") and program.is_file():
            return str(program)
    found = shutil.which("python3") or shutil.which("python")
    if found is None:
        raise MissingDependencyError("python3", "read each file in a process of its own")
    return found


def _in_process(python: str, file: Path, timeout: float, progress: Progress) -> dict[str, Any]:
    """Return the row that another process makes of a file, or that tells why it could not."""
    begin = time.perf_counter()
    root = str(Path(__file__).resolve().parents[_PACKAGE.count(".") + 1])
    environment = {**os.environ, "PYTHONUTF8": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, [root, environment.get("PYTHONPATH")]))
    command = [python, "-m", _PACKAGE, "describe-one", str(file)]
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )
    try:
        while True:
            try:
                output, errors = process.communicate(timeout=_LOOK)
                break
            except subprocess.TimeoutExpired:
                if progress.is_cancelled():
                    raise Cancelled from None
                if time.perf_counter() - begin > timeout:
                    message = f"{file.name} was not read within {timeout:g} s. Allow more time, or read it by area."
                    return _refused(file, message, begin, crashed=False)
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()
    return _row(output) or _refused(file, _end(file, process.returncode, errors), begin, crashed=True)


def _row(output: bytes) -> dict[str, Any] | None:
    """Return the row on the last line of what a process wrote, None if there is none."""
    lines = output.decode("utf-8", "replace").strip().splitlines()
    try:
        row = json.loads(lines[-1]) if lines else None
    except ValueError:
        return None
    return row if isinstance(row, dict) and "status" in row else None


def _refused(file: Path, message: str, begin: float, crashed: bool) -> dict[str, Any]:
    return {
        "file": str(file),
        "status": "refused",
        "source": None,
        "message": message,
        "warnings": [],
        "seconds": round(time.perf_counter() - begin, 3),
        "peak_mb": None,
        "crashed": crashed,
    }


def _end(file: Path, code: int, errors: bytes) -> str:
    """Return a sentence on a process that ended without an answer."""
    lines = errors.decode("utf-8", "replace").strip().splitlines()
    last = f": {lines[-1][:200].rstrip('.')}" if lines else ""
    return f"The process that read {file.name} ended with code {code}{last}."
