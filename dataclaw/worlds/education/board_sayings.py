"""How people ask for help with a step on a board, and for an overview of worked exercises.

Meanings of the first: "all" (where one gets stuck), "hint" ({hint} describes the step), "line" ({line} is the last one
that is understood), "reason" ({reason} is not understood), "topic" ({topic} names the exercise), "place" ({place} says
which exercise it is), "last" (the end of {place}).
"""

from __future__ import annotations

from dataclaw.worlds.education.sayings import Sayings

TUTORING: Sayings = {
    "all": (
        "make a tutoring sample of the step that is hardest here",
        "where do most students give up in this solution? Help them over it",
        "take the trickiest line of this recording and explain it to a stuck student",
        "a pupil cannot follow at the difficult place, help",
        "which step is the trap, and how does it go on from there",
        "one example of help at the critical step, with board before and after",
        "tutor dialogue for the point that people fail at",
        "I want the moment where learners lose the thread, and the way out",
        "给卡在最难一步的学生做一条辅导",
        "哪一步最容易卡住?请写出下一步的提示",
        "学生通常在哪里出错,请做成辅导样本",
        "show what to do at the step that the teacher warns of",
    ),
    "hint": (
        "explain the step where {hint}",
        "I lost him when {hint}, what happened there",
        "why is it that {hint}? Show the board before and after",
        "my pupil does not see how it comes that {hint}",
        "help me at the point at which {hint}",
        "the step in which {hint} please, as tutoring",
        "I get everything but the line in which {hint}",
        "请解释{hint}的那一步",
        "我看不懂{hint}的那一步,下一步怎么写",
        "{hint}的那一步为什么成立",
    ),
    "line": (
        'I have got as far as "{line}", what comes next',
        'my last line is "{line}" and I do not know how to continue',
        'a student has written "{line}" and is stuck',
        'what would the teacher do after "{line}"',
        'continue from "{line}" with one step',
        "我写到了“{line}”,下一步是什么",
        "学生停在“{line}”,请给出下一步",
    ),
    "reason": (
        "I do not understand why {reason}, show me that step",
        "somebody tell me what follows from this: {reason}",
        "he says that {reason}; which step is that, and what does one write",
        "help with the step that rests on the fact that {reason}",
        "my notes say that {reason}, but what did he do with it",
    ),
    "topic": (
        "I am stuck with {topic}, help me one step further",
        "tutoring for the hard step of {topic}",
        "{topic} beats me at the difficult place, what comes next",
        "the next step for someone stuck at {topic}",
    ),
    "place": (
        "help with the hard step in {place}",
        "{place}: where does one get stuck, and how does it go on",
        "somebody is lost in {place}, give the next step",
        "a hint for the difficult line in {place}",
        "{place}最难的那一步,请给提示",
        "我在{place}卡住了,下一步怎么做",
    ),
    "last": (
        "how does {place} get to its end? Only the last step",
        "the final step of {place} please, board before and after",
        "show the last line of {place} and how to get there",
        "{place}的最后一步怎么来的",
    ),
}
EXERCISES: Sayings = {
    "all": (
        "which exercises are done here, and when does each begin",
        "make a table of contents of the exercises with their times",
        "outline of the worked exercises with the results",
        "list the problems that are solved, with start times and the main step",
        "chapter marks for each exercise of this recording",
        "what is solved here, exercise by exercise",
        "列出讲了哪些题,各从什么时候开始",
        "按题目给这个视频分段,写出结果",
    ),
    "count": (
        "split it into its {n} exercises with title and time",
        "{n} chapters, one for each exercise",
        "按{n}道题分成章节",
    ),
    "topic": (
        "only the part about {topic}, in short",
        "sum up the exercise about {topic}",
        "总结关于{topic}的那道题",
    ),
    "first": (
        "the exercises of the first {n} minutes with their times",
        "前{n}分钟讲了哪些题",
    ),
}
SOLUTIONS: Sayings = {
    "all": (
        "write the worked solutions up with the full boards as pictures",
        "worksheet with solutions: each exercise with its board and the reasons",
        "turn the recording into readable sample solutions with pictures",
        "I want to read how it is done, with the board beside it",
        "illustrated solutions, exercise by exercise",
        "把每道题的解法写成带板书图片的讲义",
        "请整理成图文并茂的例题解答",
    ),
    "clean": (
        "sample solutions with boards, without the mistakes that were wiped off and without small talk",
        "only what is right in the end, with the finished boards",
        "readable solutions with pictures, leave the stories out",
        "带板书的解答,不要闲聊和写错的步骤",
    ),
    "topic": (
        "the solution of the exercise about {topic} with its board",
        "a lesson with pictures about {topic}",
        "only the part about {topic}, written out with the board",
        "关于{topic}的图文解答",
    ),
    "first": (
        "the exercises of the first {n} minutes, written out with their boards",
        "前{n}分钟的例题,图文讲义",
    ),
}
REASONS: Sayings = {
    "all": (
        "ask me why each step is done",
        "control questions on the reasons in this solution",
        "questions that show whether somebody understood the steps",
        "quiz on this worked solution, with answers",
        "根据解题过程出几道为什么的题",
        "why is it done like that? Make questions with answers",
    ),
    "count": (
        "{n} questions that ask for the reason of a step",
        "{n} why questions with answers",
        "please write {n} flashcards on the hard steps and the others",
        "{n} questions on what matters most in these solutions",
        "出{n}道问为什么的题,附答案",
    ),
    "topic": (
        "questions about {topic} with answers",
        "quiz me about {topic}",
        "why questions about {topic}",
    ),
    "topic count": (
        "{n} questions about {topic} with answers and evidence",
        "{n} why questions about {topic}, please",
    ),
    "first": (
        "questions with answers on the first {n} minutes only",
        "前{n}分钟的问答题",
    ),
}
