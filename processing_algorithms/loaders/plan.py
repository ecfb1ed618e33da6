"""Norms of zoning plans and environment plans as rule areas: from a file, or from the national services."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Union

import numpy as np

from dtwin_plugin.data import Features
from dtwin_plugin.errors import InputError
from dtwin_plugin.models.base import Field, Model, Values
from dtwin_plugin.progress import Progress
from dtwin_plugin.translate import mark

from .common import AUTHENTICATION, EXTENT, GROUP, names_in

if TYPE_CHECKING:
    from dtwin_plugin.sources.plans import EnvironmentPlanService, PlanSource, ZoningPlanService

    Source = Union[PlanSource, ZoningPlanService, EnvironmentPlanService]

ZONING, ENVIRONMENT = "zoning", "environment"
_PLANS = ("plan", "name", "type", "status", "date", "areas", "link")  # columns


def _run(values: Values, progress: Progress) -> dict[str, Any]:
    source = _source(values)
    pieces = list(source.read(values["extent"], progress))
    name = values["file"].name if values["file"] else _SERVICES[values["service"]]
    if not pieces:
        raise InputError(
            "{name} has no areas with rules here.", hint="Choose another area, another plan or the other service.",
            name=name,
        )  # fmt: skip
    areas = Features.concatenate(pieces)
    norm, quantity = areas.columns["norm"], areas.columns["quantity"].astype(str)
    ids, counts = np.unique(areas.columns["plan"].astype(str), return_counts=True)
    touched = dict(zip(ids.tolist(), counts.tolist()))
    rows = [
        (plan.id, plan.name, plan.type, plan.status, plan.date, touched.get(plan.id, 0), plan.link)
        for plan in source.found.values()
    ]
    return {
        "areas": areas,
        "plans": {name: [row[index] for row in rows] for index, name in enumerate(_PLANS)},
        "norms": int(np.isfinite(norm).sum()),
        "to_read": int((np.isnan(norm) & (quantity != "")).sum()),
    }


def _source(values: Values) -> Source:
    from dtwin_plugin.sources.plans import EnvironmentPlanService, PlanSource, ZoningPlanService

    plans = names_in(values["plan"])
    if values["file"]:
        return PlanSource(values["file"], plans=plans)
    carrier = _transport(values)
    if values["service"] == ENVIRONMENT:
        return EnvironmentPlanService(carrier, plans=plans)
    return ZoningPlanService(carrier, plans=plans, in_force=values["in_force"])


def _transport(values: Values) -> Any:
    """Return the way to the network with the key: that of this run, or that of the settings."""
    from dtwin_plugin.layers import settings
    from dtwin_plugin.layers.network import transport

    kept = settings.KEY_ENVIRONMENT if values["service"] == ENVIRONMENT else settings.KEY_ZONING
    return transport((values["authentication"] or "").strip() or kept.value)


_SERVICES = {
    ZONING: mark("Zoning plans (Ruimtelijke Plannen)"),
    ENVIRONMENT: mark("Environment plans (Omgevingsdocumenten)"),
}

LOAD_PLAN = Model(
    id="loadplan",
    version="1.0.0",
    title="Load plan (zoning plan, environment plan)",
    group=GROUP,
    summary="Areas of plans with their norms (height, eaves, percentage built on), a row for each norm, for the plan "
    "check: from GML of a zoning plan (IMRO) or of an environment plan (STOP), or from the national services by area. "
    "Credit: DSO and Kadaster; see the conditions of the services.",
    inputs=(
        Field(
            "file",
            "File",
            "file",
            optional=True,
            doc="A .gml file, or the zip of a plan as it was published; without a file a service is asked.",
        ),
        Field(
            "service",
            "Service",
            "choice",
            default=ZONING,
            choices=_SERVICES,
            doc="Asked where no file is given. Most places still have a zoning plan beside the environment plan.",
        ),
        replace(EXTENT, doc=mark("Only what touches it is read. Of a file default all; a service needs it, or plans.")),
        Field(
            "plan",
            "Plans",
            "text",
            optional=True,
            doc="Ids with commas between them, such as NL.IMRO.0503.BP0001-2001; default all that touch the area.",
        ),
        Field(
            "in_force",
            "Only plans in force",
            "boolean",
            default=True,
            advanced=True,
            doc="Of the service of zoning plans; without it drafts and plans that were replaced come too. A plan that "
            "is named is always read.",
        ),
        replace(
            AUTHENTICATION,
            doc=mark(
                "A configuration of QGIS's authentication with the API header X-Api-Key; default that of the settings "
                "of the plugin. A key is free."
            ),
        ),
    ),
    outputs=(
        Field(
            "areas",
            "Rule areas",
            "features",
            geometry="polygon",
            style="rule_areas",
            doc="A row for each norm of each area. The norm is empty where the text must be read; the quantity is "
            "empty where nothing is known that can be tested.",
        ),
        Field(
            "plans",
            "Plans that were read",
            "table",
            columns=dict.fromkeys(_PLANS, "1"),
            optional=True,
            doc="With their status and its day.",
        ),
        Field("norms", "Norms with a number", "integer", doc="That the plan check can test."),
        Field("to_read", "Norms to be read", "integer", doc="Whose text a person must read."),
    ),
    run=_run,
    references=(
        "IMRO2012: Informatiemodel Ruimtelijke Ordening, Geonovum, 2012; SVBP2012, Ministerie van IenM, 2012.",
        "STOP 1.3.0: Standaard Officiele Publicaties, KOOP and Geonovum, 2022.",
    ),
    validity="A number is taken only where name, limit, unit and value leave no doubt; a norm for some buildings only, "
    "or a value in words, keeps its text. The text of the plan decides, also over what is shown here.",
)
