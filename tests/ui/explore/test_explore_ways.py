"""Short ways in Explore: to a value, to the horizon, to a place on the curve, and back again."""

from __future__ import annotations

import pytest
from click.testing import CliRunner
from textual.widgets import Input

from lrtui.cli.preview import preview
from lrtui.experiments.presets import preset
from lrtui.schedules import Kind, catalogue, family
from lrtui.ui.numbers import exact_text
from lrtui.ui.screens.explore import ExploreScreen
from lrtui.ui.widgets.catalogue import CatalogueList, FilterInput
from lrtui.ui.widgets.field import Field, FieldInput, explained
from lrtui.ui.widgets.lines import ChoiceBar
from lrtui.ui.widgets.readout import Readout
from tests.ui.explore.test_explore_screen import WARM, explore, field, settle


async def test_the_peak_rate_is_two_keys_away_and_enter_ends_it(make_app) -> None:
    app = make_app(WARM)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("s", "enter")
        await settle(pilot)
        assert field(app, "lr").input.has_focus
        assert explore(app).line.status == "The rate at the start. Takes a rate such as 0.1 or 1e-3."
        await pilot.press(*"0.3", "enter")
        await settle(pilot)
        assert app.draft.expression == "warmup(5ep) >> cosine(0.3, final_lr=0.01)"
        assert explore(app).phases.has_focus
        assert explore(app).line.status.startswith("Half a cosine wave")


async def test_an_example_of_what_a_field_takes_is_never_cut_off(make_app) -> None:
    app = make_app("multistep(0.5)")
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        room = explore(app).line.room
        await pilot.press("s", "enter", "tab")
        await settle(pilot)
        shown = explore(app).line.status
        assert shown == "[5ep, 30ep]: when the rate changes, counted from the phase's start."
        await pilot.press("tab", "tab")
        await settle(pilot)
        shown = explore(app).line.status
        assert shown == "500, 5ep or 10%: how long this phase lasts; left out, it takes what remains."
    every = [parameter for kind in catalogue() for parameter in kind.parameters if parameter.help]
    for parameter in every:
        words = explained(parameter, room)
        assert parameter.help[1:] in words
        if parameter.kind in (Kind.LENGTH, Kind.LENGTHS, Kind.RATES):
            example = "10%" if parameter.kind is Kind.LENGTH else "]"
            assert example in words[: room - 1], parameter.name
    cut = [parameter for parameter in every if len(explained(parameter, room)) > room]
    assert len(cut) < 0.05 * len(every)
    assert explained(catalogue()[0].parameters[0], 200).endswith("Takes a rate such as 0.1 or 1e-3.")


async def test_enter_does_not_leave_a_wrong_value(make_app) -> None:
    app = make_app("cosine(0.5)")
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("s", "enter", "x", "enter")
        await settle(pilot)
        assert field(app, "lr").input.has_focus
        assert field(app, "lr").wrong


async def test_escape_gives_a_wrong_value_up(make_app) -> None:
    app = make_app("cosine(0.5)")
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("s", "enter", "end", "x", "escape")
        await settle(pilot)
        assert explore(app).phases.has_focus
        assert not field(app, "lr").wrong
        assert field(app, "lr").input.value == "0.5"
        await pilot.press("H", *"0", "escape")
        await settle(pilot)
        assert explore(app).horizon.query(Input).first().value == "10"


async def test_a_batch_size_that_waits_for_fewer_epochs_is_taken_with_them(make_app) -> None:
    app = make_app("cosine(0.5)", epochs=10_000)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("H", "tab", *"1")
        await settle(pilot)
        epochs, batch = explore(app).horizon.query(Field)
        assert batch.wrong
        assert app.draft.batch_size == 256
        await pilot.press("shift+tab", *"5")
        await settle(pilot)
        assert (app.draft.epochs, app.draft.batch_size) == (5, 1)
        assert not batch.wrong
        assert not epochs.wrong


async def test_enter_on_all_phases_goes_to_the_main_one(make_app) -> None:
    app = make_app(WARM)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("s", "home")
        await settle(pilot)
        assert explore(app).path == ()
        await pilot.press("enter")
        await settle(pilot)
        assert explore(app).path == (1,)
        assert field(app, "lr").input.has_focus


async def test_values_are_pinned_one_after_the_other_without_leaving_the_field(make_app) -> None:
    app = make_app("cosine(0.5)")
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("s", "enter", "tab", *"0.1", "f5", *"0.2", "f5", *"0.3")
        await settle(pilot)
        assert [str(pin) for pin in explore(app).pane.pins] == [
            "cosine(0.5, final_lr=0.1)", "cosine(0.5, final_lr=0.2)",
        ]  # fmt: skip
        assert app.draft.expression == "cosine(0.5, final_lr=0.3)"
        assert field(app, "final_lr").input.has_focus


