"""What the tests share."""

import json
import os
import pathlib
import random
import sys

ROOT = pathlib.Path(__file__).resolve().parents[3]
POOL_ID = "us-east-1_AbCdEfGhI"
CLIENT_ID = "1example23456789"
CLIENT_SECRET = "an0example0secret0of0thirty0chars"
PASSWORD = "Passw0rd!"
DEVICE_KEY = "us-east-1_0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9"
DEVICE_GROUP_KEY = "-aBcDeFgH"


def cases(file):
    """The cases of a file of vectors."""
    return json.loads((ROOT / "vectors" / file).read_text())["cases"]


def seeded():
    """Random numbers that a variable repeats."""
    seed = os.environ.get("COGNITO_SRP6A_SEED") or str(random.SystemRandom().getrandbits(64))
    print(f"repeat with COGNITO_SRP6A_SEED={seed}", file=sys.stderr)
    return random.Random(seed)
