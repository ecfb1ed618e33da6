"""XML from anybody: read element by element, in constant memory, without entities and without a network.

Names are local names: the namespaces of the Dutch standards change with every version, the names within do not.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import IO, Any

from dtwin_plugin.errors import FormatError, MissingDependencyError

_PIECE = 1 << 16  # bytes that are parsed at a time
# libxml2 itself refuses more than 256 levels and texts of more than 10 MB, where it is not told that a tree is huge.
_SETTINGS = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}


def local(tag: Any) -> str:
    """Return the name of an element or attribute without its namespace; "" for a comment.

    >>> local("{http://www.opengis.net/gml/3.2}Point"), local("Pand")
    ('Point', 'Pand')
    """
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def elements(stream: IO[bytes], names: Collection[str] | None, file: str) -> Iterator[Any]:
    """Yield the complete elements of these local names, outermost first found; each is emptied after its turn.

    Only these elements become Python objects, so that a file is read as fast as it is parsed.

    Parameters
    ----------
    stream : binary file
    names : collection of str or None
        Local names; None yields the children of the root.
    file : str
        Name for messages.

    Raises
    ------
    FormatError
        If it is not well-formed XML, declares a document type, or nests too deep.
    """
    etree = _etree()
    with refused(file):
        first = stream.read(_PIECE)
        root = _root(etree, first, file)
        tags = [root.tag, *(f"{{*}}{name}" for name in names or ())]
        parser = etree.XMLPullParser(("start", "end"), tag=tags, remove_comments=True, remove_pis=True, **_SETTINGS)
        top: Any = None
        inside = 0
        while first:
            parser.feed(first)
            for event, element in parser.read_events():
                if top is None:
                    top = element
                    continue
                if event == "start":
                    inside += names is not None
                elif inside and element is not top:
                    inside -= 1
                    if not inside:
                        yield element
                        _empty(element)
            if names is None and top is not None:
                yield from _children(top, len(top) - 1)
            elif top is not None and not inside:
                _prune(top)
            first = stream.read(_PIECE)
        parser.close()
        if names is None:
            yield from _children(top, len(top))


def root_of(stream: IO[bytes], file: str) -> tuple[str, dict[str, str]]:
    """Return the local name and the namespaces of the root element, reading no further.

    Raises
    ------
    FormatError
        If it is no XML.
    """
    with refused(file):
        element = _root(_etree(), stream.read(_PIECE), file)
        return local(element.tag), {prefix or "": uri for prefix, uri in element.nsmap.items()}


def parsed(data: bytes, file: str) -> Any:
    """Return the root element of a small document, such as an answer of a server.

    Raises
    ------
    FormatError
        If it is not well-formed XML, or declares a document type.
    """
    etree = _etree()
    with refused(file):
        root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
        _refuse_doctype(root, file)
        return root


def child(element: Any, *path: str) -> Any:
    """Return the first descendant along local names, None if there is none."""
    for name in path:
        element = next((item for item in element if local(item.tag) == name), None)
        if element is None:
            return None
    return element


def text(element: Any, *path: str) -> str | None:
    """Return the stripped text along local names, None if it is absent or empty."""
    found = child(element, *path)
    value = (found.text or "").strip() if found is not None else ""
    return value or None


@contextmanager
def refused(file: str) -> Iterator[None]:
    """Turn a syntax error into FormatError."""
    etree = _etree()
    try:
        yield
    except etree.XMLSyntaxError as error:
        reason = str(error.msg or error).split("\n")[0].rstrip(".")
        raise FormatError(
            "{file} is not well-formed XML: {reason}.", hint="Download or export it again.", file=file, reason=reason
        ) from error


def _etree() -> Any:
    try:
        from lxml import etree
    except ImportError:
        raise MissingDependencyError("lxml", "read XML and GML") from None
    return etree


def _events(etree: Any, stream: IO[bytes]) -> Iterator[tuple[str, Any]]:
    return etree.iterparse(stream, events=("start", "end"), remove_comments=True, remove_pis=True, **_SETTINGS)


def _root(etree: Any, first: bytes, file: str) -> Any:
    """Return the root element as it begins; raises FormatError."""
    if not first.strip():
        raise FormatError("{file} is empty.", hint="Download or export it again.", file=file)
    for _, element in _events(etree, BytesIO(first)):
        _refuse_doctype(element, file)
        return element
    raise FormatError("{file} has no XML element.", file=file)


def _children(top: Any, count: int) -> Iterator[Any]:
    """Yield so many children of the root from the first on, which are complete, and take them away."""
    for _ in range(count):
        element = top[0]
        yield element
        element.clear()
        del top[0]


def _prune(element: Any) -> None:
    """Take away all that is complete: what is left is the path to where the parser is."""
    while len(element):
        del element[:-1]
        element = element[0]


def _refuse_doctype(element: Any, file: str) -> None:
    if element.getroottree().docinfo.doctype:
        raise FormatError(
            "{file} declares a document type, which no Dutch register does.", hint="Do not trust it.", file=file
        )


def _empty(element: Any) -> None:
    """Give back the memory of an element and of those before it."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]
