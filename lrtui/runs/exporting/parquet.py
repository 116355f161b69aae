"""The table of runs as a Parquet file, written with pyarrow. Rows pass through in batches, however many."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import islice
from typing import Any, BinaryIO

from lrtui.runs.exporting.files import MissingError
from lrtui.runs.exporting.tables import FIRST, Row, metrics, rows, specs
from lrtui.runs.history import number
from lrtui.runs.run import Run
from lrtui.runs.text import printable

METADATA_KEY = "lrtui"
"""Where the file's metadata holds the specs, as JSON."""

_BATCH = 50_000


def require() -> None:
    """See that pyarrow is there.

    Raises:
        MissingError: if it isn't, or can't be loaded.
    """
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError as error:
        raise MissingError("Parquet files need the pyarrow package: pip install 'lrtui[parquet]'") from error


def write_parquet(runs: Sequence[Run], file: BinaryIO) -> None:
    """The table: `run` and `event` text, `step` int64, all else float64; null for what isn't there."""
    import pyarrow
    from pyarrow import parquet

    others = metrics(runs)
    types = {"run": pyarrow.string(), "event": pyarrow.string(), "step": pyarrow.int64()}
    schema = pyarrow.schema(
        [(printable(name), types.get(name, pyarrow.float64())) for name in (*FIRST, *others)],
        metadata={METADATA_KEY: json.dumps(specs(runs), ensure_ascii=False, allow_nan=False)},
    )
    source = rows(runs, ("step", "epoch", "lr", *others))
    with parquet.ParquetWriter(file, schema, compression="zstd") as table:
        while batch := list(islice(source, _BATCH)):
            columns = _columns(batch)
            table.write_table(
                pyarrow.table(
                    [
                        pyarrow.array(column, field.type)
                        for column, field in zip(columns, schema, strict=True)
                    ],
                    schema=schema,
                )
            )


def _columns(batch: Sequence[Row]) -> list[list[Any]]:
    """The columns of some rows, in the order of the table."""
    step, epoch, *others = zip(*(row.values for row in batch), strict=True)
    return [
        [row.run for row in batch],
        [row.event for row in batch],
        [_whole(value) for value in step],
        _numbers(epoch),
        [row.time for row in batch],
        [row.seconds for row in batch],
        *map(_numbers, others),
    ]


def _numbers(values: Sequence[float | None]) -> list[float | None]:
    return [None if value is None else number(value) for value in values]


def _whole(value: float | None) -> int | None:
    """An update's number as int64; a damaged one is none."""
    return int(value) if value is not None and -(2.0**63) <= value < 2.0**63 else None
