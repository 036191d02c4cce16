#!/usr/bin/env python3
"""Checks and regenerates the test vectors in this folder.

    generate.py            recompute derived values, rebuild server.json and group.json
    generate.py --check    recompute everything that can be computed, change nothing
    generate.py --comb     print the rows of the table of powers of g in src/group/table.rs

This is a second implementation of Cognito's SRP-6a, written from the equations
with Python's integers and standard library only. It shares no code with the
crate, so an error in one of them shows up as a disagreement. It is not constant
time and must never be used with real passwords.

The input values stand in the JSON files themselves; README.md says where each
of them comes from.
"""

import base64
import binascii
import datetime
import functools
import hashlib
import hmac
import json
import pathlib
import re
import sys

FOLDER = pathlib.Path(__file__).resolve().parent
FILES = (
    "encoding.json",
    "timestamp.json",
    "secret_hash.json",
    "srp6a.json",
    "user_auth.json",
    "device_auth.json",
    "server.json",
    "group.json",
    "rejection.json",
    "disagreements.json",
    "stored_challenge.json",
)

# RFC 3526 section 4, laid out as it is printed there.
N = int(
    """
    FFFFFFFF FFFFFFFF C90FDAA2 2168C234 C4C6628B 80DC1CD1
    29024E08 8A67CC74 020BBEA6 3B139B22 514A0879 8E3404DD
    EF9519B3 CD3A431B 302B0A6D F25F1437 4FE1356D 6D51C245
    E485B576 625E7EC6 F44C42E9 A637ED6B 0BFF5CB6 F406B7ED
    EE386BFB 5A899FA5 AE9F2411 7C4B1FE6 49286651 ECE45B3D
    C2007CB8 A163BF05 98DA4836 1C55D39A 69163FA8 FD24CF5F
    83655D23 DCA3AD96 1C62F356 208552BB 9ED52907 7096966D
    670C354E 4ABC9804 F1746C08 CA18217C 32905E46 2E36CE3B
    E39E772C 180E8603 9B2783A2 EC07A28F B5C55DF0 6F4C52C9
    DE2BCBF6 95581718 3995497C EA956AE5 15D22618 98FA0510
    15728E5A 8AAAC42D AD33170D 04507A33 A85521AB DF1CBA64
    ECFB8504 58DBEF0A 8AEA7157 5D060C7D B3970F85 A6E1E4C7
    ABF5AE8C DB0933D7 1E8C94E0 4A25619D CEE3D226 1AD2EE6B
    F12FFA06 D98A0864 D8760273 3EC86A64 521F2B18 177B200C
    BBE11757 7A615D6C 770988C0 BAD946E2 08E24FA0 74E5AB31
    43DB5BFC E0FD108E 4B82D120 A93AD2CA FFFFFFFF FFFFFFFF
    """.replace(" ", "").replace("\n", ""),
    16,
)
G = 2
INFO = b"Caldera Derived Key"


class Mismatch(Exception):
    """A value in a file disagrees with the value computed here."""


# --- Encodings -------------------------------------------------------------


def integer(text):
    return int(text, 16)


def to_hex(value):
    """The file's form of an integer: lower case, no leading zeros, zero is `0`."""
    return format(value, "x")


