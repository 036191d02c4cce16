"""warrant-lite, the ancestor of pycognito that is still installed, under boto3."""

import contextlib

import warrant_lite
from pycognito_driver import access_token, client_of, refusals
from suite import run

# It formats its timestamp under the locale en_US.UTF-8, and fails where that is not installed. Python starts under the C
# locale, whose names of days and months are the same.
warrant_lite.temp_locale = lambda _locale: contextlib.nullcontext()


class Warrant:
    name = "warrant-lite"
    lacks = {
        "device": "knows no devices",
        "refresh": "has no refresh",
        **dict.fromkeys(["user_auth", "password", "otp", "custom", "custom_auth", "passkey"], "begins with USER_SRP_AUTH only"),
        **dict.fromkeys(["totp", "wrong_code", "sms", "email", "choice", "setup"], "answers NEW_PASSWORD_REQUIRED only"),
        "rotation": "has no refresh",
        "wrong_key": "makes the calls of an app, which nobody signs",
    }

    # `process_challenge` signs with USER_ID_FOR_SRP, but `authenticate_user` then answers under the name as typed.
    alias_with_secret_is_refused = "the client answers under the alias, with the alias in SECRET_HASH"

    def sign_in(self, pool, username, password):
        with refusals():
            return access_token(self.srp(pool, username, password).authenticate_user())

    def sign_in_with_new_password(self, pool, username, password, new_password):
        with refusals():
            return access_token(self.srp(pool, username, password).set_new_password_challenge(new_password))

    def srp(self, pool, username, password):
        return warrant_lite.WarrantLite(
            username=username,
            password=password,
            pool_id=pool["pool_id"],
            client_id=pool["client_id"],
            client_secret=pool.get("client_secret"),
            client=client_of(pool),
        )


if __name__ == "__main__":
    run(Warrant())
