"""Numba, loaded with care, and the one lock round its parallel kernels."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from dtwin_plugin.errors import MissingDependencyError

# Numba's `workqueue` layer (used where there is no OpenMP) ends the whole process when two threads run a parallel
# kernel at once, and QGIS runs algorithms in threads.
_LOCK = threading.RLock()


def load_numba(purpose: str) -> Any:
    """Return the module numba.

    Parameters
    ----------
    purpose : str
        What it is needed for, to end the sentence of the error: "calculate flooding".

    Raises
    ------
    MissingDependencyError
        If numba is not installed.
    """
    # Waiting OpenMP threads would spin, which halves the speed of a busy machine; read when the library loads.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    try:
        use_whole_vectors()
        import numba
    except ImportError as error:
        raise MissingDependencyError(package="numba", purpose=purpose) from error
    folder, config = os.environ.get("NUMBA_CACHE_DIR"), cast(Any, numba.config)
    if folder:
        config.CACHE_DIR = str(Path(folder) / _sources())
    return numba


def use_whole_vectors() -> None:
    """Let kernels use vectors of 512 bits where they do not slow the clock of the processor.

    The compiler takes halves of them on every processor of Intel, as the first that had them ran slower with whole
    ones. Those that know VBMI2 (2019 and later) do not, and the flood kernels are faster there. It is read when numba
    loads, and left alone where the user has chosen.
    """
    if {"NUMBA_CPU_FEATURES", "NUMBA_CPU_NAME", "NUMBA_ENABLE_AVX"} & os.environ.keys():
        return
    from llvmlite import binding

    try:
        features = binding.get_host_cpu_features()
    except RuntimeError:  # unknown to the compiler
        return
    if features.get("avx512vbmi2"):
        os.environ["NUMBA_CPU_FEATURES"] = f"{features.flatten()},-prefer-256-bit"


@lru_cache(maxsize=1)
def _sources() -> str:
    """Return a name for all kernels together as they stand in this installation.

    Numba takes a compiled function for fresh as long as its own file is the same, also where a function that it calls
    in another file has changed. In the folder of the plugin that cannot happen, as an update brings a new folder; a
    cache elsewhere outlives it, and gets a folder for each state of the kernels.
    """
    return state_of(sorted(Path(__file__).resolve().parents[1].rglob("*kernels.py")))


def state_of(paths: Iterable[Path]) -> str:
    """Return a name that changes with the contents of files."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def may_cache(purpose: str) -> bool:
    """Return whether compiled kernels can be kept: a service account may have no folder at all to write in."""
    try:
        load_numba(purpose).njit(cache=True)(_nothing)  # numba looks for a folder now, and compiles at the first call
    except RuntimeError:
        return False
    return True


def _nothing() -> None:
    pass


def thread_count(threads: int | None, purpose: str) -> int:
    """Return how many threads a kernel may use: `threads`, but no more than numba has; None = all that it has."""
    available = int(load_numba(purpose).config.NUMBA_NUM_THREADS)
    return available if threads is None else max(1, min(int(threads), available))


@contextmanager
def parallel_kernels(threads: int) -> Iterator[None]:
    """Hold the process-wide lock and let numba use `threads` threads; every parallel kernel is called within."""
    numba = load_numba("calculate in parallel")
    with _LOCK:
        before = numba.get_num_threads()
        numba.set_num_threads(threads)
        try:
            yield
        finally:
            numba.set_num_threads(before)
