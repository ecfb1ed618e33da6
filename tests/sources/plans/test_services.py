"""The national services of plans, against a server with their keys, headers, pages and faults."""

import threading
import time

import numpy as np
import pytest

from dtwin_plugin.data import Extent, Features
from dtwin_plugin.errors import Cancelled, FormatError, InputError, UnavailableError
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources.plans import EnvironmentPlanService, ZoningPlanService
from dtwin_plugin.sources.polite import PoliteTransport
from dtwin_plugin.sources.requests_transport import RequestsTransport
from dtwin_plugin.sources.retry import Retrying

AREA = Extent(84_600.123456, 447_400.0, 85_140.0, 447_750.0)  # with more decimals than the services take


@pytest.fixture
def state(plan_server):
    with plan_server.serve(plan_server.Plans()) as found:
        yield found


@pytest.fixture
def zoning(state, plan_server):
    return lambda **options: ZoningPlanService(carrier(plan_server), url=state.url + plan_server.ZONING, **options)


@pytest.fixture
def environment(state, plan_server):
    def made(**options):
        urls = {"url": state.url + plan_server.DOCUMENTS, "geometries": state.url + plan_server.GEOMETRIES}
        return EnvironmentPlanService(carrier(plan_server), **urls, **options)

    return made


def carrier(plan_server, key=None):
    headers = {"X-Api-Key": plan_server.KEY if key is None else key}
    return Retrying(PoliteTransport(RequestsTransport(headers=headers)), sleep=lambda seconds: None)


def read(source, extent=AREA):
    progress = Silent()
    pieces = list(source.read(extent, progress))
    return (Features.concatenate(pieces) if pieces else None), progress.warnings


def norms(features):
    c = features.columns
    return {rule: (quantity, None if np.isnan(norm) else norm)
            for rule, quantity, norm in zip(c["rule"], c["quantity"], c["norm"])}  # fmt: skip


def test_zoning_plans_in_force_come_with_their_norms(zoning, plan_server):
    source = zoning()
    features, warnings = read(source)
    name = f"{plan_server.PLAN}.mv"
    assert norms(features) == {
        f"{name}1.1": ("building_height", 11.0), f"{name}1.2": ("eaves_height", 6.5),
        f"{name}2.1": ("built_percentage", 60.0), f"{name}3.1": ("", None), f"{name}3.2": ("building_height", None),
        "bv1": ("", None), "ep1": ("", None),
    }  # fmt: skip
    assert list(source.found) == [plan_server.PLAN]  # no draft, no vision
    row = {key: values[0] for key, values in features.columns.items()}
    assert row["source"] == f"{plan_server.PLAN}, Testplan" and row["date"] == "2015-06-25"
    assert row["link"] == f"https://plannen.example/{plan_server.PLAN}/regels.html"
    assert row["status"] == "geldend, vastgesteld" and row["area_kind"] == "maatvoering"
    assert features.columns["link"][-1] == "https://plannen.example/regels.html#wonen"
    assert features.columns["area_kind"].tolist()[-2:] == ["bouwvlak", "enkelbestemming"]
    assert features.geometries.bounds()[0].tolist() == [84_700, 447_500, 84_760, 447_560]
    assert len(warnings) == 2


def test_drafts_come_when_asked_and_a_plan_by_its_id_whatever_its_status(zoning, plan_server):
    source = zoning(in_force=False)
    read(source)
    assert list(source.found) == [plan_server.PLAN, plan_server.DRAFT]
    source = zoning(plans=[plan_server.PLAN])
    features, _ = read(source, None)
    assert len(features) == 7 and list(source.found) == [plan_server.PLAN]
    with pytest.raises(InputError, match=r"There is no plan NL\.IMRO\.0000"):
        read(zoning(plans=["NL.IMRO.0000"]))


def test_a_server_that_ignores_the_status_is_not_believed(zoning, state, plan_server):
    state.plans[0]["isHistorisch"] = True
    source = zoning()
    assert read(source)[0] is None and not source.found


