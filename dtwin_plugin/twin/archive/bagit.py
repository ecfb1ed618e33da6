"""Writing a BagIt package (RFC 8493) straight into a zip: each file is read once, hashed while it is copied."""

from __future__ import annotations

import hashlib
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

from dtwin_plugin.data.atomic import written_beside
from dtwin_plugin.errors import Cancelled

ALGORITHMS = ("sha256", "sha512")
_BLOCK = 1 << 20


class BagWriter:
    """A bag that is being written; paths of the payload are below `data/`, with `/` between.

    Parameters
    ----------
    file : zipfile.ZipFile
        Open for writing.
    name : str
        Of the folder in the zip that is the bag.
    """

    def __init__(self, file: zipfile.ZipFile, name: str, cancelled: Callable[[], bool] = lambda: False) -> None:
        self._zip, self._name, self._cancelled = file, name, cancelled
        self._sums: dict[str, dict[str, str]] = {}
        self.octets = 0

    def add(self, path: str, content: bytes | Path) -> str:
        """Add a file to the payload, and return its SHA-256."""
        place = "data/" + unicodedata.normalize("NFC", path)
        self._sums[place] = self._copy(place, content)
        return self._sums[place]["sha256"]

    def close(self, info: dict[str, str]) -> None:
        """Write the tag files: `bagit.txt`, `bag-info.txt` of `info`, and the manifests of all."""
        files = len(self._sums)
        told = {**info, "Payload-Oxum": f"{self.octets}.{files}"}
        lines = [f"{name}: {' '.join(value.split())}\n" for name, value in told.items() if value]
        tags = {"bagit.txt": "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n", "bag-info.txt": "".join(lines)}
        tags.update({f"manifest-{kind}.txt": _manifest(self._sums, kind) for kind in ALGORITHMS})
        sums = {name: self._copy(name, text.encode("utf-8")) for name, text in tags.items()}
        for kind in ALGORITHMS:
            self._copy(f"tagmanifest-{kind}.txt", _manifest(sums, kind).encode("utf-8"))

    def _copy(self, place: str, content: bytes | Path) -> dict[str, str]:
        digests = {kind: hashlib.new(kind) for kind in ALGORITHMS}
        entry = zipfile.ZipInfo(f"{self._name}/{place}")  # dated 1980: the same package is the same bytes
        entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
        with self._zip.open(entry, "w", force_zip64=True) as target:
            for block in _blocks(content):
                if self._cancelled():
                    raise Cancelled
                target.write(block)
                self.octets += len(block) if place.startswith("data/") else 0
                for digest in digests.values():
                    digest.update(block)
        return {kind: digest.hexdigest() for kind, digest in digests.items()}


def write_bag(
    path: Path,
    name: str,
    fill: Callable[[BagWriter], dict[str, str]],
    cancelled: Callable[[], bool] = lambda: False,
) -> None:
    """Write a bag as a zip, beside and renamed; `fill` adds the payload and returns what `bag-info.txt` says."""
    with written_beside(path) as temporary:
        with zipfile.ZipFile(temporary, "w") as file:
            bag = BagWriter(file, name, cancelled)
            bag.close(fill(bag))


def _blocks(content: bytes | Path) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    with content.open("rb") as stream:
        while block := stream.read(_BLOCK):
            yield block


def encoded(path: str) -> str:
    r"""Return a path as a manifest has it (RFC 8493, 2.1.3).

    >>> encoded("data/100%\n.csv")
    'data/100%25%0A.csv'
    """
    return path.replace("%", "%25").replace("\n", "%0A").replace("\r", "%0D")


def _manifest(sums: dict[str, dict[str, str]], kind: str) -> str:
    return "".join(f"{found[kind]}  {encoded(path)}\n" for path, found in sorted(sums.items()))
