"""The words in which parts of a session are asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

HEADS: Mapping[str, Sequence[str]] = {
    "action_sequence": (
        "list the actions {rel}",
        "the exact clicks and keys {rel}",
        "give me the event sequence {rel}",
        "extract the operations {rel}",
        "I need the raw steps {rel}",
        "the actions that were taken {rel}",
        "an ordered action log {rel}",
        "structured actions {rel}",
    ),
    "navigation_sft": (
        "agent training steps {rel}",
        "make SFT samples with thoughts and code {rel}",
        "observation, thought and action for every step {rel}",
        "a training trajectory {rel}",
        "lessons for a computer use agent {rel}",
        "annotated pyautogui steps {rel}",
        "fine-tuning data {rel}",
        "navigation data with reasoning {rel}",
    ),
    "how_to": (
        "write a tutorial {rel}",
        "a short help page {rel}",
        "an explanation for a colleague {rel}",
        "instructions with screenshots {rel}",
        "a guide for beginners {rel}",
        "a step-by-step explanation for a person {rel}",
        "a handbook page {rel}",
        "walk somebody through it {rel}",
    ),
    "test_steps": (
        "test steps {rel}",
        "a regression test {rel}",
        "a QA checklist with expected results {rel}",
        "an acceptance test {rel}",
        "a verification plan {rel}",
        "a test case {rel}",
        "steps a tester can repeat {rel}",
        "precondition, action and result of each step {rel}",
    ),
}
HEADS_ZH: Mapping[str, Sequence[str]] = {
    "action_sequence": ("列出{rel}的操作", "整理{rel}的动作序列", "提取{rel}的点击和输入"),
    "navigation_sft": ("生成{rel}的智能体训练数据", "以{rel}为目标,写出带思考和代码的步骤", "做一份{rel}的微调轨迹"),
    "how_to": ("写一份教程,教人{rel}", "给新手讲解怎么{rel}", "做一份{rel}的图文说明"),
    "test_steps": ("为{rel}写测试步骤", "写一个{rel}的测试用例", "检查{rel}的验证步骤"),
}
BY_GOAL = (
    "for the part where {gist}",
    "about how {gist}",
    "but only what was needed so that {gist}",
    "- nothing but this: {gist}",
    "showing how {gist}, without anything else",
    "for this goal alone: {goal}",
    "- just the bit in which {gist}",
    "with all that serves the wish to {goal}",
    "for somebody who wants to {goal}",
)
BY_REST = (
    "about all that was done, apart from how {gist}",
    "for everything else than the part in which {gist}",
    "on the other errands; {gist}, and that part I have already",
    "- leave this one out, the others stay: {goal}",
)
AFTER = (
    "for what was still to be done once it was settled that {gist}",
    "about the errands that follow the one in which {gist}",
    "- whatever comes later than the wish to {goal}",
)
BEFORE = (
    "for what was achieved earlier than the part in which {gist}",
    "about the errands that precede the one in which {gist}",
    "- whatever comes ahead of the wish to {goal}",
)
UNTIL = (
    'about how {gist}, up to the click on "{name}"',
    'for the wish to {goal}, as far as the click on "{name}" and no further',
    'on the beginning of this: {goal}; stop with the click on "{name}"',
    '- how {gist}, but nothing past the click on "{name}"',
    'for what it takes until "{name}" is clicked (that included), given the wish to {goal}',
)
SINCE = (
    'about how {gist}, beginning with the click on "{name}"',
    'for the wish to {goal}, starting at the click on "{name}"',
    'on what is left of this: {goal}; start with the click on "{name}"',
    '- how {gist}, but nothing ahead of the click on "{name}"',
    'for the rest of the way, "{name}" being the first click, given the wish to {goal}',
)
BY_PERSON = (
    "about everything that concerns {person}",
    "for what was done for {person}",
    "on what has to do with {person}",
    "- only the parts about {person}",
)
BY_NAME = (
    'about the {thing} "{name}" only',
    'for what is done with the {thing} "{name}"',
    'on everything that concerns "{name}"',
    '- only the {thing} called "{name}"',
)
BY_ORDER = (
    "for the {nth} thing that was done",
    "of the {nth} goal only",
    "about the {nth} of the {count} tasks",
    "- just the {nth} errand, not the others",
)
BY_APP = (
    "of only the {window} window",
    "in {window}, nothing else",
    "of just the {window} part",
    "limited to {window}",
)
CLEANLY = (
    "without the mistakes and detours",
    "with only the steps that matter",
    "as short as possible, no wrong turns",
    "leaving out typos and wrong turns",
    "with the minimal path to the result",
)
WITHOUT: Mapping[str, Sequence[str]] = {
    "noise": (
        "except closing what popped up",
        "but ignore the advertisements and cookie notices",
        "leave out the pop-ups only",
    ),
    "undone": (
        "except what was taken back again",
        "but skip what was typed wrong or undone, and only that",
        "leaving out corrections and nothing else",
    ),
    "detour": (
        "except the looking around",
        "but leave out where somebody only looked and came back",
        "without the visits that led nowhere, mistakes may stay",
    ),
}
ASIDE = ("but leave out {window}", "of everything except {window}", "ignoring {window}")
IN_TIME = ("between {a} s and {b} s", "from {a} s to {b} s", "of the first {n} seconds", "after {a} s")
WHOLE = (
    "from beginning to end, mistakes included",
    "with every single event",
    "covering everything",
    "of all that happened",
)
VAGUE: Mapping[str, Sequence[str]] = {
    "action_sequence": (
        "can you get the moves out of this",
        "I want the data in this thing",
        "hm, what went on here, as a list?",
    ),
    "navigation_sft": ("something my agent can learn from", "need stuff to train the bot", "make it learnable"),
    "how_to": ("my mum should be able to do this", "how did they do that??", "something I can hand to the new guy"),
    "test_steps": (
        "so QA can check it",
        "does this still work next week? write it up",
        "something we can run again to be sure",
    ),
    "multi_event_decomposition": (
        "what all is going on here",
        "sort this mess into its errands",
        "too long, which bits are there?",
    ),
}
SPLITTING = (
    "which errands does the user run here, and do they depend on each other?",
    "cut this recording where the purpose changes",
    "name every goal of the session with its first and last event",
    "is this one job or several? say where each begins",
    "break it down by what the user wanted",
    "find the boundaries between the tasks",
    "list the separate jobs and whether one uses the result of another",
    "how does the session fall into parts with one purpose each?",
    "mark where something new is started or taken up again",
    "group the events by purpose, also where tasks are interleaved",
    "tell apart the things that are done here",
    "split by goal, not by window",
    "what are the sub-goals, are they independent?",
    "segment by intention, sequential or parallel?",
    "give me the fragments of this session and their relation",
)
SPLITTING_ZH = (
    "用户一共想完成几件事?在哪里切换?",
    "按目的切分这段操作",
    "找出每个子任务的起止事件",
    "这些任务彼此依赖还是独立?",
)
SPLIT = (
    "cut this session",
    "divide the recording",
    "break up the trace",
    "segment what happens here",
    "split the work that is shown",
    "take this apart",
    "partition these events",
    "find the pieces of this session",
)
SPLIT_HOW = (
    "where the purpose changes",
    "by what the user wanted",
    "goal by goal, and say how they depend on each other",
    "into jobs with their first and last event",
    "wherever something new is begun or taken up again",
    "so that each part has one aim",
    "and tell whether the parts are sequential or parallel",
    "by intention and not by window",
)
SPLIT_ZH = ("把这段操作", "将录屏", "请把整个会话", "把这些事件")
SPLIT_HOW_ZH = ("按目的切分", "分成若干子任务并说明关系", "在目标变化处断开", "拆成一件件事情", "按用户意图分段")
