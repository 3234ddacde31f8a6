"""How people ask for lessons, questions and summaries: templates by what they mean, beside those of the domain.

A meaning is a set of words: "all" (everything), "topic" ({topic} is named), "count" ({n} things), "first" (the first
{n} minutes), "clean" (without what is no part of the subject), "exam" (what will be in the exam), "place" ({place}:
"the second topic"), "kind" (only figures, reasons, ...).
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from dataclaw.worlds.base import SceneSpec
from dataclaw.worlds.wording import declared, slots

Sayings: TypeAlias = Mapping[str, Sequence[str]]
"""Templates by meaning, the words of a meaning divided by blanks."""

LESSON: Sayings = {
    "all": (
        "a reader for students who could not come, with the slides between the text",
        "put the slides and what he says about them on paper",
        "make course material out of the video: slide, then explanation",
        "documentation of the lecture in text and image",
        "slides with proper explanations below, please",
        "把讲解和幻灯片合成一份教材",
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
        "a clean script with slides, private remarks left out",
        "subject matter only, slide after slide",
        "please no chit-chat: slides with their explanation",
        "slides plus teaching, minus the stories",
        "script with pictures, cut everything off topic",
        "pure content with slides",
        "illustrated notes, nothing about exam dates, rooms or pets",
        "pictures and teaching text, drop what is unrelated",
        "lecture notes with the slides, but leave out the stories and announcements",
        "only the teaching, with its slides; skip whatever has nothing to do with the subject",
        "illustrated notes without the digressions",
        "readable notes with pictures, no small talk please",
        "a handout with slides, cut the jokes and the organisational stuff",
        "带图的讲义,去掉闲话和通知",
        "图文讲义,不要跑题的内容",
    ),
    "topic": (
        "notes with slide about {topic}",
        "show and explain all about {topic}",
        "picture and text about {topic}, no more",
        "what he says about {topic}, with the slide",
        "material about {topic}, please with the slide",
        "a lesson with pictures about {topic}",
        "I only need the part about {topic}, with its slides",
        "illustrated notes, just about {topic} please",
        "make a small lesson about {topic} out of this recording",
        "teach me only about {topic}, and show the slide",
        "关于{topic}的图文讲义",
    ),
    "hint": (
        "write up the topic in which this is answered, with slide: {question}",
        "an illustrated page on the part that explains this: {question}",
        "which passage answers this? Write it up with its slide: {question}",
        "text and slide of the section that clears this up: {question}",
        "I need the section behind this question, with its picture: {question}",
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
        "{place} with its slide, written out",
        "put {place} into text and pictures",
        "I only care for {place}; slides and text please",
        "handout for {place}",
        "illustrated text of {place}",
        "turn {place} into a page with its slide",
        "only {place}, as an illustrated text",
        "write up {place} with its slides",
        "notes with pictures for {place}, nothing else",
        "{place}, as reading material with the slide",
        "只整理{place},要配图",
    ),
    "exam": (
        "exam material as illustrated notes",
        "what he announced for the test, with the slides",
        "slides and sentences for the exam, rest left out",
        "cheat sheet: exam sentences and their slides",
        "only the examinable part, with pictures",
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
        "{n} questions about the subject itself",
        "{n} fair questions, stories excluded",
        "{n} questions, only real content",
        "{n} questions; do not fall for figures that he takes back",
        "{n} serious questions, nothing from the anecdotes or the announcements",
        "{n} questions, and please none on his private stories",
        "{n} questions with right answers: mind that some figures were corrected afterwards",
        "{n}道题,不要问闲聊和通知",
    ),
    "topic": (
        "test me about {topic}",
        "all about {topic}, as questions",
        "ask me about {topic}",
        "questions about {topic} with answers",
        "quiz me about {topic}",
        "all you can ask about {topic}",
        "flashcards about {topic}, please",
        "关于{topic}的问答题",
    ),
    "topic count": (
        "{n} quiz questions about {topic}",
        "give me {n} questions about {topic}",
        "write {n} flashcards about {topic}",
        "{n} questions about {topic} with answers and evidence",
        "I want {n} flashcards about {topic}",
        "{n} test questions about {topic}, please",
    ),
    "hint count": (
        "{n} quiz questions from the section that answers this: {question}",
        "this came up: {question} Make {n} questions out of the same section",
        "{n} questions around this one: {question}",
        "find where this is taught and ask {n} questions there: {question}",
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
        "{n} questions that only concern {place}",
        "quiz with {n} questions, just {place}",
        "{n} flashcards for {place}",
        "take {place} and write {n} questions with answers",
        "{n} control questions for {place}",
        "{n} questions, all from {place}",
        "{n} questions on {place} only",
        "please ask me {n} questions that belong to {place}",
        "从{place}里出{n}道题",
    ),
    "exam count": (
        "{n} likely exam questions",
        "{n} questions as they will come up in the test",
        "make {n} questions out of what he marks as exam material",
        "mock exam with {n} questions",
        "{n} questions, only on what will be in the exam",
        "what will he ask in the test? {n} questions with answers",
        "{n} flashcards with nothing but exam material",
        "出{n}道题,只考老师说考试会考的",
        "the exam is tomorrow: {n} questions that it will contain for sure",
    ),
    "kind count": (
        "{n} questions whose answers are {kind}",
        "quiz with {n} questions, answers: only {kind}",
        "{n} flashcards on {kind} only",
        "I want {n} questions and as answers nothing but {kind}",
        "{n} questions that have {kind} as answer",
        "{n} questions, each of them asking for {kind}",
        "only ask for {kind}: {n} questions",
        "I mix up {kind} all the time, {n} questions please",
    ),
    "first": (
        "quiz for the first {n} minutes",
        "ask about the first {n} minutes",
        "test questions for the first {n} minutes",
        "questions with answers on the first {n} minutes only",
        "quiz me on the first {n} minutes",
        "前{n}分钟的问答题",
    ),
}
SUMMARY: Sayings = {
    "all": (
        "when does the lecturer change the subject, and what matters in each part",
        "minutes of the lecture: part, time, key sentences",
        "I have ten minutes to catch up: parts and main sentences",
        "make it searchable: parts with names and times",
        "what are the parts of this lecture called and when do they begin",
        "notes for the back of the video: times, headings, key sentences",
        "break it up into its topics",
        "prepare a navigation bar for this video with the essentials",
        "short digest with time marks",
        "把讲座分段,每段写出标题、时间和要点",
        "请做一个可以跳转的目录",
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
        "contents by part, private stories left out",
        "time marks and teaching points only",
        "parts of the lecture without announcements and fun",
        "chapters with what is really taught",
        "structured summary minus the small talk",
        "key sentences by topic, ignore the side stories",
        "what belongs to the course, part by part, with times",
        "outline: no jokes, no exam dates",
        "the gist by parts, no anecdotes please",
        "only the subject matter, in chapters with times",
        "chapters without the housekeeping",
        "only what belongs to the subject, with start times",
        "outline with times, without the stories and the announcements",
        "what he really taught, by chapter; leave the chatter out",
        "chapters and main sentences, but skip the jokes",
        "summary by parts, and mind the corrections: no wrong figures",
        "章节和要点,去掉跑题的部分",
    ),
    "count": (
        "structure it into {n} parts with times",
        "cut it into {n} chapters",
        "{n} chapters, each with a heading and its best sentences",
        "table of {n} parts with start times",
        "{n} sections with titles and key sentences, please",
        "divide the lecture into its {n} chapters",
        "I want {n} chapters with a name and the main sentences each",
        "make {n} sections of it, with headings and start times",
        "把它分成{n}段并加上小标题",
        "{n} chapters with titles and times",
        "{n} parts, please, each with its start and its main sentences",
        "分成{n}章,给出标题和时间",
    ),
    "topic": (
        "main sentences about {topic}",
        "key facts about {topic} with the start time",
        "chapter about {topic}, please",
        "when is it about {topic}, and what is said",
        "summary about {topic} only",
        "sum up what is said about {topic}",
        "the chapter about {topic}: when does it start and what matters",
        "only the part about {topic}, in short",
        "总结关于{topic}的部分",
    ),
    "first": (
        "give me the first {n} minutes in short",
        "what was said in the first {n} minutes, by topic",
        "the first {n} minutes as chapters",
        "outline of the first {n} minutes",
        "I only saw the rest: what happened in the first {n} minutes",
        "main sentences of the first {n} minutes, by part",
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


def allowed_by_meaning(spec: SceneSpec, task: str, own: Sayings, skip: Sequence[str] = ()) -> dict[str, list[str]]:
    """The templates that a lot may use, the domain's and one's own, by meaning.

    Args:
        spec: whose split decides.
        task: name of the task.
        own: templates of one's own.
        skip: words of the domain's templates that a world has no answer for.
    """
    meant = {text: meaning for meaning, texts in own.items() for text in texts}
    meant |= {text: meaning_of(text) for text in declared("education", task) if not any(w in text for w in skip)}
    found: dict[str, list[str]] = {}
    for text in spec.pool(list(meant), "template"):
        found.setdefault(meant[text], []).append(text)
    return found


BEFORE_IT = (
    "please: ",
    "hi, ",
    "quick request: ",
    "for my class: ",
    "a favour: ",
    "hello, ",
    "one more thing, ",
    "ok so ",
)
BEHIND_IT = (", thank you", " - thanks", ", if possible", " asap", ", cheers", ", it is urgent", " :)")
"""What people put before and behind a request."""


def plural(text: str) -> str:
    """A request in which one minute is no minutes."""
    return re.sub(r"\b1 minutes\b", "1 minute", text)


def wrapped(text: str, rng: random.Random) -> str:
    """A request as people send it: with a word before or behind it now and then."""
    if is_chinese(text):
        return (
            f"{rng.choice(('请', '麻烦', '你好,'))}{text}" if rng.random() < 0.2 and text[0] not in "请麻给" else text
        )
    before = rng.choice(BEFORE_IT) if rng.random() < 0.15 else ""
    behind = rng.choice(BEHIND_IT) if rng.random() < 0.15 and text[-1] not in "?." else ""
    return f"{before}{text}{behind}"


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
