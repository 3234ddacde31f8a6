"""How fast wanted frames come out of screen recordings, beside OpenCV, PyAV and, if there, decord and Data-Juicer.

    python benchmarks/frames.py [--rounds 5] [VIDEO ...]

Every round runs every reader once on the same frames, in turn, so that a busy machine slows all of them alike; the
table gives each reader's fastest round and its ratio to this package. Without arguments a 60 s 720p30 recording is made
in a temporary folder, and the sample recording beside the checkout is added when it is there. OpenCV pictures stay BGR,
which favours it slightly. The pictures of the readers are compared once, before anything is timed. Data-Juicer's mapper
writes so many JPEG files, evenly spread, with PyAV; beside it stands this package's reader with the same encoder.
"""

from __future__ import annotations

import argparse
import importlib.util
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dataclaw.streams.decoder import Decoder
from dataclaw.streams.packets import Packets, bursts, read_packets

Pictures = list[NDArray[np.uint8]]
SAMPLE = Path(__file__).parents[1].parent / "shared/data/gui/agentnet_raw_windows_settings"


def make_recording(path: Path, seconds: int = 60, fps: int = 30, width: int = 1280, height: int = 720) -> None:
    """Windows of text that change every three seconds, and a pointer that moves."""
    rng = np.random.default_rng(0)
    with av.open(str(path), "w") as container:
        track = container.add_stream("libx264", rate=fps, options={"preset": "veryfast"})
        track.width, track.height, track.pix_fmt = width, height, "yuv420p"
        screen = np.full((height, width, 3), 245, np.uint8)
        for number in range(seconds * fps):
            if number % (3 * fps) == 0:
                screen[:] = 245
                for _ in range(40):
                    at = (int(rng.integers(0, width - 200)), int(rng.integers(20, height - 20)))
                    cv2.putText(screen, f"Item {rng.integers(1_000_000)}", at, 0, 0.6, (90, 30, 30), 1)
            picture = screen.copy()
            x, y = width / 2 + 400 * np.cos(number / 40), height / 2 + 200 * np.sin(number / 30)
            cv2.circle(picture, (int(x), int(y)), 6, (0, 0, 0), -1)
            frame = av.VideoFrame.from_ndarray(picture, "rgb24")
            frame.pts = number
            container.mux(track.encode(frame))
        container.mux(track.encode(None))


def with_dataclaw(path: Path, wanted: Sequence[int]) -> Pictures:
    decoder = Decoder(path, read_packets(path))
    found = decoder.read(wanted)
    decoder.close()
    return [found[index] for index in wanted]


def in_batches(path: Path, wanted: Sequence[int]) -> Pictures:
    decoder = Decoder(path, read_packets(path))
    found: dict[int, NDArray[np.uint8]] = {}
    for start in range(0, len(wanted), 8):
        found |= decoder.read(wanted[start : start + 8])
    decoder.close()
    return [found[index] for index in wanted]


def with_opencv(path: Path, wanted: Sequence[int]) -> Pictures:
    capture = cv2.VideoCapture(str(path))
    chosen, pictures = set(wanted), Pictures()
    for number in range(max(wanted) + 1):
        capture.grab()
        if number in chosen:
            pictures.append(capture.retrieve()[1])
    capture.release()
    return pictures


def with_pyav(path: Path, wanted: Sequence[int]) -> Pictures:
    chosen, pictures = set(wanted), Pictures()
    with av.open(str(path)) as container:
        container.streams.video[0].thread_type = "AUTO"
        for number, frame in enumerate(container.decode(video=0)):
            if number in chosen:
                pictures.append(frame.to_ndarray(format="rgb24"))
            if number == max(wanted):
                break
    return pictures


def with_decord(path: Path, wanted: Sequence[int]) -> Pictures:
    import decord

    return list(decord.VideoReader(str(path)).get_batch(list(wanted)).asnumpy())


def as_jpeg(path: Path, wanted: Sequence[int]) -> int:
    """The wanted frames as files of a new folder."""
    with tempfile.TemporaryDirectory() as folder:
        for number, picture in enumerate(with_dataclaw(path, wanted)):
            Image.fromarray(picture).save(Path(folder, f"frame_{number}.jpg"))
        return len(wanted)


