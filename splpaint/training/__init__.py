"""Training: losses, objective, schedule, checkpoints and the loop (torch)."""
