"""The viewpoints of a project as 3D pictures and films, without a user."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qgis.core import (
    Qgis,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFile,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterFolderDestination,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
    QgsProject,
)

from dtwin_plugin.errors import Cancelled, InputError
from dtwin_plugin.translate import mark, tr

from ..base import DtwinAlgorithm
from ..feedback import FeedbackProgress
from .confidential import CONFIDENTIAL, confidential_parameter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qgis.core import QgsRectangle
    from qgis.PyQt.QtGui import QImage

    from dtwin_plugin.twin.story import Shot
    from dtwin_plugin.twin.viewpoints import Viewpoint

PICTURES, WALK, AROUND, THROUGH = range(4)
_KINDS = (
    mark("A picture of each viewpoint"),
    mark("A walk along the viewpoints"),
    mark("A turn around each viewpoint"),
    mark("Each viewpoint through time"),
)
_NUMBERS = (
    ("count", mark("Pictures"), 24, 2, 1000, mark("Of a turn, and at most of what goes through time.")),
    ("rate", mark("Pictures a second"), 4, 1, 30, mark("In a film. Each picture takes some seconds to make.")),
    ("width", mark("Width [px]"), 1600, 100, 8000, mark("Width of the picture in pixels.")),
    ("height", mark("Height [px]"), 900, 100, 8000, mark("Height of the picture in pixels.")),
)  # fmt: skip
_Kinds = QgsProcessingParameterNumber.Type


class Render3d(DtwinAlgorithm):
    """The viewpoints of a project to pictures, and a film of them."""

    ID, TITLE, GROUP = "render3d", "Viewpoints to 3D pictures", "Export"
    SUMMARY = (
        "Pictures and a film of the viewpoints that were kept in a project with the 3D view, with their layers, time, "
        "ground, results, pit and section. Needs a display; a virtual one will do."
    )

    def flags(self) -> Qgis.ProcessingAlgorithmFlags:
        return super().flags() | Qgis.ProcessingAlgorithmFlag.NoThreading  # OpenGL wants the main thread

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        project = QgsProcessingParameterFile("project", tr("Project"), extension="qgz")
        project.setHelp(tr("In which the viewpoints were kept."))
        viewpoints = QgsProcessingParameterString("viewpoints", tr("Viewpoints"), None, True, True)
        viewpoints.setHelp(tr("Their names, one a line, in the order in which they are wanted; default all of them."))
        kind = QgsProcessingParameterEnum("kind", tr("What to make"), [tr(text) for text in _KINDS], False, PICTURES)
        kind.setHelp(tr("A walk flies from each viewpoint to the next, in the times that were kept with them."))
        self._add(project, viewpoints, kind)
        for name, title, default, low, high, text in _NUMBERS:
            number = QgsProcessingParameterNumber(name, tr(title), _Kinds.Integer, default, False, low, high)
            number.setHelp(tr(text))
            self._add(number)
        stretch = QgsProcessingParameterNumber(
            "exaggeration", tr("Vertical exaggeration"), _Kinds.Double, 1.0, False, 0.1, 100
        )
        stretch.setHelp(tr("All heights times this: layers of the ground are thin for their width."))
        stretch.setFlags(stretch.flags() | QgsProcessingParameterDefinition.Flag.FlagAdvanced)
        folder = QgsProcessingParameterFolderDestination("folder", tr("Folder of the pictures"), None, True)
        folder.setHelp(tr("Each picture as PNG, numbered, with the name of its viewpoint."))
        film = QgsProcessingParameterFileDestination("film", tr("Film"), "GIF (*.gif);;MP4 (*.mp4)", None, True, False)
        film.setHelp(tr("The pictures as a film. A GIF always; an MP4 where the program ffmpeg is on the path."))
        self._add(stretch, confidential_parameter(), folder, film)
        self.addOutput(QgsProcessingOutputNumber("made", tr("Pictures made")))

    def _add(self, *definitions: QgsProcessingParameterDefinition) -> None:
        for definition in definitions:
            self.addParameter(definition)

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        from dtwin_plugin.layers.film import expect_writable, write_film  # at first use: QGIS starts without it
        from dtwin_plugin.layers.studio3d import Studio

        from .open3d import project_in_3d

        progress = FeedbackProgress(feedback)
        folder = self.parameterAsString(parameters, "folder", context) if parameters.get("folder") else ""
        film = self.parameterAsFileOutput(parameters, "film", context) if parameters.get("film") else ""
        if not folder and not film:
            raise InputError("Neither a folder nor a film was chosen.", hint="Choose where the pictures go.")
        if film:
            expect_writable(Path(film))
        source = Path(self.parameterAsFile(parameters, "project", context))
        project = project_in_3d(source, self.parameterAsBool(parameters, CONFIDENTIAL, context), progress)
        size = tuple(self.parameterAsInt(parameters, name, context) for name in ("width", "height"))
        with tempfile.TemporaryDirectory(prefix="dtwin-ground-", ignore_cleanup_errors=True) as grounds:
            stretch = self.parameterAsDouble(parameters, "exaggeration", context)
            studio = Studio(project, Path(grounds), progress.warn, stretch)
            scenes = self._scenes(parameters, context, project, source.name, studio, progress)
            made = _Maker(studio, scenes, size, Path(folder) if folder else None, progress)
            try:
                write_film(Path(film), made.frames()) if film else made.all()
            finally:
                studio.close()
                project.clear()  # layers must be gone before the folder is
        return {"folder": folder, "film": film, "made": made.count}

    def _scenes(
        self,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        project: QgsProject,
        file: str,
        studio: Any,
        progress: FeedbackProgress,
    ) -> list[list[Shot]]:
        """Return the pictures to make, together those of one part of the map."""
        from dtwin_plugin.twin.story import Shot, around, through, walk

        wanted = self.parameterAsString(parameters, "viewpoints", context) if parameters.get("viewpoints") else ""
        viewpoints = _chosen(project, wanted, file)
        kind = self.parameterAsEnum(parameters, "kind", context)
        count, rate = (self.parameterAsInt(parameters, name, context) for name in ("count", "rate"))
        if kind == WALK:
            return [walk(viewpoints, rate)]
        if kind == AROUND:
            return [around(viewpoint, count, rate) for viewpoint in viewpoints]
        if kind == PICTURES:
            return [[Shot(viewpoint, max(viewpoint.stay, 1 / rate))] for viewpoint in viewpoints]
        scenes = []
        for viewpoint in viewpoints:
            moments = studio.moments(viewpoint)
            if moments is None:
                progress.warn("Nothing that “{viewpoint}” shows changes through time.", viewpoint=viewpoint.name)
            else:
                scenes.append(through(viewpoint, moments, count, rate))
        if not scenes:
            raise InputError(
                "No layer that the viewpoints show changes through time.",
                hint="Keep a viewpoint with such a layer, as the water through time of a flood.",
            )
        return scenes


def _chosen(project: QgsProject, wanted: str, file: str) -> list[Viewpoint]:
    """Return the viewpoints of the given names, one a line; all where there are none."""
    from dtwin_plugin.layers.viewpoints import kept_viewpoints

    kept = {viewpoint.name: viewpoint for viewpoint in kept_viewpoints(project)}
    if not kept:
        raise InputError(
            "{file} keeps no viewpoints.", hint="Keep some in the panel “3D view”, and save the project.", file=file
        )
    names = [line.strip() for line in wanted.splitlines() if line.strip()]
    for name in names:
        if name not in kept:
            raise InputError(
                "{file} keeps no viewpoint “{name}”.", hint="It keeps: {kept}.", file=file, name=name,
                kept=", ".join(kept),
            )  # fmt: skip
    return [kept[name] for name in names] if names else list(kept.values())


class _Maker:
    """Makes pictures one after the other, and writes them where a folder is wanted."""

    def __init__(
        self,
        studio: Any,
        scenes: list[list[Shot]],
        size: tuple[int, ...],
        folder: Path | None,
        progress: FeedbackProgress,
    ) -> None:
        self._studio, self._scenes, self._size, self._folder, self._progress = studio, scenes, size, folder, progress
        self.count = 0

    def all(self) -> None:
        for _ in self.frames():
            pass

    def frames(self) -> Iterator[tuple[QImage, float]]:
        from dtwin_plugin.layers.scene3d import write_png
        from dtwin_plugin.layers.studio3d import extent_around

        total = sum(map(len, self._scenes))
        if self._folder is not None:
            self._folder.mkdir(parents=True, exist_ok=True)
        for shots in self._scenes:
            extent: QgsRectangle = extent_around([shot.viewpoint for shot in shots])
            for viewpoint, seconds in shots:
                if self._progress.is_cancelled():
                    raise Cancelled
                self._progress.report(
                    self.count / total, "Picture {number} of {total}", number=self.count + 1, total=total
                )
                image = self._studio.picture(viewpoint, extent, *self._size)
                self.count += 1
                if self._folder is not None:
                    name = re.sub(r"[^\w-]+", "_", viewpoint.name).strip("_") or "viewpoint"
                    write_png(image, self._folder / f"{self.count:04d}_{name}.png")
                yield image, seconds
        self._progress.report(1.0)
