"""Pages that people look at: evaluations, comparisons and the data doctor's."""
