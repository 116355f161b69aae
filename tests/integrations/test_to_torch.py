from __future__ import annotations

import io
from typing import Any

import pytest

import lrtui
from lrtui.schedules import Horizon, ScheduleError, parse

torch = pytest.importorskip("torch")

EXPRESSION = "warmup(10%) >> repeat(cosine(0.3, final_lr=0.01, steps=3ep), cycles=3, decay=0.7)"
TOTAL, EPOCH = 100, 10


def optimizer(*rates: float) -> Any:
    groups = [{"params": [torch.nn.Parameter(torch.zeros(1))], "lr": rate} for rate in rates or (0.1,)]
    return torch.optim.SGD(groups, momentum=0.9)


def step(opt: Any, scheduler: Any) -> float:
    used = float(opt.param_groups[0]["lr"])
    opt.step()
    scheduler.step()
    return used


@pytest.mark.filterwarnings("error")
def test_it_is_an_ordinary_scheduler_with_exactly_the_previewed_rates() -> None:
    opt = optimizer(0.3, 0.03)
    scheduler = lrtui.schedule(EXPRESSION).to_torch(opt, total_steps=TOTAL, steps_per_epoch=EPOCH)
    assert isinstance(scheduler, torch.optim.lr_scheduler.LRScheduler)
    rates = parse(EXPRESSION).rates(Horizon(TOTAL, EPOCH))
    for update in range(TOTAL):
        assert scheduler.get_last_lr() == [group["lr"] for group in opt.param_groups]
        assert opt.param_groups[1]["lr"] == pytest.approx(0.1 * rates[update])
        assert step(opt, scheduler) == rates[update]
    assert [step(opt, scheduler) for _ in range(3)] == [rates[-1]] * 3


@pytest.mark.parametrize("at", [0, 1, 37, 99])
def test_resuming_is_exact(at: int) -> None:
    loose = lrtui.schedule(EXPRESSION)
    opt = optimizer(0.3, 0.03)
    scheduler = loose.to_torch(opt, TOTAL, EPOCH)
    for _ in range(at):
        step(opt, scheduler)
    file = io.BytesIO()
    torch.save({"optimizer": opt.state_dict(), "scheduler": scheduler.state_dict()}, file)
    file.seek(0)
    saved = torch.load(file, weights_only=True)
    expected = [step(opt, scheduler) for _ in range(TOTAL - at)]

    for order in (("optimizer", "scheduler"), ("scheduler", "optimizer")):
        again = optimizer(0.3, 0.03)
        resumed = loose.to_torch(again, TOTAL, EPOCH)
        for part in order:
            {"optimizer": again, "scheduler": resumed}[part].load_state_dict(saved[part])
        assert resumed.get_last_lr() == [group["lr"] for group in again.param_groups]
        assert [step(again, resumed) for _ in range(TOTAL - at)] == expected


def test_last_epoch_takes_up_a_position_as_in_torch() -> None:
    opt = optimizer(0.3)
    opt.param_groups[0]["initial_lr"] = 0.3
    lrtui.schedule(EXPRESSION).to_torch(opt, TOTAL, EPOCH, last_epoch=49)
    assert opt.param_groups[0]["lr"] == parse(EXPRESSION).rates(Horizon(TOTAL, EPOCH))[50]


def test_a_rate_that_is_a_tensor_stays_one() -> None:
    opt = torch.optim.Adam([torch.nn.Parameter(torch.zeros(1))], lr=torch.tensor(0.1, dtype=torch.float64))
    tensor = opt.param_groups[0]["lr"]
    scheduler = lrtui.schedule("linear(1, final_lr=0)").to_torch(opt, 4)
    for _ in range(2):
        opt.step()
        scheduler.step()
    assert opt.param_groups[0]["lr"] is tensor
    assert float(tensor) == 0.5
    scheduler.load_state_dict(scheduler.state_dict())
    assert opt.param_groups[0]["lr"] is tensor


def test_a_loose_schedule_and_its_errors() -> None:
    assert str(lrtui.schedule(0.1)) == "constant(0.1)"
    assert repr(lrtui.schedule("cosine( lr=0.5)")) == "lrtui.schedule('cosine(0.5)')"
    assert str(lrtui.schedule(parse("0.5"))) == "constant(0.5)"
    assert lrtui.schedule("0.5").rates(3).tolist() == [0.5, 0.5, 0.5]
    for wrong in ("cosin(0.1)", None, [0.1]):
        with pytest.raises(ScheduleError):
            lrtui.schedule(wrong)  # type: ignore[arg-type]
    with pytest.raises(ScheduleError, match="steps per epoch"):
        lrtui.schedule("cosine(0.1, steps=5ep)").to_torch(optimizer(), 10)
