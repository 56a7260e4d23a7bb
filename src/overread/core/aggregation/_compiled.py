"""The loops over judgments, compiled by numba; `_loops` calls them where numba is installed.

The layout is `blocks.Blocks`: tasks in blocks whose posteriors stay in the cache, and within a
block the judgments by contributor, so that the tables are read in order however many contributors
there are. Sums are kept in whole numbers: see `_loops`.
"""

from functools import lru_cache
from types import SimpleNamespace

import numpy as np
from numba import njit

SMALL = 1e-150


@njit(cache=True, nogil=True)
def lay_out(task, worker, label, shift, fill, place, codes, classes):
    """Put judgments into blocks of 2**shift tasks; fill: (blocks,) the next free place of each."""
    mask = (1 << shift) - 1
    for j in range(len(task)):
        b = task[j] >> shift
        place[fill[b]] = task[j] & mask
        codes[fill[b]] = worker[j] * classes + label[j]
        fill[b] += 1


@njit(cache=True, nogil=True)
def order(starts, place, codes, first, end):
    """Within each block by code, then by task: radix sort, 16 bits at a time, in the cache."""
    most = 0
    for b in range(first, end):
        most = max(most, starts[b + 1] - starts[b])
    other_place = np.empty(most, dtype=place.dtype)
    other_codes = np.empty(most, dtype=codes.dtype)
    count = np.empty(65537, dtype=np.int64)
    for b in range(first, end):
        low, high = starts[b], starts[b + 1]
        highest = 0
        for j in range(low, high):
            highest = max(highest, codes[j])
        digit = -16
        while digit < 0 or highest >> digit:
            count[:] = 0
            for j in range(low, high):
                value = place[j] if digit < 0 else (codes[j] >> digit) & 65535
                count[value + 1] += 1
            for i in range(65536):
                count[i + 1] += count[i]
            for j in range(low, high):
                value = place[j] if digit < 0 else (codes[j] >> digit) & 65535
                other_place[count[value]] = place[j]
                other_codes[count[value]] = codes[j]
                count[value] += 1
            place[low:high] = other_place[: high - low]
            codes[low:high] = other_codes[: high - low]
            digit += 16


