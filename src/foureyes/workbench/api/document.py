"""The API put together: its endpoints, its errors, and the OpenAPI document that says both."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.urls import URLPattern
from ninja import NinjaAPI

from foureyes.workbench.api import found, problems, reading, writing
from foureyes.workbench.api.gate import KNOWN_QUERIES, Bearer

ROOT = "/api/1/"
TITLE = "Foureyes"
SAID = (
    "The same queries and actions as the pages, for programs of units. Send the token that an administrator "
    "made as `Authorization: Bearer ...`. What is not the unit's looks as if it did not exist (404)."
)
MET_ANYWHERE = {
    401: "no valid token",
    429: "too many requests",
    500: "our fault",
    503: "try again later",
    507: "no room is left",
}
MET_WHERE_ASKED = {
    400: "not understood",
    403: "not what this token is for",
    404: "not there, or not for this token",
    409: "not now",
    422: "makes no sense",
}

api = NinjaAPI(
    title=TITLE,
    version="1",
    description=SAID,
    openapi_url=None,
    docs_url=None,
    urls_namespace="api-1",
    auth=Bearer(),
)
api.add_router("", reading.router)
api.add_router("", writing.router)
api.add_router("", found.router)
problems.install(api)


def patterns() -> list[URLPattern]:
    """Addresses of the endpoints. The token is asked by each, so Django's own sign-in is not."""
    for path, operations in openapi()["paths"].items():
        route = path.replace("{", "<").replace("}", ">")
        for method, operation in operations.items():
            queries = (one["name"] for one in operation.get("parameters", []) if one["in"] == "query")
            KNOWN_QUERIES[method.upper(), route] = frozenset(queries)
    found = [one for one in api.urls[0] if isinstance(one, URLPattern) and one.name != "api-root"]
    for one in found:
        one.callback.login_required = False  # type: ignore[attr-defined] # Django's own mark of a view
    return found


@cache
def openapi() -> dict[str, Any]:
    """The OpenAPI 3.1 document."""
    document: dict[str, Any] = dict(api.get_openapi_schema(path_prefix=ROOT.rstrip("/") + "/"))
    document["components"]["schemas"]["ProblemOut"] = problems.ProblemOut.model_json_schema()
    said = {"schema": {"$ref": "#/components/schemas/ProblemOut"}}
    for operations in document["paths"].values():
        for operation in operations.values():
            for status, words in {**MET_ANYWHERE, **MET_WHERE_ASKED}.items():
                answer = {"description": words, "content": {problems.MEDIA_TYPE: said}}
                operation["responses"].setdefault(status, answer)
            _say_jpeg(operation)
    return document


@dataclass(frozen=True, slots=True)
class Listed:
    """One endpoint as the page of the API lists it."""

    method: str
    path: str
    summary: str
    description: str
    given: list[tuple[str, str]]
    """Name of what is given, and where, whether it is needed, and what it is."""


def listed() -> list[Listed]:
    """Every endpoint, from the document itself."""
    return [
        Listed(
            method.upper(), path, said["summary"], said["description"], [*_parameters(said), *_fields(said)]
        )
        for path, operations in openapi()["paths"].items()
        for method, said in operations.items()
    ]


def _parameters(operation: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (one["name"], _where(one["in"], one.get("required", False), one.get("schema", {})))
        for one in operation.get("parameters", [])
    ]


def _fields(operation: dict[str, Any]) -> list[tuple[str, str]]:
    """Fields of the body, where it has any."""
    found = []
    for content in operation.get("requestBody", {}).get("content", {}).values():
        schema = content["schema"]
        name = schema.get("$ref", "").rpartition("/")[2]
        schema = openapi()["components"]["schemas"].get(name, schema)
        needed = schema.get("required", [])
        found += [
            (field, _where("body", field in needed, said))
            for field, said in schema.get("properties", {}).items()
        ]
    return found


def _where(place: str, needed: bool, schema: dict[str, Any]) -> str:
    said = schema.get("description", "")
    return f"({place}{', needed' if needed else ''}) {said}".strip()


def _say_jpeg(operation: dict[str, Any]) -> None:
    """The one answer that is no JSON."""
    if operation["operationId"].endswith("_reveal"):
        answer = {"schema": {"type": "string", "contentMediaType": "image/jpeg"}}
        operation["responses"][200]["content"] = {"image/jpeg": answer}
