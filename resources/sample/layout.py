"""The design of Waterdam: where the lines run that everything else follows.

South of the canal lie a 1970s neighbourhood of winding cul-de-sacs, the shops, gallery flats and a park; north of it
the old village on the dike, streets of the 1930s and a district of the 1990s around a singel. The railway crosses the
south on an embankment, and the main road dives under it.
"""

from __future__ import annotations

import numpy as np

from .geometry import beside, spline

CANAL_WIDTH, CANAL_LEVEL, POLDER_LEVEL, MEADOW_LEVEL = 16.0, -0.60, -2.05, -2.30  # [m], [m NAP]
QUAY = 16.0  # from the middle of the canal to the middle of the street beside it [m]

CANAL = spline(
    [(-40, 448), (90, 456), (250, 478), (400, 520), (530, 560), (660, 588), (800, 640), (920, 705), (1045, 785)]
)[0]
DIKE_POINTS = [
    (0, 690),
    (70, 668),
    (150, 655),
    (225, 652),
    (290, 672),
    (350, 706),
    (405, 748),
    (445, 805),
    (470, 870),
    (485, 940),
    (495, 1000),
]
RAIL = spline([(-40, 92), (300, 118), (508, 143), (650, 164), (1040, 246)])[0]
UNDERPASS = (508.0, 143.0)
SINGEL = spline([(634, 795), (700, 768), (770, 778), (840, 815), (910, 872), (970, 940), (1010, 1010)])[0]
POND = spline(
    [
        (742, 478),
        (790, 470),
        (838, 490),
        (868, 528),
        (905, 560),
        (893, 590),
        (850, 583),
        (818, 548),
        (778, 541),
        (738, 512),
        (742, 478),
    ]
)[0]
CHURCH = (243.0, 622.0)

# Ditches as lines with a width [m]; where a street crosses them there is a dam with a culvert.
DITCHES = (
    [
        (
            spline(
                [
                    (-20, 712),
                    (75, 688),
                    (150, 676),
                    (222, 673),
                    (280, 692),
                    (338, 725),
                    (388, 764),
                    (426, 818),
                    (449, 876),
                    (464, 944),
                    (474, 1020),
                ]
            )[0],
            3.5,
        ),
        (beside(RAIL, 19.0), 4.0),
        (beside(RAIL, -19.0), 4.0),
        (spline([(18, 130), (14, 240), (20, 340), (16, 425)])[0], 4.0),
        (spline([(1010, 350), (985, 345), (982, 420), (975, 480), (930, 540), (900, 572)])[0], 3.5),
        (spline([(738, 500), (706, 478), (686, 440), (674, 400), (654, 350), (638, 250), (640, 190)])[0], 3.5),
        (spline([(480, 165), (478, 250), (484, 330), (492, 410)])[0], 3.0),
    ]
    + [(np.array([(62.0 + 52 * i, 630.0 + 3 * i), (-60.0 + 52 * i, 1020.0)]), 2.6) for i in range(10)]
    + [(np.array([(30.0 + 58 * i, 30.0), (14.0 + 58 * i, 92.0 + 5 * i)]), 2.4) for i in range(8)]
    + [(np.array([(890.0 + 45 * i, -10.0), (870.0 + 45 * i, 225.0)]), 2.4) for i in range(3)]
)


def quay(side: int, x: float) -> tuple[float, float]:
    """Return the point with this x in the middle of the street north (1) or south (-1) of the canal."""
    line = beside(CANAL, side * QUAY)
    return x, round(float(np.interp(x, line[:, 0], line[:, 1])), 2)


def _quay_points(side: int, extra: list[float]) -> list[tuple[float, float]]:
    xs = sorted({0.0, 90.0, 160.0, 230.0, 310.0, 460.0, 600.0, 690.0, 830.0, 960.0, 1000.0, *extra})
    return [quay(side, x) for x in xs]


