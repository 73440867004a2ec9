"""Training: batches, variation, the loop, run folders, thresholds and export."""
