"""The objects of a delivery in IMKL 2.0, one function a kind.

Reference: IMKL - Dataspecificatie Utiliteitsnetten 2.0, Geonovum.
"""

from __future__ import annotations

from xml.sax.saxutils import escape

import numpy as np

from .. import X_ORIGIN, Y_ORIGIN
from .networks import NETWORKS, OPERATORS, Delivery, Depth, Line, Network, Node, Precaution

MOMENT = "2025-09-03T09:00:00.000+02:00"
_SRS, _SRS_3D = "urn:ogc:def:crs:EPSG::28992", "urn:ogc:def:crs:EPSG::7415"
_INSPIRE, _OWN = "http://inspire.ec.europa.eu/codelist", "http://definities.geostandaarden.nl/imkl2015/id/waarde"
_SPACES = {
    **{f"us-net-{n}": f"http://inspire.ec.europa.eu/schemas/us-net-{n}/4.0" for n in
       ("common", "el", "ogc", "sw", "tc", "th", "wa")},
    "net": "http://inspire.ec.europa.eu/schemas/net/4.0", "base": "http://inspire.ec.europa.eu/schemas/base/3.3",
    "imkl": "http://www.geostandaarden.nl/imkl/wibon", "gml": "http://www.opengis.net/gml/3.2",
    "xlink": "http://www.w3.org/1999/xlink", "xsi": "http://www.w3.org/2001/XMLSchema-instance",
}  # fmt: skip
_NET_TYPES = {
    "Elektriciteitskabel": "electricity", "OlieGasChemicalienPijpleiding": "oilGasChemical", "Waterleiding": "water",
    "Rioolleiding": "sewer", "Telecommunicatiekabel": "telecommunications", "ThermischePijpleiding": "thermal",
}  # fmt: skip
_CABLES = ("Elektriciteitskabel", "Telecommunicatiekabel")


def collection(delivery: Delivery, number: str, ring: np.ndarray) -> str:
    """Return the document: request, operators, networks, lines with their links, nodes, depths and precautions."""
    members = [_levering(number), _aanvraag(number), _request_area(number, ring)]
    members += [_operator(code, name) for code, name in OPERATORS.items()]
    members += [_party(code, number) for code in OPERATORS]
    members += [_network(net) for net in NETWORKS.values()]
    for line in delivery.lines.values():
        members += _line(line)
    members += [_node(node) for node in delivery.nodes]
    members += [_depth(depth) for depth in delivery.depths]
    for precaution in delivery.precautions:
        members.append(_precaution(precaution))
    for net in dict.fromkeys(item.network for item in delivery.precautions):
        item = next(found for found in delivery.precautions if found.network is net)
        members.append(_letter(item, number))
    low, high = ring.min(axis=0), ring.max(axis=0)
    body = "\n".join(f"<gml:featureMember>{member}</gml:featureMember>" for member in members)
    spaces = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in _SPACES.items())
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<gml:FeatureCollection gml:id="gil_{number}" {spaces}>\n'
        f'<gml:boundedBy><gml:Envelope srsName="{_SRS}" srsDimension="2"><gml:lowerCorner>{_xy([low])}'
        f"</gml:lowerCorner><gml:upperCorner>{_xy([high])}</gml:upperCorner></gml:Envelope></gml:boundedBy>\n{body}\n"
        "</gml:FeatureCollection>\n"
    )


def letter_path(item: Precaution, number: str) -> str:
    """Return where the letter about a precaution lies in the delivery."""
    code, theme = item.network.operator, item.network.theme
    return f"bronnen/{code}/nl.imkl-{code}_{number.rpartition('_')[0]}.EV_{theme}_T_risicoHoog.pdf"


def _xy(points: object) -> str:
    return " ".join(f"{x + X_ORIGIN:.3f} {y + Y_ORIGIN:.3f}" for x, y in np.asarray(points, float)[:, :2])


def _id(code: str, name: str) -> str:
    return f"nl.imkl-{code}.{name}"


def _known(code: str, name: str) -> str:
    """Return the identification of an object of IMKL itself."""
    return (
        f"<imkl:identificatie><imkl:NEN3610ID><imkl:namespace>nl.imkl</imkl:namespace><imkl:lokaalID>{code}.{name}"
        f"</imkl:lokaalID></imkl:NEN3610ID></imkl:identificatie><imkl:beginLifespanVersion>{MOMENT}"
        "</imkl:beginLifespanVersion>"
    )


def _known_in_net(net: Network, name: str) -> str:
    """Return the identification of an object of INSPIRE."""
    return (
        f"<net:beginLifespanVersion>{MOMENT}</net:beginLifespanVersion><net:inspireId><base:Identifier><base:localId>"
        f"{net.operator}.{name}</base:localId><base:namespace>nl.imkl</base:namespace></base:Identifier>"
        "</net:inspireId>"
    )


