"""What lecturers say beside what they teach: word lists, each line a thing of its own that may be held out."""

from __future__ import annotations

from collections.abc import Sequence


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

DIGRESSIONS: Sequence[str] = _lines("""
the lecturer's dog | My dog has 4 tennis balls under the sofa. | Every evening the dog brings me the one that is wettest.
a flat tyre | The reason I was late this morning is that my bicycle had a flat tyre. | The tube has 3 patches by now.
the canteen | Our canteen has 3 soups on Mondays, and one is always tomato. | The tomato soup is the best of them.
a holiday in Norway | Last summer we rented a cabin in Norway. | A cabin is a place where the rain comes in at 2 corners.
the football match | The match yesterday was decided in the 89th minute. | A goalkeeper is a person who waits for trouble.
the neighbour's piano | My neighbour has played the same waltz for 6 years. | He plays it faster when I knock.
a broken coffee machine | The coffee machine upstairs is a box that takes coins and gives nothing. | I have lost 5 coins to it.
a grandmother's recipe | My grandmother baked a cake that contains 12 eggs. | Nobody in the family can lift that cake.
the train ride | The train took 2 hours because a cow stood on the track. | The cow was in no hurry at all.
the new office chair | My new chair has 7 levers, and I understand one. | Yesterday the chair let me down in a meeting.
the cat on the keyboard | My cat wrote an email to the dean. | The dean answered because he thought that I meant it.
a lost umbrella | I have lost 9 umbrellas in this building. | An umbrella is a thing that waits for sunshine to vanish.
the choir | I sing in a choir with 40 people. | A bass is a singer who is always too late.
the garden | Our garden has a mole that works at night. | I have named the mole after my boss.
the marathon | A marathon is a long way if you have not trained. | I needed 5 hours and a taxi.
a film | In that film they fly through a black hole and are home for dinner. | My son has seen the film 8 times.
the hotel | The hotel at the conference had 13 kinds of tea and no hot water. | So I drank juice for 3 days.
the children's party | At the party of my daughter 20 children ate one cake in 4 minutes. | I have never seen teamwork like that.
a moving box | When we moved, one box was labelled with the word stuff. | The box is still closed after 11 years.
the haircut | My barber talks about fishing because he never catches anything. | The haircut costs 15 euros, and the stories are free.
the lift | The lift in this house stops on every floor because it is shy. | I take the stairs and count 72 steps.
the tie | My wife gave me this tie because she did not like the other one. | It has 24 ducks on it.
the phone | My first phone weighed more than my lunch. | The battery lasted 20 minutes, and the call lasted 19.
the snow day | When I was a student, snow closed this hall for 2 weeks. | We built a slide out of the professor's desk.
a chess game | Against my uncle I have lost 31 games of chess. | He says that a pawn is a soul in a hurry.
the bakery | The bakery at the corner opens at 6, and the queue is there at 5. | Their rolls are the only reason to get up.
the parrot | A friend has a parrot that says good night at noon. | The parrot learned it because the owner works nights.
the boat | My brother bought a boat that needs 2 new sails. | A boat is a hole in the water for money.
the allotment | My allotment gave me 3 tomatoes this year. | Each tomato cost me about 10 euros.
the alarm clock | My alarm clock rings 4 times because I do not trust it. | The neighbours do trust it.
the first lecture | In my first lecture I lost my notes after 5 minutes. | I talked about the weather for the rest of the hour.
the museum shop | The museum shop sells a pencil for 9 euros. | The pencil is the most expensive thing on my desk.
the squirrel | A squirrel has moved into the roof of the library. | The squirrel has 2 floors for itself.
the opera | At the opera I fell asleep before the hero died. | He needed 25 minutes for it, I was told.
the ski trip | On our ski trip 6 of us broke 7 poles. | The hut served pancakes, which made up for it.
the tax office | I wrote to the tax office, and they sent my letter back. | The stamp was the wrong kind of stamp.
the vending machine | When you hit the vending machine on the left, it gives you 2 bars. | Please don't tell the caretaker.
the old car | My car needs a litre of oil whenever it sees a hill. | It is called Berta because it sounds like an aunt.
""")
"""Stories that have nothing to do with the subject: what they are about, then their sentences."""

NOTICES: Sequence[str] = _lines("""
the exam date | The exam is on the {day} of {month} in hall {hall}. | Please bring your card.
the homework | The homework sheet is due on {weekday} at {hour}. | Hand it in downstairs in box {hall}.
the room | Next week we meet in room {room}. | This hall is closed for {hour} days.
the tutorial | The tutorial on {weekday} begins at {hour}. | There are still {hall} places left.
the library | The library closes at {hour} on {weekday}. | The books for this course are on shelf {room}.
the lost keys | Somebody has found keys with a tag that says {room}. | They are at the porter's desk until {weekday}.
the survey | The form for the survey has {hour} questions. | It takes {hall} minutes to fill in.
the field trip | The bus for the field trip leaves on the {day} of {month}. | It costs {hour} euros and includes lunch.
the recording | The recording is online from {weekday} on. | The password is on sheet {hall}.
the office hour | My office hour is on {weekday} at {hour}. | The door is number {room}.
the guest speaker | On the {day} of {month} we have a guest. | She needs {hour} volunteers for an experiment.
the fire drill | There is a fire drill on {weekday} at {hour}. | Leave your bags where they are.
""")
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
