"""Sentences about what a domain brings to the training side: worlds, and what its package carries."""

from __future__ import annotations

CARRIED = {
    "weights_outside": [("error", r"^domain\.toml:11: chooser: '\.\./weights' leaves the plugin's folder")],
    "nothing_carried_yet": [
        (
            "warning",
            r"^domain\.toml:11: chooser: there is no chooser\.toml in 'weights' yet\. Ship one: dataclaw train",
        ),
        ("warning", r"^domain\.toml:12: adapters: there is no index\.toml in 'adapters' yet\. Ship one"),
        ("warning", r"^domain\.toml:13: pinned: there is no \*\.json in 'pinned' yet\. Pin one: dataclaw bench build"),
    ],
    "weights_of_another_card": [
        ("error", r"^weights/chooser\.npz: the weights are not those of their card\. Install .*train one"),
        (
            "error",
            r"^weights/chooser\.toml: the card tells of 'gui\.how_to', which is no task of this domain\. Measure",
        ),
        (
            "error",
            r"^weights/chooser\.toml: it learned the choice point 'gui\.steps', .*another domain's\. Train it on",
        ),
    ],
    "card_that_says_anything": [
        ("error", r"^weights/chooser\.toml: .*tasks\.shop\.list_moments\.learned: Input should be a finite number"),
    ],
    "adapter_elsewhere": [("error", r"^adapters/index\.toml: .*adapters\.shop\.file: String should match pattern")],
    "adapter_changed": [
        ("error", r"^adapters/index\.toml: the shipped adapter 'shop' is missing or is not the one that was shipped"),
    ],
    "pinned_to_another_schema": [
        (
            "error",
            r"^pinned/shop-1\.json: its references were written for another schema of shop\.list_moments \(0+, "
            r"now [0-9a-f]{16}\)\. Undo the change, or pin a new one",
        ),
        ("error", r"^pinned/shop-2\.json: .*files\.val\.jsonl: String should match pattern"),
    ],
    "pinned_for_others": [("error", r"^pinned/gui-1\.json: it is a benchmark of gui\. Keep it in the package of")],
    "world_of_another_domain": [
        (
            "error",
            r"^worlds\.py: .*world 'mall' serves 'gui', and the domain is 'shop'\. Say domain='shop', or announce",
        ),
    ],
    "expert_of_no_task": [
        ("error", r"^worlds\.py: .*world 'mall' has an expert of 'list_shops', which is no task\. Tasks: list_moments"),
    ],
    "worlds_without_a_world": [
        ("error", r"^worlds\.py: .*brings no World\. Put one at its top: WORLD = World\(\.\.\.\)")
    ],
}
