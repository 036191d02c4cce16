"""boto3 and pycognito sign in to the local pool with proofs of this package: the checks of `tests/interop`.

`COUNT` is the number of sign-ins in a row for each.
"""

import contextlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest

import boto3
import common
import cognito_srp6a.pycognito  # noqa: F401
from botocore import UNSIGNED
from botocore.config import Config
from pycognito import aws_srp

INTEROP = common.ROOT / "tests/interop"
COUNT = int(os.environ.get("COUNT", "200"))
# The pools that are about the proof. Second factors are for the interop run itself.
KINDS = ["plain", "secret", "devices", "rare", "user_auth"]
# What every client must do: the flow, and how many sign-ins that is.
WANTED = {
    "right": 1,
    "alias": 1,
    "alias_secret": 1,
    "non_ascii": 1,
    "new_password": 2,
    "device": max(1, COUNT // 10),
    "refresh": 1,
    "row": COUNT,
    "rare": max(1, COUNT // 10),
}


class Pool(unittest.TestCase):
    def setUp(self):
        # A driver changes a password, so each gets pools of its own.
        command = [sys.executable, "servers/local_pool.py", str(COUNT)]
        self.server = subprocess.Popen(command, cwd=INTEROP, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        pools = json.loads(self.server.stdout.readline())["pools"]
        self.file = tempfile.NamedTemporaryFile("w", suffix=".json")
        pools = {kind: {"server": "local_pool", **pools[kind]} for kind in KINDS}
        json.dump({"count": COUNT, "server": "local_pool", "pools": pools}, self.file)
        self.file.flush()

    def tearDown(self):
        self.server.stdin.close()
        self.server.stdout.close()
        self.server.wait(timeout=30)
        self.file.close()

    def drive(self, driver, more):
        begin = time.monotonic()
        command = [sys.executable, f"clients/{driver}.py", self.file.name]
        printed = subprocess.run(command, cwd=INTEROP, stdout=subprocess.PIPE, text=True, check=True, timeout=600).stdout
        results = {result["flow"]: result for result in map(json.loads, printed.splitlines())}
        for flow, result in results.items():
            with self.subTest(flow):
                self.assertEqual(result["failures"], 0, result["note"])
        wanted = {**WANTED, **more}
        self.assertEqual({flow: results[flow]["sign_ins"] for flow in wanted}, wanted)
        self.assertEqual((results["wrong"]["refused"], results["wrong"]["note"]), (1, "NotAuthorizedException"))
        total = sum(result["sign_ins"] for result in results.values())
        print(f"{driver}: {total} sign-ins in {time.monotonic() - begin:.1f} s")

    def test_boto3(self):
        self.drive("ours_python_driver", {"user_auth": 1})

    def test_pycognito(self):
        self.drive("ours_pycognito_driver", {})

    def test_a_device_of_pycognito_on_a_client_with_a_secret(self):
        """By the alias too: the pool gives the name for the answers."""
        binary = pathlib.Path(common.ROOT, os.environ.get("CARGO_TARGET_DIR", "target"), "debug/local_pool")
        flags = ["--devices", "--client-secret", common.CLIENT_SECRET, "--alias", "alice@example.com=alice"]
        with subprocess.Popen([binary, *flags], stdout=subprocess.PIPE, text=True) as pool, contextlib.ExitStack() as stack:
            stack.callback(pool.terminate)
            endpoint = pool.stdout.readline().split()[-1]
            config = Config(signature_version=UNSIGNED)
            client = boto3.client("cognito-idp", endpoint_url=endpoint, region_name="us-east-1", config=config)

            def signed_in(username, **device):
                names = {"pool_id": "us-east-1_LocalPool", "client_id": "localpoolclient", "client_secret": common.CLIENT_SECRET}
                srp = aws_srp.AWSSRP(username, common.PASSWORD, client=client, **names, **device)
                return srp.authenticate_user()["AuthenticationResult"]

            result = signed_in("alice@example.com")
            key, group_key = result["NewDeviceMetadata"]["DeviceKey"], result["NewDeviceMetadata"]["DeviceGroupKey"]
            password, verifier = aws_srp.generate_hash_device(group_key, key)
            client.confirm_device(AccessToken=result["AccessToken"], DeviceKey=key, DeviceSecretVerifierConfig=verifier)
            for username in ["alice", "alice@example.com"]:
                again = signed_in(username, device_key=key, device_group_key=group_key, device_password=password)
                self.assertNotIn("NewDeviceMetadata", again)


if __name__ == "__main__":
    unittest.main()
