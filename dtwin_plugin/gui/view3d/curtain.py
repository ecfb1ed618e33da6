"""Where the views stand: one, two beside each other, or the second over the first from a handle on."""

from __future__ import annotations

from qgis.PyQt.QtCore import QEvent, QObject, QPoint, QRect, Qt, pyqtSignal
from qgis.PyQt.QtGui import QResizeEvent
from qgis.PyQt.QtWidgets import QAbstractScrollArea, QFrame, QWidget

_HANDLE = 7  # px
_LEAST = 0.02  # share of the width that stays to be seen of each


class Pane(QAbstractScrollArea):
    """A window on a part of a view.

    It is a scroll area because Qt then gives the view's OpenGL window a parent of its own, which cuts it off at its
    edges; below any other widget it would lie over all that is beside it.
    """

    def __init__(self, parent: QWidget, shown: QWidget) -> None:
        super().__init__(parent)
        self.shown = shown
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        shown.setParent(self.viewport())
        shown.show()

    def put(self, place: QRect, left: int, width: int) -> None:
        """Stand at a place in the parent, and show the part from `left` on of a view that is so wide."""
        self.setGeometry(place)
        self.shown.setGeometry(-left, 0, width, place.height())
        self.show()


class Curtain(QWidget):
    """One or two views.

    Attributes
    ----------
    is_swipe : bool
        Whether the second view lies over the first: both are then as wide as this, and show the same at each pixel.
    share : float
        Where the handle between two views is, as a share of the width.
    """

    moved = pyqtSignal()  # the handle has moved: views are to be drawn where they were covered

    def __init__(self) -> None:
        super().__init__()
        self.panes: list[Pane] = []
        self.is_swipe, self.share = False, 0.5
        self.handle = QFrame(self)
        self.handle.setFrameShape(QFrame.Shape.StyledPanel)
        self.handle.setFrameShadow(QFrame.Shadow.Raised)
        self.handle.setCursor(Qt.CursorShape.SplitHCursor)
        self.handle.setAttribute(Qt.WidgetAttribute.WA_NativeWindow)  # or it would lie below the views
        self.handle.installEventFilter(self)
        self.handle.hide()
        self.setMinimumSize(200, 150)

    def add(self, view: QWidget) -> None:
        """Show one more view, right of the other."""
        self.panes.append(Pane(self, view))
        self.arrange()

    def remove(self, view: QWidget) -> None:
        """Let go of a view, which is to be deleted by who made it."""
        for pane in [pane for pane in self.panes if pane.shown is view]:
            view.setParent(None)
            self.panes.remove(pane)
            pane.hide()
            pane.deleteLater()
        self.arrange()

    def set_swipe(self, wanted: bool) -> None:
        """Lay the second view over the first, or stand it beside it."""
        self.is_swipe = wanted
        self.arrange()

    def set_share(self, share: float) -> None:
        """Move the handle."""
        self.share = min(max(share, _LEAST), 1 - _LEAST)
        self.arrange()
        self.moved.emit()

    def arrange(self) -> None:
        """Give all their places."""
        width, height = self.width(), self.height()
        self.handle.setVisible(len(self.panes) == 2)
        if len(self.panes) == 1:
            self.panes[0].put(QRect(0, 0, width, height), 0, width)
        elif self.panes:
            split = round(self.share * width)
            begin, end = split - _HANDLE // 2, split - _HANDLE // 2 + _HANDLE
            whole = width if self.is_swipe else 0
            self.panes[0].put(QRect(0, 0, begin, height), 0, whole or begin)
            self.panes[1].put(QRect(end, 0, width - end, height), end if whole else 0, whole or width - end)
            self.handle.setGeometry(begin, 0, _HANDLE, height)
            self.handle.raise_()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep all in place."""
        super().resizeEvent(event)
        self.arrange()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the handle be dragged."""
        is_dragged = event.type() == QEvent.Type.MouseMove and event.buttons() & Qt.MouseButton.LeftButton
        if watched is self.handle and is_dragged:
            self.set_share(self.mapFromGlobal(self.handle.mapToGlobal(QPoint(event.pos()))).x() / max(self.width(), 1))
            return True
        return super().eventFilter(watched, event)
