"""The loops over judgments, compiled by numba; `judgments` and `sums` call them where it is there.

The layout is `judgments.Judgments`: tasks in blocks whose figures stay in the cache, and within a
block the judgments by contributor, so that the tables are read in order however many contributors
there are. Sums are kept in whole numbers: see `sums`.

Every class is compared with the first: `ratios`, (workers * classes, classes - 1), holds of each
code P(label | class) / P(label | first class), so that of the first class nothing is multiplied or
counted. in_logs: they are logarithms, for products that leave the range of floats. `others` is a
tuple as long as the classes but the first: its type tells the compiler how far to unroll.
"""

import numpy as np
from numba import njit

FLUSH = 1e40
SHARE = 2.0**-32
DIGIT = 16


@njit(cache=True, nogil=True)
def count(task, shift, starts):
    """Add each judgment to the block after its own: their running sum says where blocks start."""
    for j in range(len(task)):
        starts[(task[j] >> shift) + 1] += 1


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
def order(starts, place, codes):
    """Within each block by code, then by task: radix sort in the cache, DIGIT bits at a time."""
    most = 0
    for b in range(len(starts) - 1):
        most = max(most, starts[b + 1] - starts[b])
    other_place = np.empty(most, dtype=place.dtype)
    other_codes = np.empty(most, dtype=codes.dtype)
    for b in range(len(starts) - 1):
        own_place, own_codes = place[starts[b] : starts[b + 1]], codes[starts[b] : starts[b + 1]]
        if not _ascends(own_place):
            _sort(own_place, own_place, own_codes, other_place, other_codes)
        _sort(own_codes, own_place, own_codes, other_place, other_codes)


@njit(cache=True, nogil=True)
def _ascends(keys):
    falls = 0
    for j in range(1, len(keys)):
        falls += keys[j] < keys[j - 1]
    return falls == 0


@njit(cache=True, nogil=True)
def _sort(keys, place, codes, other_place, other_codes):
    """keys: place or codes themselves; equal ones keep their order."""
    highest = np.uint64(0)
    for j in range(len(keys)):
        highest = max(highest, np.uint64(keys[j]))
    bits = 0
    while highest >> np.uint64(bits):
        bits += 1
    digits = (bits + DIGIT - 1) // DIGIT
    width = (bits + digits - 1) // max(digits, 1)
    mask = np.uint64((1 << width) - 1)
    ends = np.empty((1 << width) + 1, dtype=np.int32)
    for digit in range(digits):
        shift = np.uint64(digit * width)
        ends[:] = 0
        for j in range(len(keys)):
            ends[((np.uint64(keys[j]) >> shift) & mask) + np.uint64(1)] += 1
        for i in range(1 << width):
            ends[i + 1] += ends[i]
        for j in range(len(keys)):
            digit_ = (np.uint64(keys[j]) >> shift) & mask
            at = np.uint32(ends[digit_])
            other_place[at] = place[j]
            other_codes[at] = codes[j]
            ends[digit_] += 1
        place[:] = other_place[: len(place)]
        codes[:] = other_codes[: len(codes)]


@njit(cache=True, nogil=True)
def tally(starts, place, codes, shift, per_task, per_code):
    """Count the judgments of each task and of each code."""
    for b in range(len(starts) - 1):
        base = b << shift
        for j in range(starts[b], starts[b + 1]):
            per_task[base + place[j]] += 1
            per_code[codes[j]] += 1


@njit(cache=True, nogil=True)
def whole(counted, per_code, counts):
    """The counts of all classes from those of all but the first, which has the rest."""
    for row in range(len(counts)):
        rest = np.int64(per_code[row]) << 32
        for k in range(counted.shape[1]):
            counts[row, k + 1] = counted[row, k]
            rest -= counted[row, k]
        counts[row, 0] = rest


@njit(cache=True, nogil=True)
def matrices(others, counts, rows, strength, floor, out):
    """M step of `confusion.full`: counts and out (workers, classes, classes) by label and true
    class; rows: (classes, classes) the pool's own pseudo-judgments by true class and label."""
    classes = len(others) + 1
    summed = np.zeros((classes, classes), dtype=np.int64)
    for w in range(len(counts)):
        for label in range(classes):
            for k in range(classes):
                summed[k, label] += counts[w, label, k]
    pooled = summed * SHARE + rows
    for k in range(classes):
        total = pooled[k].sum()
        pooled[k] *= 1 / total if total > 0 else 0.0
        pooled[k] += 0.0 if total > 0 else 1 / classes
        pooled[k] = np.maximum(pooled[k], floor)
        pooled[k] *= strength / pooled[k].sum()
    for w in range(len(counts)):
        for k in range(classes):
            total = 0.0
            for label in range(classes):
                out[w, label, k] = counts[w, label, k] * SHARE + pooled[k, label]
                total += out[w, label, k]
            scale, empty = (1 / total, 0.0) if total > 0 else (0.0, 1 / classes)
            floored = 0.0
            for label in range(classes):
                share = max(out[w, label, k] * scale + empty, floor)
                out[w, label, k] = share
                floored += share
            scale = 1 / floored
            for label in range(classes):
                out[w, label, k] *= scale


@njit(cache=True, nogil=True)
def ratios(others, chances, out):
    """Each row of chances relative to its first; the least chance of all."""
    least = 1.0
    for row in range(len(chances)):
        scale = 1 / chances[row, 0]
        least = min(least, chances[row, 0])
        for k in range(len(others)):
            out[row, k] = chances[row, k + 1] * scale
            least = min(least, chances[row, k + 1])
    return least


