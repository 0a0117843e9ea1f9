"""Filters of templates that show entries."""
