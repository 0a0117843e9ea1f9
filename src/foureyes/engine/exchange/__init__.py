"""Formats in and out: what the field exchanges, read into records of the model and written from them."""
