"""Comparable values of decoded media, one file per kind. It must not open files or compare anything."""
