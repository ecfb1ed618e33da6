"""A load: a task for each product, and what they made into the project."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qgis.core import QgsProcessingAlgorithm, QgsProcessingContext, QgsProcessingException, QgsProcessingFeedback

from dtwin_plugin.errors import Cancelled, InputError, UnavailableError
from dtwin_plugin.layers.main_thread import alongside
from dtwin_plugin.layers.network import offline
from dtwin_plugin.translate import plural, tr
from dtwin_plugin.twin.jobs import CANCELLED, FAILED, Board, Journal, Outcome, run_all

from ..feedback import FeedbackProgress
from .area import chosen_area
from .assemble import Loaded, assemble
from .groups import Group, group_for
from .offers import LOG, QUALITY, SUMMARY
from .project import add_to_project
from .target import files_of
from .tasks import Order, task_of

if TYPE_CHECKING:
    from dtwin_plugin.catalogue.products import Product
    from dtwin_plugin.data.area import Area

_MAX_AREA = 400e6  # m2: what a laptop can hold of most sources


def load(
    algorithm: QgsProcessingAlgorithm,
    chosen: list[Product],
    target: Path,
    groups: list[Group],
    parameters: dict[str, Any],
    context: QgsProcessingContext,
    feedback: QgsProcessingFeedback,
) -> dict[str, Any]:
    """Load products, write them to the target and return the outputs of the algorithm.

    Parameters
    ----------
    groups : list of Group
        Of earlier loads in the project.

    Raises
    ------
    DtwinError
        If the area is none or too large, or nothing could be loaded.
    """
    with offline(algorithm.parameterAsBool(parameters, "offline", context)):
        area = chosen_area(algorithm, parameters, context, FeedbackProgress(feedback, 0, 0.02))
        if area.extent.area > _MAX_AREA:
            raise InputError(
                "The area is {size:.0f} km2; at most {limit:.0f} km2 are loaded at once.",
                hint="Choose a smaller area, or load it in parts.",
                size=area.extent.area / 1e6,
                limit=_MAX_AREA / 1e6,
            )
        outcomes, journal = _run(algorithm, chosen, area, target, parameters, context, feedback)
    written, loaded = _written(chosen, outcomes, journal, target, feedback)
    layers = [*_own_layers(written, outcomes), *loaded]
    if algorithm.parameterAsBool(parameters, "add_layers", context) and context.project() is not None:
        add_to_project(layers, target, group_for(area, target, groups), context)
    failed = sum(outcome.status == FAILED for outcome in outcomes)
    counts = {"loaded": len(outcomes) - failed, "failed": failed}
    return {
        **{item.name: item.uri for item in layers},
        **counts,
        LOG: f"{written}|layername={LOG}",
        "geopackage": str(written),
    }


def _run(
    algorithm: QgsProcessingAlgorithm,
    chosen: list[Product],
    area: Area,
    target: Path,
    parameters: dict[str, Any],
    context: QgsProcessingContext,
    feedback: QgsProcessingFeedback,
) -> tuple[list[Outcome], Journal]:
    """Run a task for each product; what the journal has of an earlier, unfinished load is not asked again."""
    journal = Journal(files_of(target) / ".loading")
    if algorithm.parameterAsBool(parameters, "fresh", context):
        journal.clear()
    size = parameters.get("cell_size")
    cell_size = None if size in (None, "") else algorithm.parameterAsDouble(parameters, "cell_size", context)
    order = Order(area, cell_size, algorithm.parameterAsString(parameters, "purpose", context))
    tasks = [task_of(item, order) for item in chosen]
    watch: Callable[..., None] | None = getattr(feedback, "on_source", None)
    board = Board(tasks, FeedbackProgress(feedback, 0.02, 0.95), watch)
    workers = algorithm.parameterAsInt(parameters, "workers", context)
    return alongside(lambda: run_all(tasks, journal, board, workers, tr)), journal


def _written(
    chosen: list[Product], outcomes: list[Outcome], journal: Journal, target: Path, feedback: QgsProcessingFeedback
) -> tuple[Path, list[Loaded]]:
    """Write what was loaded, and tell what was not; return the file and its layers."""
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
        found = assemble(chosen, outcomes, journal, target, FeedbackProgress(feedback, 0.95, 1.0))
    except Cancelled:
        raise _stopped(outcomes) from None
    if not failed:
        journal.clear()
    return found


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
