"""Schemathesis against the real WSGI application: every answer is one that the OpenAPI document states.

It sends what the document allows and what it forbids, on its own workspace, as a program with every scope.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from workbench.cast import marks, signed_in

# isort: split
from django.core.wsgi import get_wsgi_application
from django.test import override_settings

from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.api import document
from foureyes.workbench.audit.queries import verify
from foureyes.workbench.library.holdings import catalogue
from workbench.programs import program_of

pytest_plugins = ["workbench.stage"]

APPLICATION = get_wsgi_application()
EXAMPLES = 12
"""Of each operation and each mode: about 20 s of CPU in all."""
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


def schema() -> Any:
    """The document without its security: the token is sent with every request."""
    said = json.loads(json.dumps(document.openapi()))
    del said["components"]["securitySchemes"]
    for operations in said["paths"].values():
        for operation in operations.values():
            del operation["security"]
    made = schemathesis.openapi.from_dict(said)
    made.app = served
    return made


def served(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """The application, its answer closed as servers close it: uploads that nobody took are given back then."""
    answer: Any = APPLICATION(environ, start_response)
    try:
        return [b"".join(answer)]
    finally:
        answer.close()


@pytest.mark.parametrize(
    "mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=lambda mode: mode.value
)
def test_every_answer_is_as_documented(mode: GenerationMode, own_workspace: Path, ida: Officer) -> None:
    assert own_workspace.exists()
    program = program_of(ida.unit)
    ids = [one.id for one in catalogue().series_list()]
    real = {"series_id": ids, "mark": marks(ids[0]), "a": marks(ids[0]), "b": marks(ids[0]), "number": [1, 2]}
    checks = [*CHECKS, *([negative_data_rejection] if mode is GenerationMode.NEGATIVE else [])]

    def run(operation: Any) -> None:
        @settings(
            max_examples=EXAMPLES,
            derandomize=True,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode), data=st.data())
        def ask(case: Any, data: st.DataObject) -> None:
            if mode is GenerationMode.POSITIVE and data.draw(st.booleans()):
                for place in (case.path_parameters, case.query):
                    for name in (place or {}).keys() & real.keys():
                        place[name] = data.draw(st.sampled_from(real[name]))
            response = case.call(headers={"Authorization": f"Bearer {program.secret}"})
            case.validate_response(response, checks=checks)

        ask()

    with override_settings(FOUREYES_API_A_MINUTE=10**6):
        for result in schema().get_all_operations():
            operation = result.ok()
            if mode is GenerationMode.NEGATIVE and not (
                operation.body or operation.query or operation.path_parameters
            ):
                continue  # nothing to be wrong about
            run(operation)
    assert verify().problem == ""


def test_the_document_is_served_to_officers_and_read_as_a_page(ida: Officer) -> None:
    client = signed_in(ida)
    said = client.get("/api/openapi.json").json()
    assert said["openapi"].startswith("3.1")
    page = client.get("/api/docs/").content.decode()
    for path in said["paths"]:
        assert path in page
    assert "http" not in page.partition("<main")[2].partition("</main>")[0]
