"""Compiles the catalogues of translations, so that nobody needs gettext's tools to install.

A catalogue is a .po file; Django reads .mo files (GNU gettext manual, sections 10.1 and 10.3).
Babel would do it too, with 11 MB of data about languages that nothing else here needs.
"""

import ast
import re
import struct
from pathlib import Path

LINE = re.compile(r'^(msgctxt|msgid|msgid_plural|msgstr|msgstr\[\d+\])?\s*(".*")$')
MAGIC = 0x950412DE


def compile_all(root: Path) -> None:
    """Write a .mo beside every .po that is newer."""
    for source in sorted(root.glob("src/overread/*/locale/*/LC_MESSAGES/*.po")):
        made = source.with_suffix(".mo")
        if not made.exists() or made.stat().st_mtime < source.stat().st_mtime:
            made.write_bytes(compiled(source.read_text(encoding="utf-8")))


def compiled(text: str) -> bytes:
    """The .mo of a .po; what is not translated, or marked as fuzzy, is left out."""
    found: dict[str, str] = {}
    for block in re.split(r"\n\s*\n", text):
        entry = _entry(block)
        translated = [value for key, value in entry.items() if key.startswith("msgstr")]
        if not all(translated) or not translated or re.search(r"^#,.*fuzzy", block, re.M):
            continue
        key = entry["msgid"]
        key = f"{entry['msgctxt']}\x04{key}" if "msgctxt" in entry else key
        key = f"{key}\x00{entry['msgid_plural']}" if "msgid_plural" in entry else key
        found[key] = "\x00".join(translated)
    return _tables(sorted((key.encode(), value.encode()) for key, value in found.items()))


def _entry(block: str) -> dict[str, str]:
    """What each keyword of a block says, its lines put together."""
    entry: dict[str, str] = {}
    keyword = ""
    for line in block.splitlines():
        match = LINE.match(line.strip())
        if match:
            keyword = match[1] or keyword
            entry[keyword] = entry.get(keyword, "") + ast.literal_eval(match[2])
    return entry


def _tables(pairs: list[tuple[bytes, bytes]]) -> bytes:
    """Two tables of lengths and offsets, then the texts, each with a zero at its end."""
    start = 28 + 16 * len(pairs)
    texts, tables = b"", []
    for side in (0, 1):
        for pair in pairs:
            tables.append(struct.pack("<II", len(pair[side]), start + len(texts)))
            texts += pair[side] + b"\x00"
    head = struct.pack("<7I", MAGIC, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, 0)
    return head + b"".join(tables) + texts
