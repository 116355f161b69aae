from __future__ import annotations

import msgspec
from helpers_runs import a_spec

from lrtui.runs.exporting.fields import spec_fields
from lrtui.runs.interventions import Intervention


def test_what_is_empty_is_left_out_and_lists_are_text() -> None:
    plain = a_spec()
    assert {"stop_on", "interventions", "average", "clip_norm"}.isdisjoint(spec_fields(plain))
    fields = spec_fields(
        msgspec.structs.replace(
            plain,
            stop_on=("diverged", "chance"),
            interventions=(Intervention(3, "set-rate", {"lr": 0.5}),),
        )
    )
    assert fields["stop_on"] == "diverged, chance"
    assert fields["interventions"] == '[{"step": 3, "command": "set-rate", "args": {"lr": 0.5}}]'
    assert all(isinstance(value, (bool, int, float, str)) for value in fields.values())
