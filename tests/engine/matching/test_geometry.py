from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import made_scenes
from foureyes.engine.fingerprints import local
from foureyes.engine.matching import geometry
from foureyes.engine.matching.geometry.plausible import plausible
from foureyes.engine.matching.geometry.views import spread
from foureyes.engine.model import LocalFeatures
from foureyes.engine.steps.looks import Look, look_of
from foureyes.engine.steps.viewing import Seen, best_view

Pixels = NDArray[np.uint8]
WALL = made_scenes.scene(1)
SAMPLES = Path(__file__).parents[3] / "samples" / "laptop" / "DCIM" / "101D3200"
LINKS_FROM = 20
"""Points from which a view alone links (calibration.json)."""


def seen(a: Pixels, b: Pixels, hidden: geometry.Boxes = ()) -> Seen | None:
    return best_view(look_of("a", a, 0.0), look_of("b", b, 0.0), (hidden, hidden))


def found(a: Pixels, b: Pixels) -> Seen:
    one = seen(a, b)
    assert one is not None
    assert one.view.inliers >= LINKS_FROM
    assert not one.view.overlay
    return one


def test_another_view_is_found_and_its_movement_told() -> None:
    aslant, homography = made_scenes.seen_aslant(WALL)
    view = found(WALL, aslant).view
    height, width = WALL.shape[:2]
    ends = np.array([[0.2, 0.2, 1], [0.8, 0.3, 1], [0.5, 0.8, 1]])
    told = ends @ view.homography.T
    true = (ends * [width, height, 1]) @ homography.T
    assert told[:, :2] / told[:, 2:] == pytest.approx(true[:, :2] / true[:, 2:] / [width, height], abs=0.01)
    assert min(view.share_a, view.share_b) > 0.4
    assert not view.mirrored


@pytest.mark.parametrize("turn", [20, 90, 180])
def test_a_turned_picture_is_found(turn: float) -> None:
    view = found(WALL, made_scenes.seen_aslant(WALL, amount=0.02, turn=turn)[0]).view
    assert not view.mirrored
    x, y, u, v = np.array(view.points()).T - 0.5
    height, width = WALL.shape[:2]
    angle = np.degrees(np.angle(((u * width + 1j * v * height) * (x * width - 1j * y * height)).sum()))
    assert min(abs(abs(angle) - turn), 360 - abs(angle) - turn) < 5


def test_a_crop_is_found_and_fills_all_of_itself() -> None:
    view = found(WALL, made_scenes.cropped(WALL, 0.3, 0.3, 0.7, 0.75)).view
    assert view.share_a < 0.25
    assert view.share_b > 0.5


def test_a_mirrored_view_is_found_and_said_so() -> None:
    view = found(WALL, made_scenes.mirrored(made_scenes.seen_aslant(WALL, amount=0.05)[0])).view
    assert view.mirrored
    x, y, u, v = np.array(view.points()).T
    assert np.abs(x - (1 - u)).mean() < 0.1
    assert np.abs(y - v).mean() < 0.1


def test_what_a_player_shows_is_found_in_its_screenshot() -> None:
    view = found(WALL, made_scenes.in_a_player(WALL)).view
    assert view.share_a > 0.5


def test_the_frame_of_a_player_is_no_view() -> None:
    one = seen(made_scenes.in_a_player(made_scenes.scene(2)), made_scenes.in_a_player(made_scenes.scene(3)))
    assert one is not None
    assert one.view.overlay


def test_a_copy_lies_still_and_is_no_overlay() -> None:
    one = found(WALL, np.clip(WALL.astype(np.int16) + 12, 0, 255).astype(np.uint8))
    assert one.view.still
    assert not one.view.overlay


def test_a_logo_on_other_pictures_is_a_small_place() -> None:
    one = seen(made_scenes.with_logo(WALL), made_scenes.with_logo(made_scenes.scene(2)))
    assert one is not None
    assert max(one.view.share_a, one.view.share_b, one.view.covers) < 0.06


