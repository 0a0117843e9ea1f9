"""Filters of findings for templates."""
