"""Where pieces of work run: threads of this process or a Dask cluster, by the interface of `concurrent.futures`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from dtwin_plugin.errors import InputError, MissingDependencyError

SCHEDULER = "DTWIN_SCHEDULER"  # environment variable with the address of the scheduler of a Dask cluster


def scheduler_of(cluster: str = "") -> str:
    """Return the address of the scheduler that is meant: the one given, that of the environment, or "" for none.

    >>> scheduler_of("tcp://a:8786")
    'tcp://a:8786'
    """
    return cluster or os.environ.get(SCHEDULER, "")


@contextmanager
def executor_of(workers: int, cluster: str = "") -> Iterator[tuple[Executor, int]]:
    """Give an executor and how many pieces of work it takes at once.

    On a cluster nothing is lost with a worker: the scheduler gives its work to another. Within work of a cluster, work
    of the same cluster may be asked for: the place of who waits is given to others for as long.

    Parameters
    ----------
    workers : int
        Threads; 0 = one for each processor.
    cluster : str
        Address of the scheduler of a Dask cluster ("tcp://host:8786"), whose workers have this plugin; "" = threads.

    Raises
    ------
    MissingDependencyError
        If a cluster is asked for and `distributed` is not installed.
    InputError
        If the cluster does not answer.
    """
    if not cluster:
        count = workers or os.cpu_count() or 1
        with ThreadPoolExecutor(count, thread_name_prefix="member") as pool:
            yield pool, count
        return
    with client_of(cluster) as client, _place_given():
        yield client.get_executor(pure=False), sum(client.ncores().values())


def client_of(cluster: str) -> Any:
    """Return a client of a Dask cluster, to be closed; raises as `executor_of`."""
    try:
        from distributed import Client
    except ImportError as error:
        raise MissingDependencyError(package="distributed", purpose="calculate on a Dask cluster") from error
    try:
        return Client(cluster, timeout=10, set_as_default=False)
    except (OSError, ValueError) as error:  # a timeout is an OSError
        raise InputError(
            "The Dask cluster at {address} does not answer.",
            hint="Check the address of its scheduler, or leave it out to calculate here.",
            address=cluster,
        ) from error


@contextmanager
def _place_given() -> Iterator[None]:
    """Let others work where this work of a cluster waits, so that a cluster full of work that waits does not stand."""
    from distributed import get_worker, rejoin, secede

    try:
        get_worker()
    except ValueError:  # no work of a cluster
        yield
        return
    secede()
    try:
        yield
    finally:
        rejoin()
