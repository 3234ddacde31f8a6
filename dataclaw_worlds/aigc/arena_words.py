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
DoomImp|brown spiky creature|棕色尖刺怪
Demon|pink worm|粉色蠕虫
Cacodemon|striped floating beast|条纹漂浮巨兽
HellKnight|white beaked warrior|白色鸟嘴战士
BaronOfHell|green beaked warrior|绿色鸟嘴战士
LostSoul|ball of flesh|肉球怪
Revenant|soldier in green armour|绿甲士兵
Fatso|slug with cannons|炮台蛞蝓
Arachnotron|spider drone|蜘蛛无人机
WolfensteinSS|man in a blue jacket|蓝外套男子
PainElemental|red swollen beast|红色膨胀怪
Archvile|pale giant|苍白巨人
Cyberdemon|green clawed giant|绿爪巨人
MarineChainsaw|soldier with a blue visor|蓝面罩士兵
MarineRocket|grey marine|灰色陆战队员
"""
_TAKEN = """
Medikit|medical kit|医疗箱
Stimpack|small first aid pack|小急救包
GreenArmor|silver armour vest|银色护甲
BlueArmor|red armour vest|红色护甲
Soulsphere|yellow skull ball|黄色骷髅球
Megasphere|striped orange ball|橙色条纹球
BlurSphere|dark ball|暗色球
Berserk|black medicine pack|黑色药包
RadSuit|silver suit|银色防护服
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
TechLamp|tall metal lamp|高金属灯
TechLamp2|short white lamp|矮白灯
Column|yellow floor lamp|黄色落地灯
TallGreenColumn|tall green pillar|绿色高柱
ShortRedColumn|short red pillar|红色矮柱
HeartColumn|stone frog statue|石蛙雕像
SkullColumn|red pillar with a skull|骷髅红柱
EvilEye|red eye ornament|红眼装饰
FloatingSkull|brain in a machine|机器里的大脑
TorchTree|burnt tree|烧焦的树
BigTree|bare tree|枯树
Candelabra|rack of glass tubes|玻璃管架
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
Stalagtite|leafy tree|绿叶树
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
