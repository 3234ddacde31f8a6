"""How people ask for lessons, questions and summaries: templates by what they mean, beside those of the domain.

A meaning is a set of words: "all" (everything), "topic" ({topic} is named), "count" ({n} things), "first" (the first
{n} minutes), "clean" (without what is no part of the subject), "exam" (what will be in the exam), "place" ({place}:
"the second topic"), "kind" (only figures, reasons, ...).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from dataclaw.worlds.base import Lot
from dataclaw.worlds.wording import declared, slots

Sayings: TypeAlias = Mapping[str, Sequence[str]]
"""Templates by meaning, the words of a meaning divided by blanks."""

LESSON: Sayings = {
    "all": (
        "I was ill that day, make me something to read with the slides in it",
        "illustrated notes please, the way a good student would write them",
        "turn the recording into a readable chapter with its slides",
        "write up this lecture with the pictures that were shown",
        "a script of the lecture, each slide followed by what it means",
        "please give me a handout out of this video",
        "I want to read the lecture instead of watching it, slides included",
        "make a nice lesson out of it, with figures",
        "把这个讲座写成带幻灯片的学习笔记",
        "请把视频整理成可以阅读的教材,配上幻灯片",
        "我想看文字版的课程,要有图",
    ),
    "clean": (
        "lecture notes with the slides, but leave out the stories and announcements",
        "only the teaching, with its slides; skip whatever has nothing to do with the subject",
        "illustrated notes without the digressions",
        "readable notes with pictures, no small talk please",
        "a handout with slides, cut the jokes and the organisational stuff",
        "带图的讲义,去掉闲话和通知",
        "图文讲义,不要跑题的内容",
    ),
    "topic": (
        "a lesson with pictures about {topic}",
        "I only need the part about {topic}, with its slides",
        "illustrated notes, just about {topic} please",
        "make a small lesson about {topic} out of this recording",
        "teach me only about {topic}, and show the slide",
        "关于{topic}的图文讲义",
    ),
    "hint": (
        "could you write up, with the slide, the bit called {topic}",
        "the others told me I missed the explanation of {topic}; write it down with its slide",
        "I did not get {topic}. Please put that passage down with the picture",
        "with slides, but nothing else than {topic}",
        "I want the passage that answers this, with its slide: {question}",
        "write up the topic in which I learn the following, slides included: {question}",
        "somebody asked me this and I had no idea: {question} Please give me that whole topic with its picture",
        "带幻灯片,只要能回答这个问题的主题:{question}",
        "只要讲{topic}的那一部分,配幻灯片",
    ),
    "place": (
        "only {place}, as an illustrated text",
        "write up {place} with its slides",
        "notes with pictures for {place}, nothing else",
        "{place}, as reading material with the slide",
        "只整理{place},要配图",
    ),
    "exam": (
        "only what is on the exam, with the slides",
        "illustrated revision sheet: just the things that the exam will ask",
        "notes with slides on whatever was announced as exam material, nothing more",
        "带幻灯片的复习资料,只要考试会考的内容",
        "I revise for the test: give me the slides and the sentences that will come up there",
    ),
    "first": (
        "illustrated notes for the first {n} minutes",
        "the first {n} minutes with slides, written out",
        "前{n}分钟的图文讲义",
    ),
}
QUESTIONS: Sayings = {
    "all": (
        "what should I ask my students after this",
        "make a quiz out of it, with the solutions",
        "test questions with answers for this recording, please",
        "I need control questions with proof from the lecture",
        "help me check whether I understood the class",
        "write an oral exam for this talk, answers included",
        "questions and answers for revision",
        "给这段讲课出题,要有答案和出处",
        "请根据讲课内容写几道复习题",
        "what would a fair teacher ask after this class",
    ),
    "count": (
        "{n} questions with answers, please",
        "give me {n} quiz questions for this lecture",
        "please write {n} flashcards",
        "I need exactly {n} questions for my class",
        "{n} questions on what matters most",
        "出{n}道题,附答案",
        "写{n}道问答题,要有依据",
    ),
    "clean count": (
        "{n} serious questions, nothing from the anecdotes or the announcements",
        "{n} questions, and please none on his private stories",
        "{n} questions with right answers: mind that some figures were corrected afterwards",
        "{n}道题,不要问闲聊和通知",
    ),
    "topic": (
        "questions about {topic} with answers",
        "quiz me about {topic}",
        "all you can ask about {topic}",
        "flashcards about {topic}, please",
        "关于{topic}的问答题",
    ),
    "topic count": (
        "{n} questions about {topic} with answers and evidence",
        "I want {n} flashcards about {topic}",
        "{n} test questions about {topic}, please",
    ),
    "hint count": (
        "{n} questions for somebody who slept through the passage called {topic}",
        "please test with {n} questions whether I got {topic} right",
        "{n} questions, all of them taken from the passage on {topic}",
        "出{n}道题,考考{topic}这一段",
        "{n} questions from the same topic as this one: {question}",
        "my friend could not answer this: {question} Give me {n} questions out of that topic",
        "{n} questions, all from where the lecture answers this: {question}",
        "从能回答这个问题的主题里出{n}道题:{question}",
    ),
    "place count": (
        "{n} questions, all from {place}",
        "{n} questions on {place} only",
        "please ask me {n} questions that belong to {place}",
        "从{place}里出{n}道题",
    ),
    "exam count": (
        "{n} questions, only on what will be in the exam",
        "what will he ask in the test? {n} questions with answers",
        "{n} flashcards with nothing but exam material",
        "出{n}道题,只考老师说考试会考的",
        "the exam is tomorrow: {n} questions that it will contain for sure",
    ),
    "kind count": (
        "{n} questions that have {kind} as answer",
        "{n} questions, each of them asking for {kind}",
        "only ask for {kind}: {n} questions",
        "I mix up {kind} all the time, {n} questions please",
    ),
    "first": (
        "questions with answers on the first {n} minutes only",
        "quiz me on the first {n} minutes",
        "前{n}分钟的问答题",
    ),
}
SUMMARY: Sayings = {
    "all": (
        "what was taught here, part by part",
        "chapter marks with a few words on each, please",
        "I need the outline with times",
        "where does it go on to something new, and what is said there",
        "give me the contents with time stamps and the main sentences",
        "sum the class up for someone who was not there",
        "list the parts of this lecture with their times",
        "please make chapters like the ones under a video",
        "按章节总结这次讲座,标出时间",
        "这节课讲了哪几部分,各从什么时候开始",
        "帮我列一个带时间的提纲",
        "short overview, please, with the important sentences",
    ),
    "clean": (
        "outline with times, without the stories and the announcements",
        "what he really taught, by chapter; leave the chatter out",
        "chapters and main sentences, but skip the jokes",
        "summary by parts, and mind the corrections: no wrong figures",
        "章节和要点,去掉跑题的部分",
    ),
    "count": (
        "divide the lecture into its {n} chapters",
        "{n} chapters with titles and times",
        "{n} parts, please, each with its start and its main sentences",
        "分成{n}章,给出标题和时间",
    ),
    "topic": (
        "sum up what is said about {topic}",
        "the chapter about {topic}: when does it start and what matters",
        "only the part about {topic}, in short",
        "总结关于{topic}的部分",
    ),
    "first": (
        "outline of the first {n} minutes",
        "chapters of the first {n} minutes with times",
        "总结前{n}分钟",
    ),
}
TUTORING: Sayings = {}
KINDS = {
    "number": ("a figure", "a number or a year", "numbers"),
    "reason": ("a reason", "a because", "causes"),
    "definition": ("a definition", "the meaning of a term", "definitions"),
    "consequence": ("a consequence", "what follows from something", "consequences"),
}
PLACES = {
    "en": ("the first topic", "the second topic", "the third topic", "the fourth topic", "the fifth topic"),
    "zh": ("第一个主题", "第二个主题", "第三个主题", "第四个主题", "第五个主题"),
}
LAST = {"en": ("the last topic", "the topic at the very end"), "zh": ("最后一个主题",)}


def allowed_by_meaning(lot: Lot, task: str, own: Sayings, skip: Sequence[str] = ()) -> dict[str, list[str]]:
    """The templates that a lot may use, the domain's and one's own, by meaning.

    Args:
        lot: whose split decides.
        task: name of the task.
        own: templates of one's own.
        skip: words of the domain's templates that a world has no answer for.
    """
    meant = {text: meaning for meaning, texts in own.items() for text in texts}
    meant |= {text: meaning_of(text) for text in declared("education", task) if not any(w in text for w in skip)}
    found: dict[str, list[str]] = {}
    for text in lot.pool(list(meant), "template"):
        found.setdefault(meant[text], []).append(text)
    return found


def meaning_of(template: str) -> str:
    """What a template of the domain means, by its slots."""
    if "minutes" in template or "分钟" in template:
        return "first"
    names = slots(template)
    words = [word for slot, word in (("topic", "topic"), ("n", "count")) if slot in names]
    return " ".join(words) or "all"


def is_chinese(text: str) -> bool:
    """Whether a text has Chinese characters."""
    return any("\u4e00" <= c <= "\u9fff" for c in text)
