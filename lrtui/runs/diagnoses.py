"""The findings a worker may have about its own run, by name. What provokes them is `training`'s to say."""

from __future__ import annotations

DIAGNOSES: dict[str, str] = {
    "diverged": "the loss isn't finite any more, or is beyond all bounds; this one always ends the run",
    "diverging": "the loss is far above what it was, and above guessing",
    "stuck_at_chance": "the network does no better than guessing",
    "plateaued": "the training loss has stopped falling though the rate is still high",
    "overfitting": "the test loss rises while the training loss falls",
    "exploding_gradients": "single gradients are far larger than the others",
    "data_starved": "the device waits for data",
}
"""Kind, as in the `diagnosis` event and in a spec's `stop_on`, and what it means."""
