"""Lists of every format, made up, and a way to read them in this process."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from foureyes.engine.exchange.hash_lists import HASH_LIST_FORMATS
from foureyes.engine.exchange.hash_lists.base import Trouble
from foureyes.engine.exchange.hash_lists.untrusted import UntrustedList
from foureyes.engine.model import ListBatch

MODELS = {
    "1.2": {"odata.metadata": "http://github.com/ICMEC/ProjectVic/DataModels/1.2.xml#Media"},
    "1.3": {"odata.metadata": "http://github.com/ICMEC/ProjectVic/DataModels/1.3.xml#Media"},
    "2.0": {
        "@odata.context": "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/US/$metadata#Media"
    },
}
EMPTY_MD5, EMPTY_SHA1 = "D41D8CD98F00B204E9800998ECF8427E", "DA39A3EE5E6B4B0D3255BFEF95601890AFD80709"
PHOTODNA = "A" * 192


def md5(number: int) -> str:
    return hashlib.md5(str(number).encode(), usedforsecurity=False).hexdigest().upper()


def sha1(number: int) -> str:
    return hashlib.sha1(str(number).encode(), usedforsecurity=False).hexdigest().upper()


def sha256(number: int) -> str:
    return hashlib.sha256(str(number).encode()).hexdigest()


def pdq(number: int) -> str:
    """Half of its bits are ones, as in PDQ."""
    bits = np.zeros(256, np.uint8)
    bits[np.random.default_rng(number).permutation(256)[:128]] = 1
    return np.packbits(bits).tobytes().hex()


def media(number: int, **changed: Any) -> dict[str, Any]:
    record = {
        "MediaID": number,
        "Category": number % 6,
        "MD5": md5(number),
        "SHA1": sha1(number),
        "MediaSize": str(1000 + number),
        "Tags": 'kitchen, "blue" \\ wall',
        "VictimIdentified": "false",
        "OddField": {"kept": [1, 2.50, None, {"a": "é"}]},
    }
    return {name: value for name, value in {**record, **changed}.items() if value is not ...}


def vics(records: list[Any], version: str = "2.0", **dumped: Any) -> bytes:
    return json.dumps({**MODELS[version], "value": records}, ensure_ascii=False, **dumped).encode()


def vics_case(*cases: list[Any]) -> bytes:
    made = [
        {
            "CaseID": "{0}",
            "CaseNumber": f"SYN-{number}",
            "CaseMetadata": [{"a": 1}],
            "Media": records,
            "TotalMediaFiles": 7,
        }
        for number, records in enumerate(cases)
    ]
    return vics(made).replace(b"#Media", b"#Cases")


ICSE_HEAD = "MD5;SHA1;ZZ40;PhotoDNA;Lace;Image ID;Is distributed;Victim identified;Offender identified;Series name;Investigation name;Agency;Number of submissions;File Available;Media Type;Baseline"


def icse(count: int) -> bytes:
    rows = [
        f'{md5(n).lower()};{sha1(n).lower()};;{"AB" * 144};;{n};Y;N;N;"one; two";Op;XX;3;True;Image;{("Yes", "No", "")[n % 3]}'
        for n in range(count)
    ]
    return "\n".join([ICSE_HEAD, *rows, ""]).encode()


def ncmec(count: int, tail: str = "") -> bytes:
    entries = "".join(
        f'<image><member id="42">M</member><id>i{n}</id><classification>{("A1", "B2")[n % 2]}</classification>'
        f"<fingerprints><md5>{md5(n).lower()}</md5><sha1>{sha1(n)}</sha1><pdna>AAAA</pdna><pdq>{pdq(n)}</pdq></fingerprints>"
        f'<feedback><negativeFeedback type="Md5"/></feedback></image>\n'
        for n in range(count)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        '<queryResult xmlns="https://hashsharing.ncmec.org/hashsharing/v2">\n'
        f'<images count="{count}" maxTimestamp="2017-10-24T15:10:00Z">\n{entries}'
        '<deletedImage><member id="42">M</member><id>i1</id></deletedImage></images>'
        f"{tail}</queryResult>"
    ).encode()


def nsrl(count: int) -> bytes:
    head = '"SHA-1","MD5","CRC32","FileName","FileSize","ProductCode","OpSystemCode","SpecialCode"\r\n'
    return (
        head + "".join(f'"{sha1(n)}","{md5(n)}","0","a ""b", c.txt",1,2,"3",""\r\n' for n in range(count))
    ).encode()


def nsrl_database(path: Path, count: int, table: str = "METADATA") -> None:
    connection = sqlite3.connect(path)
    connection.execute(
        f"CREATE TABLE {table} (object_id INTEGER, sha256 VARCHAR, sha1 VARCHAR, md5 VARCHAR, crc32 VARCHAR)"
    )
    connection.executemany(
        f"INSERT INTO {table} VALUES (?, ?, ?, ?, ?)",  # noqa: S608 - a name of the test's own
        ((n, sha256(n).upper(), sha1(n), md5(n), "0") for n in range(count)),
    )
    connection.commit()
    connection.close()


def threat_exchange(count: int) -> bytes:
    rows = [
        {"id": str(n), "type": "HASH_PDQ", "indicator": pdq(n), "quality": 100, "tags": ["x"]}
        for n in range(count)
    ]
    return json.dumps({"data": rows, "paging": {}}).encode()


def digests(count: int) -> bytes:
    return "".join(f"{md5(n).lower()}  some file {n}\n" for n in range(count)).encode()


COUNT = 12
SAMPLES: Mapping[str, bytes] = {
    "vics": vics([media(n) for n in range(COUNT)]),
    "icse": icse(COUNT),
    "ncmec": ncmec(COUNT - 1),
    "nsrl": nsrl(COUNT),
    "pdq": threat_exchange(COUNT),
    "digests": digests(COUNT),
}
"""Each has `COUNT` records without a fault."""


@contextmanager
def memory_file(content: bytes) -> Iterator[int]:
    descriptor = os.memfd_create("list")
    try:
        os.write(descriptor, content)
        yield descriptor
    finally:
        os.close(descriptor)


def read_here(name: str, content: bytes, chunk_bytes: int = 1 << 20) -> tuple[list[ListBatch], list[Trouble]]:
    """Read without a cage; our own content only."""
    member = next(member for member in HASH_LIST_FORMATS if member.name == name)
    member.prepare()
    batches: list[ListBatch] = []
    troubles: list[Trouble] = []
    with memory_file(content) as descriptor:
        for found in member.read(UntrustedList(descriptor, chunk_bytes)):
            if isinstance(found, Trouble):
                troubles.append(found)
            elif len(found):
                batches.append(found)
    return batches, troubles


def raw_of(batches: list[ListBatch]) -> list[bytes]:
    out = []
    for batch in batches:
        start = 0
        for end in batch.raw_end.tolist():
            out.append(batch.raw[start:end])
            start = end
    return out


def column(batches: list[ListBatch], name: str) -> Any:
    return np.concatenate([getattr(batch, name) for batch in batches])
