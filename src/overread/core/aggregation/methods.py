"""The methods by the names that the command line and the server know them by."""

from overread.core.aggregation.auto import Auto
from overread.core.aggregation.dawid_skene import DawidSkene, OneCoin
from overread.core.aggregation.glad import Glad
from overread.core.aggregation.method import Method
from overread.core.aggregation.ordinal import Ordinal
from overread.core.aggregation.voting import Confidence, Majority

METHODS: dict[str, Method] = {
    method.name: method
    for method in (Auto(), Majority(), Confidence(), OneCoin(), DawidSkene(), Glad(), Ordinal())
}
