"""A description as linked data, written as JSON-LD and as RDF/XML."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from typing import Any, Union

NAMESPACES = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


@dataclass(frozen=True)
class Text:
    """A literal, in a language or of a datatype ("xsd:date")."""

    text: str
    language: str = ""
    datatype: str = ""


@dataclass(frozen=True)
class Node:
    """A thing: its class ("dcat:Dataset", "" where that is not said), its address ("" has none), and what it has."""

    kind: str
    uri: str = ""
    properties: tuple[Property, ...] = ()


Value = Union[Text, Node]
Property = tuple[str, Value]


def node(kind: str, uri: str) -> Node:
    """Return a thing that is described elsewhere."""
    return Node(kind, uri)


def json_ld(root: Node) -> str:
    """Return a description as JSON-LD.

    >>> json.loads(json_ld(Node("dcat:Catalog", "urn:a", (("dct:title", Text("A", "nl")),))))["dct:title"]
    {'@value': 'A', '@language': 'nl'}
    """
    used = {name: uri for name, uri in NAMESPACES.items() if name != "rdf"}
    return json.dumps({"@context": used, **_as_json(root)}, indent=1, ensure_ascii=False) + "\n"


def rdf_xml(root: Node) -> bytes:
    """Return a description as RDF/XML."""
    for prefix, uri in NAMESPACES.items():
        ET.register_namespace(prefix, uri)
    document = ET.Element(_name("rdf:RDF"))
    _add(document, root)
    ET.indent(document, " ")
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(document, encoding="utf-8") + b"\n"


def _as_json(value: Value) -> dict[str, Any]:
    if isinstance(value, Text):
        plain = {"@value": value.text, "@language": value.language, "@type": value.datatype}
        return {key: text for key, text in plain.items() if text or key == "@value"}
    result: dict[str, Any] = {}
    if value.uri:
        result["@id"] = value.uri
    if value.kind:
        result["@type"] = value.kind
    for name, part in value.properties:
        known = result.get(name)
        item = _as_json(part)
        result[name] = item if known is None else [*(known if isinstance(known, list) else [known]), item]
    return result


def _add(parent: ET.Element, value: Node) -> None:
    element = ET.SubElement(parent, _name(value.kind or "rdf:Description"))
    if value.uri:
        element.set(_name("rdf:about"), value.uri)
    for name, part in value.properties:
        child = ET.SubElement(element, _name(name))
        if isinstance(part, Node) and not part.kind and not part.properties:
            child.set(_name("rdf:resource"), part.uri)
        elif isinstance(part, Node):
            _add(child, part)
        else:
            child.text = _clean(part.text)
            if part.language:
                child.set("{http://www.w3.org/XML/1998/namespace}lang", part.language)
            if part.datatype:
                child.set(_name("rdf:datatype"), _name(part.datatype).replace("{", "").replace("}", ""))


def _name(short: str) -> str:
    prefix, _, name = short.partition(":")
    return f"{{{NAMESPACES[prefix]}}}{name}"


def _clean(text: str) -> str:
    """Return a text without the characters that XML cannot hold."""
    return "".join(
        c for c in text if c in "\t\n\r" or c >= " " and c not in "\ufffe\uffff" and not "\ud800" <= c <= "\udfff"
    )
