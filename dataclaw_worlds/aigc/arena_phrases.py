"""How the arena's experts say things: `{d}` is what the player does, `{v}` what the view does, `{p}` a prompt."""

from __future__ import annotations


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.strip().splitlines())


QUESTION = {
    "en": _lines(
        """
Which part shows how {d}, and which prompt would generate it?
Where in the recording can one see that {d}? Give clip and prompt.
Find the seconds in which {d}, and describe them for a video generator.
At what point of the game does it happen that {d}, and how would one prompt a model for that?
Cut out where {d}; what would a text-to-video model have to be told?
When is it that {d}? Name the segment and a fitting prompt.
From when to when does one watch how {d}, and what is the prompt?
I look for the moment when {d}: which clip is it, with what prompt?
Select the passage in which {d} and write down a prompt for it.
Which seconds make a training clip in which {d}, and what caption goes with them?
How long does the scene last in which {d}, and which words would recreate it?
Give me the bit of gameplay where {d}, together with a generation prompt.
Is there a span during which {d}? Say where it lies and how to prompt it.
Mark the stretch where {d} and put it into a prompt.
"""
    ),
    "zh": _lines(
        """
哪一段显示{d},用什么提示词生成?
录像里{d}是在什么时候,提示词怎么写?
请找出{d}的画面,并写出生成用的提示词。
{d}出现在哪几秒?怎样向视频模型描述?
截取{d}的部分,并给出提示词。
如果要训练模型生成{d}的视频,应该用哪一段?
从几秒到几秒能看到{d}?对应的描述是什么?
标出{d}的片段,用一句话告诉生成模型。
什么时候{d}?给出起止时间和提示词。
想生成{d}的视频,参考哪几秒,怎么写?
"""
    ),
}
LIVELIEST = {
    "en": _lines(
        """
Which part of this recording is the liveliest, and which prompt would generate it?
What is the most eventful moment here, and how would one prompt for it?
Pick the segment in which most happens and caption it for a video generator.
Where does this game recording get exciting? Give clip and prompt.
Which seconds are best worth learning from, and with which prompt?
If only one clip may be kept, which one, and what describes it?
Choose the busiest stretch of the footage and write its prompt.
Where does most happen? Give the segment and its prompt.
Say where it is most exciting and write a prompt.
Name the high point of this recording with a prompt that recreates it.
Find the most dramatic seconds and say how a generator should be prompted.
Where is the most action, from when to when, and how would you caption it?
Look for the climax of the game and turn it into a prompt.
Which stretch would you show first to a video model, and described how?
"""
    ),
    "zh": _lines(
        """
这段录像里哪一部分最精彩,用什么提示词生成?
动作最多的是哪几秒?请写出提示词。
如果只留一个片段,应该选哪一段,怎样描述?
请挑出最热闹的画面并配上提示词。
哪一段最值得拿来训练?提示词是什么?
录像的高潮在哪里,怎样让模型生成它?
"""
    ),
}
PROMPT = {
    "en": _lines(
        """
First-person view of a game: {d}; {v}.
Seen through the eyes of a game character, {v} while {d}.
Video game footage from the first person, in which {d}. Camera: {v}.
A shooter played in first person. In it {d}, so {v}.
Gameplay, ego perspective, retro 3D graphics: {d}. Throughout, {v}.
In an old 3D game {d}; {v}, as seen by the player.
POV shot of a classic first-person shooter where {d} and {v}.
Retro game clip without a cut. What happens: {d}. What one sees: {v}.
An uncut first-person game sequence: {v}, because {d}.
Low-resolution 3D game, point of view of the player; {v} as {d}.
Pixelated first-person action in which {d} and, with that, {v}.
Screen capture of a first-person game. Action: {d}. Framing: {v}.
"""
    ),
    "zh": _lines(
        """
第一人称游戏画面:{d},{v}。
复古三维游戏,玩家视角:{v},{d}。
第一人称射击游戏实录,{d}。镜头:{v}。
从玩家眼中看去,{v},同时{d}。
老式射击游戏的一个连续镜头:{d};{v}。
游戏录屏,主观视角。动作是{d},画面是{v}。
低分辨率三维游戏里,{d},于是{v}。
一段不剪辑的游戏视频:{v},因为{d}。
主观镜头的像素风射击游戏:{d},{v}。
早期三维游戏的实机画面,{v};{d}。
玩家第一视角录像,内容为{d},运镜为{v}。
经典射击游戏,无剪辑,{d},{v}。
无剪辑的游戏画面:{d},同时{v}。
"""
    ),
}
ANSWER = {
    "en": _lines(
        """
From {a} to {b} s: <video_gen> Prompt: {p} Key frames: {r}
{a} s to {b} s. <video_gen> {p} {r}
The segment begins at {a} s and ends at {b} s: <video_gen> Prompted for like this: {p} Held by {r}
<video_gen> This clip ({a}-{b} s) can be asked for by: {p} Anchors of the motion: {r}
Take what lies between {a} and {b} s, <video_gen>, with these key frames: {r} Text for the generator: {p}
It happens between {a} s and {b} s: <video_gen> One would write: {p} Frames on the way: {r}
{p} <video_gen> That is what {a} to {b} s show, by way of {r}
Start {a} s, end {b} s; <video_gen>; conditioning frames {r}; caption: {p}
Use the frames {r} of the seconds {a} to {b}. <video_gen> A fitting caption: {p}
At {a} s it starts, at {b} s it is over. <video_gen> Stills: {r} Description: {p}
"""
    ),
    "zh": _lines(
        """
从{a}到{b}秒:<video_gen> 提示词:{p} 关键帧:{r}
{a}秒开始,{b}秒结束。<video_gen> {p} {r}
<video_gen> 这段({a}-{b}秒)可以这样描述:{p} 依次经过{r}
取{a}秒至{b}秒,关键帧是{r},给模型的话是:{p} <video_gen>
{p} <video_gen> 位于{a}到{b}秒,画面:{r}
片段在{a}秒与{b}秒之间:<video_gen> 用{r}作为条件,文字为:{p}
答案是{a}秒到{b}秒 <video_gen>,写作:{p} 代表画面 {r}
时间为{a}秒至{b}秒:<video_gen> 描述:{p} 画面依次为 {r}
{a}秒起,{b}秒止 <video_gen> 文字提示:{p} 定格:{r}
用这一段训练({a}到{b}秒):<video_gen> {r} 说明文字:{p}
"""
    ),
}
NEXT_QUESTION = {
    "en": _lines(
        """
{D}. What happens next?
First {d}. Which development follows?
Given frames in which {d}, how does the game go on?
The observation shows that {d}. Predict the seconds after it.
Up to here {d}; what will the next frames show?
This is known: {d}. What is to be seen after it?
Suppose one has just watched how {d}. What comes then?
Context: {d}. Continuation?
So far {d}. Describe what the player does from there on.
Which action comes directly after the one in which {d}?
A world model has seen that {d}; what should it forecast?
Continue this recording from the point where {d}.
"""
    ),
    "zh": _lines(
        """
{d}。接下来会发生什么?
已经看到{d},后面的画面是怎样的?
观察:{d}。请预测之后的几秒。
先是{d},随后呢?
如果前几秒是{d},游戏怎样继续?
从{d}的那一刻往后,会出现什么动作?
世界模型看到{d},它应该预测什么?
以{d}为上下文,续写这段录像。
"""
    ),
}
NEXT_ANSWER = {
    "en": _lines(
        """
<video_gen> Next {d}. {r}
<video_gen> Then {d}: {r}
After that {d}. <video_gen> {r}
What follows is that {d}, frame by frame: {r} <video_gen>
The recording goes on like this: {d}. <video_gen> Seen {r}
{D}, and {v}. <video_gen> {r}
The next thing is that {d}, so {v}. {r} <video_gen>
Prediction: {d}. <video_gen> Evidence in the following pictures: {r}
From there {d} while {v}; <video_gen> {r}
It continues in the same shot: {v}, for {d}. {r} <video_gen>
"""
    ),
    "zh": _lines(
        """
<video_gen> 接下来{d}。{r}
随后{d},{v}。<video_gen> {r}
<video_gen> 后面的画面里{d}:{r}
同一个镜头继续:{d},于是{v}。{r} <video_gen>
预测结果是{d}。<video_gen> 见{r}
{v},因为{d}。<video_gen> {r}
再往后,{d}。{r} <video_gen>
"""
    ),
}
AT = {
    "en": _lines(
        """
At {t} s: <image_recall>
{t} s <image_recall>
<image_recall> ({t} s)
at second {t} <image_recall>
<image_recall>, taken at {t} s
Frame of {t} s: <image_recall>
"""
    ),
    "zh": _lines(
        """
{t} 秒:<image_recall>
<image_recall>({t} 秒)
在 {t} 秒处 <image_recall>
第 {t} 秒的画面 <image_recall>
<image_recall> 取自 {t} 秒
"""
    ),
}