async def test_the_horizon_is_one_key_away_and_its_changes_are_undone(make_app) -> None:
    app = make_app("cosine(0.5)")
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("H")
        await settle(pilot)
        assert isinstance(app.focused, FieldInput)
        assert app.focused.parameter.name == "epochs"
        await pilot.press(*"25", "enter")
        await settle(pilot)
        assert app.draft.epochs == 25
        await pilot.press("z")
        await settle(pilot)
        assert app.draft.epochs == 10
        assert explore(app).horizon.query(Input).first().value == "10"
        assert explore(app).line.status == "undone: 10 epochs of batches of 256 again; Z takes it back"


async def test_a_place_is_typed_and_read_exactly(make_app) -> None:
    app = make_app("warmup(7) >> cosine(0.3)", epochs=250)
    async with app.run_test(size=(120, 35)) as pilot:
        await settle(pilot)
        await pilot.press("j", *"1234")
        await settle(pilot)
        screen = explore(app)
        assert screen.pane.cursor_update == 1234
        await pilot.press("enter")
        await settle(pilot)
        assert screen.pane.chart.has_focus
        assert not screen.ask.has_class("-asking")
        rate = float(app.draft.schedule(1234, app.draft.horizon()))
        assert dict(screen.pane.chart.values_at(screen.pane.chart.cursor))["lr(t)"] == rate
        shown = str(screen.query_one(Readout).render())
        assert f"rate {rate:.7g} at update 1,234" in shown


@pytest.mark.parametrize(
    "text",
    [
        "warmup(1ep) >> cosine(0.5, final_lr=0.01)",
        "per_epoch(multistep(0.5, milestones=[5ep, 30ep], gamma=0.5))",
        "one_cycle(0.1, steps=9000)",
        "sgdr(1e-12, first_cycle=777) * exponential(1, gamma=0.9997)",
    ],
)
async def test_what_the_cursor_reads_is_what_preview_prints(make_app, text: str) -> None:
    found = CliRunner().invoke(
        preview, [text, "--epochs", "250", "--steps-per-epoch", "40", "--format", "csv"]
    )
    assert found.exit_code == 0, found.output
    printed = dict(row.split(",") for row in found.output.splitlines()[1:])
    app = make_app(text, epochs=250)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        pane = explore(app).pane
        for update in (0, 1, 39, 40, 41, 399, 1234, 5678, 9000, 9999):
            pane.go_to(update)
            assert pane.chart.cursor is not None
            assert dict(pane.chart.values_at(pane.chart.cursor))["lr(t)"] == float(printed[str(update)])
            await pilot.pause()
            shown = str(pane.readout.render())
            assert f"rate {exact_text(float(printed[str(update)]))} at" in shown
        await pilot.press("v", "left", "left", "ctrl+left")
        await settle(pilot)
        update = pane.cursor_update
        assert update is not None
        assert dict(pane.chart.values_at(pane.chart.cursor))["lr(t)"] == float(printed[str(update)])


async def test_a_preset_tells_its_lesson_whole(make_app) -> None:
    app = make_app()
    async with app.run_test(size=(60, 20)) as pilot:
        await settle(pilot)
        await pilot.press("slash", *"warmup-cos", "enter")
        await settle(pilot)
        assert explore(app).line.status.startswith(f"{preset('warmup-cosine').title} (h tells all")
        await pilot.press("h")
        await settle(pilot)
        lesson = str(app.screen.query_one("#lesson").render())
        assert lesson.endswith(f"{preset('warmup-cosine').lesson}\n")
        await pilot.press("escape")
        await settle(pilot)
        assert isinstance(app.screen, ExploreScreen)


async def test_the_dialect_chosen_is_seen_on_a_narrow_screen(make_app) -> None:
    app = make_app("cosine(0.3)")
    async with app.run_test(size=(60, 20)) as pilot:
        await settle(pilot)
        await pilot.press("k", "right", "right", "right", "right", "right")
        await settle(pilot)
        bar = app.screen.query_one(ChoiceBar)
        assert bar.text.startswith(" ‹ ")
        assert bar.text.rstrip().endswith("timm")
        assert len(bar.text) <= bar.size.width


@pytest.mark.parametrize(
    ("typed", "update", "words"),
    [
        ("5ep", 200, ""),
        ("50%", 200, ""),
        ("100%", 399, ""),
        ("400", None, "the last update is 399"),
        ("5x", None, "such as 500, 5ep or 50%"),
    ],
)
async def test_a_place_in_epochs_or_per_cent_and_one_that_is_none(make_app, typed, update, words) -> None:
    app = make_app("cosine(0.3)")
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("j")
        screen = explore(app)
        screen.ask.query_one(Input).value = typed
        await settle(pilot)
        assert screen.pane.cursor_update == update
        assert str(screen.ask.query_one("#ask-note").render()) == words
        await pilot.press("enter")
        await settle(pilot)
        assert screen.ask.has_class("-asking") == bool(words)
        await pilot.press("escape")
        await settle(pilot)
        assert screen.focused is not None


