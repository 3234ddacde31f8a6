"""The example of a third party that brings everything: loader, tool, rules, plans and a world."""

from __future__ import annotations

import importlib.util
import json
import random
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataclaw.agent import steps
from dataclaw.agent.steps import State
from dataclaw.errors import StreamError
from dataclaw.kit.check import check_domain
from dataclaw.kit.fixtures import fixtures_of, play
from dataclaw.plugins import load_domain, plugin_at
from dataclaw.plugins.code import module
from dataclaw.run.api import tailor
from dataclaw.streams import open_stream
from dataclaw.streams.grid import Sampling
from dataclaw.tools.cache import Cache
from dataclaw.types import Action, Stream
from dataclaw.worlds import Scene, SceneSpec
from dataclaw.worlds.experts import answer, expert_of

EXAMPLE = Path(__file__).parents[2] / "examples" / "domain_chess"
FOLDER, GAMES = EXAMPLE / "domain_chess", EXAMPLE / "games"
KIWIPETE = "r3k2r/p1ppqpb1/bn2pnp1/3PN3/1p2P3/2N2Q1p/PPPBBPPP/R3K2R w KQkq -"
LAST = {
    "opera_1858": "17. Rd8#", "immortal_1851": "23. Be7#", "evergreen_1852": "24. Bxe7#", "legal_mate": "7. Nd5#",
    "byrne_fischer_1956": "41... Rc2#", "reti_tartakower_1910": "11. Bd8#",
}  # fmt: skip


def part(name: str) -> ModuleType:
    """A module of the example, imported as a run imports it."""
    found = module(plugin_at(str(FOLDER)), name)
    assert found is not None
    return found


def game(path: Path, index: int = 0) -> Stream:
    return part("loaders").PGN.open(path, index, Sampling())


def written(folder: Path, text: str) -> Path:
    (folder / "game.pgn").write_text(text, encoding="utf-8")
    return folder / "game.pgn"


@pytest.mark.parametrize(
    ("fen", "depth", "count"),
    [
        ("", 3, 8902),
        (KIWIPETE, 2, 2039),
        ("8/2p5/3p4/KP5r/1R3p1k/8/4P1P1/8 w - -", 3, 2812),
        ("r3k2r/Pppp1ppp/1b3nbN/nP6/BBP1P3/q4N2/Pp1P2PP/R2Q1RK1 w kq - 0 1", 2, 264),
        ("rnbq1k1r/pp1Pbppp/2p5/8/2B5/8/PPP1NnPP/RNBQK2R w KQ - 1 8", 2, 1486),
    ],
)
def test_the_board_knows_as_many_games_as_there_are(fen: str, depth: int, count: int) -> None:
    board = part("board")
    assert board.count_moves(board.position_of(fen or board.START), depth) == count


def test_notation_is_read_as_it_is_written() -> None:
    board, rng = part("board"), random.Random(3)
    position = board.position_of(KIWIPETE)
    for _ in range(40):
        moves = list(position.moves())
        if not moves:
            break
        assert [position.read(position.write(move)) for move in moves] == moves
        assert board.position_of(position.fen()) == position
        position = position.after(rng.choice(moves))


@pytest.mark.parametrize("fen", ["", "8/8/8/8/8/8/8/8 w - -", "k7/8/8/8/8/8/8/K7 x - -", "k6R/8/8/8/8/8/8/K7 w - -"])
def test_what_is_no_position_is_refused(fen: str) -> None:
    board = part("board")
    with pytest.raises(board.IllegalMoveError):
        board.position_of(fen)


def test_six_games_are_legal_to_their_mates() -> None:
    assert {path.stem: game(path).events[-1].text for path in GAMES.glob("*.pgn")} == LAST


def test_a_file_holds_several_games_with_clocks_variations_and_comments(tmp_path: Path) -> None:
    first = '[White "A"]\n[TimeControl "60+1"]\n\n1. e4 {[%clk 0:00:58] best by\n[far "x"]} e5 {[%clk 0:00:51]}'
    first += " 2. Nf3! {[%clk 0:00:50.5]} (2. f4 exf4 (2... d5)) 2... Nc6 {[%clk 0:00:50]} 1/2-1/2\n\n"
    path = written(tmp_path, f'{first}[White "B"]\n\n1. d4 $1 ; solid\n d5 *\n')
    loader = part("loaders").PGN
    assert loader.claims(path)
    assert loader.count(path) == 2
    one, two = game(path), game(path, 1)
    assert [event.text for event in one.events] == ["1. e4", "1... e5", "2. Nf3", "2... Nc6"]
    assert (one.clock, [event.t1 for event in one.events]) == ("seconds", [3.0, 13.0, 21.5, 23.5])
    assert (two.clock, [event.t1 for event in two.events]) == ("index", [0.0, 1.0])
    assert one.annotations == {"result": "1/2-1/2", "comments": {"1": 'best by [far "x"]', "3": "!"}}
    assert two.annotations["comments"] == {"1": "$1 solid"}
    assert one.id != two.id
    assert "best" not in repr((one.events, one.meta))
    with pytest.raises(StreamError, match="no game of number 2"):
        game(path, 2)


