"""Viewpoints that a project keeps."""

from hypothesis import given
from hypothesis import strategies as st

from dtwin_plugin.twin.viewpoints import Viewpoint, from_text, to_text

NUMBERS = st.floats(-1e7, 1e7)
VIEWPOINTS = st.builds(
    Viewpoint,
    name=st.text(max_size=40),
    x=NUMBERS, y=NUMBERS, z=NUMBERS, distance=st.floats(0.1, 1e6), pitch=NUMBERS, heading=NUMBERS,
    layers=st.lists(st.text(max_size=9), max_size=5).map(tuple), begin=st.text(max_size=20), end=st.text(max_size=20),
    states=st.dictionaries(st.text(max_size=5), st.dictionaries(st.text(max_size=5), st.booleans()), max_size=3),
    extent=st.just(()) | st.just((0.0, 1.0, 2.5, 3.0)), themes=st.lists(st.text(max_size=9), max_size=3).map(tuple),
    flight=st.floats(0, 3600), stay=st.floats(0, 3600), picture=st.text(max_size=9),
)  # fmt: skip


@given(st.lists(VIEWPOINTS, max_size=5))
def test_what_is_kept_comes_back(viewpoints):
    assert from_text(to_text(viewpoints)) == viewpoints


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["name", "x", "y", "layers", "a"]), inner)
    ),
    max_leaves=12,
)


@given(JSON)
def test_any_json_is_read_without_a_fault(value):
    import json

    assert all(isinstance(found, Viewpoint) for found in from_text(json.dumps([value])))


def test_depth_and_length_of_a_hostile_project_do_no_harm():
    assert from_text("[" * 100_000) == []
    many = "[" + ",".join(['{"name":"a","x":0,"y":0,"z":0,"distance":1,"pitch":0,"heading":0}'] * 5000) + "]"
    assert len(from_text(many)) == 1000
    bad = '"extent":[0,0,1e999,"1"],"stay":-1,"flight":1e9,"themes":[],"picture":7'
    found = from_text(f'[{{"name":"a","x":0,"y":0,"z":0,"distance":1,"pitch":0,"heading":0,{bad}}}]')
    assert found == [Viewpoint("a", 0, 0, 0, 1, 0, 0)]
    assert from_text('[{"name":"a","x":1e999,"y":0,"z":0,"distance":1,"pitch":0,"heading":0}]') == []
