"""Which layers of the project the section shows, and how far it looks."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsMapLayer, QgsProject
from qgis.PyQt.QtCore import QLocale
from qgis.PyQt.QtWidgets import QComboBox, QDoubleSpinBox, QFormLayout, QWidget

from dtwin_plugin.translate import mark, tr

from .roles import ROLES, Role, layers_of, likely, may_be

_NOTHING = mark("(none)")
_AUTOMATIC = mark("automatic")


class Chooser(QWidget):
    """A list of layers for each role, and the numbers; `parameters` gives them as the algorithm takes them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lists: dict[str, QComboBox] = {}
        self._offered: dict[str, set[str]] = {}
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for role in ROLES:
            box = self.lists[role.name] = QComboBox()
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(12)
            box.setAccessibleName(tr(role.title))
            form.addRow(tr(role.title), box)
        self.groundwater_depth = _number(-0.05, 100.0, -0.05, 0.1, tr(_NOTHING))
        self.distance = _number(0.0, 5000.0, 50.0, 10.0)
        self.alongside = _number(0.0, 100.0, 2.0, 0.5)
        self.bottom = _number(-500.0, 400.0, -500.0, 1.0, tr(_AUTOMATIC))
        self.top = _number(-500.0, 1000.0, -500.0, 1.0, tr(_AUTOMATIC))
        self.exaggeration = _number(0.0, 1000.0, 0.0, 1.0, tr(_AUTOMATIC), " x")
        for title, box, hint in (
            (tr("Depth of the groundwater"), self.groundwater_depth, tr("Below the ground, without a map of levels.")),
            (tr("Distance of boreholes"), self.distance, tr("How far beside the line they count.")),
            (tr("Distance of cables alongside"), self.alongside, tr("How far beside the line; 0 for none.")),
            (tr("Lowest height [m NAP]"), self.bottom, tr("The lowest value stands for all that there is.")),
            (tr("Highest height [m NAP]"), self.top, tr("The lowest value stands for all that there is.")),
            (tr("Vertical exaggeration"), self.exaggeration, tr("0 for the largest that fits.")),
        ):
            box.setToolTip(hint)
            box.setAccessibleName(title)
            form.addRow(title, box)
        self.refresh()

    def refresh(self) -> None:
        """Offer the layers of the project; a choice stays, and what is new and likely is taken."""
        layers = layers_of(QgsProject.instance())
        for role in ROLES:
            self._offer(role, layers)

    def _offer(self, role: Role, layers: list[QgsMapLayer]) -> None:
        box, found = self.lists[role.name], may_be(role, layers)
        before, known = box.currentData(), self._offered.get(role.name)
        names = {layer.id() for layer in found}
        box.clear()
        box.addItem(tr(_NOTHING), "")
        for layer in found:
            box.addItem(layer.name(), layer.id())
        wanted = likely(role, layers)
        is_new = wanted is not None and (known is None or wanted.id() not in known)
        chosen = before if before in names else (wanted.id() if wanted is not None and (is_new or before) else "")
        box.setCurrentIndex(max(0, box.findData(chosen)))
        self._offered[role.name] = names

    def layers(self) -> list[QgsMapLayer]:
        """Return the layers that are chosen."""
        found = [QgsProject.instance().mapLayer(str(box.currentData() or "")) for box in self.lists.values()]
        return [layer for layer in found if layer is not None]

    def parameters(self) -> dict[str, Any]:
        """Return the inputs of the algorithm, without what is not chosen."""
        chosen = {name: box.currentData() for name, box in self.lists.items() if box.currentData()}
        numbers = {"distance": self.distance.value(), "alongside": self.alongside.value()}
        for name in ("groundwater_depth", "bottom", "top"):
            box: QDoubleSpinBox = getattr(self, name)
            if box.value() > box.minimum():
                numbers[name] = max(box.value(), 0.0) if name == "groundwater_depth" else box.value()
        return {**chosen, **numbers}


def _number(
    least: float, most: float, value: float, step: float, special: str = "", suffix: str = " m"
) -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setLocale(QLocale())
    box.setDecimals(2)
    box.setRange(least, most)
    box.setSingleStep(step)
    box.setSuffix(suffix)
    if special:
        box.setSpecialValueText(special)
    box.setValue(value)
    return box
