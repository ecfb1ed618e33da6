"""Numba, loaded with care, and the one lock round its parallel kernels."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

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
        import numba
    except ImportError as error:
        raise MissingDependencyError(package="numba", purpose=purpose) from error
    return numba


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
