"""Areas of a rule file: polygons that can be used, and no place with two norms for one quantity."""

import json
import time

import pytest

from dtwin_plugin.models.plan.quantities import QUANTITIES
from dtwin_plugin.models.plan.quantity import AT_MOST, Quantity
from dtwin_plugin.models.plan.rule_file import rules_in
from dtwin_plugin.models.plan.rule_overlaps import OUTSIDE

HEAD = {
    "format": "dtwin-rules", "format_version": 1, "id": "a", "version": "1", "title": "A", "owner": "A",
    "date": "2026-01-31", "language": "nl", "licence": "CC0", "source": "Made up", "peil": "ground", "plan_rules": {},
}  # fmt: skip


@pytest.fixture(autouse=True)
def quantities(monkeypatch):
    for name in list(QUANTITIES):
        monkeypatch.delitem(QUANTITIES, name)
    for name, unit in (("building_height", "m"), ("noise_level", "dB"), (OUTSIDE, "m2")):
        item = Quantity(name, name, unit, AT_MOST, lambda case, rule: (), "", settings={"share": 0.1})
        monkeypatch.setitem(QUANTITIES, name, item)


def square(x, y, width=100, height=100):
    return [[x, y], [x + width, y], [x + width, y + height], [x, y + height], [x, y]]


def area(*rings, kind="Polygon"):
    return {"title": "A", "geometry": {"type": kind, "coordinates": list(rings)}}


def rule(name, where, quantity="building_height", **values):
    unit = QUANTITIES[quantity].unit
    return {"id": name, "title": "A", "quantity": quantity, "norm": 9, "unit": unit, "area": where, "text": "A",
            "source": "A", **values}  # fmt: skip


def problems(areas, rules=None):
    rules = rules if rules is not None else [rule(f"r-{name}", name) for name in areas]
    found_rules, found = rules_in(json.dumps({**HEAD, "areas": areas, "rules": rules}, indent=1).encode(), "own.json")
    assert (found_rules is None) == bool(found)
    return found


WEST, EAST = square(84600, 447400), square(84700, 447400)


def test_areas_that_touch_are_right():
    assert not problems({"west": area(WEST), "east": area([EAST], kind="MultiPolygon")})


@pytest.mark.parametrize(("ring", "sentence"), [
    (WEST[:-1], "a ring of area \"west\" is not closed; end it with its first corner 84600, 447400."),
    (square(4.35, 52.01, 0.01, 0.01), "corner 4.35, 52.01 in degrees; give metres in RD New (EPSG:28992)."),
    (square(684600, 447400), "corner 684600, 447400 outside the Netherlands; give x and y in RD New (EPSG:28992)."),
    (square(100, 100), "corner 100, 100 outside the Netherlands"),  # no degrees: a latitude ends at 90
    (square(447400, 84600), "corner 447400, 84600 outside the Netherlands"),  # x and y changed places
    ([WEST[i] for i in (0, 2, 1, 3, 0)], "is not valid: its boundary crosses or touches itself (near 84650, 447450)"),
    ([WEST[i] for i in (0, 1, 0)], "needs rings of at least four corners [x, y], the last as the first."),
    ([[84600, 447400]] * 4, "is not valid: it has fewer than three different corners"),
    ([], "needs rings of at least four corners"),
    ([[*WEST[0][:1], "447400"], *WEST[1:]], "needs rings of at least four corners"),
    ([[84600, True], *WEST[1:]], "needs rings of at least four corners"),
    ([[84600], *WEST[1:]], "needs rings of at least four corners"),
    ([[84600, 447400, 0, 0], *WEST[1:]], "needs rings of at least four corners"),
    ([84600, 447400], "needs rings of at least four corners"),
    ({}, "needs rings of at least four corners"),
])  # fmt: skip
def test_a_polygon_that_cannot_be_is_told(ring, sentence):
    (problem,) = problems({"west": area(ring)})
    assert problem.code == "DT221" and sentence in problem.text() and problem.text().startswith("DT221 Line ")


def test_a_corner_is_told_with_its_own_line():
    text = json.dumps({**HEAD, "areas": {"west": area(WEST)}, "rules": [rule("r", "west")]}, indent=1)
    broken = text.replace("84700", "8470000")  # its first corner there is the second of the ring
    (problem,) = rules_in(broken.encode(), "own.json")[1]
    assert problem.values["line"] == broken[: broken.index("8470000")].count("\n")  # where its bracket opens


@pytest.mark.parametrize("kind", ["Polygon", "MultiPolygon"])
def test_no_ring_at_all_is_no_polygon(kind):
    assert [problem.code for problem in problems({"west": area(kind=kind)})] == ["DT221"]


