"""What a message shows: its text and its images in the order in which a model reads them, or why one is not there.

A picture that cannot be shown does not end a rollout: the policy reads why, as it does when a tool fails, and it is
counted. One for which there is no room is left out with all its tokens, and so are those behind it.
"""

from __future__ import annotations

import logging
from collections import Counter, OrderedDict
from collections.abc import Iterator, Sequence
from typing import Any

from dataclaw.errors import StreamError
from dataclaw.models import chatml
from dataclaw.models.pictures import image_of, missing
from dataclaw.models.vision import ImagePatches, Patches, Vision
from dataclaw.types import Picture, Stream

log = logging.getLogger(__name__)
KEPT = 128
"""Images that are kept as patches; the rollouts of a group look at the same frames."""
SHOWN, UNAVAILABLE, CROWDED = "shown", "unavailable", "no room"


def message_pieces(
    tokeniser: Any, role: str, text: str, parts: Sequence[Patches | str]
) -> Iterator[list[int] | Patches]:
    """A message with pictures in the order of its tokens; text between two images is tokenised as one.

    Args:
        tokeniser: tokeniser of the model.
        role: who speaks.
        text: what is said.
        parts: what stands behind it: images, and words in place of some.
    """
    words = chatml.opening(role) + chatml.plain(text)
    for part in parts:
        if isinstance(part, str):
            words += part
            continue
        if words:
            yield chatml.tokens_of(tokeniser, words)
        yield part
        words = ""
    yield chatml.tokens_of(tokeniser, words + chatml.closing())


class Gallery:
    """Shows the pictures of streams to one model.

    Args:
        vision: how the model sees.
        room: tokens up to which a conversation may grow by images; the rest is for answers.

    Attributes:
        counts: pictures "shown", "unavailable", and left out for want of room ("no room"), so far.
    """

    def __init__(self, vision: Vision, room: int) -> None:
        self.vision = vision
        self.counts: Counter[str] = Counter()
        self._room = room
        self._kept: OrderedDict[tuple[str, str, Picture], ImagePatches] = OrderedDict()

    def parts(self, stream: Stream, pictures: Sequence[Picture], used: int) -> list[ImagePatches | str]:
        """What stands in a message behind its text, in order.

        Args:
            stream: whose frames are shown.
            pictures: which.
            used: tokens of the conversation with the message's text.
        """
        found: list[ImagePatches | str] = []
        for at, picture in enumerate(pictures):
            try:
                image = self.image(stream, picture)
            except StreamError as error:
                log.info("%s", error)
                self.counts[UNAVAILABLE] += 1
                found.append(missing([picture], "not available"))
                continue
            used += self.vision.count(image.grid) + 2
            if used > self._room:
                self.counts[CROWDED] += len(pictures) - at
                return [*found, missing(pictures[at:], "no room is left")]
            self.counts[SHOWN] += 1
            found.append(image)
        return found

    def image(self, stream: Stream, picture: Picture) -> ImagePatches:
        """A picture as patches, computed once while it is looked at again.

        Raises:
            StreamError: it cannot be shown.
        """
        key = (stream.id, stream.path, picture)
        if key not in self._kept:
            self._kept[key] = self.vision.patches(image_of(stream, picture, self.vision.side))
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]
