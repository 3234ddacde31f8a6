"""Vocabularies of the arena: the engine's things and maps, and what people call them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that stands in the arena.

    Attributes:
        name: the engine's class.
        en: what people call it, without article.
        zh: it in Chinese.
        alive: whether it moves and can be shot.
        taken: whether a player that runs into it picks it up.
    """

    name: str
    en: str
    zh: str
    alive: bool = False
    taken: bool = False


_ALIVE = """
Zombieman|zombie soldier|僵尸士兵
ShotgunGuy|shotgun soldier|霰弹枪兵
ChaingunGuy|machine gunner|机枪手
DoomImp|imp|小恶魔
Demon|pink worm demon|粉色蠕虫怪
Cacodemon|floating eye demon|漂浮的独眼怪
HellKnight|hell knight|地狱骑士
BaronOfHell|horned baron|长角男爵
LostSoul|flying skull|飞行骷髅头
Revenant|skeleton warrior|骷髅战士
Fatso|fat cannon demon|胖炮怪
Arachnotron|spider robot|蜘蛛机器人
WolfensteinSS|uniformed guard|制服守卫
Spectre|shadowy worm demon|阴影蠕虫怪
PainElemental|brown floating mouth|棕色漂浮巨口
Archvile|pale flame wizard|苍白火焰巫师
Cyberdemon|giant with a rocket arm|火箭臂巨人
SpiderMastermind|giant spider machine|巨型蜘蛛机器
ScriptedMarine|green marine|绿色陆战队员
MarineChainsaw|marine with a chainsaw|拿电锯的陆战队员
MarinePistol|marine with a pistol|拿手枪的陆战队员
MarineRocket|marine with a rocket launcher|拿火箭筒的陆战队员
MarinePlasma|marine with a plasma rifle|拿等离子枪的陆战队员
"""
_TAKEN = """
Medikit|medical kit|医疗箱
Stimpack|small first aid pack|小急救包
GreenArmor|suit of green armour|绿色护甲
BlueArmor|suit of blue armour|蓝色护甲
Soulsphere|blue sphere|蓝色灵球
Megasphere|white sphere|白色灵球
BlurSphere|shadow sphere|暗影球
Berserk|black medicine pack|黑色药包
RadSuit|protective suit|防护服
Backpack|backpack|背包
Shotgun|shotgun|霰弹枪
Chaingun|machine gun|机枪
RocketLauncher|rocket launcher|火箭筒
PlasmaRifle|plasma rifle|等离子枪
Chainsaw|chainsaw|电锯
ClipBox|box of bullets|子弹箱
ShellBox|box of shells|霰弹箱
RocketBox|crate of rockets|火箭弹箱
CellPack|battery pack|电池组
BlueCard|blue key card|蓝色钥匙卡
RedCard|red key card|红色钥匙卡
YellowCard|yellow key card|黄色钥匙卡
RedSkull|red skull key|红色骷髅钥匙
BlueSkull|blue skull key|蓝色骷髅钥匙
YellowSkull|yellow skull key|黄色骷髅钥匙
SuperShotgun|double-barrelled shotgun|双管霰弹枪
BFG9000|huge green gun|巨型绿色炮
Infrared|night goggles|夜视镜
Allmap|map display|地图显示器
HealthBonus|small blue bottle|蓝色小瓶
ArmorBonus|helmet|头盔
"""
_FIXED = """
ExplosiveBarrel|barrel|油桶
TechLamp|tall lamp|高灯柱
TechLamp2|short lamp|矮灯柱
Column|floor lamp|落地灯
TallGreenColumn|tall green pillar|绿色高柱
ShortRedColumn|short red pillar|红色矮柱
HeartColumn|pillar with a beating heart|跳动的心脏柱
SkullColumn|pillar with a skull|骷髅柱
EvilEye|glowing eye|发光的眼睛
FloatingSkull|burning skull rock|燃烧的骷髅石
TorchTree|burnt tree|烧焦的树
BigTree|big tree|大树
Candelabra|candelabra|枝形烛台
BlueTorch|blue torch|蓝色火炬
GreenTorch|green torch|绿色火炬
RedTorch|red torch|红色火炬
ShortBlueTorch|low blue torch|矮蓝火炬
ShortGreenTorch|low green torch|矮绿火炬
ShortRedTorch|low red torch|矮红火炬
TallRedColumn|tall red pillar|红色高柱
ShortGreenColumn|short green pillar|绿色矮柱
TechPillar|metal pillar|金属柱
BurningBarrel|burning barrel|燃烧的油桶
Stalagtite|stalagmite|石笋
"""


def _things(text: str, *, alive: bool = False, taken: bool = False) -> tuple[Thing, ...]:
    rows = [line.split("|") for line in text.strip().splitlines()]
    return tuple(Thing(name, en, zh, alive, taken) for name, en, zh in rows)


THINGS = (*_things(_ALIVE, alive=True), *_things(_TAKEN, taken=True), *_things(_FIXED))
BY_NAME = {thing.name: thing for thing in THINGS}
MAPS = (
    *(f"freedoom2.wad/map{number:02d}" for number in range(1, 33)),
    *(f"freedoom1.wad/E{episode}M{level}" for episode in (1, 2, 3, 4) for level in range(1, 10)),
)
TEMPERS = {
    "shooter": ("wait", "shoot", "strafe_left", "shoot", "walk", "turn_right"),
    "coward": ("wait", "back", "turn_left", "walk", "scan", "walk"),
    "collector": ("walk", "take", "turn_left", "walk", "turn_right", "walk"),
    "watcher": ("scan", "wait", "turn_left", "scan", "walk", "wait"),
    "dodger": ("strafe_left", "strafe_right", "back", "strafe_right", "shoot", "walk"),
    "wanderer": ("walk", "turn_left", "walk", "strafe_right", "turn_right", "walk"),
    "circler": ("strafe_left", "turn_right", "strafe_left", "turn_right", "walk", "back"),
    "hunter": ("turn_right", "take", "shoot", "walk", "shoot", "back"),
}
"""What a player of each temper does, in turn; where it begins in the row is drawn."""
CALLED = ("the player", "the marine", "he", "the hero", "the gamer", "our man", "the soldier", "the character")
"""What captions call the player."""
