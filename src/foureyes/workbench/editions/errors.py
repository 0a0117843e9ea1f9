"""What goes wrong here, in words for the page."""

from __future__ import annotations


class NotDone(Exception):
    """What was asked makes no sense, or would take effect on one pair of eyes. Nothing was changed."""
