"""All of a delivery that is no line: nodes, areas, drawing aids, precautions, the request, attachments."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from dtwin_plugin.data import Features

from .delivery import request_of
from .lines import Networks
from .names import ATTACHMENTS, DEPTHS, DRAWING, EXTRA, LINES, NODES, PARTY, PRECAUTION, REQUEST
from .shapes import features_of, in_rd

if TYPE_CHECKING:
    from dtwin_plugin.sources.gml import Shape

    from .delivery import Delivery
    from .documents import Document
    from .objects import Item

_TEXTS = ("label", "description", "remark")
_POINT = (
    "kind", "status", "vertical_position", "accuracy", "height", "rotation", "level", "reference", "ground", *_TEXTS,
)  # fmt: skip
_PRECAUTION = ("precaution", "net_description", "net_name", "work_name", *_TEXTS)


def points_of(delivery: Delivery) -> Features:
    """Return nodes (appurtenances, cabinets, masts, towers, manholes, buildings), depths, texts and details."""
    rows = list(_rows(delivery, (*NODES, *DEPTHS, *DRAWING), "point", _POINT))
    return features_of("point", "points", [row for row, _ in rows], [shape for _, shape in rows])


def drawing_of(delivery: Delivery) -> Features:
    """Return the lines of dimensions, annotations, own topography and details."""
    rows = list(_rows(delivery, DRAWING, "line", ("kind", "status", "rotation", *_TEXTS)))
    return features_of("line", "drawing", [row for row, _ in rows], [shape for _, shape in rows])


def areas_of(delivery: Delivery) -> Features:
    """Return the areas that objects take (2D, or with heights), with the object, and areas of own topography."""
    owners: dict[str, Item] = {}
    for item in delivery.of(*LINES, *NODES):
        owners.update({name: item for name in item.refs("extra")})
    rows = []
    for row, shape in _rows(delivery, (EXTRA, *DRAWING), "polygon", ("kind", "status", *_TEXTS)):
        owner = owners.get(row["id"])
        about = {"object": owner.id if owner else None, "object_type": owner.type if owner else None}
        rows.append(({**row, **about}, shape))
    return features_of("polygon", "areas", [row for row, _ in rows], [shape for _, shape in rows])


def precautions_of(delivery: Delivery) -> Features:
    """Return the areas where the operator asks for a precaution, with its texts and the letter that goes with it."""
    letters = {
        (delivery.operator_code(item), item.row.get("precaution")): item.row
        for item in delivery.of("EisVoorzorgsmaatregelBijlage")
    }
    rows = []
    for row, shape in _rows(delivery, (PRECAUTION,), "polygon", _PRECAUTION):
        letter = letters.get((row["operator_code"], row["precaution"]), {})
        rows.append(({**row, "letter": letter.get("path"), "letter_remark": letter.get("remark")}, shape))
    return features_of("polygon", "precautions", [row for row, _ in rows], [shape for _, shape in rows])


def request_areas_of(delivery: Delivery) -> Features:
    """Return the areas for which was asked, with the number and the dates of the request."""
    known = {str(row["request"]): row for row in request_of(delivery)}
    rows = []
    for row, shape in _rows(delivery, REQUEST, "polygon", ()):
        about = known.get(row["id"].rpartition("_")[2].partition("-")[0], {})
        rows.append(({"id": row["id"], "type": row["type"], **about}, shape))
    return features_of("polygon", "request", [row for row, _ in rows], [shape for _, shape in rows])


def attachments_of(delivery: Delivery) -> list[dict[str, Any]]:
    """Return a row for each file that an object names: where it is in the delivery, whether it is there, and of what.

    A path that leads out of the delivery is not given.
    """
    networks, users = Networks(delivery), _users(delivery)
    rows = []
    for item in delivery.of(*ATTACHMENTS):
        path = item.row.get("path")
        document = delivery.origin.get(item.id)
        inside = path if path and _stays(path) else None
        rows.append({
            "id": item.id, "type": item.type, "kind": item.row.get("kind"), **_about(networks, item),
            "path": inside, "media": item.row.get("media"),
            "present": bool(inside and document and _is_there(delivery, document, inside)),
            "precaution": item.row.get("precaution"), "objects": ", ".join(users.get(item.id, [])) or None,
            **{name: item.row.get(name) for name in _TEXTS},
            "delivery": document.member.path.name if document else None,
        })  # fmt: skip
    return rows


def _rows(
    delivery: Delivery, types: tuple[str, ...], kind: str, copied: tuple[str, ...]
) -> Iterator[tuple[dict[str, Any], Shape]]:
    networks = Networks(delivery)
    for item in delivery.of(*types):
        for shape in item.shapes.values():
            if shape.kind == kind:
                row = {"id": item.id, "type": item.type, **_about(networks, item)}
                row.update({name: item.row.get(name) for name in copied})
                yield row, in_rd(shape, item.id)


def _about(networks: Networks, item: Item) -> dict[str, Any]:
    known = networks.of(item)
    return {name: known[name] for name in ("theme", "operator", "operator_code", "network")}


def _users(delivery: Delivery) -> dict[str, list[str]]:
    """Return the ids of the objects that refer to an attachment."""
    users: dict[str, list[str]] = {}
    for item in delivery.of(*LINES, *NODES, PARTY):
        for name in (*item.refs("details"), *item.refs("attachments")):
            users.setdefault(name, []).append(item.id)
    return users


def _stays(path: str) -> bool:
    """Tell whether a path stays within the delivery.

    >>> _stays("bronnen/GB.png"), _stays("../../etc/passwd"), _stays("C:/a"), _stays("/a"), _stays("http://a/b")
    (True, False, False, False, False)
    """
    parts = PurePosixPath(path.replace("\\", "/")).parts
    return bool(parts) and not path.startswith(("/", "\\")) and ".." not in parts and ":" not in parts[0]


def _is_there(delivery: Delivery, document: Document, path: str) -> bool:
    if not document.member.names:
        return (document.member.path.parent / path).is_file()
    folder = document.member.names[-1].replace("\\", "/").rpartition("/")[0]
    return (f"{folder}/{path}" if folder else path) in delivery.found.names.get(document.member.path, set())
