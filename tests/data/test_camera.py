"""Places and pixels of a camera."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtwin_plugin.data.camera import Camera
from dtwin_plugin.errors import InputError

CAMERAS = st.builds(
    Camera,
    centre=st.tuples(st.floats(0, 3e5), st.floats(3e5, 6e5), st.floats(-50, 300)),
    distance=st.floats(1, 5000),
    pitch=st.floats(0, 180),
    heading=st.floats(-360, 360),
    width=st.integers(10, 4000),
    height=st.integers(10, 4000),
    field_of_view=st.floats(5, 120),
)


@given(CAMERAS, st.floats(0, 1), st.floats(0, 1), st.floats(0.1, 1e4))
def test_what_a_pixel_looks_at_is_drawn_at_that_pixel(camera, across, down, distance):
    x, y = across * camera.width, down * camera.height
    origin, direction = camera.ray(x, y)
    assert np.linalg.norm(direction) == pytest.approx(1)
    found = camera.project(origin + distance * direction)[0]
    # coordinates of the country have 1e-10 m of room, seen from 0.1 m at the least
    assert found[:2] == pytest.approx([x, y], abs=1e-4 * max(camera.width, camera.height))
    assert 0 < found[2] <= distance * (1 + 1e-9)


@given(CAMERAS)
def test_axes_are_square_to_each_other_and_the_centre_is_in_the_middle(camera):
    axes = np.array(camera.axes)
    assert axes @ axes.T == pytest.approx(np.eye(3), abs=1e-12)
    assert np.cross(axes[0], axes[1]) == pytest.approx(axes[2], abs=1e-12)  # right is forward x up
    x, y, depth = camera.project(camera.centre)[0]
    assert (x, y) == pytest.approx(
        (camera.width / 2, camera.height / 2), abs=1e-4 * camera.width + 1e-4 * camera.height
    )
    assert depth == pytest.approx(camera.distance, rel=1e-6)


def test_what_lies_east_is_right_when_looking_north_and_what_is_higher_is_above():
    camera = Camera((0, 0, 0), 100, 70, 0, 800, 600)
    (east, high, far) = camera.project([[10, 0, 0], [0, 0, 10], [0, 50, 0]])
    assert east[0] > 400 and high[1] < 300
    assert far[1] < 300 and far[2] > 100


@pytest.mark.parametrize("wrong", [{"distance": 0}, {"width": 0}, {"height": -1}, {"field_of_view": 180}])
def test_a_camera_that_sees_nothing_is_refused(wrong):
    with pytest.raises(InputError, match="camera"):
        Camera(**{"centre": (0, 0, 0), "distance": 1, "pitch": 0, "heading": 0, "width": 1, "height": 1, **wrong})
