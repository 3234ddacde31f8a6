"""What lecturers say beside what they teach: word lists, each line a thing of its own that may be held out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

_FOLDER = Path(__file__).parent / "lines"


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.strip().split("\n"))


def parts_of(line: str) -> list[str]:
    """The parts of a line that are divided by bars."""
    return [part.strip() for part in line.split("|")]


OPENERS: Sequence[str] = _lines("""
Let us turn to {title}.
The next part is about {title}.
Now I want to show you {title}.
What comes now is {title}.
Let's talk about {title}.
Our next topic is {title}.
I would like to go on with {title}.
So now we come to {title}.
The following minutes are about {title}.
Let me explain {title}.
Another thing that we need today is {title}.
We move on to {title}.
Here is the next chapter: {title}.
Now, this part deals with {title}.
With that, we get to {title}.
Let us look closely at {title}.
It is time to ask about {title}.
Next on the list is {title}.
The question for the next minutes is {title}.
I promised to tell you {title}.
From here on it is about {title}.
Good, then let us begin the part on {title}.
There is one more story to tell, and that is {title}.
Turn the page, please, we now do {title}.
""")
"""How a topic is announced."""

EMPHASES: Sequence[str] = _lines("""
This is the key point.
Write this down.
If you remember only one thing, let it be this.
Now comes the most important sentence.
Please underline the next sentence.
Here is the heart of the matter.
Mark this one.
This one counts.
The next sentence is what really matters.
Take a note of this.
Keep this in mind above all.
Everything hangs on the following.
That is the core of it.
I want you to know this by heart.
Now pay attention.
And here is the crucial bit.
""")
"""Said before what matters most."""

EXAM: Sequence[str] = _lines("""
That will come up in the exam.
I will ask that in the exam.
This is exam material.
You need that for the test.
Expect a question like that in the test.
That was asked in every exam so far.
Learn that for the exam.
That one is a classic in my exams.
You will meet this again in the final test.
In the exam I want to read exactly that.
""")
"""Said after what is asked in the exam."""

NO_EXAM: Sequence[str] = _lines("""
You can forget that again, it is not in the exam.
That is not relevant for the exam.
I will not ask that in the exam.
You don't need that for the test.
This is only for those who are curious, not for the exam.
No need to learn that one for the test.
The exam will not touch that.
That is just a side note, and not for the exam.
""")
"""Said after what is not asked in the exam."""

DIGRESSIONS: Sequence[str] = _lines((_FOLDER / "digressions.txt").read_text(encoding="utf-8"))
"""Stories that have nothing to do with the subject: what they are about, then their sentences."""

NOTICES: Sequence[str] = _lines((_FOLDER / "notices.txt").read_text(encoding="utf-8"))
"""What is announced about the course: what about, then sentences with slots."""

FILLERS: Sequence[str] = _lines("""
Can everybody hear me in the last row?
Let me find my pointer.
One moment, the projector has gone to sleep.
Please close the window, it is loud out there.
I see that some of you are still writing, so I wait a moment.
Let me drink a sip of water.
The microphone is on again, very good.
Who took my marker?
I will put the slides online after this, so relax.
Could you switch off the light at the back?
Sorry, wrong slide, one moment.
We are well in time.
That was my phone, not yours.
I can see one person smiling, so I go on.
There are still seats in front.
""")
"""Remarks without content."""

CORRECTIONS: Sequence[str] = _lines("""
Sorry, I misspoke. | {fact}
Wait, that was wrong. | Correctly it has to be: {fact}
I have to correct myself: {fact}
No, stop, I mixed up the figures. | {fact}
A correction to what I said: {fact}
I just noticed that I gave you a wrong figure. | {fact}
Please strike out what I said a moment ago. | {fact}
Let me put that right: {fact}
Thank you for the hint from the second row, my figure was wrong. | {fact}
Forget the figure that I gave. | The truth is: {fact}
Oh, I read the wrong line of my notes. | {fact}
That was a slip of the tongue. | I mean: {fact}
""")
"""How a wrong figure is put right; sentences before and with the right fact."""

REPEATS: Sequence[str] = _lines("""
As I said before, {fact}
To say it once more, {fact}
Let me repeat: {fact}
As you have heard already, {fact}
I cannot say it often enough: {fact}
Once again, {fact}
Remember what we had: {fact}
As mentioned, {fact}
""")

LEADS = {
    "formal": ("Note that ", "Strictly speaking, ", "As a rule, ", "In general, "),
    "casual": ("So, ", "Well, ", "You see, ", "Basically, ", "Okay, so "),
    "lively": ("Believe it or not, ", "And here we go: ", "Imagine, ", "Listen, "),
    "plain": (),
}
"""What lecturers put before a sentence, by their style."""

ASKED: Sequence[str] = _lines("""
There is a question over there: {question}
Somebody asks: {question}
I was asked in the break: {question}
A question from the back: {question}
Let me ask you something. | {question}
""")
"""Questions from the audience, whose answer is the fact that follows."""

GREETINGS: Sequence[str] = _lines("""
Good morning, and welcome.
Hello everybody, nice to see you.
Welcome back after the weekend.
Good afternoon, let us begin.
Hi everyone, please take a seat.
Good evening, I am glad that you came.
Hello and welcome to the course.
""")
CALLED: Sequence[str] = _lines("""
The lecture today is called {course}.
Today's title is {course}.
You are in the lecture {course}.
The heading for today is {course}.
Our subject today is {course}.
""")
FAREWELLS: Sequence[str] = _lines("""
That is all for today, thank you.
See you next week.
Thank you for your attention.
So much for today, goodbye.
We stop here, have a nice evening.
""")
COURSES = {
    "life": _lines("""
Life at Close Range
The Body and the Kitchen
Biology for Everyone
How Living Things Work
A Walk Through Nature
Cells, Senses and Sauces
Small Wonders of Life
The Science of Being Alive
From Leaf to Brain
What Keeps Us Going
"""),
    "society": _lines("""
How Societies Work
Money, Power and People
Turning Points of History
The Rules We Live By
A Short History of Almost Everything
Markets and Empires
What People Do Together
Coins, Crowns and Crowds
Why the World Is as It Is
Past and Present Economics
"""),
    "technology": _lines("""
How Things Work
Machines and Their Secrets
Engineering for Beginners
The Invisible Helpers
Bits, Bridges and Batteries
Physics in Everyday Life
Clever Inventions
From Steam to Silicon
The Ideas Behind Technology
What Engineers Know
"""),
}
"""Titles of lectures by area."""
