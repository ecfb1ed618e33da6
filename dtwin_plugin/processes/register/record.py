"""What the register says of one model, whatever the form."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dtwin_plugin.models.base import Model
from dtwin_plugin.paths import metadata

from .model_pages import page_of


@dataclass(frozen=True)
class ModelRecord:
    """A model in the register.

    Attributes
    ----------
    model : Model
        Its description: purpose, inputs with units, validity, uncertainty, literature, version.
    owner, licence : str
        Who answers for it; its licence, as SPDX writes it.
    method, limits, validation : str
        As Markdown, in English, from its page; "" where the page has none.
    page : str
        File name of that page, "" where no page tells of it.
    """

    model: Model
    owner: str
    licence: str
    method: str = ""
    limits: str = ""
    validation: str = ""
    page: str = ""


def record_of(model: Model) -> ModelRecord:
    """Return the record of a model; what it does not say itself is that of the plugin."""
    plugin, page = metadata(), page_of(model.id)
    owner, licence = model.owner or plugin["author"], model.licence or plugin["license"]
    if page is None:
        return ModelRecord(model, owner, licence)
    return ModelRecord(model, owner, licence, page.method or page.introduction, page.limits, page.validation, page.file)


def records(models: Iterable[Model]) -> list[ModelRecord]:
    """Return the records of models, by group and title."""
    return [record_of(model) for model in sorted(models, key=lambda model: (model.group, model.title))]
