"""Other libraries' calls as offers: whose they are, what they count, and what they nearly are."""

from __future__ import annotations

import pytest

from lrtui.ui.pasting import offer


def test_a_name_that_two_libraries_have_is_told_by_its_module() -> None:
    theirs = offer("tf.keras.callbacks.ReduceLROnPlateau(patience=3)")
    assert theirs is not None
    assert theirs.words.startswith(
        "that is keras' ReduceLROnPlateau: enter reads it as plateau(0.1, patience=2"
    )
    other = offer("ReduceLROnPlateau(opt, patience=3)")
    assert other is not None
    assert other.words.startswith("that is torch's ReduceLROnPlateau")


def test_what_torch_leaves_open_is_read_as_updates_and_can_be_turned() -> None:
    updates = offer("StepLR(opt, 30)")
    assert updates is not None
    assert (updates.counts, str(updates.schedule)) == ("updates", "step(0.1, step_size=30)")
    epochs = updates.turned()
    assert epochs is not None
    assert (epochs.counts, str(epochs.schedule)) == ("epochs", "per_epoch(step(0.1, step_size=30ep))")
    again = epochs.turned()
    assert again is not None
    assert again.schedule == updates.schedule


def test_timm_counts_epochs_unless_it_says_otherwise() -> None:
    found = offer("CosineLRScheduler(optimizer, t_initial=100)")
    assert found is not None
    assert (found.counts, str(found.schedule)) == ("epochs", "per_epoch(cosine(0.1, steps=100ep))")
    assert not any("counts epochs" in note for note in found.notes)
    said = offer("CosineLRScheduler(optimizer, t_initial=100, t_in_epochs=False)")
    assert said is not None
    assert (said.counts, str(said.schedule)) == ("updates", "cosine(0.1, steps=100)")


@pytest.mark.parametrize("text", ["cosine_decay_schedule(0.1, 1000)", "ReduceLROnPlateau(opt)"])
def test_what_counts_one_thing_is_not_turned(text: str) -> None:
    found = offer(text)
    assert found is not None
    assert found.schedule is not None
    assert found.turned() is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("stepLR(opt, 30)", "StepLR"),
        ("torch.optim.lr_scheduler.CosineAnealingLR(opt, T_max=10)", "CosineAnnealingLR"),
        ("get_cosine_schedule_with_warmp(opt, 1, 2)", "get_cosine_schedule_with_warmup"),
    ],
)
def test_a_misspelt_call_is_told_what_it_nearly_is(text: str, name: str) -> None:
    found = offer(text)
    assert found is not None
    assert found.schedule is None
    assert found.words.endswith(f"did you mean {name}?")


@pytest.mark.parametrize("text", ["cosin(0.1)", "constan(", "Foo(1)", "warmup(5ep) >> cosine(0.", ""])
def test_our_own_words_are_nobody_elses(text: str) -> None:
    assert offer(text) is None
