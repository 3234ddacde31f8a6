"""The words of experts: several ways to say each thing, of which a draft keeps to one.

No form says a direction or what the gripper does but by `{m}`, what was measured.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

DOES: Mapping[str, Sequence[str]] = {
    "reach": (
        "reaches for the {t}",
        "heads for the {t}",
        "approaches the {t}",
        "makes for the {t}",
        "brings its hand to the {t}",
        "travels to the {t}",
    ),
    "hesitate": (
        "hesitates before it gets to the {t}",
        "wavers in front of the {t}",
        "cannot settle on its way to the {t}",
        "dithers short of the {t}",
    ),
    "late": (
        "stands still before it starts",
        "waits before it sets off",
        "has not begun yet",
        "lets time go by at the start",
    ),
    "stall": (
        "stops on its way to the {t}",
        "gets stuck before it is at the {t}",
        "halts short of the {t}",
        "interrupts its way to the {t}",
    ),
    "pause": (
        "stops in the middle of it",
        "pauses halfway through the work",
        "takes a break with the work half done",
        "interrupts the work on the {t}",
    ),
    "hold": (
        "stays where it is, with the work done",
        "waits at the {t} when all is done",
        "keeps still once the work is done",
    ),
    "rest": (
        "stays at rest at the end",
        "comes to rest for good",
        "stands still until the recording ends",
        "does nothing more",
    ),
    "touch": (
        "takes hold of the {t}",
        "grasps the {t}",
        "grips the {t}",
        "gets the {t} between its fingers",
        "seizes the {t}",
    ),
    "miss": (
        "misses the {t} and draws away again",
        "grasps beside the {t} and withdraws",
        "fails to catch the {t} and backs off",
        "comes away from the {t} with nothing",
    ),
    "lift": ("lifts the {t}", "raises the {t}", "takes the {t} off its place", "hoists the {t}"),
    "drop": ("drops the {t}", "loses the {t}", "lets the {t} slip from its fingers", "fails to hold the {t}"),
    "release": ("lets go of the {t}", "releases the {t}", "sets the {t} free", "loosens its grip on the {t}"),
    "retreat": (
        "draws away from the {t}",
        "withdraws from the {t}",
        "leaves the {t}",
        "moves off from the {t}",
        "clears away from the {t}",
    ),
}
"""What the arm does, of a third person, by kind of the act or cause of a wait."""
DOES_ZH: Mapping[str, Sequence[str]] = {
    "reach": ("去够{t}", "靠近{t}", "朝{t}移动", "把手伸向{t}"),
    "hesitate": ("在{t}前犹豫不前", "在{t}前来回晃动", "迟迟不去碰{t}"),
    "late": ("开始之前停着不动", "还没有动作", "出发前等了一阵"),
    "stall": ("在去够{t}的途中停住", "没到{t}跟前就停了下来", "半路停住,没有够到{t}"),
    "pause": ("中途停下", "做到一半停了一会儿", "中断了对{t}的操作"),
    "hold": ("完成后停在原处", "做完后保持不动", "完成后在{t}旁等着"),
    "rest": ("最后静止不动", "最后停了下来", "直到结束都不再动"),
    "touch": ("抓住{t}", "夹住{t}", "用手指夹紧{t}"),
    "miss": ("没有抓到{t},随后退开", "抓空了,离开{t}", "没夹住{t},又退了回来"),
    "lift": ("把{t}提起来", "拿起{t}", "让{t}离开原处"),
    "drop": ("把{t}弄掉了", "没拿稳{t}", "失手让{t}掉落"),
    "release": ("松开{t}", "放开{t}", "放手,让{t}留在那里"),
    "retreat": ("从{t}处退开", "离开{t}", "收手,远离{t}"),
}
ORDER: Mapping[str, Sequence[str]] = {
    "reach": (
        "Reach for the {t}",
        "Bring the hand to the {t}",
        "Go to the {t}",
        "Approach the {t}",
        "Steer the gripper to the {t}",
    ),
    "touch": ("Take hold of the {t}", "Grasp the {t}", "Grip the {t} firmly", "Get the {t} between the fingers"),
    "lift": ("Lift the {t}", "Raise the {t}", "Take the {t} off its place"),
    "miss": (
        "Try to grasp the {t}, and draw away when it is missed",
        "Reach in for the {t}; this try misses, so withdraw",
        "Note how the fingers grasp beside the {t}, and withdraw",
    ),
    "drop": (
        "Hold on to the {t}: here it is dropped",
        "Mind the grip on the {t}: here it is lost",
        "Do not lose the {t} as it happens here",
    ),
    "release": ("Let go of the {t}", "Release the {t}", "Set the {t} free"),
    "retreat": ("Draw the arm away from the {t}", "Withdraw from the {t}", "Leave the {t}"),
}
"""The same as a request, for what can be a step of a lesson."""
ASKED: Mapping[str, Sequence[str]] = {
    "reach": (
        "Where is the arm going {w}?",
        "What is the arm after {w}?",
        "Which thing does the hand make for {w}?",
        "What is the purpose of the motion {w}?",
    ),
    "hesitate": (
        "What is wrong with the way the arm goes {w}?",
        "Does the arm get on {w}?",
        "How sure is the robot of its way {w}?",
    ),
    "late": (
        "Has the arm begun to {g} {w}?",
        "What is the robot doing {w}, at the very start?",
        "Is anything done {w}?",
    ),
    "stall": (
        "What does the arm do {w} instead of going on?",
        "What keeps the arm from the {t} {w}?",
        "Does the arm come nearer to the {t} {w}?",
    ),
    "pause": (
        "What does the arm do {w}, with the work half done?",
        "Does the work on the {t} go on {w}?",
        "How does the work on the {t} go {w}?",
    ),
    "hold": (
        "What does the arm do {w}, once the work is done?",
        "The work on the {t} is done; what follows {w}?",
        "Does the arm leave the {t} {w}?",
    ),
    "rest": ("How does the episode end, {w}?", "What is still to be seen {w}?", "Does anything go on {w}?"),
    "touch": (
        "How does the gripper get hold of the {t} {w}?",
        "What do the fingers do {w}?",
        "What happens between gripper and {t} {w}?",
    ),
    "miss": (
        "What goes wrong with the grasp {w}?",
        "Does the arm get the {t} {w}?",
        "Why is the {t} not in the hand after what happens {w}?",
    ),
    "lift": (
        "What does the arm do with the {t} {w}?",
        "What becomes of the {t} {w}, now that it is held?",
        "Does the {t} stay where it lay {w}?",
    ),
    "move": (
        "What does the arm do with the {t} {w}?",
        "What is being done {w}?",
        "What happens to the {t} {w}?",
        "Which part of the job is done {w}?",
    ),
    "drop": ("What happens to the {t} {w}?", "Which accident happens {w}?", "Is the {t} still held {w}?"),
    "release": (
        "What does the gripper do with the {t} {w}?",
        "Is the {t} still held {w}?",
        "How does the robot part from the {t} {w}?",
    ),
    "retreat": (
        "What does the arm do {w}, after it has let the {t} be?",
        "Where does the hand go {w}, when it is through with the {t}?",
        "The {t} is done with; what does the arm do {w}?",
    ),
}
"""What is asked about an act."""
ASKED_ZH: Mapping[str, Sequence[str]] = {
    "reach": ("{w},机械臂要去哪里?", "{w},机械臂朝什么移动?", "{w},这段移动是为了什么?"),
    "hesitate": ("{w},机械臂的动作有什么问题?", "{w},机械臂有进展吗?"),
    "late": ("{w},机械臂开始{g}了吗?", "{w},一开始机器人在做什么?"),
    "stall": ("{w},机械臂为什么没有前进?", "{w},机械臂接近{t}了吗?"),
    "pause": ("{w},机械臂的工作在继续吗?", "{w},做到一半的机械臂在做什么?"),
    "hold": ("完成之后,{w},机械臂在做什么?", "{w},机械臂离开{t}了吗?"),
    "rest": ("{w},这段操作是怎样结束的?", "{w},还有什么动作吗?"),
    "touch": ("{w},夹爪怎样抓住{t}?", "{w},夹爪和{t}之间发生了什么?"),
    "miss": ("{w},抓取出了什么问题?", "{w},机械臂抓到{t}了吗?"),
    "lift": ("{w},机械臂对{t}做了什么?", "{w},{t}还在原处吗?"),
    "move": ("{w},机械臂对{t}做了什么?", "{w},正在完成哪一步?", "{w},{t}有什么变化?"),
    "drop": ("{w},{t}怎么样了?", "{w},出了什么意外?"),
    "release": ("{w},夹爪对{t}做了什么?", "{w},{t}还被夹着吗?"),
    "retreat": ("离开{t}之后,{w},机械臂在做什么?", "{w},手往哪里去?"),
}
JOINS = ("{d}: {m}", "{d}; {m}", "{d} ({m})", "{d}, and {m}", "{d} while {m}")
"""What is done, and what was measured of it."""
STILL_JOINS = ("{d}: {m}", "{d}; {m}", "{d} ({m})", "{d}, and {m}")
JOINS_ZH = ("{d}:{m}", "{d}({m})", "{d},{m}", "{d};{m}")
PARTLY = ("begins to {g}", "starts to {g}", "sets out to {g}")
PARTLY_ZH = ("开始{g}", "着手{g}")
"""Work that is broken off, or goes on later."""
AGAIN = ("{d} again", "{d} once more", "{d} a second time")
HAND = ("the hand goes {m}", "the hand travels {m}", "the hand covers {m}", "its hand moves {m}")
THING = ("moves", "travels", "goes", "shifts")
"""What a thing does that is taken along."""
GRIP = (
    "the gripper {o} from {a} to {b} m",
    "the gripper {o}, {a} to {b} m",
    "the opening of the gripper goes from {a} to {b} m",
    "the fingers, {a} m apart before, are {b} m apart after it",
)
BEFORE = ("Before that, {s}", "Just before, {s}", "What comes before: {s}", "Earlier, {s}")
BEFORE_ZH = ("此前,{s}", "在这之前,{s}", "前一段:{s}")
HERE = (
    "In this part, {w}: {s}",
    "The part in question lies {w}: {s}",
    "What is asked about happens {w}: {s}",
    "Measured {w}: {s}",
)
HERE_ZH = ("这一段({w}):{s}", "{w}:{s}", "所问的是 {w}:{s}")
TOUCHES = (
    "At {a} s the hand touches the {t}.",
    "The contact with the {t} is recorded at {a} s.",
    "At {a} s hand and {t} are in touch.",
)
TOUCHES_ZH = ("{a} 秒时手碰着{t}。", "{a} 秒的记录里手与{t}接触。")
SEEN = ("Seen: {s}", "Shown so far: {s}", "In the frames, {s}", "Observed: {s}")
SEEN_ZH = ("已看到:{s}", "到目前为止:{s}", "画面中,{s}")
NEXT_ASKED = (
    "The arm is to {g}. It has come to this: it {d}. Which subtask comes next?",
    "The job is to {g}. The last that was seen: it {d}. What will the arm do next?",
    "The robot wants to {g}. Its latest action: it {d}. Name the following subtask.",
    "Goal: {g}. State: it {d}. What is the next primary subtask?",
    "Asked to {g}, the arm {d}. How does it go on?",
)
NEXT_ASKED_ZH = (
    "要{g}。机械臂刚刚{d}。接下来的主要子任务是什么?",
    "任务是{g}。机械臂刚才{d}。下一步做什么?",
    "目标:{g}。最后看到机械臂{d}。之后会怎样?",
)
NEXT = ("Next, {s}", "After that, {s}", "What follows: {s}", "Then {s}", "Now {s}")
NEXT_ZH = ("接下来,{s}", "随后,{s}", "下一步,{s}")
TASK = ('The task is "{q}"', 'What was asked for: "{q}"', 'The instruction reads "{q}"', 'It was told "{q}"')
TASK_ZH = ('任务是"{q}"', '给出的指令是"{q}"', '要求是"{q}"')
VAGUE = (
    'The instruction merely says "{q}"; what is measured shows: {g}.',
    '"{q}" tells little; by what is measured, the job is to {g}.',
    'Told "{q}", the arm is seen to {g}.',
)
VAGUE_ZH = ('指令只说"{q}";从测量看,是{g}。', '"{q}"说得很少;测量表明要{g}。')
WRONG = (
    'The instruction says "{q}", but what is moved here is the {t}.',
    '"{q}" was asked for; the recording shows work on the {t} instead.',
    'The words "{q}" do not fit: it is the {t} that is dealt with.',
)
WRONG_ZH = ('指令说"{q}",但被移动的是{t}。', '"{q}"与记录不符:实际操作的是{t}。')


BEGINS = ("It begins like this: {s}", "The first step: {s}", "To start with, {s}", "First, {s}")
BEGINS_ZH = ("第一步:{s}", "开头是这样:{s}", "先看第一步,{s}")
SKIPPED = (
    "A step that fails is no part of it: {s}",
    "Not part of the lesson: {s}",
    "One try is no model to follow: {s}",
)
SKIPPED_ZH = ("这次没有成功,不算一步:{s}", "失败的一次不教:{s}")
FIRST = ("The first action: {s}", "The list begins where {s}", "Row one: {s}", "First of all, {s}")
FIRST_ZH = ("第一段:{s}", "列表从这里开始:{s}", "最先,{s}")
STEP = (
    "{o}; here {m}",
    "{o}: in the demonstration {m}",
    "{o} ({m})",
    "{o}. In the recording, {m}",
    "{o}; what is measured: {m}",
)
STEP_ZH = ("{o}:{m}", "{o}(演示中{m})", "{o};记录里{m}")
LINE = (
    "{k}. From {a} to {b} s: {s}",
    "{k}. {a} to {b} s: {s}",
    "{k}. Between {a} and {b} s, {s}",
    "{k}. Starting at {a} s, done at {b} s: {s}",
)
LINE_ZH = ("{k}. {a} 到 {b} 秒:{s}", "{k}. 从 {a} 秒到 {b} 秒,{s}")
LEARN: Mapping[str, Sequence[str]] = {
    "": (
        "How do I make the arm {g}",
        "What has to be done to {g}",
        "How does a robot {g}",
        "Can you teach me to {g}",
        "I want the arm to {g}; how is that done",
    ),
    "before": (
        "How do I get the arm ready to {g}",
        "What comes first if the arm is to {g}",
        "How is the hand brought to where it can {g}",
    ),
    "after": (
        "The hand is at the {t} now. How does the arm {g} from here",
        "The {t} is about to move. What has to follow to {g}",
        "Say the hand is ready to {g}. How does it go on",
    ),
    "failed": (
        "How does the arm {g}, and what goes wrong on the way",
        "Can you show how to {g}, the mistake included",
        "What happens when the arm tries to {g}, failures and all",
    ),
}
"""What a learner asks, by the part that is to be taught."""
LEARN_ZH: Mapping[str, Sequence[str]] = {
    "": ("怎样{g}?", "要{g},该怎么做?", "能教我怎样{g}吗?"),
    "before": ("怎样做好准备,好{g}?", "要{g},先做什么?"),
    "after": ("手已经到了{t}那里,接下来怎样{g}?", "{t}就要动了,还要做什么才能{g}?"),
    "failed": ("怎样{g},途中又出了什么错?", "想看怎样{g},连失误也要,可以吗?"),
}
LIST = (
    "The arm is to {g}. List {p}, in order, with times and states.",
    "In this episode, made to {g}, which are {p}? Give times and states.",
    "Goal: {g}. Write {p} as a table with times and recorded states.",
    "For imitation learning of how to {g}: give {p}, one after the other, with the states at both ends.",
    "The recording shows an arm that is to {g}. Log {p} with their times.",
)
"""How a list is asked for."""
LIST_ZH = ("机械臂{g}。请按顺序列出{p}。", "任务:{g}。把{p}连同时间和状态列成表。", "学习怎样{g}:依次给出{p}。")
HELD = (
    "Frame {f} is shown {n} times more: there the arm stands still.",
    "From frame {f} on nothing moves: it is repeated {n} times.",
    "The clip freezes at frame {f}, which comes {n} times more.",
)
HELD_ZH = ("第 {f} 帧重复显示 {n} 次,动作停在那里。", "画面在第 {f} 帧停住,重复了 {n} 次。")
FAULTY = ("What goes wrong: {s}", "The trouble: {s}", "Here it fails: {s}")
FAULTY_ZH = ("出错之处:{s}", "问题在这里:{s}")
SOUND = ("So far all is well: {s}", "Nothing is wrong before the stop: {s}", "Until the stop, {s}")
SOUND_ZH = ("到这里为止:{s}", "停住之前一切正常:{s}")
REALLY = ("What really came next: {s}", "In the recording it goes on so: {s}", "The true continuation: {s}")
REALLY_ZH = ("实际接下来:{s}", "录像里之后是:{s}")
WHAT_NOW = (
    "The arm is to {g}, but it {w}. What should it do now?",
    "On the way to {g}, the arm {w}. How does it get out of this?",
    "Something is wrong: the arm, which is to {g}, {w}. What is the remedy?",
    "Goal: {g}. The clip shows that the arm {w}. How is this mended?",
    "Why is the job to {g} not done yet, and what mends it, now that the arm {w}?",
)
WHAT_NOW_ZH = (
    "机械臂要{g},但它{w}。现在该怎么做?",
    "任务是{g},可是机械臂{w}。怎样补救?",
    "目标:{g}。片段里机械臂{w}。接下来应当怎样?",
)
REMEDY = (
    "The arm {w}. It should {m}: <image_recall> Then {s} <video_gen>",
    "It {w}. The remedy is to {m}: <image_recall> After that {s} <video_gen>",
    "What is wrong: the arm {w}. To mend it, {m}, from here: <image_recall> The outcome: {s} <video_gen>",
    "Since the arm {w}, it has to {m}: <image_recall> What follows: {s} <video_gen>",
)
REMEDY_ZH = (
    "机械臂{w}。它应当{m}:<image_recall>接下来{s}<video_gen>",
    "机械臂{w},需要{m}:<image_recall>之后{s}<video_gen>",
    "问题是机械臂{w}。办法:{m}。<image_recall>随后{s}<video_gen>",
)


def pick(voice: str, key: str, forms: Sequence[str]) -> str:
    """One of the forms: always the same one for a voice and a key."""
    return random.Random(f"{voice}:{key}").choice(forms)
