"""The models to choose from: what each is, as text to show and to search in."""

from __future__ import annotations

import html
from dataclasses import dataclass

from qgis.core import QgsProcessingAlgorithm

from dtwin_plugin.translate import texts, tr

_SEARCHED = ("nl",)  # beside English and the language in use: half of the words of the field are Dutch


@dataclass(frozen=True)
class Listed:
    """A model or another algorithm of the plugin.

    Attributes
    ----------
    id, title, group, group_id, summary : str
    version, validity : str
        Of a model: of its method, and where that holds; "" of an algorithm that is none.
    references : tuple of str
        Where its method is published, which also says whose it is.
    searched : str
        All that is searched in, in lower case.
    """

    id: str
    title: str
    group: str
    group_id: str
    summary: str
    version: str = ""
    validity: str = ""
    references: tuple[str, ...] = ()
    searched: str = ""

    def matches(self, text: str) -> bool:
        """Tell whether each word of a text is somewhere in it.

        >>> Listed("a", "A", "", "", "", searched="flooding water").matches("Water flood")
        True
        """
        return all(word in self.searched for word in text.casefold().split())

    def page(self) -> str:
        """Return what is known of it as HTML."""
        lines = [f"<h4>{html.escape(self.title)}</h4><p>{html.escape(self.summary)}</p>"]
        if self.validity:
            lines.append(f"<p><b>{tr('Validity')}</b>: {html.escape(self.validity)}</p>")
        if self.version:
            lines.append(f"<p><b>{tr('Version')}</b>: {html.escape(self.version)}</p>")
        if self.references:
            lines.append(f"<p><b>{tr('Method')}</b>: {'<br>'.join(map(html.escape, self.references))}</p>")
        return "".join([*lines, f"<p><code>{html.escape(self.id)}</code></p>"])


def listed(algorithm: QgsProcessingAlgorithm) -> Listed:
    """Return what is known of an algorithm; a model says more of itself."""
    model = getattr(algorithm, "model", None)
    english = [getattr(algorithm, name, "") for name in ("TITLE", "SUMMARY", "GROUP")]
    others = [texts(code).get(text, "") for code in _SEARCHED for text in english]
    shown = [algorithm.displayName(), algorithm.shortDescription(), algorithm.group()]
    searched = " ".join([algorithm.name(), *shown, *english, *others, *algorithm.tags()]).casefold()
    return Listed(
        algorithm.id(),
        algorithm.displayName(),
        algorithm.group(),
        algorithm.groupId(),
        algorithm.shortDescription(),
        getattr(model, "version", ""),
        tr(getattr(model, "validity", "")),
        tuple(getattr(model, "references", ())),
        searched,
    )
