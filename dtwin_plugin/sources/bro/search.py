"""Which objects lie in an area: the search of the BRO, which gives 2000 at most, and refuses in words."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from dtwin_plugin.data import Extent
from dtwin_plugin.errors import FormatError, UnavailableError
from dtwin_plugin.progress import Progress
from dtwin_plugin.sources import safe_xml
from dtwin_plugin.sources.features_service.answers import server_of
from dtwin_plugin.sources.retry import Retrying
from dtwin_plugin.sources.stop import stop_if_asked
from dtwin_plugin.sources.transport import Response

from .area import bounding_box, quarters
from .documents import RejectionError, objects
from .record import BRO_ID
from .tree import text

LIMIT = 2000  # objects that a search gives
_SMALLEST = 1.0  # m; a part of an area that is not cut any further
_TIMEOUT = 120.0  # s
# What a refusal says where there is too much to give; any other is told to the user.
_TOO_MANY = re.compile(r"\b2[.,]?00[01]\b|te ?veel|maximum|maximaal|meer dan|groter dan|te groot|too many|exceed", re.I)


@dataclass(frozen=True)
class Search:
    """The search of one service.

    Attributes
    ----------
    url : str
        Of the service, to which "/characteristics/searches" is added.
    limit : int
        Objects that it gives at most; as many is taken for more.
    """

    url: str
    transport: Retrying
    limit: int = LIMIT

    def ids(self, area: Extent, progress: Progress) -> list[str]:
        """Return the ids of the objects in an area [RD], each once, without those that were taken out of the register.

        Raises
        ------
        UnavailableError, FormatError
            If the service does not answer, refuses, or answers otherwise than it should.
        Cancelled
            If the user stops it.
        """
        found: dict[str, None] = {}
        for part in self._parts(area, progress):
            found.update(dict.fromkeys(part))
        return list(found)

    def _parts(self, area: Extent, progress: Progress) -> Iterator[list[str]]:
        """Yield the ids of an area, or of its quarters where it has too many."""
        waiting = [area]
        while waiting:
            stop_if_asked(progress)
            part = waiting.pop()
            ids = self._once(part)
            if ids is not None:
                yield ids
            elif max(part.width, part.height) <= _SMALLEST:
                raise UnavailableError(
                    "{server} has more than {limit} objects within {size:g} m of {place}.",
                    server=server_of(self.url),
                    limit=self.limit,
                    size=_SMALLEST,
                    place=f"({part.x_min:.0f}, {part.y_min:.0f})",
                )
            else:
                waiting += quarters(part)

    def _once(self, area: Extent) -> list[str] | None:
        """Return the ids of one search, None where there are too many."""
        address = f"{self.url.rstrip('/')}/characteristics/searches"
        question = json.dumps({"area": {"boundingBox": bounding_box(area)}}).encode()
        for attempt in (1, 2):
            response = self.transport.post(address, question, timeout=_TIMEOUT)
            try:
                ids, count = _ids_in(response, self.url)
            except RejectionError as error:
                if _TOO_MANY.search(str(error)):
                    return None
                raise refused(self.url, response, str(error)) from error
            except FormatError:
                if attempt == 2 or response.status >= 400:  # half an answer, which a closed connection leaves
                    raise
                continue
            return ids if count < self.limit else None
        raise AssertionError("a search has an answer or an error")


def _ids_in(response: Response, url: str) -> tuple[list[str], int]:
    """Return the ids of an answer that are still in the register, and how many objects it has.

    Raises
    ------
    RejectionError
        If it is a refusal, whatever its status.
    UnavailableError, FormatError
        If it is something else.
    """
    if not response.body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        raise refused(url, response, response.body[:200].decode("utf-8", "replace"))
    ids, count = [], 0
    file = server_of(url)
    root, _ = safe_xml.root_of(io.BytesIO(response.body), file)
    if root.lower() == "html":
        raise refused(url, response, "")
    for element, _reference in objects(io.BytesIO(response.body), file):
        count += 1
        name = text(element, "broId")
        if name and BRO_ID.match(name) and text(element, "deregistered") != "ja":
            ids.append(name)
    if response.status != 200:
        raise refused(url, response, "")
    return ids, count


def refused(url: str, response: Response, reason: str) -> UnavailableError:
    """Return the error of a service that gives nothing, with what it says."""
    return UnavailableError(
        "{server} refused the request (HTTP {status}): {reason}.",
        hint="Choose another area, or try again later.",
        server=server_of(url),
        status=response.status,
        reason=" ".join(reason.split()).rstrip(".")[:300] or "no reason is given",
    )
