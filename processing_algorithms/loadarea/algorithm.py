"""The algorithm that loads everything that is ticked for one area, several sources at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputFile,
    QgsProcessingOutputNumber,
    QgsProcessingOutputPointCloudLayer,
    QgsProcessingOutputRasterLayer,
    QgsProcessingOutputVectorLayer,
    QgsProcessingParameterFileDestination,
    QgsStyle,
)

from dtwin_plugin.catalogue.products import Product, product
from dtwin_plugin.data.area import Area
from dtwin_plugin.errors import Cancelled, DtwinError, InputError, UnavailableError
from dtwin_plugin.layers import styles3d
from dtwin_plugin.layers.main_thread import alongside
from dtwin_plugin.layers.network import offline
from dtwin_plugin.models.base import Field
from dtwin_plugin.translate import mark, plural, tr
from dtwin_plugin.twin.jobs import CANCELLED, FAILED, Board, Journal, Outcome, run_all

from ..base import DtwinAlgorithm
from ..feedback import FeedbackProgress
from ..loaders.common import GROUP
from ..parameters import input_parameter
from .area import AREA_FIELDS, chosen_area, expect_area
from .assemble import Loaded, assemble, layer_outputs, output_name
from .groups import group_for, groups_of
from .project import add_to_project
from .records import LOG, QUALITY, SUMMARY
from .target import check_target, files_of, target_of
from .tasks import Order, offered, task_of

_MAX_AREA = 400e6  # m2: what a laptop can hold of most sources
_OUTPUTS = {
    "grid": QgsProcessingOutputRasterLayer,
    "points": QgsProcessingOutputPointCloudLayer,
    "layer": QgsProcessingOutputFile,
}
FIELDS = (
    *AREA_FIELDS,
    Field(
        "products",
        "What to load",
        "text",
        optional=True,
        doc="Names with commas between them; default what is ticked in the Sources panel to begin with.",
    ),
    Field(
        "cell_size",
        "Cell size of rasters",
        "number",
        "m",
        minimum=0.05,
        maximum=1000,
        optional=True,
        advanced=True,
        doc="Default that of the source, 0.5 m for the AHN.",
    ),
    Field("offline", "Work offline", "boolean", default=False, doc="Only what is in the cache is used."),
    Field(
        "workers",
        "Sources at once",
        "integer",
        default=4,
        minimum=1,
        maximum=8,
        advanced=True,
        doc="More is not always faster: servers and memory are shared.",
    ),
    Field("fresh", "Begin anew", "boolean", default=False, advanced=True, doc="Forget what an unfinished load left."),
    Field("add_layers", "Add to the project", "boolean", default=True, advanced=True, doc="In one group, on top."),
    Field("purpose", "Purpose", "text", optional=True, advanced=True, doc="Why it is loaded; kept in the metadata."),
)


class LoadArea(DtwinAlgorithm):
    """Everything that is ticked, for one area."""

    ID, TITLE, GROUP = "loadarea", "Load area", GROUP
    SUMMARY = (
        "Everything that you name for one area, from the services of its owners: in RD and m NAP, styled, judged, in "
        "one GeoPackage with a log. What fails does not stop the rest, and a second run goes on where the first ended."
    )

    def shortHelpString(self) -> str:
        """Return the help with the names of what can be loaded."""
        rows = "".join(f"<li>{name}: {tr(item.title)}</li>" for name, item in offered().items())
        return super().shortHelpString() + f"<p><b>{tr('What can be loaded')}</b></p><ul>{rows}</ul>"

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        for item in FIELDS:
            self.addParameter(input_parameter(item))
        target = QgsProcessingParameterFileDestination("geopackage", tr("GeoPackage"), "GeoPackage (*.gpkg)")
        target.setHelp(tr("All vector layers and the log; rasters and point clouds go to a folder beside it."))
        self.addParameter(target)
        for name in ("loaded", "failed"):
            title = {"loaded": mark("Sources loaded"), "failed": mark("Sources failed")}[name]
            self.addOutput(QgsProcessingOutputNumber(name, tr(title)))
        tables = {LOG: mark("Log of loading"), SUMMARY: mark("Quality of the data"), QUALITY: mark("Quality findings")}
        for name, title in tables.items():
            self.addOutput(QgsProcessingOutputVectorLayer(name, tr(title)))
        for offer in offered().values():
            for part in layer_outputs(offer):
                output = _OUTPUTS.get(part.kind, QgsProcessingOutputVectorLayer)
                self.addOutput(output(output_name(offer, part), f"{tr(offer.title)}: {tr(part.title)}"))

    def prepareAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        # QGIS makes its library of styles at first use, and ends if that is in a thread of a task
        QgsStyle.defaultStyle()
        styles3d.initialise()  # without it a style loses its 3D part when it is copied
        self._groups = groups_of(context.project())  # the tree of layers belongs to the main thread
        return True

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        target, chosen = self._checked(parameters, context)
        progress = FeedbackProgress(feedback)
        with offline(self.parameterAsBool(parameters, "offline", context)):
            area = chosen_area(self, parameters, context, progress.part(0, 0.02))
            if area.extent.area > _MAX_AREA:
                raise InputError(
                    "The area is {size:.0f} km2; at most {limit:.0f} km2 are loaded at once.",
                    hint="Choose a smaller area, or load it in parts.",
                    size=area.extent.area / 1e6,
                    limit=_MAX_AREA / 1e6,
                )
            outcomes, journal = self._load(chosen, area, target, parameters, context, feedback)
        return self._finish(chosen, area, outcomes, journal, target, parameters, context, feedback)

    def _checked(self, parameters: dict[str, Any], context: QgsProcessingContext) -> tuple[Path, list[Product]]:
        """Return the file and the products, after all that can be wrong without asking a service."""
        chosen = _chosen(self.parameterAsString(parameters, "products", context))
        expect_area(self, parameters, context)
        target = target_of(self.parameterAsFileOutput(parameters, "geopackage", context))
        check_target(target)
        return target, chosen

    def checkParameterValues(self, parameters: dict[str, Any], context: QgsProcessingContext) -> tuple[bool, str]:
        """Tell at once what is wrong: QGIS says it before the run and once, where it repeats what ends a run."""
        well, reason = super().checkParameterValues(parameters, context)
        if not well:
            return well, reason
        try:
            self._checked(parameters, context)
        except DtwinError as error:
            return False, error.text(tr)
        return True, ""

    def _load(
        self,
        chosen: list[Product],
        area: Area,
        target: Path,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> tuple[list[Outcome], Journal]:
        """Run a task for each product; what the journal has of an earlier, unfinished load is not asked again."""
        journal = Journal(files_of(target) / ".loading")
        if self.parameterAsBool(parameters, "fresh", context):
            journal.clear()
        size = parameters.get("cell_size")
        cell_size = None if size in (None, "") else self.parameterAsDouble(parameters, "cell_size", context)
        order = Order(area, cell_size, self.parameterAsString(parameters, "purpose", context))
        tasks = [task_of(item, order) for item in chosen]
        watch: Callable[..., None] | None = getattr(feedback, "on_source", None)
        board = Board(tasks, FeedbackProgress(feedback, 0.02, 0.95), watch)
        workers = self.parameterAsInt(parameters, "workers", context)
        return alongside(lambda: run_all(tasks, journal, board, workers, tr)), journal

    def _finish(
        self,
        chosen: list[Product],
        area: Area,
        outcomes: list[Outcome],
        journal: Journal,
        target: Path,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> dict[str, Any]:
        """Write what was loaded, tell what was not, and hand the layers over."""
        if any(outcome.status == CANCELLED for outcome in outcomes):
            raise _stopped(outcomes)
        failed = [outcome for outcome in outcomes if outcome.status == FAILED]
        for outcome in failed:
            feedback.pushWarning(f"{outcome.title}: {outcome.message}")
            feedback.pushDebugInfo(outcome.facts.get("traceback", ""))
        if len(failed) == len(outcomes):
            reasons = "\n".join(f"{outcome.title}: {outcome.message}" for outcome in failed)
            raise UnavailableError("Nothing could be loaded:\n{reasons}.", reasons=reasons.rstrip("."))
        try:
            written, loaded = assemble(chosen, outcomes, journal, target, FeedbackProgress(feedback, 0.95, 1.0))
        except Cancelled:
            raise _stopped(outcomes) from None
        if not failed:
            journal.clear()
        if self.parameterAsBool(parameters, "add_layers", context) and context.project() is not None:
            add_to_project(
                [*_own_layers(written, outcomes), *loaded], target, group_for(area, target, self._groups), context
            )
        result = {item.name: item.uri for item in (*loaded, *_own_layers(written, outcomes))}
        counts = {"loaded": len(outcomes) - len(failed), "failed": len(failed)}
        return {**result, **counts, LOG: f"{written}|layername={LOG}", "geopackage": str(written)}


def _stopped(outcomes: list[Outcome]) -> QgsProcessingException:
    """Return what ends a run that the user stopped."""
    ready = sum(outcome.has_result for outcome in outcomes)
    text = tr(
        plural(
            ready,
            "Stopped by the user; {count} source is ready and is not asked again when you load the same.",
            "Stopped by the user; {count} sources are ready and are not asked again when you load the same.",
        )
    )
    return QgsProcessingException(text.format(count=ready))


def _own_layers(written: Path, outcomes: list[Outcome]) -> list[Loaded]:
    """Return the layers and tables that tell of the load itself."""
    own = [Loaded(LOG, tr("Log of loading"), "table", f"{written}|layername={LOG}")]
    if any(outcome.facts.get("quality") for outcome in outcomes):
        own.append(Loaded(SUMMARY, tr("Quality of the data"), "table", f"{written}|layername={SUMMARY}"))
    if any(outcome.has_result and outcome.facts.get("findings") for outcome in outcomes):
        own.append(Loaded(QUALITY, tr("Quality findings"), "features", f"{written}|layername={QUALITY}"))
    return own


def _chosen(text: str) -> list[Product]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        return [item for item in offered().values() if item.default]
    return [product(name) for name in dict.fromkeys(names)]
