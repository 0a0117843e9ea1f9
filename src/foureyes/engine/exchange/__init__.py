"""Formats in and out: what the field exchanges, to records and back. It must not know what is held."""
