"""What one file holds, found in a process of its own that may use so much memory and no more."""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import Any

import numpy as np

from dtwin_plugin.errors import CrsError, DtwinError
from dtwin_plugin.progress import Silent

from .log_collection import INSIDE, is_zip, kinds_in
from .registry import SOURCES, find

MEMORY = 4 << 30  # bytes of address space


def limit_memory(size: int = MEMORY) -> None:
    """Let this process take no more than `size` bytes, where the system can do that."""
    try:
        import resource
    except ImportError:  # Windows
        return
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    size = size if hard == resource.RLIM_INFINITY else min(size, hard)
    resource.setrlimit(resource.RLIMIT_AS, (size, hard))


def describe_one(path: str | Path) -> dict[str, Any]:
    """Return the facts of a file that was described and read to its end, or why it is refused.

    A file whose coordinates cannot be placed in RD New is loaded all the same, with a warning: its facts are known.

    Returns
    -------
    dict
        "file", "status" ("loaded" or "refused"), "source", "format", "carrier", "crs", "extent", "count", "chunks",
        "facts", "warnings", "message", "seconds" and "peak_mb".
    """
    begin = time.perf_counter()
    row: dict[str, Any] = {"file": str(path), "status": "refused", "source": None, "message": "", "warnings": []}
    try:
        _read(Path(path), row)
        row["status"] = "loaded"
    except DtwinError as error:
        row["message"] = str(error)
    except MemoryError:
        row["message"] = f"{Path(path).name} needs more than {MEMORY >> 30} GB of memory. Read it in smaller pieces."
    row["seconds"], row["peak_mb"] = round(time.perf_counter() - begin, 3), peak_memory()
    return row


def _read(path: Path, row: dict[str, Any]) -> None:
    entry = find(path)
    row["source"] = next(name for name, other in SOURCES.items() if other is entry)
    source = entry.load()(path)
    row.update(plain(source.describe().as_dict()))
    progress = Silent()
    row["chunks"] = 0
    warnings = [*row["warnings"], *_beside(path, row["source"])]
    try:
        for _ in source.read(progress=progress):
            row["chunks"] += 1
    except CrsError as error:
        warnings.append(str(error))
    row["warnings"] = list(dict.fromkeys(warnings + progress.warnings))


def _beside(path: Path, name: str) -> list[str]:
    """Return what a user should know of a zip of logs in several formats, of which the facts are those of one."""
    others = [other for other in kinds_in(path) if other != name] if name in INSIDE and is_zip(path) else []
    titles = ", ".join(SOURCES[other].title for other in others)
    return [f"{path.name} also holds {titles}; these are not in the facts, and are loaded with it."] if others else []


def plain(value: Any) -> Any:
    """Return facts as JSON has them: no arrays, no NaN.

    >>> plain({"a": np.arange(2), "b": (float("nan"), np.float64(1.5))})
    {'a': [0, 1], 'b': [None, 1.5]}
    """
    if isinstance(value, dict):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, (np.ndarray, np.generic)):
        return plain(value.tolist())
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, (bool, int, str)) else str(value)


def peak_memory() -> float | None:
    """Return the most memory that this process had in use [MB], None where the system does not tell.

    Linux counts it in /proc from the start of the program; what `resource` says includes the program before it.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return round(int(line.split()[1]) / 1024, 1)
    try:
        import resource
    except ImportError:
        return None
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 1)  # bytes on macOS
