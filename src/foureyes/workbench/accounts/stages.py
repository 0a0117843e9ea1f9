"""The steps of a sign-in after the password: the second factor, where the officer has one."""

from __future__ import annotations

from allauth.account.internal.stagekit import clear_login
from allauth.account.stages import LoginStageController
from allauth.mfa.stages import AuthenticateStage
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from foureyes.workbench.accounts.models import Officer


class SecondFactorStage(AuthenticateStage):  # type: ignore[misc] # untyped
    """Asks for the second factor on our own page."""

    urlname = "accounts:second-factor"

    def handle(self) -> tuple[HttpResponse | None, bool]:
        """Go to the page of the second factor, or on where the officer has none."""
        if not self._should_handle(self.request):
            return None, True
        self.state["authentication_required"] = True
        return redirect(self.urlname), True


def waiting(request: HttpRequest) -> SecondFactorStage | None:
    """The sign-in of this browser that waits for a second factor; None where none does."""
    if request.user.is_authenticated:
        return None
    stage = LoginStageController.enter(request, SecondFactorStage.key)
    return stage if isinstance(stage, SecondFactorStage) and isinstance(stage.login.user, Officer) else None


def give_up(request: HttpRequest) -> None:
    """Forget the password that was given: the sign-in starts anew."""
    clear_login(request)
