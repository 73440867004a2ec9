"""What predictions are worth: metrics, intervals and comparisons."""
