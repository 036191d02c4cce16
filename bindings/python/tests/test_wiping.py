"""The copies of secrets that the package makes are not found in memory afterwards.

A child gets its secrets as numbers, so that no other copy of their bytes is in it. Its parent reads its memory. A `str` with
characters beyond 16 bits has four bytes for each character in Python, so its UTF-8 is a copy of ours. Of a `bytearray` the child
wipes its own copy.
"""

import re
import subprocess
import sys
import unittest

import common

# Each is long enough not to occur by chance, and is ASCII, so that its UTF-8 stands in one piece.
SECRET = "9tQk2vLx7_wiping_4Zr8mNc3"
MASK = 0x2A

CHILD = """
import sys
from cognito_srp6a import DeviceCredentials, DeviceSignIn, UserSignIn, secret_hash, server

def read():
    return [int(number) ^ {mask} for number in input().split()]

# In UTF-8 it is longer than what Python keeps in pools of small objects, where it would soon be overwritten.
def wide():
    return "\\U0001f980" * 150 + "".join(map(chr, read()))

def narrow():
    return bytearray(read())

def wiped(text):
    text[:] = bytes(len(text))

names = "{pool}", "{client}", "alice"
{body}
print("ready", flush=True)
sys.stdin.read()
"""

BODIES = {
    "a password as text": """
record = server.UserRecord.from_password(names[0], names[2], wide())
key, sign_in = server.ServerKey.generate(), UserSignIn(*names)
key.verify(record, sign_in.answer(key.challenge(record, sign_in.auth_parameters), wide()))
record.verify_password(wide())
""",
    "a password as bytes": """
text = narrow()
record = server.UserRecord.from_password(names[0], names[2], text)
key, sign_in = server.ServerKey.generate(), UserSignIn(*names)
key.verify(record, sign_in.answer(key.challenge(record, sign_in.auth_parameters), text))
wiped(text)
""",
    "a password that is refused": """
text = narrow()
text += b"\\xff"
sign_in = UserSignIn(*names)
for password in [text, wide() + "\\ud800", wide() + "x" * 257]:
    try:
        sign_in.answer({{"USER_ID_FOR_SRP": "u", "SALT": "1", "SRP_B": "3", "SECRET_BLOCK": "AAECAw=="}}, password)
        sys.exit("taken")
    except ValueError:
        pass
wiped(text)
""",
    "a client secret": """
text = narrow()
UserSignIn(*names, client_secret=text)
secret_hash("alice", "client", text)
wiped(text)
""",
    "the password of a device": """
text = narrow()
credentials = DeviceCredentials("{device}", "{group}", text)
DeviceSignIn(*names, credentials)
del credentials
wiped(text)
""",
    # Here the `str` is gone and the credentials hold what was read of it.
    "a planted secret out of a text": """
credentials = DeviceCredentials("{device}", "{group}", wide())
""",
    # While the credentials live they hold their password: this one must be found.
    "a planted secret": """
text = narrow()
credentials = DeviceCredentials("{device}", "{group}", text)
wiped(text)
""",
}


@unittest.skipUnless(sys.platform == "linux", "memory is read through /proc")
class Wiping(unittest.TestCase):
    def test_no_copy_of_a_secret_remains(self):
        for name, body in BODIES.items():
            with self.subTest(name):
                found = copies(body)
                self.assertEqual(found > 0, name.startswith("a planted secret"), f"{found} copies")


def copies(body):
    """Returns how often the secret is in the memory of a child after its work."""
    names = {"pool": common.POOL_ID, "client": common.CLIENT_ID, "device": common.DEVICE_KEY, "group": common.DEVICE_GROUP_KEY}
    program = CHILD.format(mask=MASK, body=body.format(**names), **names)
    child = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with child:
        line = " ".join(str(ord(character) ^ MASK) for character in SECRET) + "\n"
        child.stdin.write(line * 4)
        child.stdin.flush()
        assert child.stdout.readline() == "ready\n", "the child has failed"
        found = sum(block.count(SECRET.encode()) for block in memory(child.pid))
        child.stdin.close()
    return found


def memory(pid):
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", buffering=0) as mem:
        for line in maps:
            first, last, kind = re.match(r"(\w+)-(\w+) (\S+)", line).groups()
            if kind.startswith("rw"):
                mem.seek(int(first, 16))
                yield mem.read(int(last, 16) - int(first, 16))


if __name__ == "__main__":
    unittest.main()