def _ref(tag: str, code: str, name: str) -> str:
    return f'<{tag} xlink:href="{_id(code, name)}"/>'


def _value(tag: str, codelist: str, value: str) -> str:
    return f'<imkl:{tag} xlink:href="{_OWN}/{codelist}/{value}"/>'


def _size(tag: str, value: float, unit: str) -> str:
    return f'<{tag} uom="urn:ogc:def:uom:OGC::{unit}">{value:g}</{tag}>'


def _levering(number: str) -> str:
    request, _, volume = number.rpartition("_")
    name = f"_GebiedsinformatieLevering_{request}-{volume}"
    parties = "".join(_ref("imkl:belanghebbende", code, f"_Belanghebbende_{request}-1") for code in OPERATORS)
    return (
        f'<imkl:GebiedsinformatieLevering gml:id="{_id("KA0000", name)}">{_known("KA0000", name)}'
        f"<imkl:leveringsvolgnummer>{volume}</imkl:leveringsvolgnummer><imkl:datumLeveringSamengesteld>{MOMENT}"
        "</imkl:datumLeveringSamengesteld><imkl:indicatieLeveringCompleet>true</imkl:indicatieLeveringCompleet>"
        f"<imkl:achtergrondkaart><imkl:Achtergrondkaart>"
        f"{_value('achtergrondkaartSoort', 'AchtergrondkaartSoortValue', 'bgtRaster')}"
        f"<imkl:kaartreferentie>bronnen/GB_{request}.png</imkl:kaartreferentie></imkl:Achtergrondkaart>"
        f"</imkl:achtergrondkaart>{parties}{_ref('imkl:aanvraag', 'KA0000', f'_GebiedsinformatieAanvraag_{request}')}"
        "</imkl:GebiedsinformatieLevering>"
    )


def _aanvraag(number: str) -> str:
    request = number.rpartition("_")[0]
    name = f"_GebiedsinformatieAanvraag_{request}"
    return (
        f'<imkl:GebiedsinformatieAanvraag gml:id="{_id("KA0000", name)}">{_known("KA0000", name)}'
        f"<imkl:klicMeldnummer>{request}</imkl:klicMeldnummer>"
        f"{_value('aanvraagSoort', 'AanvraagSoortValue', 'graafmelding')}"
        f"<imkl:aanvraagDatum>{MOMENT}</imkl:aanvraagDatum>"
        f"{_value('soortWerkzaamheden', 'SoortWerkzaamhedenValue', 'plantenVanBomen')}"
        "<imkl:startDatum>2025-09-15</imkl:startDatum><imkl:eindDatum>2025-12-19</imkl:eindDatum>"
        "</imkl:GebiedsinformatieAanvraag>"
    )


def _request_area(number: str, ring: np.ndarray) -> str:
    name = f"_Graafpolygoon_{number.rpartition('_')[0]}"
    return (
        f'<imkl:Graafpolygoon gml:id="{_id("KA0000", name)}">{_known("KA0000", name)}<imkl:geometrie>'
        f"{_polygon(ring, name)}</imkl:geometrie></imkl:Graafpolygoon>"
    )


def _polygon(ring: np.ndarray, name: str) -> str:
    closed = np.vstack([ring, ring[:1]])
    return (
        f'<gml:Polygon gml:id="{name}_geo" srsName="{_SRS}" srsDimension="2"><gml:exterior><gml:LinearRing>'
        f"<gml:posList>{_xy(closed)}</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon>"
    )


def _operator(code: str, name: str) -> str:
    return (
        f'<imkl:Beheerder gml:id="{_id(code, "_Beheerder")}">{_known(code, "_Beheerder")}<imkl:bronhoudercode>{code}'
        f"</imkl:bronhoudercode><imkl:organisatie><imkl:Organisatie><imkl:naam>{escape(name)}</imkl:naam>"
        "</imkl:Organisatie></imkl:organisatie></imkl:Beheerder>"
    )


def _party(code: str, number: str) -> str:
    name = f"_Belanghebbende_{number.rpartition('_')[0]}-1"
    nets = "".join(_ref("imkl:utiliteitsnet", code, f"UNET_{net.key}") for net in NETWORKS.values()
                   if net.operator == code)  # fmt: skip
    return (
        f'<imkl:Belanghebbende gml:id="{_id(code, name)}">{_known(code, name)}'
        f"{_ref('imkl:netbeheerder', code, '_Beheerder')}<imkl:betrokkenBijAanvraag>true</imkl:betrokkenBijAanvraag>"
        f"{nets}</imkl:Belanghebbende>"
    )


