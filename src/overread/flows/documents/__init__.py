"""Documents about a job that leave the house: its preview, its proposal."""

from overread.flows.documents.datasheet import datasheet
from overread.flows.documents.preview import preview_html
from overread.flows.documents.proposal import proposal_html, proposal_markdown

__all__ = ["datasheet", "preview_html", "proposal_html", "proposal_markdown"]
