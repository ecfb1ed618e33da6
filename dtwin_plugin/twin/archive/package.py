"""A run, or a study of several, as an archive package: a bag with MDTO beside each file and what keeping it means."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any

from dtwin_plugin.paths import version

from ..privacy import strictest
from ..prov import prov_text
from ..record import RunRecord
from .bagit import BagWriter, write_bag
from .formats import format_of
from .mdto import InformationObject, Reference, file_xml
from .selection import KEEP, Category, end_of

FACTS, FORMAT = "archive.json", "dtwin-archive"
REGISTER = "Digital twin"


@dataclass(frozen=True)
class Order:
    """What is archived, for whom, and how long.

    Attributes
    ----------
    title : str
        Name of the package.
    organisation : Reference
        The archiefvormer.
    category : Category
        Row of the selection list.
    begun : date or None
        When the event happened after which the term runs; None where it has not.
    inputs : bool
        The data go along too.
    """

    title: str
    organisation: Reference
    category: Category
    begun: date | None = None
    inputs: bool = True
    area: str = ""


@dataclass
class Run:
    """A run with its files: by their place in the package, such as "results/depth.tif"."""

    record: RunRecord
    files: dict[str, Path] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def run_of(record: RunRecord, inputs: bool) -> Run:
    """Return a run with those of its files that are there; what is not is noted."""
    run = Run(record)
    for name, value in record.outputs.items():
        if isinstance(value, str) and (name in record.checksums or Path(value).suffix):
            _take(run, "results", name, Path(value))
    for item in record.inputs if inputs else ():
        _take(run, "inputs", item.name, Path(item.source))
    return run


def _take(run: Run, folder: str, name: str, path: Path) -> None:
    if not path.is_file():
        run.notes.append(f"{folder}/{name}: {path} is not there and is not in the package")
        return
    place = f"{folder}/{_plain_name(path.name)}"
    place = place if place not in run.files else f"{folder}/{name}-{_plain_name(path.name)}"
    run.files[place] = path
    beside = [path.with_suffix(suffix) for suffix in (".qml", ".qmd", ".dbf", ".shx", ".prj", ".cpg")]
    for other in (*beside, path.with_name(path.name + ".aux.xml")):
        if other.is_file() and other != path:
            run.files.setdefault(f"{folder}/{_plain_name(other.name)}", other)
    if not format_of(path).preferred:
        run.notes.append(f"{place}: {format_of(path).label} is no preferred format; it is kept as it is")


def write_package(
    path: Path, order: Order, runs: Sequence[Run], more: Sequence[Path] = (), cancelled: Callable[[], bool] = bool
) -> dict[str, Any]:
    """Write a package as a zip, and return its facts, which are in it too (`archive.json`).

    Parameters
    ----------
    more : sequence of Path
        Other files of a study: a report, tables, the twin file.
    """
    moment = datetime.now(timezone.utc).isoformat(timespec="seconds")
    name = _file_name(order.title)
    facts = _facts(order, runs, moment)

    def fill(bag: BagWriter) -> dict[str, str]:
        if len(runs) == 1 and not more:
            _add_run(bag, name, order, runs[0], moment, None)
        else:
            _add_study(bag, name, order, runs, more, moment)
        bag.add(f"{name}/{FACTS}", json.dumps(facts, indent=1, ensure_ascii=False).encode("utf-8"))
        return {
            "Source-Organization": order.organisation.name,
            "Bagging-Date": moment[:10],
            "External-Description": order.title,
            "External-Identifier": facts["identifier"],
            "Bag-Software-Agent": f"dtwin {version()}",
        }

    write_bag(path, name, fill, cancelled)
    return facts


def _facts(order: Order, runs: Sequence[Run], moment: str) -> dict[str, Any]:
    identifier = runs[0].record.id if len(runs) == 1 else "study-" + "-".join(r.record.id[4:12] for r in runs[:4])
    return {
        "format": FORMAT,
        "format_version": 1,
        "identifier": identifier,
        "title": order.title,
        "organisation": order.organisation.name,
        "archived": moment,
        "category": asdict(order.category),
        "begun": order.begun.isoformat() if order.begun else "",
        "end": _end(order),
        "privacy": strictest(run.record.privacy for run in runs),
        "runs": [run.record.id for run in runs],
        "notes": [note for run in runs for note in run.notes],
    }


def _end(order: Order) -> str:
    if order.category.appraisal == KEEP or order.begun is None:
        return ""
    return end_of(order.begun, order.category.term).isoformat()


def _object(order: Order, identifier: str, name: str, level: str, moment: str) -> InformationObject:
    return InformationObject(
        identifier, REGISTER, name[:80], level, order.organisation, order.category, moment,
        begun=order.begun.isoformat() if order.begun else "", end=_end(order), area=order.area,
    )  # fmt: skip


def _add_run(bag: BagWriter, folder: str, order: Order, run: Run, moment: str, part_of: Reference | None) -> None:
    record = run.record
    name = order.title if part_of is None else f"{record.title} {record.started[:10]}"
    of = Reference(name[:80], record.id, REGISTER)
    texts = {"run.json": record.as_json().encode("utf-8", "backslashreplace"),
             "run.prov.json": prov_text(record, 1).encode("utf-8", "backslashreplace")}  # fmt: skip
    contents: dict[str, bytes | Path] = {**run.files, **texts}
    files = [_add_file(bag, folder, place, content, of, moment) for place, content in contents.items()]
    told = _object(order, record.id, name, "Archiefstuk", record.ended or record.started)
    described = ". ".join(filter(None, [f"{record.title} {record.model_version}", record.purpose, *run.notes]))
    told = replace(
        told, description=described, actor=record.person, privacy=strictest([record.privacy]),
        rights="; ".join(record.rights), part_of=part_of, files=files,
    )  # fmt: skip
    bag.add(f"{folder}/{folder.rpartition('/')[2]}.mdto.xml", told.xml())


def _add_file(bag: BagWriter, folder: str, place: str, content: bytes | Path, of: Reference, moment: str) -> Reference:
    """Add a file and its MDTO beside it, and return how the object refers to it."""
    digest = bag.add(f"{folder}/{place}", content)
    size = len(content) if isinstance(content, bytes) else content.stat().st_size
    name, identifier = place.rpartition("/")[2], f"{of.identifier}/{place}"
    bag.add(
        f"{folder}/{place}.bestand.mdto.xml",
        file_xml(name, identifier, REGISTER, size, format_of(place), digest, moment, of),
    )
    return Reference(name, identifier, REGISTER)


def _add_study(bag: BagWriter, name: str, order: Order, runs: Sequence[Run], more: Sequence[Path], moment: str) -> None:
    identifier = _facts(order, runs, moment)["identifier"]
    of = Reference(order.title[:80], identifier, REGISTER)
    parts = []
    for number, run in enumerate(runs, 1):
        _add_run(bag, f"{name}/{number:02d}-{_file_name(run.record.model)}", order, run, moment, of)
        parts.append(Reference(f"{run.record.title} {run.record.started[:10]}"[:80], run.record.id, REGISTER))
    files = [_add_file(bag, name, f"study/{_plain_name(path.name)}", path, of, moment) for path in more]
    told = _object(order, identifier, order.title, "Dossier", moment)
    told = replace(told, parts=parts, files=files, privacy=strictest(run.record.privacy for run in runs))
    bag.add(f"{name}/{name}.mdto.xml", told.xml())


def _plain_name(name: str) -> str:
    """Return the name of a file without what not every reader of manifests decodes (RFC 8493, 2.1.3).

    >>> _plain_name("100% é.tif")
    '100_ é.tif'
    """
    return re.sub(r"[%\r\n]", "_", name)


def _file_name(text: str) -> str:
    """Return a name that every system takes.

    >>> _file_name("Hevige bui: plein / 2026"), _file_name("..")
    ('Hevige-bui-plein-2026', 'package')
    """
    return re.sub(r"[^\w]+", "-", text).strip("-")[:60] or "package"
