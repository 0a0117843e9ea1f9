"""Prints what `bench/series.py` measured, for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

COLUMNS = (
    "b3_precision",
    "b3_recall",
    "b3_f1",
    "f1",
    "pairs_false",
    "pairs_true",
    "largest_false",
    "true_series_mixed",
    "intruders",
)


def show(result: Mapping[str, Any]) -> None:
    print(", ".join(f"{name} {value}" for name, value in result["machine"].items()))
    print(f"{result['media']} media, {result['similar']} of them similar; links {result['links']}")
    print(f"CPU ms a media: {result['cpu_milliseconds_a_media']}")
    print(f"\n{'':32}" + "".join(f"{name:>18}" for name in COLUMNS))
    for reading, sides in result["scores"].items():
        for side, found in sides.items():
            print(f"{reading + ', ' + side:32}" + "".join(f"{found[name]:>18}" for name in COLUMNS))
    print(f"\nproposals: {result['proposals']}")
    print("\ndecisions to reach B-cubed F1 of .98")
    for order, effort in result["decisions"].items():
        print(f"  {order:24} { ({name: value for name, value in effort.items() if name != 'curve'}) }")
    _edits(result["edits"])
    _borne_out(result)
    print("\nwithout each kind")
    for kind, found in result["left_out"].items():
        print(f"  {kind:24} {found}")
    print("\ntrue series, and the sizes of the parts they were found in")
    for name, parts in result["series"].items():
        if sum(parts) > 1:
            print(f"  {name:24} {parts}")
    for title in ("false", "unjudged", "notes"):
        print(f"\n{title}: {len(result[title])}")
        for one in result[title]:
            print(f"  {one}")


def _edits(edits: Mapping[str, Sequence[int]]) -> None:
    print("\nedits found, by kind (with any other media of their group)")
    for kind, (found, of) in edits.items():
        if found < of:
            print(f"  {found:3} of {of:3}  {kind}")
    for name in sorted({kind.partition(":")[0] for kind in edits}):
        own = [counts for kind, counts in edits.items() if kind.startswith(f"{name}:")]
        print(f"  {sum(one[0] for one in own):3} of {sum(one[1] for one in own):3}  {name} in all")


def _borne_out(result: Mapping[str, Any]) -> None:
    print(f"\nlinks of the machine: {result['linked_edges']}")
    print("strengths as said, and what they came to (log10; a floor where no false pair was met)")
    for kind, found in result["reliability"].items():
        print(f"  {kind}, cost {found['cllr']}")
        for row in found["bins"]:
            said, observed, true, false = (row[name] for name in ("said", "observed", "true", "false"))
            print(f"    said {said:5.2f}  came to {observed:5.2f}  true {true:6}  false {false:6}")
