"""What the readers of many images drew: how far they agree, with intervals over the images."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from overread.core.aggregation import marks
from overread.core.aggregation.agreement import Patterns, agreement, krippendorff
from overread.core.aggregation.figures import SEED
from overread.core.aggregation.intervals import Interval, share
from overread.core.aggregation.judgments import Floats
from overread.core.aggregation.marks import RADIUS_SHARE, Drawing, Finding, Fusing, usable
from overread.core.marks import read_marks

OVERLAP = "overlap of marks"
PRESENCE = "Krippendorff's alpha on whether anything was drawn"
DIGITS = 6


@dataclass(frozen=True)
class DrawnImage:
    """The drawings of one image; radius: in its pixels, within which two points are one."""

    drawings: Sequence[Drawing]
    radius: float
    fusing: Fusing = Fusing.FUSION

    @cached_property
    def findings(self) -> list[Finding]:
        return marks.consensus(self.drawings, radius=self.radius, fusing=self.fusing)

    @cached_property
    def standing(self) -> list[Finding]:
        return [one for one in self.findings if one.stands]

    @cached_property
    def share(self) -> float:
        """Of readers' weight behind the consensus."""
        return marks.share(self.findings)

    @cached_property
    def overlap(self) -> float:
        """Between readers; NaN with fewer than two."""
        return marks.agreement(self.drawings, radius=self.radius)


def image_of(answers: Iterable[tuple[object, float]], size: tuple[int, int]) -> DrawnImage:
    """From answers with their weights; who wasn't asked, or saw nothing, drew nothing."""
    drawings = [
        Drawing(usable(read_marks(answer) or (), size)[0], weight) for answer, weight in answers
    ]
    return DrawnImage(drawings, RADIUS_SHARE * max(size))


@dataclass(frozen=True)
class DrawnSubgroup:
    """agreement: by title; labels: by what a mark is called, the share of images where such a
    mark stands; "" for any mark at all.
    """

    images: int
    drawings: int
    agreement: Mapping[str, Interval]
    labels: Mapping[str, Interval]


def together(images: Sequence[DrawnImage]) -> DrawnSubgroup:
    called = sorted({one.mark.label for image in images for one in image.standing} - {""})
    return DrawnSubgroup(
        len(images),
        sum(len(one.drawings) for one in images),
        {
            OVERLAP: _interval([one.overlap for one in images]),
            PRESENCE: agreement(_presence(images), krippendorff(), np.random.default_rng(SEED)),
        },
        {name: _where(images, _has(name)) for name in ["", *called]},
    )


def _interval(overlaps: Sequence[float]) -> Interval:
    """The mean over images with two readers or more."""
    known = np.round([one for one in overlaps if not np.isnan(one)], DIGITS)
    values, counts = np.unique(known, return_counts=True)
    images = Patterns(values[:, None], counts)
    return agreement(images, _mean, np.random.default_rng(SEED))


def _mean(values: Floats, counts: Floats) -> Floats:
    return np.asarray(counts @ values[:, 0] / counts.sum(axis=-1))


def _presence(images: Sequence[DrawnImage]) -> Patterns:
    drew = [sum(bool(one.marks) for one in image.drawings) for image in images]
    made = [len(image.drawings) for image in images]
    return Patterns.of(np.array([drew, np.subtract(made, drew)], dtype=np.int64).T.reshape(-1, 2))


def _where(images: Sequence[DrawnImage], holds: Callable[[DrawnImage], bool]) -> Interval:
    return share(sum(map(holds, images)), len(images))


def _has(label: str) -> Callable[[DrawnImage], bool]:
    return lambda image: any(one.mark.label == label or not label for one in image.standing)
