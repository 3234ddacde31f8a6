"""What is known of a lesson beyond its words, and the choices of what is wanted of it, as the plans share them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dataclaw.domains.education.lessons import Lesson
from dataclaw.domains.education.sentences import Sentence
from dataclaw.domains.education.titles import PassageTitle
from dataclaw.domains.education.words import TALK
from dataclaw.planning import Asking, keep, option
from dataclaw.types import Anchor, Span


class ToldOfLesson:
    """What is known of a lesson; here, what its stream says. A source that knows more overrides it."""

    def lesson(self, found: Lesson) -> Lesson:
        """The lesson as it is meant: a sentence may be known in better words than those that were heard."""
        return found

    def is_talk(self, sentence: Sentence) -> bool:
        """Whether a sentence teaches nothing of the subject."""
        return bool(TALK.search(sentence.text))

    def title(self, found: Lesson) -> PassageTitle | None:
        """What the part that is asked for is called, None where that is for its slides and words to say."""
        del found
        return None


def part_option(name: str, shown: str, said: Sequence[Sentence], cites: Sequence[str], span: Span) -> Anchor:
    """A part of a lesson as an option of `education.sections`: its title, or what is shown, with all that is said."""
    words = " ".join([shown, *(sentence.text for sentence in said)]).strip()
    return option(name, words, cites, t0=round(span[0], 2), t1=round(span[1], 2))


def choose_sentences(said: Sequence[Sentence], refused: Mapping[int, str]) -> Asking[tuple[dict[int, str], str]]:
    """Ask which sentences are wanted.

    Args:
        said: the sentences of the parts that are wanted.
        refused: why rules leave sentences out, by index.

    Returns:
        Why sentences are left out, by index; and who chose.
    """
    if not said:
        return {}, "rules"
    options = [option(f"s{at}", s.text, s.cites, t0=round(s.t0, 2), t1=round(s.t1, 2)) for at, s in enumerate(said)]
    dropped, by = yield from keep(
        "education.sentences", options, {f"s{at}": why for at, why in refused.items()}, "not_needed"
    )
    return {at: dropped[f"s{at}"] for at in range(len(said)) if f"s{at}" in dropped}, by
