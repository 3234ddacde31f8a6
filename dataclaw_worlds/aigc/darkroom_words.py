"""Vocabularies of the darkroom: what generators are told, what photo editors' modules do."""

from __future__ import annotations

from dataclasses import dataclass


def lines(text: str) -> tuple[str, ...]:
    """The lines of a text."""
    return tuple(line.strip() for line in text.strip().splitlines())


def items(text: str) -> tuple[str, ...]:
    """What stands between semicolons."""
    return tuple(item.strip() for item in text.replace("\n", " ").split(";") if item.strip())


SUBJECTS = items(
    """
a lighthouse keeper with a lantern; a fox asleep on a radiator; two old friends playing chess; a paper boat in
a gutter; a greenhouse full of cacti; an astronaut watering tomatoes; a red tram in the rain; a violin on a
windowsill; a baker carrying bread; a stone bridge over a dry river; a market stall with lemons; a heron at
the lake; a robot barista; a library built into a tree; a child flying a kite; a mountain hut at night; a
fishing boat with blue nets; a tea set for one; an elephant in a library; a bicycle under ivy; a woman reading
on a ferry; a desk with a broken clock; a snow leopard; a street musician with an accordion; a glass whale; a
castle made of bread; a cat in a space suit; a field of sunflowers; an empty swimming pool; a diver above a
shipwreck; a tailor at his window; a glass of iced coffee; a hot air balloon; a desert train station; a frog
with a crown; an owl in a lamp shop; a pirate eating noodles; a garden gate with roses
"""
)
STYLES = items(
    """
oil on canvas; gouache illustration; 35 mm photograph; woodcut print; watercolour; isometric pixel art;
claymation still; charcoal sketch; art nouveau poster; low poly render; anime key visual; botanical plate;
film noir still; ukiyo-e print; blueprint drawing; paper collage; stained glass; double exposure; macro
photograph; storybook illustration; ink wash; cyanotype; vaporwave; medieval manuscript; product photograph;
embroidery; mosaic; pastel drawing; linocut; risograph
"""
)
LIGHTS = items(
    """
golden hour; overcast light; neon glow; candle light; hard noon sun; moonlight; foggy morning; studio softbox;
backlit; stage light; storm light; blue hour; firelight; underwater light
"""
)
NEGATIVES = items(
    """
blurry, low quality; extra fingers, watermark; text, logo, signature; jpeg artifacts, noise; deformed, ugly;
cropped, out of frame; oversaturated; people, crowd; monochrome; duplicate, disfigured; harsh shadows; lens flare, dust;
plastic skin; frame, border; cartoon; grain, banding; empty background; tiling, seams
"""
)
CHECKPOINTS = items(
    """
dreamlight_v6.safetensors; realisticCore_51.safetensors; sdxl_base_1.0.safetensors; inkpunk-v2.ckpt;
v1-5-pruned.ckpt; deliberate_v3.safetensors; animeMix_v4.safetensors; juggernautXL_v8.safetensors;
paperCut_12.safetensors; oldfilm_v1.ckpt
"""
)
LORAS = items(
    """
detail_tweaker.safetensors; film_grain_v2.safetensors; clay_style.safetensors; neon_city.safetensors;
soft_faces.safetensors; blue_hour.safetensors; woodcut_lines.safetensors; tiny_planet.safetensors;
wet_streets.safetensors; old_paper.safetensors
"""
)
UPSCALERS = (
    "4x-UltraSharp.pth", "RealESRGAN_x2.pth", "4x_foolhardy.pth", "4x_NMKD-Siax.pth", "2x_photo.pth", "8x_anime6B.pth",
    "SwinIR_4x.pth", "4x_lollypop.pth", "remacri_4x.pth", "4x_valar.pth",
)  # fmt: skip
PREFIXES = ("final", "out/poster", "render", "keep", "A_", "best/", "print", "v2_", "show", "day3/take")
"""What files are saved under."""
SAMPLERS = ("euler", "euler_ancestral", "dpmpp_2m", "dpmpp_sde", "ddim", "uni_pc", "heun", "lms")
FILES = items(
    """
sketch_04.png; IMG_2291.jpg; portrait_raw.png; kitchen.jpg; product_front.png; scan-17.png; holiday.jpg;
logo_draft.png; pose_ref.png; roomshot.jpg; tower-b.png; IMG_0007.jpg; plate.png; face_front.jpg; mood02.png; dog.jpg
"""
)
_MODULES = """
exposure|light|set the exposure|设置曝光
filmicrgb|light|map the tones with filmic|用filmic映射影调
toneequal|light|balance the tones zone by zone|分区平衡影调
shadhi|light|lift the shadows and tame the highlights|提亮阴影并压低高光
highlights|light|rebuild blown highlights|修复过曝的高光
basecurve|light|apply a base curve|应用基础曲线
levels|light|set black and white point|设置黑白点
tonecurve|light|bend the tone curve|调整影调曲线
globaltonemap|light|compress the tones globally|全局压缩影调
graduatednd|light|darken one side with a graduated filter|用渐变滤镜压暗一侧
temperature|colour|set the white balance|设置白平衡
colorbalancergb|colour|grade shadows, midtones and highlights|给阴影、中间调和高光调色
colorzones|colour|shift colours by zone|按色区调整颜色
vibrance|colour|raise the vibrance|增加自然饱和度
velvia|colour|add velvia saturation|增加velvia饱和度
channelmixerrgb|colour|calibrate the colours|校准颜色
monochrome|colour|turn it black and white|转成黑白
splittoning|colour|tone shadows and highlights apart|分离色调
colorcontrast|colour|raise the colour contrast|增强颜色对比
lut3d|colour|apply a colour look from a file|应用LUT色彩
sharpen|detail|sharpen|锐化
denoiseprofile|detail|remove noise|降噪
bilat|detail|raise the local contrast|增强局部对比
hazeremoval|detail|remove haze|去雾
diffuse|detail|sharpen by diffusion|扩散锐化
equalizer|detail|work on details by size|按大小处理细节
rawdenoise|detail|remove noise from the raw data|原始数据降噪
crop|geometry|crop|裁剪
clipping|geometry|crop and rotate|裁剪并旋转
flip|geometry|set the orientation|设置方向
ashift|geometry|straighten the perspective|校正透视
lens|geometry|correct the lens|镜头校正
liquify|geometry|push parts of the picture|液化变形
borders|geometry|add a frame|添加边框
vignette|effect|add a vignette|添加暗角
grain|effect|add film grain|添加胶片颗粒
bloom|effect|make highlights bloom|高光溢光
soften|effect|soften it|柔化
watermark|effect|stamp a watermark|加水印
dither|effect|dither|抖动
spots|repair|remove spots|去除污点
retouch|repair|retouch|修饰
hotpixels|repair|remove hot pixels|去除热像素
defringe|repair|remove colour fringes|去除紫边
cacorrect|repair|correct chromatic aberration|校正色差
"""