async def test_escape_goes_back_level_by_level(make_app) -> None:
    app = make_app("cosine(0.3)")
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        screen = explore(app)
        await pilot.press("s", "v", "right", "f")
        await settle(pilot)
        assert screen.maximized is not None
        for _ in range(2):  # the cursor, the full screen
            assert screen.pane.chart.has_focus
            await pilot.press("escape")
            await settle(pilot)
        assert screen.maximized is None
        assert screen.pane.chart.cursor is None
        await pilot.press("escape")
        await settle(pilot)
        assert screen.phases.has_focus


async def test_a_phase_that_is_never_reached_is_said(make_app) -> None:
    app = make_app("constant(0.1, steps=12ep) >> cosine(0.3)")
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert "needs 12 epochs, has 10: 1 phase never reached" in str(
            explore(app).query_one(Readout).render()
        )
        await pilot.press("H", *"20")
        await settle(pilot)
        assert "never" not in str(explore(app).query_one(Readout).render())


async def test_a_long_message_is_shown_whole(make_app) -> None:
    app = make_app("cosine(0.3)")
    async with app.run_test(size=(60, 20)) as pilot:
        await settle(pilot)
        screen = explore(app)
        screen.line.input.value = "StepLR(opt, stepsize=30)"
        await settle(pilot)
        status = screen.line.query_one(".status")
        assert status.size.height == 2
        assert "did you mean step_size?" in screen.line.status
        screen.line.input.value = "cosine(0.3)"
        await settle(pilot)
        assert status.size.height == 1


async def test_what_a_call_counts_is_turned_by_a_key(make_app) -> None:
    app = make_app("cosine(0.3)")
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("i")
        explore(app).line.input.value = "StepLR(opt, 2)"
        await settle(pilot)
        await pilot.press("f6", "enter")
        await settle(pilot)
        assert app.draft.expression == "per_epoch(step(0.1, step_size=2ep))"


async def test_what_was_asked_for_from_the_phases_leads_back_to_them(make_app) -> None:
    app = make_app("cosine(0.5)")
    async with app.run_test(size=(120, 35)) as pilot:
        await settle(pilot)
        await pilot.press("s", "a", "home", "enter")  # a preset, as a phase like any other
        await settle(pilot)
        assert app.draft.expression == f"cosine(0.5, steps=50%) >> {preset('fixed').expression}"
        assert explore(app).phases.has_focus


async def test_what_enter_takes_is_said_while_a_name_is_typed(make_app) -> None:
    app = make_app("constant(0.1, steps=50%) >> cosine(0.5)")
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("slash", *"coold")
        await settle(pilot)
        assert explore(app).line.status == family("cooldown").summary
        assert "Take first" in [each.binding.description for each in app.screen.active_bindings.values()]
        assert app.draft.expression == "constant(0.1, steps=50%) >> cosine(0.5)"  # nothing is taken yet
        await pilot.press("enter")
        await settle(pilot)
        assert "cooldown(20%)" in app.draft.expression


async def test_a_filter_goes_before_the_catalogue_is_left(make_app) -> None:
    app = make_app("cosine(0.5)")
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        catalogue = explore(app).catalogue
        await pilot.press("slash", *"zzzz", "enter")
        await settle(pilot)
        assert catalogue.query_one(FilterInput).has_focus  # nothing fits, so nothing was taken
        assert app.draft.expression == "cosine(0.5)"
        catalogue.query_one(FilterInput).value = "rex"
        await pilot.press("down", "escape")
        await settle(pilot)
        assert catalogue.query_one(FilterInput).value == ""
        assert catalogue.query_one(CatalogueList).has_focus
        await pilot.press("escape")
        await settle(pilot)
        assert explore(app).phases.has_focus


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        (["d"], "nothing to do here with d: it acts on phases, s goes there"),
        (["plus"], "nothing to do here with +: it acts on the curve, v goes there"),
        (["J"], "nothing to do here with J: F1 shows every key"),
        (["s", "J"], "nothing to do here with J: F1 shows every key"),
    ],
)
async def test_a_letter_that_does_nothing_says_so(make_app, keys: list[str], words: str) -> None:
    app = make_app("cosine(0.5)")
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press(*keys)
        await settle(pilot)
        assert explore(app).line.status == words
        assert app.draft.expression == "cosine(0.5)"
        await pilot.press("w")
        await settle(pilot)
        assert explore(app).line.status.startswith("a warmup in front of it all")
