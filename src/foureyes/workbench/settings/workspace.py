"""Settings of `foureyes serve`: one workspace that keeps its own secret and database.

`serving.serve` names the workspace through the environment before Django reads this.
"""

from __future__ import annotations

from foureyes.workbench.settings import readers, safety, sign_in
from foureyes.workbench.settings.base import *  # noqa: F403 - Django reads settings as names of one module

FOUREYES_WORKSPACE = readers.folder("FOUREYES_WORKSPACE")
FOUREYES_CATALOGUE_URL = readers.text("FOUREYES_CATALOGUE_URL") or None
SECRET_KEY = readers.secret("FOUREYES_SECRET_KEY") or safety.workspace_key(FOUREYES_WORKSPACE)
FOUREYES_RECORD_KEY = readers.secret("FOUREYES_RECORD_KEY") or safety.record_key(FOUREYES_WORKSPACE)
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", *readers.words("FOUREYES_HOSTS")]
DATABASES = {
    "default": readers.database(url)
    if (url := readers.secret("FOUREYES_WORKBENCH_DATABASE"))
    else readers.sqlite(FOUREYES_WORKSPACE / "workbench.sqlite")
}
FOUREYES_RECORD_OUT = readers.folder("FOUREYES_RECORD_OUT") if readers.text("FOUREYES_RECORD_OUT") else None
FOUREYES_RECORD_MINUTES = readers.number("FOUREYES_RECORD_MINUTES", FOUREYES_RECORD_MINUTES)  # noqa: F405 - from base
FOUREYES_API_A_MINUTE = readers.number("FOUREYES_API_A_MINUTE", FOUREYES_API_A_MINUTE)  # noqa: F405 - from base
FOUREYES_REVEALS_A_DAY = readers.number("FOUREYES_REVEALS_A_DAY", FOUREYES_REVEALS_A_DAY)  # noqa: F405 - from base
safety.refuse_unsafe(secret_key=SECRET_KEY, debug=DEBUG, hosts=ALLOWED_HOSTS)  # noqa: F405 - from base

FOUREYES_SECOND_FACTOR = readers.choice(
    "FOUREYES_SECOND_FACTOR", (sign_in.REQUIRED, sign_in.OPTIONAL), sign_in.OPTIONAL
)
FOUREYES_RECENT_SIGN_IN_MINUTES = readers.number(
    "FOUREYES_RECENT_SIGN_IN_MINUTES", sign_in.FOUREYES_RECENT_SIGN_IN_MINUTES
)
FOUREYES_OPENID = sign_in.openid_from_environment()
SOCIALACCOUNT_PROVIDERS = sign_in.openid_providers(FOUREYES_OPENID)
