"""What is known of every media, for millions of them. It must not know how any of it was found out."""

from foureyes.engine.catalogue.answers import (
    ChangeGroup,
    Committed,
    Counts,
    FaultRecord,
    IndexRow,
    OccurrenceRecord,
    Problem,
    SeriesSummary,
    SourceRecord,
)
from foureyes.engine.catalogue.catalogue import Catalogue
from foureyes.engine.catalogue.fingerprint_files import FingerprintTable
from foureyes.engine.catalogue.hits import Checked, MediaPage, NewHit
from foureyes.engine.catalogue.list_files import HeldList
from foureyes.engine.catalogue.locking import LockHolder
from foureyes.engine.catalogue.marks import GoneBy, LinkedAs
from foureyes.engine.catalogue.part_writer import PartWriter
from foureyes.engine.catalogue.parts import read_part, write_part
from foureyes.engine.catalogue.replacing_part import Part, Rewritten
from foureyes.engine.catalogue.rulings import RulingMark
from foureyes.engine.catalogue.touched import GivenIds
from foureyes.engine.catalogue.workspace import Workspace

__all__ = [
    "Catalogue",
    "ChangeGroup",
    "Checked",
    "Committed",
    "Counts",
    "FaultRecord",
    "FingerprintTable",
    "GivenIds",
    "GoneBy",
    "HeldList",
    "IndexRow",
    "LinkedAs",
    "LockHolder",
    "MediaPage",
    "NewHit",
    "OccurrenceRecord",
    "Part",
    "PartWriter",
    "Problem",
    "Rewritten",
    "RulingMark",
    "SeriesSummary",
    "SourceRecord",
    "Workspace",
    "read_part",
    "write_part",
]
