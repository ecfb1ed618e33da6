"""KLIC deliveries: cables and pipes as tubes in space, and all that goes with them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data import Extent, Features
from dtwin_plugin.data.columns import numbers_of
from dtwin_plugin.errors import InputError
from dtwin_plugin.models.base import Field, Model, Values
from dtwin_plugin.progress import Part, Progress
from dtwin_plugin.translate import mark
from dtwin_plugin.twin.privacy import after_working_days

from .common import GROUP, PART

if TYPE_CHECKING:
    from dtwin_plugin.sources.klic import Delivery

_WORKING_DAYS = 20  # that a delivery can be fetched, and that its data are kept here
_SLEEVE = ("id", "type", "theme", "operator", "accuracy", "diameter", "width")  # columns
ATTACHMENTS = (
    "id", "type", "kind", "theme", "operator", "operator_code", "network", "path", "media", "present", "precaution",
    "objects", "label", "description", "remark", "delivery",
)  # fmt: skip


def _run(values: Values, progress: Progress) -> dict[str, Any]:
    from dtwin_plugin.sources import klic

    delivery = _source(values).load(Part(progress, 0.0, 0.4))
    extent = values["extent"]
    lines = klic.lines_of(delivery)
    made: dict[str, Any] = {
        "points": klic.points_of(delivery), "areas": klic.areas_of(delivery), "drawing": klic.drawing_of(delivery),
        "precautions": klic.precautions_of(delivery), "request": klic.request_areas_of(delivery),
    }  # fmt: skip
    made = {name: _inside(features, extent) for name, features in made.items()}
    features = _inside(lines.features, extent)
    if len(features):
        made.update(_in_space(features, klic.depths_of(delivery), values, Part(progress, 0.4, 0.9)))
    made = {name: found for name, found in made.items() if len(found)}
    if not made:
        raise InputError(
            "{file} has nothing with a place here.",
            hint="Choose another area, or a delivery with the links that the lines refer to.",
            file=_name(values),
        )
    if lines.without:
        progress.warn(
            "{file}: {count} lines have no geometry: their links are not in the file, or not on the map.",
            file=_name(values),
            count=lines.without,
        )
    attachments = klic.attachments_of(delivery)
    if attachments:
        made["attachments"] = {name: [row[name] for row in attachments] for name in ATTACHMENTS}
    return {**made, "count": len(features), "without": lines.without, "keep_until": _keep_until(delivery, progress)}


def _source(values: Values) -> Any:
    from dtwin_plugin.sources.klic import KlicSource

    paths = [path for path in (values["file"], _folder(values)) if path is not None]
    if not paths:
        raise InputError("Neither a file nor a folder is given.", hint="Choose a KLIC delivery.")
    return KlicSource(paths[0], more=paths[1:])


def _folder(values: Values) -> Path | None:
    return Path(values["folder"]) if values["folder"] else None


def _name(values: Values) -> str:
    return str((values["file"] or Path(values["folder"])).name)


def _inside(features: Features, extent: Extent | None) -> Features:
    return features if extent is None or not len(features) else features.within(extent)


def _in_space(lines: Features, depths: Features, values: Values, progress: Progress) -> dict[str, Features]:
    """Return the lines with their heights, their tubes, and the areas in which they may lie; tells what is a guess."""
    from dtwin_plugin.layers.sleeves import sleeves
    from dtwin_plugin.models.subsurface.cable_controls import accuracy
    from dtwin_plugin.models.subsurface.cables import place
    from dtwin_plugin.models.subsurface.tubes import tubes

    placed = place(lines, depths, values["terrain"])
    if placed.flat and values["terrain"] is None:
        progress.warn("No terrain is given: depths below the ground have no height in NAP, and these lines no tube.")
    elif placed.flat:
        progress.warn("{count} stretches have no height: they hang, or lie outside the terrain.", count=placed.flat)
    if placed.unused:
        progress.warn("{count} depths lie on no line of their network and are not used.", count=placed.unused)
    estimated = np.isin(placed.features.columns["z_source"].astype(str), ["standard", "assumed"]).sum()
    if estimated:
        progress.warn(
            "{count} of {total} stretches have an estimated depth (standard or assumed).",
            count=int(estimated),
            total=len(placed.features),
        )
    spread = np.array([accuracy(value) for value in lines.columns["accuracy"].tolist()])
    sizes = [np.nan_to_num(numbers_of(lines.columns, name, len(lines))) / 2000.0 for name in ("diameter", "width")]
    plain = Features(lines.geometries, {name: lines.columns[name] for name in _SLEEVE}, crs=lines.crs)
    around = sleeves(plain, spread + np.maximum(*sizes), progress)
    return {"cables": placed.features, "tubes": tubes(placed.features), "sleeves": around}


def _keep_until(delivery: Delivery, progress: Progress) -> str:
    """Return the first day on which a delivery must be gone, "" if none has a date."""
    from dtwin_plugin.sources.klic.delivery import request_of

    days = [
        after_working_days(date.fromisoformat(str(row["delivered"])[:10]), _WORKING_DAYS)
        for row in request_of(delivery)
        if row["delivered"]
    ]
    if not days:
        return ""
    if min(days) < date.today():
        progress.warn(
            "The delivery is older than {days} working days, since {day}: ask for a new one before anybody digs.",
            days=_WORKING_DAYS,
            day=min(days).isoformat(),
        )
    return min(days).isoformat()


def _output(name: str, title: str, geometry: str, doc: str, optional: bool = True) -> Field:
    style = {"cables": "lines"}.get(name, name)
    return Field(name, title, "features", geometry=geometry, optional=optional, style=f"klic_{style}", doc=doc)


LOAD_KLIC = Model(
    id="loadklic",
    version="1.0.0",
    title="Load KLIC delivery",
    group=GROUP,
    summary="Cables and pipes of the operators from KLIC deliveries (IMKL 1.2, 2.0, 3.0), in the official colours, at "
    "the best depth that is known, as tubes of their true diameter; with nodes, areas, precautions and attachments. "
    "KLIC data are confidential: they are for the request only, and are left out of what others get.",
    inputs=(
        Field("file", "Delivery", "file", optional=True, doc="A zip as it was delivered, or its XML."),
        Field(
            "folder",
            "Folder of deliveries",
            "text",
            optional=True,
            doc="The path of a folder with zips, XML or unpacked deliveries; of an object that is in several the "
            "newest state counts.",
        ),
        Field(
            "terrain",
            "Terrain",
            "grid",
            "m",
            optional=True,
            doc="Heights of the ground in m NAP, such as AHN. Without it only heights that were measured in NAP are "
            "known.",
        ),
        PART,
    ),
    outputs=(
        _output(
            "cables",
            mark("Cables and pipes"),
            "line",
            mark("The axis in m NAP, a row for each stretch of one source of depth (z_source), with its uncertainty."),
            optional=False,
        ),
        _output(
            "tubes",
            mark("Cables and pipes in 3D"),
            "polygon",
            mark("Tubes of the true diameter, drawn at least 0.10 m thick; paler where the depth is an estimate."),
        ),
        _output(
            "points",
            mark("Nodes, depths and texts"),
            "point",
            mark("Appurtenances, cabinets, masts, manholes and more."),
        ),
        _output(
            "areas", mark("Areas of objects"), "polygon", mark("The ground that stations, manholes and ducts take.")
        ),
        _output(
            "drawing",
            mark("Dimensions and annotations"),
            "line",
            mark("Lines of drawings, and topography of operators."),
        ),
        _output(
            "precautions", mark("Precautions"), "polygon", mark("Areas in which the operator asks for a precaution.")
        ),
        _output("request", mark("Area of the request"), "polygon", mark("For which was asked, with its dates.")),
        _output(
            "sleeves",
            mark("Where lines may lie"),
            "polygon",
            mark("As wide as the accuracy class (1 m where it is not known) and half the diameter."),
        ),
        Field(
            "attachments",
            "Attachments",
            "table",
            columns=dict.fromkeys(ATTACHMENTS, "1"),
            optional=True,
            doc="Files of the delivery: where they are, and what they are about.",
        ),
        Field("count", "Lines", "integer", doc="Number of cables, pipes and ducts that have a place."),
        Field("without", "Lines without geometry", "integer", doc="Lines of which the links are not there."),
        Field("keep_until", "Keep until", "text", doc="Day after which the data must be destroyed."),
    ),
    run=_run,
    references=(
        "IMKL - Dataspecificatie Utiliteitsnetten 2.0, Geonovum, 2021.",
        "Wet informatie-uitwisseling bovengrondse en ondergrondse netten en netwerken (WIBON).",
        "NEN 7171-1: Ordening van ondergrondse netten.",
    ),
    validity="Depths are estimates nearly everywhere: operators hardly ever give one. A tube shows where a line is "
    "thought to lie; before digging its place is looked for by hand (CROW 500).",
    privacy="confidential",
)
