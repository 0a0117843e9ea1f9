"""Forms of administrators: a unit, an officer, roles."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from foureyes.workbench.accounts.models import Role, Unit


class UnitForm(forms.Form):
    """Agency and country."""

    agency = forms.CharField(label=_("Agency"), max_length=120)
    country = forms.CharField(
        label=_("Country"),
        max_length=2,
        required=False,
        help_text=_("Two letters of ISO 3166-1, such as NL; none for an international agency."),
    )


class RolesForm(forms.Form):
    """What an officer is here to do."""

    roles = forms.MultipleChoiceField(
        label=_("Roles"), choices=Role, required=False, widget=forms.CheckboxSelectMultiple
    )


class OfficerForm(RolesForm):
    """A new officer."""

    username = forms.CharField(
        label=_("User name"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocapitalize": "none", "autocomplete": "off"}),
    )
    full_name = forms.CharField(
        label=_("Full name"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    unit = forms.TypedChoiceField(label=_("Unit"), coerce=int)
    field_order = ("username", "full_name", "unit", "roles")

    def __init__(self, units: Iterable[Unit], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].choices = [(one.pk, str(one)) for one in units]  # type: ignore[attr-defined] # of a ChoiceField
