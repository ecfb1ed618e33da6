"""The algorithm that loads everything that is ticked for one area, several sources at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputFile,
    QgsProcessingOutputNumber,
    QgsProcessingOutputPointCloudLayer,
    QgsProcessingOutputRasterLayer,
    QgsProcessingOutputVectorLayer,
    QgsProcessingParameterFileDestination,
    QgsStyle,
)

from dtwin_plugin.catalogue.products import product
from dtwin_plugin.errors import DtwinError
from dtwin_plugin.models.base import Field
from dtwin_plugin.translate import mark, tr

from ..base import DtwinAlgorithm
from ..parameters import input_parameter
from .area import AREA_FIELDS, expect_area
from .offers import LOG, QUALITY, SUMMARY, layer_outputs, offered, output_name

if TYPE_CHECKING:
    from pathlib import Path

    from dtwin_plugin.catalogue.products import Product

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

    ID, TITLE, GROUP = "loadarea", "Load area", "Sources"
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
        from dtwin_plugin.layers import styles3d

        from .groups import groups_of

        # QGIS makes its library of styles at first use, and ends if that is in a thread of a task
        QgsStyle.defaultStyle()
        styles3d.initialise()  # without it a style loses its 3D part when it is copied
        self._groups = groups_of(context.project())  # the tree of layers belongs to the main thread
        return True

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        from .load import load  # with all that loads; QGIS starts without it

        target, chosen = self._checked(parameters, context)
        return load(self, chosen, target, self._groups, parameters, context, feedback)

    def _checked(self, parameters: dict[str, Any], context: QgsProcessingContext) -> tuple[Path, list[Product]]:
        """Return the file and the products, after all that can be wrong without asking a service."""
        from .target import check_target, target_of

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


def _chosen(text: str) -> list[Product]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        return [item for item in offered().values() if item.default]
    return [product(name) for name in dict.fromkeys(names)]
