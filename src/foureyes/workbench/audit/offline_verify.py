"""Checks an exported record of Foureyes, or proofs from it, with nothing but this file and the public key.

    python verify_record.py record.jsonl --key KEY [--checkpoint FILE_OR_FOLDER ...]

KEY is the line that `foureyes audit key` prints, or a file that holds it; give --key again for a key that was
changed. --checkpoint names checkpoints that were kept elsewhere, best the whole folder with the files
`entries-*.sha256` beside them: with these the first entry that is not the one that was signed is named, even
when somebody rebuilt the whole record and its export.

It needs Python 3.9 and its standard library. `cryptography` checks the signatures where it is installed; else
the Ed25519 of RFC 8032 below does, about 10 ms each. It never writes a file and never opens a connection.

It ends with
    0 all that was given holds;
    1 the record is not what was signed, or not whole: the first entry altered, missing or cut off is named;
    2 what was given cannot be read;
    3 a checkpoint is not signed by a key that was given.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    HAS_CRYPTOGRAPHY = True
except ImportError:
    HAS_CRYPTOGRAPHY = False

WHOLE, BROKEN, UNREADABLE, UNSIGNED = 0, 1, 2, 3
START = "0" * 64
FORM = "foureyes-audit-1"
FIELDS = ("id", "at", "officer", "unit", "action", "thing", "detail")


class Problem(Exception):
    """What was found, in words, and the number that the program ends with."""

    def __init__(self, words: str, ends_with: int = BROKEN) -> None:
        super().__init__(words)
        self.ends_with = ends_with


P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_1 = pow(2, (P - 1) // 4, P)
Point = tuple[int, int, int, int]
NEUTRAL: Point = (0, 1, 1, 0)


def _added(a: Point, b: Point) -> Point:
    one = (a[1] - a[0]) * (b[1] - b[0]) % P
    two = (a[1] + a[0]) * (b[1] + b[0]) % P
    three = 2 * a[3] * b[3] * D % P
    four = 2 * a[2] * b[2] % P
    e, f, g, h = two - one, four - three, four + three, two + one
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def _times(number: int, point: Point) -> Point:
    found = NEUTRAL
    while number:
        if number & 1:
            found = _added(found, point)
        point, number = _added(point, point), number >> 1
    return found


def _point(text: bytes) -> Point | None:
    y = int.from_bytes(text, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    if y >= P:
        return None
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P:
        x = x * ROOT_OF_MINUS_1 % P
    if (x * x - x2) % P or (not x and sign):
        return None
    x = P - x if x & 1 != sign else x
    return (x, y, 1, x * y % P)


_BASE_Y = 4 * pow(5, P - 2, P) % P
_BASE = _point(_BASE_Y.to_bytes(32, "little")) or NEUTRAL


def pure_ed25519(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the signature is good, without any library."""
    if len(public) != 32 or len(signature) != 64:  # noqa: PLR2004 - lengths that RFC 8032 fixes
        return False
    key, r, s = _point(public), _point(signature[:32]), int.from_bytes(signature[32:], "little")
    if key is None or r is None or s >= ORDER:
        return False
    hashed = hashlib.sha512(signature[:32] + public + message).digest()
    left = _times(s, _BASE)
    right = _added(r, _times(int.from_bytes(hashed, "little") % ORDER, key))
    return (left[0] * right[2] - right[0] * left[2]) % P == (left[1] * right[2] - right[1] * left[2]) % P == 0


