"""Names and values of norms: a number only where there is no doubt what it limits."""

import math

import pytest

from dtwin_plugin.sources.plans.norms import known_unit, norms_of, number

# Names as plans have them, and what is tested with the value 10: the quantity, and whether the number is taken.
PLAIN = [
    ("maximum bouwhoogte (m)", "building_height"),
    ("maximale bouwhoogte (m)", "building_height"),
    ("Max. Bouwhoogte (meter)", "building_height"),
    ("maximum bouwhoogte van gebouwen (in m)", "building_height"),
    ("bouwhoogte maximaal (m)", "building_height"),
    ("maximum goothoogte (m)", "eaves_height"),
    ("maximum bebouwingspercentage (%)", "built_percentage"),
    ("minimum afstand tot de perceelsgrens (m)", "boundary_distance"),
]
DOUBTFUL = [
    ("maximum bouwhoogte bijgebouwen (m)", "building_height"),  # of some buildings only
    ("maximum bouwhoogte bouwwerken, geen gebouwen zijnde (m)", "building_height"),
    ("maximum bouwhoogte", "building_height"),  # no unit
    ("maximum bouwhoogte (bouwlagen)", "building_height"),  # storeys
    ("maximum bouwhoogte (m NAP)", "building_height"),  # from another level
    ("bouwhoogte (m)", "building_height"),  # a maximum or a minimum
    ("minimum-maximum bouwhoogte (m)", "building_height"),
    ("maximum nokhoogte (m)", "building_height"),
    ("maximum hoogte (m)", "building_height"),
    ("maximum bebouwingspercentage (m)", "built_percentage"),
    ("maximum bebouwingspercentage bouwvlak (%)", "built_percentage"),
    ("maximum bebouwingsgraad (%)", "built_percentage"),
    ("minimum afstand tot de zijdelingse perceelgrens (m)", "boundary_distance"),
]
OTHER = [
    "maximum aantal wooneenheden",
    "maximum volume (m3)",
    "minimum-maximum dakhelling (graden)",
    "minimum bouwhoogte (m)",
    "minimum bebouwingspercentage (%)",
    "maximum vloerhoogte (m)",
    "maximum afstand tot de perceelgrens (m)",
    "verticale diepte (m)",
    "",
]


@pytest.mark.parametrize(("name", "quantity"), PLAIN)
def test_a_plain_name_gives_a_number(name, quantity):
    (norm,) = norms_of(name, "10")
    assert (norm.quantity, norm.value) == (quantity, 10.0)


@pytest.mark.parametrize(("name", "quantity"), DOUBTFUL)
def test_a_name_that_leaves_a_doubt_gives_its_quantity_and_no_number(name, quantity):
    (norm,) = norms_of(name, "10")
    assert norm.quantity == quantity and math.isnan(norm.value)


@pytest.mark.parametrize("name", OTHER)
def test_what_is_not_tested_has_no_quantity(name):
    (norm,) = norms_of(name, "10")
    assert norm.quantity == "" and math.isnan(norm.value)


@pytest.mark.parametrize(
    "name", ["maximum goot- en bouwhoogte (m)", "maximum goot-/bouwhoogte (m)", "max. goothoogte en nokhoogte (m)"]
)
def test_a_name_of_two_heights_gives_two_norms_to_be_read(name):
    found = norms_of(name, "6 / 10")
    assert [norm.quantity for norm in found] == ["eaves_height", "building_height"]
    assert all(math.isnan(norm.value) for norm in norms_of(name, "6"))


def test_the_national_kind_of_norm_says_what_a_name_leaves_open():
    concept = "http://standaarden.omgevingswet.overheid.nl/typenorm/id/concept/MaximumBouwhoogte"
    assert norms_of("Bouwhoogte", 13, concept=concept, unit="meter")[0].value == 13.0
    assert norms_of("bouwhoogte", 13, concept="maximum bouwhoogte", unit="meter")[0].value == 13.0
    (named,) = norms_of("maximum hoogte daknok", 13, concept=concept, unit="meter")
    assert named.quantity == "building_height" and math.isnan(named.value)  # the name may narrow it
    (unnamed,) = norms_of("Volumes", 13, concept=concept, unit="meter")
    assert unnamed.quantity == "building_height" and math.isnan(unnamed.value)


def test_a_name_and_a_kind_that_contradict_each_other_give_no_number():
    (norm,) = norms_of("minimum bouwhoogte", 6, concept="x/MaximumBouwhoogte", unit="meter")
    assert norm.quantity == "building_height" and math.isnan(norm.value) and norm.limit == ""


@pytest.mark.parametrize(
    "text",
    ["", "-1", "+6", "6-10", "6 m", "3.500", "24,567", "1e2", "1,000.5", "24.", ",5", "NaN", "inf", "٢٤", "1 2", "24;5",
     "99999", None, [], {}, True, float("nan"), float("inf"), -1, 1001],
)  # fmt: skip
def test_a_value_that_is_no_plain_number_is_to_be_read(text):
    assert math.isnan(number(text))


def test_a_percentage_of_more_than_all_is_no_number():
    assert math.isnan(norms_of("maximum bebouwingspercentage (%)", "101")[0].value)
    assert norms_of("maximum bebouwingspercentage (%)", "100")[0].value == 100.0
    assert norms_of("maximum bouwhoogte (m)", "0")[0].value == 0.0  # nothing may be built; not the same as unknown


@pytest.mark.parametrize(
    ("text", "unit"),
    [("m", "m"), ("METERS", "m"), ("meter boven peil", "m"), ("meters vanaf het maaiveld", "m"), ("in meters", "m"),
     ("http://a.nl/eenheid/id/concept/Meter", "m"), ("meter boven NAP", ""), ("mm", ""), ("m2", ""), ("km", "")],
)  # fmt: skip
def test_units_are_metres_above_the_ground_or_percent(text, unit):
    assert known_unit(text) == unit


def test_long_names_are_looked_at_quickly():
    long = "maximum " * 100_000 + "bouwhoogte (" + "(" * 100_000
    assert norms_of(long, "1" * 100_000)[0].quantity == ""
