"""The documents of a file, a folder or an archive, and the objects in each, one at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from dtwin_plugin.errors import FormatError, SourceError
from dtwin_plugin.sources import archive, safe_xml
from dtwin_plugin.sources.safe_xml import local

from . import kinds
from .record import Record
from .tree import own, text

_BRO = "broservices.nl/xsd/"
_VERSION = re.compile(r"broservices\.nl/xsd/(?:ds|is)([a-z-]+)/(\d[\d.]*)")
_HOLDERS = ("dispatchDocument", "sourceDocument")
_TOLD = ("responseType", "requestReference", "rejectionReason", "criterionError", "specification")
_LARGEST = 256 << 20  # bytes of a document that is one object, which is read at once
_FILES = 100_000  # in a folder


class RejectionError(Exception):
    """The BRO answers that it gives nothing, and why."""


@dataclass(frozen=True)
class Document:
    """One XML document of the BRO."""

    member: archive.Member
    root: str
    version: str  # of the schema of the object ("cpt 1.1"), "" where it is not told

    @property
    def label(self) -> str:
        """The name of the file."""
        return self.member.name

    def records(self) -> Iterator[Record | str]:
        """Yield what the objects are; the name of one that is of a kind that is not read.

        Raises
        ------
        SourceError, FormatError
            If it is broken, or an answer that says why there is nothing.
        """
        try:
            with self.member.open() as stream:
                for element, reference in objects(stream, self.label, self.root):
                    record = kinds.read(element, self.label)
                    if record is None:
                        yield local(element.tag)
                        continue
                    if record.site["id"] == self.label:
                        record.site["id"] = reference or Path(self.label).stem
                    yield record
        except RejectionError as error:
            raise FormatError(
                "{file} holds no object but a refusal of the BRO: {reason}.",
                hint="Ask for it again.",
                file=self.label,
                reason=str(error).rstrip("."),
            ) from error


def objects(stream: IO[bytes], file: str, root: str = "") -> Iterator[tuple[Any, str | None]]:
    """Yield the object elements of an answer or a delivery, and the reference of the request, each to be used at once.

    Raises
    ------
    FormatError
        If it is not well-formed XML.
    RejectionError
        If it is the answer that the request was refused.
    """
    if kinds.kind_of(root):
        data = stream.read(_LARGEST + 1)
        if len(data) > _LARGEST:
            raise FormatError("{file} is larger than one object of the BRO can be.", file=file)
        yield safe_xml.parsed(data, file), None
        return
    reference, refused, reasons = None, False, list[str]()
    for element in safe_xml.elements(stream, (*_HOLDERS, *_TOLD), file):
        name = local(element.tag)
        if name in _HOLDERS:
            for child in element:
                if kinds.kind_of(local(child.tag)):
                    yield child, reference
                    # Here and not with its parent: lxml moves what Python still holds to a document of its own, which
                    # takes minutes for a series of 50,000 levels.
                    child.clear()
        elif name == "requestReference":
            reference = own(element)
            reference = None if reference == "-" else reference
        elif name == "responseType":
            refused = (own(element) or "").lower() in ("rejection", "failure")
        else:
            reason = own(element) or text(element, "specification", "message")
            reasons += [reason] if reason else []
    if refused:
        raise RejectionError(" ".join(" ".join(dict.fromkeys(reasons)).split())[:500] or "no reason is given")


def documents(path: Path, strange: list[str]) -> Iterator[Document]:
    """Yield the documents of a file, an archive or a folder; names of other and of broken files go to `strange`.

    Raises
    ------
    SourceError, FormatError
        If there is no document of the BRO in it: what is wrong with the first file that cannot be read, if any.
    """
    found, faults = False, list[SourceError]()
    for member in _members(path, strange, faults):
        try:
            document = _document(member)
        except SourceError as error:
            faults.append(error)
            document = None
        if document is None:
            strange.append(member.name)
            continue
        found = True
        yield document
    if not found:
        raise (
            faults[0]
            if faults
            else FormatError(
                "{file} holds no document of the BRO; expected XML with objects such as CPT, BHR or GMW.",
                hint="Choose the file as it was delivered.",
                file=path.name,
            )
        )


def _members(path: Path, strange: list[str], faults: list[SourceError]) -> Iterator[archive.Member]:
    """Yield the files that may be documents; in a folder a zip that cannot be read stops no other."""
    if not path.is_dir():
        yield from archive.members(path, _wanted)
        return
    for number, file in enumerate(sorted(path.rglob("*"))):
        if number >= _FILES:
            raise SourceError("{file} holds more than {limit} files.", file=path.name, limit=_FILES)
        if file.suffix.lower() in (".xml", ".zip") and file.is_file():
            try:
                yield from archive.members(file, _wanted)
            except SourceError as error:
                faults.append(error)
                strange.append(file.name)


def _wanted(name: str) -> bool:
    return name.lower().endswith(".xml")


def _document(member: archive.Member) -> Document | None:
    """Return what a member is; None for XML that is not of the BRO."""
    with member.open() as raw:
        root, namespaces = safe_xml.root_of(raw, member.name)
    of_bro = [uri for uri in namespaces.values() if _BRO in uri]
    if not of_bro:
        return None
    version = next((found for uri in of_bro if (found := _VERSION.search(uri))), None)
    return Document(member, root, f"{version.group(1)} {version.group(2)}" if version else "")