@pytest.mark.parametrize("size", [1, 2])
def test_all_pages_are_read(zoning, state, size):
    whole, _ = read(zoning())
    state.page = size
    features, _ = read(zoning())
    assert norms(features) == norms(whole)
    pages = [query.get("page") for path, query, _, _ in state.asked if path.endswith("maatvoeringen/_zoek")]
    assert str(-(-3 // size)) in pages


def test_only_the_area_is_asked_and_given(zoning):
    features, _ = read(zoning(), Extent(84_805, 447_505, 84_806, 447_506))
    assert sorted(features.columns["area_kind"].tolist()) == ["enkelbestemming", "maatvoering"]
    features, _ = read(zoning(), Extent(84_805, 447_505, 84_805, 447_505))  # a point
    assert len(features) == 2


def test_degrees_are_brought_to_rd(zoning, state, stand_in_grids):
    """A server that gives longitude and latitude though RD was asked."""
    ring = [[4.3571, 52.0116], [4.3581, 52.0116], [4.3581, 52.0122], [4.3571, 52.0116]]
    objects = state.objects[next(iter(state.objects))]
    objects["bouwvlakken"][0]["geometrie"] = {"type": "Polygon", "coordinates": [ring]}
    features, _ = read(zoning(plans=[next(iter(state.objects))]), None)
    bounds = features.take(np.flatnonzero(features.columns["rule"] == "bv1")).geometries.bounds()[0]
    # by hand, with the first terms of the series of Schreutelkamp and Strang van Hees (2001), good to some 10 m here
    assert bounds[:2].tolist() == pytest.approx([84_280, 447_528], abs=20)


@pytest.mark.parametrize("kind", ["zoning", "environment"])
@pytest.mark.parametrize("key", ["", "wrong"])
def test_without_the_right_key_a_sentence_says_how_to_get_one(request, state, plan_server, kind, key):
    source = request.getfixturevalue(kind)()
    source._transport = carrier(plan_server, key)
    with pytest.raises(UnavailableError, match="wants a key that it knows .HTTP 401.: Missing API Key") as caught:
        read(source)
    assert "X-Api-Key" in str(caught.value) and len(state.asked) == 1
    assert plan_server.KEY not in str(caught.value)


def test_norms_of_an_environment_plan_come_with_their_places(environment, state, plan_server):
    source = environment()
    features, warnings = read(source)
    assert list(source.found) == [plan_server.ACT]  # a decree of the state is none of these
    assert norms(features) == {
        "nl.imow-gm0503.normwaarde.10.1.1": ("building_height", 13.5),
        "nl.imow-gm0503.normwaarde.11.groep.1": ("building_height", 7.0),
        "nl.imow-gm0503.normwaarde.20.2.1": ("building_height", None),  # of business premises only
        "nl.imow-gm0503.normwaarde.30.1.1": ("eaves_height", None),
        "nl.imow-gm0503.normwaarde.31.2.1": ("eaves_height", None),
    }
    texts = features.columns["text"].tolist()
    assert texts[0] == "Bouwhoogte: 13.5, meter, Blok A" and "waarde staat in regeltekst" in texts[3]
    assert "aansluitend bij de buren" in texts[4]
    assert set(features.columns["source"]) == {f"{plan_server.ACT}, Omgevingsplan Testdorp"}
    assert set(features.columns["date"]) == {"2024-01-01"} and set(features.columns["area_kind"]) == {"norm"}
    assert features.geometries.bounds()[:, 0].tolist() == [84_700, 84_800, 84_800, 84_700, 84_800]
    asked = [path for path, *_ in state.asked if path.startswith(plan_server.GEOMETRIES)]
    assert len(asked) == len(set(asked)) == 2  # each geometry once
    assert any("1 of 6 areas had no polygon" in text for text in warnings)
    ways = [path for path, *_ in state.asked if "annotaties" in path]
    assert ways == [f"{plan_server.DOCUMENTS}/regelingen/_akn_nl_act_gm0503_2024_01_01_omgevingsplan/"
                    "regeltekstannotaties/_zoek"]  # fmt: skip


@pytest.mark.parametrize("size", [1, 2])
def test_pages_of_norms_are_read_and_what_they_repeat_comes_once(environment, state, size):
    whole, warnings = read(environment())
    state.page = size
    features, again = read(environment())
    assert norms(features) == norms(whole) and len(features) == len(whole) and again == warnings


def test_an_area_that_two_pages_have_comes_once(zoning, state):
    whole, _ = read(zoning())
    measures = next(iter(state.objects.values()))["maatvoeringen"]
    measures.append(measures[0])
    assert len(read(zoning())[0]) == len(whole)


def test_an_environment_plan_by_its_id(environment, plan_server):
    features, _ = read(environment(plans=[plan_server.ACT]), None)
    assert len(features) == 5
    with pytest.raises(InputError, match="There is no plan /akn/nl/act/gm0000"):
        read(environment(plans=["/akn/nl/act/gm0000"]))


def test_groups_that_hold_themselves_end(environment, state):
    """Places of a group are searched five deep: each refers to both, so that a walk without an end would show."""
    for name in ("a", "b"):
        state.annotations["locaties"].append({"identificatie": name, "locatieRefs": ["a", "b"]})
    state.annotations["omgevingsnormen"][0]["normwaarden"][0]["locatieRefs"] = ["a"]
    begin = time.perf_counter()
    assert len(read(environment())[0]) == 4 and time.perf_counter() - begin < 5


def test_an_answer_with_values_without_end_is_refused(environment, state, monkeypatch):
    monkeypatch.setattr("dtwin_plugin.sources.plans.environment._VALUES", 3)
    with pytest.raises(InputError, match="more than 3 values of norms"):
        read(environment())
    monkeypatch.undo()
    monkeypatch.setattr("dtwin_plugin.sources.plans.environment._MOST", 1)
    with pytest.raises(InputError, match="more than 1 geometries"):
        read(environment())


@pytest.mark.parametrize("kind", ["zoning", "environment"])
def test_neither_area_nor_plan_and_an_area_abroad(request, kind):
    source = request.getfixturevalue(kind)()
    with pytest.raises(InputError, match="Neither an area nor a plan"):
        read(source, None)
    with pytest.raises(InputError, match="outside the Netherlands"):
        read(source, Extent(0, 0, 10, 10))


@pytest.mark.parametrize("fault", [(503, {}), (429, {}), "closed", "half", (200, b'{"_embedded": {"pla')])
@pytest.mark.parametrize("kind", ["zoning", "environment"])
def test_a_fault_that_passes_is_not_seen(request, state, kind, fault):
    whole, _ = read(request.getfixturevalue(kind)())
    state.faults = [None, fault, fault] if isinstance(fault, tuple) and fault[0] != 200 else [fault, None, fault]
    features, _ = read(request.getfixturevalue(kind)())
    assert norms(features) == norms(whole)


WRONG = {
    "text": ((200, b"<html>"), FormatError, "is not JSON"),
    "list": ((200, []), FormatError, "not a JSON object"),
    "no list": ((200, {"_embedded": {"plannen": 3, "regelingen": 3}}), FormatError, "no list where one should"),
    "deep": ((200, b'{"a":' + b"[" * 200_000), FormatError, "nests deeper"),
    "refused": ((400, {"detail": "Het gebied is te groot"}), UnavailableError, "HTTP 400.: Het gebied is te groot"),
    "forbidden": ((403, {}), UnavailableError, "wants a key"),
}


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("kind", ["zoning", "environment"])
def test_a_wrong_answer_is_one_sentence(request, state, kind, name):
    fault, error, text = WRONG[name]
    state.faults = [fault] * 3
    with pytest.raises(error, match=text):
        read(request.getfixturevalue(kind)())


def test_pages_without_an_end_and_links_to_elsewhere_are_refused(zoning, state):
    state.endless = True
    with pytest.raises(FormatError, match="pages without an end"):
        read(zoning())
    state.endless, state.page, state.elsewhere = False, 1, "http://elsewhere.example"
    with pytest.raises(FormatError, match="link to another server"):
        read(zoning())  # which would get the key


ODD = [None, 3, {}, [], "x", {"type": "Polygon"}, {"type": "Polygon", "coordinates": [[[1, 2]]]},
       {"type": "Polygon", "coordinates": [[["a", 2], [3, 4], [5, 6]]]}, {"type": "Point", "coordinates": [1, 2]},
       {"type": "Polygon", "coordinates": [[[1e400, 2], [3, 4], [5, 6]]]},
       {"type": "MultiPolygon", "coordinates": []},
       {"type": "GeometryCollection", "geometries": [{"type": "Point"}]}]  # fmt: skip


@pytest.mark.parametrize("geometry", ODD)
def test_an_area_with_an_odd_geometry_is_left_out_and_told(zoning, environment, state, geometry):
    objects = next(iter(state.objects.values()))
    objects["bouwvlakken"][0]["geometrie"] = geometry
    features, warnings = read(zoning())
    assert "bv1" not in features.columns["rule"] and any(" areas " in text for text in warnings)
    state.geometries["g-1"] = geometry if isinstance(geometry, dict) else {"geometrie": geometry}
    features, warnings = read(environment())
    assert len(features) == 3 and any(" areas " in text for text in warnings)


@pytest.mark.parametrize("odd", [None, 3, "x", [], [3, None, "x", {}], {"a": 1}])
def test_odd_values_within_an_answer_do_no_harm(zoning, environment, state, odd):
    first = next(iter(state.objects.values()))["maatvoeringen"][0]
    for name in ("omvang", "naam", "verwijzingNaarTekst", "type"):
        first[name] = odd
    for name in ("naam", "planstatusInfo", "regelBinding"):
        state.plans[0][name] = odd
    features, _ = read(zoning())
    assert np.isfinite(features.columns["norm"]).sum() <= 3 and len(features) >= 6
    norm = state.annotations["omgevingsnormen"][0]
    norm["normwaarden"] = [odd, {"kwantitatieveWaarde": odd, "locatieRefs": odd}, *norm["normwaarden"]]
    norm["type"] = norm["eenheid"] = state.acts[0]["geregistreerdMet"] = odd
    features, _ = read(environment())
    assert np.isnan(features.columns["norm"]).all() and len(features) == 5  # neither kind nor unit is known now


def test_too_many_plans_are_not_asked_one_by_one(zoning, state, plan_server):
    state.plans = [plan_server.plan(f"NL.IMRO.{number}", "x") for number in range(301)]
    with pytest.raises(InputError, match="More than 300 plans"):
        read(zoning())


def test_a_silent_server_does_not_keep_the_user_waiting(zoning, state):
    class Stopping(Silent):
        stop = threading.Event()

        def is_cancelled(self):
            return self.stop.is_set()

    progress = Stopping()
    state.faults, state.delay = [None, "slow"], 10.0
    threading.Timer(0.5, progress.stop.set).start()
    begin = time.perf_counter()
    with pytest.raises(Cancelled):
        list(zoning().read(AREA, progress))
    assert time.perf_counter() - begin < 2.5  # 0.5 s until it is asked, and the time that a busy machine takes


def test_services_say_what_they_are_without_being_asked(zoning, environment, state):
    assert "v4" in zoning().describe().format and "v8" in environment().describe().format
    assert state.asked == []
