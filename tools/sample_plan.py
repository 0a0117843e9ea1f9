"""Which file of the development set becomes which sample, and what it belongs to (see `make_samples.py`)."""

from __future__ import annotations

AUTHORS = {
    "banana": ("pierotofy/dataset_banana", "Piero Toffanin"),
    "brighton_beach": ("pierotofy/drone_dataset_brighton_beach", "Piero Toffanin"),
    "boruszyn": ("merkato/odm_boruszyn_kap", "Andrew Zaborowski, OpenStreetMap-PL"),
    "copr": ("OpenDroneMap/odm_data_copr", "Michele M. Tobias, Alex Mandel"),
    "exif-samples": ("ianare/exif-samples", "contributors of exif-samples"),
    "opencv": ("OpenCV samples/data", "OpenCV contributors"),
    "openpano": ("stitchit/StitchIt example-data", "Yuxin Wu"),
    "socketed_axe": (
        "MicroPasts/socketed-axe-version2",
        "A. Bevan, C. Bonacchi, A. Keinan-Schoonbaert, D. Pett, N. Wilkin",
    ),
    "threatexchange": ("facebook/ThreatExchange", "Meta Platforms"),
}
"""Project of the development set: where it is from, and who made it."""

LICENCES = {
    "banana": "MIT",
    "brighton_beach": "BSD-2-Clause",
    "boruszyn": "CC-BY-3.0",
    "copr": "CC-BY-SA-4.0",
    "exif-samples": "CC-BY-SA-4.0",
    "opencv": "Apache-2.0",
    "openpano": "MIT",
    "socketed_axe": "CC-BY",
    "threatexchange": "BSD-3-Clause",
}


def _places(series: str, pattern: str, folder: str, names: str) -> tuple[tuple[str, str, str], ...]:
    sources = (pattern.format(name) for name in names.split())
    return tuple((f"{folder}/{source.rpartition('/')[2]}", source, series) for source in sources)


_BANANA = "series/banana/images/DSC_{}.JPG"
_AXE = "series/socketed_axe/photos/IMG_{}.JPG"
_DUNES = "series/copr/images/IMG_{}.jpg"
_BEACH = "series/brighton_beach/images/DJI_{}.JPG"
_DORMITORY = "series/openpano/zijing/medium{}.jpg"
_FIELD = "series/openpano/uav/medium{}.jpg"
_VILLAGE = "series/boruszyn/images/img_{}.jpg"

PICTURES: tuple[tuple[str, str, str], ...] = (
    *_places("banana on a carpet", _BANANA, "laptop/DCIM/101D3200", "0425 0427 0429 0430 0431"),
    *_places("banana on a carpet", _BANANA, "usb-stick/new", "0434 0436"),
    *_places("bronze axe on a light table", _AXE, "laptop/Pictures/2015", "8835 8840 8845 8851 8856"),
    *_places("bronze axe on a light table", _AXE, "usb-stick/new", "8862 8868"),
    *_places("dunes from the air", _DUNES, "laptop/Pictures/misc", "0022 0031 0046"),
    *_places("dunes from the air", _DUNES, "case/Files", "0067 0088 0112"),
    *_places("park at the beach from the air", _BEACH, "usb-stick/DJI", "0018 0021 0025 0027 0031 0035"),
    *_places("dormitory in a city", _DORMITORY, "laptop/Pictures/misc", "01 03 05 07"),
    *_places("dormitory in a city", _DORMITORY, "phone/received", "08 11 12"),
    *_places("sports field from the air", _FIELD, "laptop/Pictures/flight", "03 06 08 11 19"),
    *_places("village from a kite", _VILLAGE, "laptop/Pictures/kite", "4854 4873 4883 4911 4918"),
    ("phone/received/lamp.jpg", "neardup/exif-samples/jpg/hdr/canon_hdr_NO.jpg", ""),
    ("phone/received/wisteria.jpg", "neardup/exif-samples/jpg/hdr/iphone_hdr_NO.jpg", ""),
    ("phone/received/waterfall.jpg", "neardup/exif-samples/jpg/orientation/landscape_1.jpg", ""),
    ("phone/DCIM/harbour.jpg", "country/exif-samples/jpg/mobile/HMD_Nokia_8.3_5G.jpg", "harbour"),
    ("phone/DCIM/IMG_5195.HEIC", "country/exif-samples/heic/IMG_5195.HEIC", ""),
    ("phone/received/box.jpg", "series/opencv/box.png", "box on a table"),
    ("laptop/Pictures/misc/table.jpg", "series/opencv/box_in_scene.png", "box on a table"),
    ("laptop/Pictures/misc/lane.jpg", "series/opencv/leuvenA.jpg", ""),
    ("laptop/Pictures/misc/notebook.jpg", "neardup/opencv/ela_original.jpg", ""),
    (
        "laptop/Pictures/misc/bridge.jpg",
        "neardup/threatexchange/bridge-mods/aaa-orig.jpg",
        "bridge",
    ),
)
"""Path of the sample, path in the development set, series ("" for none)."""

