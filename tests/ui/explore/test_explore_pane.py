"""The preview of Explore: looking closely at a part of a long horizon, and how pinned schedules differ."""

from __future__ import annotations

from threading import Event

import numpy as np
import pytest
from textual.widgets import Label

from lrtui.schedules import Horizon, parse, sample
from lrtui.ui.preview import Sight, difference, glance, look, look_at_all
from lrtui.ui.widgets import preview_pane
from lrtui.ui.widgets.field import Field
from lrtui.ui.widgets.readout import Against, _apart
from tests.ui.explore.test_explore_screen import explore, settle

MILLION = Horizon.from_epochs(100, 10_000)


def test_a_closer_sample_has_every_update_of_a_short_part() -> None:
    schedule = parse("repeat(cosine(0.1, steps=50))")
    updates, rates = sample(schedule, MILLION, 2000, between=(500_000, 501_000))
    assert updates.tolist() == list(range(500_000, 501_001))
    assert np.array_equal(rates, schedule(updates, MILLION))


@pytest.mark.parametrize("text", ["repeat(cosine(0.1, steps=50))", "repeat(cosine(0.1, steps=90000))"])
def test_a_closer_sample_of_a_longer_part_stays_inside_it_and_keeps_its_extremes(text: str) -> None:
    schedule = parse(text)
    updates, rates = sample(schedule, MILLION, 300, between=(80_000, 200_000))
    every = schedule(np.arange(80_000, 200_001), MILLION)
    assert (updates[0], updates[-1]) == (80_000, 200_000)
    assert (np.diff(updates) > 0).all()
    assert np.array_equal(rates, schedule(updates, MILLION))
    assert (rates.min(), rates.max()) == (every.min(), every.max())


def test_a_window_adds_points_and_takes_none_away() -> None:
    schedule = parse("cosine(0.1)")
    whole = look(schedule, MILLION)
    close = look(schedule, MILLION, window=(-1, 1500))
    assert set(whole.updates.tolist()) | set(range(1501)) == set(close.updates.tolist())
    assert (np.diff(close.updates) > 0).all()
    assert np.array_equal(close.rates, schedule(close.updates, MILLION))


def test_the_greatest_difference_is_found_at_whichever_update_it_is() -> None:
    spiked = parse("piecewise(0.1, points=[777777, 777778], levels=[0.7, 0.1])")
    flat = parse("constant(0.1)")
    found = difference(look(spiked, MILLION), look(flat, MILLION))
    assert (found.most, found.update) == (pytest.approx(0.6), 777_777)
    assert difference(look(flat, MILLION), look(spiked, MILLION)).most == pytest.approx(-0.6)
    assert difference(look(flat, MILLION), look(flat, MILLION)).most == 0


def test_pins_that_were_worked_out_are_not_worked_out_again_and_one_that_does_not_fit_is_left_out() -> None:
    horizon = Horizon(100)
    pins = (parse("linear(0.1)"), parse("warmup(5ep) >> linear(0.1)"))
    first = look_at_all(Sight(parse("cosine(0.1)"), pins, horizon, None, None))
    assert [str(pin.schedule) for pin in first.pins] == ["linear(0.1)"]
    again = look_at_all(Sight(parse("cosine(0.2)"), pins, horizon, None, None), first)
    assert again.pins[0] is first.pins[0]
    assert again.apart != first.apart
    assert look_at_all(first.sight, None, lambda: True) is None


async def test_a_zoomed_view_of_a_million_updates_shows_every_update(make_app) -> None:
    app = make_app("cosine(0.1) * repeat(linear(1, final_lr=0.5, steps=40))", epochs=100, batch_size=1)
    async with app.run_test(size=(120, 35)) as pilot:
        await settle(pilot)
        await app.workers.wait_for_complete()
        await pilot.press("v", "right", *["right"] * 20, *["plus"] * 14)
        await settle(pilot)
        await app.workers.wait_for_complete()
        await settle(pilot)
        pane = explore(app).pane
        low, high = pane.chart.window
        first, last = int(np.ceil(low * 10_000)), int(np.floor(high * 10_000))
        assert 30 < last - first < 120
        seen = [x for x, _ in points(pane) if low <= x <= high]
        assert len(seen) == last - first + 1
        update = pane.cursor_update
        await pilot.press("right", "right")
        assert pane.cursor_update == update + 2
        await pilot.press("x")
        await settle(pilot)
        assert [round(end) for end in pane.chart.window] == [round(low * 10_000), round(high * 10_000)]
        assert pane.cursor_update == update + 2
        await pilot.press("0")
        await settle(pilot)
        await app.workers.wait_for_complete()
        assert pane.chart.window is None


def points(pane) -> list[tuple[float, float]]:
    places = pane.preview.places(pane.in_epochs)
    return list(zip(places.tolist(), pane.preview.rates.tolist(), strict=True))


async def test_a_shorter_horizon_leaves_no_view_outside_it(make_app) -> None:
    app = make_app("cosine(0.5)", epochs=100)
    async with app.run_test(size=(120, 35)) as pilot:
        await settle(pilot)
        await pilot.press("v", "end", "plus", "plus", "plus")
        await settle(pilot)
        screen = explore(app)
        assert screen.pane.chart.window[0] > 50
        app.draft.epochs = 10
        await screen.on_horizon_form_changed()
        await settle(pilot)
        ends = screen.pane.chart.window
        assert ends is None or ends[1] <= 10


