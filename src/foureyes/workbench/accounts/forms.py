"""Forms of sign-in, of second factors and of the profile."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.accounts.words import in_one_spelling, language_code

LONGEST_PASSWORD = 1000


def _password(autocomplete: str, label: Any, *, focused: bool = False) -> forms.CharField:
    attributes: dict[str, Any] = {"autocomplete": autocomplete}
    if focused:
        attributes["autofocus"] = True
    return forms.CharField(
        label=label,
        max_length=LONGEST_PASSWORD,
        strip=False,
        widget=forms.PasswordInput(attrs=attributes),
    )


class SignInForm(forms.Form):
    """Name and password."""

    username = forms.CharField(
        label=_("User name"),
        max_length=60,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autofocus": True, "autocapitalize": "none"}
        ),
    )
    password = _password("current-password", _("Password"))


class PasswordForm(forms.Form):
    """The password of somebody who is signed in."""

    password = _password("current-password", _("Password"), focused=True)


class CodeForm(forms.Form):
    """A code of an app, or a recovery code."""

    code = forms.CharField(
        label=_("Code of the app, or a recovery code"),
        max_length=40,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "inputmode": "numeric",
                "autofocus": True,
                "autocapitalize": "none",
                "spellcheck": "false",
            }
        ),
    )


class AppForm(CodeForm):
    """The first code of an app that is being set up."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = _("Code that the app shows now")


class KeyForm(forms.Form):
    """What the browser got from a security key, as JSON."""

    credential = forms.CharField(max_length=100_000, widget=forms.HiddenInput)

    def clean_credential(self) -> Any:
        """The JSON object.

        Raises:
            django.core.exceptions.ValidationError: it is none.
        """
        try:
            credential = json.loads(self.cleaned_data["credential"])
        except (ValueError, RecursionError) as error:
            raise ValidationError(_("The security key did not answer.")) from error
        if not isinstance(credential, dict):
            raise ValidationError(_("The security key did not answer."))
        return credential


class NewKeyForm(KeyForm):
    """The same for a key that is being made known, with a name for it."""

    name = forms.CharField(
        label=_("Name of the key"),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    field_order = ("name", "credential")


class NewPasswordForm(forms.Form):
    """The present password and the new one, twice."""

    old = _password("current-password", _("Present password"), focused=True)
    new = _password("new-password", _("New password"))
    again = _password("new-password", _("New password again"))

    def clean(self) -> dict[str, Any]:
        """Both new ones are the same.

        Raises:
            django.core.exceptions.ValidationError: they differ.
        """
        cleaned = super().clean() or {}
        if cleaned.get("new") and cleaned.get("again") and cleaned["new"] != cleaned["again"]:
            self.add_error("again", _("The two passwords differ."))
        return cleaned


class ProfileForm(forms.Form):
    """What an officer says of themselves: words are separated by commas."""

    full_name = forms.CharField(
        label=_("Full name"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    languages = forms.CharField(
        label=_("Languages that I read"),
        max_length=400,
        required=False,
        help_text=_("Codes of two letters with commas: pl, nl, uk."),
    )
    skills = forms.CharField(
        label=_("What I know"),
        max_length=3000,
        required=False,
        help_text=_("Short words with commas: trains, wallpaper, car number plates."),
    )
    language = forms.ChoiceField(label=_("Language of the pages"), choices=Officer.Language.choices)
    theme = forms.ChoiceField(label=_("Look of the pages"), choices=Officer.Theme.choices)

    def clean_languages(self) -> list[str]:
        """The codes.

        Raises:
            django.core.exceptions.ValidationError: one is none.
        """
        return [language_code(word) for word in _words(self.cleaned_data["languages"])]

    def clean_skills(self) -> list[str]:
        """The words, in one spelling.

        Raises:
            django.core.exceptions.ValidationError: one is too long.
        """
        return [in_one_spelling(word) for word in _words(self.cleaned_data["skills"])]


def _words(text: str) -> list[str]:
    return [word for word in text.split(",") if word.strip()]
