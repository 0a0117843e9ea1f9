"""Foureyes: seized images and videos become series that a taskforce can solve together."""

__version__ = "0.1.0"