# name, kind, points, what stands on the left, what stands on the right. Streets meet where points are equal.
STREETS: list[tuple[str, str, list[tuple[float, float]], str, str]] = [
    ("Polderlaan", "hoofdweg", [(505, 0), (506, 50), (508, 100), (508, 143), (505, 190), (503, 225), (512, 300),
        (518, 335), (524, 430), (533, 500), quay(-1, 540), quay(1, 546), (562, 655), (582, 692), (601, 735),
        (622, 795), (632, 835), (642, 905), (650, 960), (655, 1000)], "", ""),
    ("Dorpsdijk", "dijkweg", DIKE_POINTS, "boerderij", "dorp"),
    ("Noorderkade", "kade", _quay_points(1, [110, 300, 546, 750, 885]), "gracht", ""),
    ("Zuiderkade", "kade", _quay_points(-1, [70, 245, 385, 540]), "", "gracht"),
    ("Voorstraat", "dorpsstraat", [(150, 655), (185, 606), (250, 583), (301, 583), (370, 605), (437, 648),
        (500, 662), (562, 655)], "dorp", "dorp"),
    ("Kerkstraat", "dorpsstraat", [(290, 672), (296, 628), (301, 583), quay(1, 300)], "dorp", "dorp"),
    ("Molensteeg", "dorpsstraat", [(405, 748), (432, 700), (437, 648)], "dorp", "dorp"),
    ("Boomgaardlaan", "woonstraat", [quay(1, 110), (106, 530), (118, 590), (150, 655)], "villa", "villa"),
    ("Kersenhof", "woonerf", [(106, 530), (60, 540), (30, 575), (40, 612)], "villa", "villa"),
    ("Appelgaard", "woonerf", [(118, 590), (150, 572), (178, 540)], "twee", "twee"),
    ("Wilhelminastraat", "woonstraat", [(437, 648), (466, 690), (490, 742), (515, 810), (540, 885), (558, 950),
        (566, 1000)], "rij30", "rij30"),
    ("Julianastraat", "woonstraat", [(601, 735), (545, 735), (490, 742), (440, 752), (405, 748)], "rij30", "twee"),
    ("Emmastraat", "woonstraat", [(622, 795), (570, 803), (515, 810), (445, 805)], "rij30", "rij30"),
    ("Bernhardstraat", "woonstraat", [(642, 905), (590, 890), (540, 885), (470, 870)], "rij30", "rij30"),
    ("Irenestraat", "woonstraat", [(650, 960), (605, 948), (558, 950), (485, 940)], "twee", "twee"),
    ("Waterjufferlaan", "woonstraat", [(582, 692), (650, 668), (742, 678), (800, 706), (873, 752), (940, 805),
        (1000, 850)], "vinex", "vinex"),
    ("Libelsingel", "woonstraat", [(601, 735), (660, 738), (733, 741), (795, 764), (856, 808), (925, 866),
        (985, 940), (1000, 965)], "", "vinex"),
    ("Korenboutlaan", "woonstraat", [(632, 835), (690, 806), (752, 806), (806, 830), (862, 880), (905, 935),
        (940, 1000)], "vinex", ""),
    ("Glazenmakerstraat", "woonstraat", [(642, 905), (690, 873), (745, 868), (795, 893), (840, 945),
        (862, 1000)], "vinex", "vinex"),
    ("Pantserjufferhof", "woonstraat", [(650, 960), (700, 934), (745, 938), (775, 965), (785, 1000)], "vinex", "vinex"),
    ("Rietvinkpad", "woonstraat", [quay(1, 750), (742, 678), (733, 741), (752, 806), (745, 868), (745, 938)], "", ""),
    ("Heidelibelpad", "woonstraat", [quay(1, 885), (873, 752), (856, 808), (862, 880), (840, 945)], "", ""),
    ("Ringlaan", "woonstraat", [(503, 225), (430, 214), (345, 192), (232, 186), (130, 192), (66, 235), (46, 320),
        (58, 395), quay(-1, 70)], "rij70", "rij70"),
    ("Vlierhof", "woonerf", [(345, 192), (356, 232), (338, 268), (362, 300), (344, 332), (316, 346)], "rij70", "rij70"),
    ("Lijsterbeshof", "woonerf", [(338, 268), (303, 258), (280, 282), (290, 310)], "rij70", "rij70"),
    ("Meidoornhof", "woonerf", [(232, 186), (222, 226), (240, 258), (214, 290), (228, 322),
        (196, 340)], "rij70", "rij70"),
    ("Berkenhof", "woonerf", [(130, 192), (150, 232), (132, 264), (158, 296), (140, 332)], "rij70", "rij70"),
    ("Sleedoornhof", "woonerf", [(46, 320), (84, 314), (96, 284), (86, 252)], "rij70", "rij70"),
    ("Elzenhof", "woonerf", [(58, 395), (98, 380), (124, 398), (158, 378), (176, 400)], "rij70", "rij70"),
    ("Hazelaarhof", "woonerf", [quay(-1, 245), (236, 425), (258, 398), (236, 372), (262, 352)], "rij70", "rij70"),
    ("Wilgenhof", "woonerf", [quay(-1, 385), (380, 462), (398, 432), (372, 404), (396, 376),
        (428, 384)], "rij70", "rij70"),
    ("Iepenhof", "woonerf", [(518, 335), (470, 330), (438, 344), (412, 318), (428, 288)], "rij70", "rij70"),
    ("Vuilboomhof", "woonerf", [(398, 432), (438, 442), (462, 424), (466, 398)], "rij70", "rij70"),
    ("Ligusterhof", "woonerf", [(372, 404), (334, 412), (312, 436), (330, 462)], "rij70", "rij70"),
    ("Gagelhof", "woonerf", [(236, 425), (196, 432), (170, 436)], "rij70", "rij70"),
    ("Essenhof", "woonerf", [(430, 214), (424, 246), (398, 262)], "rij70", "rij70"),
    ("Parklaan", "woonstraat", [(524, 430), (610, 416), (702, 402), (790, 384), (856, 388), (930, 412),
        (1000, 440)], "", "twee"),
    ("Zuidlaan", "woonstraat", [(503, 225), (600, 236), (704, 254), (782, 274), (848, 290), (920, 304),
        (1000, 318)], "", "rij90"),
    ("Merelstraat", "woonstraat", [(702, 402), (712, 330), (704, 254)], "twee", "rij90"),
    ("Spreeuwstraat", "woonstraat", [(790, 384), (776, 330), (782, 274)], "rij90", "rij90"),
    ("Vinkenstraat", "woonstraat", [(856, 388), (842, 340), (848, 290)], "rij90", "rij90"),
    ("Lijsterstraat", "woonstraat", [(930, 412), (916, 360), (920, 304)], "rij90", "rij90"),
    ("Sportlaan", "landweg", [(506, 50), (570, 44), (640, 52), (690, 62)], "", ""),
    ("Meentweg", "landweg", [(506, 50), (420, 34), (250, 14), (120, 12), (0, 16)], "boerderij", ""),
]  # fmt: skip

