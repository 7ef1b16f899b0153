"""The main story, from order to evidence, over HTTP on real processes."""

import os
import subprocess
import sys

import requests

from giatja_contracts.catalogue import catalogue
from giatja_kit.testing import TestKeys
from giatja_ops.local import LocalSystem
from tests.story import Story


def test_an_order_becomes_evidence_and_a_figure(story: Story, system: LocalSystem) -> None:
    story.tell()
    for command in (["facts", "verify", "--wait", "20"], ["audit", "verify"], ["facts", "status"]):
        done = subprocess.run(
            [sys.executable, "-m", "giatja_ops", *command],
            text=True,
            capture_output=True,
            check=False,
            env={**os.environ, **system.settings_env("ops")},
        )
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"


def test_every_fact_that_was_told_is_what_the_catalogue_promises(story: Story, system: LocalSystem) -> None:
    types = set()
    keys = TestKeys(
        private={"ops": (system.secrets / "ops" / "giatja_signing_key").read_text()},
        trusted_keys_file=system.secrets / "trusted_keys.json",
    )
    for service in ("orders", "production", "training", "gateway"):
        after = 0
        while True:
            answer = requests.get(
                f"{system.internal_url}/api/{service}/v1/facts",
                params={"after": after},
                headers={"Authorization": f"Bearer {keys.service('ops')}"},
                timeout=20,
            ).json()
            for fact in answer["facts"]:
                catalogue()[fact["type"]].check(fact["data"])
                assert fact["subject"] == fact["data"][catalogue()[fact["type"]].subject]
                assert fact["position"] == after + 1
                assert "Warga Uji" not in str(fact)
                after = fact["position"]
                types.add(fact["type"])
            if not answer["facts"]:
                break
    assert len(types) >= 9
