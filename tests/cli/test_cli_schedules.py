from __future__ import annotations

import json

from click.testing import CliRunner

from lrtui.cli.schedules import schedules
from lrtui.schedules import catalogue, parse


def call(*arguments: str) -> str:
    done = CliRunner().invoke(schedules, list(arguments))
    assert done.exit_code == 0, done.output
    return done.output


def test_the_catalogue_as_json_says_what_the_families_declare() -> None:
    found = json.loads(call("--json"))
    assert [each["name"] for each in found] == [entry.name for entry in catalogue()]
    for each, entry in zip(found, catalogue(), strict=True):
        assert [one["name"] for one in each["parameters"]] == [one.name for one in entry.parameters]
        for said, parameter in zip(each["parameters"], entry.parameters, strict=True):
            if said["default"] is not None:
                assert parameter.parse(said["default"]) == parameter.default
        assert str(parse(each["example"])) == each["example"]


def test_one_family_as_json_is_found_by_any_of_its_names() -> None:
    found = json.loads(call("cosine_annealing", "--json"))
    assert found["name"] == "cosine"
    assert found["libraries"]["torch"]["deliberate"]
    assert {one["name"]: one["minimum"] for one in found["parameters"]}["k"] == 0


def test_one_family_as_a_page_has_its_picture() -> None:
    text = call("sgdr")
    assert "CosineAnnealingWarmRestarts(T_0, T_mult, eta_min)" in text
    assert "epochs" in text.splitlines()[-1]
