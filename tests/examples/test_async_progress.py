from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from dataclaw.run.drive import Progress
from examples.async_progress import main, samples

TRACES = Path(__file__).parents[2] / "examples" / "traces"


def test_samples_and_news_come_as_they_are_made(
    capsys: pytest.CaptureFixture[str],
):
    asyncio.run(main([str(TRACES / "calendar_only")]))
    shown = capsys.readouterr()
    assert shown.out.startswith("calendar_only: Which actions are carried out")
    assert "calendar_only: ingest gui stream" in shown.err


def test_who_cancels_stops_the_run_before_it_is_done():
    news: list[Progress] = []

    async def cancelled() -> None:
        async def listen() -> None:
            async for _ in samples([str(TRACES / "shop_and_mail")], tell):
                raise AssertionError("it was not stopped")

        def tell(one: Progress) -> None:
            news.append(one)
            task.cancel()

        task = asyncio.create_task(listen())
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())
    assert news
    assert all(one.outcome is None for one in news)
