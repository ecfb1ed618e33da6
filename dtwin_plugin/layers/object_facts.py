"""What is known of one object: its attributes, what models found of it in other layers, and where it comes from."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from qgis.core import (
    NULL,
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsFeatureRequest,
    QgsMapLayer,
    QgsProject,
    QgsVectorLayer,
)

from dtwin_plugin.translate import language, tr
from dtwin_plugin.twin.report import number

from .legend3d import SURFACE_WORDS
from .source_facts import Run, run_of, source_rows

# Fields by which layers name the same object; a BAG id is its 16 digits, whatever stands around them.
# "building" is what results at façades and roofs call it.
_NAMES = ("identificatie", "identificatie_bag_pnd", "bag_id", "pand_id", "building", "parent", "object_id", "id")
_BAG = re.compile(r"(?<!\d)\d{16}(?!\d)")
_CLASSES = ("surface", "class_name")  # fields whose values the plugin itself writes, in English
_MOST = 5  # rows of another layer that are shown for one object; of more the nearest, and what all range over
_ALL = 20_000  # rows that are looked at
_TEXTS = 4  # different texts of many rows that are told
AT_HAND = ("ogr", "memory", "spatialite", "delimitedtext", "postgres")  # who answers at once; a server may not
# Digits 5 and 6 of a BAG id, and the collection of the national service with such objects.
_COLLECTIONS = {
    "10": "pand", "01": "verblijfsobject", "02": "ligplaats", "03": "standplaats", "20": "nummeraanduiding",
    "30": "openbare_ruimte",
}  # fmt: skip
_SERVICE = "https://api.pdok.nl/kadaster/bag/ogc/v2/collections/{collection}/items?f=html&identificatie={bag}"


@dataclass(frozen=True)
class Facts:
    """One group of facts: a title, and labels with values."""

    title: str
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Spot:
    """A place that was pointed at: x, y, z [m] in a CRS."""

    place: tuple[float, float, float]
    crs: QgsCoordinateReferenceSystem


def facts_of(
    layer: QgsVectorLayer, identifier: int, others: Iterable[QgsMapLayer], spot: Spot | None = None
) -> list[Facts]:
    """Return the facts of a feature, then those of the same object in other layers by model, then the source.

    Parameters
    ----------
    identifier : int
        Id of the feature.
    others : iterable of QgsMapLayer
        Layers to look in too, seen or not; of those only what the first does not say is told.
    spot : Spot, optional
        Where one points at: of a layer with many rows for the object, such as one for each window, the nearest is told.
    """
    feature = layer.getFeature(identifier)
    if not feature.isValid():
        return []
    return _all_of(layer, tuple(_rows(layer, feature)), bag_id(layer, feature), others, spot)


def facts_of_row(
    layer: QgsMapLayer, row: Mapping[str, Any], others: Iterable[QgsMapLayer], spot: Spot | None = None
) -> list[Facts]:
    """Return the facts of an object that is no feature, such as one in 3D Tiles, as `facts_of` does."""
    rows = tuple((name, value_text(value)) for name, value in row.items() if value_text(value))
    return _all_of(layer, rows, bag_in([row.get(name) for name in _NAMES]), others, spot)


def _all_of(
    layer: QgsMapLayer,
    rows: tuple[tuple[str, str], ...],
    bag: str,
    others: Iterable[QgsMapLayer],
    spot: Spot | None,
) -> list[Facts]:
    groups = [Facts(layer.name(), rows)]
    own, results = dict(rows), []
    for other in others if bag else ():
        if isinstance(other, QgsVectorLayer) and other.id() != layer.id() and other.providerType() in AT_HAND:
            run = run_of(other)
            for which, told in _told_by(other, bag, spot):
                more = tuple((label, value) for label, value in told if own.get(label) != value)
                if more:
                    title = _titled(other, run)
                    results.append(((run.model == "", run, title), Facts(title + which, more)))
    groups += [facts for _, facts in sorted(results, key=lambda item: item[0])]
    source = list(source_rows(layer))
    if bag[4:6] in _COLLECTIONS:
        source.append((tr("In the BAG"), _SERVICE.format(collection=_COLLECTIONS[bag[4:6]], bag=bag)))
    return [*groups, Facts(tr("Where it comes from"), tuple(source))] if source else groups


def _titled(layer: QgsMapLayer, run: Run) -> str:
    return f"{layer.name()} ({run.model}, {run.started})" if run.model else layer.name()


def bag_fields(layer: QgsVectorLayer) -> list[str]:
    """Return the names of the fields of a layer that may hold the number of a building in the BAG."""
    return [name for name in _NAMES if layer.fields().lookupField(name) >= 0]


def bag_id(layer: QgsVectorLayer, feature: QgsFeature) -> str:
    """Return the 16 digits of the BAG that name an object; empty where none do."""
    indices = [layer.fields().lookupField(name) for name in _NAMES]
    return bag_in([feature[index] for index in indices if index >= 0])


def bag_in(values: list[Any]) -> str:
    """Return the first number of the BAG in some values; empty where there is none."""
    return next((found[0] for found in map(_BAG.search, map(str, values)) if found), "")


def _told_by(layer: QgsVectorLayer, bag: str, spot: Spot | None) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Yield what a layer has of an object, with what its title says of that: of many rows the nearest, then all."""
    found = _same(layer, bag, spot)
    if len(found) <= _MOST:
        yield from (("", _rows(layer, feature)) for feature in found)
        return
    if spot is not None and layer.isSpatial():
        nearest = min(found, key=lambda feature: _away(feature, spot.place))
        yield ": " + tr("the nearest of {count}").format(count=len(found)), _rows(layer, nearest)
    text = tr("all {count}") if len(found) < _ALL else tr("the first {count}")
    yield ": " + text.format(count=len(found)), _in_short(layer, found)


