"""What a robot is set to do at the bench: one line a skill, with the names of things and the words for doing it.

A skill is one environment of Meta-World with its scripted policy. Names of things are drawn by lot, and the things are
painted to fit their names.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal, TypeAlias

Style: TypeAlias = Literal["grasp", "hook"]
Colour: TypeAlias = tuple[str, str, tuple[float, float, float]]

COLOURS: tuple[Colour, ...] = (
    ("red", "红色", (0.80, 0.10, 0.10)),
    ("blue", "蓝色", (0.10, 0.25, 0.85)),
    ("green", "绿色", (0.10, 0.60, 0.20)),
    ("yellow", "黄色", (0.93, 0.85, 0.10)),
    ("orange", "橙色", (0.95, 0.50, 0.05)),
    ("purple", "紫色", (0.50, 0.15, 0.65)),
    ("white", "白色", (0.95, 0.95, 0.95)),
    ("black", "黑色", (0.06, 0.06, 0.06)),
    ("pink", "粉色", (0.95, 0.55, 0.70)),
    ("teal", "青色", (0.05, 0.60, 0.60)),
    ("grey", "灰色", (0.50, 0.50, 0.50)),
    ("golden", "金色", (0.80, 0.62, 0.15)),
    ("silver", "银色", (0.75, 0.76, 0.80)),
    ("navy", "藏青色", (0.05, 0.08, 0.35)),
    ("lime", "青柠色", (0.60, 0.90, 0.15)),
    ("maroon", "栗色", (0.42, 0.05, 0.10)),
)
"""Names of colours, English and Chinese, and what they look like (RGB, 0..1)."""


@dataclass(frozen=True, slots=True)
class Skill:
    """Something that the robot can do.

    Attributes:
        name: the environment's name in Meta-World, without its version.
        style: "grasp": the fingers close on the thing; "hook": it is pushed, pulled or pressed without being held.
        lifts: whether it is lifted before anything else is done with it.
        body: name of the thing's body in the model; its parts are painted.
        nouns: names that the thing may have, English and Chinese.
        place: where it goes or what it is used on, English and Chinese, and the name of its body ("" where it has
            none); None without one.
        verb: what is done, as a request and of a third person.
        rest: what comes behind the verb, with `{t}` for the thing and `{p}` for the place.
        chinese: the same in Chinese, all of it.
    """

    name: str
    style: Style
    lifts: bool
    body: str
    nouns: tuple[tuple[str, str], ...]
    place: tuple[str, str, str] | None
    verb: tuple[str, str]
    rest: str
    chinese: str


_TABLE = """
assembly|grasp+|RoundNut|ring/圆环,nut/螺母|peg/立柱/peg|fit fits|{t} onto {p}|把{t}套到{p}上
basketball|grasp+|bsktball|ball/球,basketball/篮球|hoop/篮筐/basket_goal|put puts|{t} into {p}|把{t}投进{p}
bin-picking|grasp+|obj|cube/方块,block/积木|second bin/另一个料箱/bin_goal|move moves|{t} to {p}|把{t}放进{p}
box-close|grasp+|boxbodytop|lid/盖子,cover/箱盖|box/盒子/boxbody|put puts|{t} on {p}|把{t}盖到{p}上
button-press-topdown|hook|button|button/按钮,push button/按键||press presses|{t}|按{t}
button-press-topdown-wall|hook|button|button/按钮,push button/按键|wall/挡板/wall|press presses|\
{t} behind {p}|按{p}后面的{t}
button-press|hook|button|button/按钮,switch/开关||press presses|{t}|按{t}
button-press-wall|hook|button|button/按钮,switch/开关|wall/挡板/wall|press presses|{t} behind {p}|按{p}后面的{t}
coffee-button|hook|cmbutton|brew button/冲煮按钮,start button/启动按钮|\
coffee machine/咖啡机/coffee_machine|press presses|{t} of {p}|按{p}的{t}
coffee-pull|grasp|obj|mug/马克杯,cup/杯子|coffee machine/咖啡机/coffee_machine|pull pulls|\
{t} away from {p}|把{t}从{p}旁拉开
coffee-push|grasp|obj|mug/马克杯,cup/杯子|coffee machine/咖啡机/coffee_machine|push pushes|\
{t} under {p}|把{t}推到{p}下面
dial-turn|hook|dial|dial/旋钮,knob/转钮||turn turns|{t}|转动{t}
disassemble|grasp|RoundNut|ring/圆环,nut/螺母|peg/立柱/peg|take takes|{t} off {p}|把{t}从{p}上取下来
door-close|hook|door_link|door/门,cabinet door/柜门||push pushes|{t} shut|把{t}推上
door-lock|hook|lock_link|lock/门锁,latch/门闩||turn turns|{t} until it is locked|把{t}转到锁上
door-open|hook|door_link|door/门,cabinet door/柜门||pull pulls|{t} open|把{t}拉开
door-unlock|hook|lock_link|lock/门锁,latch/门闩||turn turns|{t} until it is unlocked|把{t}转到打开
drawer-close|hook|drawer_link|drawer/抽屉,desk drawer/书桌抽屉||push pushes|{t} shut|把{t}推回去
drawer-open|hook|drawer_link|drawer/抽屉,desk drawer/书桌抽屉||pull pulls|{t} open|把{t}拉开
faucet-close|hook|faucetBase|faucet/水龙头,tap/龙头||turn turns|{t} off|关上{t}
faucet-open|hook|faucetBase|faucet/水龙头,tap/龙头||turn turns|{t} on|拧开{t}
hammer|grasp+|hammerbody|hammer/锤子,mallet/木槌|nail/钉子/nail_link|hit hits|{p} with {t}|用{t}敲{p}
hand-insert|grasp|obj|block/积木,cube/方块|hole/凹洞/|put puts|{t} into {p}|把{t}放进{p}
handle-press-side|hook|hdlprs|handle/把手,bar/压杆||press presses|{t} to its stop|把{t}压到底
handle-press|hook|hdlprs|handle/把手,bar/压杆||press presses|{t} to its stop|把{t}压到底
handle-pull-side|hook|hdlprs|handle/把手,bar/压杆||raise raises|{t}|把{t}扳起来
handle-pull|hook|hdlprs|handle/把手,bar/压杆||raise raises|{t}|把{t}扳起来
lever-pull|hook|lever_link1|lever/拉杆,crank/摇杆||swing swings|{t} over|把{t}扳过去
peg-insert-side|grasp+|peg|peg/销子,rod/短杆|wooden box/木箱/box|insert inserts|{t} into {p}|把{t}插进{p}
peg-unplug-side|grasp|plug1|plug/插头,stopper/塞子|socket/插座/box|pull pulls|{t} out of {p}|把{t}从{p}里拔出来
pick-out-of-hole|grasp|obj|puck/圆块,piece/小块|hole/凹洞/|take takes|{t} out of {p}|把{t}从{p}里取出来
pick-place|grasp+|obj|puck/圆块,can/小罐|target spot/目标位置/|carry carries|{t} to {p}|把{t}拿到{p}
pick-place-wall|grasp+|obj|puck/圆块,can/小罐|wall/挡板/wall|carry carries|{t} over {p}|把{t}拿过{p}
plate-slide|hook|puck_channel|puck/冰球,disc/圆盘|net/球网/puck_goal|slide slides|{t} into {p}|把{t}滑进{p}
plate-slide-side|hook|puck_channel|puck/冰球,disc/圆盘|net/球网/puck_goal|slide slides|{t} into {p}|把{t}滑进{p}
plate-slide-back|hook|puck_channel|puck/冰球,disc/圆盘|net/球网/puck_goal|slide slides|{t} out of {p}|把{t}滑出{p}
plate-slide-back-side|hook|puck_channel|puck/冰球,disc/圆盘|net/球网/puck_goal|slide slides|{t} out of {p}|把{t}滑出{p}
push|grasp|obj|puck/圆块,chip/圆片|target spot/目标位置/|push pushes|{t} to {p}|把{t}推到{p}
push-back|grasp|obj|block/积木,cube/方块|target spot/目标位置/|drag drags|{t} to {p}|把{t}拖到{p}
push-wall|grasp|obj|puck/圆块,chip/圆片|wall/挡板/wall|push pushes|{t} past {p}|把{t}推过{p}
shelf-place|grasp+|obj|block/积木,parcel/包裹|shelf/架子/shelf|put puts|{t} on {p}|把{t}放到{p}上
soccer|hook|soccer_ball|ball/球,football/足球|goal/球门/goal_whole|push pushes|{t} into {p}|把{t}推进{p}
stick-pull|grasp+|stick|stick/小棍,bar/短棒|thermos/保温瓶/object|pull pulls|{p} with {t}|用{t}拉{p}
stick-push|grasp+|stick|stick/小棍,bar/短棒|thermos/保温瓶/object|push pushes|{p} with {t}|用{t}推{p}
sweep-into|grasp|obj|block/积木,cube/方块|hole/凹洞/|sweep sweeps|{t} into {p}|把{t}扫进{p}
sweep|grasp|obj|block/积木,cube/方块||sweep sweeps|{t} aside|把{t}扫到一边
window-close|hook|window|window/窗户,sliding window/推拉窗||slide slides|{t} shut|把{t}推上
window-open|hook|window|window/窗户,sliding window/推拉窗||slide slides|{t} open|把{t}推开
"""


@cache
def skills() -> tuple[Skill, ...]:
    """Every skill there is."""
    return tuple(_skill(line) for line in _TABLE.strip().splitlines())


def skill_of(name: str) -> Skill:
    """The skill of that name."""
    return next(skill for skill in skills() if skill.name == name)


def _skill(line: str) -> Skill:
    name, style, body, nouns, place, verb, rest, chinese = line.split("|")
    request, third = verb.split()
    en, zh, there = place.split("/") if place else ("", "", "")
    return Skill(
        name,
        "grasp" if style.startswith("grasp") else "hook",
        style.endswith("+"),
        body,
        tuple((noun.split("/")[0], noun.split("/")[1]) for noun in nouns.split(",")),
        (en, zh, there) if place else None,
        (request, third),
        rest,
        chinese,
    )


def things(skill: Skill) -> list[str]:
    """Names that its thing may have: a colour and a noun each."""
    return [f"{colour} {noun}" for colour, _, _ in COLOURS for noun, _ in skill.nouns]


def paint(thing: str) -> tuple[float, float, float]:
    """The colour that a thing's name says (RGB, 0..1)."""
    return next(rgb for name, _, rgb in COLOURS if thing.startswith(f"{name} "))


def chinese_of(thing: str, nouns: tuple[tuple[str, str], ...]) -> str:
    """A thing's name in Chinese."""
    colour, _, noun = thing.partition(" ")
    return next(zh for en, zh, _ in COLOURS if en == colour) + dict(nouns)[noun]
