"""Agent traces for supervised training: the chat as a model has it, with what it is to learn marked.

Target are the policy's turns that went well. A turn that failed, or was sent back, stays as context, so that the model
learns how to go on from it and not how to get there.
"""

from __future__ import annotations

from dataclaw.agent.session import Session
from dataclaw.agent.steps import State
from dataclaw.types import Json, Picture, Stream


def trace_of(state: State, session: Session) -> list[dict[str, Json]]:
    """The messages `{role, content, train}` of a finished rollout; `train` is true on what is to be learnt.

    A message with which frames were shown has `pictures`, too: `{frame, part, box, size}` each, `size` the width and
    height of the frame [px]. What came back for the last draft is left out: nothing follows it.
    """
    head = session.messages(state)[:2]
    messages: list[dict[str, Json]] = [{"role": m.role, "content": m.text, "train": False} for m in head]
    turns = list(state.turns)
    if turns and turns[-1].role == "result":
        turns.pop()
    for at, turn in enumerate(turns):
        answer = turns[at + 1].observation if at + 1 < len(turns) else None
        if turn.role == "policy":
            went_well = answer is None or answer.ok
            messages.append({"role": "assistant", "content": turn.text, "train": went_well})
        else:
            shown = [_picture(picture, session.stream) for picture in turn.pictures]
            pictures: dict[str, Json] = {"pictures": shown} if shown else {}
            messages.append({"role": "user", "content": turn.text, "train": False} | pictures)
    return messages


def _picture(picture: Picture, stream: Stream) -> dict[str, Json]:
    frames = stream.parts[picture.part].frames if picture.part else stream.frames
    box = list(picture.box) if picture.box else None
    return {"frame": picture.frame, "part": picture.part, "box": box, "size": list(frames.size) if frames else None}
