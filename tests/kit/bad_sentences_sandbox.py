"""What is said about domains whose code harms, reads what it may not, or whose files are bombs."""

from __future__ import annotations

Sentences = dict[str, list[tuple[str, str]]]
_ELSEWHERE = r"in another process, with another clock, environment, folder and hash seed"

SENTENCES: Sentences = {
    "clock_rule": [
        ("error", r"^rules\.py:14: rules\.py reads the clock \(datetime\.datetime\.now\), .* Use the times of events"),
    ],
    "hidden_clock_rule": [("error", rf"^rules\.py:11: .*rule shop\.complete gives .* another result {_ELSEWHERE}")],
    "zone_rule": [("error", rf"^rules\.py:11: .*rule shop\.complete gives .* another result {_ELSEWHERE}")],
    "environment_rule": [
        ("error", r"^rules\.py:14: rules\.py reads the environment \(os\.environ\), .* parameter in domain\.toml"),
    ],
    "file_rule": [
        (
            "error",
            r"^rules\.py:15: rules\.py reads files \(pathlib\.Path\(\)\.exists\), .* keep tables beside the code",
        ),
    ],
    "network_rule": [
        ("error", r"^rules\.py:5: rules\.py opens the network \(urllib\.request\), .* beside the code, as a table"),
    ],
    "evaluating_rule": [("error", r"^rules\.py:14: rules\.py runs code that nobody can read \(builtins\.eval\)")],
    "rarely_random_rule": [("error", r"^rules\.py:13: .*rule shop\.complete gives .* another result within 200 times")],
    "mutating_rule": [
        ("error", r"^rules\.py:10: .*rule shop\.complete failed: .*must not change what it judges: work on a copy"),
    ],
    "mutating_schema_rule": [
        ("error", r"^rules\.py:10: .*rule shop\.complete failed: .*must not change what it judges: work on a copy"),
    ],
    "helper_clock_plan": [
        ("error", r"^words\.py:7: words\.py, which plans\.py imports, reads the clock \(time\.localtime\)"),
    ],
    "writing_tool": [
        (
            "error",
            r"^tools\.py:14: tools\.py writes files \(pathlib\.Path\(\)\.write_text\), .* Give back what was found",
        ),
        (
            "error",
            r"^tools\.py:11: .*tool scan writes to the disk \(open .*dataclaw-shop-seen\.txt\)\. .* change nothing",
        ),
    ],
    "hidden_writing_tool": [("error", r"^tools\.py:11: .*tool scan writes to the disk \(open /dev/null\)")],
    "connecting_tool": [
        ("error", r"^tools\.py:5: tools\.py opens the network \(socket\), and tools may not"),
        ("error", r"^tools\.py:10: .*tool scan opens a network connection \(socket\.__new__"),
    ],
    "starting_tool": [
        ("error", r"^tools\.py:5: tools\.py starts processes \(subprocess\), .* within the process"),
        ("error", r"^tools\.py:11: .*tool scan starts a process \(subprocess\.Popen"),
    ],
    "wavering_tool": [
        (
            "error",
            r"^tools\.py:12: tool scan gives the same call another result when it is called again\. .* are cached",
        ),
    ],
    "manifest_bomb": [("error", r"^domain\.toml:\d+: not valid TOML: nested more than 32 levels deep")],
    "schema_bomb": [("error", r"^schemas/list_moments\.json:1: .*nested deeper than 48 levels")],
    "schema_needs_itself": [
        (
            "error",
            r"^schemas/list_moments\.json:\d+: .*needs itself within itself, so that no draft that ends can fit it",
        ),
    ],
    "schema_nests_without_end": [
        ("error", r"^schemas/list_moments\.json:\d+: .*a draft may nest without end\. Write out as many levels"),
    ],
    "schema_goes_round": [("error", r'^schemas/list_moments\.json:\d+: .*"#/\$defs/\w" refers to itself')],
    "fixture_bomb": [("error", r"^fixtures\.jsonl:2: .*nested deeper than 64 levels")],
    "greedy_loader": [("error", r"^loaders\.py:13: loader page claims an empty file, .* be strict")],
    "loader_by_name_only": [("error", r"^loaders\.py:13: loader page claims an empty JSON object, .* be strict")],
    "raising_loader": [("error", r"^loaders\.py:13: loader page raises UnicodeDecodeError on bytes .* never raise")],
}
"""Those that harm nobody who checks them in the own process."""

IN_A_CHILD: Sentences = {
    "ending_rule": [
        (
            "error",
            r"^rules\.py:11: .*ended with code 0 and no report during this: rule shop\.complete at fixtures\.jsonl:1\. "
            r".*take out os\._exit",
        ),
        ("error", r"^rules\.py:15: rules\.py ends the process \(os\._exit\)"),
    ],
    "ending_tool": [("error", r"^tools\.py:10: .*ended with code 3 and no report during this: tool scan at fixtures")],
    "killed_rule": [("error", r"^rules\.py:12: .*was killed by SIGKILL during this: rule shop\.complete at fixtures")],
    "sleeping_rule": [("error", r"^rules\.py:11: .*rule shop\.complete failed: .*overran its time 3 times in a row")],
    "holding_rule": [
        ("error", r"^rules\.py:11: .*rule shop\.complete at fixtures\.jsonl:1 took more than 2 s and was")
    ],
    "sleeping_import": [("error", r"^rules\.py:1: took more than 1 s and was stopped")],
}
"""Those that end or hang the process that checks them."""
