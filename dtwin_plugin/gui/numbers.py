"""Numbers as the user's locale in QGIS writes them: with a decimal comma in Dutch."""

from __future__ import annotations

from qgis.PyQt.QtCore import QLocale
from qgis.PyQt.QtWidgets import QDoubleSpinBox, QWidget


def shown(value: float, decimals: int = 0) -> str:
    """Return a number in QGIS's locale, whatever the language of the texts is."""
    return QLocale().toString(float(value), "f", decimals)


class Metres(QDoubleSpinBox):
    """A distance [m] to the decimetre, without decimals where it is whole."""

    def __init__(self, least: float, most: float, value: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setLocale(QLocale())
        self.setRange(least, most)
        self.setDecimals(1)
        self.setSingleStep(50)
        self.setValue(value)
        self.setSuffix(" m")

    def textFromValue(self, value: float) -> str:
        """Return a distance as it is shown, and as it may be typed."""
        return self.locale().toString(float(value), "f", 0 if value == round(value) else 1)
