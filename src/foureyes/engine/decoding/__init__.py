"""Hostile bytes to pixels, frames and facts, in caged workers. It must not know sources or databases."""
