"""Who lives where locks can't be trusted: the heartbeat, with clocks that differ, jump or stand still."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from lrtui.runs import life
from lrtui.runs.launch import LaunchError, launch, take_lock
from lrtui.runs.life import Heartbeat, Life
from lrtui.runs.run import Run
from lrtui.runs.store import RunStore, StoreError
from lrtui.runs.summary import RunState
from tests.runs.helpers_runs import a_spec, log, started, until, worker


@pytest.fixture
def shared(monkeypatch: pytest.MonkeyPatch) -> None:
    """The runs folder lies on NFS, whose locks stay on the machine that took them."""
    monkeypatch.setattr("lrtui.runs.life._kind", lambda folder: "nfs4")
    monkeypatch.setattr("lrtui.runs.life._trusted", {})


class Clock:
    """Monotonic time and the clock on the wall, moved by hand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ran, self.wall = 1000.0, 1_800_000_000.0
        monkeypatch.setattr("lrtui.runs.life.time.monotonic", lambda: self.ran)
        monkeypatch.setattr("lrtui.runs.life.time.time", lambda: self.wall)

    def go_on(self, seconds: float) -> None:
        self.ran += seconds
        self.wall += seconds


def a_run_elsewhere(store: RunStore, beat: float) -> Run:
    """A run that another machine trains: its lock is free here."""
    run = store.create(a_spec())
    log(run, [started()])
    run.lock_path.touch()
    os.utime(run.lock_path, (beat, beat))
    return run


@pytest.mark.usefixtures("shared")
def test_a_run_of_another_machine_lives_while_its_heart_beats(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(monkeypatch)
    run = a_run_elsewhere(store, clock.wall - 3)
    assert run.state() is RunState.RUNNING
    with pytest.raises(StoreError, match="still at work"):
        store.delete(run)
    with pytest.raises(LaunchError, match="another machine"):
        launch(run, worker("raise SystemExit(1)"))
    with pytest.raises(LaunchError, match="another machine"):
        take_lock(run)
    clock.go_on(life.LOST_AFTER + 1)
    assert run.state() is RunState.CRASHED
    os.utime(run.lock_path, (clock.wall, clock.wall))
    assert run.state() is RunState.RUNNING  # its server was away for a while
    clock.go_on(life.LOST_AFTER + 1)
    store.delete(run)


@pytest.mark.usefixtures("shared")
@pytest.mark.parametrize("ahead", [-7200.0, 7200.0])
def test_clocks_that_differ_by_hours(store: RunStore, monkeypatch: pytest.MonkeyPatch, ahead: float) -> None:
    clock = Clock(monkeypatch)
    run = a_run_elsewhere(store, clock.wall + ahead)
    assert not run.alive()  # nothing was seen to move yet
    for _ in range(3):
        clock.go_on(life.BEAT_EVERY)
        os.utime(run.lock_path, (clock.wall + ahead, clock.wall + ahead))
        assert run.alive()
    clock.go_on(life.LOST_AFTER + 1)
    assert not run.alive()


@pytest.mark.usefixtures("shared")
@pytest.mark.parametrize("jump", [-3600.0, 3600.0])
def test_a_clock_that_jumps_while_somebody_looks_on(
    store: RunStore, monkeypatch: pytest.MonkeyPatch, jump: float
) -> None:
    clock = Clock(monkeypatch)
    run = a_run_elsewhere(store, clock.wall)
    assert run.alive()
    clock.wall += jump
    assert run.alive()
    clock.go_on(life.LOST_AFTER + 1)
    assert not run.alive()


def test_where_locks_can_be_trusted_no_heartbeat_is_believed(store: RunStore) -> None:
    run = a_run_elsewhere(store, time.time())
    assert life.trusted(run.path)
    assert not run.alive()
    assert run.state() is RunState.CRASHED


@pytest.mark.usefixtures("shared")
def test_a_run_starts_and_ends_where_there_are_no_locks_at_all(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(fd: int, operation: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("lrtui.runs.life.fcntl.flock", none)
    run = store.create(a_spec())
    log(run, [started()])
    assert not run.alive()
    fd = take_lock(run)
    os.utime(run.lock_path)
    assert run.alive()
    assert run.state() is RunState.RUNNING
    heart = Heartbeat(run.lock_path)
    os.close(fd)
    heart.stop()
    # An orderly end is told at once: it needn't be waited for.
    assert not Run(run.path).alive()
    os.close(take_lock(Run(run.path)))


@pytest.mark.parametrize(
    "kind", ["nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "9p", "lustre", "CIFS"]
)
def test_kinds_of_shared_file_systems(kind: str, store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.create(a_spec())
    monkeypatch.setattr("lrtui.runs.life._kind", lambda folder: kind)
    monkeypatch.setattr("lrtui.runs.life._trusted", {})
    assert not life.trusted(store.root)


@pytest.mark.parametrize("kind", ["ext4", "xfs", "btrfs", "apfs", "overlay", "tmpfs", "zfs", ""])
def test_kinds_of_local_file_systems(kind: str, store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.create(a_spec())
    monkeypatch.setattr("lrtui.runs.life._kind", lambda folder: kind)
    monkeypatch.setattr("lrtui.runs.life._trusted", {})
    assert life.trusted(store.root)


def test_the_innermost_mount_says_the_kind(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    from collections import namedtuple

    import psutil

    store.create(a_spec())
    mount = namedtuple("mount", "mountpoint fstype")
    root = os.path.realpath(store.root)
    mounts = [mount("/", "ext4"), mount(root, "autofs"), mount(root, "nfs"), mount(root[:-1], "cifs")]
    monkeypatch.setattr(psutil, "disk_partitions", lambda all: mounts)
    assert life._kind(store.root / "a run") == "nfs"
    assert life._kind(store.root.parent) == "ext4"


def test_a_heart_beats_until_it_is_stopped(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lrtui.runs.life.BEAT_EVERY", 0.01)
    run = store.create(a_spec())
    run.lock_path.touch()
    os.utime(run.lock_path, (1, 1))
    heart = Heartbeat(run.lock_path)
    assert until(lambda: run.lock_path.stat().st_mtime > 1)
    heart.stop()
    assert run.lock_path.stat().st_mtime == 0
    assert Life(run.lock_path).alive() is False


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2)])
def test_a_folder_lies_where_its_nearest_mount_is(
    order: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    mounts = [("/", "ext4"), ("/no/such/place", "nfs4"), ("/no/such/places", "xfs")]
    found = [SimpleNamespace(mountpoint=mounts[at][0], fstype=mounts[at][1]) for at in order]
    monkeypatch.setattr("psutil.disk_partitions", lambda all: found)
    kinds = [
        life._kind(Path(place)) for place in ("/no/such/place", "/no/such/place/runs", "/no/such/place2")
    ]
    assert kinds == ["nfs4", "nfs4", "ext4"]
