"""The checks that every Python client goes through. `suite.js` and `rust/src/lib.rs` hold the same ones.

A driver hands `run` an object with `name`, `sign_in` and what else its client can do; the suite calls it against the pools
that the configuration file names, and prints one JSON object a line, which `run` gathers into the table. What the client
cannot do is in `lacks`, by the column, with the reason.
"""

import base64
import hashlib
import hmac
import json
import sys
import time
import urllib.request


class Refused(Exception):
    """The server has refused, and the client has said so with an error of its own, whose name this carries."""


class NotOffered(Exception):
    """The client has no way to do this; the text says what is missing."""


def run(client):
    with open(sys.argv[1], encoding="utf-8") as file:
        config = json.load(file)
    for flow, pool_name, check in FLOWS:
        pool = config["pools"].get(pool_name)
        if pool is None:
            report(client, flow, skipped=f"the server offers no pool of the kind {pool_name!r}")
            continue
        try:
            if flow in getattr(client, "lacks", {}):
                raise NotOffered(client.lacks[flow])
            report(client, flow, **check(client, pool, config["count"]))
        except NotOffered as missing:
            report(client, flow, skipped=str(missing))
        except Exception as error:  # a failure is a line of the table, and the other flows go on
            report(client, flow, failures=1, note=describe(error))


def report(client, flow, sign_ins=0, refused=0, failures=0, note="", expected="", skipped=""):
    print(
        json.dumps(
            {
                "client": client.name,
                "flow": flow,
                "sign_ins": sign_ins,
                "refused": refused,
                "failures": failures,
                "note": note,
                "expected": expected,
                "skipped": skipped,
            }
        ),
        flush=True,
    )


def describe(error):
    return f"{type(error).__name__}: {error}"


def right(client, pool, _count):
    signed_in(client.sign_in(pool, pool["user"]["username"], pool["user"]["password"]), pool["user"])
    return {"sign_ins": 1}


def wrong(client, pool, _count):
    # One character off, so that everything but the proof is as in a good sign-in.
    try:
        client.sign_in(pool, pool["user"]["username"], pool["user"]["password"] + "x")
    except Refused as refused:
        expect(str(refused) == "NotAuthorizedException", f"refused with {refused}")
        return {"refused": 1, "note": str(refused)}
    raise AssertionError("a wrong password has signed in")


def alias(client, pool, _count):
    user = pool["user"]
    # ministack checks SECRET_HASH against the name beside it, whichever that is; the local pool and the service do not.
    strict = pool.get("client_secret") and pool["server"] == "local_pool"
    reason = getattr(client, "alias_with_secret_is_refused", None) if strict else None
    if reason is None:
        signed_in(client.sign_in(pool, pool["alias"], user["password"]), user)
        return {"sign_ins": 1}
    try:
        client.sign_in(pool, pool["alias"], user["password"])
    except Refused as refused:
        return {"refused": 1, "expected": reason, "note": str(refused)}
    raise AssertionError(f"signed in, although {reason}")


def non_ascii(client, pool, _count):
    user = pool["non_ascii"]
    signed_in(client.sign_in(pool, user["username"], user["password"]), user)
    return {"sign_ins": 1}


def new_password(client, pool, _count):
    user = pool["forced"]
    signed_in(client.sign_in_with_new_password(pool, user["username"], user["password"], user["new_password"]), user)
    # The new password must be what the server now holds.
    signed_in(client.sign_in(pool, user["username"], user["new_password"]), user)
    return {"sign_ins": 2}


