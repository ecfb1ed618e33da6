"""The register as a folder: pages to read, and a file for each register of others."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, Callable

from dtwin_plugin.catalogue.dcat import Publisher
from dtwin_plugin.catalogue.rdf import json_ld, rdf_xml
from dtwin_plugin.data.atomic import written_beside
from dtwin_plugin.errors import InputError
from dtwin_plugin.translate import texts, tr

from . import algorithm, dcat, ogc, pages
from .record import ModelRecord

INDEX, PROCESSES, DCAT = "index.html", "processes.json", "models"
ALGORITHMS = "algoritmeregister.json"


def write(
    records: Sequence[ModelRecord],
    folder: Path,
    publisher: Publisher,
    use: algorithm.Use,
    server: str = "",
    modified: date | None = None,
) -> list[str]:
    """Write a page and a description (JSON) for each model, an index, DCAT-AP-NL, and the Dutch algorithm register.

    Pages are in the language in use; DCAT-AP-NL is in Dutch and English, the algorithm register in Dutch. A folder that
    has other files in it keeps them.

    Returns
    -------
    list of str
        Names of the files, in the order in which they were written.

    Raises
    ------
    InputError
        If something that a register asks for is missing; nothing is written then.
    """
    dutch = dutch_of()
    described = dcat.describe(records, publisher, dutch, server, modified)
    files: dict[str, bytes] = {INDEX: pages.index(records, tr).encode()}
    for record in records:
        files[f"{record.model.id}.html"] = pages.page(record, tr).encode()
        files[f"{record.model.id}.json"] = _json(ogc.process(record))
    files[PROCESSES] = _json({"processes": [ogc.summary(record) for record in records], "links": []})
    files[f"{DCAT}.jsonld"], files[f"{DCAT}.rdf"] = json_ld(described).encode(), rdf_xml(described)
    files[ALGORITHMS] = _json([algorithm.entry(record, use, dutch) for record in records])
    if folder.exists() and not folder.is_dir():
        raise InputError("{file} is no folder.", hint="Choose a folder for the register.", file=str(folder))
    for name, content in files.items():
        with written_beside(folder / name) as temporary:
            temporary.write_bytes(content)
    return list(files)


def dutch_of() -> Callable[[str], str]:
    """Return what gives the Dutch of a text, whatever the language in use."""
    known = texts("nl")
    return lambda text: known.get(text, text)


def _json(value: Any) -> bytes:
    return (json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode()
