"""Pages of evaluations, comparisons and datasets, with tables beside them."""
