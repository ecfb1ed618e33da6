"""SWMM as a library: one network at a time in the whole process, closed and swept up whatever happens."""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.errors import Cancelled, InputError, MissingDependencyError, ModelError
from dtwin_plugin.progress import Progress

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LOCK = threading.Lock()  # SWMM keeps its network in global variables
_WAIT = 0.2  # s between two looks at whether the user stops
_HEAD = 6  # SM_HEAD of the interface
_NODE_VOLUME, _LINK_VOLUME = 3, 2  # SM_VOLUME, SM_LINKVOLUME
_NODE, _LINK = 2, 3  # SM_NODE, SM_LINK


def load_swmm() -> Any:
    """Return the module `swmm.toolkit.solver`.

    Raises
    ------
    MissingDependencyError
        If swmm-toolkit is not installed.
    """
    try:
        from swmm.toolkit import solver
    except ImportError as error:
        raise MissingDependencyError(package="swmm-toolkit", purpose="calculate a sewer network") from error
    return solver


class Swmm:
    """An open network; see `opened`."""

    def __init__(self, library: Any, names: Sequence[str], factor: float) -> None:
        self._library, self._factor = library, factor
        self._index = [library.project_get_index(_NODE, name) for name in names]
        self._flow = np.zeros(len(names))
        self._drawn = 0.0  # m3 taken out, which SWMM counts with its outfalls
        self._start = self._stored()

    def heads(self) -> NDArray[np.float64]:
        """Return the level of the water in each node [m]."""
        get = self._library.node_get_result
        return np.array([get(index, _HEAD) for index in self._index])

    def step(self, inflow: NDArray[np.float64], seconds: int) -> None:
        """Let a discharge [m3 s-1] into each node for a time; below 0 it is taken out.

        Raises
        ------
        ModelError
            If SWMM stops.
        """
        for k in np.flatnonzero(inflow != self._flow):
            self._library.node_set_total_inflow(self._index[k], float(inflow[k]) / self._factor)
        self._flow = np.array(inflow, float)
        self._drawn += float(-np.minimum(inflow, 0.0).sum()) * seconds
        try:
            self._library.swmm_stride(seconds)
        except Exception as error:  # the interface raises nothing more special
            raise ModelError("SWMM stopped: {reason}.", reason=_reason(error)) from error

    def account(self) -> dict[str, float]:
        """Return the water balance of the network [m3]; `inflow` is what came from the surface and from the file."""
        totals = self._library.system_get_routing_totals()
        return {
            "inflow": totals.exInflow,
            "dry_weather": totals.dwInflow,
            "outfalls": totals.outflow - self._drawn,
            "to_street": self._drawn,
            "flooding_elsewhere": totals.flooding,
            "start": self._start,
            "stored": self._stored(),
        }

    def _stored(self) -> float:
        """Return what nodes and pipes hold [m3]."""
        library = self._library
        nodes, links = (range(library.project_get_count(kind)) for kind in (_NODE, _LINK))
        held = sum(library.node_get_result(k, _NODE_VOLUME) for k in nodes)
        return float(held + sum(library.link_get_result(k, _LINK_VOLUME) for k in links))


@contextmanager
def opened(text: str, names: Sequence[str], factor: float, progress: Progress) -> Iterator[Swmm]:
    """Give a network that runs, and close it and remove its files at the end.

    Parameters
    ----------
    text : str
        The SWMM input.
    names : sequence of str
        Nodes whose level is asked and that get water.
    factor : float
        Discharge of one unit of flow of the text [m3 s-1].

    Raises
    ------
    InputError
        If SWMM does not accept the text; with what it says.
    MissingDependencyError
        If swmm-toolkit is not installed.
    Cancelled
        If the user stops while another run has SWMM.
    """
    library = load_swmm()
    while not _LOCK.acquire(timeout=_WAIT):
        if progress.is_cancelled():
            raise Cancelled
    folder = Path(tempfile.mkdtemp(prefix="dtwin_swmm_"))
    started, is_open = False, True
    try:
        files = [folder / f"network.{end}" for end in ("inp", "rpt", "out")]
        files[0].write_text(text, encoding="utf-8")
        try:
            library.swmm_open(*map(str, files))
            library.swmm_start(0)
        except Exception as error:  # as above
            _close(library, started)
            is_open = False
            raise InputError(
                "SWMM does not accept the sewer network: {reason}.",
                hint="Open the file in SWMM itself, which shows the lines.",
                reason=_reported(files[1]) or _reason(error),
            ) from error
        started = True
        yield Swmm(library, names, factor)
    finally:
        if is_open:
            _close(library, started)
        shutil.rmtree(folder, ignore_errors=True)
        _LOCK.release()


def _close(library: Any, started: bool) -> None:
    """Close a network, which writes its report; SWMM ends the whole process when it is closed twice."""
    for close in (library.swmm_end, library.swmm_close) if started else (library.swmm_close,):
        with suppress(Exception):  # what stopped it has been told; the folder must go and the lock be free
            close()


def _reason(error: Exception) -> str:
    return " ".join(str(error).split()).rstrip(".")


def _reported(report: Path) -> str:
    """Return the first errors of a report."""
    try:
        lines = report.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    found = [line.strip() for line in lines if line.strip().startswith("ERROR")]
    return "; ".join(found[:3]).rstrip(".:")
