"""How an expert puts what it thinks and asks: several ways, one of which is drawn for each place of each ask."""

from __future__ import annotations

from collections.abc import Sequence

from dataclaw.worlds.base import ExpertBrief

BEGINS = ("At {at} an exercise begins: {what}.", "From {at} on it is about {what}.",
          "The teacher turns to {what} at {at}.", "The exercise that starts at {at} is {what}.")  # fmt: skip
ANNOUNCED = ("At {at} the lecturer begins with {what}.", "From {at} on the subject is {what}.",
             "A new chapter starts at {at}: {what}.", "The lecturer announces {what} at {at}.")  # fmt: skip
SHOWN = ("What is shown from {at} to {to} belongs to the subject: {what}.",
         "The picture that is up from {at} to {to} goes with this: {what}.",
         "From {at} to {to} one sees what is told about this: {what}.",
         "A section is due for {at} to {to}: {what}.")  # fmt: skip
STRESSED = ('At {at} the lecturer says "{what}" before the sentence at {to}.',
            '"{what}", says the lecturer at {at}, so the sentence at {to} is worth a question.',
            'The sentence at {to} matters, since it is announced at {at} by "{what}".')  # fmt: skip
EXAM = ('After the sentence at {at} comes "{what}", so it is worth a question.',
        'Of what is said at {at} the lecturer says "{what}".')  # fmt: skip
ASIDE = ("What is said at {at} is {what} and no part of the subject.",
         "At {at} comes {what}, which teaches nothing of the subject.",
         "With {what} the talk leaves the subject at {at}.")  # fmt: skip
SLIP = ("The figure said at {at} is a slip; it is put right at {to}.",
        "At {to} the figure of {at} is corrected, so only the later one counts.",
        "Two figures are given, and the one at {at} is taken back at {to}.")  # fmt: skip
HARD = ('Before the step at {to} the teacher says "{what}".', 'The teacher warns of the step at {to}: "{what}".',
        'At {to} comes a step that the teacher introduces by "{what}".')  # fmt: skip
STUCK = ('At {at} the teacher says "{what}", and this is the step that is meant.',
         '"{what}", says the teacher at {at}: a student needs help right here.',
         'The hard step is announced at {at} by "{what}".')  # fmt: skip
WIPED = ("The line before is a mistake and is wiped off at {at}.",
         "At {at} a wrong line is taken off the board, so it is not what comes next.")  # fmt: skip
PART = ("What is asked about is part of {what}.", "The step that is meant belongs to {what}.",
        "The student's question leads to {what}.")  # fmt: skip
STEP = ("Between {at} and {to} {what}: that is the step.", "The step itself is seen between {at} and {to}: {what}.",
        "From {at} to {to} {what}, and that is what comes next.")  # fmt: skip


def put(order: ExpertBrief, forms: Sequence[str], **values: str) -> str:
    """One of several ways to say something, drawn by the stream, the ask and what is said."""
    drawn = order.scene.spec.rng("put", order.request.task, order.request.intent, *values.values())
    return drawn.choice(forms).format(**values)


def plain(sentence: str) -> str:
    """A sentence as it is quoted inside another: without the mark at its end."""
    return sentence.rstrip(".!")
