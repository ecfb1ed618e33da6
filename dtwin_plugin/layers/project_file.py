"""The layers in a project file, read and changed as text: nothing is opened, and no server is asked.

A project that QGIS opens and saves again is another file; here all but the sources stays as it was.
"""

from __future__ import annotations

import io
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable

from dtwin_plugin.data.atomic import written_beside
from dtwin_plugin.errors import FormatError, InputError, SourceError
from dtwin_plugin.sources.safe_xml import refused

_LARGEST = 200 << 20  # bytes of a project as XML
_ATTACHED = 2 << 30  # bytes of all that lies beside it in a .qgz
_BLOCK = 1 << 20
_ODD = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, NotImplementedError, RuntimeError, EOFError, ValueError)

OLD_SOURCE = "dtwin/old_source"  # custom property of a layer: what it had before


@dataclass
class FileLayer:
    """A layer of a project file."""

    id: str
    name: str
    provider: str
    source: str


class ProjectFile:
    """A .qgs or .qgz file.

    Raises
    ------
    SourceError, FormatError
        If it cannot be read, or is no project.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._member = ""
        try:
            text = self._packed() if zipfile.is_zipfile(self.path) else self._plain()
        except FileNotFoundError:
            raise SourceError("{file} does not exist.", hint="Check the path.", file=str(path)) from None
        except _ODD as error:
            raise FormatError("{file} is a damaged project: {reason}.", file=self.path.name, reason=error) from error
        self._tree = _parsed(text, self.path.name)

    def layers(self) -> list[FileLayer]:
        """Return the layers, in the order of the file."""
        return [
            FileLayer(_text(item, "id"), _text(item, "layername"), _text(item, "provider"), _text(item, "datasource"))
            for item in self._elements()
        ]

    def replace_sources(self, new_source: Callable[[FileLayer], str]) -> int:
        """Give layers the source that `new_source` returns ("": none), keeping the old one; return how many changed."""
        changed: dict[str, str] = {}
        for element, layer in zip(self._elements(), self.layers()):
            source = new_source(layer)
            if source and source != layer.source:
                element.find("datasource").text = source
                _keep(element, layer.source)
                changed[layer.id] = source
        for node in self._tree.iter("layer-tree-layer"):
            if node.get("id") in changed and node.get("source") is not None:
                node.set("source", changed[node.get("id")])
        return len(changed)

    def write(self, path: str | Path) -> None:
        """Write a copy; raises InputError where it would be of another kind than the original."""
        target = Path(path)
        if target.suffix.lower() != self.path.suffix.lower():
            raise InputError(
                "{file} cannot be written: the suffix is not {suffix}.",
                hint="A copy is of the same kind as the project.",
                file=target.name,
                suffix=self.path.suffix,
            )
        text = io.BytesIO()
        self._tree.write(text, encoding="UTF-8", doctype=self._tree.docinfo.doctype or None)
        with written_beside(target) as temporary:
            if not self._member:
                temporary.write_bytes(text.getvalue())
                return
            with zipfile.ZipFile(self.path) as old, zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as new:
                for info in old.infolist():
                    if info.filename == self._member:
                        new.writestr(info.filename, text.getvalue())
                    elif not info.is_dir():
                        _copy(old, info, new)

    def _elements(self) -> list[Any]:
        return [item for item in self._tree.iter("maplayer") if item.find("datasource") is not None]

    def _plain(self) -> bytes:
        if self.path.stat().st_size > _LARGEST:
            raise self._too_large()
        return self.path.read_bytes()

    def _packed(self) -> bytes:
        with zipfile.ZipFile(self.path) as archive:
            infos = archive.infolist()
            self._member = next((i.filename for i in infos if i.filename.lower().endswith(".qgs")), "")
            if not self._member:
                raise FormatError("{file} is no QGIS project.", hint="Choose a .qgz or .qgs file.", file=self.path.name)
            rest = sum(info.file_size for info in infos if info.filename != self._member)
            with archive.open(self._member) as stream:
                text = stream.read(_LARGEST + 1)
            if len(text) > _LARGEST or rest > _ATTACHED:
                raise self._too_large()
            return text

    def _too_large(self) -> FormatError:
        return FormatError("{file} is larger than a project is.", hint="Choose another file.", file=self.path.name)


def _parsed(text: bytes, file: str) -> Any:
    """Return a project as a tree; its document type, which every project has, brings no entities."""
    from lxml import etree

    with refused(file):
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, strip_cdata=False)
        tree = etree.parse(io.BytesIO(text), parser)
    declared = tree.docinfo.internalDTD
    if declared is not None and next(_entities(declared), None) is not None:
        raise FormatError("{file} declares entities, which no project does.", hint="Do not trust it.", file=file)
    if tree.getroot().tag != "qgis":
        raise FormatError("{file} is no QGIS project.", hint="Choose a .qgz or .qgs file.", file=file)
    return tree


def _entities(declared: Any) -> Iterator[Any]:
    yield from declared.iterentities()


def _text(element: Any, name: str) -> str:
    found = element.find(name)
    return (found.text or "") if found is not None else ""


def _keep(element: Any, source: str) -> None:
    """Keep the old source as a custom property, as QGIS writes them."""
    from lxml import etree

    properties = element.find("customproperties")
    if properties is None:
        properties = etree.SubElement(element, "customproperties")
    options = properties.find("Option[@type='Map']")
    if options is None:
        options = etree.SubElement(properties, "Option", type="Map")
    for known in options.findall(f"Option[@name='{OLD_SOURCE}']"):
        options.remove(known)
    etree.SubElement(options, "Option", name=OLD_SOURCE, type="QString", value=source)


def _copy(old: zipfile.ZipFile, info: zipfile.ZipInfo, new: zipfile.ZipFile) -> None:
    with old.open(info) as source, new.open(info.filename, "w") as target:
        while block := source.read(_BLOCK):
            target.write(block)