@njit(cache=True, nogil=True)
def matrices(counts, pooled, strength, floor, out):
    """M step of `confusion.full`: counts and out (workers * classes, classes), by label and class;
    pooled: (classes, classes) by true class and label."""
    classes = counts.shape[1]
    for w in range(len(counts) // classes):
        for k in range(classes):
            total = 0.0
            for label in range(classes):
                row = w * classes + label
                out[row, k] = counts[row, k] / 4294967296.0 + strength * pooled[k, label]
                total += out[row, k]
            floored = 0.0
            for label in range(classes):
                row = w * classes + label
                share = out[row, k] / total if total > 0 else 1.0 / classes
                out[row, k] = max(share, floor)
                floored += out[row, k]
            for label in range(classes):
                out[w * classes + label, k] /= floored


@lru_cache(maxsize=16)
def passes(classes: int, careful: bool = True) -> SimpleNamespace:
    """The passes for a number of classes, which the compiler unrolls its loops by.

    careful: whether a product of chances could get too small for a float.
    A table has a row for each worker and label: `classes` chances, then the counts by class; of
    two classes only the first is counted, the second is what is missing to the row's judgments.
    """
    counted = 1 if classes == 2 else classes

    @njit(cache=True, nogil=True)
    def expect(
        starts, place, codes, tasks, shift, known, prior, chances, counts, totals, first, end
    ):
        """One E step with its sums over blocks first:end; the log-likelihood * 2**24.

        chances, counts: two views of one table, as floats and as whole numbers; the first part
        of a row is read, the second added to.
        """
        p = np.empty((1 << shift, classes))
        q = p.view(np.int64)
        scale = np.zeros(1 << shift)
        sure = np.zeros(1 << shift)  # logs of the known classes, too small for a float beside top
        likelihood = 0
        for b in range(first, end):
            width = min(1 << shift, tasks - (b << shift))
            for t in range(width):
                for k in range(classes):
                    p[t, k] = prior[k]
            if careful:
                scale[:] = 0.0
                sure[:] = 0.0
            for j in range(starts[b], starts[b + 1]):
                t, code = place[j], codes[j]
                if careful:
                    if known[(b << shift) + t] >= 0:
                        sure[t] += np.log(chances[code, known[(b << shift) + t]])
                    top = 0.0
                    for k in range(classes):
                        p[t, k] *= chances[code, k]
                        top = max(top, p[t, k])
                    if top < SMALL:
                        scale[t] += np.log(top)
                        for k in range(classes):
                            p[t, k] /= top
                else:
                    for k in range(classes):
                        p[t, k] *= chances[code, k]
            for t in range(width):
                total = 0.0
                for k in range(classes):
                    total += p[t, k]
                label = known[(b << shift) + t]
                if label >= 0:
                    evidence = sure[t] + np.log(prior[label]) if careful else np.log(p[t, label])
                    for k in range(classes):
                        q[t, k] = 2**32 if k == label else 0
                        totals[k] += q[t, k]
                else:
                    evidence = np.log(total) + scale[t]
                    part = 4294967296.0 / total
                    for k in range(counted):
                        q[t, k] = np.int64(p[t, k] * part + 0.5)
                        totals[k] += q[t, k]
                    if classes == 2:
                        totals[1] += 2**32 - q[t, 0]
                likelihood += np.int64(np.rint(evidence * 16777216.0))
            for j in range(starts[b], starts[b + 1]):
                t, code = place[j], codes[j]
                for k in range(counted):
                    counts[code, classes + k] += q[t, k]
        return likelihood

    @njit(cache=True, nogil=True)
    def begin(starts, place, codes, tasks, shift, known, counts, totals, first, end):
        """The sums with shares of votes in the posteriors' place."""
        q = np.empty((1 << shift, classes), dtype=np.int64)
        for b in range(first, end):
            width = min(1 << shift, tasks - (b << shift))
            q[:] = 0
            for j in range(starts[b], starts[b + 1]):
                q[place[j], codes[j] % classes] += 1
            for t in range(width):
                votes = 0
                for k in range(classes):
                    votes += q[t, k]
                label = known[(b << shift) + t]
                if label < 0 and votes == 0:
                    continue
                for k in range(classes):
                    if label >= 0:
                        q[t, k] = 2**32 if k == label else 0
                    elif k < counted:
                        q[t, k] = np.int64(q[t, k] / votes * 4294967296.0 + 0.5)
                    else:
                        q[t, 1] = 2**32 - q[t, 0]
                    totals[k] += q[t, k]
            for j in range(starts[b], starts[b + 1]):
                t, code = place[j], codes[j]
                for k in range(counted):
                    counts[code, classes + k] += q[t, k]

    @njit(cache=True, nogil=True)
    def posterior(starts, place, codes, tasks, shift, prior, chances, out, first, end):
        """P(true class | judgments) into out, (tasks, classes)."""
        for b in range(first, end):
            base = b << shift
            for t in range(base, min(base + (1 << shift), tasks)):
                for k in range(classes):
                    out[t, k] = prior[k]
            for j in range(starts[b], starts[b + 1]):
                t, code = base + np.int64(place[j]), codes[j]
                top = 0.0
                for k in range(classes):
                    out[t, k] *= chances[code, k]
                    top = max(top, out[t, k])
                if top < SMALL:
                    for k in range(classes):
                        out[t, k] /= top
            for t in range(base, min(base + (1 << shift), tasks)):
                total = 0.0
                for k in range(classes):
                    total += out[t, k]
                for k in range(classes):
                    out[t, k] /= total

    return SimpleNamespace(expect=expect, begin=begin, posterior=posterior)
