"""The IMKL documents in files, zips and folders: told by their namespace, whatever their name and their root."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Callable

from dtwin_plugin.errors import FormatError, SourceError
from dtwin_plugin.sources import archive, safe_xml

_IMKL = re.compile(r"geostandaarden\.nl/imkl(?P<rest>[\w./-]*)")
_SUFFIXES = (".xml", ".gml")
_HEAD = 1 << 16  # bytes in which the address of IMKL is looked for
_MOST = 10_000  # files of a folder that are looked at
_LETTERS = {"Leveringsinformatie", "html"}  # what goes with a delivery
_ABOUT = {"schema", "RDF", "StyledLayerDescriptor", "stylesheet"}  # the model itself: its types, lists and drawing


@dataclass(frozen=True)
class Document:
    """An XML file, perhaps in a zip.

    Attributes
    ----------
    namespace, version : str
        Of IMKL: its address, and "1.2", "2.0", "3.0".
    """

    member: archive.Member
    root: str
    namespace: str
    version: str

    @property
    def label(self) -> str:
        """The name by which the document is told from the others."""
        return self.member.name


@dataclass
class Found:
    """What lies in the files: the documents, and how many files there are of each suffix."""

    documents: list[Document] = field(default_factory=list)
    suffixes: Counter[str] = field(default_factory=Counter)
    names: dict[Path, set[str]] = field(default_factory=dict)


def version_of(namespace: str) -> str:
    """Return the version that an address of IMKL stands for, "" if it says none.

    >>> version_of("http://www.geostandaarden.nl/imkl/wibon"), version_of("http://www.geostandaarden.nl/imkl/3.0")
    ('2.0', '3.0')
    """
    found = _IMKL.search(namespace)
    rest = found["rest"] if found else ""
    if rest.rstrip("/") == "/wibon":
        return "2.0"
    number = re.search(r"(\d+\.\d+)(?:\.\d+)?/?$", rest)
    return number[1] if number else ""


def find_documents(paths: Iterable[Path], warn: Callable[..., None]) -> Found:
    """Return the IMKL documents in files and folders.

    Raises
    ------
    SourceError, FormatError
        If a file cannot be read, a zip has a name that points outside of it, or there is no IMKL.
    """
    found, first, strange = Found(), None, []
    for path in paths:
        first = first or path
        for file in _files(path):
            for member in archive.members(file, _noted(file, found)):
                document = _document(member)
                if document is not None:
                    found.documents.append(document)
                elif member.names and _root(member) not in _LETTERS:
                    strange.append(member.name)
    if not found.documents:
        raise FormatError(
            "{file} holds no IMKL; expected a KLIC delivery, or network information as an operator sends it in.",
            hint="Choose the zip as it was delivered, its XML, or the folder that it was unpacked in.",
            file=first.name if first else "",
        )
    if strange:
        warn("{names}: XML beside the delivery, which is not read.", names=", ".join(strange[:5]))
    return found


def _files(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        if not path.exists():
            raise SourceError("{file} does not exist.", hint="Check the path.", file=str(path))
        yield path
        return
    seen = 0
    for folder, folders, names in os.walk(path):
        folders.sort()
        for name in sorted(names):
            seen += 1
            if seen > _MOST:
                raise FormatError(
                    "{file} holds more than {limit} files, which no deliveries do.",
                    hint="Choose the folder with the deliveries only.",
                    file=path.name,
                    limit=_MOST,
                )
            if name.lower().endswith((*_SUFFIXES, ".zip")):
                yield Path(folder) / name


def _noted(file: Path, found: Found) -> Callable[[str], bool]:
    """Return what tells XML from other files of a zip, and remembers all their names."""

    def wanted(name: str) -> bool:
        parts = name.replace("\\", "/").split("/")
        if ".." in parts or not parts[0] or ":" in parts[0]:
            raise FormatError(
                "{file} holds a file named {name}, which points outside of it.",
                hint="Do not trust it.",
                file=file.name,
                name=name[:100],
            )
        found.suffixes[Path(name).suffix.lower()] += 1
        found.names.setdefault(file, set()).add("/".join(parts))
        return name.lower().endswith(_SUFFIXES)

    return wanted


def _root(member: archive.Member) -> str:
    with member.open() as stream:
        return safe_xml.root_of(stream, member.name)[0]


def _document(member: archive.Member) -> Document | None:
    """Return the document that a file is, None if it has no IMKL; the address may stand in the objects only."""
    with member.open() as stream:
        head = stream.read(_HEAD)
    if not member.names and head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] != b"<":
        return None
    root, namespaces = safe_xml.root_of(BytesIO(head), member.name)
    if root in _ABOUT:
        return None
    uri = next((uri for uri in namespaces.values() if _IMKL.search(uri)), None)
    if uri is None and root not in _LETTERS:
        found = _IMKL.search(head.decode("utf-8", "replace"))
        uri = f"http://www.{found[0]}" if found else None
    return None if uri is None else Document(member, root, uri, version_of(uri))
