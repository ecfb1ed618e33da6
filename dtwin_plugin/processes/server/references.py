"""Inputs by reference: from a web server that may be asked, or from the server's own data folder, and nowhere else."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from dtwin_plugin.errors import InputError, UnavailableError
from dtwin_plugin.sources.requests_transport import RequestsTransport

from ..media import Link, Value

LARGEST = 512 << 20  # bytes of one input


@dataclass(frozen=True)
class Reach:
    """Where inputs may come from.

    Attributes
    ----------
    data : path or None
        Folder whose files may be named by their path within it.
    hosts : tuple of str
        Hosts ("data.gemeente.nl", "10.0.0.5:8080") that may be asked though their address is not public.
    largest : int
        Bytes of one input.
    timeout : float
        Within which it must have come [s].
    """

    data: Path | None = None
    hosts: tuple[str, ...] = ()
    largest: int = LARGEST
    timeout: float = 120.0

    def fetch(self, link: Link) -> Value:
        """Return what a link leads to.

        Raises
        ------
        InputError
            If it leads elsewhere than it may.
        FormatError, UnavailableError
            If it is too large, or does not come.
        """
        try:
            scheme = urlsplit(link.href).scheme
        except ValueError:  # "http://[a"
            scheme = "none"
        if scheme in ("http", "https"):
            if not self.may_ask(link.href):
                raise InputError(
                    "{server} is not a public web server, and inputs do not come from it.",
                    hint="Ask who keeps the server to allow this host.",
                    server=urlsplit(link.href).netloc,
                )
            transport = RequestsTransport(self.largest, may_lead=self.may_ask)
            answer = transport.get(link.href, timeout=self.timeout)
            if answer.status != 200:
                raise UnavailableError(
                    "{server} answers HTTP {status} for an input.",
                    hint="Check the link.",
                    server=urlsplit(link.href).netloc,
                    status=answer.status,
                )
            return Value(answer.body, link.media_type or answer.headers.get("content-type", ""))
        if scheme or link.href.startswith("//"):
            raise InputError(
                "An input is at {address}; links of http and https are followed, and paths in the data folder.",
                hint="Put it on a web server, or send it with the request.",
                address=_short(link.href),
            )
        return Value(self._file(link.href).read_bytes(), link.media_type)

    def _file(self, name: str) -> Path:
        """Return a file of the data folder; whatever leads out of it is not there."""
        if self.data is not None and "\0" not in name:
            folder = self.data.resolve()
            path = (folder / unquote(name)).resolve()
            if folder in path.parents and path.is_file():
                if path.stat().st_size > self.largest:
                    raise InputError(
                        "{file} is larger than {limit} MB, too large for an input.",
                        hint="Give a smaller area.",
                        file=path.name,
                        limit=self.largest >> 20,
                    )
                return path
        raise InputError(
            "The data folder of the server has no {file}.", hint="Ask who keeps the server.", file=_short(name)
        )

    def may_ask(self, url: str) -> bool:
        """Tell whether an address is public, or its host one of `hosts`.

        Who asks a server to fetch something must not reach by it what is behind the server's own wall: every address
        that the name stands for counts, and every redirect is looked at.
        """
        try:
            parts = urlsplit(url)
            if parts.scheme not in ("http", "https") or not parts.hostname:
                return False
            if parts.hostname in self.hosts or parts.netloc in self.hosts:
                return True
            found = socket.getaddrinfo(parts.hostname, None, proto=socket.IPPROTO_TCP)
        except ValueError:  # no address at all, or a name that cannot be one
            return False
        except OSError:
            return True  # the request itself will say that there is no such host
        return all(ipaddress.ip_address(str(row[4][0]).partition("%")[0]).is_global for row in found)


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:79] + "…"
