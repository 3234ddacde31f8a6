from tests.agent.conftest import toy as toy
