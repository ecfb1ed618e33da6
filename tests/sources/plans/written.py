"""Documents of made-up plans in Delft, as makers of plans write them: IMRO2008 and 2012, and STOP."""

IMRO = {"2008": "http://www.geonovum.nl/imro/2008/1", "2012": "http://www.geonovum.nl/imro/2012/1.1"}
GML = {"2008": "http://www.opengis.net/gml", "2012": "http://www.opengis.net/gml/3.2"}
PLAN = "NL.IMRO.0503.BP9001-2001"
METER = "http://standaarden.omgevingswet.overheid.nl/eenheid/id/concept/Meter"
HIGHEST = "http://standaarden.omgevingswet.overheid.nl/typenorm/id/concept/MaximumBouwhoogte"


def corners(x, y, size):
    return f"{x} {y} {x + size} {y} {x + size} {y + size} {x} {y + size} {x} {y}"


def surface(x, y, size, hole=None, srs="urn:ogc:def:crs:EPSG::28992"):
    """A surface of one patch; its ring as a curve, as some makers write it, where there is a hole."""
    if hole is None:
        ring = f"<gml:LinearRing><gml:posList>{corners(x, y, size)}</gml:posList></gml:LinearRing>"
        rings = f"<gml:exterior>{ring}</gml:exterior>"
    else:
        rings = "".join(
            f"<gml:{name}><gml:Ring><gml:curveMember><gml:Curve><gml:segments><gml:LineStringSegment><gml:posList>"
            f"{corners(*where)}</gml:posList></gml:LineStringSegment></gml:segments></gml:Curve></gml:curveMember>"
            f"</gml:Ring></gml:{name}>"
            for name, where in (("exterior", (x, y, size)), ("interior", hole))
        )
    name = f'srsName="{srs}"' if srs else ""
    return f"<gml:Surface {name}><gml:patches><gml:PolygonPatch>{rings}</gml:PolygonPatch></gml:patches></gml:Surface>"


def area(element, number, name, geometry, more="", plan=PLAN):
    return (
        f'<imro:featureMember><imro:{element} gml:id="NL.IMRO.{number}"><imro:identificatie><imro:NEN3610ID>'
        f"<imro:namespace>NL.IMRO</imro:namespace><imro:lokaalID>{number}</imro:lokaalID></imro:NEN3610ID>"
        f'</imro:identificatie><imro:typePlanobject>{element.lower()}</imro:typePlanobject><imro:plangebied xlink:href='
        f'"#{plan}"/><imro:naam>{name}</imro:naam>{more}<imro:geometrie>{geometry}</imro:geometrie></imro:{element}>'
        "</imro:featureMember>"
    )  # fmt: skip


def norms(*pairs):
    return "".join(
        f"<imro:maatvoeringInfo><imro:WaardeEnType><imro:waarde>{value}</imro:waarde><imro:waardeType>{name}"
        "</imro:waardeType><imro:symboolCode>s104</imro:symboolCode></imro:WaardeEnType></imro:maatvoeringInfo>"
        for name, value in pairs
    )


def words(text):
    return (
        "<imro:verwijzingNaarTekstInfo><imro:TekstReferentie_BP><imro:verwijzingNaarTekst>"
        f"{text}</imro:verwijzingNaarTekst><imro:typeTekst>regels</imro:typeTekst></imro:TekstReferentie_BP>"
        "</imro:verwijzingNaarTekstInfo>"
    )


def plan_area(name=PLAN, title="Testplan Delft", status="vastgesteld"):
    local, _, version = name.removeprefix("NL.IMRO.").rpartition("-")
    return (
        f'<imro:featureMember><imro:Bestemmingsplangebied gml:id="{name}"><imro:identificatie><imro:NEN3610ID>'
        f"<imro:namespace>NL.IMRO</imro:namespace><imro:lokaalID>{local}</imro:lokaalID><imro:versie>{version}"
        "</imro:versie></imro:NEN3610ID></imro:identificatie><imro:typePlan>bestemmingsplan</imro:typePlan>"
        f"<imro:naamOverheid>gemeente Delft</imro:naamOverheid><imro:naam>{title}</imro:naam><imro:planstatusInfo>"
        f"<imro:PlanstatusEnDatum><imro:planstatus>{status}</imro:planstatus><imro:datum>2015-06-25</imro:datum>"
        f"</imro:PlanstatusEnDatum></imro:planstatusInfo>{words(f'r_{name}.html')}<imro:geometrie>"
        f"{surface(84600, 447400, 340)}</imro:geometrie></imro:Bestemmingsplangebied></imro:featureMember>"
    )  # fmt: skip


def members():
    """The areas of the plan: norms of every sort, a building area with a court, land use, and a line."""
    return "".join([
        area("Maatvoering", "mv1", "maximum goothoogte (m), maximum bouwhoogte (m)", surface(84700, 447500, 60),
             norms(("maximum goothoogte (m)", "6,5"), ("maximum bouwhoogte (m)", "11"))),
        area("Maatvoering", "mv2", "maximum bebouwingspercentage (%)", surface(84800, 447500, 60),
             norms(("maximum bebouwingspercentage (%)", "60"))),
        area("Maatvoering", "mv3", "minimum bouwhoogte (m)", surface(84880, 447500, 50),
             norms(("minimum bouwhoogte (m)", "6"), ("maximum bouwhoogte (m)", "9 (excl. kap)"))),
        area("Bouwvlak", "bv1", "bouwvlak", surface(84700, 447500, 60, hole=(84720, 447520, 10))),
        area("Enkelbestemming", "ep1", "Wonen", surface(84690, 447490, 240),
             words(f"https://plannen.example/r_{PLAN}.html#wonen")),
        area("Figuur", "fig1", "gevellijn", '<gml:Curve srsName="urn:ogc:def:crs:EPSG::28992"><gml:segments>'
             "<gml:LineStringSegment><gml:posList>84700 447500 84760 447500</gml:posList></gml:LineStringSegment>"
             "</gml:segments></gml:Curve>"),
    ])  # fmt: skip


