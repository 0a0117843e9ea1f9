"""Settings for work on the code: as `workspace`, with Django's own error pages."""

from __future__ import annotations

from foureyes.workbench.settings.workspace import *  # noqa: F403 - Django reads settings as names of one module

DEBUG = True
WHITENOISE_AUTOREFRESH = True
