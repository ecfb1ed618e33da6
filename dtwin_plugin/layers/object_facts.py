"""What is known of one object: its attributes, what models found of it in other layers, and where it comes from."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from qgis.core import NULL, QgsFeature, QgsFeatureRequest, QgsMapLayer, QgsVectorLayer

from dtwin_plugin.translate import tr

# Fields by which layers name the same object; a BAG id is its 16 digits, whatever stands around them.
_NAMES = ("identificatie", "identificatie_bag_pnd", "parent", "object_id", "id")
_BAG = re.compile(r"\d{16}")
_MOST = 5  # objects of another layer that are shown for one


@dataclass(frozen=True)
class Facts:
    """One group of facts: a title, and labels with values."""

    title: str
    rows: tuple[tuple[str, str], ...]


def facts_of(layer: QgsVectorLayer, identifier: int, others: Iterable[QgsMapLayer]) -> list[Facts]:
    """Return the facts of a feature, then those of the same object in other layers, then the source.

    Parameters
    ----------
    identifier : int
        Id of the feature.
    others : iterable of QgsMapLayer
        Layers to look in too; of those only what the first does not say is told.
    """
    feature = layer.getFeature(identifier)
    if not feature.isValid():
        return []
    own = dict(_rows(layer, feature))
    groups = [Facts(layer.name(), tuple(own.items()))]
    bag = bag_id(layer, feature)
    for other in others if bag else ():
        if isinstance(other, QgsVectorLayer) and other.id() != layer.id():
            for found in _same(other, bag):
                rows = tuple((label, value) for label, value in _rows(other, found) if own.get(label) != value)
                if rows:
                    groups.append(Facts(other.name(), rows))
    source = _source(layer)
    return [*groups, source] if source.rows else groups


def bag_fields(layer: QgsVectorLayer) -> list[str]:
    """Return the names of the fields of a layer that may hold the number of a building in the BAG."""
    return [name for name in _NAMES if layer.fields().lookupField(name) >= 0]


def bag_id(layer: QgsVectorLayer, feature: QgsFeature) -> str:
    """Return the 16 digits of the BAG that name an object; empty where none do."""
    for name in _NAMES:
        index = layer.fields().lookupField(name)
        found = _BAG.search(str(feature[index])) if index >= 0 else None
        if found:
            return found[0]
    return ""


def _same(layer: QgsVectorLayer, bag: str) -> list[QgsFeature]:
    names = bag_fields(layer)
    if not names:
        return []
    same = " OR ".join(f"\"{name}\" LIKE '%{bag}%'" for name in names)
    request = QgsFeatureRequest().setFilterExpression(same).setLimit(_MOST)
    request.setFlags(QgsFeatureRequest.Flag.NoGeometry)
    unique: dict[tuple[str, ...], QgsFeature] = {}
    for feature in layer.getFeatures(request):
        unique.setdefault(tuple(str(value) for value in feature.attributes()), feature)
    return list(unique.values())


def _rows(layer: QgsVectorLayer, feature: QgsFeature) -> list[tuple[str, str]]:
    rows = []
    for index, item in enumerate(layer.fields()):
        value = feature[index]
        if value is None or value == NULL or value == "" or item.name() == "fid":
            continue
        text = f"{value:.6g}" if isinstance(value, float) else str(value)
        rows.append((layer.attributeDisplayName(index), text))
    return rows


def _source(layer: QgsVectorLayer) -> Facts:
    metadata = layer.metadata()
    history = metadata.history()
    rows = [
        (tr("Source"), metadata.title()),
        (tr("Rights"), ", ".join([*metadata.rights(), *metadata.licenses()])),
        (tr("Made"), history[0] if history else ""),
    ]
    return Facts(tr("Where it comes from"), tuple(row for row in rows if row[1]))