@dataclass(frozen=True, slots=True)
class Module:
    """What an operation of a photo editor does.

    Attributes:
        name: name of its module.
        group: "light", "colour", "detail", "geometry", "effect" or "repair".
        en: what it does, an order.
        zh: the same in Chinese.
    """

    name: str
    group: str
    en: str
    zh: str


MODULES = tuple(Module(*row.split("|")) for row in lines(_MODULES))
BY_MODULE = {module.name: module for module in MODULES}
_LABELS = """
sky 天空;face 脸部;eyes 眼睛;water 水面;trees 树;dress 裙子;foreground 前景;background 背景
window 窗户;hands 手;snow 雪地;street 街道;lamp 灯;roof 屋顶;bridge 桥;hair 头发;flowers 花;mountain 山
"""
LABELS = {en: zh for en, _, zh in (pair.partition(" ") for pair in _LABELS.strip().replace("\n", ";").split(";"))}
"""What a module's instance is named after, and in Chinese."""
_KINDS = """
light|the steps that change the light;the exposure and tone work;what makes it brighter or darker|调整明暗的步骤
colour|the colour corrections;the steps that change colours;the colour grading|调色步骤
detail|the steps for sharpness and noise;the detail work|锐化和降噪步骤
geometry|the steps that change the geometry;cropping, rotation and lens work|裁剪和几何校正步骤
effect|the creative effects;the effects on top|特效步骤
repair|the repairs;the steps that mend faults of the picture|修复步骤
"""
KINDS = {
    name: (tuple(en.split(";")), tuple(zh.split(";"))) for name, en, zh in (row.split("|") for row in lines(_KINDS))
}
"""How people call groups of modules, in English and Chinese."""
