"""Foureyes: seized images and videos become series that a taskforce can solve together."""

import os

__version__ = "0.1.0"

os.environ["ORT_DISABLE_TELEMETRY"] = "1"
"""ONNX Runtime's builds send events to their maker and keep an identifier of the machine, unless this stands
before it is first imported (its Privacy.md, 1.32). Here, so that it stands whoever imports it, and in every
process that we start."""
