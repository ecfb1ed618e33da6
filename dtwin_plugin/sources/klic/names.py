"""What IMKL calls its objects and their properties, by local name: these stay while the namespaces change.

IMKL 1.2.1, 2.0 and 3.0 objectcatalogus, Geonovum.
"""

from __future__ import annotations

from types import MappingProxyType

LINES = (
    "Elektriciteitskabel", "OlieGasChemicalienPijpleiding", "Rioolleiding", "Waterleiding", "Telecommunicatiekabel",
    "ThermischePijpleiding", "Overig", "Mantelbuis", "Duct", "Kabelbed",
)  # fmt: skip
AROUND = ("Mantelbuis", "Duct", "Kabelbed")  # lines that hold other lines
NODES = ("Appurtenance", "Kast", "Mast", "Toren", "Mangat", "TechnischGebouw")
DEPTHS = ("DiepteTovMaaiveld", "DiepteNAP")
DRAWING = ("Maatvoering", "Annotatie", "EigenTopografie", "ExtraDetailinfo")
REQUEST = ("Graafpolygoon", "Informatiepolygoon", "Orientatiepolygoon", "Veiligheidsgebied")
ATTACHMENTS = ("Bijlage", "EisVoorzorgsmaatregelBijlage", "ExtraDetailinfo")
PRECAUTION, EXTRA, LINK, NETWORK = "AanduidingEisVoorzorgsmaatregel", "ExtraGeometrie", "UtilityLink", "Utiliteitsnet"
OPERATOR, DELIVERY, ASKED = "Beheerder", "GebiedsinformatieLevering", "GebiedsinformatieAanvraag"
PARTY = "Belanghebbende"
TYPES = frozenset(
    {*LINES, *NODES, *DEPTHS, *DRAWING, *REQUEST, *ATTACHMENTS, PRECAUTION, EXTRA, LINK, NETWORK, OPERATOR, DELIVERY,
     ASKED, PARTY, "Belang"}
)  # fmt: skip

# Property -> column and kind of value: text, code (the last part of the address of a value in a list), refs (ids of
# other objects), time, flag, whole, or a length [mm or m], pressure [bar], voltage [V] or angle [degree].
# What is not here is not read; contacts, addresses and who asked are therefore nowhere.
PROPERTIES = MappingProxyType({
    "inNetwork": ("networks", "refs"),
    "link": ("links", "refs"),
    "extraGeometrie": ("extra", "refs"),
    "dieptelegging": ("depths", "refs"),
    "heeftExtraInformatie": ("details", "refs"),
    "cables": ("contains", "refs"),
    "pipes": ("contains", "refs"),
    "ducts": ("contains", "refs"),
    "bijlage": ("attachments", "refs"),
    "netbeheerder": ("operators", "refs"),
    "aanvraag": ("request_ref", "refs"),
    "currentStatus": ("status", "code"),
    "verticalPosition": ("vertical_position", "code"),
    "utilityDeliveryType": ("delivery_type", "code"),
    "geoNauwkeurigheidXY": ("accuracy", "code"),
    "buismateriaalType": ("material", "code"),
    "telecommunicationsCableMaterialType": ("material", "code"),
    "oilGasChemicalsProductType": ("product", "code"),
    "waterType": ("product", "code"),
    "sewerWaterType": ("product", "code"),
    "thermalProductType": ("product", "code"),
    "producttype": ("product", "text"),
    "pipeDiameter": ("diameter", "mm"),
    "kabelDiameter": ("cable_diameter", "mm"),
    "ductWidth": ("width", "mm"),
    "pressure": ("pressure", "bar"),
    "operatingVoltage": ("voltage", "V"),
    "nominalVoltage": ("nominal_voltage", "V"),
    "aantalKabelsLeidingen": ("count_inside", "whole"),
    "bovengrondsZichtbaar": ("visible_above_ground", "flag"),
    "label": ("label", "text"),
    "omschrijving": ("description", "text"),
    "toelichting": ("remark", "text"),
    "beginLifespanVersion": ("begin", "time"),
    "endLifespanVersion": ("end", "time"),
    "validFrom": ("valid_from", "time"),
    "validTo": ("valid_to", "time"),
    "appurtenanceType": ("kind", "code"),
    "annotatieType": ("kind", "code"),
    "maatvoeringsType": ("kind", "code"),
    "typeTopografischObject": ("kind", "code"),
    "extraInfoType": ("kind", "code"),
    "bijlageType": ("kind", "code"),
    "poleHeight": ("height", "m"),
    "towerHeight": ("height", "m"),
    "hoogte": ("height", "m"),
    "rotatiehoek": ("rotation", "degree"),
    "rotatiehoekSymbool": ("rotation", "degree"),
    "thema": ("theme", "code"),
    "standaardDieptelegging": ("standard_depth", "m"),
    "dieptePeil": ("level", "m"),
    "maaiveldPeil": ("ground", "m"),
    "diepteNauwkeurigheid": ("accuracy", "code"),
    "diepteAangrijpingspunt": ("reference", "code"),
    "datumOpmetingDieptePeil": ("measured", "time"),
    "eisVoorzorgsmaatregel": ("precaution", "text"),
    "netbeheerderNetOmschrijving": ("net_description", "text"),
    "netbeheerderNetAanduiding": ("net_name", "text"),
    "netbeheerderWerkAanduiding": ("work_name", "text"),
    "bestandLocatie": ("path", "text"),
    "bestandMediaType": ("media", "code"),
    "bestandIdentificator": ("file_id", "text"),
    "klicMeldnummer": ("request", "text"),
    "aanvraagSoort": ("request_type", "code"),
    "aanvraagDatum": ("requested", "time"),
    "startDatum": ("start", "time"),
    "eindDatum": ("finish", "time"),
    "soortWerkzaamheden": ("works", "code"),
    "leveringsvolgnummer": ("number", "whole"),
    "datumLeveringSamengesteld": ("delivered", "time"),
    "indicatieLeveringCompleet": ("complete", "flag"),
    "bronhoudercode": ("code", "text"),
})  # fmt: skip
