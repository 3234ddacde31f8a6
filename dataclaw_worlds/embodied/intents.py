"""Words for asking: what a user may want of an episode, in phrases that stand for acts, and frames around them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

PARTS: Mapping[str, Sequence[str]] = {
    "reach": (
        "the part before the hand gets to the {t}",
        "the way to the {t}",
        "the stretch where it heads for the {t}",
        "what the arm does before it has anything in reach",
        "the travel towards the {t}",
    ),
    "hesitate": (
        "the part where it cannot make up its mind",
        "the dithering",
        "the to and fro in front of the {t}",
        "the moment it wavers",
        "the bit where it looks undecided",
    ),
    "late": ("the very beginning, before anything happens", "the wait before it sets off", "the late start"),
    "stall": (
        "the moment it freezes on the way",
        "the unplanned stop before it gets to the {t}",
        "where it hangs for a while on the way",
    ),
    "pause": (
        "the break it takes in the middle of the job",
        "the interruption while it has the {t}",
        "the moment it stops halfway through the work",
    ),
    "touch": (
        "how the fingers take the {t}",
        "the moment it gets hold of the {t}",
        "how the {t} comes into its hand",
        "the instant the {t} is caught",
        "the seizing of the {t}",
    ),
    "miss": (
        "the try that fails",
        "the moment it misses the {t}",
        "the botched attempt",
        "where the fingers come together on nothing",
        "the mistake at the {t}",
    ),
    "lift": ("how the {t} leaves the table", "the moment the {t} comes off the ground", "the hoisting of the {t}"),
    "move": (
        "what is done to the {t}",
        "the actual work on the {t}",
        "what happens to the {t} once the hand is at it",
        "the part that gets the job done",
        "the part in which the {t} changes its place",
        "the main action",
        "how it manages to {g}",
    ),
    "drop": (
        "the moment it loses the {t}",
        "the accident with the {t}",
        "where the {t} slips from its hand",
        "the mishap on the way",
    ),
    "release": (
        "the part where it lets go",
        "how it hands over the {t} at the end",
        "the moment the {t} is free again",
        "the letting go of the {t}",
    ),
    "retreat": (
        "what it does after it has finished with the {t}",
        "the way home",
        "how the arm clears off at the end",
        "the withdrawal from the {t}",
    ),
    "hold": ("what it does when the work is done but it has not left", "the stay at the end of the work"),
    "rest": ("how the recording ends", "the closing seconds when nothing goes on any more", "the end of it all"),
}
"""What an act may be called, by kind or cause."""
PARTS_ZH: Mapping[str, Sequence[str]] = {
    "reach": ("够到{t}之前的那一段", "去往{t}的路上", "朝{t}过去的那一段"),
    "hesitate": ("拿不定主意的那一段", "在{t}前面磨蹭的那一段", "晃来晃去的那一下"),
    "late": ("一开始还没动的那一段", "出发前的等待"),
    "stall": ("半路上停下来的那一刻", "还没到{t}就停住的地方"),
    "pause": ("干到一半歇着的那一段", "中途的打断"),
    "touch": ("怎样拿住{t}的那一下", "手指夹住{t}的瞬间", "{t}到手的那一刻"),
    "miss": ("没成功的那一次", "没夹到{t}的那一下", "失手的尝试"),
    "lift": ("{t}离开桌面的那一段", "{t}被提起来的过程"),
    "move": ("对{t}做的事", "真正干活的那一段", "{t}改变位置的那一段", "怎样{g}的"),
    "drop": ("{t}掉下来的那一刻", "途中的意外", "没拿稳{t}的地方"),
    "release": ("放手的那一段", "{t}重新自由的那一刻"),
    "retreat": ("干完之后离开{t}的那一段", "收手回去的过程"),
    "hold": ("活干完了还没走的那一段",),
    "rest": ("录像结尾的那一段", "最后什么都不动的几秒"),
}
AGAIN = (
    "the second try",
    "the new attempt after the failure",
    "how it goes the second time",
    "the attempt that follows the slip",
)
AGAIN_ZH = ("第二次尝试", "失败以后再来的那一次", "重新来过的那一段")
"""The work of a later try."""

DESCRIBE = (
    "describe {c}",
    "tell me what goes on in {c}",
    "a caption for {c}",
    "{c}, in one sentence",
    "explain {c}",
    "subtask label for {c}",
    "I need a question and an answer on {c}",
    "write down {c}",
    "annotate {c}",
    "make a training sample of {c}",
    "pick out {c} and say what the robot does there",
    "zoom in on {c}",
    "{c}: what is the robot doing",
    "cut out {c} and describe it",
    "robot video QA for {c}",
    "what can be seen in {c}",
    "find {c} and caption it",
    "summarise {c}",
    "for my dataset: {c}",
)
DESCRIBE_ZH = (
    "描述{c}",
    "说说{c}",
    "给{c}写一句说明",
    "标注{c}",
    "{c}里机械臂在做什么",
    "把{c}做成问答",
    "找出{c}并描述",
    "解释一下{c}",
)

REACHED: Mapping[str, Sequence[str]] = {
    "reach": ("the hand has got to the {t}", "it has arrived at the {t}", "the arm is where the {t} is"),
    "touch": ("the fingers have the {t}", "it has got hold of the {t}", "the {t} is between the fingers"),
    "lift": ("the {t} is off the table", "the {t} hangs in the air"),
    "miss": ("the try has failed", "it has missed the {t}", "the fingers came away with nothing"),
    "drop": ("it has lost the {t}", "the {t} has fallen", "the mishap has happened"),
    "move": ("the {t} is where it should be", "the work on the {t} is done", "it has managed to {g}"),
    "release": ("the {t} has been let go of", "the hand is empty again"),
}
"""What has been reached after an act."""
REACHED_ZH: Mapping[str, Sequence[str]] = {
    "reach": ("手已经到了{t}那里", "已经够到{t}"),
    "touch": ("手指已经夹住{t}", "{t}已经到手"),
    "lift": ("{t}已经离开桌面", "{t}已经在半空中"),
    "miss": ("这次没抓到{t}", "第一次失手了"),
    "drop": ("{t}掉了", "已经出了意外"),
    "move": ("{t}已经到位", "活已经干完"),
    "release": ("已经放手", "手又空了"),
}
PREDICT = (
    "{c}: what is the next subtask",
    "{c}; predict the step that follows",
    "what comes next once {c}",
    "when {c}, what will the robot do",
    "next-step question for the moment when {c}",
    "stop the clip when {c} and ask what follows",
    "planner data: {c}, and then?",
    "as soon as {c}, which subtask follows",
    "show frames until {c}, then ask for the next subtask",
    "{c}. and now?",
    "anticipate what happens after {c}",
    "the continuation once {c}",
    "imagine {c} - what would come next",
)
PREDICT_ZH = (
    "{c},接下来做什么",
    "{c}之后预测下一个子任务",
    "当{c}时,下一步是什么",
    "{c},然后呢",
    "展示到{c}为止,问下一步",
)

TEACH: Mapping[str, Sequence[str]] = {
    "": (
        "show a beginner how to {g}",
        "teach me to {g}, with pictures",
        "how do I {g}? pictures please",
        "a picture book of how to {g}",
        "an illustrated recipe for this job",
        "make a guide so that anyone can repeat it",
        "what would you tell a trainee, with a frame for each step",
        "turn this into a manual",
        "clean instructions from this demo, mistakes left aside",
        "a photo guide for {g0}",
        "walk me through it, one picture each",
        "explain the procedure with images, the way it should be done",
    ),
    "count": (
        "{n} steps for a beginner",
        "boil it down to {n} steps with pictures",
        "teach it in {n} steps",
        "a tutorial of {n} parts",
        "{n} steps, {n} pictures, nothing more",
        "no more than {n} steps, please, with a frame each",
    ),
    "before": (
        "the steps up to where the {t} is ready to be moved",
        "how to get at the {t}, with pictures",
        "teach how to get ready, before the {t} moves",
        "pictures of the preparation until the {t} starts to move",
    ),
    "after": (
        "the steps once the {t} is in the hand's power",
        "how to go on from where the {t} begins to move, with pictures",
        "teach what to do with the {t} once the hand is there",
        "the second part of the lesson: the work with the {t} itself",
    ),
    "failed": (
        "a tutorial that shows the mistake as well",
        "teach it with what went wrong included",
        "steps with pictures, failures and all",
        "show the blunder too, step by step with images",
    ),
}
TEACH_ZH: Mapping[str, Sequence[str]] = {
    "": (
        "图文并茂地教我怎样{g}",
        "给新手看的图解步骤",
        "把它做成说明书",
        "一步一图,教人{g}",
        "整理成正确的操作步骤,每步配图",
    ),
    "count": ("用{n}步教会新手", "分{n}个步骤配图讲解", "浓缩成{n}步"),
    "before": ("教我怎样准备,到{t}要动之前为止", "{t}开始移动之前的图解步骤"),
    "after": ("从{t}开始移动讲起的图解步骤", "手到位以后怎么做,配图"),
    "failed": ("连失误也一起讲的图解教程", "把出错的那一次也配图讲出来"),
}

LIST: Mapping[str, Sequence[str]] = {
    "": (
        "break the episode into what the robot really does",
        "the actions of this episode, as a person would count them",
        "high-level action log with times",
        "turn the motion into a list of named actions",
        "one row for each thing it does",
        "timeline of the manipulation by action",
    ),
    "before": (
        "every action up to where the {t} begins to move",
        "the preparation until the {t} starts moving, as a table",
        "list what happens before the {t} moves at all",
    ),
    "after": (
        "every action from where the {t} begins to move",
        "the table from the start of the work on the {t} to the end",
        "list what happens once the {t} is on the move",
    ),
    "moving": (
        "the actions in which the {t} moves",
        "rows where the {t} changes its place, and nothing else",
        "keep what shifts the {t}, drop the remainder",
    ),
    "still": ("a table of its breaks", "when does it stand around? list them", "all the waiting, as rows"),
    "active": (
        "the action list minus all the standing around",
        "actions with the waiting cut away",
        "log what it does and forget the waits",
    ),
    "good": (
        "the actions of the try that works",
        "the successful attempt, as a table",
        "rows of the attempt that did the job",
    ),
    "failed": (
        "the actions of the try that goes wrong",
        "the failed attempt, as a table",
        "rows of the botched attempt",
    ),
    "hand": (
        "the trips of the empty hand",
        "rows in which the hand travels with nothing in it",
        "the motions before and after the {t} is dealt with",
    ),
}
LIST_ZH: Mapping[str, Sequence[str]] = {
    "": ("把这段拆成机器人真正做的动作", "像人一样数一数它做了哪些动作,列表", "带时间的动作日志"),
    "before": ("{t}开始移动之前的全部动作", "把准备过程列成表"),
    "after": ("{t}开始移动之后的全部动作", "从动到{t}起列到最后"),
    "moving": ("{t}发生移动的那些动作", "把挪动{t}的动作列出来"),
    "still": ("它的停歇列成表", "什么时候站着没动,列出来"),
    "active": ("动作列表,站着没动的都删掉", "去掉等待后的动作表"),
    "good": ("成功那一次的动作", "把办成的那次尝试列成表"),
    "failed": ("失败那一次的动作", "把没办成的那次尝试列成表"),
    "hand": ("空手移动的动作", "手里没东西时的移动"),
}

FAULT: Mapping[str, Sequence[str]] = {
    "approach_stall": (
        "it gets stuck on the way to the {t}: what now",
        "a sample where the arm stops short of the {t}, with the cure",
        "the arm stalls before it has the {t}; teach it to go on",
        "failure data: stuck before the {t}, and the way out",
        "what if it stalls on its way",
    ),
    "hesitation_loop": (
        "it hesitates in front of the {t}: make the fault and its cure",
        "a sample of the robot going back and forth, and how it gets out of it",
        "teach it to stop dithering at the {t}",
        "the oscillation before the {t} and the straight way instead",
        "hesitating robot, corrected future",
    ),
    "unstable_grasp": (
        "the grasp slips: how does it recover",
        "an unstable hold of the {t} and what to do then",
        "it loses its grip on the {t}; teach the second try",
        "failure data for a grasp error at the {t}",
        "grasp slip with the recovery video",
    ),
    "early_stagnation": (
        "the robot does not get started: fault and cure",
        "stagnation at the very beginning, with the continuation",
        "it never starts to {g}; what should it do",
        "sample of a robot that would not start",
    ),
    "": (
        "what goes wrong here, and how is it mended",
        "find the real mistake in this episode and make recovery data of it",
        "turn the trouble in this video into a lesson",
        "failure and cure, from what really happens",
        "where does the robot have difficulties? make a sample for recovering",
        "error and remedy around the {t}",
        "a broken clip and the clip that puts it right",
    ),
}
FAULT_ZH: Mapping[str, Sequence[str]] = {
    "approach_stall": ("它卡在去{t}的半路上,做成故障与恢复样本", "靠近时停住了怎么办"),
    "hesitation_loop": ("它在{t}前犹豫,做成故障与恢复样本", "来回晃动不敢下手,教它纠正"),
    "unstable_grasp": ("{t}没抓稳,抓取不稳的故障和恢复", "抓取失败以后怎么补救"),
    "early_stagnation": ("刚开始就停滞,做成样本", "开始就停着不走,应当怎么办"),
    "": ("这里出了什么错,怎样补救", "从真实的失误里做恢复数据", "找出毛病并给出纠正的片段"),
}
AROUND = (
    "{c}",
    "{c}, please",
    "please: {c}",
    "I need this: {c}",
    "for training: {c}",
    "from this episode: {c}",
    "data request: {c}",
    "my wish: {c}",
    "to be made: {c}",
    "{c} - thanks",
    "sample wanted: {c}",
)
"""What may stand around a wish that is whole by itself."""
AROUND_ZH = (
    "{c}",
    "请{c}",
    "需求:{c}",
    "麻烦{c}",
    "训练数据:{c}",
    "我要:{c}",
    "{c},谢谢",
    "用这段:{c}",
    "样本:{c}",
    "要做的是:{c}",
)
MILD = (
    "do something useful with this episode",
    "whatever fits for training",
    "sample please",
    "help me make data from this",
    "弄一条训练数据",
    "帮我做个样本",
)
"""Wishes that say hardly anything."""
