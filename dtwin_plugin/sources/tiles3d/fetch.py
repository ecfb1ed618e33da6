"""Files of a tileset, from a folder or from one server, and nothing outside it."""

from __future__ import annotations

import zlib
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urldefrag, urlencode, urljoin, urlsplit

from dtwin_plugin.errors import FormatError, SourceError, UnavailableError
from dtwin_plugin.progress import Progress

from ..retry import retrying
from ..transport import Response, Transport

_LARGEST = 500_000_000  # bytes of one tile
_PORTS = {"http": 80, "https": 443}
_KEYS = {"key", "session", "token", "access_token", "apikey", "api_key"}  # of a user, and not of a tile
_PAGE = (b"<!doctype html", b"<html")
_GZIP = b"\x1f\x8b"


class Fetcher:
    """Gives the bytes of a file by its address, and addresses relative to another.

    Parameters
    ----------
    root : str or path
        The first file or URL; files must lie in its folder, addresses on its server or the one it sends on to.
    transport : Transport or None
        For a URL. Asked again with `retry.Retrying`, whose settings are kept if it is one.
    """

    def __init__(self, root: str | Path, transport: Transport | None) -> None:
        self.root, self._transport = str(root), transport
        self.remote = transport is not None and self.root.startswith(("http://", "https://"))
        self._moved: dict[str, str] = {}  # where answers came from that a redirect led to
        self._servers = {_server(self.root)} if self.remote else set()

    def join(self, base: str, uri: str) -> str:
        """Return the address of `uri` as it stands in the file at `base`.

        It has the parameters of `base` besides its own, which carry the key or the session of a host of tiles.

        Raises
        ------
        FormatError
            If it points outside the folder or the server.
        """
        if self.remote:
            base = self._moved.get(base, base)
            try:
                found = urldefrag(urljoin(base, uri))[0]
                if _server(found) in self._servers:
                    return _with_parameters_of(base, found) if _server(found) == _server(base) else found
            except ValueError:  # no address, such as http://[
                pass
        elif "://" not in uri and not uri.startswith(("/", "\\")):
            folder = Path(self.root).parent.resolve()
            path = (Path(base).parent / unquote(uri.split("?")[0].split("#")[0])).resolve()
            if folder == path or folder in path.parents:
                return str(path)
        raise FormatError(
            "{file} refers to {uri}, outside its own folder or server, which is not followed.",
            hint="Keep all files of a tileset together.",
            file=name_of(base),
            uri=uri[:200],
        )

    def relative(self, address: str) -> str:
        """Return an address as seen from the first file, without its key: what a tile is called in every area.

        >>> Fetcher("/data/tileset.json", None).relative("/data/tiles/2/0.glb")
        'tiles/2/0.glb'
        """
        plain, _, query = address.replace("\\", "/").partition("?")
        if self.remote:
            folder = self.root.split("?")[0].rpartition("/")[0]
            ours = {name for name, _ in parse_qsl(urlsplit(self.root).query)} | _KEYS
            query = urlencode([(name, value) for name, value in parse_qsl(query) if name.lower() not in ours])
        else:
            folder, query = str(Path(self.root).parent.resolve()).replace("\\", "/"), ""
        return plain.removeprefix(folder).lstrip("/") + (f"?{query}" if query else "")

    def get(self, address: str, progress: Progress | None = None) -> bytes:
        """Return the bytes, unpacked where they came packed as a file of gzip.

        Raises
        ------
        SourceError
            If there are none: the server says so, or the file does not exist.
        UnavailableError
            If the server does not help.
        FormatError
            If they are more than one tile can be.
        Cancelled
            If the user stops it.
        """
        if self.remote and self._transport is not None:
            return self._of_server(retrying(self._transport, progress).get(address), address)
        path = Path(address)
        try:
            if path.stat().st_size > _LARGEST:
                raise _too_large(address)
            return _unpacked(path.read_bytes(), address)
        except FileNotFoundError:
            raise SourceError("{file} does not exist.", hint="Check the path.", file=str(path)) from None
        except (OSError, ValueError) as error:
            raise SourceError("{file} cannot be read: {reason}.", file=path.name, reason=error) from error

    def short(self, address: str) -> str:
        """Return an address from the folder of the root, without parameters, for messages."""
        folder = self.root.split("?")[0].replace("\\", "/").rpartition("/")[0] + "/"
        return address.split("?")[0].replace("\\", "/").removeprefix(folder)

    def _of_server(self, answer: Response, address: str) -> bytes:
        plain = address.split("?")[0]  # what follows may be a key
        if answer.status != 200:
            hint = (
                "A key may be missing in its address, or it is not yours to see."
                if answer.status in (401, 403)
                else ("Check the address." if answer.status in (404, 410) else "Try again later.")
            )
            raise SourceError("{url} answered with status {status}.", hint=hint, url=plain, status=answer.status)
        if answer.url and answer.url != address:
            self._moved[address] = answer.url
            if address == self.root:
                self._servers.add(_server(answer.url))
        data = _unpacked(answer.body, address)
        if data[:512].lstrip(b"\xef\xbb\xbf \r\n\t").lower().startswith(_PAGE):
            raise UnavailableError("{url} is a web page, and no tile.", hint="Try again later.", url=plain)
        return data


def beside(uri: str, other: str) -> str:
    """Return the address of a file as it stands in the file at the relative address `uri`.

    >>> beside("models/tree.gltf?v=2", "tree.bin"), beside("tree.gltf", "a/tree.bin")
    ('models/tree.bin', 'a/tree.bin')
    """
    folder, slash, _ = uri.split("?")[0].rpartition("/")
    alone = "://" in other or other.startswith(("/", "\\"))
    return other if alone else folder + slash + other


def name_of(address: str) -> str:
    """Return the last part of a path or an address.

    >>> name_of("https://a.nl/tiles/1.glb?key=2")
    '1.glb'
    """
    return address.split("?")[0].replace("\\", "/").rsplit("/", 1)[-1]


def _server(url: str) -> tuple[str, str, int | None]:
    """Return scheme, host and port; raises ValueError where the port is no number.

    >>> _server("https://A.nl/x") == _server("https://a.nl:443/y")
    True
    """
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or _PORTS.get(parts.scheme)


def _with_parameters_of(base: str, found: str) -> str:
    """Return an address with those parameters of another that it has none of by the same name.

    >>> _with_parameters_of("https://a.nl/t.json?key=1&session=2", "https://a.nl/1.glb?session=3")
    'https://a.nl/1.glb?session=3&key=1'
    """
    given, own = urlsplit(base).query, urlsplit(found).query
    names = {part.partition("=")[0] for part in own.split("&")}
    more = [part for part in given.split("&") if part and part.partition("=")[0] not in names]
    return found + ("&" if own else "?") + "&".join(more) if more else found


def _unpacked(data: bytes, address: str) -> bytes:
    """Return the bytes within a gzip, which hosts of files leave as they are, saying nothing."""
    if data[:2] != _GZIP:
        return data
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        found = unpacker.decompress(data, _LARGEST + 1)
    except zlib.error as error:
        raise _damaged(address) from error
    if len(found) > _LARGEST:
        raise _too_large(address)
    if not unpacker.eof:
        raise _damaged(address)
    return found


def _too_large(address: str) -> FormatError:
    return FormatError("{file} is larger than one tile can be.", file=name_of(address))


def _damaged(address: str) -> FormatError:
    return FormatError("{file} is a damaged gzip file.", hint="Download or export it again.", file=name_of(address))
