"""What is said of bad domains that borrow rules, or bring loaders."""

SENTENCES = {
    "borrowed_from_nobody": [
        (
            "error",
            r"^domain\.toml:29: .*rule 'surgery\.steady' is of domain 'surgery', which is not installed\. Install",
        )
    ],
    "borrowed_unknown": [
        ("error", r"^domain\.toml:29: .*domain gui brings no rule 'gui\.scopes'\. Did you mean 'gui\.scope'")
    ],
    "loader_of_another_kind": [
        (
            "error",
            r'^loaders\.py: loader shop_log, sample samples/day\.log: stream 0 is of kind "shop_lag", and the loader '
            r'says that it gives kind "shop_log". Make',
        ),
    ],
    "loader_id_by_name": [
        ("error", r"^loaders\.py: .*a copy of the file gets another id\. Use content_id\(\[path\], index\)\.")
    ],
    "loader_one_id_for_all": [
        ("error", r"^loaders\.py: .*the file cut in half has other events and the same id\. Use content_id\(\[path\]")
    ],
    "loader_breaks_on_damage": [
        ("error", r"^loaders\.py: .*on the file with bytes .*, it breaks: loaders\.py:18: ValueError: .*\. Raise Str"),
    ],
    "loader_out_of_order": [
        (
            "error",
            r"^loaders\.py: .*stream 0, event 1: it begins at 2, before the one before it \(5\)\. Events stand in",
        )
    ],
    "loader_claims_nothing": [
        ("error", r"^domain\.toml:9: sample samples/day\.log: none of its loaders claims it\. Look at `claims`\.")
    ],
    "loader_without_sample": [
        ("warning", r"^loaders\.py: the domain brings loaders and no sample to try them on\. Name a small file")
    ],
}
