"""Kernels that are compiled at their first call: the user is told, and may stop meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Any, TypeVar

from dtwin_plugin.errors import Cancelled

if TYPE_CHECKING:
    from dtwin_plugin.progress import Progress

_ASKS = 0.2  # s: so often a user is asked whether to stop while a call takes long
_LONG = 2.0  # s: kernels that were compiled before are there sooner
Found = TypeVar("Found")


def awaited(future: Future[Found], progress: Progress, compiled: Callable[[], bool]) -> Found:
    """Return what a call gives, while a user may stop it; tell what takes so long at first.

    Parameters
    ----------
    compiled : callable
        Tells whether the kernels are there in this process, compiled or read.

    Raises
    ------
    Cancelled
        If the user wants to stop.
    """
    begin, told = time.monotonic(), False
    while not wait((future,), _ASKS).done:
        if progress.is_cancelled():
            raise Cancelled
        if not told and time.monotonic() - begin > _LONG and not compiled():
            progress.report(0.0, "The calculation is compiled for this computer, once: that takes a minute or two")
            told = True
    found = future.result()
    if progress.is_cancelled():
        raise Cancelled
    return found


def prepared(small: Callable[[], object], kernel: Any, progress: Progress) -> None:
    """Compile kernels, or read them, before the work: once in a process.

    Parameters
    ----------
    small : callable
        A little work that calls them all with the types of the real work.
    kernel : dispatcher of Numba
        One of them that it calls last: what it knows tells whether that was done.

    Raises
    ------
    Cancelled
        Within a second of the wish; compiling goes on for the next run.
    """
    if kernel.signatures:
        return
    pool = ThreadPoolExecutor(1)
    try:
        awaited(pool.submit(small), progress, lambda: bool(kernel.signatures))
    finally:
        pool.shutdown(wait=False)
