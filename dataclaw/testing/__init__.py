"""Fakes and kits that third parties test with; no model and no network beyond this machine is ever reached.

`ScriptedPolicy` plays back actions, so that a plugin's tools, rules and schemas can be driven through the real agent;
`DomainContract` is `dataclaw domain check` as a class of tests; `ModelServer` is a provider on loopback that answers as
told, in three wire forms, and fails as told; `server_faults` are all the ways to.
"""

from dataclaw.testing.faults import ServerFault, server_faults
from dataclaw.testing.kit import DomainContract, ScriptedPolicy
from dataclaw.testing.server import Asked, Fault, ModelServer, Reply

__all__ = [
    "Asked",
    "DomainContract",
    "Fault",
    "ModelServer",
    "Reply",
    "ScriptedPolicy",
    "ServerFault",
    "server_faults",
]