def test_views_that_overlap_at_their_edges_cover_what_both_can_show() -> None:
    wide = made_scenes.scene(8, width=900, shapes=260)
    view = found(wide[:, :500], wide[:, 380:]).view
    assert max(view.share_a, view.share_b) < 0.25
    assert view.covers > 0.6


@pytest.mark.parametrize("seed", range(20, 30))
def test_different_walls_share_nothing(seed: int) -> None:
    assert seen(made_scenes.scene(seed), made_scenes.scene(seed + 100)) is None


def test_repeated_tiles_of_different_walls_share_nothing() -> None:
    assert seen(made_scenes.tiled(4), made_scenes.tiled(6)) is None


@pytest.mark.parametrize("blank", [np.zeros((300, 400, 3), np.uint8), np.full((8, 8, 3), 200, np.uint8)])
def test_a_blank_picture_shares_nothing(blank: Pixels) -> None:
    assert seen(blank, blank) is None
    assert seen(WALL, blank) is None


def test_one_player_around_plain_contents_is_no_view_either() -> None:
    dark, bright = np.full((420, 560, 3), 25, np.uint8), np.full((420, 560, 3), 230, np.uint8)
    one = seen(made_scenes.in_a_player(dark), made_scenes.in_a_player(bright))
    assert one is not None
    assert one.view.overlay


def test_one_player_in_another_size_is_no_view_either() -> None:
    larger = cv2.resize(made_scenes.in_a_player(made_scenes.scene(3)), None, fx=0.8, fy=0.7)
    one = seen(made_scenes.in_a_player(made_scenes.scene(2)), np.asarray(larger, np.uint8))
    assert one is None or one.view.overlay


def test_the_frame_of_a_mirrored_player_is_no_view_either() -> None:
    playing, mirrored = (made_scenes.in_a_player(made_scenes.scene(seed)) for seed in (2, 3))
    one = seen(playing, made_scenes.mirrored(mirrored))
    assert one is not None
    assert one.view.mirrored
    assert one.view.overlay


def test_more_places_on_a_frame_say_nothing_of_what_is_in_it() -> None:
    numbers = np.random.default_rng(6)
    frame = np.vstack([np.stack([np.linspace(10, 630, 24), np.full(24, y)], axis=1) for y in (12.0, 468.0)])
    movement = np.array([[1.0, 0.2, 5], [0.1, 1.1, 9], [0.0002, 0, 1]])
    surface = numbers.uniform((100, 100), (500, 380), (20, 2))
    moved = cv2.perspectiveTransform(surface[None], movement)[0]
    looks = [
        Look(name, 0.0, places("xfeat", within, 1, name), places("sift", frame, 2, name))
        for name, within in (("a", surface), ("b", moved))
    ]
    one = best_view(*looks)
    assert one is not None
    assert (one.view.method, one.view.overlay, one.view.inliers) == ("xfeat", False, 20)
    assert one.alone
    over = geometry.view_of(looks[0].sift, looks[1].sift)
    assert over is not None
    assert over.overlay
    assert over.inliers > one.view.inliers


def places(method: str, points: NDArray[np.float64], seed: int, name: str) -> LocalFeatures:
    """Features at given points: those of one seed look alike, those of another name have another ground."""
    descriptors = np.random.default_rng(seed).normal(size=(len(points), 128)).astype(np.float32)
    descriptors /= np.linalg.norm(descriptors, axis=1, keepdims=True)
    ground = np.random.default_rng(ord(name)).integers(0, 256, (16, 16)).astype(np.uint8)
    return LocalFeatures(
        method, 640, 480, points.astype(np.float32), descriptors, ground, np.zeros_like(ground)
    )


SETTINGS_A = made_scenes.window("Block width", "Block height", "Opacity", "Random seed")
SETTINGS_B = made_scenes.window("Angle", "Centre of the lens", "Zoom factor", "Edges")


@pytest.mark.parametrize("aside", [0, 40])
def test_two_windows_of_one_program_are_not_sure_to_be_one(aside: int) -> None:
    beside = np.pad(SETTINGS_A, ((aside, 0), (aside, 0), (0, 0)), constant_values=60)
    one = seen(beside, SETTINGS_B)
    assert one is not None
    assert one.view.inliers >= LINKS_FROM
    assert one.view.overlay or one.unsure


