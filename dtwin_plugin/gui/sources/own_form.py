"""The form of one source of the organisation's own list."""

from __future__ import annotations

from qgis.PyQt.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from dtwin_plugin.catalogue import own, themes
from dtwin_plugin.catalogue.entry import ACCESS_LEVELS, Entry
from dtwin_plugin.catalogue.products import LOADERS
from dtwin_plugin.errors import DtwinError
from dtwin_plugin.translate import language, mark, tr

from .tree import LEVELS

KINDS = {
    "ogcapi-features": "OGC API Features",
    "wfs": "WFS",
    "3dtiles": "3D Tiles",
    "copc": mark("Point cloud (COPC)"),
    "ept": mark("Point cloud (EPT)"),
}
_LEVEL = "internal"  # to begin with: what is not looked at does not become open


class SourceForm(QDialog):
    """Describe a source; it is saved when all of it is right, and otherwise a sentence says what is not."""

    def __init__(self, earlier: Entry | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._earlier = earlier
        self.setWindowTitle(tr("Own source"))
        self.setMinimumWidth(440)
        self.title, self.url, self.layers = QLineEdit(), QLineEdit(), QLineEdit()
        self.owner, self.licence = QLineEdit(), QLineEdit()
        self.url.setPlaceholderText("https://…")
        self.layers.setPlaceholderText(tr("With commas between them"))
        self.licence.setPlaceholderText("CC BY 4.0")
        kinds = {name: tr(KINDS.get(name, name)) for name in LOADERS}
        if earlier is not None:
            kinds.setdefault(earlier.kind, earlier.kind)
        levels = {name: tr(LEVELS[name]) for name in ACCESS_LEVELS}
        names = {theme.id: theme.name(language()) for theme in themes().values()}
        if earlier is not None and earlier.theme:
            names.setdefault(earlier.theme, earlier.theme)
        self.kind, self.level, self.theme = _choice(kinds), _choice(levels), _choice(names)
        self.message = QLabel()
        self.message.setWordWrap(True)
        self.message.setVisible(False)
        self.kind.currentIndexChanged.connect(self._ask_layers)
        self._lay_out()
        self._fill()

    def _lay_out(self) -> None:
        form = QFormLayout()
        rows = {
            mark("Title"): self.title,
            mark("Web address"): self.url,
            mark("Kind"): self.kind,
            mark("Layers"): self.layers,
            mark("Owner"): self.owner,
            mark("Licence"): self.licence,
            mark("Access"): self.level,
            mark("Theme"): self.theme,
        }
        for title, widget in rows.items():
            form.addRow(tr(title), widget)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel)
        buttons.button(QDialogButtonBox.StandardButton.Save).setText(tr("Save"))
        buttons.button(QDialogButtonBox.StandardButton.Cancel).setText(tr("Cancel"))
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(self.message)
        layout.addWidget(buttons)

    def _fill(self) -> None:
        """Show the source as it is."""
        entry = self._earlier
        values = ("ogcapi-features", _LEVEL, "") if entry is None else (entry.kind, entry.access_level, entry.theme)
        for box, value in zip((self.kind, self.level, self.theme), values):
            box.setCurrentIndex(max(0, box.findData(value)))
        if entry is not None:
            self.title.setText(entry.title)
            self.url.setText(entry.url or "")
            self.layers.setText(", ".join(entry.layers))
            self.owner.setText(entry.owner)
            self.licence.setText(entry.licence)
        self._ask_layers()

    def _ask_layers(self) -> None:
        """Ask for layers only where a service has them."""
        self.layers.setEnabled(LOADERS.get(self.kind.currentData(), ("", ""))[1] != "")

    def values(self) -> dict[str, str]:
        """Return what is filled in."""
        return {
            "title": self.title.text(),
            "url": self.url.text(),
            "kind": self.kind.currentData(),
            "layers": self.layers.text() if self.layers.isEnabled() else "",
            "owner": self.owner.text(),
            "licence": self.licence.text(),
            "access_level": self.level.currentData(),
            "theme": self.theme.currentData() or "",
        }

    def accept(self) -> None:
        """Save, and close where that went well."""
        try:
            own.put(own.described(self.values(), self._earlier))
        except DtwinError as error:
            self._say(error.text(tr))
        except OSError as error:
            self._say(str(error))
        else:
            super().accept()

    def _say(self, text: str) -> None:
        self.message.setText(text)
        self.message.setVisible(True)


def _choice(titles: dict[str, str]) -> QComboBox:
    box = QComboBox()
    for name, title in titles.items():
        box.addItem(title, name)
    return box
