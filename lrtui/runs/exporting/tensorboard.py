"""Runs as TensorBoard event files, written with the `tensorboard` package, without tensorflow or torch.

The package's `EventFileWriter` would name the file after this machine and write it from a thread of its own
that can't report a full disk; its record writer and messages do the same work into a file of ours.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, BinaryIO

from lrtui.runs.events import Event
from lrtui.runs.exporting.fields import spec_fields
from lrtui.runs.exporting.files import MissingError
from lrtui.runs.exporting.tables import KINDS, in_force
from lrtui.runs.history import number
from lrtui.runs.run import Run, RunState
from lrtui.runs.spec import SpecError

_TOO_LARGE = (2 - 2.0**-24) * 2.0**127
"""From here on a float32 rounds to infinity."""

_POSITIONS = ("step", "epoch")


def require() -> None:
    """See that the package is there.

    Raises:
        MissingError: if it isn't, or can't be loaded.
    """
    try:
        import tensorboard.compat.proto.event_pb2
        import tensorboard.plugins.hparams.summary_v2
        import tensorboard.plugins.text.summary_v2
        import tensorboard.summary.writer.record_writer  # noqa: F401
    except ImportError as error:
        raise MissingError(
            "TensorBoard files need the tensorboard package: pip install 'lrtui[tensorboard]'"
        ) from error


def file_name(run: Run) -> str:
    """The name of a run's file: the same each time, and one that TensorBoard looks for."""
    return f"events.out.tfevents.{max(int(run.created), 0):010d}.lrtui"


def write_events(run: Run, file: BinaryIO) -> None:
    """One run as records of TensorBoard.

    Scalars are `report/NAME` and `epoch/NAME` at the update and the wall time of their event (`report/lr`,
    `epoch/test_acc`, …); TensorBoard keeps them as float32. The spec is the text `spec` and the run's
    hyper-parameters; how it ended is the status of its session.

    Args:
        run: which.
        file: where to; stays open.
    """
    from tensorboard.summary.writer.record_writer import RecordWriter

    records = RecordWriter(file)
    for message in _messages(run):
        records.write(message.SerializeToString())


def _messages(run: Run) -> Iterator[Any]:
    from tensorboard.compat.proto import event_pb2, summary_pb2
    from tensorboard.plugins.hparams import summary_v2 as hparams
    from tensorboard.plugins.text import summary_v2 as text

    state = run.state()
    log = in_force(run)
    first = next(log, None)
    begun = run.created if first is None else first.time
    yield event_pb2.Event(
        wall_time=begun,
        file_version="brain.Event:2",
        source_metadata=event_pb2.SourceMetadata(writer="lrtui"),
    )
    try:
        spec = run.spec
    except SpecError as error:
        shown = str(error)
    else:
        shown = spec.to_toml()
        start = hparams.hparams_pb(_hyper_parameters(run), trial_id=run.id, start_time_secs=begun)
        yield event_pb2.Event(wall_time=begun, step=0, summary=start)
    # Indented by four, Markdown shows it as it is.
    quoted = "".join(f"    {line}\n" for line in shown.splitlines())
    yield event_pb2.Event(wall_time=begun, step=0, summary=text.text_pb("spec", quoted))

    step, last = 0, begun
    for event in _chain(first, log):
        last = max(last, event.time)
        if event.kind not in KINDS:
            continue
        step = _step(event, step)
        values = [
            summary_pb2.Summary.Value(tag=f"{event.kind}/{name}", simple_value=_single(value))
            for name, value in event.fields.items()
            if name not in _POSITIONS and isinstance(value, (int, float))
        ]
        if values:
            summary = summary_pb2.Summary(value=values)
            yield event_pb2.Event(wall_time=event.time, step=step, summary=summary)
    if state.ended:
        yield event_pb2.Event(wall_time=last, step=step, summary=_session_end(state, last))


def _chain(first: Event | None, rest: Iterator[Event]) -> Iterator[Event]:
    if first is not None:
        yield first
        yield from rest


def _hyper_parameters(run: Run) -> dict[str, bool | float | str]:
    """The spec's fields as TensorBoard takes them: numbers beyond a double's digits as text."""
    found: dict[str, bool | float | str] = {}
    for name, value in spec_fields(run.spec).items():
        found[name] = str(value) if isinstance(value, int) and abs(value) > 2**53 else value
    return found


def _session_end(state: RunState, time: float) -> Any:
    from tensorboard.compat.proto import summary_pb2
    from tensorboard.plugins.hparams import api_pb2, metadata, plugin_data_pb2

    status = api_pb2.STATUS_FAILURE if state.bad else api_pb2.STATUS_SUCCESS
    end = plugin_data_pb2.SessionEndInfo(status=status, end_time_secs=time)
    about = metadata.create_summary_metadata(plugin_data_pb2.HParamsPluginData(session_end_info=end))
    summary = summary_pb2.Summary()
    summary.value.add(tag=metadata.SESSION_END_INFO_TAG, metadata=about, tensor=metadata.NULL_TENSOR)
    return summary


def _step(event: Event, before: int) -> int:
    """The update of an event; a damaged or missing one is that of the event before."""
    step = number(event.get("step"))
    return int(step) if -(2.0**62) < step < 2.0**62 else before


def _single(value: float) -> float:
    """The value as float32 can hold it: too large a number becomes infinite instead of an error."""
    value = number(+value)  # +True is 1
    if abs(value) >= _TOO_LARGE:
        return math.copysign(math.inf, value)
    return value