def test_a_hole_outside_its_polygon_is_told():
    (problem,) = problems({"west": area(WEST, EAST[:1] + EAST[1:])})
    assert "is not valid" in problem.text()


def test_parts_that_overlap_are_told():
    (problem,) = problems({"west": area([WEST], [square(84650, 447400)], kind="MultiPolygon")})
    assert "is not valid" in problem.text()


def test_heights_of_corners_are_passed_over():
    text = json.dumps(
        {**HEAD, "areas": {"west": area([[*corner, 3.5] for corner in WEST])}, "rules": [rule("r", "west")]}
    )
    (found,) = rules_in(text.encode(), "own.json")[0].rules
    assert found.where.area == 10_000 and not found.where.has_z


@pytest.mark.parametrize("kind", ["Point", "Feature", "FeatureCollection", "polygon"])
def test_other_geometries_are_told_by_their_type(kind):
    for geometry in ({"type": kind, "coordinates": [WEST]}, {"type": kind, "geometry": {}}):
        (problem,) = problems({"west": {"title": "A", "geometry": geometry}})
        assert f'of type "{kind}"; expected Polygon or MultiPolygon' in problem.text()


def test_areas_that_overlap_with_one_quantity_are_told_with_place_and_lines():
    areas = {"west": area(WEST), "east": area(square(84695, 447400))}
    (problem,) = problems(areas)
    text = json.dumps({**HEAD, "areas": areas, "rules": [rule("r-west", "west"), rule("r-east", "east")]}, indent=1)

    def line(part):
        return text[: text.index(part)].count("\n") + 1

    rules = [number for number, row in enumerate(text.split("\n"), 1) if row == "  {"]
    west, east = line('"west": {'), line('"east": {')
    # 5 m of 100 m are 500 m2, with a point of it halfway
    assert problem.text() == (
        f'DT222 Line {east} of own.json: area "east" overlaps area "west" (line {west}) by 500.0 m2 near 84698, 447450'
        f', and both have a norm for "building_height", of rules "r-east" (line {rules[1]}) and "r-west" (line '
        f"{rules[0]}); cut one area, so that a place has one norm."
    )


@pytest.mark.parametrize(("shift", "told"), [(0.005, False), (0.02, True)])
def test_areas_that_overlap_by_the_rounding_of_who_drew_them_do_not(shift, told):
    # the limit is 1 cm of width
    assert bool(problems({"west": area(WEST), "east": area(square(84700 - shift, 447400))})) == told


def test_areas_of_different_quantities_may_overlap():
    areas = {"west": area(WEST), "east": area(square(84650, 447400))}
    assert not problems(areas, [rule("h", "west"), rule("n", "east", "noise_level")])


def test_an_area_within_another_overlaps_it():
    assert problems({"west": area(WEST), "part": area(square(84620, 447420, 5, 5))})[0].values["size"] == "25.0"


def test_an_area_in_the_hole_of_another_does_not():
    hole = square(84620, 447420, 5, 5)
    assert not problems({"west": area(WEST, hole), "part": area(hole)})


def test_two_rules_of_one_quantity_in_one_area_are_told():
    (problem,) = problems({"west": area(WEST)}, [rule("a", "west"), rule("b", "west", settings={"share": 0.2})])
    assert problem.code == "DT222" and 'in area "west", and so does rule "a"' in problem.text()


def test_a_rule_for_everywhere_overlaps_all_areas_of_its_quantity():
    areas = {"west": area(WEST), "east": area(EAST)}
    found = problems(areas, [rule("a", "west"), rule("b", "east"), rule("c", "everywhere")])
    assert [item.values["area"] for item in found] == ['"west"', '"east"']
    assert 'and rule "c" (line' in found[0].text() and "one everywhere; give that one areas too" in found[0].text()


@pytest.mark.parametrize(("areas", "told"), [
    (("west",), []), (("west", "east"), ["put all building areas in one MultiPolygon"]),
    (("everywhere",), ["give it one, not everywhere"]),
])  # fmt: skip
def test_what_stands_outside_all_building_areas_is_asked_by_one_rule(areas, told):
    given = {name: shape for name, shape in {"west": area(WEST), "east": area(EAST)}.items() if name in areas}
    found = problems(given, [rule(f"out-{name}", name, OUTSIDE) for name in areas])
    assert [item.code for item in found] == ["DT222"] * len(told)
    assert all(part in item.text() for part, item in zip(told, found))


def test_many_areas_that_touch_are_compared_in_seconds():
    areas = {f"a{n}": area(square(84_000 + 10 * (n % 50), 447_000 + 10 * (n // 50), 10, 10)) for n in range(2_500)}
    started = time.monotonic()
    assert not problems(areas)
    assert time.monotonic() - started < 20  # takes 2 s; a comparison of all with all takes minutes
