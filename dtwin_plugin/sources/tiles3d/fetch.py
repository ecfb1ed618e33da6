"""Files of a tileset, from a folder or from one server, and nothing outside it."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from dtwin_plugin.errors import FormatError, SourceError, UnavailableError

from ..transport import Transport

_LARGEST = 500_000_000  # bytes of one tile


class Fetcher:
    """Gives the bytes of a file by its address, and addresses relative to another.

    Parameters
    ----------
    root : str or path
        The first file or URL; files must lie in its folder, addresses on its server.
    transport : Transport or None
        For a URL.
    """

    def __init__(self, root: str | Path, transport: Transport | None) -> None:
        self.root, self._transport = str(root), transport
        self.remote = transport is not None and self.root.startswith(("http://", "https://"))

    def join(self, base: str, uri: str) -> str:
        """Return the address of `uri` as it stands in the file at `base`.

        Raises
        ------
        FormatError
            If it points outside the folder or the server.
        """
        if self.remote:
            found = urljoin(base, uri)
            ours, other = urlsplit(self.root), urlsplit(found)
            if (other.scheme, other.netloc) == (ours.scheme, ours.netloc):
                return found if other.query or not ours.query else f"{found}?{ours.query}"
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

    def get(self, address: str) -> bytes:
        """Return the bytes; raises SourceError where there are none."""
        if self.remote and self._transport is not None:
            answer = self._transport.get(address)
            if answer.status != 200:
                raise UnavailableError(
                    "{url} answered with status {status}.", hint="Try again later.", url=address, status=answer.status
                )
            return answer.body
        path = Path(address)
        try:
            if path.stat().st_size > _LARGEST:
                raise FormatError("{file} is larger than one tile can be.", file=path.name)
            return path.read_bytes()
        except FileNotFoundError:
            raise SourceError("{file} does not exist.", hint="Check the path.", file=str(path)) from None
        except (OSError, ValueError) as error:
            raise SourceError("{file} cannot be read: {reason}.", file=path.name, reason=error) from error


def name_of(address: str) -> str:
    """Return the last part of a path or an address.

    >>> name_of("https://a.nl/tiles/1.glb?key=2")
    '1.glb'
    """
    return address.split("?")[0].replace("\\", "/").rsplit("/", 1)[-1]
