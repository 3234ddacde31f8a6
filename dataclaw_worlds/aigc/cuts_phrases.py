"""How the expert of cuts puts questions: `{np}` is what of the cut is meant."""

from __future__ import annotations


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.strip().splitlines())


QUESTION = {
    "en": _lines(
        """
List {np} in this cut, with the times here and in the sources.
Break this timeline down to {np}: positions, source ranges and media.
For {np}, note where the timeline has it and what media it is taken from.
An editor wants to rebuild {np}. Which operations are needed, in order?
Reduce the sequence to {np} and give in and out of every entry.
What does the timeline say about {np}, entry by entry?
Write an edit list of {np}, with record and source times.
Of this sequence, keep only {np}. What remains, and when?
Find {np} in the edit and describe each entry with its length.
Go through the programme and log {np}.
Which entries of the timeline make up {np}, and how long is each?
Prepare a string-out that has {np} and nothing besides.
"""
    ),
    "zh": _lines(
        """
{np}在剪辑里的什么位置,用的是哪段素材?
请列出{np},写明记录时间和素材时间。
只保留{np}的话,时间线还剩哪些条目?
把{np}逐条整理成剪辑表。
要重建{np},依次需要哪些操作?
按时间顺序说明{np}的起止和长度。
时间线里哪些条目属于{np}?
为{np}做一份带时间码的场记。
"""
    ),
}
WHOLE = {
    "en": _lines(
        """
In order, which {what} make up this cut?
List all {what} of this timeline from beginning to end.
How would one rebuild this cut, given its {what}?
Write down the {what} of the sequence one after the other.
Take this edit apart into its {what}.
Which {what} are there in the programme, in order of time?
Turn the whole sequence into an editing plan of its {what}.
Document the {what} of this edit, each with its times.
"""
    ),
    "zh": _lines(
        """
按顺序排列,这个剪辑由哪些操作组成?
请从头到尾列出时间线上的全部操作。
怎样一步一步重建这个剪辑?
把整条时间线写成剪辑计划。
这个序列依次做了哪些编辑?
请完整记录这个剪辑的每一步。
"""
    ),
}
BEGINNING = {
    "en": _lines(
        """
How does this cut begin, shot by shot?
What are the opening operations of this sequence?
Which entries come first in this timeline?
List the start of this edit, in order.
With what does the programme open?
Give the first entries of the sequence with their times.
Rebuild the beginning of this cut: what is laid down first?
Describe the opening of the edit entry by entry.
"""
    ),
    "zh": _lines(
        """
这个剪辑的开头是怎样的?
请按顺序列出时间线最前面的几个操作。
这个节目以哪些镜头开始?
开头部分依次用了什么素材?
最先放到时间线上的是什么?
请逐条描述这个序列的开头。
"""
    ),
}
THINKING = {
    "en": _lines(
        """
{Np}, by {basis}: {names}.
Going by {basis}, {np} can be told apart: {names}.
{names} fit what is asked for: {np}, known by {basis}.
What tells {np} from the rest is {basis}. That leaves {names}.
By {basis}, these belong to {np}: {names}.
Looking at {basis}, I count as {np}: {names}.
Asked for: {np}. Found by {basis}: {names}.
Checked entry by entry for {basis}, {np} come to {names}.
With {basis} to go by, {np} turn out to be {names}.
Since {basis} can be read off every entry, {np} follow: {names}.
"""
    ),
    "zh": _lines(
        """
{np}是{names}。
属于{np}的有{names}。
符合要求的是{names},即{np}。
从时间线上看,{names}就是{np}。
逐条核对后,{np}包括{names}。
"""
    ),
}
