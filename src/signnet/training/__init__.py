"""Training: batches, augmentation, the loop, run folders, thresholds, export."""
