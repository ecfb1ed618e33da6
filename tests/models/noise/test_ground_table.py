import pytest

from dtwin_plugin.errors import InputError
from dtwin_plugin.models.noise.ground_table import ground_table, read_ground
from dtwin_plugin.paths import plugin_file


def test_types_of_the_directive_have_its_values():
    """Table 2.5.a of Directive (EU) 2015/996: A to D 1, E 0.7, F 0.3, G and H 0."""
    rows = [line.split(",")[:4] for line in plugin_file("resources", "noise", "ground.csv").read_text().splitlines()]
    found = {row[1]: float(row[3]) for row in rows if row[0] == "type"}
    assert found == {"A": 1, "B": 1, "C": 1, "D": 1, "E": 0.7, "F": 0.3, "G": 0, "H": 0}


def test_green_is_soft_and_water_and_paving_are_hard():
    table = ground_table()
    assert [table.classes[name] for name in ("begroeidterreindeel", "waterdeel", "wegdeel")] == [1.0, 0.0, 0.0]
    assert table.kinds["half verhard"] == 0.3 and table.kinds["erf"] == 0.7


@pytest.mark.parametrize(
    "row", ["class,x,Z,,", "class,x,,1.5,", "class,x,,much,", "class,x", "thing,x,A,,", "class,x,,nan,"]
)
def test_a_mistake_in_the_table_is_told_with_its_line(tmp_path, row):
    path = tmp_path / "own.csv"
    path.write_text(f"what,name,type,g,title\ntype,A,,1,soft\n{row}\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"own\.csv, line 3"):
        read_ground(path)
