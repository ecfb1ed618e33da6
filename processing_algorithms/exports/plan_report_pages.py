"""From what the test of a plan wrote to the pages of its report."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qgis.core import QgsMapLayer, QgsProcessingContext
from qgis.PyQt.QtGui import QImage

from dtwin_plugin.errors import Cancelled, FormatError, InputError
from dtwin_plugin.layers import finish, map_pictures, privacy, read
from dtwin_plugin.layers.opengl import opengl_fault
from dtwin_plugin.layers.pages import EDGE, GAP, PAPERS
from dtwin_plugin.layers.plan_outcomes import Row, rows_of
from dtwin_plugin.layers.plan_pictures import PlanScenery, plan_map, plan_scenes
from dtwin_plugin.layers.plan_sheet import PlanStudy, make_plan_pages
from dtwin_plugin.layers.section_sheet import confidential_line
from dtwin_plugin.models import MODELS
from dtwin_plugin.translate import tr
from dtwin_plugin.twin import RunRecord, record_schema
from dtwin_plugin.twin.privacy import is_public

from ..feedback import FeedbackProgress
from .confidential import CONFIDENTIAL
from .plan_report import PAPERS as CHOICES

if TYPE_CHECKING:
    from .plan_report import PlanReport

_MODEL = "plancheck"
_SIDE = 62.0  # mm, of the legend beside the map
_PALE = 0.55  # opacity of the base map


def write_report(
    algorithm: PlanReport,
    parameters: dict[str, Any],
    context: QgsProcessingContext,
    path: Path,
    progress: FeedbackProgress,
) -> None:
    """Write the report; raises DtwinError."""
    record = read_record(Path(algorithm.parameterAsFile(parameters, "record", context)))
    confidential = algorithm.parameterAsBool(parameters, CONFIDENTIAL, context)
    if not is_public(record.privacy) and not confidential:
        raise InputError(
            "{layer} is {level}, and may not be in what others get.",
            hint="Choose to take confidential layers along, if the pages stay with you.",
            layer=record.title,
            level=record.privacy,
        )
    rows = _rows(algorithm, parameters, context)
    _expect_same_rules(record, rows)
    model = MODELS[_MODEL]
    study = PlanStudy(
        algorithm.parameterAsString(parameters, "title", context),
        rows,
        record,
        {item.name: item for item in model.inputs},
        tr(model.validity),
        confidential=confidential_line(record.privacy, record.keep_until),
    )
    progress.report(0.1)
    paper = CHOICES[algorithm.parameterAsEnum(parameters, "paper", context)]
    with tempfile.TemporaryDirectory(prefix="dtwin-plan-", ignore_cleanup_errors=True) as folder:
        scenery = _scenery(algorithm, parameters, context, confidential, progress)
        if not scenery.extent().isEmpty():
            _draw(study, scenery, paper, Path(folder), progress)
        _go_on(progress, 0.8)
        pages = make_plan_pages(study, paper)
        _go_on(progress, 0.9)
        pages.save(path)
    progress.report(1.0)


def read_record(path: Path) -> RunRecord:
    """Return the record of a test of a plan.

    Raises
    ------
    FormatError
        If the file is another.
    """
    try:
        record = record_schema.read_record(path)
        known = record.model == _MODEL
    except FormatError:
        known = False
    if not known:
        raise FormatError(
            "{file} is not the run record of a test of a plan.",
            hint="Choose the JSON that the test wrote.",
            file=path.name,
        )
    return record


def _rows(algorithm: PlanReport, parameters: dict[str, Any], context: QgsProcessingContext) -> list[Row]:
    source = algorithm.parameterAsSource(parameters, "outcomes", context)
    if source is None:
        raise InputError("The outcomes cannot be read.", hint="Choose the table that the test of the plan wrote.")
    names = [item.name() for item in source.fields()]
    return rows_of({name: read.plain(feature[name]) for name in names} for feature in read.all_rows_of(source))


def _expect_same_rules(record: RunRecord, rows: list[Row]) -> None:
    """Raise InputError where the table was made with another rule file than the record tells of."""
    told = {used.sha256 for used in record.inputs if used.name == "rules" and used.sha256}
    found = {row.digest for row in rows if row.digest}
    if told and found and told != found:
        raise InputError(
            "The outcomes were made with another rule file than the run record tells of.",
            hint="Choose the table and the record of one run.",
        )


def _scenery(
    algorithm: PlanReport,
    parameters: dict[str, Any],
    context: QgsProcessingContext,
    confidential: bool,
    progress: FeedbackProgress,
) -> PlanScenery:
    """Return the layers, without those that may not be handed on."""

    def one(layer: QgsMapLayer | None) -> Any:
        if layer is None or confidential:
            return layer
        return next(iter(privacy.public_only([layer], progress.warn)), None)

    def vector(name: str, *columns: str) -> Any:
        layer = algorithm.source_layer(parameters, name, context) if parameters.get(name) else None
        for column in columns if layer is not None else ():
            if layer.fields().lookupField(column) < 0:
                raise InputError(
                    "{layer} has no column {name}.",
                    hint="Choose the layer that the test of a plan wrote.",
                    layer=layer.name(),
                    name=column,
                )
        return one(layer)

    base = []
    for layer in algorithm.parameterAsLayerList(parameters, "base_layers", context) or []:
        if one(layer) is not None:
            base.append(layer.clone())
            finish.load_sidecars(base[-1])
            base[-1].setOpacity(_PALE)
    terrain = algorithm.parameterAsRasterLayer(parameters, "terrain", context) if parameters.get("terrain") else None
    return PlanScenery(
        vector("objects", "object", "outcome", "drawn", "bottom", "top"), vector("violations", "outcome"),
        vector("plan"), one(terrain), base,
    )  # fmt: skip


def _draw(study: PlanStudy, scenery: PlanScenery, paper: str, folder: Path, progress: FeedbackProgress) -> None:
    """Make the map and the pictures in 3D."""
    width, height = PAPERS[paper]
    picture, study.scale = plan_map(scenery, width - 2 * EDGE - _SIDE - GAP, height - 2 * EDGE - 9 - 12)
    study.map = map_pictures.keep_picture(picture, folder / "map.png")
    _go_on(progress, 0.3)
    if opengl_fault():
        progress.warn("There is no display with OpenGL: the report has no pictures in 3D.")
        return

    def keep(text: str, image: QImage) -> None:
        number = len(study.scenes) + 1
        study.scenes.append((tr(text), map_pictures.keep_picture(image, folder / f"scene-{number}.png")))
        _go_on(progress, 0.3 + 0.25 * number)

    plan_scenes(scenery, keep)


def _go_on(progress: FeedbackProgress, share: float) -> None:
    if progress.is_cancelled():
        raise Cancelled
    progress.report(share)
