"""Frozen records that the stages hand on. They must not know any stage, file format or database."""

from foureyes.engine.model.facts import Fact, FactName, FactValue, Origin
from foureyes.engine.model.faults import Fault, FaultCode
from foureyes.engine.model.hash_lists import (
    NO_CATEGORY,
    Change,
    ChangeKind,
    Digest,
    HashList,
    ListBatch,
    ListFault,
    ListHit,
    ListKind,
)
from foureyes.engine.model.media import (
    Decoded,
    Digests,
    Fingerprint,
    Frame,
    Media,
    MediaKind,
    Outcome,
    TakenIn,
)
from foureyes.engine.model.occurrences import Occurrence, Times, Unit
from foureyes.engine.model.reports import IngestReport, LinkReport, Progress
from foureyes.engine.model.series import (
    Decision,
    DecisionKind,
    Explanation,
    HeldMatch,
    Hop,
    Link,
    Linkable,
    NearPair,
    Series,
)

__all__ = [
    "NO_CATEGORY",
    "Change",
    "ChangeKind",
    "Decision",
    "DecisionKind",
    "Decoded",
    "Digest",
    "Digests",
    "Explanation",
    "Fact",
    "FactName",
    "FactValue",
    "Fault",
    "FaultCode",
    "Fingerprint",
    "Frame",
    "HashList",
    "HeldMatch",
    "Hop",
    "IngestReport",
    "Link",
    "LinkReport",
    "Linkable",
    "ListBatch",
    "ListFault",
    "ListHit",
    "ListKind",
    "Media",
    "MediaKind",
    "NearPair",
    "Occurrence",
    "Origin",
    "Outcome",
    "Progress",
    "Series",
    "TakenIn",
    "Times",
    "Unit",
]