async def test_pinned_schedules_say_how_the_present_one_differs(make_app) -> None:
    app = make_app("cosine(0.5)")
    async with app.run_test(size=(200, 50)) as pilot:
        await settle(pilot)
        await pilot.press("p")
        await settle(pilot)
        said = str(explore(app).pane.readout.render())
        assert "most" not in said
        explore(app).line.input.value = "constant(0.25)"
        await settle(pilot)
        pane = explore(app).pane
        said = str(pane.readout.render())
        assert "○ cosine(0.5)  most −0.25 at update 0 (epoch 0)" in said
        pane.chart.cursor = 0.0
        pane._read()
        said = str(pane.readout.render())
        assert "○ cosine(0.5)  here −0.25 (0.5×)  most −0.25 at update 0 (epoch 0)" in said


@pytest.mark.parametrize("width", [40, 46, 60, 80, 120])
def test_a_difference_fits_on_one_line_and_keeps_its_numbers(width: int) -> None:
    horizon = Horizon.from_epochs(20, 235)
    name = "warmup(2ep) >> cosine(0.5, final_lr=0.01) >> constant(0.02)"
    longer = parse(name.replace("final_lr=0.01", "final_lr=0.01, steps=10ep"))
    pin, main = look(longer, horizon), look(parse("constant(0.3)"), horizon)
    line = _apart(Against("○", pin, difference(main, pin)), main, 3000, width).plain
    assert len(line) <= width
    assert line.startswith("○ warmup")
    assert "here +0.28" in line
    assert "most +0.3 at " in line
    assert ("(epoch" in line) == (width >= 80)


def test_schedules_that_are_the_same_say_so() -> None:
    horizon = Horizon(100)
    one, other = look(parse("constant(0.1)"), horizon), look(parse("linear(0.1, final_lr=0.1)"), horizon)
    line = _apart(Against("○", other, difference(one, other)), one, 5, 60).plain
    assert "the same at every update" in line


def test_what_is_left_after_an_update_is_exact_where_it_is_looked_at_closely() -> None:
    schedule = parse("repeat(linear(0.1, steps=50))")
    seen = look(schedule, MILLION)
    updates, rates = seen.after(300_000, (999, 1500))
    assert updates[0] == 300_000
    assert set(range(300_999, 301_501)) <= set(updates.tolist())
    assert np.array_equal(rates, schedule(updates, MILLION))
    for window in (None, (990_000, 1_000_000), (-1, 4)):
        updates, rates = seen.after(999_998, window)
        assert updates.tolist() == [999_998, 999_999]


async def test_names_of_parameters_are_never_cut_off(make_app) -> None:
    app = make_app("one_cycle(0.1)")
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("s")
        await settle(pilot)
        for field in explore(app).form.query(Field):
            label = field.query_one(Label)
            assert label.size.width > len(str(label.content))
            assert field.input.size.width >= 8


async def test_leaving_for_the_phases_gives_up_adding(make_app) -> None:
    app = make_app("cosine(0.5)")
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("s", "a", "s")
        await settle(pilot)
        assert str(explore(app).catalogue.border_title) == "Catalogue"
        await pilot.press("c", "down", "enter")
        await settle(pilot)
        assert len(app.draft.schedule.phases) == 1


def test_a_glance_has_the_curves_and_no_numbers_and_leaves_what_takes_long_to_a_look() -> None:
    pins = (parse("linear(0.1)"),)
    sight = Sight(parse("cosine(0.1)"), pins, MILLION, None, None)
    seen, looked = glance(sight), look_at_all(sight)
    assert np.array_equal(seen.main.rates, looked.main.rates)
    assert (seen.main.summary, seen.apart) == (None, None)
    after = look_at_all(sight, seen)
    assert (after.main.summary, after.apart) == (looked.main.summary, looked.apart)
    again = glance(Sight(parse("cosine(0.2)"), pins, MILLION, None, None), looked)
    assert again.pins[0] is looked.pins[0]
    for slow in ("repeat(cosine(0.1, steps=50))", "plateau(0.1)"):
        assert glance(Sight(parse(slow), (), MILLION, None, None)) is None
    assert glance(Sight(parse("warmup(5ep) >> linear(0.1)"), (), Horizon(10**6), None, None)) is None


async def test_the_curve_does_not_wait_for_its_numbers(make_app, monkeypatch: pytest.MonkeyPatch) -> None:
    go = Event()

    def slowly(*args: object) -> object:
        go.wait(10)
        return look_at_all(*args)

    app = make_app("constant(0.25)", epochs=100, batch_size=1)
    async with app.run_test(size=(120, 35)) as pilot:
        await app.workers.wait_for_complete()
        await settle(pilot)
        pane = explore(app).pane
        monkeypatch.setattr(preview_pane, "look_at_all", slowly)
        explore(app).line.input.value = "constant(0.75)"
        await settle(pilot)
        assert set(pane.chart.series[-1].y.tolist()) == {0.75}
        assert "peak 0.25" in str(pane.readout.render())
        go.set()
        await app.workers.wait_for_complete()
        await settle(pilot)
        assert "peak 0.75" in str(pane.readout.render())


async def test_the_last_good_curve_comes_back_when_one_only_looked_sound(make_app) -> None:
    app = make_app("constant(0.25)", epochs=100, batch_size=1)
    async with app.run_test(size=(120, 35)) as pilot:
        await app.workers.wait_for_complete()
        await settle(pilot)
        pane = explore(app).pane
        explore(app).line.input.value = 'formula("where(t == 777777, -1, 0.5)")'
        await settle(pilot)
        await app.workers.wait_for_complete()
        await settle(pilot)
        assert "777777" in explore(app).line.status
        assert set(pane.chart.series[-1].y.tolist()) == {0.25}