def _network(net: Network) -> str:
    name = f"UNET_{net.key}"
    depth = "" if net.depth is None else _size("imkl:standaardDieptelegging", net.depth, "m")
    return (
        f'<imkl:Utiliteitsnet gml:id="{_id(net.operator, name)}"><us-net-common:utilityNetworkType '
        f'xlink:href="{_INSPIRE}/UtilityNetworkTypeValue/{_NET_TYPES[net.element]}"/>'
        f"{_known(net.operator, name)}{_value('thema', 'Thema', net.theme)}{depth}</imkl:Utiliteitsnet>"
    )


def _line(line: Line) -> list[str]:
    """Return a line, its link, and its course in space where that was measured."""
    net = line.network
    around = line.kind in ("Mantelbuis", "Kabelbed")
    element = line.kind or net.element
    kept = [
        _known_in_net(net, line.name), _ref("net:inNetwork", net.operator, f"UNET_{net.key}"),
        _ref("net:link", net.operator, f"UL_{line.name}"), _status(),
        "<us-net-common:verticalPosition>underground</us-net-common:verticalPosition>",
        f'<us-net-common:utilityDeliveryType xlink:href="{_INSPIRE}/UtilityDeliveryTypeValue/'
        f'{"collection" if net.element == "Rioolleiding" else "distribution"}"/>',
        f'<us-net-common:warningType xlink:href="{_INSPIRE}/WarningTypeValue/net"/>',
    ]  # fmt: skip
    diameter = line.diameter or net.diameter
    if line.kind == "Kabelbed":
        kept.append(_size("us-net-common:ductWidth", line.width / 10, "cm"))
    elif element not in _CABLES:
        kept.append(_size("us-net-common:pipeDiameter", diameter, "mm"))
    kept += [_ref("us-net-common:cables", net.operator, name) for name in line.contains]
    kept += ["" if around else net.about, _value("geoNauwkeurigheidXY", "NauwkeurigheidXYvalue", net.accuracy)]
    kept += [_ref("imkl:dieptelegging", net.operator, name) for name in line.depths]
    kept += [f"<imkl:aantalKabelsLeidingen>{len(line.contains)}</imkl:aantalKabelsLeidingen>" if around else ""]
    if line.surveyed is not None:
        kept.append(_ref("imkl:extraGeometrie", net.operator, f"XG_{line.name}"))
    label = "huisaansluiting" if line.service else net.label
    kept.append("" if around else f"<imkl:label>{escape(label)}</imkl:label>")
    if element in _CABLES:
        kept.append(_size("imkl:kabelDiameter", diameter, "mm"))
    made = [f'<imkl:{element} gml:id="{_id(net.operator, line.name)}">{"".join(kept)}</imkl:{element}>', _link(line)]
    return made if line.surveyed is None else [*made, _in_space(line)]


def _status() -> str:
    return (
        f'<us-net-common:currentStatus xlink:href="{_INSPIRE}/ConditionOfFacilityValue/functional"/>'
        "<us-net-common:validFrom>2001-01-01T00:00:00+01:00</us-net-common:validFrom>"
    )


def _link(line: Line) -> str:
    net, name = line.network, f"UL_{line.name}"
    return (
        f'<us-net-common:UtilityLink gml:id="{_id(net.operator, name)}">{_known_in_net(net, name)}'
        f"{_ref('net:inNetwork', net.operator, f'UNET_{net.key}')}<net:centrelineGeometry>"
        f'<gml:LineString gml:id="{name}_geo" srsName="{_SRS}"><gml:posList>{_xy(line.points)}</gml:posList>'
        f"</gml:LineString></net:centrelineGeometry><net:fictitious>false</net:fictitious>{_status()}"
        "</us-net-common:UtilityLink>"
    )


def _in_space(line: Line) -> str:
    net, name = line.network, f"XG_{line.name}"
    points = " ".join(f"{x + X_ORIGIN:.3f} {y + Y_ORIGIN:.3f} {z:.2f}" for x, y, z in np.asarray(line.surveyed))
    return (
        f'<imkl:ExtraGeometrie gml:id="{_id(net.operator, name)}">{_known(net.operator, name)}<imkl:lijngeometrie2.5D>'
        f'<gml:LineString gml:id="{name}_geo" srsName="{_SRS_3D}" srsDimension="3"><gml:posList>{points}</gml:posList>'
        f"</gml:LineString></imkl:lijngeometrie2.5D>{_ref('imkl:inNetwork', net.operator, f'UNET_{net.key}')}"
        "</imkl:ExtraGeometrie>"
    )