def ed25519(public: bytes, message: bytes, signature: bytes, *, pure: bool) -> bool:
    """Whether the signature is good."""
    if pure or not HAS_CRYPTOGRAPHY:
        return pure_ed25519(public, message, signature)
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _joined(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass
class Tree:
    """A tree that leaves are added to; it keeps the roots of its full subtrees only, the largest first."""

    size: int = 0
    peaks: list[bytes] = field(default_factory=list)

    def add(self, leaf: bytes) -> None:
        """Add a leaf's hash."""
        self.peaks.append(leaf)
        full = self.size
        while full & 1:
            right = self.peaks.pop()
            self.peaks[-1] = _joined(self.peaks[-1], right)
            full >>= 1
        self.size += 1

    def root(self) -> bytes:
        """The root now."""
        if not self.peaks:
            return hashlib.sha256(b"").digest()
        found = self.peaks[-1]
        for peak in self.peaks[-2::-1]:
            found = _joined(peak, found)
        return found


def root_through(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """The root that an inclusion proof leads to."""
    if size <= 1:
        if path:
            raise Problem("The proof is too long")
        return leaf
    if not path:
        raise Problem("The proof is too short")
    half = 1 << ((size - 1).bit_length() - 1)
    if index < half:
        return _joined(root_through(leaf, index, half, path[:-1]), path[-1])
    return _joined(path[-1], root_through(leaf, index - half, size - half, path[:-1]))


def roots_through(
    old: int, new: int, path: list[bytes], old_root: bytes, *, known: bool = True
) -> tuple[bytes, bytes]:
    """The old and the new root that a consistency proof leads to."""
    if old == new:
        if known and path:
            raise Problem("The proof is too long")
        if not known and len(path) != 1:
            raise Problem("The proof is of the wrong length")
        return (old_root, old_root) if known else (path[0], path[0])
    if not path:
        raise Problem("The proof is too short")
    half = 1 << ((new - 1).bit_length() - 1)
    if old <= half:
        before, after = roots_through(old, half, path[:-1], old_root, known=known)
        return before, _joined(after, path[-1])
    before, after = roots_through(old - half, new - half, path[:-1], old_root, known=False)
    return _joined(path[-1], before), _joined(path[-1], after)


def written(entry: dict[str, Any], previous: str) -> bytes:
    """What is hashed of an entry."""
    fields = [FORM, previous, *(entry[name] for name in FIELDS)]
    return json.dumps(fields, ensure_ascii=True, separators=(",", ":")).encode("ascii")


def leaf_of(entry: dict[str, Any], previous: str) -> bytes:
    """An entry's hash in the tree."""
    return hashlib.sha256(b"\x00" + written(entry, previous)).digest()


@dataclass(frozen=True)
class Key:
    """A public key."""

    name: str
    id: bytes
    public: bytes


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint whose signature was good."""

    origin: str
    size: int
    root: bytes
    at: str
    head: str
    note: str


def key_of(line: str) -> Key:
    """A public key from the line that `foureyes audit key` prints."""
    try:
        name, number, text = line.strip().split("+", 2)
        raw = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise Problem("A public key cannot be read", UNREADABLE) from error
    made = hashlib.sha256(name.encode("utf-8") + b"\n" + raw).digest()[:4]
    if raw[:1] != b"\x01" or len(raw) != 33 or made.hex() != number:  # noqa: PLR2004 - 1 byte and 32 of the key
        raise Problem("A public key does not fit its own number: it was mistyped", UNREADABLE)
    return Key(name, made, raw[1:])


def checkpoint_of(note: str, keys: list[Key], *, pure: bool) -> Checkpoint:
    """A checkpoint, once its signature was checked."""
    body, _, signatures = note.partition("\n\n")
    try:
        origin, size, root, *more = body.split("\n")
        said = dict(line.split(" ", 1) for line in more)
        found = Checkpoint(
            origin, int(size), base64.b64decode(root, validate=True), said["time"], said["head"], note
        )
        signed = [line.split(" ") for line in signatures.splitlines() if line]
        by = [
            (name, base64.b64decode(text, validate=True)) for dash, name, text in signed if dash == "\u2014"
        ]
    except (ValueError, KeyError) as error:
        raise Problem("A checkpoint cannot be read", UNREADABLE) from error
    for name, signature in by:
        for key in keys:
            if (key.name, key.id) != (name, signature[:4]) or key.name != origin:
                continue
            if ed25519(key.public, (body + "\n").encode("utf-8"), signature[4:], pure=pure):
                return found
            raise Problem(f"The checkpoint of {found.size} entries of {found.at} was altered", UNSIGNED)
    ids = ", ".join(signature[:4].hex() for _, signature in by) or "none"
    raise Problem(
        f"The checkpoint of {found.size} entries of {found.at} is signed by no key that was given "
        f"(its key: {ids})",
        UNSIGNED,
    )


@dataclass
class Kept:
    """What was kept elsewhere: checkpoints by size, and hashes of entries by their first number."""

    checkpoints: dict[int, Checkpoint] = field(default_factory=dict)
    hashes: dict[int, list[bytes]] = field(default_factory=dict)


def add_checkpoint(to: dict[int, Checkpoint], one: Checkpoint) -> None:
    """Add a checkpoint; two of one size must say the same."""
    known = to.setdefault(one.size, one)
    if known.root != one.root:
        raise Problem(f"Two different records of {one.size} entries were signed: {known.at} and {one.at}")


def kept_in(places: list[str], keys: list[Key], *, pure: bool) -> Kept:
    """Read what was kept elsewhere."""
    kept = Kept()
    for place in map(Path, places):
        notes = sorted(place.glob("checkpoint-*.txt")) if place.is_dir() else [place]
        for path in notes:
            add_checkpoint(kept.checkpoints, checkpoint_of(path.read_text(encoding="utf-8"), keys, pure=pure))
        beside = place if place.is_dir() else place.parent
        for path in sorted(beside.glob("entries-*.sha256")):
            first = int(path.name.split("-")[1])
            kept.hashes[first] = [bytes.fromhex(line) for line in path.read_text("ascii").split()]
    return kept


@dataclass
class Walk:
    """The way through an exported record, entry by entry."""

    tree: Tree
    previous: str
    checkpoints: dict[int, Checkpoint]
    signed: dict[int, bytes]
    good: int
    """Entries that the last checkpoint which holds covers."""

    def step(self, entry: dict[str, Any]) -> None:
        """Check one entry: its number, the chain, the hash that was signed, the root at its checkpoint."""
        number = self.tree.size + 1
        if entry["id"] != number:
            raise Problem(f"Entry {number} is missing")
        leaf = leaf_of(entry, entry["previous"])
        if leaf != self.signed.get(number, leaf):
            raise Problem(f"Entry {number} is not the one that was signed: it was altered, put in or moved")
        if entry["previous"] != self.previous:
            raise Problem(f"Entry {number} does not follow the one before it")
        if hashlib.sha256(written(entry, self.previous)).hexdigest() != entry["hash"]:
            raise Problem(f"Entry {number} was altered")
        self.tree.add(leaf)
        self.previous = entry["hash"]
        at = self.checkpoints.get(number)
        if at is None:
            return
        if self.tree.root() != at.root:
            which = (
                f"Entry {number}" if self.good + 1 == number else f"An entry from {self.good + 1} to {number}"
            )
            raise Problem(f"{which} is not what was signed at {at.at}, though the chain was made to fit")
        self.good = number


def check_record(lines: Iterator[dict[str, Any]], keys: list[Key], kept: Kept, *, pure: bool) -> str:
    """Check an export of the record; gives what holds, in words."""
    head = next(lines)
    own: dict[int, Checkpoint] = {}
    entries, ended = lines, None
    walk: Walk | None = None
    for line in entries:
        if line["kind"] == "checkpoint":
            add_checkpoint(own, checkpoint_of(line["note"], keys, pure=pure))
        elif line["kind"] == "entry":
            walk = walk or _begin(head, own, kept)
            walk.step(line)
        elif line["kind"] == "end":
            ended = line["entries"]
    walk = walk or _begin(head, own, kept)
    size = walk.tree.size
    if ended is None or head["entries"] != size:
        raise Problem(f"The export is cut off after entry {size} of {head['entries']}")
    longest = max(walk.checkpoints, default=0)
    if longest > size:
        raise Problem(f"The record is cut off: entries {size + 1} to {longest} were signed and are missing")
    gone = sorted(number for number in kept.checkpoints if head["since"] <= number and number not in own)
    if gone:
        raise Problem(f"The checkpoint of {gone[0]} entries, kept elsewhere, was taken out of the record")
    before = sum(number < head["since"] for number in kept.checkpoints)
    return _holds(head, walk, before)


def _begin(head: dict[str, Any], own: dict[int, Checkpoint], kept: Kept) -> Walk:
    since, peaks = head["since"], [bytes.fromhex(peak) for peak in head["peaks"]]
    checkpoints = dict(own)
    for one in kept.checkpoints.values():
        add_checkpoint(checkpoints, one)
    if any(one.origin != head["origin"] for one in checkpoints.values()):
        raise Problem("A checkpoint is of another record")
    tree, previous = Tree(since, peaks), START
    if since:
        start = checkpoints.get(since)
        if start is None or len(peaks) != _ones(since) or tree.root() != start.root:
            raise Problem(f"The export begins after entry {since}, and no checkpoint says what was before")
        previous = start.head
    walk = Walk(tree, previous, checkpoints, {}, since)
    walk.signed = _signed(Tree(since, list(peaks)), kept)
    return walk


def _ones(number: int) -> int:
    return bin(number).count("1")  # noqa: FURB161 - int.bit_count came with Python 3.10


def _signed(tree: Tree, kept: Kept) -> dict[int, bytes]:
    """Hashes of entries that were kept elsewhere, as far as a kept checkpoint signs them."""
    found: dict[int, bytes] = {}
    while tree.size + 1 in kept.hashes:
        first = tree.size + 1
        for leaf in kept.hashes[first]:
            tree.add(leaf)
        at = kept.checkpoints.get(tree.size)
        if at is None or at.root != tree.root():
            break
        found.update(enumerate(kept.hashes[first], first))
    return found


def _holds(head: dict[str, Any], walk: Walk, before: int) -> str:
    size, signed = walk.tree.size, walk.good
    said = [
        f"The record holds: entries {head['since'] + 1} to {size} of {head['origin']}, in an unbroken chain."
    ]
    if not walk.checkpoints:
        said.append("No checkpoint was given: somebody who rebuilt the whole chain would not be found.")
    else:
        last = walk.checkpoints[signed].at
        said.append(
            f"{len(walk.checkpoints)} checkpoints hold; the last, of {last}, signs entries 1 to {signed}."
        )
        if size > signed:
            said.append(f"Entries {signed + 1} to {size} came after it: nothing signs them yet.")
    if before:
        said.append(f"{before} kept checkpoints are older than this export and were not checked against it.")
    said.append(f"Head {walk.previous}")
    return "\n".join(said)


def check_proofs(lines: Iterator[dict[str, Any]], keys: list[Key], *, pure: bool) -> str:
    """Check entries that were handed out one by one, and that one checkpoint is the beginning of another."""
    next(lines)
    said, signed = [], {}
    for line in lines:
        if line["kind"] == "checkpoint":
            one = checkpoint_of(line["note"], keys, pure=pure)
            signed[one.size] = one
        elif line["kind"] == "proof":
            entry, at = line["entry"], _signed_at(signed, line["size"])
            path = [bytes.fromhex(step) for step in line["path"]]
            leaf = leaf_of(entry, entry["previous"])
            if (
                not 0 < entry["id"] <= at.size
                or root_through(leaf, entry["id"] - 1, at.size, path) != at.root
            ):
                raise Problem(f"Entry {entry['id']} is not the one that was signed at {at.at}")
            said.append(f"Entry {entry['id']} of {entry['at']} is in the record that was signed at {at.at}.")
        elif line["kind"] == "consistency":
            old, new = _signed_at(signed, line["old"]), _signed_at(signed, line["new"])
            path = [bytes.fromhex(step) for step in line["path"]]
            if roots_through(old.size, new.size, path, old.root) != (old.root, new.root):
                raise Problem(f"The record of {old.at} is not the beginning of the record of {new.at}")
            said.append(f"The {old.size} entries of {old.at} stand unchanged in the {new.size} of {new.at}.")
    if not said:
        raise Problem("There is no proof in this file", UNREADABLE)
    return "\n".join(said)


def _signed_at(signed: dict[int, Checkpoint], size: int) -> Checkpoint:
    if size not in signed:
        raise Problem(f"The checkpoint of {size} entries is not in the file", UNREADABLE)
    return signed[size]


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            try:
                read = json.loads(line)
                _ = read["kind"]
            except (ValueError, TypeError, KeyError) as error:
                raise Problem(f"Line {number} cannot be read", UNREADABLE) from error
            yield read


def check(path: Path, keys: list[Key], places: list[str], *, pure: bool = False) -> str:
    """Check a file; gives what holds, in words.

    Raises:
        Problem: what does not hold, and the number to end with.
    """
    kinds = next(_lines(path), {"kind": ""})["kind"]
    if kinds == "foureyes-proofs-1":
        return check_proofs(_lines(path), keys, pure=pure)
    if kinds != "foureyes-record-1":
        raise Problem("This is no exported record", UNREADABLE)
    return check_record(_lines(path), keys, kept_in(places, keys, pure=pure), pure=pure)


def main(arguments: list[str] | None = None) -> int:
    """Read the command line, check, say what was found."""
    parser = argparse.ArgumentParser(description="Check an exported record of Foureyes.")
    parser.add_argument(
        "record", type=Path, help="what `foureyes audit export` or the page of the record wrote"
    )
    parser.add_argument("--key", action="append", required=True, help="the public key, or a file with it")
    parser.add_argument(
        "--checkpoint", action="append", default=[], help="kept elsewhere: a file or a folder"
    )
    parser.add_argument("--pure", action="store_true", help="check signatures without `cryptography`")
    asked = parser.parse_args(arguments)
    try:
        keys = [key_of(Path(one).read_text("utf-8") if Path(one).is_file() else one) for one in asked.key]
        sys.stdout.write(check(asked.record, keys, asked.checkpoint, pure=asked.pure) + "\n")
    except Problem as problem:
        sys.stdout.write(f"{problem}.\n")
        return problem.ends_with
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        sys.stdout.write(f"What was given cannot be read: {type(error).__name__}.\n")
        return UNREADABLE
    return WHOLE


if __name__ == "__main__":
    sys.exit(main())
