"""Families against pytorch_optimizer's schedulers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from parity_examples import some
from parity_torch import agree, torch_rates

from lrtui.schedules import Horizon, parse

library: Any = pytest.importorskip("pytorch_optimizer.lr_scheduler")
rex: Any = pytest.importorskip("pytorch_optimizer.lr_scheduler.rex")
chebyshev: Any = pytest.importorskip("pytorch_optimizer.lr_scheduler.chebyshev")
wsd: Any = pytest.importorskip("pytorch_optimizer.lr_scheduler.wsd")

pytestmark = pytest.mark.filterwarnings("ignore")

LR = st.floats(1e-6, 10)
few = some(15)


@few
@given(LR, st.floats(0, 1), st.integers(1, 60))
def test_rex_never_uses_its_peak(lr: float, ratio: float, length: int) -> None:
    """A deliberate difference: update 0 runs at the least rate there; from update 1 on they are equal."""
    final = lr * ratio
    theirs = torch_rates(lambda o: rex.REXScheduler(o, length, lr, final), lr, 80)
    ours = parse(f"rex({lr!r}, final_lr={final!r}, steps={length})")(np.arange(80), Horizon(80))
    assert (theirs[0], ours[0]) == (final, lr)
    np.testing.assert_allclose(ours[1:], theirs[1:], rtol=1e-9, atol=1e-15 * lr)


@few
@given(LR, st.sampled_from([8, 16, 64]))
def test_chebyshev_starts_two_updates_late(lr: float, nodes: int) -> None:
    """A deliberate difference: the first node is used three times there, before the order begins."""
    theirs = torch_rates(lambda o: chebyshev.get_chebyshev_schedule(o, nodes), lr, nodes + 2)
    assert theirs[0] == theirs[1] == theirs[2]
    agree(f"chebyshev({lr!r}, ratio=0.05, nodes={nodes})", theirs[2:])


@few
@given(
    LR,
    st.integers(0, 20),
    st.integers(0, 20),
    st.integers(1, 40),
    st.sampled_from(["cosine", "1-sqrt", "linear", "1-square"]),
)
def test_wsd(lr: float, warmup: int, stable: int, decay: int, shape: str) -> None:
    theirs = torch_rates(
        lambda o: wsd.get_wsd_schedule(o, warmup, stable, decay, cooldown_type=shape),
        lr,
        warmup + stable + decay + 5,
    )
    ours = {"1-sqrt": "sqrt", "1-square": "square"}.get(shape, shape)
    text = f"wsd({lr!r}, warmup={warmup}, decay={decay}, shape={ours}, steps={warmup + stable + decay})"
    agree(text, theirs, scale=10 * lr)


def test_wsd_jumps_up_to_a_floor_it_ignored() -> None:
    """A deliberate difference: its falls other than the cosine go to 0, and then up to the floor."""
    theirs = torch_rates(
        lambda o: wsd.get_wsd_schedule(o, 0, 5, 10, min_lr_ratio=0.5, cooldown_type="linear"), 1.0, 16
    )
    ours = parse("wsd(1, warmup=0, decay=10, final_lr=0.5, steps=15)")(np.arange(16), Horizon(16))
    assert theirs[14] < 0.2 < theirs[15] == 0.5
    assert (np.diff(ours) <= 0).all()
    assert ours[15] == 0.5


@few
@given(LR, st.floats(0, 0.5), st.integers(1, 20), st.integers(21, 60), st.sampled_from(["Linear", "Cosine"]))
def test_linear_and_cosine_come_one_update_late(
    lr: float, ratio: float, warmup: int, total: int, name: str
) -> None:
    final = lr * ratio
    made = getattr(library, f"{name}Scheduler")
    theirs = torch_rates(
        lambda o: made(o, t_max=total, max_lr=lr, min_lr=final, init_lr=0.0, warmup_steps=warmup),
        lr,
        total + 1,
    )
    shape = f"{name.lower()}({lr!r}, final_lr={final!r}, steps={total - warmup})"
    agree(f"warmup({warmup}) >> {shape}", theirs[1:], scale=10 * lr)
    assert theirs[0] in (final, lr)


@few
@given(LR, st.integers(2, 20), st.integers(1, 3), st.floats(0.3, 1))
def test_cosine_restarts(lr: float, first: int, growth: int, decay: float) -> None:
    made = library.CosineAnnealingWarmupRestarts
    theirs = torch_rates(
        lambda o: made(o, first, cycle_mult=float(growth), max_lr=lr, min_lr=0.0, gamma=decay), lr, 80
    )
    # Its first update is at the least rate, as everywhere in this library.
    text = f"sgdr({lr!r}, first_cycle={first}, growth={growth}, peak_decay={decay!r})"
    ours = parse(text)(np.arange(80), Horizon(80))
    np.testing.assert_allclose(ours[1:], theirs[1:], rtol=1e-9, atol=1e-14 * lr)
    assert theirs[0] == 0.0