def _point(x: float, y: float, name: str) -> str:
    place = f"{x + X_ORIGIN:.3f} {y + Y_ORIGIN:.3f}"
    return f'<gml:Point gml:id="{name}_geo" srsName="{_SRS}"><gml:pos>{place}</gml:pos></gml:Point>'


def _node(node: Node) -> str:
    net = node.network
    inside = f"{_ref('imkl:inNetwork', net.operator, f'UNET_{net.key}')}"
    if node.kind == "Appurtenance":
        return (
            f'<us-net-common:Appurtenance gml:id="{_id(net.operator, node.name)}">{_known_in_net(net, node.name)}'
            f"{_ref('net:inNetwork', net.operator, f'UNET_{net.key}')}<net:geometry>"
            f"{_point(node.x, node.y, node.name)}</net:geometry>{_status()}<us-net-common:appurtenanceType "
            f'xlink:href="{_INSPIRE}/WaterAppurtenanceTypeValue/{node.value}"/></us-net-common:Appurtenance>'
        )
    return (
        f'<imkl:{node.kind} gml:id="{_id(net.operator, node.name)}">{_status()}<us-net-common:verticalPosition>'
        "onGroundSurface</us-net-common:verticalPosition><us-net-common:geometry>"
        f"{_point(node.x, node.y, node.name)}</us-net-common:geometry><us-net-common:inspireId><base:Identifier>"
        f"<base:localId>{net.operator}.{node.name}</base:localId><base:namespace>nl.imkl</base:namespace>"
        f"</base:Identifier></us-net-common:inspireId>{inside}</imkl:{node.kind}>"
    )


def _depth(depth: Depth) -> str:
    net, absolute = depth.network, depth.ground is not None
    element = "DiepteNAP" if absolute else "DiepteTovMaaiveld"
    ground = _size("imkl:maaiveldPeil", depth.ground, "m") if depth.ground is not None else ""
    part = "binnenonderkantBuis" if absolute else "bovenkant"
    accuracy = "tot30cm" if absolute else "onbekend"
    return (
        f'<imkl:{element} gml:id="{_id(net.operator, depth.name)}">{_known(net.operator, depth.name)}'
        f"{_value('diepteNauwkeurigheid', 'NauwkeurigheidDiepteValue', accuracy)}"
        f"{_size('imkl:dieptePeil', depth.level, 'm')}"
        "<imkl:datumOpmetingDieptePeil>2019-05-14T00:00:00</imkl:datumOpmetingDieptePeil>"
        f"{_value('diepteAangrijpingspunt', 'DiepteAangrijpingspuntValue', part)}"
        f"<imkl:ligging>{_point(depth.x, depth.y, depth.name)}</imkl:ligging>"
        f"{_ref('imkl:inNetwork', net.operator, f'UNET_{net.key}')}{ground}</imkl:{element}>"
    )


def _precaution(item: Precaution) -> str:
    net = item.network
    return (
        f'<imkl:AanduidingEisVoorzorgsmaatregel gml:id="{_id(net.operator, item.name)}">'
        f"{_known(net.operator, item.name)}<imkl:omschrijving>{escape(item.text)}</imkl:omschrijving>"
        f"{_ref('imkl:inNetwork', net.operator, f'UNET_{net.key}')}<imkl:eisVoorzorgsmaatregel>{item.measure}"
        f"</imkl:eisVoorzorgsmaatregel><imkl:netbeheerderNetOmschrijving>{escape(net.label)}"
        f"</imkl:netbeheerderNetOmschrijving><imkl:geometrie>{_polygon(item.ring, item.name)}</imkl:geometrie>"
        "</imkl:AanduidingEisVoorzorgsmaatregel>"
    )


def _letter(item: Precaution, number: str) -> str:
    net = item.network
    name = f"_EisVoorzorgsmaatregelBijlage_{number.rpartition('_')[0]}_{net.theme}"
    return (
        f'<imkl:EisVoorzorgsmaatregelBijlage gml:id="{_id(net.operator, name)}">{_known(net.operator, name)}'
        f"{_value('bijlageType', 'BijlageTypeValue', 'eisVoorzorgsmaatregel')}"
        f"<imkl:bestandLocatie>{letter_path(item, number)}</imkl:bestandLocatie>"
        f"{_value('bestandMediaType', 'BestandMediaTypeValue', 'PDF')}"
        f"<imkl:bestandIdentificator>nl.imkl-{net.operator}.EV_{net.theme}</imkl:bestandIdentificator>"
        f"{_value('thema', 'Thema', net.theme)}<imkl:eisVoorzorgsmaatregel>{item.measure}"
        f"</imkl:eisVoorzorgsmaatregel><imkl:toelichting>{escape(item.text)}</imkl:toelichting>"
        "</imkl:EisVoorzorgsmaatregelBijlage>"
    )
