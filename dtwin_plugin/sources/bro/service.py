"""Objects of the BRO by area, from the public services."""

from __future__ import annotations

import contextvars
import io
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any

from dtwin_plugin import catalogue
from dtwin_plugin.data import Extent
from dtwin_plugin.data.crs import RD, in_rd_bounds
from dtwin_plugin.errors import DtwinError, FormatError, InputError, OfflineError, SourceError
from dtwin_plugin.progress import Part, Progress, Silent
from dtwin_plugin.sources import safe_xml
from dtwin_plugin.sources.base import SourceInfo
from dtwin_plugin.sources.retry import Retrying, retrying
from dtwin_plugin.sources.stop import stop_if_asked
from dtwin_plugin.sources.transport import Transport

from . import kinds
from .collect import Collector, Found, within
from .documents import RejectionError, objects
from .record import BRO_ID, Record
from .search import LIMIT, Search, refused

# Kinds of objects, by the name in the entries of the catalogue ("bro-cpt").
KINDS = ("cpt", "bhrgt", "bhrp", "bhrg", "sfr", "gmw", "gld", "gar", "gmn", "frd", "guf")
_FEATURES = ("gmn", "frd", "guf")
_WELLS = "bro-gmw"
_AT_ONCE = 4  # requests; the transport of the house lets no more through to one server
_CHUNK = 200  # objects
_TIMEOUT = 120.0  # s
_SHOWN = 5
_SEARCHED = 0.05  # part of the work


class BroService:
    """One kind of object from the public service of the BRO.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    transport : Transport
        Carries the requests; asked again with `retry.Retrying`, whose settings are kept if it is one. It must be able
        to send a question (`PostingTransport`).
    url : str, optional
        Of the service; that of the catalogue ("bro-cpt") if absent.
    wells_url : str, optional
        Of the service with the wells, which tell where levels, samples and networks are; that of the catalogue if
        absent.
    limit : int
        Objects that one search gives.
    at_once : int
        Requests at a time.
    """

    def __init__(
        self,
        kind: str,
        *,
        transport: Transport,
        url: str | None = None,
        wells_url: str | None = None,
        limit: int = LIMIT,
        at_once: int = _AT_ONCE,
    ) -> None:
        self.kind = kind.strip().lower().replace("-", "").replace("_", "")
        if self.kind not in KINDS:
            raise InputError(
                "The BRO has no objects {found} that are read here; it has {known}.",
                found=repr(kind),
                known=", ".join(KINDS),
            )
        self.url = (url or catalogue.url_of(f"bro-{self.kind}")).rstrip("/")
        self.wells_url = (wells_url or catalogue.url_of(_WELLS)).rstrip("/")
        self.limit, self.at_once = limit, at_once
        self._transport = transport

    def describe(self, progress: Progress | None = None) -> SourceInfo:
        """Return what the service has; the number of objects is known by area only (`ids`)."""
        carrier = "features" if self.kind in _FEATURES else "logs"
        return SourceInfo(f"BRO service {self.kind.upper()}", carrier, RD, None, 0, {"url": self.url})

    def ids(self, extent: Extent | None, progress: Progress | None = None) -> list[str]:
        """Return the ids of the objects in and just around an area [RD].

        Raises
        ------
        InputError
            If there is no area, or it lies outside the Netherlands.
        UnavailableError, FormatError
            If the service does not answer, or not as it should.
        Cancelled
            If the user stops it.
        """
        if extent is None:
            raise InputError("The BRO is read by area.", hint="Choose an area.")
        if not in_rd_bounds(*extent.bounds):
            raise InputError("The area {area} lies outside the Netherlands.", area=extent.bounds)
        progress = progress or Silent()
        return Search(self.url, retrying(self._transport, progress), self.limit).ids(extent, progress)

    def read(self, extent: Extent | None = None, progress: Progress | None = None) -> Iterator[Found]:
        """Yield chunks of the objects in an area [RD].

        An object that cannot be read does not stop the others; it is told in a warning.

        Raises
        ------
        InputError
            If there is no area, or it lies outside the Netherlands.
        UnavailableError, FormatError
            If the service does not answer, or none of its objects can be read.
        Cancelled
            If the user stops it.
        """
        progress = progress or Silent()
        ids = self.ids(extent, progress)
        progress.report(_SEARCHED, "{count} objects", count=len(ids))
        collector, faults = Collector(_CHUNK, progress), dict[str, DtwinError]()
        part = Part(progress, _SEARCHED, 1.0)
        for start in range(0, len(ids), _CHUNK):
            records = list(self._fetched(self.url, ids[start : start + _CHUNK], faults, progress))
            self._learn_wells(records, collector, progress)
            for record in records:
                for found in collector.add(record):
                    yield from _cut(found, extent)
            done = min(start + _CHUNK, len(ids))
            part.report(done / len(ids), "{count} of {total} objects", count=done, total=len(ids))
        for found in collector.rest():
            yield from _cut(found, extent)
        _tell(faults, len(ids), progress)

    def _learn_wells(self, records: Sequence[Record], collector: Collector, progress: Progress) -> None:
        """Fetch the wells that objects without a place lie in; those that do not come leave them off the map."""
        wanted = sorted(set[str]().union(*(record.needs for record in records)) - set(collector.wells))
        faults: dict[str, DtwinError] = {}
        for well in self._fetched(self.wells_url, wanted, faults, progress):
            if well.kind == "well":
                collector.learn(well)
        if faults:
            _warn(faults, len(wanted), progress)

    def _fetched(
        self, url: str, ids: Sequence[str], faults: dict[str, DtwinError], progress: Progress
    ) -> Iterator[Record]:
        """Yield the objects of these ids in their order; those that cannot be read go to `faults`."""
        transport = retrying(self._transport, progress)
        with ThreadPoolExecutor(self.at_once, thread_name_prefix="bro") as pool:
            asked: list[Future[Record]] = []
            try:
                for name in ids:
                    # What the house notes of the work that asks (offline, a tally) goes with it into the thread.
                    context = contextvars.copy_context()
                    asked.append(pool.submit(context.run, _object, transport, url, name))
                for name, future in zip(ids, asked):
                    while not wait([future], timeout=0.2, return_when=FIRST_COMPLETED).done:
                        stop_if_asked(progress)
                    stop_if_asked(progress)
                    try:
                        yield future.result()
                    except OfflineError:
                        raise
                    except SourceError as error:
                        faults[name] = error
            finally:
                for future in asked:
                    future.cancel()


