"""A folder of case files runs, and its values decide."""

import json
import subprocess
import sys

import pytest

BATH = {
    "model": "flood",
    "case": "bath",
    "terrain": {"formula": "plane", "rows": 4, "columns": 5, "height": -2.0},
    "cell_size": 2.0,
    "roughness": 0.03,
    "rain": [[0, 36], [600, 0]],
    "inflow": [{"rectangle": [0, 0, 2, 2], "discharge": 0.1}],
    "duration": 900,
    "expected": [
        {"quantity": "rain_volume", "value": 0.48, "tolerance": 1e-4},  # 36 mm/h for 600 s on 80 m2
        {"quantity": "inflow_volume", "value": 90.0, "tolerance": 1e-3},
        {"quantity": "depth", "at": {"x": 5, "y": 5}, "value": 1.131, "tolerance": 0.02},  # 90.48 m3 on 80 m2
    ],
}


@pytest.fixture
def validate(root, tmp_path):
    def run(*cases):
        for number, case in enumerate(cases):
            (tmp_path / f"{number}.json").write_text(json.dumps(case))
        command = [sys.executable, "-m", "scripts.validate", "--cases", str(tmp_path)]
        return subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=120)

    return run


def test_values_within_tolerance_end_well(validate):
    done = validate(BATH)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "5 values, 0 outside" in done.stdout  # the mass error and the least depth are always there


def test_a_value_outside_its_tolerance_fails(validate):
    done = validate({**BATH, "expected": [{"quantity": "stored_volume", "value": 80, "tolerance": 1}]})
    assert done.returncode == 1
    assert "NO" in done.stdout


@pytest.mark.parametrize(
    ("case", "message"),
    [
        ({"case": "no model"}, "model"),
        ({**BATH, "terrain": {"formula": "volcano", "rows": 1, "columns": 1}}, "volcano"),
        ({key: value for key, value in BATH.items() if key != "roughness"}, "roughness"),
        ({**BATH, "expected": [{"quantity": "colour", "value": 1, "tolerance": 1}]}, "colour"),
    ],
)
def test_what_is_wrong_in_a_case_file_is_one_sentence(validate, case, message):
    done = validate(case)
    assert done.returncode == 2
    assert message in done.stderr and "Traceback" not in done.stderr
