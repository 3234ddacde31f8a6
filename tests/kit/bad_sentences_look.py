"""What is said of the bad domains that look less, weigh nothing, never end, or take what is others'."""

LOOK: dict[str, list[tuple[str, str]]] = {
    "looks_less": [
        ("error", r"the domain is hackable: the attack 'looked less' is accepted .* let it pass: .*shop\.complete"),
        (
            "error",
            r"the domain is hackable: the attack 'a plan that looked less' is accepted .* Add a rule that sees it",
        ),
    ],
    "look_of_no_tool": [
        ("error", r"^domain\.toml:9: the look names no tool: 'list_evens'\. Did you mean 'list_events'\?")
    ],
    "look_of_others": [
        (
            "error",
            r"^domain\.toml:9: .*calls 'detect_changes', which policies may not call: .* Add it to the tools of list",
        ),
    ],
    "look_wrong_args": [
        (
            "error",
            r"^domain\.toml:9: the look cannot be taken: list_events: pages: Extra inputs .* Arguments: page, kinds",
        )
    ],
    "look_fails": [
        ("error", r"rule complete failed: ToolError: the verifier's own look failed, .* Declare a look .* that works"),
    ],
    "weights_of_nothing": [
        ("error", r"^domain\.toml:21: .*all weights are 0: no draft has a total\. Give the terms and rules weights")
    ],
    "form_is_all": [
        ("error", r"^domain\.toml:21: .*the form alone earns 87% of the total, .* so that it is 60% at most"),
        (
            "error",
            r"'filler' says nothing and earns 0\.662 of gold's 1\.000; .* Give evidence, shop\.complete more weight",
        ),
    ],
    "form_is_no_gate": [("error", r'^domain\.toml:28: .*rule "schema" is no gate: .* Say gate = true')],
    "void_rule": [
        ("error", r'^domain\.toml:35: .*rule "own_question" does nothing: .* 0\.5% at most\. Give it weight')
    ],
    "thin_margin": [("error", r"the attack 'filler' scores 0\.014, only 0\.016 below gold; .* more weight")],
    "endless_schema": [
        (
            "error",
            r"^schemas/list_moments\.json:51: .*#/\$defs/moment leads back to what holds it, so that a draft may nest",
        )
    ],
    "copied_templates": [
        (
            "error",
            r"^domain\.toml:21: .*'turn this trace .*' of shop\.list_moments goes to gui\.action_sequence\. Say in",
        ),
    ],
    "counted_only": [("error", r"the domain is hackable: the attack 'invented evidence' is accepted")],
}