def test_equal_games_have_equal_ids_wherever_they_lie(tmp_path: Path) -> None:
    text = (GAMES / "legal_mate.pgn").read_text()
    both = written(tmp_path, (GAMES / "opera_1858.pgn").read_text() + "\n" + text)
    assert game(both, 1).id == game(GAMES / "legal_mate.pgn").id


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("1. e4 e5 2. Ke3 *", "move 2. 'Ke3' is not legal here"),
        ("1. e4 e5 2. N3 *", "'N3' is no move"),
        ("1. Nf3 a6 2. Nc3 a5 3. Ne1 a4 4. Ne4 *", "is not legal here"),
        ("1. e4 (1. d4 *", "a variation that does not end"),
        ("1. e4 ) e5 *", "closes a variation"),
        ('[Event "x"]\n\n*', "has no moves"),
        ('[FEN "8/8/8/8/8/8/8/8 w - -"]\n\n1. e4 *', "is no position"),
        ('[Variant "Atomic"]\n\n1. e4 *', "the rules of Atomic"),
        ("1. " + "e4 " * 2000, "more than 1,200 moves"),
    ],
)
def test_what_is_no_game_is_refused_with_the_reason(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(StreamError, match=r".") as caught:
        game(written(tmp_path, text))
    assert why in str(caught.value)


@given(st.text(alphabet='[]{}();"$. \n1e4Nf3xO-=#+*PRQ%clk:', max_size=120))
def test_any_text_is_a_game_or_a_stream_error(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = written(tmp_path_factory.mktemp("pgn"), text)
    assert part("loaders").PGN.count(path) >= 1
    with suppress(StreamError):  # anything else that it raises fails
        assert game(path).events


def test_it_passes_its_check_without_a_warning() -> None:
    report = check_domain(str(FOLDER))
    assert [(problem.level, problem.check) for problem in report.problems] == [("explained", "carried")]
    assert [row.draft for row in report.drafts if row.accepted] == ["gold"] * 5


def test_the_planner_gives_the_answers_that_were_written_by_hand() -> None:
    domain = load_domain(str(FOLDER))
    assert [play(domain, row).draft == row.gold for row in fixtures_of(domain)] == [True] * 5


def test_the_fixtures_are_what_the_script_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(EXAMPLE))
    spec = importlib.util.spec_from_file_location("make_chess_fixtures", EXAMPLE / "make_fixtures.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    rows = [json.loads(line) for line in (FOLDER / "fixtures.jsonl").read_text(encoding="utf-8").splitlines()]
    assert json.loads(json.dumps(script.fixtures())) == rows


@pytest.mark.parametrize(
    ("intent", "moves"),
    [
        ("every capture of the queen", ["16... Nxb8"]),
        ("castling", ["12. O-O-O"]),
        ("checks by White after move 11", ["15. Bxd7+", "16. Qb8+", "17. Rd8#"]),
        ("every move by Black from move 3 to 4", ["3... Bg4", "4... Bxf3"]),
        ("when White loses a rook", ["13... Rxd7"]),
        ("recaptures by White", ["5. Qxf3", "11. Bxb5+"]),
    ],
)
def test_requests_in_plain_words_get_the_moves_that_they_mean(
    tmp_path: Path, intent: str, moves: Sequence[str]
) -> None:
    asked = {"domain": str(FOLDER), "task": "key_moments", "out": tmp_path / "out"}
    (outcome,) = tailor(str(GAMES / "opera_1858.pgn"), intent, **asked)
    assert [one["move"] for one in outcome.samples[0]["answer"]["moments"]] == moves


def test_a_request_that_nothing_answers_is_declined(tmp_path: Path) -> None:
    asked = {"domain": str(FOLDER), "task": "key_moments", "out": tmp_path / "out"}
    (outcome,) = tailor(str(GAMES / "legal_mate.pgn"), "all promotions", **asked)
    assert "no move of this game" in outcome.rejected[0]["reason"]


def test_whoever_looks_at_one_page_is_sent_back() -> None:
    """The rules set up the board from the stream, and not from what the policy chose to see."""
    domain, stream = load_domain(str(FOLDER)), game(GAMES / "byrne_fischer_1956.pgn")
    world = part("worlds")
    request = world.Request("key_moments", "every check of the game")
    whole, session = answer(domain, stream, request, Cache())
    best = steps.best(whole)
    assert best is not None
    assert best.verdict.passed
    early = {"moments": [one for one in best.draft["moments"] if one["ply"] <= 60]}
    assert 0 < len(early["moments"]) < len(best.draft["moments"])
    seen = {name: anchor for name, anchor in whole.anchors.items() if int(name[1:]) < 60}
    handed_in = replace(whole, anchors=seen, pending=Action("submit", {"draft": early}), phase="verify")
    verdict, _ = session.verify(handed_in)
    assert not verdict.passed
    assert "chess.as_asked" in verdict.held


@pytest.mark.parametrize("split", ["train", "held"])
def test_experts_prove_what_the_club_means(tmp_path: Path, split: str) -> None:
    domain, world = load_domain(str(FOLDER)), part("worlds").WORLD
    asked = 0
    for seed in range(3):
        spec = SceneSpec("chess_club", seed, 1 + 2 * seed, split)  # pyright: ignore[reportArgumentType]
        folder = tmp_path / str(seed)
        folder.mkdir()
        scene = world.make(spec, folder)
        stream = open_stream(scene.path, loaders=domain.loaders)
        assert [event.text for event in stream.events] == [move["label"] for move in scene.facts["moves"]]
        for request in world.requests(scene, 8):
            state, _ = answer(domain, stream, request, Cache(), expert_of(world, scene, request))
            best = steps.best(state)
            assert best is not None, (request.intent, state.stop)
            assert best.verdict.passed, (request.intent, best.verdict.findings(3))
            told = best.draft.get("moments") or best.draft["stages"]
            assert [int(one["cite"][-1][1:]) for one in told] == request.meaning["plies"]
            asked += 1
    assert asked >= 20


def test_equal_specs_give_equal_games_and_halves_share_no_source(tmp_path: Path) -> None:
    world = part("worlds").WORLD
    sources: dict[str, set[str]] = {}
    for split in ("train", "held"):
        texts: list[str] = []
        for turn in range(2):
            folder = tmp_path / f"{split}{turn}"
            folder.mkdir()
            scene = world.make(SceneSpec("chess_club", 4, 2, split), folder)
            texts.append((folder / scene.stream).read_text())
        assert texts[0] == texts[1]
        asked = {request.template for request in world.requests(scene, 30)}
        sources[split] = {*scene.sources["name"], *asked}
    assert not sources["train"] & sources["held"]


def choices(state: State) -> list[str]:
    asked = [turn.action for turn in state.turns if turn.action and turn.action.tool == "choose"]
    return [str(action.args["point"]) for action in asked]


def test_the_words_of_the_declaration_are_known() -> None:
    read = part("wishes").wish_of
    declared = [intent for task in load_domain(str(FOLDER)).tasks.values() for intent in task.manifest.intents]
    assert [read(intent.format(side="White")).strange for intent in declared] == [()] * len(declared)


def test_a_plan_asks_only_about_what_is_not_said_in_known_words() -> None:
    domain, stream = load_domain(str(FOLDER)), game(GAMES / "opera_1858.pgn")
    request = part("worlds").Request("key_moments", "the checks by White")
    state, _ = answer(domain, stream, request, Cache())
    assert choices(state) == []
    meaning = {"kinds": ["check"], "side": "White", "part": "whole game"}
    meant = replace(request, intent="the alarms by White", meaning=meaning)
    scene = Scene(SceneSpec("chess_club", 0), Path(), "")
    known, _ = answer(domain, stream, meant, Cache(), expert_of(part("worlds").WORLD, scene, meant))
    assert choices(known) == ["chess.kind", "chess.part"]
    alone, _ = answer(domain, stream, meant, Cache())
    assert "nobody here knows what 'alarms' may mean" in alone.error


def test_words_that_are_known_hold_beside_one_that_is_not() -> None:
    domain, stream = load_domain(str(FOLDER)), game(GAMES / "opera_1858.pgn")
    request = part("worlds").Request("key_moments", "the captures by White")
    state, session = answer(domain, stream, request, Cache())
    best = steps.best(state)
    assert best is not None
    for intent, passes in (("the swift captures by White", True), ("the swift captures by Black", False)):
        other = replace(state, intent=replace(state.intent, text=intent))
        handed_in = replace(other, pending=Action("submit", {"draft": best.draft}), phase="verify")
        assert session.verify(handed_in)[0].passed is passes
