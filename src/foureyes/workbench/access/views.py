"""The start page, and pages of administrators: units, officers, roles. 404 for everybody else."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from foureyes.workbench.access import actions, queries
from foureyes.workbench.access.context import rights_of
from foureyes.workbench.access.forms import OfficerForm, RolesForm, UnitForm
from foureyes.workbench.access.rules import Action, require_ever
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.accounts.recent import require_recent_sign_in

DEEDS: dict[str, Callable[[object, str], Officer]] = {
    "deactivate": actions.deactivate,
    "activate": actions.activate,
    "unlock": actions.unlock,
    "reset-factors": actions.reset_factors,
    "unbind-openid": actions.unbind_openid,
}


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """To where the officer's work begins: the board, the people, or the record."""
    rights = rights_of(request.user)
    if rights.administer:
        return redirect("access:people")
    if rights.read_record:
        return redirect("oversight:search")
    return redirect("series:board")


@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Every unit with its officers."""
    context = {"listed": queries.people(request.user), "form": UnitForm(), "section": "people"}
    return render(request, "access/people.html", context)


@require_POST
def make_unit(request: HttpRequest) -> HttpResponse:
    """Make a unit."""
    _sure(request)
    form = UnitForm(request.POST)
    if form.is_valid():
        try:
            made = actions.make_unit(request.user, form.cleaned_data["agency"], form.cleaned_data["country"])
        except ValidationError as refused:
            form.add_error(None, _in_words(refused))
        else:
            messages.success(request, _("Made: %(unit)s.") % {"unit": made})
            return redirect("access:people")
    context = {"listed": queries.people(request.user), "form": form, "section": "people"}
    return render(request, "access/people.html", context, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
def rename_unit(request: HttpRequest, number: int) -> HttpResponse:
    """Give a unit another name."""
    unit = queries.unit(request.user, number)
    form = UnitForm(request.POST or None, initial={"agency": unit.agency, "country": unit.country})
    if request.method == "POST":
        _sure(request)
        if form.is_valid():
            given = form.cleaned_data
            try:
                actions.rename_unit(request.user, number, given["agency"], given["country"])
            except ValidationError as refused:
                form.add_error(None, _in_words(refused))
            else:
                messages.success(request, _("Renamed."))
                return redirect("access:people")
    context = {"form": form, "unit": unit, "section": "people"}
    return render(request, "access/unit.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def new_officer(request: HttpRequest) -> HttpResponse:
    """Make an officer; the initial password is shown this once."""
    known = queries.units(request.user)
    chosen = request.GET.get("unit", "")
    form = OfficerForm(known, request.POST or None, initial={"roles": ["expert"], "unit": chosen})
    if request.method == "POST":
        _sure(request)
        if form.is_valid():
            given = form.cleaned_data
            try:
                made, password = actions.make_officer(
                    request.user, given["username"], given["full_name"], given["unit"], given["roles"]
                )
            except ValidationError as refused:
                form.add_error(None, _in_words(refused))
            else:
                return _officer_page(request, made.username, password=password)
    context = {"form": form, "section": "people"}
    return render(request, "access/new_officer.html", context, status=422 if form.errors else 200)


@require_safe
def officer(request: HttpRequest, username: str) -> HttpResponse:
    """One officer: roles, state, and what an administrator can do."""
    return _officer_page(request, username)


@require_POST
def roles(request: HttpRequest, username: str) -> HttpResponse:
    """Give an officer these roles."""
    _sure(request)
    form = RolesForm(request.POST)
    if not form.is_valid():
        return _officer_page(request, username, problem=_("There is no such role."))
    try:
        actions.change_roles(request.user, username, form.cleaned_data["roles"])
    except ValidationError as refused:
        return _officer_page(request, username, problem=_in_words(refused))
    messages.success(request, _("Roles changed. They hold at once."))
    return redirect("access:officer", username=username)


@require_POST
def deed(request: HttpRequest, username: str) -> HttpResponse:
    """Deactivate, activate, unlock, reset second factors, or give a new initial password."""
    _sure(request)
    asked = request.POST.get("do", "")
    try:
        if asked == "initial-password":
            _found, password = actions.set_initial_password(request.user, username)
            return _officer_page(request, username, password=password)
        if asked not in DEEDS:
            raise Http404
        DEEDS[asked](request.user, username)
    except ValidationError as refused:
        return _officer_page(request, username, problem=_in_words(refused))
    messages.success(request, _("Done, and recorded."))
    return redirect("access:officer", username=username)


def _sure(request: HttpRequest) -> None:
    """An administrator, who showed a short time ago who they are. Others learn nothing of the page."""
    require_ever(request.user, Action.ADMINISTER)
    require_recent_sign_in(request)


def _officer_page(
    request: HttpRequest, username: str, *, password: str = "", problem: str = ""
) -> HttpResponse:
    person = queries.person(request.user, username)
    context = {
        "person": person,
        "officer": person.officer,
        "form": RolesForm(initial={"roles": list(person.officer.roles)}),
        "own": person.officer == request.user,
        "password": password,
        "problem": problem,
        "section": "people",
    }
    return render(request, "access/officer.html", context, status=422 if problem else 200)


def _in_words(refused: ValidationError) -> str:
    return " ".join(refused.messages)
