"""Append-only, hash-chained record of who saw and did what. Nothing here changes or deletes an entry."""
