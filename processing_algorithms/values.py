"""Processing parameters to the values that a model gets, with a record of what was used."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qgis.core import NULL, QgsCoordinateReferenceSystem, QgsProcessingContext, QgsProcessingException

from dtwin_plugin.data import Extent
from dtwin_plugin.data.crs import RD
from dtwin_plugin.errors import InputError
from dtwin_plugin.layers import privacy, read
from dtwin_plugin.layers.source_facts import licence_of, used_part
from dtwin_plugin.models.base import Field, Model
from dtwin_plugin.translate import tr
from dtwin_plugin.twin import InputRecord
from dtwin_plugin.twin.privacy import strictest

if TYPE_CHECKING:
    from qgis.core import QgsMapLayer, QgsRectangle

    from .base import DtwinAlgorithm
    from .feedback import FeedbackProgress

_LAYERS = ("grid", "features", "table", "voxels")


class ValueReader:
    """Reads the values of a model from Processing parameters; layers are cut to the model's extent, if it has one."""

    def __init__(self, algorithm: DtwinAlgorithm, parameters: dict[str, Any], context: QgsProcessingContext) -> None:
        self._algorithm, self._parameters, self._context = algorithm, parameters, context
        self.inputs: list[InputRecord] = []
        self.plain: dict[str, Any] = {}
        self._frame = RD  # in which layers are read
        self._extent: Extent | None = None
        self._first: Extent | None = (
            None  # of the first raster: a series, which may be of the whole country, is cut to it
        )
        self.privacy: list[str] = []  # of the layers used: what is made of them is no more open than they are
        self.keep_until: list[str] = []
        self.defaults: list[str] = []  # parameters that have the default of this version

    @property
    def rights(self) -> list[str]:
        """Licences of the data that were read, each once: who uses a result must name them too."""
        return list(dict.fromkeys(item.licence for item in self.inputs if item.licence))

    def read(self, model: Model, progress: FeedbackProgress) -> dict[str, Any]:
        """Return a value for each input; raises DtwinError."""
        fields = sorted(model.inputs, key=lambda item: item.kind != "extent")  # the area first: it cuts the layers
        values: dict[str, Any] = {}
        if model.any_crs:
            self._frame = self._frame_of(model)
        for index, item in enumerate(fields):
            part = progress.part(0.1 * index / len(fields), 0.1 * (index + 1) / len(fields))
            values[item.name] = None if self._is_empty(item) else self._value(item, part)
            if item.kind == "extent":
                self._extent = values[item.name]
            if item.kind not in _LAYERS:
                self.plain[item.name] = _shown(values[item.name])
                if values[item.name] == item.default:
                    self.defaults.append(item.name)
        return values

    def _frame_of(self, model: Model) -> str:
        """Return in which system the layers of a model are read that takes any."""
        from dtwin_plugin.sources.frame import frame_of

        places: list[tuple[str | None, tuple[float, float, float, float]]] = []
        for item in model.inputs:
            given = None if self._is_empty(item) else (self._parameters, item.name, self._context)
            if given and item.kind == "grid" and (raster := self._algorithm.parameterAsRasterLayer(*given)):
                places.append((read.horizontal_name(raster.crs()), _bounds(raster.extent())))
            elif given and item.kind == "features" and (source := self._algorithm.parameterAsSource(*given)):
                places.append((read.horizontal_name(source.sourceCrs()), _bounds(source.sourceExtent())))
        return frame_of(places)

    def _is_empty(self, item: Field) -> bool:
        value = self._parameters.get(item.name)
        return item.optional and (value is None or value == "" or value == NULL)  # the last from a dialog, for a file

    def _value(self, item: Field, progress: FeedbackProgress) -> Any:
        return _READERS[item.kind](self, item, progress)

    def _grid(self, item: Field, progress: FeedbackProgress) -> Any:
        layer = self._algorithm.parameterAsRasterLayer(self._parameters, item.name, self._context)
        if layer is None:
            return self._missing(item)
        self._note(item, layer.source(), progress, layer)
        if item.series:
            return read.series_of(layer, self._extent or self._first, progress, self._frame)
        grid = read.grid_of(layer, self._extent, progress, self._frame)
        self._first = self._first or grid.extent
        return grid

    def _features(self, item: Field, progress: FeedbackProgress) -> Any:
        source = self._algorithm.parameterAsSource(self._parameters, item.name, self._context)
        if source is None:
            return self._missing(item)
        self._note_layer(item, progress)
        return read.features_of(source, item.geometry, self._extent, progress, item.title, self._frame)

    def _table(self, item: Field, progress: FeedbackProgress) -> Any:
        source = self._algorithm.parameterAsSource(self._parameters, item.name, self._context)
        if source is None:
            return self._missing(item)
        self._note_layer(item, progress)
        # a column with a unit holds numbers; one without may hold names
        return read.table_of(source, [name for name, unit in item.columns.items() if unit == "1"])

    def _voxels(self, item: Field, progress: FeedbackProgress) -> Any:
        from dtwin_plugin.layers.voxels import voxels_of

        source = self._algorithm.parameterAsSource(self._parameters, item.name, self._context)
        if source is None:
            return self._missing(item)
        self._note_layer(item, progress)
        layer = self._algorithm.source_layer(self._parameters, item.name, self._context)
        return voxels_of(source, self._extent, progress, layer)

    def _missing(self, item: Field) -> None:
        raise QgsProcessingException(self._algorithm.invalidSourceError(self._parameters, item.name))

    def _extent_crs(self, item: Field) -> QgsCoordinateReferenceSystem:
        crs = self._algorithm.parameterAsExtentCrs(self._parameters, item.name, self._context)
        return crs if crs.isValid() else QgsCoordinateReferenceSystem(RD)

    def _area(self, item: Field, _: FeedbackProgress) -> Extent:
        if self._frame != RD:
            own = QgsCoordinateReferenceSystem(self._frame)
            return Extent(*_bounds(self._rectangle(item, own)), self._frame)
        return read.extent_of(self._rectangle(item), self._extent_crs(item))

    def _rectangle(self, item: Field, *crs: QgsCoordinateReferenceSystem) -> QgsRectangle:
        found = self._algorithm.parameterAsExtent(self._parameters, item.name, self._context, *crs)
        if found.isNull():  # of a text that is no area, and of a layer without features
            raise InputError(
                "{field} is {found}, which is no area.",
                hint="Give a layer with features, or x min, x max, y min and y max.",
                field=tr(item.title),
                found=str(self._parameters[item.name])[:60],
            )
        return found

    def _expect_readable(self, item: Field) -> None:
        from .wrong_values import expect_readable

        expect_readable(self._algorithm.parameterDefinition(item.name), self._parameters.get(item.name), self._context)

    def _number(self, item: Field, _: FeedbackProgress) -> float:
        self._expect_readable(item)
        return self._algorithm.parameterAsDouble(self._parameters, item.name, self._context)

    def _integer(self, item: Field, _: FeedbackProgress) -> int:
        self._expect_readable(item)
        return self._algorithm.parameterAsInt(self._parameters, item.name, self._context)

    def _boolean(self, item: Field, _: FeedbackProgress) -> bool:
        return self._algorithm.parameterAsBool(self._parameters, item.name, self._context)

    def _choice(self, item: Field, _: FeedbackProgress) -> str:
        given = self._parameters.get(item.name)
        if isinstance(given, str) and given.strip() and not given.strip().isdigit():
            if given.strip() in item.choices:  # by its key, as files that people write have it
                return given.strip()
            raise InputError(  # Processing would take the default without a word
                "{field} is {found}; expected one of {known}, or its number from 0.",
                field=tr(item.title),
                found=given[:60],
                known=", ".join(item.choices),
            )
        self._expect_readable(item)
        return list(item.choices)[self._algorithm.parameterAsEnum(self._parameters, item.name, self._context)]

    def _datetime(self, item: Field, _: FeedbackProgress) -> datetime | None:
        self._expect_readable(item)
        moment = self._algorithm.parameterAsDateTime(self._parameters, item.name, self._context)
        if not moment.isValid():
            return None
        day, clock = moment.date(), moment.time()
        return datetime(day.year(), day.month(), day.day(), clock.hour(), clock.minute(), clock.second())

    def _file(self, item: Field, progress: FeedbackProgress) -> Path:
        text = self._algorithm.parameterAsFile(self._parameters, item.name, self._context)
        self._note(item, text, progress)
        return Path(text)

    def _text(self, item: Field, _: FeedbackProgress) -> str:
        return self._algorithm.parameterAsString(self._parameters, item.name, self._context)

    def _note_layer(self, item: Field, progress: FeedbackProgress) -> None:
        found = self._algorithm.source_layer(self._parameters, item.name, self._context)
        self._note(item, found.source() if found else str(self._parameters[item.name]), progress, found)

    def _note(self, item: Field, source: str, progress: FeedbackProgress, layer: QgsMapLayer | None = None) -> None:
        """Keep what was used: the file with its checksum, whose it is, and how open."""
        path = read.file_behind(source)
        said, licence = privacy.declared_of(path)
        level = privacy.level_of(layer) if layer is not None else privacy.level_beside(path)
        level = strictest([said, level])
        until = privacy.keep_until_of(layer) if layer is not None else privacy.keep_until_beside(path)
        self.privacy.append(level)
        self.keep_until.append(until)
        more = {
            "layer": source if path is not None and source != str(path) else "",
            "part": used_part(self._parameters.get(item.name), layer),
            "licence": licence or (licence_of(layer) if layer is not None else ""),
            "privacy": level,
        }
        if path is None:
            self.inputs.append(InputRecord(item.name, source, **more))
        else:
            self.inputs.append(InputRecord.of_file(item.name, path, progress.is_cancelled, **more))


def _bounds(box: QgsRectangle) -> tuple[float, float, float, float]:
    return box.xMinimum(), box.yMinimum(), box.xMaximum(), box.yMaximum()


def _shown(value: Any) -> Any:
    return list(value.bounds) if isinstance(value, Extent) else value


_READERS = {
    "grid": ValueReader._grid,
    "features": ValueReader._features,
    "extent": ValueReader._area,
    "number": ValueReader._number,
    "integer": ValueReader._integer,
    "boolean": ValueReader._boolean,
    "choice": ValueReader._choice,
    "datetime": ValueReader._datetime,
    "table": ValueReader._table,
    "file": ValueReader._file,
    "text": ValueReader._text,
    "voxels": ValueReader._voxels,
}
