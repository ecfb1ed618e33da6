"""From what the model of a shadow study made to its pictures and its report."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from qgis.core import QgsMapLayer, QgsProcessingContext, QgsRasterLayer, QgsRectangle, QgsVectorLayer
from qgis.PyQt.QtGui import QImage

from dtwin_plugin.data import Grid
from dtwin_plugin.data.atomic import written_beside
from dtwin_plugin.errors import Cancelled
from dtwin_plugin.layers import finish, map_pictures, privacy
from dtwin_plugin.layers.opengl import opengl_fault
from dtwin_plugin.layers.pages import EDGE, GAP, PAPERS
from dtwin_plugin.layers.section_sheet import confidential_line
from dtwin_plugin.layers.study_pictures import Scenery, moment_maps, moment_scenes
from dtwin_plugin.layers.study_sheet import Study, cell_of, make_pages
from dtwin_plugin.layers.styles_sun import sun_buildings, sun_change, sun_points
from dtwin_plugin.layers.write import write_features
from dtwin_plugin.models.sunlight.facade_model import FACADE_SUN
from dtwin_plugin.models.sunlight.fields import place_of
from dtwin_plugin.models.sunlight.study_model import NEW
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources.raster_write import write_cog
from dtwin_plugin.translate import mark, tr

from ..feedback import FeedbackProgress
from .shadow_study import EVERY, LAYERS, NONE, PAPER, SCENES, TITLE
from .shadow_study import PAPERS as CHOICES

if TYPE_CHECKING:
    from dtwin_plugin.twin import RunRecord

    from .shadow_study import ShadowStudyAlgorithm

_LOW = 10.0  # degrees: below, shadows are so long that a map of them shows nothing else
_MARGIN = 0.15
_PALE = 0.55  # opacity of the base map: shadow must stand out
_MAP, _SCENE = mark("Map {number} of {total}"), mark("3D picture {number} of {total}")
_SIDE = 62.0  # mm, of the legend beside the map of hours


class Output:
    """The pictures and the report of one run.

    Parameters
    ----------
    folder : Path
        For pictures and layers, until the report is made.
    """

    def __init__(
        self,
        algorithm: ShadowStudyAlgorithm,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        folder: Path,
        progress: FeedbackProgress,
    ) -> None:
        self._algorithm, self._parameters, self._context = algorithm, parameters, context
        self._folder, self._progress = folder, progress
        self._paper = CHOICES[algorithm.parameterAsEnum(parameters, PAPER, context)]
        self._study: Study | None = None
        self._names: dict[Path, str] = {}
        self._written: list[Path] = []

    def draw(self, made: dict[str, Any], record: RunRecord) -> None:
        """Make the pictures; raises Cancelled, ModelError."""
        model = self._algorithm.model
        scenery = self._scenery(made)
        norm = record.parameters["norm"]
        study = Study(
            made,
            record,
            self._algorithm.parameterAsString(self._parameters, TITLE, self._context),
            tr(FACADE_SUN.input("norm").choices.get(norm, norm)),
            tr(model.validity),
            confidential=confidential_line(record.privacy, record.keep_until),
            inputs={item.name: item for item in model.inputs},
            has_crowns=bool(self._parameters.get("crowns")),
        )
        self._maps(study, scenery)
        self._overviews(study, scenery, made["lost"])
        if "points" in made:
            self._facades(study, scenery, made)
        self._scenes(study, scenery, place_of(made["light_after"]).convergence)
        record.warnings = self._progress.warnings
        self._study = study

    def _scenery(self, made: dict[str, Any]) -> Scenery:
        paths = {}
        for name in ("light_before", "light_after"):
            paths[name] = self._folder / f"{name}.tif"
            write_cog(made[name], paths[name])
        layers = self._algorithm.parameterAsLayerList(self._parameters, LAYERS, self._context)
        base = []
        for layer in privacy.public_only(layers or [], self._progress.warn):
            base.append(layer.clone())
            finish.load_sidecars(base[-1])
            base[-1].setOpacity(_PALE)
        return Scenery(
            paths["light_before"],
            paths["light_after"],
            self._vector("plan"),
            _rectangle(made["light_after"]),
            _wanted(made),
            self._vector("buildings"),
            self._raster("terrain") or self._raster("surface"),
            base,
            self._blocks(made),
        )

    def _blocks(self, made: dict[str, Any]) -> QgsVectorLayer | None:
        """Return the layer of a plan that was drawn on the map as it stands in space; None for another."""
        if "blocks" not in made:
            return None
        path = self._folder / "blocks.gpkg"
        write_features(made["blocks"], path, "blocks", Silent())
        return QgsVectorLayer(str(path), "blocks")

    def _vector(self, name: str) -> Any:
        given = self._parameters.get(name)
        return self._algorithm.source_layer(self._parameters, name, self._context) if given else None

    def _raster(self, name: str) -> QgsRasterLayer | None:
        given = self._parameters.get(name)
        return self._algorithm.parameterAsRasterLayer(self._parameters, name, self._context) if given else None

    def _maps(self, study: Study, scenery: Scenery) -> None:
        width, height = cell_of(*PAPERS[self._paper])
        study.scale = map_pictures.within(scenery.wanted, scenery.extent, width / height).width() / width
        total = len(study.moments)

        def keep(number: int, later: bool, picture: QImage) -> None:
            self._go_on(0.4 * (number + later / 2) / total, _MAP, number, total)
            name = f"{_stamp(study, number)}_{'after' if later else 'before'}"
            study.maps[number, later] = self._kept(picture, name)

        moment_maps(scenery, total, width, height, keep)

    def _overviews(self, study: Study, scenery: Scenery, lost: Grid) -> None:
        """Make the map of the plan for the cover, and that of the hours lost."""
        below, plan = scenery.below(), scenery.over(True)
        width, height = PAPERS[self._paper]
        place = ((width - 2 * EDGE) * 0.5 - 8, height - 2 * EDGE - 9 - 14)
        extent = map_pictures.within(scenery.extent, scenery.extent, place[0] / place[1])
        study.overview = self._kept(map_pictures.map_picture([*plan, *below], extent, *place), "plan")
        path = self._folder / "lost.tif"
        write_cog(lost, path)
        change = QgsRasterLayer(str(path), "change")
        sun_change(change)
        place = self._beside_legend()
        extent = map_pictures.within(scenery.extent, scenery.extent, place[0] / place[1])
        study.change_scale = extent.width() / place[0]
        shown: list[QgsMapLayer] = [*plan, change, *below]
        study.change = self._kept(map_pictures.map_picture(shown, extent, *place), "hours_lost")

    def _beside_legend(self) -> tuple[float, float]:
        """Return width and height of a map with its legend beside it, on a page with a title [mm]."""
        width, height = PAPERS[self._paper]
        return width - 2 * EDGE - _SIDE - GAP, height - 2 * EDGE - 9 - 18

    def _facades(self, study: Study, scenery: Scenery, made: dict[str, Any]) -> None:
        """Make the map of the facades that were tested."""
        shown: list[QgsMapLayer] = []
        for name, style in (("points", sun_points), ("tested", sun_buildings)):
            path = self._folder / f"{name}.gpkg"
            write_features(made[name], path, name, Silent())
            layer = QgsVectorLayer(f"{path}|layername={name}", name, "ogr")
            style(layer)
            shown.append(layer)
        place = self._beside_legend()
        extent = map_pictures.within(scenery.wanted, scenery.extent, place[0] / place[1])
        layers = [*scenery.over(True), *shown, *scenery.below()]
        study.facades = self._kept(map_pictures.map_picture(layers, extent, *place), "facades")

    def _scenes(self, study: Study, scenery: Scenery, convergence: float) -> None:
        chosen = self._chosen(study)
        if chosen and opengl_fault():
            self._progress.warn("There is no display with OpenGL: the report has no pictures in 3D.")
            return
        total, moments = len(chosen), study.moments
        sun = {i: (moments[i]["azimuth"] - convergence, moments[i]["elevation"]) for i in chosen}

        def keep(number: int, picture: QImage) -> None:
            self._go_on(0.4 + 0.5 * number / total, _SCENE, number, total)
            study.scenes[chosen[number]] = self._kept(picture, f"{_stamp(study, chosen[number])}_3d")

        if chosen:
            moment_scenes(scenery, sun, keep)

    def _chosen(self, study: Study) -> list[int]:
        """Return the numbers of the moments that are wanted in 3D."""
        wanted = self._algorithm.parameterAsEnum(self._parameters, SCENES, self._context)
        if wanted == NONE:
            return []
        if wanted == EVERY:
            return list(range(len(study.moments)))
        days: dict[str, list[int]] = {}
        for number, row in enumerate(study.moments):
            days.setdefault(row["time"][:10], []).append(number)
        return [numbers[len(numbers) // 2] for numbers in days.values()]

    def _go_on(self, share: float, message: str, number: int, total: int) -> None:
        if self._progress.is_cancelled():
            raise Cancelled
        self._progress.report(share, message, number=number + 1, total=total)

    def _kept(self, picture: QImage, name: str) -> Path:
        path = map_pictures.keep_picture(picture, self._folder / f"{name}.png")
        self._names[path] = path.name
        return path

    def keep(self, made: dict[str, Any], record: RunRecord, report: str, folder: str) -> None:
        """Write the report and the pictures where they were asked for; "" where they were not."""
        assert self._study is not None
        if report:
            pages = make_pages(self._study, self._paper, self._told)
            pages.save(Path(report))
            self._written.append(Path(report))
        if folder:
            for picture in self._names:
                target = Path(folder) / picture.name
                with written_beside(target) as temporary:
                    shutil.copyfile(picture, temporary)
                self._written.append(target)

    def _told(self, share: float) -> None:
        if self._progress.is_cancelled():
            raise Cancelled
        self._progress.report(0.9 + 0.1 * share, "Report")

    def remove(self) -> None:
        """Take away what was written."""
        for path in self._written:
            path.unlink(missing_ok=True)


def _stamp(study: Study, number: int) -> str:
    """Return the day and time of a moment for the name of a file: 2026-03-21_0900."""
    return study.moments[number]["time"].replace("T", "_").replace(":", "")


def _wanted(made: dict[str, Any]) -> QgsRectangle:
    """Return the rectangle of the new shadow with a margin, of the moments with the sun not low; all where none is."""
    grid = made["light_after"]
    high = [number for number, height in enumerate(made["moments"]["elevation"]) if height >= _LOW]
    new = (grid.values[high] == NEW).any(axis=0)
    if not new.any():
        return _rectangle(grid)
    rows, columns = np.flatnonzero(new.any(axis=1)), np.flatnonzero(new.any(axis=0))
    cell = grid.cell_size
    box = QgsRectangle(
        grid.x_min + columns[0] * cell, grid.y_max - (rows[-1] + 1) * cell,
        grid.x_min + (columns[-1] + 1) * cell, grid.y_max - rows[0] * cell,
    )  # fmt: skip
    box.grow(_MARGIN * max(box.width(), box.height()))
    return box


def _rectangle(grid: Grid) -> QgsRectangle:
    return QgsRectangle(*grid.extent.bounds)
