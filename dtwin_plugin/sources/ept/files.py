"""The files of point tiles: in a folder, or below an address."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from dtwin_plugin.errors import FormatError, SourceError
from dtwin_plugin.progress import Progress

from ..features_service.answers import refused
from ..requests_transport import RequestsTransport
from ..retry import retrying
from ..transport import Transport

_LARGEST = 128 << 20  # bytes of one file
_TIMEOUT = 120.0  # s


class Files:
    """What lies beside an `ept.json`.

    Attributes
    ----------
    name : str
        Of the point cloud, for messages.
    local : bool
        Whether the files are on disk.
    read_bytes : int
        Bytes that were read until now.
    """

    def __init__(self, path: str | Path, transport: Transport | None) -> None:
        text = str(path)
        self.local = not text.startswith(("http://", "https://"))
        self.read_bytes = 0
        if self.local:
            self._folder = Path(path) if Path(path).is_dir() else Path(path).parent
            self.name = f"{self._folder.name}/ept.json"
        else:
            address, mark, query = text.partition("?")
            self._query = mark + query
            self._base = address[: -len("ept.json")] if address.endswith("ept.json") else address.rstrip("/") + "/"
            self._transport = transport or RequestsTransport()
            self.name = unquote(urlsplit(self._base).path).strip("/").rpartition("/")[2] or self._base

    def read(self, inner: str, progress: Progress | None) -> bytes:
        """Return the bytes of a file below the folder; raises SourceError, UnavailableError."""
        data = self._from_disk(inner) if self.local else self._from_server(inner, progress)
        self.read_bytes += len(data)
        return data

    def _from_disk(self, inner: str) -> bytes:
        path = self._folder / inner
        try:
            if path.stat().st_size > _LARGEST:
                raise FormatError("{file} is larger than {limit} MB.", file=inner, limit=_LARGEST >> 20)
            return path.read_bytes()
        except FileNotFoundError:
            raise SourceError("{file} does not exist.", hint="Check the path.", file=str(path)) from None
        except OSError as error:
            raise SourceError("{file} cannot be read: {reason}.", file=inner, reason=error) from error

    def _from_server(self, inner: str, progress: Progress | None) -> bytes:
        url = self._base + inner + self._query
        response = retrying(self._transport, progress).get(url, timeout=_TIMEOUT)
        if response.status != 200:
            raise refused(response, url)
        return response.body
