"""How a student describes a step without naming it, by its sort, and how lecturers say that one is hard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

HINTS: Mapping[str, tuple[Sequence[str], str]] = {
    "expand": (("the brackets vanish", "the bracket gets opened", "there is no bracket any more"), "括号消失"),
    "move": (("something is taken away from both sides", "a number changes to the other side"), "把一个数移到另一边"),
    "divide": (("the factor in front goes away", "both sides get smaller by a factor"), "两边同时除以一个数"),
    "gather": (("the unknowns come together on one side", "x disappears from the right side"), "把未知数移到同一边"),
    "clear": (("the denominators go away", "the fractions are made alike"), "处理分母"),
    "compute": (("only arithmetic is left", "the numbers are worked out"), "只剩下计算"),
    "collect": (("like terms are put together", "several terms become one"), "合并同类项"),
    "factor": (("a sum turns into a product", "brackets appear out of nowhere"), "因式分解"),
    "split": (("something is set to zero", "one equation becomes simpler because of a zero"), "令它等于零"),
    "finish": (("it comes to an end", "the result drops out"), "得出最后结果"),
    "root": (("the square goes away", "a root is taken"), "开平方"),
    "flip": (("something is turned round", "things end up upside down"), "把式子倒过来"),
    "eliminate": (("one unknown drops out", "y is gone all of a sudden"), "消去一个未知数"),
    "insert": (("a value is put in", "a letter is replaced"), "代入数值"),
    "rewrite": (("the same thing is written in another way", "the notation changes"), "换一种写法"),
    "compare": (("the bases disappear", "only the exponents are left"), "比较指数"),
    "pair": (("the first and the last meet", "numbers are paired"), "首尾配对"),
    "law": (("a general formula comes in", "a law is written down"), "写出公式"),
    "unit": (("it is broken down to a single unit", "the unit is changed"), "换算单位"),
    "scale": (("it is scaled up", "one becomes many"), "按比例放大"),
    "reduce": (("the fraction gets smaller numbers", "something is cancelled"), "约分"),
    "count": (("cases are counted", "possibilities are counted"), "数情况"),
    "shrink": (("both numbers get smaller by one", "one is already missing"), "两个数都减一"),
    "derive": (("the power comes down", "the slope is formed"), "求导"),
    "integrate": (("the power goes up", "the antiderivative appears"), "求原函数"),
}
"""By sort of move: phrases that follow "the step where", and one in Chinese that goes before "的那一步"."""

STUCK: Sequence[str] = (
    "This is where most people get stuck.",
    "The next step is the hard one.",
    "Here half of the class gave up last year.",
    "Now comes the step that nobody believes at first.",
    "Many of you will stumble over the next line.",
    "If you get lost, you get lost here.",
    "I am asked about this step every single year.",
    "Take a breath, this is the difficult part.",
    "In the last test most mistakes were made at this point.",
    "The following line takes some thought.",
    "Be careful, what comes now is a trap.",
    "This next move is far from obvious.",
    "At this place students call for help.",
    "What follows looks like magic, but it is not.",
    "Here is the spot where tutors earn their money.",
    "Stop here for a moment, because this one is tricky.",
)
"""Said before the step that is hard."""

EASY: Sequence[str] = (
    "The next step is easy.",
    "Nobody has trouble with this one.",
    "That is only arithmetic now.",
    "You can do this one in your sleep.",
    "The following line is routine.",
    "Nothing can go wrong here.",
    "This part you know from school.",
    "Now it runs by itself.",
    "No tricks in the next line.",
    "Everybody gets this one right.",
)
"""Said before a step that is not."""

TASKS: Sequence[str] = (
    "The {nth} exercise is {kind}.",
    "Let us do {kind} as the {nth} exercise.",
    "Our {nth} problem is {kind}.",
    "As number {n} we have {kind}.",
    "Exercise {n} asks for {kind}.",
    "I start the {nth} exercise, {kind}.",
    "Number {n} on the sheet is {kind}.",
    "We go to the {nth} task, and it is {kind}.",
    "Next, in the {nth} place, {kind}.",
    "Problem {n} brings {kind}.",
    "For the {nth} exercise I have chosen {kind}.",
    "Here you see {kind}, the {nth} exercise.",
)
READS: Sequence[str] = (
    "The task reads: {statement}.",
    "On the board you see {statement}.",
    "Given is this: {statement}.",
    "I write it down: {statement}.",
    "It says {statement}.",
    "We have {statement}.",
    "This is what we know: {statement}.",
)
MOVES: Sequence[str] = (
    "Now we {move}, because {reason}.",
    "We {move}, because {reason}.",
    "Because {reason}, we {move}.",
    "So we {move}, because {reason}.",
    "What we do is this: we {move}, because {reason}.",
    "Here we {move}, because {reason}.",
    "Then we {move}, because {reason}.",
    "The idea is that we {move}, because {reason}.",
    "At this point we {move}, because {reason}.",
    "Because {reason}, it is time that we {move}.",
    "It helps when we {move}, because {reason}.",
    "In this line we {move}, because {reason}.",
    "As you see, we {move}, because {reason}.",
)
GIVES: Sequence[str] = (
    "That gives {line}.",
    "So the board says {line}.",
    "We get {line}.",
    "What is left is {line}.",
    "The new line is {line}.",
    "And there it is: {line}.",
)
WRONG: Sequence[str] = (
    "Wait, that line is wrong, I wipe it off.",
    "No, that was a mistake, away with it.",
    "Stop, this cannot be right, let me erase it.",
    "Oh, I see the mistake, that line has to go.",
    "That is exactly how it must not be done, so I take it away.",
    "Somebody shakes the head, and rightly so, I wipe it.",
)
RIGHT: Sequence[str] = (
    "The right line is {line}.",
    "Correctly it has to be {line}.",
    "This time properly: {line}.",
    "So it should read {line}.",
)
ENDS: Sequence[str] = (
    "So the answer is {line}.",
    "And that is the result: {line}.",
    "We are done with it: {line}.",
    "The solution of exercise {n} is {line}.",
    "That finishes exercise {n}: {line}.",
    "The last line gives the result, {line}.",
    "We can underline the answer now: {line}.",
    "The work is done, and we have {line}.",
    "What was asked for is {line}.",
)
NTH = ("first", "second", "third", "fourth")
NTH_ZH = ("一", "二", "三", "四")
