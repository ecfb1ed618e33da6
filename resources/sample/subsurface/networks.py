"""The networks of the operators: which there are, what their lines are like, and where they lie across a street."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Network:
    """A network of one operator.

    Attributes
    ----------
    key, operator : str
        Short name, and code of the operator.
    element, theme : str
        Of IMKL.
    depth : float or None
        Standard depth of the top [m]; None where the operator gives none.
    diameter, service : float
        Of a main and of a house connection [mm].
    accuracy : str
        Class of the position.
    about : str
        What a line has of its own, as XML.
    """

    key: str
    operator: str
    element: str
    theme: str
    depth: float | None
    diameter: float
    service: float
    accuracy: str
    about: str
    label: str


_CODE = "http://inspire.ec.europa.eu/codelist"
_OWN = "http://definities.geostandaarden.nl/imkl2015/id/waarde"


def _measure(tag: str, value: float, unit: str) -> str:
    return f'<{tag} uom="urn:ogc:def:uom:OGC::{unit}">{value:g}</{tag}>'


def _volts(value: float) -> str:
    return _measure("us-net-el:operatingVoltage", value, "V") + _measure("us-net-el:nominalVoltage", value, "V")


def _bar(value: float) -> str:
    return _measure("us-net-common:pressure", value, "bar")


def _product(tag: str, codelist: str, value: str) -> str:
    return f'<{tag} xlink:href="{_CODE}/{codelist}/{value}"/>'


_GAS = _product("us-net-ogc:oilGasChemicalsProductType", "OilGasChemicalsProductTypeValue", "naturalGas")
_FUEL = _product("us-net-ogc:oilGasChemicalsProductType", "OilGasChemicalsProductTypeValue", "kerosene")
_DRINK = _product("us-net-wa:waterType", "WaterTypeValue", "potable")
_MIXED = _product("us-net-sw:sewerWaterType", "SewerWaterTypeValue", "combined")
_WASTE = _product("us-net-sw:sewerWaterType", "SewerWaterTypeValue", "sanitary")
_FIBRE = (
    f'<us-net-tc:telecommunicationsCableMaterialType xlink:href="{_CODE}/TelecommunicationsCableMaterialTypeValue'
    '/opticalFiber"/>'
)
_HEAT = f'<us-net-th:thermalProductType xlink:href="{_OWN}/ThermalProductTypeIMKLValue/warmWater"/>'

# No organisation has these codes, and none of them exists.
OPERATORS = {
    "KL9901": "Waterdam Energienet (fictief)", "KL9902": "Waterdam Drinkwater (fictief)",
    "KL9903": "Polderglas (fictief)", "KL9904": "Warmte Waterdam (fictief)", "KL9905": "Veenleiding (fictief)",
    "GM9998": "Gemeente Waterdam (fictief)",
}  # fmt: skip
_CABLE, _PIPE = "Elektriciteitskabel", "OlieGasChemicalienPijpleiding"
NETWORKS = {
    net.key: net
    for net in (
        Network("MS", "KL9901", _CABLE, "middenspanning", 0.80, 60, 0, "tot30cm", _volts(10_000), "3x240 Al 10 kV"),
        Network("LS", "KL9901", _CABLE, "laagspanning", None, 45, 30, "tot100cm", _volts(400), "4x150 Al"),
        Network("GLD", "KL9901", _PIPE, "gasLageDruk", 0.80, 110, 32, "tot30cm", _bar(0.1) + _GAS, "110 PVC"),
        Network("GHD", "KL9901", _PIPE, "gasHogeDruk", 1.00, 219, 0, "tot100cm", _bar(8) + _GAS, "200 ST 8 bar"),
        Network("BGI", "KL9905", _PIPE, "buisleidingGevaarlijkeInhoud", 1.40, 324, 0, "tot50cm", _bar(62) + _FUEL,
                "12 inch ST 62 bar"),
        Network("WTR", "KL9902", "Waterleiding", "water", 1.00, 110, 32, "tot30cm", _bar(3) + _DRINK, "110 PVC"),
        Network("RV", "GM9998", "Rioolleiding", "rioolVrijverval", None, 400, 125, "tot30cm", _MIXED, "400 BT"),
        Network("RD", "GM9998", "Rioolleiding", "rioolOnderOverOfOnderdruk", 1.20, 160, 0, "tot50cm", _bar(2) + _WASTE,
                "160 PE"),
        Network("DT", "KL9903", "Telecommunicatiekabel", "datatransport", 0.60, 40, 14, "tot100cm", _FIBRE, "HDPE 40"),
        Network("W", "KL9904", "ThermischePijpleiding", "warmte", 0.90, 250, 0, "tot30cm", _bar(10) + _HEAT,
                "DN150/250"),
    )
}  # fmt: skip


@dataclass
class Line:
    """A cable or pipe: its course [local m], and what is different from its network."""

    network: Network
    points: np.ndarray
    name: str = ""
    kind: str = ""  # element, where it is a duct or bed around others
    diameter: float = 0.0  # mm, 0 for that of the network
    width: float = 0.0  # mm, of a bed
    depths: list[str] = field(default_factory=list)  # names of measured depths
    contains: list[str] = field(default_factory=list)  # names of the lines inside
    surveyed: np.ndarray | None = None  # its course in space, heights in m NAP
    service: bool = False  # a house connection


@dataclass(frozen=True)
class Node:
    """A manhole, hydrant, cabinet or transformer house."""

    network: Network
    x: float
    y: float
    kind: str
    name: str
    value: str = ""


@dataclass(frozen=True)
class Depth:
    """A measured depth: of the invert in m NAP with the ground above it, or of the top below the ground [m]."""

    network: Network
    x: float
    y: float
    level: float
    name: str
    ground: float | None = None


@dataclass(frozen=True)
class Precaution:
    """An area in which the operator wants to be asked first."""

    network: Network
    ring: np.ndarray
    name: str
    measure: str
    text: str


@dataclass
class Delivery:
    """All that is delivered, by name."""

    lines: dict[str, Line] = field(default_factory=dict)
    nodes: list[Node] = field(default_factory=list)
    depths: list[Depth] = field(default_factory=list)
    precautions: list[Precaution] = field(default_factory=list)

    def add(self, line: Line) -> str:
        """Add a line under a name of its own."""
        line.name = f"{line.network.key}_{sum(other.network is line.network for other in self.lines.values()) + 1:05d}"
        self.lines[line.name] = line
        return line.name


# Metres to the left of the middle of a street by its kind. From the fronts inwards, as is usual: low voltage, data,
# gas, water; the sewer lies under the carriageway. What serves houses lies on the sides that have them.
ACROSS: dict[str, dict[str, tuple[float, ...]]] = {
    "woonstraat": {"LS": (6.2, -6.2), "DT": (5.8, -5.8), "GLD": (-5.4,), "WTR": (-4.9,), "RV": (0.8,)},
    "woonerf": {"LS": (3.3, -3.3), "DT": (3.0, -3.0), "GLD": (-2.4,), "WTR": (-1.8,), "RV": (0.7,)},
    "hoofdweg": {"MS": (9.6,), "DT": (9.1,), "WTR": (-9.4,), "GHD": (-8.6,), "RD": (-4.4,)},
    "kade": {"LS": (-4.4,), "DT": (-4.0,), "GLD": (-3.5,), "WTR": (-3.1,), "RV": (0.6,)},
}
