"""What a followed run is doing, in plain words: its state, what it trains, its progress, its latest numbers.

Pure functions of a snapshot; `widgets.run_status` shows what they say.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from lrtui.runs.events import Event
from lrtui.runs.history import number
from lrtui.runs.run import RunState
from lrtui.runs.spec import OWN, RunSpec
from lrtui.runs.summary import OWN_LABEL
from lrtui.runs.text import printable
from lrtui.ui import words
from lrtui.ui.happenings import finishing, kind_in_words
from lrtui.ui.keys import key_for, with_keys
from lrtui.ui.looking import has_epochs
from lrtui.ui.run_panels import others
from lrtui.ui.run_view import RunView
from lrtui.ui.widgets.lines import Line, Span


def diagnosis(view: RunView) -> str:
    """The last thing the worker found wrong, in its words; empty if the state says it already."""
    if not view.diagnoses or view.state is RunState.DIVERGED:
        return ""
    event = view.diagnoses[-1]
    message = str(event.get("message") or "")
    return printable(f"! {kind_in_words(event)}" + (f": {message}" if message else ""), 600)


def describe(view: RunView, width: int) -> str:
    """What is trained, in one line: schedule, epochs, batch, optimizer, model, seed, data."""
    spec = view.spec
    if spec is None:
        return words.elide(f"its spec can't be read: {view.spec_error}", width)
    if spec.task == OWN:
        return words.elide(" · ".join(_own(spec)), width)
    sizes = f"{spec.train_examples:,}/{spec.test_examples:,}"
    label = str(_dict(view.started, "data").get("label") or f"{spec.data} {sizes}")
    short = f"embedded {sizes}" if spec.data == "embedded" else sizes
    batch = f"batch {spec.batch_size}" + (f" in {spec.processes} processes" if spec.processes > 1 else "")
    parts = [spec.schedule, spec.optimizer, words.count(spec.epochs, "epoch"), batch]
    parts += [spec.model, f"seed {spec.seed}", label]
    # What matters least goes first where there is no room for all; the epochs stand beside the bar, too.
    for drop in (None, label, parts[5], parts[4], parts[2], parts[3]):
        if drop == label:
            parts[-1] = short
        elif drop is not None:
            parts.remove(drop)
        if len(" · ".join(parts)) <= width:
            break
    if len(spec.schedule) + len(" · ".join(parts[1:])) > width:
        parts[1] = words.elide(parts[1], 20)
    parts[0] = words.elide(parts[0], max(width - len(" · ".join(["", *parts[1:]])), 16))
    return words.elide(" · ".join(parts), width)


def _own(spec: RunSpec) -> list[str]:
    """What a script's own loop said of itself: its schedule, its length, its settings."""
    updates = spec.total_updates()
    length = "an open number of updates" if updates is None else words.count(updates, "update")
    settings = [f"{name} {value}" for name, value in spec.hyper.items()]
    return [spec.schedule or "rates of its own", length, *settings, OWN_LABEL]


def state_sentence(view: RunView) -> str:
    """The run's state and what it means for the person, in plain words."""
    reason = str(view.ending.get("reason") or "") if view.ending is not None else ""
    match view.state:
        case RunState.QUEUED:
            return with_keys(
                "queued: starts by itself in its turn; {train.queue} shows the queue, {run.stop} takes it "
                "out of it"
            )
        case RunState.STARTING | RunState.RUNNING if view.silence.seconds:
            return _silent(view)
        case RunState.STARTING if view.download is not None:
            amounts = [words.size(value(view.download, name)) for name in ("received", "total")]
            return f"starting: downloading the data, {' of '.join(each for each in amounts if each)}"
        case RunState.STARTING:
            return "starting: the worker is importing torch and loading the data, a few seconds …"
        case RunState.RUNNING if view.report is None and view.epoch is None:
            return f"running on {device(view) or 'its device'}: first numbers any moment"
        case RunState.RUNNING:
            speed = value(view.report or {}, "examples_per_sec", value(view.epoch or {}, "examples_per_sec"))
            parts = (_left(view), words.throughput(speed))
            last = " its last epoch, then it stops" if finishing(view.commands, view.worker_since) else ""
            return f"training{last}" + "".join(f", {part}" for part in parts if part)
        case RunState.PAUSED:
            return f"paused {_where(view)}: {key_for('run.pause')} resumes it; it holds memory"
        case RunState.COMPLETED:
            best = "" if view.best is None else f": best test accuracy {words.accuracy(view.best)}"
            return f"completed{_in_time(view)}{best}"
        case RunState.STOPPED:
            then = "what it logged is kept" if _is_own(view) else with_keys("{run.again} goes on from there")
            return f"stopped {_where(view)}: {then}"
        case RunState.DIVERGED:
            return (
                f"diverged {_where(view)}: the loss has left all bounds. "
                f"The rate was too high there: lower its peak, or put a warmup in front"
            )
        case RunState.FAILED:
            return f"failed {_where(view)}: {reason or view.log_tail or 'see worker.log in ' + view.path}"
        case RunState.CRASHED:
            said = f"; the last it said: {view.log_tail}" if view.log_tail else ""
            then = "" if _is_own(view) else with_keys("; {run.again} takes it up at its last checkpoint")
            return f"crashed: the worker is gone without an ending; {_last_sign(view)}{then}{said}"
    return view.state.value


