"""Jobs on servers, of this QGIS and of those before it: a row each, from what is kept on disk; no server is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qgis.PyQt.QtCore import QEvent, Qt, QTimer, pyqtSignal
from qgis.PyQt.QtGui import QBrush, QColor
from qgis.PyQt.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QMenu,
    QPushButton,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from dtwin_plugin.layers import servers
from dtwin_plugin.translate import mark, tr

from ..algorithms import open_dialog

if TYPE_CHECKING:
    from dtwin_plugin.processes.remote import JobRecord

_KEY = Qt.ItemDataRole.UserRole
_EVERY = 3000  # ms between looks at the folder, while it is seen
_LINES = 12  # of the log that are shown
# status -> words and colour; each differs in words too, so that nobody needs to tell colours apart
_STATES = {
    "accepted": (mark("waiting"), "#6c757d"),
    "running": (mark("runs"), "#1f6fb2"),
    "successful": (mark("ready"), "#2e7d32"),
    "failed": (mark("failed"), "#b3261e"),
    "dismissed": (mark("stopped"), "#8a6d1d"),
}
_ACTIONS = {"look": 1, "fetch": 2, "stop": 3, "forget": 4}  # places in the choice of the algorithm
_SERVERS = {
    "dtwin:registerserver": mark("Register a server"),
    "dtwin:refreshserver": mark("Refresh a server"),
    "dtwin:removeserver": mark("Remove a server"),
    "dtwin:checkserver": mark("Check a server"),
}


class ServerJobs(QWidget):
    """The list, its buttons, and the log of the job that is chosen."""

    changed = pyqtSignal(int)  # how many there are

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.list = QTreeWidget()
        self.list.setHeaderLabels([tr("Job"), tr("Server"), tr("Status")])
        self.list.setRootIsDecorated(False)
        self.list.setAccessibleName(tr("Jobs on servers"))
        self.list.header().setStretchLastSection(False)
        self.list.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.list.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.log = QLabel()
        self.log.setTextFormat(Qt.TextFormat.PlainText)  # a server's words are no HTML
        self.log.setWordWrap(True)
        self.buttons = {
            "look": QPushButton(tr("Ask where it is…")),
            "fetch": QPushButton(tr("Fetch results…")),
            "stop": QPushButton(tr("Stop…")),
            "forget": QPushButton(tr("Take off the list…")),
        }
        self.servers = QToolButton()
        self.servers.setText(tr("Servers"))
        self.servers.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.servers)
        for algorithm, title in _SERVERS.items():
            menu.addAction(tr(title), lambda chosen=algorithm: open_dialog(chosen))
        self.servers.setMenu(menu)
        self._records: dict[str, JobRecord] = {}
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY)
        self._lay_out()
        self._timer.timeout.connect(self.refresh)
        self.list.currentItemChanged.connect(lambda *_: self._look())
        for action, button in self.buttons.items():
            button.clicked.connect(lambda *_, chosen=action: self.open(chosen))
        self.refresh()

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        for widget in (*self.buttons.values(), self.servers):
            row.addWidget(widget)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.list)
        column.addWidget(self.log)
        column.addLayout(row)

    def showEvent(self, event: QEvent) -> None:  # noqa: D102  (of Qt)
        super().showEvent(event)
        self.refresh()
        self._timer.start()

    def hideEvent(self, event: QEvent) -> None:  # noqa: D102  (of Qt)
        super().hideEvent(event)
        self._timer.stop()

    def refresh(self) -> None:
        """Read the folder again; the choice stays."""
        found = servers.job_store().all() if servers.folder_of("jobs").is_dir() else []
        if list(self._records.values()) == found and self.list.topLevelItemCount() == len(found):
            return
        chosen = self.current()
        self._records = {record.key: record for record in found}
        self.list.clear()
        for record in found:
            words, colour = _STATES[record.status]
            share = "" if record.progress is None or record.has_ended else f" {record.progress:.0%}"
            item = QTreeWidgetItem([record.title, record.server, f"{tr(words)}{share}"])
            item.setForeground(2, QBrush(QColor(colour)))
            item.setData(0, _KEY, record.key)
            self.list.addTopLevelItem(item)
            if chosen is not None and record.key == chosen.key:
                self.list.setCurrentItem(item)
        self._look()
        self.changed.emit(len(found))

    def current(self) -> JobRecord | None:
        """Return the job that is chosen."""
        item = self.list.currentItem()
        return None if item is None else self._records.get(item.data(0, _KEY))

    def _look(self) -> None:
        record = self.current()
        self.log.setText("\n".join(record.log[-_LINES:]) if record is not None else "")
        self.buttons["look"].setEnabled(record is not None and not record.has_ended)
        self.buttons["stop"].setEnabled(record is not None and not record.has_ended)
        self.buttons["fetch"].setEnabled(record is not None and record.status not in ("failed", "dismissed"))
        self.buttons["forget"].setEnabled(record is not None)

    def open(self, action: str) -> None:
        """Open the dialog of the algorithm that does something with the chosen job."""
        record = self.current()
        if record is not None:
            open_dialog("dtwin:serverjob", {"action": _ACTIONS[action], "job": record.key})

    def close_for_good(self) -> None:
        """Look no more."""
        self._timer.stop()
