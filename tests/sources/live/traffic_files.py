"""Measured data of traffic as DATEX II 2.3 and 3, written by hand with the quirks that services have."""

SITES_V2 = b"""<?xml version="1.0" encoding="UTF-8"?>
<SOAP:Envelope xmlns:SOAP="http://schemas.xmlsoap.org/soap/envelope/"><SOAP:Body>
<d2LogicalModel xmlns="http://datex2.eu/schema/2/2_0" modelBaseVersion="2">
<payloadPublication xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="MeasurementSiteTablePublication">
<publicationTime>2026-05-04T06:00:00Z</publicationTime>
<measurementSiteTable id="NDW01_MT" version="1">
<measurementSiteRecord id="PZH01_MST_0687_01" version="8">
 <measurementSiteName><values><value lang="nl">N450 km 2.735</value></values></measurementSiteName>
 <measurementSiteNumberOfLanes>2</measurementSiteNumberOfLanes>
 <measurementSpecificCharacteristics index="1"><measurementSpecificCharacteristics><accuracy>95</accuracy>
  <period>60</period><specificLane>lane1</specificLane>
  <specificMeasurementValueType>trafficFlow</specificMeasurementValueType><specificVehicleCharacteristics>
  <vehicleType>anyVehicle</vehicleType></specificVehicleCharacteristics></measurementSpecificCharacteristics>
 </measurementSpecificCharacteristics>
 <measurementSpecificCharacteristics index="2"><measurementSpecificCharacteristics><period>60</period>
  <specificLane>lane2</specificLane><specificMeasurementValueType>trafficFlow</specificMeasurementValueType>
  <specificVehicleCharacteristics><vehicleType>anyVehicle</vehicleType></specificVehicleCharacteristics>
 </measurementSpecificCharacteristics></measurementSpecificCharacteristics>
 <measurementSpecificCharacteristics index="3"><measurementSpecificCharacteristics><period>60</period>
  <specificLane>lane1</specificLane><specificMeasurementValueType>trafficSpeed</specificMeasurementValueType>
  <specificVehicleCharacteristics><vehicleType>anyVehicle</vehicleType></specificVehicleCharacteristics>
 </measurementSpecificCharacteristics></measurementSpecificCharacteristics>
 <measurementSpecificCharacteristics index="4"><measurementSpecificCharacteristics><period>60</period>
  <specificLane>lane2</specificLane><specificMeasurementValueType>trafficSpeed</specificMeasurementValueType>
  <specificVehicleCharacteristics><vehicleType>anyVehicle</vehicleType></specificVehicleCharacteristics>
 </measurementSpecificCharacteristics></measurementSpecificCharacteristics>
 <measurementSpecificCharacteristics index="5"><measurementSpecificCharacteristics><period>60</period>
  <specificLane>lane1</specificLane><specificMeasurementValueType>trafficFlow</specificMeasurementValueType>
  <specificVehicleCharacteristics>
   <lengthCharacteristic><comparisonOperator>lessThanOrEqualTo</comparisonOperator><vehicleLength>12.20</vehicleLength>
   </lengthCharacteristic>
   <lengthCharacteristic><comparisonOperator>greaterThan</comparisonOperator><vehicleLength>5.60</vehicleLength>
   </lengthCharacteristic></specificVehicleCharacteristics>
 </measurementSpecificCharacteristics></measurementSpecificCharacteristics>
 <measurementSiteLocation xsi:type="Point"><locationForDisplay><latitude>52.0116</latitude>
  <longitude>4.3571</longitude></locationForDisplay></measurementSiteLocation>
</measurementSiteRecord>
<measurementSiteRecord id="RWS01_TT_1" version="1">
 <measurementSiteName><values><value lang="nl">A13 rechts</value></values></measurementSiteName>
 <measurementSpecificCharacteristics index="1"><measurementSpecificCharacteristics><period>60</period>
  <specificMeasurementValueType>travelTimeInformation</specificMeasurementValueType>
 </measurementSpecificCharacteristics></measurementSpecificCharacteristics>
 <measurementSiteLocation xsi:type="ItineraryByIndexedLocations">
  <locationContainedInItinerary index="1"><location xsi:type="Linear"><linearExtension>
   <linearByCoordinatesExtension><linearCoordinatesStartPoint><pointCoordinates><latitude>52.00</latitude>
   <longitude>4.36</longitude></pointCoordinates></linearCoordinatesStartPoint><linearCoordinatesEndPoint>
   <pointCoordinates><latitude>52.02</latitude><longitude>4.37</longitude></pointCoordinates>
   </linearCoordinatesEndPoint></linearByCoordinatesExtension></linearExtension></location>
  </locationContainedInItinerary></measurementSiteLocation>
</measurementSiteRecord>
</measurementSiteTable></payloadPublication></d2LogicalModel></SOAP:Body></SOAP:Envelope>"""

_FLOW = (
    '<measuredValue index="{index}"><measuredValue><basicData xsi:type="TrafficFlow"><vehicleFlow>{error}'
    "<vehicleFlowRate>{value}</vehicleFlowRate></vehicleFlow></basicData></measuredValue></measuredValue>"
)
_SPEED = (
    '<measuredValue index="{index}"><measuredValue><basicData xsi:type="TrafficSpeed">'
    '<averageVehicleSpeed numberOfInputValuesUsed="{count}" standardDeviation="{deviation}">{error}'
    "<speed>{value}</speed></averageVehicleSpeed></basicData></measuredValue></measuredValue>"
)
ERROR = "<dataError>true</dataError>"


def flow(index, value, error=""):
    """A flow of one lane in DATEX II 2.3."""
    return _FLOW.format(index=index, value=value, error=error)


