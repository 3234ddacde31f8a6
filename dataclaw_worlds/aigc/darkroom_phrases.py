"""How the darkroom's experts say things: `{np}` are steps, `{where}` a workflow or a history, `{o}` an order."""

from __future__ import annotations

from dataclaw_worlds.aigc.darkroom_words import lines

QUESTION = {
    "en": lines(
        """
In {where}, describe {np} with the settings.
Go through {where} and write down {np}, parameter by parameter.
Of {where}, explain {np} so that it can be repeated.
Take {np} out of {where} and list every value.
For {np} in {where}, say what is done and with which parameters.
Somebody wants to copy this: {np}. What does {where} hold about it?
Document {np}: operations of {where}, in order, with their values.
Extract from {where}: {np}.
Restrict {where} to {np} and give the complete settings.
What would one have to set by hand to repeat {np} as in {where}?
Turn {np}, as {where} has it, into a list of instructions.
Reading {where}, what can be said about {np}, value by value?
Note each operation of {where} that belongs to {np}.
"""
    ),
    "zh": lines(
        """
{where}里,{np}是什么,怎么设置?
请从{where}中找出{np}并写明参数。
按照{where},{np}用了哪些数值?
只看{np}:{where}里具体做了什么?
如果要重复{np},根据{where}应该怎样操作?
列出{where}中属于{np}的每一步和取值。
说明{where}的{np},逐项给出设置。
把{where}里的{np}整理成操作说明。
"""
    ),
}
WHOLE = {
    "en": lines(
        """
Which steps make up {where}, in order?
Explain {where} from beginning to end.
How does {where} lead to the picture, one operation after the other?
List everything that {where} does, with the settings.
Which operations of {where} make the picture?
Write {where} down as a plan that somebody else can follow.
Describe the whole of {where} with all values.
Rebuild the picture by hand: what does {where} say has to be done?
"""
    ),
    "zh": lines(
        """
{where}由哪些步骤组成?
请从头到尾说明{where}。
{where}是怎样一步步得到图片的?
按顺序写出{where}的全部操作和参数。
照着{where}重做一遍需要什么?
把{where}完整地整理成操作步骤。
"""
    ),
}
THINKING = {
    "en": lines(
        """
{Np}: {names}.
What is asked for, {np}, comes down to {names}.
Looking for {np}, I find {names}.
Read in order, {names} answer to {np}.
Of all steps I take {names} as {np}.
As {np} I count {names}.
For {np} one needs {names}.
The file has this for {np}: {names}.
"""
    ),
    "zh": lines(
        """
{np}是{names}。
属于{np}的步骤:{names}。
找{np},得到{names}。
逐个检查后,{names}就是{np}。
{np}在文件里对应{names}。
"""
    ),
}
ORDER = {
    "en": lines(
        """
{O}.
Edit the picture as follows: {o}.
In this picture, {o}.
I would like you to {o}.
Take the first picture and {o}.
Retouch it: {o}.
The task is to {o}.
Starting from the first version, {o}, and leave the rest alone.
Your job in this edit: {o}.
Please {o}.
With the first picture in hand, {o}.
Nothing else should change: {o}.
"""
    ),
    "zh": lines(
        """
{o}。
请修改图片:{o}。
在第一张图上,{o}。
编辑要求:{o}。
请{o},其余保持不变。
任务是{o}。
任务:{o},别的不动。
"""
    ),
}
SHOWS = {
    "en": lines(
        """
<image_recall> is the picture after the edit.
The result is <image_recall>
Edited, it looks like this: <image_recall>
<image_recall> shows what came out.
Here is the changed picture: <image_recall>
After the change one sees <image_recall>
<image_recall>, the second version.
The finished edit: <image_recall>
With that done: <image_recall>
"""
    ),
    "zh": lines(
        """
<image_recall>是修改后的图。
修改结果:<image_recall>
改完之后是这样:<image_recall>
<image_recall>,即第二张图。
编辑后的图片 <image_recall>
完成后的画面:<image_recall>
<image_recall>就是结果。
改好的图在这里:<image_recall>
成品:<image_recall>
请看 <image_recall>
见<image_recall>,修改已完成。
"""
    ),
}
TURN = {
    "en": lines(
        """
turn what is {before} {where} {after}
make the {before} part {where} {after}
replace {before} by {after} {where}
let {before} become {after} {where}
give {after} to what is {before} {where}
paint over the {before} {where} in {after}
"""
    ),
    "zh": lines(
        """
把{where}的{before}改成{after}
让{where}的{before}变为{after}
将{where}由{before}换成{after}
用{after}代替{where}的{before}
把{where}{before}的部分变成{after}
"""
    ),
}
TURNED = {
    "en": lines(
        """
{Where} {before} became {after}.
What was {before} {where} is {after} now.
{Where} there is {after} in place of {before}.
The {before} part {where} has turned {after}.
From {before} to {after}: that is the change {where}.
{After} replaced {before} {where}.
{Where}: first {before}, then {after}.
"""
    ),
    "zh": lines(
        """
{where}的{before}变成了{after}。
{where}原来是{before},现在是{after}。
{where}由{before}变为{after}。
{where}的{before}被{after}取代。
{where}不再是{before},而是{after}。
"""
    ),
}
SAMPLED = {
    "en": lines(
        """
sample {steps} steps with {sampler} at cfg {cfg}
run the {sampler} sampler for {steps} steps, cfg {cfg}
let {sampler} work {steps} steps at a cfg of {cfg}
denoise in {steps} steps by {sampler} with cfg {cfg}
take {steps} sampling steps ({sampler}, cfg {cfg})
draw the picture: {steps} steps of {sampler}, guidance {cfg}
"""
    ),
    "zh": lines(
        """
用{sampler}采样 {steps} 步,cfg {cfg}
采样器{sampler}运行 {steps} 步,cfg 为 {cfg}
以 cfg {cfg} 用{sampler}迭代 {steps} 步
去噪 {steps} 步({sampler},cfg {cfg})
让{sampler}走 {steps} 步,引导强度 {cfg}
"""
    ),
}
