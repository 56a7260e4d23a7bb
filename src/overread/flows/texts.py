"""What people write to each other: contributors' objections and questions, owners' answers."""

from overread.core.problems import Message, Refused

MOST_CHARACTERS = 2_000


def text_of(written: str) -> str:
    """The text as it is kept. Raises Refused where it is empty or too long."""
    # Browsers send CRLF; PostgreSQL holds no NUL, UTF-8 no lone surrogate.
    clean = written.replace("\x00", "").replace("\r\n", "\n")
    clean = clean.encode("utf-8", "replace").decode("utf-8").strip()
    if not clean:
        raise Refused.because(Message("The text is empty."), Message("Write a sentence or two."))
    if len(clean) > MOST_CHARACTERS:
        raise Refused.because(
            Message("The text has {length} characters.", length=len(clean)),
            Message("Shorten it to at most {most}.", most=MOST_CHARACTERS),
        )
    return clean