EDITS: tuple[tuple[str, str, str], ...] = (
    ("phone/received/IMG-20200101-WA0001.jpg", "laptop/DCIM/101D3200/DSC_0427.JPG", "recompressed"),
    ("phone/received/IMG-20200101-WA0002.jpg", "laptop/Pictures/2015/IMG_8851.JPG", "rotated"),
    ("phone/received/IMG-20200101-WA0003.jpg", "usb-stick/DJI/DJI_0027.JPG", "half"),
    ("phone/received/IMG-20200101-WA0004.jpg", "laptop/Pictures/misc/medium05.jpg", "mirrored"),
    ("phone/received/IMG-20200101-WA0005.jpg", "laptop/Pictures/flight/medium06.jpg", "exif-turned"),
    ("phone/received/sticker.webp", "laptop/Pictures/misc/bridge.jpg", "webp"),
)
"""Path of the copy, path of the sample that it is a copy of, name of the edit."""

_CHAIR = "video/threatexchange/chair-orig-22-sd-bar.mp4"
_DOOR = "video/threatexchange/doorknob-hd-no-bar.mp4"

CLIPS: tuple[tuple[str, str, str, float, int], ...] = (
    ("phone/DCIM/VID_0007.mp4", _CHAIR, "chair in a room", 6.0, 640),
    ("usb-stick/new/door.mp4", _DOOR, "", 4.0, 640),
)
"""Path, source, series, seconds, longer side."""

STILLS: tuple[tuple[str, str, str, float, bool], ...] = (
    ("laptop/Pictures/misc/still-a.jpg", _CHAIR, "chair in a room", 0.5, False),
    ("laptop/Pictures/misc/still-b.jpg", _CHAIR, "chair in a room", 3.2, False),
    ("usb-stick/new/still-c.jpg", _CHAIR, "chair in a room", 5.1, True),
)
"""Path, source, series, at which second, mirrored or not."""

ZIPPED: tuple[tuple[str, str, str, bool], ...] = (
    ("DCIM/DSC_0432.JPG", _BANANA.format("0432"), "banana on a carpet", False),
    ("DCIM/DSC_0433.JPG", _BANANA.format("0433"), "banana on a carpet", False),
    ("DCIM/DSC_0438.JPG", _BANANA.format("0438"), "banana on a carpet", True),
)
"""Name in the archive, source, series, whether in the archive within the archive."""

CASE_NUMBER = "DEMO-1"

MADE = {
    "truncated.jpg": "first two thirds of a sample",
    "truncated.mp4": "first two thirds of a sample",
    "empty.jpg": "no bytes",
    "letter.jpg": "a text with a picture's name",
    "junk.heic": "head of a HEIC file, then junk",
    "flood.png": "a header that declares 60,000 x 60,000 pixels",
    "bomb.zip": "a few hundred bytes that unpack to 96 MB with the head of a JPEG",
    "escape.zip": "a member whose path leads out of the archive",
    "playlist.mp4": "a playlist that names a file of the machine",
}
"""Files of our own making, and why they are there."""
