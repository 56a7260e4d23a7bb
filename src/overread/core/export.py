"""How a data set is cut: by patient, so that no child stands on both sides."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

SPLITS = ("train", "validation", "test")
SHARES = (0.7, 0.15, 0.15)


@dataclass(frozen=True)
class Labelled:
    """A unit with a settled label and the key of its patient."""

    unit: int
    patient: str
    label: str


def split_by_patient(
    units: Sequence[Labelled], *, seed: str, shares: Sequence[float] = SHARES
) -> dict[int, str]:
    """Give every unit a split; all units of a patient share one.

    Patients are ordered by a hash of seed and key, within the label that most of their units
    have, and dealt so that each split comes as near to its share as whole patients allow.
    The same units and seed give the same splits, in whatever order they come.
    """
    patients: dict[str, list[Labelled]] = defaultdict(list)
    for unit in units:
        patients[unit.patient].append(unit)
    by_label: dict[str, list[str]] = defaultdict(list)
    for key, own in patients.items():
        by_label[_main_label(own)].append(key)
    splits: dict[int, str] = {}
    for keys in by_label.values():
        ordered = sorted(keys, key=lambda key: _rank(seed, key))
        for key, split in _deal(ordered, {key: len(patients[key]) for key in keys}, shares).items():
            splits.update((unit.unit, split) for unit in patients[key])
    return splits


def joined(patients: Mapping[int, str], pairs: Iterable[tuple[int, int]]) -> dict[int, str]:
    """The patients' keys by unit, with one key for all whose units are paired, however indirectly:
    the first in alphabetical order.
    """
    leader: dict[str, str] = {}

    def lead(key: str) -> str:
        while key in leader:
            key = leader[key]
        return key

    for one, other in pairs:
        if one in patients and other in patients:
            first, second = sorted((lead(patients[one]), lead(patients[other])))
            if first != second:
                leader[second] = first
    return {unit: lead(key) for unit, key in patients.items()}


def _main_label(units: Sequence[Labelled]) -> str:
    counts = Counter(unit.label for unit in units)
    return min(counts, key=lambda label: (-counts[label], label))


def _rank(seed: str, key: str) -> str:
    return hashlib.sha256(f"{seed}\0{key}".encode()).hexdigest()


def _deal(keys: Sequence[str], sizes: Mapping[str, int], shares: Sequence[float]) -> dict[str, str]:
    """Give each patient to the split that lacks most, the first among equals."""
    total = sum(sizes.values())
    dealt = [0] * len(shares)
    splits: dict[str, str] = {}
    for key in keys:
        lacking = [share * total - have for share, have in zip(shares, dealt, strict=True)]
        place = lacking.index(max(lacking))
        dealt[place] += sizes[key]
        splits[key] = SPLITS[place]
    return splits
