"""Bone: ribs in three dimensions, collar bones, shoulder blades, arms and the lower jaw."""

from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageDraw

from overread.imaging.synthetic.canvas import Canvas, Curve, Dust, Map, clipped, softened
from overread.imaging.synthetic.child import Arms, Child
from overread.imaging.synthetic.soft import arm_ends
from overread.imaging.synthetic.tubes import FORWARD, along, ball, hollow, turned

# Where the bony part of each rib ends in front; the cartilage beyond it casts no shadow.
_RIB_END = np.radians((138, 140, 138, 135, 132, 128, 122, 115, 106, 97, 82, 60))


def ribs(canvas: Canvas, child: Child, rng: np.random.Generator) -> Iterator[Dust]:
    """The twelve pairs of ribs: flat tubes in sloping planes round the chest."""
    middle = np.concatenate(
        [_rib_cage(child, side, canvas.points(180), rng) for side in (-1.0, 1.0)]
    )
    middle = turned(middle, child.turn)
    place = np.linspace(0, 1, middle.shape[1])
    taper = 0.75 + 0.25 * clipped(place * 7, 0, 1) + 0.3 * clipped(place * 3 - 2, 0, 1)
    high = child.rib_height * taper * rng.uniform(0.9, 1.1, (24, 1))
    high[[0, 12]] *= 1.1
    # Towards the front the bone is thinner, and it ends in cartilage without a sharp rim.
    front = 0.9 - 0.3 * clipped(place * 3.2 - 1.7, 0, 1) - 0.6 * clipped(place * 12 - 11, 0, 1)
    cortex = child.bone * front * rng.uniform(0.85, 1.15, (24, 1))
    cortex[[0, 12]] *= 0.65
    yield hollow(middle, high, 0.56 * cortex, flat=0.55, ring=42, keel=0.28)
    yield hollow(middle, high, 0.22 * cortex, flat=0.55, ring=20, filled=True)


def _rib_cage(child: Child, side: float, points: int, rng: np.random.Generator) -> Curve:
    """Centre lines of one side's ribs, shape (12, points, 3)."""
    index = np.arange(12)[:, None]
    head = child.rib_pitch * (index - 0.2) + rng.normal(0, 0.6, (12, 1))
    tilt = child.rib_tilt * (1 + 0.03 * (index - 6)) + rng.normal(0, 0.02, (12, 1))
    half, deep = _girdle(child, head, tilt)
    angle = np.linspace(0, 1, points)[None] * (_RIB_END[:, None] - 0.03) + 0.03
    x = half * np.sin(angle) ** 0.8
    z = -deep * np.cos(angle)
    neck = 3.4 * np.sin(clipped(x / half, 0, 1) * np.pi) * (angle < np.pi / 2)
    dip = 6.0 * clipped(angle - 1.7, 0, None) ** 2
    wave = rng.normal(0, 0.5, (12, 1)) * np.sin(angle * rng.uniform(2, 4, (12, 1)))
    return np.stack((side * x, head + tilt * (z + deep) - neck + dip + wave, z), axis=-1)


def _girdle(child: Child, head: Curve, tilt: Curve) -> tuple[Curve, Curve]:
    """Half width and half depth of each rib, so that its flank lies on the lung's border."""
    half = np.full(head.shape, child.half_width)
    for _ in range(4):
        flank = head + tilt * 0.56 * half
        half = 0.4 * half + 0.6 * (child.border(flank.astype(np.float32)) + 1.0)
    return half, 0.56 * half


def limbs(canvas: Canvas, child: Child, rng: np.random.Generator) -> Iterator[Dust]:
    """Collar bones and upper arms, each side in its own pose, and the lower jaw."""
    for side, pose in zip((-1.0, 1.0), child.arms, strict=True):
        yield from _collar_bone(canvas, child, side, pose, rng)
        yield from _upper_arm(canvas, child, side, pose)
    yield from _jaw(canvas, child)


def _placed(child: Child, points: list[tuple[float, float, float]], side: float) -> Curve:
    """Points in mm of a child of middle size, mirrored to `side` and turned with the child."""
    place = np.array(points) * (child.half_width / 84)
    return turned(place * np.array((side, 1, 1)), child.turn)


def _collar_bone(
    canvas: Canvas, child: Child, side: float, pose: Arms, rng: np.random.Generator
) -> Iterator[Dust]:
    lift = {Arms.RAISED: 9.0, Arms.OUT: 5.0, Arms.DOWN: -1.0}[pose] + rng.normal(0, 3)
    bow = rng.uniform(1, 4)
    points = [
        (9.0, 4.0, 40.0),
        (20.0, -1.0 - 0.1 * lift - bow, 44.0),
        (36.0, -3.0 - 0.5 * lift - bow, 42.0),
        (54.0, -3.0 - 0.8 * lift, 28.0),
        (72.0, -7.0 - 1.1 * lift, 14.0),
    ]
    path = along(_placed(child, points, side), canvas.points(150))
    place = np.linspace(0, 1, len(path))
    radius = 2.0 + 0.8 * (1 - clipped(place * 4, 0, 1)) + 0.3 * clipped(place * 4 - 3, 0, 1)
    yield from _long_bone(path, _rounded(radius), 0.55 * child.bone)


