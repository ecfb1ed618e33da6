"""The checks before a run that follow from the description alone, listed together and not one at a time."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Callable

import numpy as np

from dtwin_plugin.data import Extent, Grid
from dtwin_plugin.data.crs import NOT_METRIC, RD, is_rd, normalise
from dtwin_plugin.errors import InputError

from .base import Field, Model, Values
from .problem import ERROR, WARNING, Problem

_LAYERS = ("grid", "features", "surfaces", "voxels")  # kinds that lie on the map

# Codes never change meaning; a new check gets a new code. `docs/checks.md` is written from this table.
CODES = {
    "DT001": "A required input is missing.",
    "DT002": "A number is outside its limits.",
    "DT003": "A choice is not one of the list.",
    "DT004": "A layer is empty.",
    "DT005": "A raster holds no data at all.",
    "DT006": "A layer is not in RD New, or not in the system of the others.",
    "DT007": "A table lacks a column or has unequal columns.",
    "DT008": "Layers do not overlap.",
    "DT009": "A file does not exist.",
    "DT010": "A raster has cells without data.",
    "DT101": "Rain times do not increase.",
    "DT102": "The run may take long.",
    "DT103": "Terrain heights are not plausible in m NAP.",
    "DT104": "Rain of a series is outside its limits.",
    "DT105": "A raster of the soil is outside its limits.",
    "DT110": "Cells taken together do not go with the scheme.",
    "DT120": "Rain is given in more ways than one.",
    "DT121": "An own table of events cannot be used.",
    "DT122": "A rain series has rows without a number.",
    "DT123": "A rain series may miss rows.",
    "DT124": "Rain as rasters does not cover the terrain at all times.",
    "DT125": "Rain as rasters misses steps.",
    "DT126": "Rain as rasters is outside its limits.",
    "DT127": "The times of rain as rasters do not increase.",
    "DT128": "Land cover has no column for its class.",
    "DT129": "Land cover has codes without a row in the table.",
    "DT130": "The table of land cover cannot be used.",
    "DT131": "A raster of the surface is outside its limits.",
    "DT132": "A raster is likely to be in another unit.",
    "DT133": "Soil and sewer are likely to be counted twice.",
    "DT140": "A structure or open water is of an unknown type.",
    "DT141": "A structure lies outside the terrain.",
    "DT142": "A structure lacks a number.",
    "DT143": "A structure has a size that cannot be.",
    "DT144": "A level of open water is no m NAP.",
    "DT145": "A series of open water is not in the table.",
    "DT146": "The sewer network cannot be used.",
    "DT147": "The sewer network has another unit of flow.",
    "DT148": "The sewer network lies outside the terrain.",
    "DT149": "Nodes of the sewer network are not coupled.",
    "DT150": "Rims of the sewer network differ from the ground.",
    "DT151": "Nodes of the sewer network lie above the ground.",
    "DT152": "A number of a sewer district is outside its limits.",
    "DT153": "The table of sewer rules cannot be used.",
    "DT154": "Infiltration is likely to hold the sewer too.",
    "DT155": "A sewer network and sewer districts are both given.",
    "DT160": "There are more cells than a scan can number.",
    "DT161": "Losses take all the rain.",
    "DT162": "Runoff is negative.",
    "DT163": "The terrain has no heights up to its edge.",
    "DT164": "A spike or pit stands out of the terrain.",
    "DT165": "A building has no ground around it.",
    "DT166": "The end of a culvert lies above the ground.",
    "DT167": "The bed below a bridge is not known.",
    "DT168": "A water body has uneven heights.",
    "DT169": "The level of a water body is not known.",
    "DT170": "A tunnel was left closed.",
    "DT171": "A deck was taken off.",
    "DT172": "A culvert or passage was opened.",
    "DT173": "A water body was made level.",
    "DT174": "A false dam was cut through.",
    "DT175": "Holes were filled.",
    "DT176": "There are more findings of a kind than the layer has.",
    "DT177": "Terrain heights are whole numbers that cannot be metres.",
    "DT178": "The base map has no column with its classes.",
    "DT179": "A column that is named is not there.",
    "DT180": "A gauge lies outside the terrain.",
    "DT181": "The terrain has no data at a gauge.",
    "DT182": "A cross section lies outside the terrain.",
    "DT183": "A water depth is below 0.",
    "DT184": "Water depths are not plausible in m.",
    "DT185": "Nothing is given to look at or to do.",
    "DT186": "Limits of depth for traffic do not fit each other.",
    "DT187": "Two results do not cover the same place.",
    "DT188": "A measure is of an unknown type.",
    "DT189": "A measure lacks a size, or it cannot be.",
    "DT190": "A measure lies outside the terrain.",
    "DT200": "Outputs that need velocities are wanted of cells taken together.",
    "DT201": "A saved state is none, is damaged, or is of another version.",
    "DT202": "A saved state holds no water of the 1D network.",
    "DT203": "The events of an ensemble cannot be.",
    "DT204": "The water depth of a larger run has no times.",
    "DT205": "The water depth of a larger run is below 0 m.",
    "DT206": "The maps of a larger run do not lie in this storm.",
    "DT207": "Water flows out over edges that a larger run holds.",
    "DT210": "A rule file cannot be read.",
    "DT211": "A rule file is no JSON.",
    "DT212": "A rule file is of another format or version.",
    "DT213": "A key of a rule file is missing, not known, or there twice.",
    "DT214": "A value of a rule file is of another kind or form.",
    "DT215": "A number of a rule file is outside its limits.",
    "DT216": "A rule file names a quantity that is not measured.",
    "DT217": "The unit of a rule is not that of its quantity.",
    "DT218": "A rule has a setting that its quantity does not have.",
    "DT219": "A rule names an area that is not in the file.",
    "DT220": "An id of a rule file stands twice, or is none.",
    "DT221": "A polygon of a rule file cannot be used.",
    "DT222": "Two rules give one place two norms.",
    "DT223": "A rule file has more mistakes than are listed.",
    "DT224": "A rule file has no rule.",
    "DT225": "An area of a rule file is in no rule.",
    "DT230": "Names of columns of the roads are not understood.",
    "DT231": "Roads have no columns that tell what drives.",
    "DT232": "Roads have no flow of traffic, or one below 0.",
    "DT233": "Roads have no speed that can be.",
    "DT234": "Roads have a surface that is not in the table.",
    "DT235": "Roads reach beyond the terrain.",
    "DT236": "Shares of traffic do not make a whole.",
    "DT237": "Buildings have no height.",
    "DT238": "Buildings have a roof below the ground.",
    "DT239": "Noise barriers have no height.",
    "DT240": "Receivers lie outside the terrain.",
    "DT241": "Receivers lie inside a building.",
    "DT242": "A road lies on a bridge whose height is not known.",
    "DT243": "A road lies on a bridge whose height cannot be.",
    "DT244": "A crossing has a kind that is not known.",
    "DT245": "Only one of two results is given.",
    "DT246": "Two results have cells of another size.",
    "DT247": "Levels of noise are not plausible in dB.",
    "DT248": "A flow of traffic is text with a dot that may stand for thousands.",
    "DT249": "Buildings have no names by which points before and after could know them.",
    "DT250": "A source has no sound power.",
    "DT251": "A source lies outside the terrain.",
    "DT252": "A source stands on the roof of a building.",
    "DT253": "A deduction is asked of a method that has none.",
    "DT254": "Roads have speeds for which the Dutch methods do not hold.",
    "DT255": "Sound around buildings is asked of a Dutch method.",
    "DT256": "Surfaces count by the European table in a Dutch method.",
    "DT257": "Paths to store are asked of Dutch method 1.",
    "DT258": "Dutch method 1 does not count mopeds and motorcycles.",
    "DT259": "Dutch method 1 does not hold at receivers.",
    "DT260": "Crossings are given to a Dutch method.",
    "DT261": "A road on a bridge is given to a Dutch method.",
    "DT262": "A source runs for a share that is no percent.",
    "DT263": "Shares of running look like fractions.",
    "DT300": "A description of a model cannot be read.",
    "DT301": "A description of a model is no JSON.",
    "DT302": "A key of a description is missing, not known, or there twice.",
    "DT303": "A value of a description is of another kind or form.",
    "DT304": "A number of a description is too large.",
    "DT305": "A description of a model says what cannot be.",
    "DT310": "A request is not an object of JSON.",
    "DT311": "A request names an input that the model does not have.",
    "DT312": "An input of a request cannot be read.",
    "DT313": "A request asks for an output that cannot be given.",
    "DT314": "A request asks to be called back.",
    "DT320": "A twin file cannot be read.",
    "DT321": "A twin file is no JSON.",
    "DT322": "A key of a twin file is missing, not known, or there twice.",
    "DT323": "A value of a twin file is of another kind or form.",
    "DT324": "A number of a twin file is too large.",
    "DT325": "A twin file says what cannot be.",
    "DT340": "Columns, classes or values of roads cannot be used.",
    "DT341": "A road has no length.",
    "DT342": "A road is there twice.",
    "DT343": "A link begins and ends at one node.",
    "DT344": "A road ends.",
    "DT345": "A part of the network is cut off.",
    "DT346": "One-way streets all lead in or all lead out.",
    "DT347": "A road ends just beside another one.",
    "DT348": "Zones cannot be used, or one has no connector.",
    "DT349": "A ban on turning names no two roads that meet.",
    "DT350": "A layer is no road network, or no result of an assignment.",
    "DT351": "Links, nodes or zones have no number, or one that others have too.",
    "DT352": "A link names a node that is not there, or a direction that is not known.",
    "DT353": "Links have times, lengths, tolls or flows that cannot be.",
    "DT354": "Links have no capacity.",
    "DT355": "Zones of the trips and of the network are not the same.",
    "DT356": "Matrices of trips cannot be used, or not all are.",
    "DT357": "A ban on turning does nothing, or has a penalty below 0.",
    "DT358": "A table of periods or vehicles cannot be used, or periods differ.",
    "DT359": "There are no trips, or so many that they seem to be of a day.",
    "DT360": "A file of matrices cannot be used, or its zones are not those of the layer.",
    "DT361": "The table of rates cannot be used, or names what zones do not have.",
    "DT362": "The rates of trips are invented examples.",
    "DT363": "Zones have no ids or totals, or numbers below 0.",
    "DT364": "Addresses do not say which are dwellings.",
    "DT365": "Trips that begin and trips that end have other sums, or there are none.",
    "DT366": "Costs between zones are not given, or in two ways.",
    "DT367": "The table of coefficients of modes cannot be used.",
    "DT368": "Counts cannot be used.",
    "DT370": "The network cannot be used to travel on.",
    "DT371": "There are no places to travel from or to.",
    "DT372": "Times at which classes end do not rise.",
    "DT373": "Areas have more cells than can be drawn.",
    "DT374": "What closes links is not known, or closes all of a layer.",
    "DT375": "A water depth is no depth.",
    "DT376": "A column of facilities or addresses is not there.",
    "DT377": "The table of norms cannot be used.",
}


def check(model: Model, values: Values) -> list[Problem]:
    """Return all that is wrong with the values of a run, errors first."""
    system = _system(model, values)
    found = [problem for item in model.inputs for problem in _check_field(item, values.get(item.name), system)]
    if not any(problem.level == ERROR for problem in found):
        found.extend(_check_overlap(model, values))
    if not any(problem.level == ERROR for problem in found):
        found.extend(model.check(values))
    return sorted(found, key=lambda problem: problem.level)


def require(problems: list[Problem], translate: Callable[[str], str] = str) -> None:
    """Raise one error that lists all problems that stop a run.

    Raises
    ------
    InputError
        If there is any.
    """
    errors = [problem.text(translate) for problem in problems if problem.level == ERROR]
    if errors:
        raise InputError("{problems}", problems="\n".join(errors))


def _system(model: Model, values: Values) -> str:
    """Return the reference system that layers must be in: that of the first where a model takes any, else RD New.

    One that is not known by a number, or that has no metres, is none to calculate in.
    """
    layers = (values.get(item.name) for item in model.inputs if item.kind in _LAYERS)
    first = next((layer.crs for layer in layers if layer is not None), RD) if model.any_crs else RD
    unfit = is_rd(first) or normalise(first) is None or normalise(first) in NOT_METRIC
    return RD if unfit else first


def _check_field(item: Field, value: Any, system: str) -> Iterator[Problem]:
    if value is None:
        if not item.optional:
            yield Problem("DT001", item.name, "{field} is missing.", {"field": item.title})
        return
    yield from _CHECKS.get(item.kind, _nothing)(item, value)
    if item.kind in _LAYERS:
        yield from _check_crs(item, value.crs, system)


def _nothing(item: Field, value: Any) -> Iterator[Problem]:
    return iter(())


def _check_number(item: Field, value: float) -> Iterator[Problem]:
    low = -math.inf if item.minimum is None else item.minimum
    high = math.inf if item.maximum is None else item.maximum
    if not low <= value <= high:
        unit = "" if item.unit == "1" else f" [{item.unit}]"
        yield Problem(
            "DT002",
            item.name,
            "{field}{unit} is {found}; expected {low} to {high}.",
            {"field": item.title, "unit": unit, "found": value, "low": low, "high": high},
        )


def _check_choice(item: Field, value: str) -> Iterator[Problem]:
    if value not in item.choices:
        yield Problem(
            "DT003",
            item.name,
            "{field} is {found}; expected one of {choices}.",
            {"field": item.title, "found": value, "choices": ", ".join(item.choices)},
        )


def _check_grid(item: Field, value: Grid) -> Iterator[Problem]:
    missing = int(np.isnan(value.values).sum())
    if missing == value.values.size:
        yield Problem(
            "DT005",
            item.name,
            "{field} holds no data in the chosen area; choose another area or raster.",
            {"field": item.title},
        )
    elif missing:
        yield Problem(
            "DT010",
            item.name,
            "{field} has no data in {share:.1%} of its cells.",
            {"field": item.title, "share": missing / value.values.size},
            WARNING,
        )


def _check_features(item: Field, value: Any) -> Iterator[Problem]:
    if not len(value):
        yield Problem("DT004", item.name, "{field} has no features in the chosen area.", {"field": item.title}, WARNING)


def _check_crs(item: Field, crs: str, system: str) -> Iterator[Problem]:
    if is_rd(system) and not is_rd(crs):
        yield Problem(
            "DT006",
            item.name,
            "{field} is in {crs}; expected EPSG:28992 (RD New).",
            {"field": item.title, "crs": crs},
        )
    elif not is_rd(system) and crs != system:
        yield Problem(
            "DT006",
            item.name,
            "{field} is in {crs}; expected {system}, as the first layer is.",
            {"field": item.title, "crs": crs, "system": system},
        )


def _check_voxels(item: Field, value: Any) -> Iterator[Problem]:
    if not value.classes.size or int(value.classes.max()) < 0:
        yield Problem("DT004", item.name, "{field} has no features in the chosen area.", {"field": item.title}, WARNING)


def _check_table(item: Field, value: dict[str, list[float]]) -> Iterator[Problem]:
    missing = [name for name in item.columns if name not in value]
    lengths = {len(value[name]) for name in item.columns if name in value}
    if missing or len(lengths) > 1 or lengths == {0}:
        yield Problem(
            "DT007",
            item.name,
            "{field} needs the columns {columns} with as many values each; missing {missing}, lengths {lengths}.",
            {
                "field": item.title,
                "columns": ", ".join(item.columns),
                "missing": ", ".join(missing) or "-",
                "lengths": sorted(lengths),
            },
        )


def _check_file(item: Field, value: Any) -> Iterator[Problem]:
    if not value.is_file():
        yield Problem("DT009", item.name, "{field}: {path} does not exist.", {"field": item.title, "path": value})


_CHECKS: dict[str, Callable[[Field, Any], Iterator[Problem]]] = {
    "number": _check_number,
    "integer": _check_number,
    "choice": _check_choice,
    "grid": _check_grid,
    "features": _check_features,
    "surfaces": _check_features,
    "voxels": _check_voxels,
    "table": _check_table,
    "file": _check_file,
}


def _check_overlap(model: Model, values: Values) -> Iterator[Problem]:
    """Compare the area of every layer with that of the first."""
    areas: list[tuple[Field, Extent]] = []
    for item in model.inputs:
        value = values.get(item.name)
        area = value if item.kind == "extent" else getattr(value, "extent", None)
        if isinstance(area, Extent):
            areas.append((item, area))
    for item, area in areas[1:]:
        if not (model.beside or area.intersects(areas[0][1])):
            yield Problem(
                "DT008",
                item.name,
                "{field} ({area}) does not overlap {other} ({covered}); choose layers of one area.",
                {
                    "field": item.title,
                    "area": _rounded(area),
                    "other": areas[0][0].title,
                    "covered": _rounded(areas[0][1]),
                },
            )


def _rounded(area: Extent) -> str:
    return ", ".join(f"{edge:.0f}" for edge in area.bounds)
