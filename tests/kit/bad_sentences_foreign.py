"""What is said of the bad domains whose texts, fields or policies nobody judges: level and sentence, by folder."""

from __future__ import annotations

FOREIGN: dict[str, list[tuple[str, str]]] = {
    "foreign_words": [
        (
            "error",
            r"hackable: 'foreign words added to /moments/\*/note' is accepted .* Add \{ rule = \"nothing_foreign\"",
        ),
        ("error", r"hackable: 'foreign words in place of /moments/\*/note' is accepted"),
    ],
    "unjudged_field": [
        ("error", r"^schemas/list_moments\.json: .*no rule judges /moments/\*/mood: .*x-support.* or drop the field"),
    ],
    "earns_by_length": [
        (
            "error",
            r"shop\.thorough earns by length: .* in /moments/\*/note, which has no maxLength\. Give it a maxLength",
        ),
    ],
    "pays_for_pleasing": [
        (
            "error",
            r"the domain is hackable: 'policy: copier' is accepted .*Give more weight to the rules that hold it",
        ),
    ],
}
