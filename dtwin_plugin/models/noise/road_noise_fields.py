"""What the model of road noise asks for and gives."""

from __future__ import annotations

from ..base import Field
from .srm_table import CNOSSOS, METHODS

LAYERS = (
    Field(
        "roads",
        "Roads",
        "features",
        geometry="line",
        doc="Lines with what drives in an hour: light_day, medium_day, heavy_day and the same of evening and night "
        "(total_day counts lorries in), or daily, the vehicles of a day. More columns: speed and speed_heavy in km/h, "
        "surface as a code of the table of roads. Dutch ones (intensiteit_lv_dag, snelheid, wegdek) are known.",
    ),
    Field("terrain", "Terrain", "grid", "m", doc="Height of the ground; used in cells of 2 m or larger."),
    Field(
        "buildings",
        "Buildings",
        "features",
        geometry="polygon",
        optional=True,
        doc="Footprints, with a roof in m NAP (b3_h_70p, roof) or a height above the ground (height); absorption is "
        "the share of sound that walls take where they reflect (0 to 1, else 0.2); counted are dwellings and residents "
        "where there are such columns.",
    ),
    Field(
        "barriers", "Noise barriers", "features", geometry="line", optional=True, doc="Lines with a height above the "
        "ground in m in the column height, and in absorption the share of sound that they take where they reflect: "
        "0 to 1, else 0.2.",
    ),
    Field(
        "cover",
        "Land cover",
        "features",
        geometry="polygon",
        optional=True,
        doc="As of the BGT: its classes tell which ground is soft. Roads are hard in any case.",
    ),
    Field(
        "receivers", "Receivers", "features", geometry="point", optional=True, doc="Single points outside buildings; "
        "their height is that in m above the ground in the column height, else that of points on the map.",
    ),
    Field(
        "area",
        "Study area",
        "features",
        geometry="polygon",
        optional=True,
        doc="Facades and the map are calculated in the rectangle around it; roads and buildings around it count too.",
    ),
)  # fmt: skip
JUNCTIONS = (
    Field("junctions", "Crossings and roundabouts", "features", geometry="point", optional=True,
          doc="Points where vehicles brake and pull up, with a column kind: lights (1) or roundabout (2); without one "
          "all have lights. They count for roads that pass within 15 m, up to 100 m from the point."),
)  # fmt: skip
BRIDGES = (
    Field("deck_width", "Width of bridges", "number", "m", 10.0, 2.0, 60.0, advanced=True,
          doc="Of roads with a level above 0 (level, relatieve_hoogteligging) or a deck_height in m above the ground; "
          "without that height z of the line counts. The edge of the deck screens the sound of its own road. Roads "
          "with tunnel = yes are silent."),
)  # fmt: skip
TRAFFIC = (
    Field("method", "Method", "choice", default=CNOSSOS, choices=METHODS, doc="The two Dutch methods are those of "
          "RMG2012 (2012 to 2024), indicative and not checked against the text of the Omgevingsregeling, annex IVe. "
          "Dutch 1 gives a level only where one straight road lies in open view, and takes no other effects along."),
    Field(
        "columns",
        "Names of columns",
        "text",
        optional=True,
        doc="Of the roads, where they differ, such as speed=V85; total_day=TV_D; heavy_day=HV_D.",
    ),
    Field("speed", "Speed", "number", "km h-1", 50.0, 20.0, 130.0, doc="Of roads without a column for it."),
    Field("speed_limit", "Speed at most", "number", "km h-1", minimum=20.0, maximum=130.0, optional=True,
          doc="For a variant: roads with a higher speed count with this one, and slower ones with their own."),
    Field("surface", "Road surface", "text", default="DEF", doc="Code for roads without one: DEF is dense asphalt, "
          "NL01 porous asphalt, NL05 SMA-NL8, NL10 bricks in herring-bone."),
    Field("share_day", "Share of an hour of the day", "number", "percent", 6.7, 0.0, 8.3, advanced=True,
          doc="Of the vehicles of a whole day, from 7 to 19 h."),
    Field("share_evening", "Share of an hour of the evening", "number", "percent", 2.7, 0.0, 25.0, advanced=True,
          doc="From 19 to 23 h."),
    Field("share_night", "Share of an hour of the night", "number", "percent", 1.1, 0.0, 12.5, advanced=True,
          doc="From 23 to 7 h."),
    Field("medium", "Medium heavy vehicles", "number", "percent", 4.0, 0.0, 100.0, advanced=True,
          doc="Of the vehicles of a day."),
    Field("heavy", "Heavy vehicles", "number", "percent", 2.0, 0.0, 100.0, advanced=True,
          doc="Of the vehicles of a day."),
)  # fmt: skip
RECEIVERS = (
    Field("spacing", "Distance of points on facades", "number", "m", 5.0, 0.5, 50.0,
          doc="Along a wall; half of it takes twice."),
    Field("storey", "Height of a storey", "number", "m", 3.0, 2.0, 8.0, doc="The same for all buildings."),
    Field("height", "Height of points above floors", "number", "m", 1.5, 0.0, 4.0, doc="Each storey has points."),
    Field("offset", "Distance of points to walls", "number", "m", 0.1, 0.01, 0.5, advanced=True,
          doc="Sound that the own wall throws back does not count."),
    Field("grid_spacing", "Distance of points on the map", "number", "m", minimum=1.0, maximum=200.0, optional=True,
          doc="Without it no map is made; half of it takes four times."),
    Field("coarsest", "Largest distance of points on the map", "number", "m", 0.0, 0.0, 200.0, advanced=True,
          doc="0 for the same everywhere. With more, points lie closer at roads, walls and facades and where levels "
          "do not change evenly, and up to so far apart elsewhere; between them the map is linear, never through a "
          "wall. 8 times the other distance takes half to three quarters of the time, and 99 percent is within 1 dB. "
          "It does not count where paths are stored."),
    Field("receiver_height", "Height of points on the map", "number", "m", 4.0, 0.5, 50.0,
          doc="Above the ground, of single receivers without a height too; the directive maps at 4 m."),
    Field("norm", "Norm", "number", "dB", 53.0, 30.0, 80.0, doc="Lden; 53 dB is the standard value for municipal "
          "roads. Levels are rounded to whole dB first, halves to the even one."),
    Field("quiet", "Quiet side", "number", "dB", 10.0, 1.0, 40.0, advanced=True,
          doc="How much lower the quietest facade of a building is at least than the most exposed one."),
)  # fmt: skip
PATHS = (
    Field("distance", "Largest distance", "number", "m", 500.0, 50.0, 2000.0,
          doc="Roads farther from a point do not count; twice of it takes about twice."),
    Field("building_height", "Height of buildings", "number", "m", 8.0, 2.0, 100.0,
          doc="Above the ground, of buildings without a height."),
    Field("softness", "Softness of the ground", "number", "1", 0.5, 0.0, 1.0,
          doc="G where no land cover is known: 0 for paving and water, 1 for grass."),
    Field("temperature", "Temperature", "number", "degC", 10.0, -10.0, 30.0, advanced=True, doc="Mean of the year."),
    Field("humidity", "Humidity", "number", "percent", 80.0, 10.0, 100.0, advanced=True, doc="Mean of the year."),
    Field("favourable_day", "Downwind by day", "number", "percent", 50.0, 0.0, 100.0, advanced=True,
          doc="Share of the time in which the weather carries sound on."),
    Field("favourable_evening", "Downwind in the evening", "number", "percent", 75.0, 0.0, 100.0, advanced=True,
          doc="Share of the time in which the weather carries sound on."),
    Field("favourable_night", "Downwind by night", "number", "percent", 100.0, 0.0, 100.0, advanced=True,
          doc="Share of the time in which the weather carries sound on."),
    Field("ratio", "Length of road parts", "number", "1", 0.25, 0.05, 0.5, advanced=True,
          doc="In distances to a point; half of it takes about twice."),
    Field("sector", "Largest angle of a sector", "number", "degree", 2.0, 0.5, 5.0, advanced=True,
          doc="Of Dutch method 2: roads are cut by the angle under which a point sees them; half takes about twice."),
    Field("deduction", "Deduction of RMG2012", "boolean", default=False, advanced=True, doc="Of the Dutch methods: "
          "articles 3.4 and 3.5 take 5 dB off roads below 70 km/h, and off others 2 dB and 1 or 2 dB for tyres."),
    Field("sideways", "Sound around buildings", "boolean", default=False, advanced=True,
          doc="Around their corners beside over their roofs; takes some times longer."),
    Field("reflections", "Reflections", "number", "m", 0.0, 0.0, 200.0, advanced=True,
          doc="Walls within this distance of a point throw sound back; 0 for none. Takes some times longer."),
    Field("reflection_order", "Reflections one after another", "integer", "1", 1, 0, 4, advanced=True,
          doc="How many walls throw sound on at most before it comes to a point; 0 for none. Beside none, 1 takes 1.5 "
          "times as long within 50 m, 2 takes 4 times, 3 takes 7 times and 4 takes 15 times."),
    Field("cutoff", "Cut-off", "number", "dB", 0.0, 0.0, 3.0, advanced=True,
          doc="Parts of roads are left out that cannot raise a level by more than this, all together; 0 for none. "
          "At 0.5 dB 2 to 8 percent of the paths fall away, which saves no time in a town. It counts for the European "
          "method, and not where paths are stored or it is asked which road is heard."),
    Field("group", "Column that groups roads", "text", optional=True, advanced=True, doc="For the table of which road "
          "is heard: roads with the same value are one. Default the name of the street (STT_NAAM, street, name)."),
    Field("most", "Roads to a point", "integer", "1", 3, 1, 50, advanced=True,
          doc="How many of the loudest roads the table of which road is heard has for each point."),
    Field("stored", "Stored paths", "file", optional=True, advanced=True, doc="Of a run with the same roads, "
          "receivers and surroundings: then only traffic, speed and surface are calculated anew."),
)  # fmt: skip
OUTPUTS = (
    Field("points", "Road noise at facades", "features", geometry="point", style="noise_points",
          doc="Levels of day, evening and night and Lden at each point, and whether the norm is met."),
    Field("panels", "Road noise as panels", "features", geometry="polygon", optional=True, style="noise_panels",
          doc="The same as panels on the walls, for the 3D view."),
    Field("tested", "Buildings and road noise", "features", geometry="polygon", optional=True, style="noise_buildings",
          doc="The most exposed facade of each building, its quietest one, and whether that is a quiet side."),
    Field("sources", "Which road is heard", "features", geometry="point", optional=True, advanced=True,
          style="noise_sources",
          doc="The loudest roads at each point, a row for each: share of the energy, levels, and Lden by octave band."),
    Field("grid", "Road noise Lden", "grid", "dB", optional=True, style="noise_levels",
          doc="Map of Lden; no data in buildings."),
    Field("contours", "Contours of road noise", "features", geometry="polygon", optional=True, style="noise_contours",
          doc="Areas between 55, 60, 65, 70 and 75 dB Lden."),
    Field("summary", "Buildings by class of noise", "table",
          columns={"indicator": "1", "class": "1", "buildings": "1", "dwellings": "1", "residents": "1",
                   "affected": "1"},
          doc="Buildings, dwellings and residents in classes of 5 dB, by the most exposed facade; affected are the "
          "residents who are highly annoyed (lden) or highly disturbed in their sleep (lnight)."),
    Field("dwellings_loud", "Dwellings with 55 dB and more", "number", optional=True, doc="Lden at the most exposed "
          "facade; where buildings have a column of dwellings."),
    Field("residents_loud", "Residents with 55 dB and more", "number", optional=True, doc="Lden at the most exposed "
          "facade; where buildings have a column of residents."),
    Field("annoyed", "Residents who are highly annoyed", "number", optional=True, doc="By road traffic; where "
          "buildings have a column of residents."),
    Field("transfer", "Paths to store", "file", optional=True, advanced=True, style="NumPy (*.npz)",
          doc="What comes of each road to each point, to be used again with other traffic; 64 bytes a pair."),
)  # fmt: skip
