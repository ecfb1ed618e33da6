"""The organisation's own sources: look at them, add, change, remove, and take over a list of others."""

from __future__ import annotations

from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QMessageBox,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from dtwin_plugin.catalogue import own, own_list_path
from dtwin_plugin.catalogue.entry import Entry
from dtwin_plugin.catalogue.reading import own_entries
from dtwin_plugin.errors import DtwinError
from dtwin_plugin.translate import language, tr

from .own_form import KINDS, SourceForm
from .tree import LEVELS

IMPORT = "dtwin:importcatalogue"
_ID = Qt.ItemDataRole.UserRole


class OwnSources(QDialog):
    """The own list; `changed` says that the panel should read it again."""

    changed = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Own sources"))
        self.resize(620, 320)
        self._known: dict[str, Entry] = {}
        self.list = QTreeWidget()
        self.list.setRootIsDecorated(False)
        self.list.setHeaderLabels([tr("Title"), tr("Kind"), tr("Access"), tr("Web address")])
        self.add, self.edit = QPushButton(tr("Add…")), QPushButton(tr("Change…"))
        self.remove, self.take_over = QPushButton(tr("Remove")), QPushButton(tr("Import…"))
        self.close_button = QPushButton(tr("Close"))
        self.message = QLabel()
        self.message.setWordWrap(True)
        row = QHBoxLayout()
        for button in (self.add, self.edit, self.remove, self.take_over):
            row.addWidget(button)
        row.addStretch()
        row.addWidget(self.close_button)
        layout = QVBoxLayout(self)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.message)
        layout.addLayout(row)
        self._connect()
        self.refresh()

    def _connect(self) -> None:
        self.add.clicked.connect(lambda: self._ask(None))
        self.edit.clicked.connect(lambda: self._ask(self.chosen()))
        self.list.itemDoubleClicked.connect(lambda *_: self._ask(self.chosen()))
        self.list.currentItemChanged.connect(lambda *_: self._tell())
        self.remove.clicked.connect(self._remove)
        self.take_over.clicked.connect(self._import)
        self.close_button.clicked.connect(self.accept)

    def refresh(self) -> None:
        """Read the own list."""
        self.list.clear()
        try:
            self._known = dict(own_entries())
            text = str(own_list_path() or "")
        except DtwinError as error:
            self._known, text = {}, error.text(tr)
        for entry in self._known.values():
            level = tr(LEVELS.get(entry.access_level, entry.access_level))
            texts = [entry.title_in(language()), tr(KINDS.get(entry.kind, entry.kind)), level, entry.url or ""]
            item = QTreeWidgetItem(self.list, texts)
            item.setData(0, _ID, entry.id)
        for column in range(3):
            self.list.resizeColumnToContents(column)
        self.message.setText(text)
        self._tell()

    def chosen(self) -> Entry | None:
        """Return the source that is chosen."""
        item = self.list.currentItem()
        return self._known.get(item.data(0, _ID)) if item is not None else None

    def choose(self, name: str) -> None:
        """Choose a source by its id."""
        for row in range(self.list.topLevelItemCount()):
            if self.list.topLevelItem(row).data(0, _ID) == name:
                self.list.setCurrentItem(self.list.topLevelItem(row))

    def _tell(self) -> None:
        for button in (self.edit, self.remove):
            button.setEnabled(self.chosen() is not None)

    def _ask(self, earlier: Entry | None) -> None:
        if SourceForm(earlier, self).exec():
            self._has_changed()

    def _remove(self) -> None:
        entry = self.chosen()
        if entry is None:
            return
        question = tr("Remove {title} from the own list?").format(title=entry.title_in(language()))
        buttons = QMessageBox.StandardButton
        if QMessageBox.question(self, tr("Own sources"), question) != buttons.Yes:
            return
        try:
            own.remove(entry.id)
        except DtwinError as error:
            self.message.setText(error.text(tr))
            return
        self._has_changed()

    def _import(self) -> None:
        """Take over a list from a file or a web address, with the algorithm that batch jobs use."""
        import processing

        processing.execAlgorithmDialog(IMPORT, {})
        self._has_changed()

    def _has_changed(self) -> None:
        self.refresh()
        self.changed.emit()