def with_data_juicer(path: Path, wanted: Sequence[int]) -> int:
    """As many frames as are wanted as files of a new folder, by the mapper `video_extract_frames_mapper`."""
    from data_juicer.ops.mapper.video_extract_frames_mapper import VideoExtractFramesMapper

    with tempfile.TemporaryDirectory() as folder:
        mapper = VideoExtractFramesMapper(
            "uniform", "path", len(wanted), frame_dir=folder, frame_field="frames", legacy_split_by_text_token=False
        )
        sample: dict[str, Any] = {"videos": [str(path)], "__dj__context__": {}}
        # With its context kept it leaves the file open: closing it, 1.6.1 calls what PyAV no longer has.
        found = mapper.process_single(sample, context=True)["frames"][0]
        for reader in sample["__dj__context__"].values():
            reader.container.close()
    if len(found) != len(wanted):
        raise SystemExit(f"{path}: {len(found)} frames instead of {len(wanted)}")
    return len(found)


def dense(path: Path) -> int:
    """Decode every frame and compare it with the one before, at a quarter of the size: the usual change detector."""
    changes, last = 0, None
    with av.open(str(path)) as container:
        container.streams.video[0].thread_type = "AUTO"
        for frame in container.decode(video=0):
            grey = frame.reformat(frame.width // 4, frame.height // 4, "gray").to_ndarray()
            changes += last is not None and float(np.mean(cv2.absdiff(grey, last))) > 2.0
            last = grey
    return changes


def decoded(path: Path) -> int:
    """Decode every frame and do nothing with it."""
    with av.open(str(path)) as container:
        container.streams.video[0].thread_type = "AUTO"
        return sum(1 for _ in container.decode(video=0))


def key_frames(path: Path) -> int:
    packets = read_packets(path)
    decoder = Decoder(path, packets)
    found = decoder.read([int(k) for k in np.flatnonzero(packets.keys)])
    decoder.close()
    return len(found)


def fastest(runs: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Seconds of each one's fastest round."""
    best = dict.fromkeys(runs, float("inf"))
    for _ in range(rounds):
        for name, run in runs.items():
            start = time.perf_counter()
            run()
            best[name] = min(best[name], time.perf_counter() - start)
    return best


def same_pictures(path: Path, wanted: Sequence[int]) -> None:
    """Stop unless the readers agree on the frames; colour conversion may differ by a shade."""
    for ours, theirs in zip(with_dataclaw(path, wanted), with_pyav(path, wanted), strict=True):
        if not np.array_equal(ours, theirs):
            raise SystemExit(f"{path}: frames differ from those of a full decode")


def print_table(title: str, best: dict[str, float], unit: str) -> None:
    base = next(iter(best.values()))
    print(f"\n{title}")
    for name, seconds in best.items():
        print(f"  {name:34s} {seconds:7.3f} s   {seconds / base:6.2f} x {unit}")


def measure(path: Path, rounds: int) -> None:
    packets: Packets = read_packets(path)
    times = packets.times
    wanted = [int(np.searchsorted(times, t, side="right")) - 1 for t in np.arange(0, times[-1], 1.0)]
    sparse = wanted[:: max(len(wanted) // 6, 1)]
    same_pictures(path, wanted)
    readers = {"dataclaw": with_dataclaw, "dataclaw, batches of 8": in_batches, "OpenCV grab/retrieve": with_opencv}
    readers["PyAV, every frame"] = with_pyav
    if importlib.util.find_spec("decord"):
        readers["decord get_batch"] = with_decord
    print(f"\n== {path.name}: {len(times)} frames, {times[-1]:.0f} s, {int(packets.keys.sum())} key frames")
    for title, chosen in ((f"{len(wanted)} frames at 1 fps", wanted), (f"{len(sparse)} frames far apart", sparse)):
        runs = {name: lambda read=read, chosen=chosen: read(path, chosen) for name, read in readers.items()}
        print_table(title, fastest(runs, rounds), "dataclaw")
        if importlib.util.find_spec("data_juicer"):
            files = {"dataclaw": partial(as_jpeg, path, chosen), "Data-Juicer": partial(with_data_juicer, path, chosen)}
            print_table(f"{title}, as JPEG files", fastest(files, rounds), "dataclaw")
    paths: dict[str, Callable[[], object]] = {
        "every frame decoded": lambda: decoded(path),
        "every frame decoded and compared": lambda: dense(path),
        "changes from packet sizes": lambda: bursts(read_packets(path)),
        "all key frames as RGB": lambda: key_frames(path),
    }
    best = fastest(paths, rounds)
    print_table("Where does the screen change", best, "every frame decoded")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("videos", nargs="*", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        videos: list[Path] = options.videos
        if not videos:
            made = Path(folder, "made_720p30.mp4")
            make_recording(made)
            videos = [made, *sorted(SAMPLE.glob("*.mp4"))]
        for video in videos:
            measure(video, options.rounds)


if __name__ == "__main__":
    main()
