"""What happens to officers' sign-ins, told to the apps above: the record, links to media, live channels.

Each is sent inside the transaction of what it tells of.
"""

from __future__ import annotations

from django.dispatch import Signal

second_factor_added = Signal()
"""officer, kind"""
second_factor_removed = Signal()
"""officer, kind"""
second_factor_refused = Signal()
"""officer, where: a wrong code or key, at sign-in or when asked again"""
recovery_codes_made = Signal()
"""officer, count"""
password_changed = Signal()
"""officer"""
identity_confirmed = Signal()
"""officer, way: a signed-in officer showed again who they are"""
openid_bound = Signal()
"""officer, identity: from now on this identity of the OpenID Connect server is theirs"""
sign_in_refused = Signal()
"""name, why: by OpenID Connect; of a wrong password Django tells"""
session_ended = Signal()
"""officer, key, by: None where the officer ended it; what the key opened must open no more"""
rights_changed = Signal()
"""officer, keys: roles were taken away; what was opened for these sessions must be asked for anew"""