def _silent(view: RunView) -> str:
    """That nothing is heard of a run which should train, why if that is known, and what to do."""
    if view.silence.halted is not None:
        return f"its process is stopped, as by Ctrl-Z: kill -CONT {view.silence.halted} lets it go on"
    kill = "{train.kill} kills it, {run.again} then takes it up again"
    kill = "end its script" if _is_own(view) else with_keys(kill)
    return f"not a word for {words.duration(view.silence.seconds)}: it may be stuck; {kill}"


def _is_own(view: RunView) -> bool:
    return view.spec is not None and view.spec.task == OWN


def _left(view: RunView) -> str:
    """How long it is going to take at the pace of late; at that of the whole so far where none is known."""
    if view.pace is None or view.updates is None:
        return words.time_left(view.progress, elapsed(view))
    left = view.updates - view.done
    return words.left_in_words(left * view.pace) if left > 0 else ""


def load(view: RunView) -> str:
    """The gradient, what else of the optimizer is told, and how busy the machine is while it trains."""
    report = {**(view.epoch or {}), **(view.report or {})}
    parts = []
    for name, label in (("grad_norm", "gradient norm"), ("momentum", "momentum"), ("weight_decay", "decay")):
        if name in report:
            parts.append(f"{label} {words.number(value(report, name), 3)}")
    if not view.live:
        return "   ".join(parts)
    for name, label in (("cpu_load", "cpu"), ("gpu_load", "gpu")):
        share = value(report, name)
        if share is not None and 0 <= share <= 1:
            parts.append(f"{label} {5 * round(20 * share)}%")  # steps of five: noise must not be sent
    for name, label in (("memory", "memory"), ("device_memory", "on the device")):
        if size := words.size(value(report, name)):
            parts.append(f"{label} {size}")
    return "   ".join(parts)


def averaged(view: RunView) -> str:
    """How the average of the weights did in the last epoch; empty without one."""
    epoch = view.epoch or {}
    for name in ("ema", "swa"):
        if f"{name}_test_acc" in epoch:
            return f"{name} {words.accuracy(value(epoch, f'{name}_test_acc'))}"
    return ""


def figures(view: RunView, width: int) -> str:
    """The latest rate, loss and accuracy, as far as there are any; what a script's own loop logs, too."""
    epoch, report = view.epoch or {}, view.report or {}
    own = _is_own(view)
    parts = []
    if not own or "lr" in {**epoch, **report}:
        parts.append(f"rate {words.number(value(report, 'lr', value(epoch, 'lr')))}")
    for name, key, write in (("loss", "loss", words.number), ("accuracy", "acc", words.accuracy)):
        pair = []
        if not own or f"train_{key}" in {**epoch, **report}:
            pair.append(write(value(report, f"train_{key}", value(epoch, f"train_{key}"))))
        if f"test_{key}" in epoch:
            best = f" (best {write(view.best)})" if key == "acc" else ""
            pair.append(f"test {write(value(epoch, f'test_{key}'))}{best}")
        if pair:
            parts.append(f"{name} {', '.join(pair)}")
    if average := averaged(view):
        parts = [*parts[:-1], ", ".join([*parts[-1:], average])]
    for line in (line for panel in others(view) for line in panel.lines):
        parts.append(f"{line.name} {words.number(value({**epoch, **report}, line.metric))}")
    text = "   ".join(parts)
    return words.elide(text if len(text) <= width else text.replace("accuracy", "acc"), width)


def elapsed(view: RunView) -> float | None:
    """Seconds from the start of training to the last sign of life; None before there is any."""
    if view.started is None or view.last_sign is None:
        return None
    return max(view.last_sign - view.started.time, 0.0)