def _rounded(radius: Curve) -> Curve:
    """The radius drawn in at both ends, so that the bone ends in a knob and not in a cut."""
    place = np.linspace(0, 1, len(radius))
    return radius * np.sqrt(1 - clipped(1 - 22 * np.minimum(place, 1 - place), 0, 0.97) ** 2)


def _long_bone(path: Curve, radius: Curve, cortex: float) -> Iterator[Dust]:
    wall = np.full(len(path), cortex)
    yield hollow(path, radius, wall, up=FORWARD, ring=64)
    yield hollow(path, radius, wall, up=FORWARD, ring=48, filled=True)


def _upper_arm(canvas: Canvas, child: Child, side: float, pose: Arms) -> Iterator[Dust]:
    """The shaft, flared at its growth plate, and the round head beyond it."""
    shoulder, elbow = arm_ends(child, pose)
    way = (elbow - shoulder) / np.linalg.norm(elbow - shoulder)
    points = [(*(shoulder + reach * way), 0.0) for reach in (7.0, 37.0, 67.0, 127.0)]
    path = along(_placed(child, points, side), canvas.points(220))
    place = np.linspace(0, 1, len(path)) * 120
    yield from _long_bone(path, _rounded(4.6 + 4.0 * np.exp(-place / 8)), 0.8 * child.bone)
    end = _placed(child, [(*(shoulder - way), 0.0)], side)[0]
    yield ball(end, 8.0 * child.half_width / 84, 1.5 * child.bone, canvas.points(240) * 60)


def _jaw(canvas: Canvas, child: Child) -> Iterator[Dust]:
    """The lower jaw's arch above the neck."""
    low = child.chin - 8
    points = [
        (-40.0, low - 46, 10.0),
        (-31.0, low - 14, 30.0),
        (-12.0, low - 1, 55.0),
        (12.0, low - 1, 55.0),
        (31.0, low - 14, 30.0),
        (40.0, low - 46, 10.0),
    ]
    path = along(turned(np.array(points), child.turn), canvas.points(220))
    yield from _long_bone(path, np.full(len(path), 5.5), 1.3)


def shoulder_blades(canvas: Canvas, child: Child, rng: np.random.Generator) -> Map:
    """Thin plates in mm with a stout rim; raised arms swing them out of the chest."""
    total = np.zeros(canvas.shape, np.float32)
    for side, pose in zip((-1.0, 1.0), child.arms, strict=True):
        out = {Arms.RAISED: 9.0, Arms.OUT: 3.0, Arms.DOWN: -5.0}[pose] + rng.normal(0, 3)
        top = {Arms.RAISED: 2.0, Arms.OUT: 4.0, Arms.DOWN: 8.0}[pose] + rng.normal(0, 2)
        blade = [
            (52, 4),
            (60, 2),
            (66, 5),
            (70, 1),
            (77, 2),
            (80, 10),
            (77, 17),
            (80 + 0.2 * out, 38),
            (84 + out, 60),
            (84 + out, 70),
            (78 + out, 74),
            (69 + 0.8 * out, 62),
            (58 + 0.4 * out, 40),
            (51, 22),
            (49, 10),
        ]
        ridge = [(50, 22), (64, 13), (76, 2), (85, -9), (88, -7), (79, 7), (66, 17)]
        hook = [(65, 2), (67, -5), (71, -9), (75, -7), (74, -2), (71, 4)]
        for outline, weight in ((blade, 0.9), (ridge, 0.7), (hook, 1.0)):
            corners = [(x, y + top, -24.0) for x, y in outline]
            total += weight * _plate(canvas, _placed(child, corners, side))
    return total * child.bone


def _plate(canvas: Canvas, corners: Curve) -> Map:
    """A thin sheet of bone with a thicker rim inside the outline `corners`, shape (n, 3)."""
    image = Image.new("L", (canvas.width, canvas.height))
    loop = along(np.concatenate((corners, corners[:1])), 160)
    outline = (loop[:, :2] - (canvas.left, canvas.top)) * canvas.scale
    ImageDraw.Draw(image).polygon([(float(x), float(y)) for x, y in outline], fill=1)
    sheet = softened(np.asarray(image, np.float32))
    rim = clipped(sheet - canvas.blurred(sheet, 2.2), 0, None)
    return 0.32 * sheet + 2.0 * rim