def device(client, pool, count):
    # Each device has a salt and a verifier of its own, so a few devices show what one would hide.
    return in_a_row(
        max(1, count // 10), lambda: client.sign_in_with_new_device(pool, pool["user"]["username"], pool["user"]["password"])
    )


def row(client, pool, count):
    user = pool["user"]
    return in_a_row(count, lambda: signed_in(client.sign_in(pool, user["username"], user["password"]), user))


def rare(client, pool, count):
    # The pool draws what `row` may not meet: salts, and B or u, that begin with a zero byte which `enc` leaves out.
    return row(client, pool, max(1, count // 10))

def user_auth(client, pool, _count):
    user = pool["user"]
    signed_in(client.user_auth(pool, user["username"], user["password"]), user)
    return {"sign_ins": 1}


def refresh(client, pool, _count):
    user = pool["user"]
    signed_in(client.refresh(pool, user["username"], user["password"]), user)
    return {"sign_ins": 1}


def password(client, pool, count):
    user = pool["user"]
    sign_in = client.sign_in_by_password
    return in_a_row(count, lambda: signed_in(sign_in(pool, user["username"], user["password"]), user))


def totp(client, pool, count):
    # A code is good once, so each sign-in has a user of its own.
    def attempt(round, sends_password):
        user = pool["apps"][round]
        second_factor(client, pool, user, "SOFTWARE_TOKEN_MFA", lambda: totp_code(user["totp_secret"]), sends_password)

    return factors_in_a_row(client, count, attempt)


def wrong_code(client, pool, count):
    user = pool["apps"][count]
    code = f"{(int(totp_code(user['totp_secret'])) + 1) % 1000000:06}"
    try:
        second_factor(client, pool, user, "SOFTWARE_TOKEN_MFA", lambda: code)
    except Refused as refused:
        expect(str(refused) == "CodeMismatchException", f"refused with {refused}")
        return {"refused": 1, "note": str(refused)}
    raise AssertionError("a wrong code has signed in")


def sms(client, pool, count):
    return letters_in_a_row(client, pool, pool["sms"], "SMS_MFA", count)


def email(client, pool, count):
    return letters_in_a_row(client, pool, pool["email"], "EMAIL_OTP", count)


def choice(client, pool, count):
    # SELECT_MFA_TYPE of a user who has all three.
    return letters_in_a_row(client, pool, pool["choice"], "SMS_MFA", count, chooses=True)


def letters_in_a_row(client, pool, user, challenge, count, **options):
    def attempt(_round, sends_password):
        second_factor(client, pool, user, challenge, letter_to(pool, user), sends_password, **options)

    return factors_in_a_row(client, count, attempt)


def second_factor(client, pool, user, challenge, code, sends_password=False, chooses=False):
    """Signs in by the password and the code of a challenge, which the client must have asked for."""
    asked = []

    def ask():
        asked.append(challenge)
        return code()

    options = {"chooses": chooses, "sends_password": sends_password}
    signed_in(client.sign_in_with_code(pool, user["username"], user["password"], challenge, ask, **options), user)
    expect(bool(asked), "signed in without a code")


def setup(client, pool, count):
    """MFA_SETUP by an app, and a sign-in with it. `new` has a user for each."""
    users = iter(pool["new"])

    def attempt():
        user, secrets = next(users), []

        def first_code(secret):
            secrets.append(secret)
            return totp_code(secret)

        signed_in(client.sign_in_with_setup(pool, user["username"], user["password"], first_code), user)
        # The code of the next step, which is accepted early, because the first is spent.
        second_factor(client, pool, user, "SOFTWARE_TOKEN_MFA", lambda: totp_code(secrets[0], steps=1))

    return in_a_row(max(1, count // 10), attempt)


def otp(client, pool, count):
    # A code is the first factor here, and the only one.
    user, challenges = pool["user"], ["EMAIL_OTP", "SMS_OTP"] * count
    sign_in = client.sign_in_by_code

    def attempt():
        signed_in(sign_in(pool, user["username"], challenges.pop(), letter_to(pool, user)), user)

    return in_a_row(count, attempt)


def custom_auth(client, pool, count):
    # The password is proved first, and the custom challenge comes after it.
    user = pool["user"]
    custom = lambda: client.custom_auth(pool, user["username"], user["password"], pool["custom_answer"])
    return in_a_row(proofs_of(client, count), lambda: signed_in(custom(), user))


def custom(client, pool, count):
    # The custom challenge alone.
    user = pool["user"]
    return in_a_row(count, lambda: signed_in(client.custom(pool, user["username"], pool["custom_answer"]), user))


def rotation(client, pool, count):
    """Refreshes in a chain, each with the token that the last one brought."""
    user, seen = pool["user"], set()
    tally = {"sign_ins": 0}
    for access_token, refresh_token in client.rotate(pool, user["username"], user["password"], count):
        signed_in(access_token, user)
        expect(refresh_token not in seen, "the refresh token was not replaced")
        seen.add(refresh_token)
        tally["sign_ins"] += 1
    expect(tally["sign_ins"] == count, f"{tally['sign_ins']} refreshes")
    return tally


def factors_in_a_row(client, count, attempt):
    """As `in_a_row`; a client with a slow proof sends the password instead in nine rounds of ten, if it can."""
    slow, sends = getattr(client, "slow_proof", False), not getattr(client, "only_proves", False)
    rounds = iter(range(count))

    def one():
        round = next(rounds)
        attempt(round, slow and round % 10 != 0)

    return in_a_row(count if sends else proofs_of(client, count), one)


def proofs_of(client, count):
    """A client whose proof takes long makes a tenth as many where the proof is not what is tested."""
    return max(1, count // 10) if getattr(client, "slow_proof", False) else count


def wrong_key(client, pool, _count):
    # The calls of an administrator are signed, here with another key than the pool's.
    other = {**pool, "secret_access_key": "other"}
    try:
        client.sign_in(other, pool["user"]["username"], pool["user"]["password"])
    except Refused as refused:
        expect(str(refused) == "InvalidSignatureException", f"refused with {refused}")
        return {"refused": 1, "note": str(refused)}
    raise AssertionError("a call with a wrong signature is accepted")


def passkey(client, pool, count):
    # Registered once, with an access token, and then the only factor.
    user = pool["user"]
    held = client.register_passkey(pool, user["username"], user["password"])
    return in_a_row(count, lambda: signed_in(client.sign_in_by_passkey(pool, user["username"], held), user))


def letter_to(pool, user):
    """The newest code that the pool would have sent to a user, when it is asked for."""

    def code():
        with urllib.request.urlopen(pool["endpoint"] + "/outbox") as answer:
            letters = json.load(answer)
        return [letter["code"] for letter in letters if letter["username"] == user["username"]][-1]

    return code


def totp_code(secret, steps=0):
    """RFC 6238, from the Base32 that a user types into an app."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    tag = hmac.digest(key, (int(time.time()) // 30 + steps).to_bytes(8, "big"), hashlib.sha1)
    offset = tag[-1] & 15
    return f"{(int.from_bytes(tag[offset : offset + 4], 'big') & 0x7FFFFFFF) % 1000000:06}"


def in_a_row(count, attempt):
    failures, note = 0, ""
    for _ in range(count):
        try:
            attempt()
        except NotOffered:
            raise
        except Exception as error:
            failures += 1
            note = describe(error)
    return {"sign_ins": count - failures, "failures": failures, "note": note}


def signed_in(access_token, user):
    """An access token names its user; a server that signs in somebody else is caught here."""
    header, payload, signature = access_token.split(".")
    expect(bool(header and signature), "the access token is not a signed JWT")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    expect(claims["username"] == user["username"], f"the access token is for {claims['username']}")


def expect(condition, otherwise):
    if not condition:
        raise AssertionError(otherwise)


FLOWS = [
    ("right", "plain", right),
    ("wrong", "plain", wrong),
    ("alias", "plain", alias),
    ("alias_secret", "secret", alias),
    ("non_ascii", "plain", non_ascii),
    ("new_password", "plain", new_password),
    ("device", "devices", device),
    ("user_auth", "user_auth", user_auth),
    ("refresh", "plain", refresh),
    ("row", "plain", row),
    ("rare", "rare", rare),
    ("password", "plain", password),
    ("totp", "factors", totp),
    ("wrong_code", "factors", wrong_code),
    ("sms", "factors", sms),
    ("email", "factors", email),
    ("choice", "factors", choice),
    ("setup", "setup", setup),
    ("otp", "factors", otp),
    ("custom_auth", "custom", custom_auth),
    ("custom", "custom", custom),
    ("rotation", "factors", rotation),
    ("passkey", "passkeys", passkey),
    ("wrong_key", "signed", wrong_key),
]
