"""Reads VICS 1.2, 1.3 and 2.0: hash sets, whose records stand in `value[]`, and the Media of cases.

Codes of categories are kept as stated: 0, 5 and null mean different things in different programs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from foureyes.engine.exchange.hash_lists import json_lists
from foureyes.engine.exchange.hash_lists.base import Trouble
from foureyes.engine.exchange.hash_lists.json_lists import JsonList
from foureyes.engine.exchange.hash_lists.untrusted import UntrustedList, Window
from foureyes.engine.exchange.hash_lists.vics_record import row_of
from foureyes.engine.model import ListBatch

_DATA_MODEL = re.compile(rb"\s*\{.*ProjectVic/DataModels", re.DOTALL | re.IGNORECASE)
_WITHOUT_MODEL = re.compile(
    rb'\s*(?:\{\s*"value"\s*:\s*)?\[\s*\{.*"(?:CaseID|CaseNumber|MediaID|Category)"\s*:', re.DOTALL
)
"""For exporters that write the model's name last, or not at all."""


class VicsFormat:
    """Project VIC's data model, in JSON."""

    name = "vics"
    extensions = (".json",)
    form = "VICS hash set or case (JSON, 1.2 to 2.0)"

    def recognises(self, untrusted_head: bytes) -> bool:
        """Tell by the name of the data model, or by the keys of the first record."""
        return bool(_DATA_MODEL.match(untrusted_head) or _WITHOUT_MODEL.match(untrusted_head))

    def prepare(self) -> None:
        """Compile the scan."""
        json_lists.prepare()

    def read(self, untrusted: UntrustedList) -> Iterator[ListBatch | Trouble]:
        """Give every record of the list, or of every case in it."""
        return JsonList(Window(untrusted.chunks()), b"value", row_of).run()


FORMAT = VicsFormat()
