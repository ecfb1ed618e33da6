"""Instrument: viewpoints, kept in the project."""

from __future__ import annotations

import base64
import binascii
from dataclasses import replace
from functools import partial
from typing import Any

from qgis.core import QgsProject
from qgis.PyQt.QtCore import QSize, Qt, QTimer
from qgis.PyQt.QtGui import QIcon, QPixmap
from qgis.PyQt.QtWidgets import QAbstractItemView, QGridLayout, QListWidget, QListWidgetItem, QPushButton, QVBoxLayout

from dtwin_plugin.layers.viewpoints import keep_viewpoints, kept_viewpoints
from dtwin_plugin.translate import tr
from dtwin_plugin.twin.viewpoints import Viewpoint

from .instrument import Instrument
from .scene import Scene

_KEPT = Qt.ItemDataRole.UserRole  # the name that it has in the project, while another is typed
_ICON = QSize(96, 60)


class ViewpointsPage(Instrument):
    """A list of viewpoints with a picture each: keep, fly to, name and order them; the names are changed in place."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self.names = QListWidget()
        self.names.setIconSize(_ICON)
        self.names.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.names.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.keep, self.renew = QPushButton(tr("Keep viewpoint")), QPushButton(tr("Keep anew"))
        self.rename, self.remove = QPushButton(tr("Rename")), QPushButton(tr("Remove"))
        self.fly, self.back = QPushButton(tr("Fly there")), QPushButton(tr("Back"))
        self.keep.setToolTip(tr("Keep where you look from, with the layers, the time and what is set on instruments."))
        self.renew.setToolTip(tr("Let the chosen viewpoint be what is seen now."))
        self.back.setToolTip(tr("Show what was shown before the first viewpoint, with the layers that were ticked."))
        grid = QGridLayout()
        for number, (button, act) in enumerate((
            (self.keep, lambda: self.keep_as(self._free_name())), (self.fly, self._fly_to_chosen),
            (self.renew, self._renew), (self.back, self._back),
            (self.rename, self._rename), (self.remove, self._remove),
        )):  # fmt: skip
            grid.addWidget(button, number // 2, number % 2)
            button.clicked.connect(lambda _checked, act=act: act())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.names, 1)
        column.addLayout(grid)
        self.names.itemDoubleClicked.connect(lambda item: self.fly_to(item.data(_KEPT)))
        self.names.itemChanged.connect(self._renamed)
        self.names.model().rowsMoved.connect(self._ordered)
        self.names.itemSelectionChanged.connect(self._enable)
        QgsProject.instance().readProject.connect(self.refresh)
        QgsProject.instance().cleared.connect(self.refresh)
        self.refresh()

    def begin(self) -> None:
        """Show what is kept now."""
        self.refresh()

    def views_changed(self) -> None:
        """Let be chosen what can be."""
        self._enable()

    def keep_as(self, name: str) -> None:
        """Keep where the view looks from in the project, under a name; in the place of what had it."""
        if self.scene.view is None:
            return
        kept, found = self._kept(), self.scene.recall.viewpoint(name, with_picture=True)
        if any(viewpoint.name == name for viewpoint in kept):
            again = [self._anew(viewpoint, found) if viewpoint.name == name else viewpoint for viewpoint in kept]
            self._write(again, name)
        else:
            self._write([*kept, found], name)

    def go(self, name: str) -> None:
        """Look from a viewpoint at once."""
        for viewpoint in self._kept():
            if viewpoint.name == name:
                self.scene.recall.go(viewpoint)
        self._enable()

    def fly_to(self, name: str) -> None:
        """Fly to a viewpoint."""
        self.scene.recall.fly([viewpoint for viewpoint in self._kept() if viewpoint.name == name])
        self._enable()

    def refresh(self, *_: Any) -> None:
        """Show what the project keeps."""
        chosen = self._chosen()
        self.names.blockSignals(True)
        self.names.clear()
        for viewpoint in self._kept():
            item = QListWidgetItem(_icon(viewpoint), viewpoint.name, self.names)
            item.setData(_KEPT, viewpoint.name)
            item.setFlags((item.flags() | Qt.ItemFlag.ItemIsEditable) & ~Qt.ItemFlag.ItemIsDropEnabled)
            if viewpoint.name == chosen:
                self.names.setCurrentItem(item)
        self.names.blockSignals(False)
        self._enable()

    def _kept(self) -> list[Viewpoint]:
        return kept_viewpoints(QgsProject.instance())

    def _write(self, viewpoints: list[Viewpoint], chosen: str = "") -> None:
        keep_viewpoints(QgsProject.instance(), viewpoints)
        self.refresh()
        for item in self.names.findItems(chosen, Qt.MatchFlag.MatchExactly) if chosen else ():
            self.names.setCurrentItem(item)

    def _chosen(self) -> str:
        item = self.names.currentItem()
        return str(item.data(_KEPT)) if item is not None else ""

    def _enable(self) -> None:
        there, chosen = self.scene.view is not None, bool(self._chosen())
        self.keep.setEnabled(there)
        self.renew.setEnabled(there and chosen)
        self.back.setEnabled(self.scene.recall.can_go_back)
        for button in (self.fly, self.rename, self.remove):
            button.setEnabled(chosen)

    def _free_name(self) -> str:
        names, number = {viewpoint.name for viewpoint in self._kept()}, 1
        while (name := tr("Viewpoint {number}").format(number=number)) in names:
            number += 1
        return name

    @staticmethod
    def _anew(before: Viewpoint, found: Viewpoint) -> Viewpoint:
        return replace(found, flight=before.flight, stay=before.stay)

    def _renew(self) -> None:
        self.keep_as(self._chosen())

    def _fly_to_chosen(self) -> None:
        self.fly_to(self._chosen())

    def _back(self) -> None:
        self.scene.recall.back()
        self._enable()

    def _rename(self) -> None:
        if self.names.currentItem() is not None:
            self.names.editItem(self.names.currentItem())

    def _renamed(self, item: QListWidgetItem) -> None:
        # not within what the list does with the item, which goes when the list is filled anew
        QTimer.singleShot(0, partial(self._keep_name, item.data(_KEPT), item.text().strip()))

    def _keep_name(self, before: str, name: str) -> None:
        taken = {viewpoint.name for viewpoint in self._kept()} - {before}
        if name and name not in taken:
            kept = [replace(each, name=name) if each.name == before else each for each in self._kept()]
            self._write(kept, name)
        elif name != before:
            self.scene.said.emit(tr("A viewpoint needs a name that no other has."))
            self.refresh()

    def _ordered(self) -> None:
        kept = {viewpoint.name: viewpoint for viewpoint in self._kept()}
        order = [self.names.item(row).data(_KEPT) for row in range(self.names.count())]
        if sorted(order) == sorted(kept):
            keep_viewpoints(QgsProject.instance(), [kept[name] for name in order])

    def _remove(self) -> None:
        self._write([viewpoint for viewpoint in self._kept() if viewpoint.name != self._chosen()])

    def close_for_good(self) -> None:
        """Hear of no project any more."""
        QgsProject.instance().readProject.disconnect(self.refresh)
        QgsProject.instance().cleared.disconnect(self.refresh)


def _icon(viewpoint: Viewpoint) -> QIcon:
    pixmap = QPixmap()
    try:
        pixmap.loadFromData(base64.b64decode(viewpoint.picture, validate=True), "PNG")
    except (binascii.Error, ValueError):
        return QIcon()
    return QIcon(pixmap) if not pixmap.isNull() else QIcon()
