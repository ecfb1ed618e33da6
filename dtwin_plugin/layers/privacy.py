"""Layers that may not be handed on: marked in the layer and in its metadata, and asked for by every export.

An algorithm that writes something for others calls `public_only` or `require_public` with all layers that it uses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from pathlib import Path

from qgis.core import QgsLayerMetadata, QgsMapLayer
from qgis.PyQt.QtXml import QDomDocument

from dtwin_plugin.errors import InputError
from dtwin_plugin.twin.privacy import is_public, strictest
from dtwin_plugin.twin.secrets import without_secrets

PROPERTY = "dtwin/privacy"  # custom property of a layer, saved with its style: one of the levels
KEEP_UNTIL = "dtwin/keep_until"  # day after which it must be destroyed, ISO
_LARGEST = 16_000_000  # bytes of metadata beside a file; those of a layer are some kB
_ACCESS, _UNTIL = "access", "keep until"  # kinds of constraint in the metadata


_declared: ContextVar[Mapping[str, tuple[str, str]] | None] = ContextVar("declared", default=None)


@contextmanager
def declared(files: Mapping[str, tuple[str, str]]) -> Iterator[None]:
    """Let files have a level and a licence that a twin file gives them, for runs that are made meanwhile."""
    token = _declared.set(files)
    try:
        yield
    finally:
        _declared.reset(token)


def declared_of(path: Path | None) -> tuple[str, str]:
    """Return the level and the licence that were given to a file, each "" where nothing was said."""
    return (_declared.get() or {}).get(str(path), ("", ""))


def mark_layer(layer: QgsMapLayer, metadata: QgsLayerMetadata, level: str, keep_until: str = "") -> None:
    """Mark a layer, and metadata that it will get, with how open it is and until when it may be kept."""
    if not level:
        return
    layer.setCustomProperty(PROPERTY, level)
    found = [QgsLayerMetadata.Constraint(level, _ACCESS)]
    if keep_until:
        layer.setCustomProperty(KEEP_UNTIL, keep_until)
        found.append(QgsLayerMetadata.Constraint(keep_until, _UNTIL))
    metadata.setConstraints([*metadata.constraints(), *found])


def level_of(layer: QgsMapLayer) -> str:
    """Return how open a layer is, "" if nothing is said: the stricter of its property and its metadata."""
    return strictest([str(layer.customProperty(PROPERTY, "") or ""), *_constraints(layer, _ACCESS)])


def keep_until_of(layer: QgsMapLayer) -> str:
    """Return the day after which a layer must be destroyed, "" if there is none."""
    return str(layer.customProperty(KEEP_UNTIL, "") or "") or next(iter(_constraints(layer, _UNTIL)), "")


def level_beside(path: Path | None) -> str:
    """Return how open a file is that no layer was made of, by the metadata beside it (`.qmd`)."""
    return strictest(_constraints_of(_metadata_beside(path), _ACCESS))


def keep_until_beside(path: Path | None) -> str:
    """Return the day after which such a file must be destroyed, "" if there is none."""
    return next(iter(_constraints_of(_metadata_beside(path), _UNTIL)), "")


def _metadata_beside(path: Path | None) -> QgsLayerMetadata:
    metadata = QgsLayerMetadata()
    beside = path.with_suffix(".qmd") if path is not None else None
    if beside is not None and beside.is_file() and beside.stat().st_size < _LARGEST:
        document = QDomDocument()
        if document.setContent(beside.read_bytes())[0]:
            metadata.readMetadataXml(document.documentElement())
    return metadata


def public_only(layers: Iterable[QgsMapLayer], warn: Callable[..., None]) -> list[QgsMapLayer]:
    """Return the layers that may be handed on, and warn of those that are left out."""
    kept = []
    for layer in layers:
        level = level_of(layer)
        if is_public(level):
            kept.append(layer)
        else:
            warn("{layer} is {level} and is left out.", layer=_title(layer), level=level)
    return kept


def warn_expired(layers: Iterable[QgsMapLayer], warn: Callable[..., None], today: date | None = None) -> None:
    """Warn of layers that should have been destroyed."""
    now = (today or date.today()).isoformat()
    for layer in layers:
        day = keep_until_of(layer)
        if day and day < now:
            warn("{layer} was to be destroyed after {day}.", layer=_title(layer), day=day)


def require_public(layers: Iterable[QgsMapLayer]) -> None:
    """Raise InputError where a layer may not be handed on."""
    for layer in layers:
        level = level_of(layer)
        if not is_public(level):
            raise InputError(
                "{layer} is {level}, and may not be in what others get.",
                hint="Leave it out.",
                layer=_title(layer),
                level=level,
            )


def require_no_secrets(layers: Iterable[QgsMapLayer]) -> None:
    """Raise InputError where the address of a layer holds a password or a key, which a project would hand on."""
    for layer in layers:
        if without_secrets(layer.source()) != layer.source():
            raise InputError(
                "The address of {layer} holds a password or a key.",
                hint="Keep it in the authentication of QGIS, and choose that configuration in the layer's source.",
                layer=_title(layer),
            )


def _title(layer: QgsMapLayer) -> str:
    return layer.metadata().title() or layer.name()


def _constraints(layer: QgsMapLayer, kind: str) -> list[str]:
    return _constraints_of(layer.metadata(), kind)


def _constraints_of(metadata: QgsLayerMetadata, kind: str) -> list[str]:
    return [item.constraint for item in metadata.constraints() if item.type == kind]