def test_a_page_of_text_and_its_scan_askew_are_one() -> None:
    page = np.full((560, 420, 3), 255, np.uint8)
    letters = np.random.default_rng(3).integers(97, 123, (22, 34))
    for row, line in enumerate(letters):
        words = "".join(chr(one) if one % 6 else " " for one in line)
        cv2.putText(
            page, words, (14, 24 + 24 * row), cv2.FONT_HERSHEY_SIMPLEX, 0.55, (0, 0, 0), 1, cv2.LINE_AA
        )
    assert not found(page, made_scenes.seen_aslant(page, amount=0.02, turn=6)[0]).unsure


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (made_scenes.with_a_hole, np.copy),
        (made_scenes.with_a_hole, made_scenes.with_a_banner),
        (made_scenes.in_a_player, made_scenes.with_a_banner),
    ],
)
def test_two_edits_of_one_photo_are_one_whatever_else_they_show(
    one: Callable[[Pixels], Pixels], other: Callable[[Pixels], Pixels]
) -> None:
    photo = made_scenes.seen_by_a_camera(1)
    assert not found(one(photo), other(photo)).unsure


def test_one_banner_on_two_photos_links_nothing() -> None:
    one, other = (made_scenes.with_a_banner(made_scenes.seen_by_a_camera(seed)) for seed in (1, 2))
    shared = seen(one, other)
    assert shared is None or shared.view.overlay or shared.unsure


def test_what_a_camera_saw_is_nowhere_of_one_colour_and_a_window_is() -> None:
    for make, least, most in ((made_scenes.seen_by_a_camera(1), 0, 60), (SETTINGS_A, 100, 255)):
        look = look_of("a", make, 0.0)
        for features in (look.sift, look.xfeat):
            assert least <= features.bare.mean() <= most


def test_what_lies_in_boxes_does_not_count() -> None:
    person = made_scenes.scene(7, width=200, height=300)
    one, two = made_scenes.scene(31), made_scenes.scene(32)
    one[60:360, 40:240] = person
    two[100:300, 200:500] = cv2.rotate(person, cv2.ROTATE_90_CLOCKWISE)
    assert found(one, two).view.inliers
    left, right = (30 / 560, 0.1, 250 / 560, 0.9), (190 / 560, 0.2, 510 / 560, 0.75)
    assert best_view(look_of("a", one, 0), look_of("b", two, 0), ([left], [right])) is None


def test_a_room_whose_person_is_hidden_stays_a_view_of_a_still_camera() -> None:
    box = (0.05, 0.05, 0.95, 0.45)
    one, two = WALL.copy(), WALL.copy()
    for room, moving in ((one, 61), (two, 62)):
        room[21:189, 28:532] = made_scenes.scene(moving)[21:189, 28:532]
    before = seen(one, two)
    assert before is not None
    view = seen(one, two, [box])
    assert view is not None
    assert view.view.agrees > before.view.agrees
    assert not view.view.overlay
    assert not view.unsure


def test_of_photos_only_the_background_decides_once_the_thing_is_hidden() -> None:
    """Bananas on a carpet: two photos that share only those, and two that share the carpet."""
    box = (0.2, 0.1, 0.8, 0.95)
    bananas = [photo(number) for number in (425, 427)]
    carpet = [photo(number) for number in (430, 431)]
    thing, room = seen(*bananas), seen(*carpet)
    assert thing is not None
    assert room is not None
    assert thing.view.inliers >= LINKS_FROM
    assert thing.view.share_a < 0.1
    assert room.view.share_a > 0.5
    assert seen(*bananas, [box]) is None
    stays = seen(*carpet, [box])
    assert stays is not None
    assert not stays.view.overlay
    assert LINKS_FROM <= stays.view.inliers < room.view.inliers
    assert stays.view.share_a > 0.5