def device(view: RunView) -> str:
    """The device the worker found, in its own words; empty before it started."""
    return printable(str(view.started.get("device") or ""), 40) if view.started is not None else ""


def value(fields: Mapping[str, Any], name: str, default: float | None = None) -> float | None:
    """A number among an event's fields; the default when it is absent or isn't a number."""
    if name not in fields or isinstance(fields[name], str) or fields[name] is None:
        return default
    return number(fields[name])


def wrap(text: str, width: int) -> list[str]:
    """Break a sentence at spaces into lines of a width; no lines for an empty one."""
    lines: list[str] = []
    for word in text.split():
        if lines and len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += " " + word
        else:
            lines.append(word[:width])
    return lines


def bar(part: float, width: int) -> str:
    """A bar of a width, filled to a part in 0..1 in halves of a cell: finer would be sent more often."""
    full, half = divmod(int(min(max(part, 0.0), 1.0) * width * 2), 2)
    return ("█" * full + "▌" * half).ljust(width, "·")


def headline(view: RunView, width: int) -> Line:
    """State, name and device of a run, and its id where there is room."""
    color = words.COLORS[view.state]
    state = f"{words.SYMBOLS[view.state]} {view.state.value}"
    name = printable(view.name, 60)
    where = f"  on {device(view)}" if device(view) else ""
    line: list[Span] = [(state, f"bold {color}"), (f"  {name}", "bold"), (where, "dim")]
    room = width - len(state) - 2 - len(name) - len(where) - len(view.run_id)
    if room > 1 and name != view.run_id:
        line.append((" " * room + printable(view.run_id), "dim"))
    return line


def progress(view: RunView, width: int) -> Line:
    """How far the epoch and the whole are, as bars."""
    if not has_epochs(view):
        room = max(min(width - 40, 48), 6)
        percent = f" {math.floor(view.progress * 100):>3}%"
        if view.updates is None:
            return [(words.count(view.done, "update"), "")]
        place = f"update {view.done:,}/{view.updates:,} "
        return [(place, ""), (bar(view.progress, room), "$success"), (percent, "")]
    epochs = _epochs(view)
    at = value(view.report or {}, "epoch", value(view.epoch or {}, "epoch", 0.0)) or 0.0
    at = max(at, value(view.epoch or {}, "epoch", 0.0) or 0.0)
    at = at if math.isfinite(at) else 0.0
    # Between two epochs a run that goes on is in the next one, one that has ended in none.
    over = at >= epochs > 0 or (view.state.ended and at == int(at) > 0)
    now = int(at) + (not over)
    now = min(now, epochs) if epochs else now
    part = 1.0 if over else at - int(at)
    room = max(min((width - 28) // 2, 24), 6)
    return [
        (f"epoch {now}/{epochs or '?'} ", ""),
        (bar(part, room), "$primary"),
        ("  all ", ""),
        (bar(view.progress, room), "$success"),
        (f" {math.floor(view.progress * 100):>3}%", ""),
    ]


def _epochs(view: RunView) -> int:
    """The epochs that the run is going to begin, 0 if unknown; fewer than its spec's if it is cooled down."""
    if view.spec is None:
        return 0
    epochs = view.spec.total_epochs() or 0
    return epochs if view.updates is None else min(epochs, -(-view.updates // view.spec.steps_per_epoch()))


def _where(view: RunView) -> str:
    epoch, report = value(view.epoch or {}, "epoch"), value(view.report or {}, "step")
    last = value(view.ending.fields, "step") if view.ending is not None else None
    step = last if last is not None else report
    updates = value(view.started.fields, "updates") if view.started is not None else None
    after = (
        f"after epoch {epoch:.0f}, " if epoch is not None and math.isfinite(epoch) else "in the first epoch, "
    )
    after = after if has_epochs(view) else ""
    if step is not None and math.isfinite(step):
        after += f"at update {step:,.0f}"
        if updates is not None and math.isfinite(updates):
            after += f" of {updates:,.0f}"
    return after.removesuffix(", ") or "before its first update"


def _in_time(view: RunView) -> str:
    seconds = elapsed(view)
    return "" if seconds is None else f" in {words.duration(seconds)}"


def _last_sign(view: RunView) -> str:
    if view.last_sign is None:
        return "it never gave a sign of life"
    return f"last sign of life {words.moment(view.last_sign)}, {_where(view)}"


def _dict(event: Event | None, name: str) -> Mapping[str, Any]:
    found = event.get(name) if event is not None else None
    return found if isinstance(found, dict) else {}
