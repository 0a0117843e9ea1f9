"""The form of an edition. It says what is wrong in words; the database refuses the same (`access.models`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from foureyes.workbench.access.models import Edition

if TYPE_CHECKING:
    _EditionForm = forms.ModelForm[Edition]
else:
    _EditionForm = forms.ModelForm


class EditionForm(_EditionForm):
    """Name, days, handling code, rules and caps of an edition."""

    class Meta:
        """The fields that a coordinator fills."""

        model = Edition
        fields = (
            "name",
            "opens",
            "closes",
            "handling_code",
            "all_series_to_all",
            "other_unit_confirms",
            "reveals_soft",
            "reveals_hard",
            "break_minutes",
        )
        labels: ClassVar = {
            "name": _("Name"),
            "opens": _("First day"),
            "closes": _("Last day"),
            "handling_code": _("Handling code: no series has a lower one"),
            "all_series_to_all": _("Every unit sees every series of the edition"),
            "other_unit_confirms": _("Another unit confirms, not a colleague of the proposer"),
            "reveals_soft": _("Reveals a day from which a break is proposed"),
            "reveals_hard": _("Reveals a day beyond which nothing sharp is shown"),
            "break_minutes": _("Minutes of a break"),
        }
        widgets: ClassVar = {
            "opens": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "closes": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "name": forms.TextInput(attrs={"autocomplete": "off"}),
        }

    def clean_name(self) -> str:
        """One line of printable text."""
        name = " ".join(str(self.cleaned_data["name"]).split())
        if not name.isprintable():
            raise ValidationError(_("A name is one line of printable text."))
        return name

    def clean(self) -> dict[str, object]:
        """The days and caps in their order."""
        said = super().clean() or {}
        opens, closes = said.get("opens"), said.get("closes")
        if opens and closes and closes < opens:
            self.add_error("closes", _("The last day lies before the first."))
        soft, hard = said.get("reveals_soft"), said.get("reveals_hard")
        if hard is not None and hard < 1:
            self.add_error("reveals_hard", _("At least one."))
        if soft is not None and hard is not None and soft > hard:
            self.add_error("reveals_soft", _("The break is proposed before the reveals are used up."))
        return said