def _object(transport: Retrying, url: str, name: str) -> Record:
    """Return one object; half an answer, which a closed connection can leave, is asked again once."""
    if not BRO_ID.match(name):
        raise FormatError("{name} is no id of the BRO.", name=name[:100])
    address = f"{url}/objects/{name}"
    try:
        return _parsed(transport.get(address, timeout=_TIMEOUT), url, name)
    except FormatError:
        return _parsed(transport.get(address, timeout=_TIMEOUT), url, name)


def _parsed(response: Any, url: str, name: str) -> Record:
    if response.status not in (200, 400, 404):
        raise refused(url, response, "")
    root, _ = safe_xml.root_of(io.BytesIO(response.body), name)
    try:
        for element, _reference in objects(io.BytesIO(response.body), name, root):
            record = kinds.read(element, name)
            if record is not None:
                return record
    except RejectionError as error:
        raise refused(url, response, str(error)) from error
    raise FormatError("The answer about {name} holds no object that is read here.", name=name)


def _cut(found: Found, extent: Extent | None) -> Iterator[Found]:
    chosen = within(found, extent)
    if chosen is not None:
        yield chosen


def _tell(faults: dict[str, DtwinError], total: int, progress: Progress) -> None:
    """Warn of what did not come; raises the error of an object if there is nothing but errors."""
    if faults and len(faults) == total:
        raise next(iter(faults.values()))
    if faults:
        _warn(faults, total, progress)


def _warn(faults: dict[str, DtwinError], total: int, progress: Progress) -> None:
    progress.warn(
        "{count} of {total} objects could not be read: {names}. {reason}",
        count=len(faults),
        total=total,
        names=", ".join(list(faults)[:_SHOWN]),
        reason=next(iter(faults.values())).text(),
    )