PATHS: list[tuple[str, list[tuple[float, float]]]] = [
    ("fietspad", [quay(-1, 665), (672, 540), (690, 506), (716, 455), (702, 402)]),
    ("fietspad", [quay(-1, 842), (820, 600), (770, 560), (716, 534), (690, 506)]),
    ("voetpad", [(716, 455), (780, 448), (856, 470), (900, 520), (935, 560), (930, 610), (890, 622), (820, 600)]),
    ("voetpad", [(856, 470), (866, 430), (856, 388)]),
    ("voetpad", [(935, 560), (955, 640), quay(-1, 960)]),
    ("voetpad", [(196, 340), (186, 364), (176, 400)]),
    ("voetpad", [(140, 332), (150, 356), (158, 378)]),
    ("voetpad", [(316, 346), (290, 352), (262, 352)]),
    ("voetpad", [(428, 288), (412, 272), (398, 262)]),
    ("voetpad", [(290, 310), (300, 330), (316, 346)]),
    (
        "fietspad",
        [(16, 440), (28, 400), (26, 300), (34, 210), (90, 156), (232, 152), (400, 168), (470, 186), (505, 190)],
    ),
]

MARKET = np.array([(556.0, 447), (634, 436), (645, 506), (567, 519)])  # the square between the shops
PARK = np.array(
    [(680.0, 412), (800, 396), (1000, 450), (1000, 740), (900, 665), (790, 612), (690, 572), (690, 530)]
)  # kept green
SUBSIDENCE = [(150, 270, 40, 0.22), (362, 285, 38, 0.25), (240, 385, 35, 0.20), (430, 335, 30, 0.18),
        (800, 706, 38, 0.16),
              (515, 830, 35, 0.18), (780, 330, 34, 0.15), (600, 425, 30, 0.15), (905, 940, 30, 0.14),
        (75, 330, 36, 0.20)]  # x, y, radius, depth [m]  # fmt: skip
