"""A run record as W3C PROV-JSON (member submission of 24 April 2013): entities, the activity, and agents.

Terms of PROV-DM (W3C recommendation of 30 April 2013): the run is an activity that used entities, its data and its
parameters; the results are entities that it generated (5.1.3) and that derive from the data (5.2.1); the software, and
a person only where the user gave one, are agents, and the model is the plan that they followed (5.3.3).
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from dtwin_plugin.data.atomic import written_beside

from .record import InputRecord, RunRecord, plain

PREFIXES = {
    "prov": "http://www.w3.org/ns/prov#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "dcterms": "http://purl.org/dc/terms/",
    "dtwin": "urn:dtwin:",
}
SUFFIX = ".prov.json"  # of the file beside a record


def prov_of(record: RunRecord) -> dict[str, Any]:
    """Return a record as a PROV-JSON document.

    >>> found = prov_of(RunRecord("flood", "1.0.0", "Flooding", id="run-1"))
    >>> list(found["activity"]), list(found["wasAssociatedWith"].values())[0]["prov:plan"]
    (['dtwin:run-1'], 'dtwin:model.flood.1.0.0')
    """
    run, plan = _name(record.id), _name("model", record.model, record.model_version)
    parameters = _name(record.id, "parameters")
    inputs = {_name(record.id, "input", item.name): item for item in record.inputs}
    outputs = {_name(record.id, "output", name): (name, value) for name, value in record.outputs.items()}
    agents = _agents(record)
    return {
        "prefix": PREFIXES,
        "entity": {
            plan: {"prov:type": _qualified("prov:Plan"), "prov:label": f"{record.title} {record.model_version}"},
            parameters: _parameters(record),
            **{key: _input(item) for key, item in inputs.items()},
            **{key: _output(name, value, record) for key, (name, value) in outputs.items()},
        },
        "activity": {run: _activity(record)},
        "agent": agents,
        "used": _numbered(
            "u",
            [{"prov:activity": run, "prov:entity": parameters, "prov:role": "parameters"}]
            + [{"prov:activity": run, "prov:entity": key, "prov:role": item.name} for key, item in inputs.items()],
        ),
        "wasGeneratedBy": _numbered(
            "g",
            [
                {"prov:entity": key, "prov:activity": run, **({"prov:time": record.ended} if record.ended else {})}
                for key in outputs
            ],
        ),
        "wasAssociatedWith": _numbered(
            "a", [{"prov:activity": run, "prov:agent": agent, "prov:plan": plan} for agent in agents]
        ),
        "wasDerivedFrom": _numbered(
            "d",
            [
                {"prov:generatedEntity": made, "prov:usedEntity": used, "prov:activity": run}
                for made in outputs
                for used in inputs
            ],
        ),
    }


def prov_text(record: RunRecord, indent: int | None = None) -> str:
    """Return that as JSON text."""
    found = {name: part for name, part in prov_of(record).items() if part}
    return json.dumps(found, indent=indent, ensure_ascii=False, allow_nan=False)


def write_prov(record: RunRecord, path: Path) -> Path:
    """Write it beside the record in `path`, and return where."""
    target = path.with_name(path.stem + SUFFIX)
    with written_beside(target) as temporary:
        temporary.write_text(prov_text(record, 1), encoding="utf-8", errors="backslashreplace")
    return target


def _name(*parts: str) -> str:
    """Return a name in our own space, of characters that every reader of PROV takes.

    >>> _name("software", "qgis", "3.40.1-Bratislava (x)")
    'dtwin:software.qgis.3.40.1-Bratislava-x-'
    """
    return "dtwin:" + ".".join(re.sub(r"[^A-Za-z0-9._-]+", "-", part) for part in parts)


def _qualified(name: str) -> dict[str, str]:
    return {"$": name, "type": "prov:QUALIFIED_NAME"}


def _value(value: Any) -> Any:
    """Return a value as an attribute has it: a list or a mapping as JSON text, nothing as an empty text."""
    found = plain(value)
    if isinstance(found, (list, dict)):
        return json.dumps(found, ensure_ascii=False)
    return "" if found is None else found


def _given(**values: Any) -> dict[str, Any]:
    """Return those attributes that have a value; in their names `__` is the colon of a prefix."""
    return {name.replace("__", ":"): value for name, value in values.items() if value not in ("", None, [])}


def _parameters(record: RunRecord) -> dict[str, Any]:
    found = {f"dtwin:{name}": _value(value) for name, value in plain(record.parameters).items()}
    return {"prov:type": _qualified("dtwin:Parameters"), "prov:label": "parameters", **found}


def _input(item: InputRecord) -> dict[str, Any]:
    return _given(
        prov__label=item.name,
        prov__location=item.source,
        dcterms__modified=item.modified,
        dcterms__license=item.licence,
        dtwin__sha256=item.sha256,
        dtwin__part=item.part,
        dtwin__privacy=item.privacy,
    )


def _output(name: str, value: Any, record: RunRecord) -> dict[str, Any]:
    is_file = isinstance(value, (str, Path)) and Path(value).is_absolute()
    return _given(
        prov__label=name,
        # without its folder: a file is moved, and the same file from another folder is the same
        **({"prov__location": Path(value).name} if is_file else {"prov__value": _value(value)}),
        dtwin__sha256=record.checksums.get(name, ""),
        dcterms__rights=record.rights,
        dtwin__privacy=record.privacy,
    )


def _activity(record: RunRecord) -> dict[str, Any]:
    return _given(
        prov__startTime=record.started,
        prov__endTime=record.ended,
        prov__label=f"{record.title} {record.model_version}",
        dtwin__purpose=record.purpose,
        dtwin__warnings=plain(record.warnings),
    )


def _agents(record: RunRecord) -> dict[str, Any]:
    kind = _qualified("prov:SoftwareAgent")
    agents: dict[str, Any] = {
        _name("software", name, number): {"prov:type": kind, "prov:label": f"{name} {number}"}
        for name, number in record.software.items()
    }
    if record.person:
        agents[_name(record.id, "person")] = {"prov:type": _qualified("prov:Person"), "prov:label": record.person}
    return agents


def _numbered(letter: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {f"_:{letter}{number}": row for number, row in enumerate(rows, 1)}
