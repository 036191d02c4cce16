"""Puts this package under pycognito's `AWSSRP`: importing the module is enough.

    import cognito_srp6a.pycognito

From then on every `AWSSRP`, and with it `pycognito.Cognito`, makes its proofs here. What is replaced:

- `AWSSRP.calculate_a`, `generate_random_small_a`, `large_a_value`: a sign-in is started when its `A` is first asked for. The exponent is
  not in Python, so `small_a_value` is `None`.
- `AWSSRP.get_auth_params`, `process_challenge`: `UserSignIn`.
- `AWSSRP.process_device_challenge`: `DeviceSignIn`. Its `A` is `large_a_value` after the answer to `PASSWORD_VERIFIER`.
- `AWSSRP.get_password_authentication_key`, `get_device_authentication_key`: raise `NotImplementedError`.
- `AWSSRP.authenticate_user`: pycognito's own, but the answer to `DEVICE_SRP_AUTH` is `DeviceSignIn.challenge_responses`. pycognito's has no
  `SECRET_HASH`, and the name that was typed in place of the one that the pool asked for.
- `pycognito.aws_srp.generate_hash_device`: `DeviceCredentials.register`.

Each answer has an exponent of its own, also when one `AWSSRP` signs in several times. What does not fit the service's model raises
`ParameterError` (a `ValueError`) in place of a request. `uninstall` puts everything back.
"""

from __future__ import annotations

from typing import Any

from pycognito import aws_srp  # type: ignore[import-untyped,unused-ignore]

from . import DeviceCredentials, DeviceSignIn, UserSignIn
from ._error import AlreadyAnsweredError

__all__ = ["install", "uninstall"]

_HELD = "_cognito_srp6a"


class _Held:
    """The sign-ins of one `AWSSRP`. An answered one is `None`."""

    def __init__(self) -> None:
        self.user: UserSignIn | None = None
        self.names: tuple[Any, ...] = ()
        self.device: DeviceSignIn | None = None
        self.user_is_answered = False
        self.answered_name: str | None = None


def _held(srp: Any) -> _Held:
    held: _Held = srp.__dict__.setdefault(_HELD, _Held())
    return held


def _user(srp: Any) -> UserSignIn:
    """The sign-in that waits for its challenge: a new one if the last is answered or was for other names."""
    held = _held(srp)
    names = (srp.pool_id, srp.client_id, srp.username, srp.client_secret, srp.device_key)
    if held.user is None or held.names != names:
        held.user, held.names = UserSignIn(*names), names
        held.device, held.user_is_answered, held.answered_name = None, False, None
    return held.user


def _device(srp: Any) -> DeviceSignIn:
    held = _held(srp)
    if held.device is None:
        credentials = DeviceCredentials(srp.device_key, srp.device_group_key, srp.device_password)
        held.device = DeviceSignIn(srp.pool_id, srp.client_id, held.answered_name or srp.username, credentials, srp.client_secret)
    return held.device


def _generate_random_small_a(_srp: Any) -> None:
    return None


def _calculate_a(_srp: Any) -> None:
    return None


def _large_a_value(srp: Any) -> int:
    if _held(srp).user_is_answered and srp.device_password is not None:
        return int(_device(srp).challenge_responses["SRP_A"], 16)
    return int(_user(srp).auth_parameters["SRP_A"], 16)


def _set_large_a_value(_srp: Any, _value: None) -> None:
    """The constructor sets what `calculate_a` returns."""


def _get_auth_params(srp: Any) -> dict[str, str]:
    return _user(srp).auth_parameters


def _process_challenge(srp: Any, challenge_parameters: dict[str, str], request_parameters: dict[str, str]) -> dict[str, str]:
    held = _held(srp)
    if held.user is None:
        raise AlreadyAnsweredError("get_auth_params starts the sign-in that is answered here", "AlreadyAnswered")
    if "USERNAME" not in challenge_parameters:
        challenge_parameters = {**challenge_parameters, "USERNAME": request_parameters["USERNAME"]}
    responses = held.user.answer(challenge_parameters, srp.password)
    held.user, held.device, held.user_is_answered = None, None, True
    held.answered_name = responses["USERNAME"]
    return responses


def _process_device_challenge(srp: Any, challenge_parameters: dict[str, str]) -> dict[str, str]:
    held = _held(srp)
    if held.device is None:
        raise AlreadyAnsweredError("large_a_value starts the sign-in that is answered here", "AlreadyAnswered")
    responses = held.device.answer(challenge_parameters)
    held.device = None
    return responses


class _Client:
    """What pycognito calls during a sign-in: the client, with another answer to `DEVICE_SRP_AUTH`."""

    def __init__(self, srp: Any, client: Any) -> None:
        self._srp = srp
        self.initiate_auth = client.initiate_auth
        self._respond = client.respond_to_auth_challenge

    def respond_to_auth_challenge(self, **request: Any) -> Any:
        if request["ChallengeName"] == "DEVICE_SRP_AUTH":
            request["ChallengeResponses"] = _device(self._srp).challenge_responses
        return self._respond(**request)


def _authenticate_user(srp: Any, client: Any = None, client_metadata: Any = None) -> Any:
    own = srp.client
    srp.client = _Client(srp, own or client)
    try:
        return _theirs[aws_srp.AWSSRP, "authenticate_user"](srp, None, client_metadata)
    finally:
        srp.client = own


def _no_key(*_arguments: Any) -> bytes:
    raise NotImplementedError("the key of a proof does not come into Python")


def _generate_hash_device(device_group_key: str, device_key: str) -> tuple[str, dict[str, str]]:
    credentials, config = DeviceCredentials.register(device_key, device_group_key)
    return credentials.expose_password(), config


_OURS: dict[tuple[Any, str], Any] = {
    (aws_srp.AWSSRP, "generate_random_small_a"): _generate_random_small_a,
    (aws_srp.AWSSRP, "calculate_a"): _calculate_a,
    (aws_srp.AWSSRP, "large_a_value"): property(_large_a_value, _set_large_a_value),
    (aws_srp.AWSSRP, "get_auth_params"): _get_auth_params,
    (aws_srp.AWSSRP, "process_challenge"): _process_challenge,
    (aws_srp.AWSSRP, "process_device_challenge"): _process_device_challenge,
    (aws_srp.AWSSRP, "authenticate_user"): _authenticate_user,
    (aws_srp.AWSSRP, "get_password_authentication_key"): _no_key,
    (aws_srp.AWSSRP, "get_device_authentication_key"): _no_key,
    (aws_srp, "generate_hash_device"): _generate_hash_device,
}
_theirs: dict[tuple[Any, str], Any] = {}


def install() -> None:
    """Replaces what the module's documentation lists. Importing the module calls it; a second call does nothing."""
    if _theirs:
        return
    for (place, name), ours in _OURS.items():
        _theirs[place, name] = place.__dict__.get(name)
        setattr(place, name, ours)


def uninstall() -> None:
    """Puts pycognito's own functions back. An `AWSSRP` made in between cannot be used any more."""
    for (place, name), theirs in _theirs.items():
        if theirs is None:
            delattr(place, name)
        else:
            setattr(place, name, theirs)
    _theirs.clear()


install()
