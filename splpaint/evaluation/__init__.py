"""Evaluation: metrics with one value per picture, classical baselines, reports. A painter is any callable."""
