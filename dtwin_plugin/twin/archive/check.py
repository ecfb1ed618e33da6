"""Checking a BagIt package of anybody (RFC 8493 and its drafts from 0.93): complete, unchanged, and not hostile.

A package that has to be completed from the network (`fetch.txt`) is refused: an archive holds what it holds.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dtwin_plugin.errors import Cancelled
from dtwin_plugin.translate import mark

from .opened import BROKEN, Opened, is_safe, opened

_KNOWN = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")
_MANIFEST = re.compile(r"(tag)?manifest-([a-z0-9]+)\.txt")
_TAG_FILE = 100_000_000  # bytes of a manifest
_BLOCK = 1 << 20
# what can be wrong -> its sentence
MESSAGES = {
    "declaration": mark("bagit.txt is missing or not as the standard wants it."),
    "encoding": mark("{file} is not text in the encoding that bagit.txt names."),
    "fetch": mark("fetch.txt names files elsewhere; they are not fetched."),
    "payload": mark("The folder data is missing or empty."),
    "no manifest": mark("There is no manifest with checksums of a kind that is known."),
    "line": mark("A line of {file} is no checksum with a path."),
    "path": mark("{file} names a path that leads out of the package."),
    "twice": mark("{file} stands twice in one manifest."),
    "missing": mark("{file} is in a manifest and not in the package."),
    "not listed": mark("{file} is in the package and not in every manifest."),
    "changed": mark("{file} is not what its checksum says."),
    "oxum": mark("The payload is not as large, or has not as many files, as bag-info.txt says."),
    "unreadable": mark("{file} cannot be read: the zip is damaged, or packed in a way that is not known here."),
}


@dataclass(frozen=True)
class Fault:
    """What is wrong: a key of `MESSAGES`, and the file."""

    kind: str
    file: str = ""

    def text(self, translate: Callable[[str], str] = str) -> str:
        """Return it as a sentence.

        >>> Fault("missing", "data/a.tif").text()
        'data/a.tif is in a manifest and not in the package.'
        """
        return translate(MESSAGES[self.kind]).format(file=self.file)


def check_bag(path: Path, cancelled: Callable[[], bool] = lambda: False) -> list[Fault]:
    """Return what is wrong with a bag, nothing if it is complete and valid.

    Raises
    ------
    FormatError
        If it is no folder and no zip, or hostile.
    Cancelled
        If the user stops it.
    """
    with opened(path) as bag:
        return _Check(bag, cancelled).run()


class _Check:
    def __init__(self, bag: Opened, cancelled: Callable[[], bool]) -> None:
        self._bag, self._cancelled = bag, cancelled
        self.faults: list[Fault] = []

    def run(self) -> list[Fault]:
        declared = self._declaration()
        if declared is None:
            return [*self.faults, Fault("declaration")]
        version, encoding = declared
        names = set(self._bag.sizes)
        if "fetch.txt" in names:
            self.faults.append(Fault("fetch"))
        payload = {name for name in names if name.startswith("data/")}
        if not payload and version >= (1, 0):
            self.faults.append(Fault("payload"))
        manifests = [found for name in sorted(names) if (found := _MANIFEST.fullmatch(name)) and found[2] in _KNOWN]
        if not any(found[1] is None for found in manifests):
            self.faults.append(Fault("no manifest"))
        wanted: dict[str, dict[str, str]] = {}
        for found in manifests:
            listed = self._listed(found[0], encoding, version)
            for name, digest in listed.items():
                wanted.setdefault(name, {})[found[2]] = digest
            if found[1] is None:
                self.faults += [Fault("not listed", name) for name in sorted(payload - set(listed))]
        self._oxum(encoding, payload)
        for name in sorted(wanted):
            self._file(name, wanted[name])
        return list(dict.fromkeys(self.faults))

    def _text(self, name: str, encoding: str) -> str:
        try:
            with self._bag.open(name) as stream:
                return stream.read(_TAG_FILE).decode(encoding)
        except (UnicodeError, LookupError):
            self.faults.append(Fault("encoding", name))
        except BROKEN:
            self.faults.append(Fault("unreadable", name))
        return ""

    def _declaration(self) -> tuple[tuple[int, int], str] | None:
        text = self._text("bagit.txt", "utf-8") if "bagit.txt" in self._bag.sizes else ""
        found = re.fullmatch(r"BagIt-Version: (\d+)\.(\d+)\r?\nTag-File-Character-Encoding: (\S+)(?:\r?\n)*", text)
        return ((int(found[1]), int(found[2])), found[3]) if found else None

    def _listed(self, manifest: str, encoding: str, version: tuple[int, int]) -> dict[str, str]:
        found: dict[str, str] = {}
        for line in re.split(r"\r\n|\r|\n", self._text(manifest, encoding).lstrip("\ufeff")):
            if not line.strip():
                continue
            parts = re.fullmatch(r"([0-9a-fA-F]+)[ \t]+\*?(.+)", line)
            if parts is None:
                self.faults.append(Fault("line", manifest))
                continue
            name = self._named(parts[2].removeprefix("./"), version)
            if not is_safe(name):
                self.faults.append(Fault("path", manifest))
            elif name in found and (version >= (1, 0) or found[name] != parts[1].lower()):
                self.faults.append(Fault("twice", name))
            else:
                found[name] = parts[1].lower()
        return found

    def _named(self, written: str, version: tuple[int, int]) -> str:
        """Return the path that a manifest means, of those that are in the package.

        From version 1.0 on a line break and % are written as %0A, %0D and %25 (RFC 8493, 2.1.3); before, and by some
        who say 1.0, they are not. A name with accents may be written in two ways (RFC 8493, 5.1), and a file system may
        have changed it to the other.
        """
        plain = re.sub("%0[aAdD]|%25", lambda found: chr(int(found[0][1:], 16)), written)
        names = (plain, written) if version >= (1, 0) else (written, plain)
        spelt = [*names, *(unicodedata.normalize(form, name) for name in names for form in ("NFC", "NFD"))]
        return next((name for name in spelt if name in self._bag.sizes), names[0])

    def _oxum(self, encoding: str, payload: set[str]) -> None:
        text = self._text("bag-info.txt", encoding) if "bag-info.txt" in self._bag.sizes else ""
        found = re.search(r"^Payload-Oxum\s*:\s*(\d+)\.(\d+)\s*$", text, re.MULTILINE)
        size = sum(self._bag.sizes[name] for name in payload)
        if found and (int(found[1]), int(found[2])) != (size, len(payload)):
            self.faults.append(Fault("oxum"))

    def _file(self, name: str, wanted: dict[str, str]) -> None:
        if name not in self._bag.sizes:
            self.faults.append(Fault("missing", name))
            return
        digests = {kind: hashlib.new(kind) for kind in wanted}
        try:
            with self._bag.open(name) as stream:
                while block := stream.read(_BLOCK):
                    if self._cancelled():
                        raise Cancelled
                    for digest in digests.values():
                        digest.update(block)
        except BROKEN:
            self.faults.append(Fault("unreadable", name))
            return
        if any(digest.hexdigest() != wanted[kind] for kind, digest in digests.items()):
            self.faults.append(Fault("changed", name))
