"""How hard a text is to read, in any language that is written with spaces."""

import re

LONG_WORD = 6  # letters; a longer word is a long one
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
# A sentence ends with its mark, or with its line: items of a list often have none.
_SENTENCE = re.compile(r"[.!?:;]+\s|\n")


def lix(text: str) -> float | None:
    """The readability index of Björnsson (1968): words per sentence + per cent of long words.

    Below 30 very easy, 40 as in fiction, 50 as in a newspaper's facts, 60 as in official texts.
    None where there are no words.
    """
    sentences = [found for one in _SENTENCE.split(text) if (found := _WORD.findall(one))]
    words = [word for sentence in sentences for word in sentence]
    if not words:
        return None
    long = sum(len(word) > LONG_WORD for word in words)
    return len(words) / len(sentences) + 100 * long / len(words)