def photo(number: int) -> Pixels:
    with Image.open(SAMPLES / f"DSC_0{number}.JPG") as opened:
        picture = opened.convert("RGB")
    picture.thumbnail((640, 640))
    return np.asarray(picture)


def test_a_player_whose_contents_are_hidden_is_no_view() -> None:
    one, two = (made_scenes.in_a_player(made_scenes.scene(seed)) for seed in (2, 3))
    view = seen(one, two, [(0.05, 0.11, 0.95, 0.89)])
    assert view is None or view.view.overlay


def test_the_same_pixels_give_the_same_view() -> None:
    aslant = made_scenes.seen_aslant(WALL)[0]
    one, two = found(WALL, aslant).view, found(WALL, aslant).view
    assert (one.places == two.places).all()
    assert (one.homography == two.homography).all()


def test_features_of_two_kinds_are_not_compared() -> None:
    look = look_of("a", WALL, 0.0)
    with pytest.raises(ValueError, match="cannot be compared"):
        geometry.view_of(look.xfeat, look.sift)


def test_points_that_are_kept_are_few_and_spread() -> None:
    points = np.random.default_rng(1).random((500, 2))
    rows = spread(points, 60)
    assert len(set(rows.tolist())) == 60
    assert np.ptp(points[rows], axis=0) == pytest.approx(np.ptp(points, axis=0), abs=0.05)
    assert (spread(points[:5], 60) == np.arange(5)).all()


SQUARE = np.array([[0.0, 0.0], [400, 0], [400, 400], [0, 400], [200, 200]])


@pytest.mark.parametrize(
    ("homography", "fine"),
    [
        (np.eye(3), True),
        (np.diag([0.5, 0.5, 1.0]), True),
        (np.diag([-1.0, 1.0, 1.0]), False),
        (np.diag([20.0, 20.0, 1.0]), False),
        (np.diag([1.0, 0.05, 1.0]), False),
        (np.array([[1, 0, 0], [0, 1, 0], [-0.005, 0, 1.0]]), False),
        (np.full((3, 3), np.nan), False),
    ],
)
def test_movements_that_no_camera_makes_are_refused(homography: NDArray[np.float64], fine: bool) -> None:
    assert plausible(homography, SQUARE) is fine


def test_a_line_of_points_is_no_surface() -> None:
    numbers = np.random.default_rng(2)
    along = np.stack([np.linspace(20, 600, 60), np.full(60, 200.0) + numbers.normal(0, 0.5, 60)], axis=1)
    descriptors = numbers.normal(size=(60, 64)).astype(np.float32)
    descriptors /= np.linalg.norm(descriptors, axis=1, keepdims=True)
    cells = np.zeros((16, 16), np.uint8)
    line = LocalFeatures("xfeat", 640, 480, along.astype(np.float32), descriptors, cells, cells)
    assert len(geometry.alike(line, line)[0]) == 60
    assert geometry.view_of(line, line) is None


def test_mirrored_descriptors_are_those_of_the_mirrored_picture() -> None:
    of_mirror = local.sift(made_scenes.mirrored(WALL), 640, 500)
    reordered = local.mirrored(local.sift(WALL, 640, 500))
    view = geometry.view_of(of_mirror, reordered)
    assert view is not None
    assert view.still
    assert view.inliers > 0.6 * min(len(of_mirror), len(reordered))


def checks(cell: int, colours: tuple[int, int], amount: float) -> NDArray[np.uint8]:
    """A chequered wallpaper as shops sell it, seen at an angle."""
    rows, columns = np.indices((420, 560)) // cell
    flat = np.where((rows + columns) % 2, *colours).astype(np.uint8)
    return made_scenes.seen_aslant(np.repeat(flat[..., None], 3, axis=2), amount=amount)[0]


def test_two_wallpapers_of_one_print_are_no_view_that_links() -> None:
    seen = best_view(
        look_of("a", checks(40, (60, 190), 0.1), 0.0), look_of("b", checks(46, (90, 230), 0.25), 0.0)
    )
    assert seen is not None
    assert seen.alone