def enc(value):
    """The shortest big-endian two's complement, as Java's BigInteger.toByteArray."""
    # One bit more than the magnitude needs is reserved for the sign. For a
    # negative value it is ~value whose magnitude counts: -128 fits one byte.
    magnitude = value if value >= 0 else ~value
    return value.to_bytes(magnitude.bit_length() // 8 + 1, "big", signed=True)


def utf8(text):
    return text.encode("utf-8")


def base64_text(data):
    return base64.b64encode(data).decode("ascii")


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def hmac_sha256(key, *parts):
    return hmac.new(key, b"".join(parts), hashlib.sha256).digest()


# --- The protocol's equations ----------------------------------------------


def big(data):
    return int.from_bytes(data, "big")


K = big(sha256(enc(N), enc(G)))


@functools.lru_cache(maxsize=4096)
def g_pow(exponent):
    return pow(G, exponent, N)


def identity_hash(realm, name, password):
    return sha256(utf8(realm), utf8(name), b":", utf8(password))


def private_key(realm, name, password, salt):
    return big(sha256(enc(salt), identity_hash(realm, name, password)))


def scrambler(A, B):
    return big(sha256(enc(A), enc(B)))


def server_public(verifier, b):
    return (K * verifier + g_pow(b)) % N


def client_premaster(a, B, u, x):
    return pow((B - K * g_pow(x)) % N, a + u * x, N)


def server_premaster(A, verifier, u, b):
    return pow(A * pow(verifier, u, N) % N, b, N)


def hkdf(ikm, salt):
    # RFC 5869 with one output block: T(1) = HMAC(PRK, info | 0x01).
    return hmac_sha256(hmac_sha256(salt, ikm), INFO, b"\x01")[:16]


def session_key(S, u):
    return hkdf(enc(S), enc(u))


def claim(key, realm, name, secret_block, timestamp):
    return base64_text(hmac_sha256(key, utf8(realm), utf8(name), secret_block, utf8(timestamp)))


def secret_hash(username, client_id, client_secret):
    return base64_text(hmac_sha256(utf8(client_secret), utf8(username), utf8(client_id)))


# --- Timestamps ------------------------------------------------------------

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
EPOCH = datetime.datetime(1970, 1, 1)
TIMESTAMP = re.compile(
    r"(?P<day_name>[A-Z][a-z]{2}) (?P<month>[A-Z][a-z]{2}) (?P<day>[0-9]{1,2}) "
    r"(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2}) UTC (?P<year>[0-9]{4})"
)


def timestamp_text(unix_seconds):
    """`EEE MMM d HH:mm:ss 'UTC' yyyy`. Not strftime, which follows the locale."""
    t = EPOCH + datetime.timedelta(seconds=unix_seconds)
    clock = f"{t.hour:02}:{t.minute:02}:{t.second:02}"
    return f"{DAYS[t.weekday()]} {MONTHS[t.month - 1]} {t.day} {clock} UTC {t.year:04}"


def read_timestamp(text):
    """The moment a text names, or None when it is not exactly in the one format."""
    match = TIMESTAMP.fullmatch(text)
    if not match or match["month"] not in MONTHS:
        return None
    numbers = [int(match[name]) for name in ("day", "hour", "minute", "second")]
    try:
        moment = datetime.datetime(int(match["year"]), MONTHS.index(match["month"]) + 1, *numbers)
    except ValueError:
        return None
    seconds = (moment - EPOCH) // datetime.timedelta(seconds=1)
    # The claim is an HMAC over the text, so only the text that the format itself
    # prints will do. This catches padded days and wrong weekdays.
    return seconds if timestamp_text(seconds) == text else None


# --- Rules for input -------------------------------------------------------


class Rejected(Exception):
    """Input that must be refused, with the error that says why."""

    def __init__(self, error, parameter):
        super().__init__(error, parameter)
        self.verdict = {"error": error, "parameter": parameter}


def read_integer(text, parameter, magnitude_bytes):
    """Hex text of an integer. The bound on the text comes before anything else."""
    # Twice the bytes for the digits, and one sign byte of 00.
    if len(text) > 2 * magnitude_bytes + 2:
        raise Rejected("TooLong", parameter)
    if not text:
        raise Rejected("Empty", parameter)
    if not re.fullmatch("[0-9a-fA-F]+", text):
        raise Rejected("NotHex", parameter)
    value = integer(text)
    if value.bit_length() > 8 * magnitude_bytes:
        raise Rejected("TooLong", parameter)
    return value


def read_public_value(text, parameter):
    value = read_integer(text, parameter, 384)
    if value % N == 0:
        raise Rejected("PublicValueIsZero", parameter)
    if value > N:
        raise Rejected("PublicValueOutOfRange", parameter)
    return value


def read_secret_block(text):
    if len(text) > 16384:
        raise Rejected("TooLong", "SECRET_BLOCK")
    if not text:
        raise Rejected("Empty", "SECRET_BLOCK")
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Rejected("NotBase64", "SECRET_BLOCK") from None
    # Only one text stands for given bytes: no stray bits, nothing after the padding.
    if base64_text(data) != text:
        raise Rejected("NotBase64", "SECRET_BLOCK")
    return data


def read_text(text, parameter, shortest, longest, pattern=None):
    if len(text) > longest:
        raise Rejected("TooLong", parameter)
    if not text and shortest:
        raise Rejected("Empty", parameter)
    if len(text) < shortest or (pattern and not re.fullmatch(pattern, text, re.ASCII)):
        raise Rejected("Malformed", parameter)
    return text


def read_pool_id(text):
    read_text(text, "UserPoolId", 1, 55, r"[\w-]+_[0-9a-zA-Z]+")
    region, name = text.split("_", 1)
    # `local` is the emulator cognito-local's.
    read_text(region, "UserPoolId", 0, 55, r"([a-z][a-z0-9]*-){2,}[0-9]+|local")
    return name


def read_challenge(parameters):
    """The challenge's fields as (salt, B, secret block, user id)."""
    for name in ("SALT", "SRP_B", "SECRET_BLOCK", "USER_ID_FOR_SRP"):
        if name not in parameters:
            raise Rejected("Missing", name)
    user_id = read_text(parameters["USER_ID_FOR_SRP"], "USER_ID_FOR_SRP", 1, 128)
    if "USERNAME" in parameters:
        read_text(parameters["USERNAME"], "USERNAME", 1, 128)
    salt = read_integer(parameters["SALT"], "SALT", 64)
    B = read_public_value(parameters["SRP_B"], "SRP_B")
    return salt, B, read_secret_block(parameters["SECRET_BLOCK"]), user_id


# --- One solver for each kind of case --------------------------------------
#
# A solver takes a case and returns every `expected` value that follows from its
# inputs. It raises Mismatch when two inputs contradict each other.


def require(condition, message):
    if not condition:
        raise Mismatch(message)


def solve_enc(case):
    return {"enc": enc(integer(case["input_text"])).hex()}


def solve_enc_signed(case):
    return {"enc": enc(case["integer"]).hex()}


def solve_enc_table(case):
    span = range(case["first"], case["last"] + 1)
    return {"enc_by_integer": {str(i): enc(i).hex() for i in span}}


def solve_timestamp(case):
    return {"timestamp": timestamp_text(case["unix_seconds"])}


def solve_timestamp_text(case):
    seconds = read_timestamp(case["timestamp_text"])
    require((seconds is not None) == (case["result"] == "valid"), "the result is wrong")
    return {} if seconds is None else {"unix_seconds": seconds}


def solve_secret_hash(case):
    return {"secret_hash": secret_hash(case["username"], case["client_id"], case["client_secret"])}


def solve_k(_case):
    return {"k": to_hex(K)}


def solve_sha256(case):
    return {"sha256": sha256(bytes.fromhex(case["input_bytes"])).hex()}


def solve_identity_hash(case):
    digest = identity_hash(case["realm"], case["name"], case["password"])
    return {"identity_hash": digest.hex()}


def solve_A(case):
    return {"A": to_hex(g_pow(integer(case["a"]))), "k": to_hex(K)}


def solve_B(case):
    return {"B": to_hex(server_public(integer(case["verifier"]), integer(case["b"])))}


def solve_u(case):
    return {"u": to_hex(scrambler(integer(case["A"]), integer(case["B"])))}


def solve_x(case):
    x = private_key(case["realm"], case["name"], case["password"], integer(case["salt"]))
    return {"x": to_hex(x), "verifier": to_hex(g_pow(x))}


def solve_S(case):
    a, B, u, x = (integer(case[name]) for name in ("a", "B", "u", "x"))
    S = client_premaster(a, B, u, x)
    return {"S": to_hex(S), "key": session_key(S, u).hex()}


def solve_hkdf(case):
    if "S" in case:
        require(enc(integer(case["S"])).hex() == case["ikm"], "ikm is not enc(S)")
        require(enc(integer(case["u"])).hex() == case["hkdf_salt"], "hkdf_salt is not enc(u)")
    return {"key": hkdf(bytes.fromhex(case["ikm"]), bytes.fromhex(case["hkdf_salt"])).hex()}


def solve_key(case):
    """The client's way from the password to the key."""
    check_reduced(case)
    a, B, salt = (integer(case[name]) for name in ("a", "B", "salt"))
    A = g_pow(a)
    require("A" not in case or integer(case["A"]) == A, "A is not g^a")
    x = private_key(case["realm"], case["name"], case["password"], salt)
    u = scrambler(A, B)
    S = client_premaster(a, B, u, x)
    values = {"A": A, "u": u, "x": x, "S": S}
    return {name: to_hex(value) for name, value in values.items()} | {"key": session_key(S, u).hex()}


def solve_claim(case):
    block = bytes.fromhex(case["secret_block_hex"])
    key = bytes.fromhex(case["key"])
    return {"signature": claim(key, case["realm"], case["name"], block, case["timestamp"])}


def solve_server_key(case):
    A, B, b, verifier = (integer(case[name]) for name in ("A", "B", "b", "verifier"))
    require(B == server_public(verifier, b), "B is not k*v + g^b")
    u = scrambler(A, B)
    S = server_premaster(A, verifier, u, b)
    return {"u": to_hex(u), "S": to_hex(S), "key": session_key(S, u).hex()}


def check_reduced(case):
    """An exponent wider than N is carried modulo N - 1, the order of the whole group."""
    whole = case.get("a_unreduced")
    require(whole is None or integer(whole) % (N - 1) == integer(case["a"]), "a is not a_unreduced mod N-1")


def check_texts(case):
    """A `_text` field is another spelling of the integer beside it."""
    for name in ("srp_b", "salt"):
        text = case.get(name + "_text")
        require(text is None or integer(text) == integer(case[name]), f"{name}_text is another number")


def check_server_side(case, values, v):
    """Where b is known, the server must arrive at the same B and the same S."""
    if "b" not in case:
        return
    A, u = integer(values["A"]), integer(values["u"])
    b = integer(case["b"])
    require(server_public(v, b) == integer(values["B"]), "B is not k*v + g^b")
    require(server_premaster(A, v, u, b) == integer(values["S"]), "the server's S differs")


def solve_sign_in(case, realm, name, password):
    """A whole sign-in, a user's or a device's."""
    check_texts(case)
    check_reduced(case)
    step = {"realm": realm, "name": name, "password": password}
    step |= {"a": case["a"], "B": case["srp_b"], "salt": case["salt"]}
    values = solve_key(step)
    block, timestamp = base64.b64decode(case["secret_block"], validate=True), case["timestamp"]
    require(timestamp_text(case["unix_seconds"]) == timestamp, "timestamp is not unix_seconds")
    key = bytes.fromhex(values["key"])
    v = g_pow(integer(values["x"]))
    require("verifier" not in case or integer(case["verifier"]) == v, "verifier is not g^x")
    values |= {"B": case["srp_b"], "verifier": to_hex(v), "k": to_hex(K)}
    values["signature"] = claim(key, realm, name, block, timestamp)
    check_server_side(case, values, v)
    return values


def solve_user_signature(case):
    if "pool_id" in case:
        require(read_pool_id(case["pool_id"]) == case["pool_name"], "pool_name is not of pool_id")
    values = solve_sign_in(case, case["pool_name"], case["user_id_for_srp"], case["password"])
    for name in ("A", "B", "verifier"):
        values[f"sha256_of_{name}_text"] = sha256(utf8(values[name])).hex()
    if "client_secret" in case:
        app = case["client_id"], case["client_secret"]
        values["secret_hash_initiate"] = secret_hash(case["username"], *app)
        values["secret_hash_respond"] = secret_hash(case["user_id_for_srp"], *app)
    return values


def solve_device_signature(case):
    realm, name = case["device_group_key"], case["device_key"]
    values = solve_sign_in(case, realm, name, case["device_password"])
    if "client_secret" in case:
        app = case["client_id"], case["client_secret"]
        values["secret_hash_respond"] = secret_hash(case["username"], *app)
    return values


def solve_device_verifier(case):
    values = {}
    password = case.get("device_password")
    if "random_password" in case:
        made = base64_text(bytes.fromhex(case["random_password"]))
        require(password in (None, made), "device_password is not of random_password")
        password = values["device_password"] = made
    salt = integer(case["random_salt"]) if "random_salt" in case else integer(case["salt"])
    require("salt" not in case or integer(case["salt"]) == salt, "salt is not of random_salt")
    x = private_key(case["device_group_key"], case["device_key"], password, salt)
    v = g_pow(x)
    values |= {"x": to_hex(x), "verifier": to_hex(v)}
    values |= {"salt_base64": base64_text(enc(salt)), "password_verifier_base64": base64_text(enc(v))}
    return values


def solve_add(case):
    return {"result": to_hex((integer(case["x"]) + integer(case["y"])) % N)}


def solve_sub(case):
    return {"result": to_hex((integer(case["x"]) - integer(case["y"])) % N)}


def solve_mul(case):
    return {"result": to_hex(integer(case["x"]) * integer(case["y"]) % N)}


def solve_square(case):
    return {"result": to_hex(integer(case["x"]) ** 2 % N)}


def solve_pow(case):
    return {"result": to_hex(pow(integer(case["base"]), integer(case["exponent"]), N))}


def solve_g_pow(case):
    return {"result": to_hex(g_pow(integer(case["exponent"])))}


def read_ephemeral(text):
    """A chosen a: an integer of at most 384 bytes, and not zero."""
    value = read_integer(text, "a", 384)
    if value == 0:
        raise Rejected("Malformed", "a")
    return value


def verdict(read, *arguments):
    """What a reader makes of its input: the error, or {} when it accepts."""
    try:
        read(*arguments)
    except Rejected as rejected:
        return rejected.verdict
    return {}


def solve_rejection(case):
    kind = case["kind"]
    check_reduced(case)
    if kind == "challenge":
        return verdict(read_challenge, case["parameters"])
    if kind == "server_srp_a":
        return verdict(read_public_value, case["srp_a_text"], "SRP_A")
    if kind == "a":
        return verdict(read_ephemeral, case["a_text"])
    if kind == "pool_id":
        found = verdict(read_pool_id, case["pool_id"])
        return found or {"pool_name": read_pool_id(case["pool_id"])}
    rules = {
        "username": ("USERNAME", 1, 128),
        "password": ("PASSWORD", 0, 256),
        "client_id": ("ClientId", 1, 128, r"[\w+]+"),
        "client_secret": ("ClientSecret", 24, 64, r"[\w+]+"),
    }
    return verdict(read_text, case[kind], *rules[kind])


def solve_disagreement_user(inputs):
    """What a careful client does with a challenge, right or wrong."""
    parameters = {
        "SALT": inputs["salt_text"],
        "SRP_B": inputs["srp_b_text"],
        "SECRET_BLOCK": inputs["secret_block"],
        "USER_ID_FOR_SRP": inputs["user_id_for_srp"],
    }
    try:
        salt, B, _block, user_id = read_challenge(parameters)
    except Rejected as rejected:
        return rejected.verdict
    case = inputs | {"salt": to_hex(salt), "srp_b": to_hex(B)}
    return solve_sign_in(case, read_pool_id(inputs["pool_id"]), user_id, inputs["password"])


def solve_disagreement_key(inputs):
    case = inputs | {"A": inputs["A_of_u_test"]}
    return solve_key(inputs) | {"u_of_u_test": solve_u(case)["u"]}


def solve_disagreement_secret_hash(inputs):
    app = inputs["client_id"], inputs["client_secret"]
    return {
        "secret_hash_initiate": secret_hash(inputs["username"], *app),
        "secret_hash_respond": secret_hash(inputs["user_id_for_srp"], *app),
    }


def solve_disagreement_verifier(inputs):
    return {"verifier": to_hex(g_pow(integer(inputs["x"])))}


def solve_disagreement_srp_a(inputs):
    return {"srp_a_text": solve_A(inputs)["A"]}


# --- Stored challenges -----------------------------------------------------


def stored_text(text):
    data = utf8(text)
    return len(data).to_bytes(2, "big") + data


def stored_optional(value, write=stored_text):
    return b"\0" if value is None else b"\1" + write(value)


def stored_list(entries, write=stored_text):
    return len(entries).to_bytes(2, "big") + b"".join(map(write, entries))


def stored_pairs(pairs):
    return stored_list(pairs, lambda pair: stored_text(pair[0]) + stored_text(pair[1]))


def stored_map(entries):
    """Names are sorted by their UTF-8."""
    return stored_pairs(sorted(entries.items(), key=lambda entry: utf8(entry[0])))


def stored_flag(flag):
    return bytes([flag])


def stored_context(context):
    def user_data(data):
        return stored_optional(data["ip_address"]) + stored_optional(data["encoded_data"])

    def request_data(data):
        names = (data["ip_address"], data["server_name"], data["server_path"])
        headers = stored_pairs(data["http_headers"])
        return b"".join(map(stored_text, names)) + headers + stored_optional(data["encoded_data"])

    return (
        stored_map(context["client_metadata"])
        + stored_optional(context["analytics_endpoint_id"], stored_optional)
        + stored_optional(context["user_context_data"], user_data)
        + stored_optional(context["context_data"], request_data)
    )


def solve_stored_challenge(case):
    contents = b"".join(
        [
            stored_text(case["pool_id"]),
            stored_text(case["client_id"]),
            bytes([("public", "admin").index(case["api"])]),
            stored_text(case["username"]),
            stored_flag(case["username_is_learned"]),
            stored_optional(case["user_id_for_srp"]),
            stored_optional(case["device_key"]),
            stored_optional(case["session"]),
            stored_text(case["challenge_name"]),
            stored_map(case["challenge_parameters"]),
            stored_list(case["available_challenges"]),
            stored_optional(case["refusal"], lambda pair: stored_text(pair[0]) + stored_text(pair[1])),
            stored_flag(case["proved"]),
            stored_flag(case["prefers_proof"]),
            stored_flag(case["sends_password"]),
            bytes([case["budget"]]),
            stored_context(case["context"]),
        ]
    )
    digest = sha256(b"cognito-srp6a stored challenge v1\0", contents)
    return {"text": "v1." + base64.urlsafe_b64encode(contents + digest).decode("ascii").rstrip("=")}


def solve_stored_text(case):
    """What shows without reading the contents: the version and the digest."""
    version, dot, encoded = case["text"].partition(".")
    if re.fullmatch("v[1-9][0-9]*", version) and version != "v1" and dot:
        return {"error": "Newer"}
    if version != "v1" or not re.fullmatch("[A-Za-z0-9_-]*", encoded):
        return {"error": "Damaged"}
    payload = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
    contents, digest = payload[:-32], payload[-32:]
    wrong = sha256(b"cognito-srp6a stored challenge v1\0", contents) != digest
    require(wrong, "the digest is right")
    return {"error": "Damaged"}


SOLVERS = {
    "encoding.json": {"enc": solve_enc, "enc_signed": solve_enc_signed, "enc_table": solve_enc_table},
    "timestamp.json": {"timestamp": solve_timestamp, "timestamp_text": solve_timestamp_text},
    "secret_hash.json": {"secret_hash": solve_secret_hash},
    "srp6a.json": {
        "k": solve_k,
        "sha256": solve_sha256,
        "identity_hash": solve_identity_hash,
        "A": solve_A,
        "B": solve_B,
        "u": solve_u,
        "x": solve_x,
        "verifier": solve_x,
        "S": solve_S,
        "hkdf": solve_hkdf,
        "key": solve_key,
        "claim": solve_claim,
        "server_key": solve_server_key,
    },
    "user_auth.json": {"user_signature": solve_user_signature},
    "device_auth.json": {
        "device_signature": solve_device_signature,
        "device_verifier": solve_device_verifier,
    },
    "server.json": {"server_sign_in": solve_user_signature},
    "group.json": {
        "add": solve_add,
        "sub": solve_sub,
        "mul": solve_mul,
        "square": solve_square,
        "pow": solve_pow,
        "g_pow": solve_g_pow,
    },
    "rejection.json": dict.fromkeys(
        ("challenge", "server_srp_a", "a", "pool_id", "username", "password", "client_id", "client_secret"),
        solve_rejection,
    ),
    "stored_challenge.json": {"stored_challenge": solve_stored_challenge, "stored_text": solve_stored_text},
    "disagreements.json": {
        "user": solve_disagreement_user,
        "device_verifier": solve_device_verifier,
        "verifier": solve_disagreement_verifier,
        "k": solve_k,
        "key": solve_disagreement_key,
        "enc_signed": solve_enc_signed,
        "claim_rule": None,
        "timestamp": solve_timestamp,
        "secret_hash": solve_disagreement_secret_hash,
        "srp_a": solve_disagreement_srp_a,
    },
}

# --- Flags that follow from the values -------------------------------------

# The width in bytes that each value has when nothing is missing in front.
WIDTHS = {"A": 384, "B": 384, "S": 384, "verifier": 384, "u": 32, "x": 32, "salt": 16}
TRAPS = {
    "SignByte": "has its top bit set, so enc() puts a 00 byte in front",
    "Short": "has at least one leading zero byte at full width, which enc() drops",
    "OddLength": "has an odd number of hex digits",
}
TRAP_FLAGS = {
    trap + (name if name.isupper() else name.capitalize()): f"{name} {meaning}."
    for trap, meaning in TRAPS.items()
    for name in WIDTHS
}


def trap_flags(case):
    """The traps that a whole sign-in or a device verifier walks into."""
    values = {"B": case.get("srp_b"), "salt": case.get("salt")} | case["expected"]
    flags = []
    for name, width in WIDTHS.items():
        text = values.get(name)
        if text is None:
            continue
        suffix = name if name.isupper() else name.capitalize()
        value = integer(text)
        if enc(value)[0] == 0 and value:
            flags.append("SignByte" + suffix)
        if value.bit_length() <= 8 * (width - 1):
            flags.append("Short" + suffix)
        if len(text) % 2:
            flags.append("OddLength" + suffix)
    return flags


def has_trap_flags(name):
    return name in ("user_auth.json", "device_auth.json", "server.json")


def refresh_flags(document):
    for case in document["cases"]:
        own = [flag for flag in case["flags"] if flag not in TRAP_FLAGS]
        case["flags"] = own + trap_flags(case)
    own = {flag: text for flag, text in document["flags"].items() if flag not in TRAP_FLAGS}
    used = {flag for case in document["cases"] for flag in case["flags"]}
    document["flags"] = own | {flag: text for flag, text in TRAP_FLAGS.items() if flag in used}


# --- Generated files -------------------------------------------------------

GENERATED = {
    "repository": "this one",
    "path": "vectors/generate.py",
    "commit": "as checked out",
    "license": "MIT OR Apache-2.0",
}


def stream(label, size):
    """Bytes that look random and are the same on every run: SHA-256 of a counter."""
    blocks = (sha256(utf8(f"cognito-srp6a {label} {i}")) for i in range(size // 32 + 1))
    return b"".join(blocks)[:size]


def number(label, bits):
    """An integer of exactly this many bits."""
    top = 1 << (bits - 1)
    return big(stream(label, bits // 8 + 1)) % top | top


def case_of(kind, comment, inputs, flags=()):
    case = {"tcId": 0, "comment": comment, "flags": list(flags), "source": "generated", "kind": kind}
    return case | inputs | {"expected": {}, "derived": [], "result": "valid"}


def finish(name, document, wanted):
    """Numbers the cases and fills in what the solvers say."""
    for tc_id, case in enumerate(document["cases"], 1):
        case["tcId"] = tc_id
        values = SOLVERS[name][case["kind"]](case)
        case["expected"] = {key: values[key] for key in wanted}
        case["derived"] = list(wanted)
    return document


class SignIn:
    """The secret numbers of one generated sign-in, with one of them to be varied."""

    def __init__(self, label, a_bits=320, b_bits=256, salt_bits=128, user=None, password=None):
        self.label = label
        self.bits = {"a": a_bits, "b": b_bits, "salt": salt_bits}
        self.user = user or f"user-{stream(label + ' user', 4).hex()}"
        self.password = password or f"Passw0rd-{stream(label + ' password', 4).hex()}"
        self.pool_name = base64_text(stream(label + " pool", 30)).replace("+", "p").replace("/", "s")[:9]
        for name in self.bits:
            self.redraw(name, 0)

    def redraw(self, name, attempt):
        bits = self.bits[name]
        setattr(self, name, number(f"{self.label} {name} {attempt}", bits) if bits else 0)

    @property
    def x(self):
        return private_key(self.pool_name, self.user, self.password, self.salt)

    @property
    def verifier(self):
        return g_pow(self.x)

    @property
    def A(self):
        return g_pow(self.a)

    @property
    def B(self):
        return server_public(self.verifier, self.b)

    @property
    def u(self):
        return scrambler(self.A, self.B)

    @property
    def S(self):
        return server_premaster(self.A, self.verifier, self.u, self.b)

    def search(self, vary, *wanted):
        """Redraws one number until every wanted value has the wanted bit length."""
        attempt = 0
        while not all(low <= getattr(self, name).bit_length() <= high for name, low, high in wanted):
            attempt += 1
            self.redraw(vary, attempt)
        return self

    def inputs(self, seconds):
        return {
            "pool_id": f"us-east-1_{self.pool_name}",
            "pool_name": self.pool_name,
            "user_id_for_srp": self.user,
            "password": self.password,
            "salt": to_hex(self.salt),
            "a": to_hex(self.a),
            "b": to_hex(self.b),
            "srp_b": to_hex(self.B),
            "secret_block": base64_text(stream(self.label + " block", 64 + seconds % 3)),
            "timestamp": timestamp_text(seconds),
            "unix_seconds": seconds,
        }


# What is searched for, as (comment, number to vary, (value, shortest, longest in bits)...).
SERVER_SEARCHES = (
    ("A with its top bit clear", "a", ("A", 3069, 3071)),
    ("A with its top bit set", "a", ("A", 3072, 3072)),
    ("A with a leading zero byte, next byte high bit 1", "a", ("A", 3064, 3064)),
    ("A with a leading zero byte, next byte high bit 0", "a", ("A", 3057, 3063)),
    ("A of odd hex length", "a", ("A", 3065, 3068)),
    ("B with its top bit clear", "b", ("B", 3069, 3071)),
    ("B with a leading zero byte, next byte high bit 1", "b", ("B", 3064, 3064)),
    ("B with a leading zero byte, next byte high bit 0", "b", ("B", 3057, 3063)),
    ("B of odd hex length", "b", ("B", 3065, 3068)),
    ("S with its top bit clear", "b", ("S", 3069, 3071)),
    ("S with a leading zero byte, next byte high bit 1", "b", ("S", 3064, 3064)),
    ("S with a leading zero byte, next byte high bit 0", "b", ("S", 3057, 3063)),
    ("S of odd hex length", "b", ("S", 3065, 3068)),
    ("u with its top bit clear", "b", ("u", 253, 255)),
    ("u with a leading zero byte, next byte high bit 1", "b", ("u", 248, 248)),
    ("u with a leading zero byte, next byte high bit 0", "b", ("u", 241, 247)),
    ("verifier with a leading zero byte, next byte high bit 1", "salt", ("verifier", 3064, 3064)),
    ("verifier of odd hex length", "salt", ("verifier", 3065, 3068)),
    ("x with a leading zero byte", "salt", ("x", 241, 248)),
)
SERVER_SHAPES = (
    ("plain: a of 320 bits, b of 256 bits", {}),
    ("b of 320 bits", {"b_bits": 320}),
    ("b of 1024 bits", {"b_bits": 1024}),
    ("a of 256 bits", {"a_bits": 256}),
    ("a and b of 1024 bits", {"a_bits": 1024, "b_bits": 1024}),
    ("salt of 16 bytes with its top bit clear", {"salt_bits": 127}),
    ("salt one byte short, high bit 1", {"salt_bits": 120}),
    ("salt one byte short, high bit 0", {"salt_bits": 119}),
    ("salt of 31 hex digits", {"salt_bits": 124}),
    ("salt of zero", {"salt_bits": 0}),
    ("user id and password not ASCII", {"user": "zo\u00eb-\u30e6\u30fc\u30b6\u30fc", "password": "p\u00e4ss\U0001f511"}),
)


def build_server():
    cases = []
    for i, (comment, shape) in enumerate(SERVER_SHAPES):
        sign_in = SignIn(f"server shape {i}", **shape)
        cases.append(case_of("server_sign_in", comment, sign_in.inputs(1767225600 + 93784 * i)))
    for i, (comment, vary, *wanted) in enumerate(SERVER_SEARCHES):
        sign_in = SignIn(f"server search {i}").search(vary, *wanted)
        cases.append(case_of("server_sign_in", comment, sign_in.inputs(1772323200 + 93784 * i)))
    document = {
        "file": "server.json",
        "comment": "Whole sign-ins with the server's numbers known, computed from both sides.",
        "sources": {"generated": GENERATED},
        "flags": {},
        "cases": cases,
    }
    wanted = ("x", "verifier", "A", "B", "u", "S", "key", "signature")
    document = finish("server.json", document, wanted)
    refresh_flags(document)
    return document


ONES = (1 << 64) - 1
EDGES = {
    "0": 0,
    "1": 1,
    "2": 2,
    "N-1": N - 1,
    "N-2": N - 2,
    "(N-1)/2": (N - 1) // 2,
    "2^64": 1 << 64,
    "2^64-1": ONES,
    "2^1536": 1 << 1536,
    "2^3008": 1 << 3008,
    "2^3071": 1 << 3071,
    "2^3071-1": (1 << 3071) - 1,
    "2^52-1": (1 << 52) - 1,
    "2^52+1": (1 << 52) + 1,
    "2^1560-1": (1 << 1560) - 1,
    "2^3068+1": (1 << 3068) + 1,
    "R mod N": (1 << 3072) - N,
    "R^2 mod N": pow(2, 6144, N),
    "top limb all ones": ONES << 3008,
    "every second limb all ones": sum(ONES << (128 * i) for i in range(24)),
    "random 1": number("group 1", 3072) % N,
    "random 2": number("group 2", 3072) % N,
    "random 3": number("group 3", 3071),
}
ADDED = (
    ("0", "0"), ("N-1", "1"), ("N-1", "N-1"), ("(N-1)/2", "(N-1)/2"), ("2^3071", "2^3071"), ("2^3071-1", "1"),
    ("2^52-1", "1"), ("R mod N", "N-2"), ("top limb all ones", "2^3008"), ("random 1", "random 2"),
)
SUBTRACTED = (
    ("0", "0"), ("0", "1"), ("0", "N-1"), ("1", "2"), ("N-1", "N-1"), ("N-2", "N-1"), ("2^3008", "1"),
    ("2^1536", "2^64"), ("2^52+1", "2^52-1"), ("random 1", "random 2"), ("random 2", "random 1"),
)
MULTIPLIED = (
    ("0", "N-1"), ("1", "N-1"), ("2", "(N-1)/2"), ("2", "2^3071"), ("N-1", "N-1"), ("N-1", "N-2"),
    ("2^64", "2^3008"), ("2^1536", "2^1536"), ("2^64-1", "2^64-1"), ("2^52-1", "2^52+1"), ("2^1560-1", "2^1560-1"),
    ("2^3068+1", "2^52-1"), ("R mod N", "R mod N"), ("R^2 mod N", "R mod N"),
    ("top limb all ones", "every second limb all ones"), ("random 1", "random 2"), ("random 1", "random 3"),
)
SQUARED = (
    "0", "1", "N-1", "N-2", "2^64-1", "2^1536", "2^1560-1", "2^3071", "2^3071-1", "R mod N", "top limb all ones",
    "every second limb all ones", "random 1",
)
EXPONENTS = {
    "1": 1,
    "2": 2,
    "3": 3,
    "2^64": 1 << 64,
    "2^319": 1 << 319,
    "2^320-1": (1 << 320) - 1,
    "2^512-1": (1 << 512) - 1,
    "(N-1)/2": (N - 1) // 2,
    "N-2": N - 2,
    "N-1": N - 1,
    "2^3071": 1 << 3071,
    "2^3072-1": (1 << 3072) - 1,
    "random, 256 bits": number("exponent 256", 256),
    "random, 320 bits": number("exponent 320", 320),
    "random, 513 bits": number("exponent 513", 513),
    "random, 1024 bits": number("exponent 1024", 1024),
    "random, 3071 bits": number("exponent 3071", 3071),
    "one 1 bit in each word of 64": sum(1 << (64 * i) for i in range(8)),
}
RAISED = (
    ("0", "random, 320 bits"), ("1", "2^3072-1"), ("N-1", "2"), ("N-1", "3"), ("2", "(N-1)/2"), ("random 1", "1"),
    ("random 1", "N-2"), ("random 1", "N-1"), ("random 1", "(N-1)/2"), ("random 2", "2^512-1"),
    ("random 2", "random, 513 bits"), ("random 2", "random, 3071 bits"), ("random 3", "2^64"),
    ("random 3", "one 1 bit in each word of 64"), ("R mod N", "random, 320 bits"), ("N-2", "2^320-1"),
)
G_RAISED = (
    "1", "2", "3", "2^64", "2^319", "2^320-1", "2^512-1", "random, 256 bits", "random, 320 bits",
    "random, 1024 bits", "random, 3071 bits", "2^3071", "2^3072-1", "N-2", "N-1", "one 1 bit in each word of 64",
)


def binary_cases(kind, sign, pairs):
    return [
        case_of(kind, f"x = {x}, y = {y}: x {sign} y", {"x": to_hex(EDGES[x]), "y": to_hex(EDGES[y])})
        for x, y in pairs
    ]


def build_group():
    cases = binary_cases("add", "+", ADDED)
    cases += binary_cases("sub", "-", SUBTRACTED)
    cases += binary_cases("mul", "*", MULTIPLIED)
    cases += [case_of("square", f"x = {x}: x^2", {"x": to_hex(EDGES[x])}) for x in SQUARED]
    for base, exponent in RAISED:
        inputs = {"base": to_hex(EDGES[base]), "exponent": to_hex(EXPONENTS[exponent])}
        cases.append(case_of("pow", f"base {base}, exponent {exponent}", inputs))
    for exponent in G_RAISED:
        inputs = {"exponent": to_hex(EXPONENTS[exponent])}
        cases.append(case_of("g_pow", f"2 to the exponent {exponent}", inputs))
    document = {
        "file": "group.json",
        "comment": "Operations modulo N on values at the edges of limbs, radices and the modulus. R is 2^3072.",
        "sources": {"generated": GENERATED},
        "flags": {},
        "cases": cases,
    }
    return finish("group.json", document, ("result",))


BUILDERS = {"server.json": build_server, "group.json": build_group}

# --- Checking --------------------------------------------------------------


def scaled_pi(bits):
    """floor(2^bits * pi), by Machin's formula pi = 16 atan(1/5) - 4 atan(1/239)."""
    # Every division drops less than one unit, and there are about 5000 of them,
    # so 64 guard bits leave the result exact.
    unit = 1 << (bits + 64)

    def arctan_of_inverse(n):
        total = term = unit // n
        sign, divisor = 1, 1
        while term:
            term //= n * n
            sign, divisor = -sign, divisor + 2
            total += sign * (term // divisor)
        return total

    return (16 * arctan_of_inverse(5) - 4 * arctan_of_inverse(239)) >> 64


def check_modulus():
    """RFC 3526 section 4: 2^3072 - 2^3008 - 1 + 2^64 * ([2^2942 pi] + 1690314)."""
    by_formula = (1 << 3072) - (1 << 3008) - 1 + ((scaled_pi(2942) + 1690314) << 64)
    require(N == by_formula, "N differs from its pi formula")


def check_case(name, case):
    values = SOLVERS[name][case["kind"]](case)
    for key, expected in case["expected"].items():
        require(key in values, f"nothing here computes {key}")
        require(values[key] == expected, f"{key} is {expected}, computed {values[key]}")
    require(set(case["derived"]) <= set(case["expected"]), "derived names a value that is not there")
    if "error" in values:
        require(case["expected"] == values, f"the input is refused with {values}")
    require(("error" in case["expected"]) <= (case["result"] == "invalid"), "the result is wrong")
    require(("error" in values) <= (case["result"] == "invalid"), "the result is wrong")


def check_disagreement(case):
    """`ours.expect` must follow from the inputs and be what some implementation gave."""
    expect = case["ours"]["expect"]
    if expect is None:
        require(case["result"] == "unchecked", "a case without expectation is unchecked")
        return
    values = SOLVERS["disagreements.json"][case["kind"]](case["inputs"])
    for key, wanted in expect.items():
        require(values.get(key) == wanted, f"{key} is {wanted}, computed {values.get(key)}")
    require(("error" in expect) == ("error" in values), f"the input gives {values}")
    require(case["result"] == ("invalid" if "error" in expect else "valid"), "the result is wrong")
    for key in set(expect) - set(case["derived"]) - {"error", "parameter"}:
        given = [output.get(key) for output in case["outputs"]]
        require(expect[key] in given, f"no implementation printed this {key}")


def check_reference(case, documents):
    """A case that repeats another file's case must repeat its values."""
    other_of = case.get("same_as")
    if other_of is None:
        return
    others = documents[other_of["file"]]["cases"]
    other = next(c for c in others if c["tcId"] == other_of["tcId"])
    require(case["ours"]["expect"]["key"] == other["expected"]["key"], "the case it repeats differs")


def check_document(name, document):
    ids = [case["tcId"] for case in document["cases"]]
    require(len(ids) == len(set(ids)), "tcId is not unique")
    require(document["file"] == name, "the file names itself wrongly")
    for case in document["cases"]:
        require(case["source"] in document["sources"], f"unknown source {case['source']}")
        unknown = set(case["flags"]) - set(document["flags"])
        require(not unknown, f"flags without meaning: {unknown}")
        if has_trap_flags(name):
            traps = [flag for flag in case["flags"] if flag in TRAP_FLAGS]
            require(traps == trap_flags(case), f"tcId {case['tcId']}: trap flags should be {trap_flags(case)}")


def load(name):
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


# --- The comb's table ------------------------------------------------------

TEETH, BLOCKS, COLUMNS = 5, 4, 16


def comb_entry(block, digit):
    exponent = sum(1 << (64 * tooth + COLUMNS * block) for tooth in range(TEETH) if digit >> tooth & 1)
    return g_pow(exponent)


def limb_lines(value):
    limbs = [value >> (64 * i) & (2**64 - 1) for i in range(48)]
    for row in range(0, 48, 6):
        yield "            " + " ".join(f"0x{limb:016x}," for limb in limbs[row : row + 6])


def comb_source():
    """The rows of the table in src/group/table.rs, to be put between its brackets."""
    lines = []
    for block in range(BLOCKS):
        lines.append("    Block([")
        for digit in range(1 << TEETH):
            lines += ["        [", *limb_lines(comb_entry(block, digit)), "        ],"]
        lines.append("    ]),")
    return "\n".join(lines) + "\n"


def check_comb():
    """The table that stands in the source is the one made here."""
    source = (FOLDER.parent / "src" / "group" / "table.rs").read_text(encoding="utf-8")
    require(comb_source() in source, "src/group/table.rs does not hold the rows of --comb")


def text_of(document):
    return json.dumps(document, indent=1, ensure_ascii=True) + "\n"


def check_all():
    """Returns the failures as lines of text."""
    failures = []

    def attempt(label, check, *arguments):
        try:
            check(*arguments)
        except Exception as problem:  # Whatever goes wrong with a case is that case's failure.
            failures.append(f"{label}: {type(problem).__name__}: {problem}")

    attempt("generate.py", check_modulus)
    attempt("generate.py", check_comb)
    documents = {name: load(name) for name in FILES}
    for name, document in documents.items():
        attempt(name, check_document, name, document)
        for case in document["cases"]:
            label = f"{name} tcId {case['tcId']} ({case['comment']})"
            if name == "disagreements.json":
                attempt(label, check_disagreement, case)
                attempt(label, check_reference, case, documents)
            else:
                attempt(label, check_case, name, case)
        print(f"{name}: {len(document['cases'])} cases")
    return failures


def regenerate(name):
    if name in BUILDERS:
        return BUILDERS[name]()
    document = load(name)
    for case in document["cases"]:
        if "expected" not in case:
            continue
        values = SOLVERS[name][case["kind"]](case)
        for key in case["derived"]:
            case["expected"][key] = values[key]
    if has_trap_flags(name):
        refresh_flags(document)
    return document


def main(arguments):
    if arguments == ["--check"]:
        failures = check_all()
        print("\n".join(failures) if failures else "all values agree")
        return 1 if failures else 0
    if arguments == ["--comb"]:
        print(comb_source(), end="")
        return 0
    if arguments:
        print(__doc__, file=sys.stderr)
        return 2
    for name in FILES:
        (FOLDER / name).write_text(text_of(regenerate(name)), encoding="utf-8")
        print(f"wrote {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
