"""From judgments to consensus, agreement and uncertainty: arrays in, frozen results out.

Only numpy is needed; with the extra `aggregate` the loops over judgments are compiled.
"""

from overread.core.aggregation.auto import Auto
from overread.core.aggregation.confidence import (
    METHOD,
    METHOD_VERSION,
    Agreed,
    Averaged,
    Collected,
    Opinion,
    Shared,
    above,
    agree,
    average,
    collect,
    confidences,
)
from overread.core.aggregation.confusion import NO_PRIOR, Prior
from overread.core.aggregation.dawid_skene import DawidSkene, OneCoin
from overread.core.aggregation.fit import Fit
from overread.core.aggregation.glad import Glad
from overread.core.aggregation.judgments import BadJudgments, Judgments
from overread.core.aggregation.marks import Drawing, Finding, Fusing
from overread.core.aggregation.ordinal import Ordinal
from overread.core.aggregation.voting import Confidence, Majority

__all__ = [
    "METHOD",
    "METHOD_VERSION",
    "NO_PRIOR",
    "Agreed",
    "Auto",
    "Averaged",
    "BadJudgments",
    "Collected",
    "Confidence",
    "DawidSkene",
    "Drawing",
    "Finding",
    "Fit",
    "Fusing",
    "Glad",
    "Judgments",
    "Majority",
    "OneCoin",
    "Opinion",
    "Ordinal",
    "Prior",
    "Shared",
    "above",
    "agree",
    "average",
    "collect",
    "confidences",
]
