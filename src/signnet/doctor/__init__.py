"""The data doctor: what is wrong with a dataset."""