def speed(index, value, count=4, deviation=-1, error=""):
    """A speed of one lane in DATEX II 2.3."""
    return _SPEED.format(index=index, value=value, count=count, deviation=deviation, error=error)


def site(name, *values, time="2026-05-04T06:00:00Z"):
    """All values of one site."""
    return (
        f'<siteMeasurements><measurementSiteReference id="{name}" version="8" targetClass="MeasurementSiteRecord"/>'
        f"<measurementTimeDefault>{time}</measurementTimeDefault>{''.join(values)}</siteMeasurements>"
    )


def measured(*sites):
    """A whole publication of DATEX II 2.3, as the NDW still gives it."""
    return (
        '<SOAP:Envelope xmlns:SOAP="http://schemas.xmlsoap.org/soap/envelope/"><SOAP:Body>'
        '<d2LogicalModel xmlns="http://datex2.eu/schema/2/2_0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        '<payloadPublication xsi:type="MeasuredDataPublication"><publicationTime>2026-05-04T06:01:30Z</publicationTime>'
        f"{''.join(sites)}</payloadPublication></d2LogicalModel></SOAP:Body></SOAP:Envelope>"
    ).encode()


SITE = "PZH01_MST_0687_01"

TRAVEL_TIME = site(
    "RWS01_TT_1",
    '<measuredValue index="1"><measuredValue><basicData xsi:type="TravelTimeData"><travelTime '
    'numberOfInputValuesUsed="3" standardDeviation="2.5"><duration>84.0</duration></travelTime></basicData>'
    "</measuredValue></measuredValue>",
)

SITES_V3 = b"""<ns:messageContainer xmlns:ns="http://datex2.eu/schema/3/messageContainer"
 xmlns:roa="http://datex2.eu/schema/3/roadTrafficData" xmlns:com="http://datex2.eu/schema/3/common"
 xmlns:loc="http://datex2.eu/schema/3/locationReferencing" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<ns:payload xsi:type="roa:MeasurementSiteTablePublication">
<com:publicationTime>2026-05-04T06:00:00Z</com:publicationTime>
<roa:measurementSiteTable id="NDW01_MT" version="1"><roa:measurementSite id="GEO01_1" version="2">
<roa:measurementSiteName><com:values><com:value lang="nl">Westlandseweg</com:value></com:values>
</roa:measurementSiteName>
<roa:measurementSpecificCharacteristics index="1"><roa:measurementSpecificCharacteristics>
 <roa:period>300</roa:period><roa:specificLane><loc:laneNumber>1</loc:laneNumber></roa:specificLane>
 <roa:specificMeasurementValueType>trafficFlow</roa:specificMeasurementValueType>
 <roa:specificVehicleCharacteristics><com:vehicleType>anyVehicle</com:vehicleType></roa:specificVehicleCharacteristics>
</roa:measurementSpecificCharacteristics></roa:measurementSpecificCharacteristics>
<roa:measurementSiteLocation xsi:type="loc:PointLocation"><loc:pointByCoordinates><loc:pointCoordinates>
 <loc:latitude>52.005</loc:latitude><loc:longitude>4.35</loc:longitude></loc:pointCoordinates></loc:pointByCoordinates>
</roa:measurementSiteLocation></roa:measurementSite></roa:measurementSiteTable></ns:payload></ns:messageContainer>"""

MEASURED_V3 = b"""<ns:messageContainer xmlns:ns="http://datex2.eu/schema/3/messageContainer"
 xmlns:roa="http://datex2.eu/schema/3/roadTrafficData" xmlns:com="http://datex2.eu/schema/3/common"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<ns:payload xsi:type="roa:MeasuredDataPublication"><com:publicationTime>2026-05-04T06:05:10Z</com:publicationTime>
<roa:siteMeasurements><roa:measurementSiteReference id="GEO01_1" version="2" targetClass="MeasurementSite"/>
<roa:measurementTimeDefault><com:timeValue>2026-05-04T08:00:00+02:00</com:timeValue></roa:measurementTimeDefault>
<roa:physicalQuantity index="1"><roa:physicalQuantity xsi:type="roa:SinglePhysicalQuantity">
<roa:basicData xsi:type="roa:TrafficFlow"><roa:vehicleFlow><roa:vehicleFlowRate>240</roa:vehicleFlowRate>
</roa:vehicleFlow></roa:basicData></roa:physicalQuantity></roa:physicalQuantity></roa:siteMeasurements>
</ns:payload></ns:messageContainer>"""

SITUATIONS = b"""<d2LogicalModel xmlns="http://datex2.eu/schema/2/2_0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<payloadPublication xsi:type="SituationPublication"><publicationTime>2026-05-04T06:00:00Z</publicationTime>
<situation id="NDW_1" version="3"><situationRecord xsi:type="MaintenanceWorks" id="NDW_1_1" version="3">
<probabilityOfOccurrence>certain</probabilityOfOccurrence><validity><validityStatus>definedByValidityTimeSpec</validityStatus>
<validityTimeSpecification><overallStartTime>2026-05-10T20:00:00Z</overallStartTime>
<overallEndTime>2026-05-11T04:00:00Z</overallEndTime></validityTimeSpecification></validity>
<groupOfLocations xsi:type="Point"><locationForDisplay><latitude>52.01</latitude><longitude>4.36</longitude>
</locationForDisplay></groupOfLocations><roadMaintenanceType>resurfacingWork</roadMaintenanceType></situationRecord>
<situationRecord xsi:type="RoadOrCarriagewayOrLaneManagement" id="NDW_1_2" version="1"><validity>
<validityStatus>active</validityStatus><validityTimeSpecification><overallStartTime>2026-05-10T20:00:00Z</overallStartTime>
</validityTimeSpecification></validity></situationRecord></situation></payloadPublication></d2LogicalModel>"""