def imro(body=None, year="2012", plan=None):
    """A plan; it stands after its areas, as in real files."""
    body = members() + (plan_area() if plan is None else plan) if body is None else body
    return (
        f'<?xml version="1.0" encoding="utf-8"?><!-- by hand --><imro:FeatureCollectionIMRO gml:id="c" xmlns:imro='
        f'"{IMRO[year]}" xmlns:gml="{GML[year]}" xmlns:xlink="http://www.w3.org/1999/xlink">{body}'
        "</imro:FeatureCollectionIMRO>"
    ).encode()


def imro2006():
    """A plan of before 2008: the names of GML around it, norms in a list of kinds, and geometries a level deeper."""

    def old(element, number, geometry, more=""):
        return (
            f'<gml:featureMember><imro:{element} gml:id="localid{number}"><imro:identificatie>{number}'
            f"</imro:identificatie><imro:naam>{element}</imro:naam><imro:plangebied xlink:href="
            f'"#NL.IMRO.05030000BS1-"/>{more}<imro:geometrie><imro:PuntLijnVlakMulti><imro:geometrieVlak>{geometry}'
            f"</imro:geometrieVlak></imro:PuntLijnVlakMulti></imro:geometrie></imro:{element}></gml:featureMember>"
        )

    pairs = "".join(
        f"<imro:omvangWaarde><imro:OmvangWaardeBP><imro:waarde>{value}</imro:waarde><imro:waardeType>maatvoering; "
        f"hoogte; {name}</imro:waardeType></imro:OmvangWaardeBP></imro:omvangWaarde>"
        for name, value in (("goothoogte; maximum goothoogte (m)", "4.5"), ("maximum hoogte (m)", "8.5"))
    )
    holder = f"<imro:maatvoering><imro:MatrixEnWaarde>{pairs}</imro:MatrixEnWaarde></imro:maatvoering>"
    plan = (
        '<gml:featureMember><imro:Bestemmingsplangebied gml:id="NL.IMRO.05030000BS1-"><imro:naam>Oud plan</imro:naam>'
        "<imro:planstatusInfo><imro:PlanstatusBPenDatum><imro:datum>2007-06-07</imro:datum><imro:planstatus>vastgesteld"
        "</imro:planstatus></imro:PlanstatusBPenDatum></imro:planstatusInfo></imro:Bestemmingsplangebied>"
        "</gml:featureMember>"
    )
    body = old("Maatvoering", "MP1", surface(84700, 447500, 60), holder) + old(
        "Bouwvlak", "BP1", surface(84700, 447500, 60)
    )
    return (
        '<?xml version="1.0" encoding="ISO-8859-1"?><gml:FeatureCollection xmlns:imro="http://www.ravi.nl/imro2006" '
        'xmlns:gml="http://www.opengis.net/gml" xmlns:xlink="http://www.w3.org/1999/xlink"><gml:name>x</gml:name>'
        f"{body}{plan}</gml:FeatureCollection>"
    ).encode("latin-1")


def location(number, value, x=84700, kind="kwantitatieveNormwaarde", name="Kade"):
    norm = f"<geo:{kind}>{value}</geo:{kind}>" if value is not None else ""
    shape = (
        f'<gml:MultiSurface srsName="urn:ogc:def:crs:EPSG::28992"><gml:surfaceMember><gml:Polygon><gml:exterior>'
        f"<gml:LinearRing><gml:posList>{corners(x, 447500, 50)}</gml:posList></gml:LinearRing></gml:exterior>"
        "</gml:Polygon></gml:surfaceMember></gml:MultiSurface>"
    )
    return (
        f"<geo:Locatie><geo:naam>{name}</geo:naam><geo:geometrie><basisgeo:Geometrie><basisgeo:id>{number}</basisgeo:id>"
        f"<basisgeo:geometrie>{shape}</basisgeo:geometrie></basisgeo:Geometrie></geo:geometrie>{norm}</geo:Locatie>"
    )


def gio(*locations, label="meters boven het maaiveld", unit=METER, name="Maximum bouwhoogte", kind=HIGHEST):
    heads = "".join(
        f"<geo:{head}>{text}</geo:{head}>"
        for head, text in (("eenheidlabel", label), ("eenheidID", unit), ("normlabel", name), ("normID", kind))
        if text
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><geo:GeoInformatieObjectVaststelling xmlns:basisgeo='
        '"http://www.geostandaarden.nl/basisgeometrie/1.0" xmlns:geo="https://standaarden.overheid.nl/stop/imop/geo/" '
        'xmlns:gio="https://standaarden.overheid.nl/stop/imop/gio/" xmlns:gml="http://www.opengis.net/gml/3.2" '
        'schemaversie="1.3.0"><geo:context><gio:GeografischeContext><gio:achtergrondVerwijzing>top10nl'
        "</gio:achtergrondVerwijzing></gio:GeografischeContext></geo:context><geo:vastgesteldeVersie>"
        "<geo:GeoInformatieObjectVersie><geo:FRBRWork>/join/id/regdata/gm0503/2024/Bouwhoogte</geo:FRBRWork>"
        "<geo:FRBRExpression>/join/id/regdata/gm0503/2024/Bouwhoogte/nld@2024-01-15;1</geo:FRBRExpression>"
        f"{heads}<geo:locaties>{''.join(locations)}</geo:locaties></geo:GeoInformatieObjectVersie>"
        "</geo:vastgesteldeVersie></geo:GeoInformatieObjectVaststelling>"
    ).encode()
