"""Filters of series for templates."""