def _same(layer: QgsVectorLayer, bag: str, spot: Spot | None) -> list[QgsFeature]:
    names = bag_fields(layer)
    if not names:
        return []
    same = " OR ".join(f"\"{name}\" LIKE '%{bag}%'" for name in names)
    request = QgsFeatureRequest().setFilterExpression(same).setLimit(_ALL)
    if spot is None:
        request.setFlags(QgsFeatureRequest.Flag.NoGeometry)
    elif layer.crs().isValid() and layer.crs() != spot.crs:
        request.setDestinationCrs(spot.crs, QgsProject.instance().transformContext())
    unique: dict[tuple[str, ...], QgsFeature] = {}
    for feature in layer.getFeatures(request):
        unique.setdefault(tuple(str(value) for value in feature.attributes()), feature)
    return list(unique.values())


def _away(feature: QgsFeature, place: tuple[float, float, float]) -> float:
    """Return how far the middle of the corners of a feature is from a place [m]; on the map where it has no heights."""
    corners = [(v.x(), v.y(), v.z()) for v in feature.geometry().vertices()]
    if not corners:
        return float("inf")
    apart = np.array(corners).mean(axis=0) - place
    return float(np.linalg.norm(np.nan_to_num(apart)))


def _in_short(layer: QgsVectorLayer, features: list[QgsFeature]) -> list[tuple[str, str]]:
    """Return the lowest and the highest of each number of many rows, and the texts that are few, with their counts."""
    rows = []
    for index in layer.fields().allAttributesList():
        values = [feature[index] for feature in features if value_text(feature[index])]
        if not values or layer.fields()[index].name() == "fid":
            continue
        if all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values):
            ends = dict.fromkeys(value_text(end(values)) for end in (min, max))
            rows.append((layer.attributeDisplayName(index), " … ".join(ends)))
            continue
        counts = Counter(text for feature in features if (text := attribute_text(layer, feature, index)))
        if len(counts) <= _TEXTS:
            told = (f"{text} ({count})" if len(counts) > 1 else text for text, count in counts.most_common())
            rows.append((layer.attributeDisplayName(index), ", ".join(told)))
    return rows


def _rows(layer: QgsVectorLayer, feature: QgsFeature) -> list[tuple[str, str]]:
    """Return names and values as forms show them: by alias, with units, and what stands for a value in words."""
    told = [(index, attribute_text(layer, feature, index)) for index in layer.fields().allAttributesList()]
    return [
        (layer.attributeDisplayName(index), text)
        for index, text in told
        if text and layer.fields()[index].name() != "fid"
    ]


def attribute_text(layer: QgsVectorLayer, feature: QgsFeature, index: int) -> str:
    """Return an attribute as forms show it, and classes by the words that legends have for them."""
    text, item = value_text(feature[index]), layer.fields()[index]
    if not text:
        return ""
    widget = item.editorWidgetSetup()
    if widget.type():
        formatter = QgsApplication.fieldFormatterRegistry().fieldFormatter(widget.type())
        if formatter.id() not in ("", "TextEdit", "Range", "DateTime"):
            return str(formatter.representValue(layer, index, widget.config(), None, feature[index]))
    return tr(SURFACE_WORDS.get(text, text)) if item.name() in _CLASSES else text


def value_text(value: Any) -> str:
    """Return a value as it is read, with the decimal sign of the language; empty where there is none."""
    if value is None or value == NULL or value == "" or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, bool):
        return tr("yes") if value else tr("no")
    if isinstance(value, float):
        return number(value, ".6g", language())
    if hasattr(value, "toString"):
        return str(value.toString("yyyy-MM-dd HH:mm" if hasattr(value, "time") else "yyyy-MM-dd"))
    return str(value)


def as_text(groups: Iterable[Facts]) -> str:
    """Return facts as plain text, to be pasted elsewhere."""
    blocks = ([group.title, *(f"{label}: {value}" for label, value in group.rows)] for group in groups)
    return "\n\n".join("\n".join(lines) for lines in blocks)
