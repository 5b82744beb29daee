"""The networks: building blocks, semantic learner, image generator, pretext network (torch)."""
