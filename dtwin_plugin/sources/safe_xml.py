"""XML from anybody: read element by element, in constant memory, without entities and without a network.

Names are local names: the namespaces of the Dutch standards change with every version, the names within do not.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import IO, Any

from dtwin_plugin.errors import FormatError, MissingDependencyError

_DEEPEST = 200  # levels of elements; the deepest Dutch standard has about 30


def local(tag: Any) -> str:
    """Return the name of an element or attribute without its namespace; "" for a comment.

    >>> local("{http://www.opengis.net/gml/3.2}Point"), local("Pand")
    ('Point', 'Pand')
    """
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def elements(stream: IO[bytes], names: Collection[str] | None, file: str) -> Iterator[Any]:
    """Yield the complete elements of these local names, outermost first found; each is emptied after its turn.

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
        depth = inside = 0
        for event, element in _events(etree, stream):
            if event == "start":
                depth += 1
                if depth > _DEEPEST:
                    raise FormatError("{file} nests deeper than {limit} levels.", file=file, limit=_DEEPEST)
                if depth == 1:
                    _refuse_doctype(element, file)
                if inside or _wanted(element, names, depth):
                    inside += 1
                continue
            depth -= 1
            if not inside:
                _empty(element)
                continue
            inside -= 1
            if not inside:
                yield element
                _empty(element)


def root_of(stream: IO[bytes], file: str) -> tuple[str, dict[str, str]]:
    """Return the local name and the namespaces of the root element, reading no further.

    Raises
    ------
    FormatError
        If it is no XML.
    """
    with refused(file):
        for _, element in _events(_etree(), stream):
            _refuse_doctype(element, file)
            return local(element.tag), {prefix or "": uri for prefix, uri in element.nsmap.items()}
    raise FormatError("{file} is empty.", file=file)


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
    settings = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}
    return etree.iterparse(stream, events=("start", "end"), remove_comments=True, remove_pis=True, **settings)


def _wanted(element: Any, names: Collection[str] | None, depth: int) -> bool:
    return depth == 2 if names is None else local(element.tag) in names


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
