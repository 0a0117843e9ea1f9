"""Reads of findings. The viewer comes first; what they may not read looks as if it did not exist."""
