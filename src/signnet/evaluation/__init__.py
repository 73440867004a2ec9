"""Scores of predictions: metrics, intervals and comparisons."""
