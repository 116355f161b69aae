"""How a run is trained. Torch lives here and nowhere else."""