@njit(cache=True, nogil=True)
def evidence(others, counts, chances):
    """log P(judgments) if every task were of the first class."""
    total = 0.0
    for row in range(len(counts)):
        made = 0
        for k in range(len(others) + 1):
            made += counts[row, k]
        total += made * SHARE * np.log(chances[row, 0])
    return total


@njit(cache=True, nogil=True)
def _weigh(others, in_logs, place, codes, ratios, odds, p):
    """p: (width, rest) P(judgments, class) / P(judgments, first class)."""
    for t in range(len(p)):
        for k in range(len(others)):
            p[t, k] = odds[k]
    for j in range(len(place)):
        t, code = place[j], np.uint64(codes[j])
        for k in range(len(others)):
            if in_logs:
                p[t, k] += ratios[code, k]
            else:
                p[t, k] *= ratios[code, k]


@njit(cache=True, nogil=True)
def _settle(others, in_logs, p, t):
    """The row relative to the likeliest class; the sum over classes, and the log of that."""
    top = 0.0
    if in_logs:
        for k in range(len(others)):
            top = max(top, p[t, k])
    total = np.exp(-top) if in_logs else 1.0
    for k in range(len(others)):
        if in_logs:
            p[t, k] = np.exp(p[t, k] - top)
        total += p[t, k]
    return total, top


@njit(cache=True, nogil=True)
def _collect(others, place, codes, q, counts):
    for j in range(len(place)):
        t, code = place[j], np.uint64(codes[j])
        for k in range(len(others)):
            counts[code, k] += q[t, k]


@njit(cache=True, nogil=True)
def expect(
    starts,
    place,
    codes,
    tasks,
    shift,
    others,
    known,
    in_logs,
    odds,
    ratios,
    counts,
    totals,
    first,
    end,
):
    """One E step with its sums over blocks first:end.

    Returns log P(judgments) / P(judgments and first class everywhere) * 2**36, rounded for each
    block, since blocks are never divided: what is above 2**24, and the rest.
    """
    figures = np.empty((1 << shift, len(others)))
    high, low = 0, 0
    for b in range(first, end):
        base = b << shift
        p = figures[: min(1 << shift, tasks - base)]
        q = p.view(np.int64)
        here, there = starts[b], starts[b + 1]
        _weigh(others, in_logs, place[here:there], codes[here:there], ratios, odds, p)
        evidence, product = 0.0, 1.0
        for t in range(len(p)):
            label = known[base + t]
            left = np.int64(2**32)
            if label >= 0:
                if label > 0:
                    evidence += p[t, label - 1] if in_logs else np.log(p[t, label - 1])
                for k in range(len(others)):
                    q[t, k] = 2**32 if k == label - 1 else 0
                    totals[k + 1] += q[t, k]
                    left -= q[t, k]
                totals[0] += left
                continue
            total, top = _settle(others, in_logs, p, t)
            evidence += top
            product *= total
            if product > FLUSH:
                evidence += np.log(product)
                product = 1.0
            part = 4294967296.0 / total
            for k in range(len(others)):
                q[t, k] = min(np.int64(p[t, k] * part + 0.5), left)
                totals[k + 1] += q[t, k]
                left -= q[t, k]
            totals[0] += left
        evidence += np.log(product)
        rounded = np.int64(np.rint(evidence * 68719476736.0))
        high += rounded >> 24
        low += rounded & 16777215
        _collect(others, place[here:there], codes[here:there], q, counts)
    return high, low


@njit(cache=True, nogil=True)
def begin(starts, place, codes, tasks, shift, others, known, counts, totals, first, end):
    """The sums with shares of votes in the posteriors' place."""
    classes = len(others) + 1
    shares = np.empty((1 << shift, len(others)), dtype=np.int64)
    votes = np.empty((1 << shift, classes), dtype=np.int64)
    for b in range(first, end):
        base = b << shift
        q = shares[: min(1 << shift, tasks - base)]
        here, there = starts[b], starts[b + 1]
        votes[:] = 0
        for j in range(here, there):
            votes[place[j], np.uint64(codes[j]) % np.uint64(classes)] += 1
        for t in range(len(q)):
            label = known[base + t]
            cast = 0
            for k in range(classes):
                cast += votes[t, k]
            left = np.int64(2**32) if label >= 0 or cast else np.int64(0)
            part = 4294967296.0 / max(cast, 1)
            for k in range(len(others)):
                share = np.int64(votes[t, k + 1] * part + 0.5)
                if label >= 0:
                    share = 2**32 if k == label - 1 else 0
                q[t, k] = min(share, left)
                totals[k + 1] += q[t, k]
                left -= q[t, k]
            totals[0] += left
        _collect(others, place[here:there], codes[here:there], q, counts)


@njit(cache=True, nogil=True)
def posterior(starts, place, codes, tasks, shift, others, in_logs, odds, ratios, out, first, end):
    """P(true class | judgments) into out, (tasks, classes)."""
    figures = np.empty((1 << shift, len(others)))
    for b in range(first, end):
        base = b << shift
        p = figures[: min(1 << shift, tasks - base)]
        here, there = starts[b], starts[b + 1]
        _weigh(others, in_logs, place[here:there], codes[here:there], ratios, odds, p)
        for t in range(len(p)):
            total, top = _settle(others, in_logs, p, t)
            out[base + t, 0] = (np.exp(-top) if in_logs else 1.0) / total
            for k in range(len(others)):
                out[base + t, k + 1] = p[t, k] / total
