// Clips that play, and pictures that belong to the question or the answer.

import { el, moment, plainNumber, urls, words } from "./dom.js";

const ROLES = { input_video: "Shown with the question", output_video: "Belongs to the answer", input_image: "Shown with the question", output_image: "Belongs to the answer" };

function clipFigure(clip) {
  const { role, path, start, end, frames, rate, span, freeze_frame, freeze_repeat_count } = clip;
  const [width, height] = clip.size;
  const frozen = typeof freeze_frame === "number" ? `, f${freeze_frame} shown ${freeze_repeat_count} times more` : "";
  const length = `${frames} frames at ${plainNumber(rate)} per second, ${plainNumber(frames / rate)} s`;
  const said = `f${start} to f${end} (${plainNumber(span[0])} to ${plainNumber(span[1])} s), ${length}${frozen}`;
  const player = clip.clip
    ? el("video", { controls: true, muted: true, loop: true, playsinline: true, preload: "metadata", width, height, src: urls.clip(clip.clip), "aria-label": `${words(role)}: ${said}` })
    : el("p", { class: "quiet" }, `Not in this page (${clip.fate}): ${path}`);
  return el("figure", { class: "clip", "data-role": role }, player, el("figcaption", {}, el("b", {}, words(role)), ` ${said}`));
}

export function framePicture(detail, frame, attributes = {}) {
  const known = detail.pictures[`:${frame}`];
  if (!known?.picture) return el("span", { class: "mono quiet" }, `f${frame}`);
  return el("img", { src: urls.picture(known.picture), alt: `frame ${frame} at ${moment(known.t, detail.stream.clock)}`, loading: "lazy", ...attributes });
}

function pictureFigure(detail, frame) {
  return el("figure", { class: "still" }, framePicture(detail, frame), el("figcaption", {}, `f${frame}`));
}

/** What a role shows: its clip, or its pictures. */
export function mediaOf(detail, direction) {
  const clips = detail.clips.filter((clip) => clip.role === `${direction}_video`).map(clipFigure);
  const named = Object.entries(detail.pictures).filter(([, picture]) => picture.role === `${direction}_image`);
  const frames = named.map(([key]) => Number(key.split(":")[1])).sort((a, b) => a - b);
  const stills = frames.length ? [el("div", { class: "stills" }, frames.map((frame) => pictureFigure(detail, frame)))] : [];
  return [...clips, ...stills];
}

/** A text whose placeholders show what they stand for: the k-th picture of the answer, the clip. */
export function withMedia(text, detail, taken) {
  return text.split(/(<image_recall>|<video_gen>)/).map((piece) => {
    if (piece === "<video_gen>") return el("span", { class: "recall" }, "the output video");
    if (piece !== "<image_recall>") return piece;
    const frame = (detail.output_image ?? [])[taken.count++];
    return frame === undefined ? piece : el("span", { class: "recall" }, framePicture(detail, frame, { class: "inline" }));
  });
}
