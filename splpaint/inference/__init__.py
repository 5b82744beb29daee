"""Restoring pictures without torch: the Inpainter, pictures of any size, engines, models."""
