"""A passkey and its browser, in software (WebAuthn level 3)."""

import base64
import hashlib
import json
import secrets

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

# The page that the user has open. The pool's passkeys belong to `localhost`.
ORIGIN = "http://localhost:3000"
USER_PRESENT, USER_VERIFIED, ATTESTED = 1, 4, 64


class Passkey:
    """An ES256 key without an attestation."""

    def __init__(self):
        self.key, self.id = ec.generate_private_key(ec.SECP256R1()), secrets.token_bytes(32)

    def create(self, options):
        """RegistrationResponseJSON for the options of StartWebAuthnRegistration."""
        numbers = self.key.public_key().public_numbers()
        x, y = (number.to_bytes(32, "big") for number in [numbers.x, numbers.y])
        # COSE_Key in CBOR (RFC 9053): kty EC2, alg ES256, crv P-256.
        cose = b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20" + x + b"\x22\x58\x20" + y
        data = authenticator_data(options["rp"]["id"], USER_PRESENT | USER_VERIFIED | ATTESTED)
        data += bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cose
        # {"fmt": "none", "attStmt": {}, "authData": …}
        attestation = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59" + len(data).to_bytes(2, "big") + data
        client_data = client_data_of("webauthn.create", options)
        return self.credential(clientDataJSON=client_data, attestationObject=attestation)

    def get(self, options):
        """AuthenticationResponseJSON for CREDENTIAL_REQUEST_OPTIONS."""
        data, client_data = authenticator_data(options["rpId"], USER_PRESENT | USER_VERIFIED), client_data_of("webauthn.get", options)
        signature = self.key.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(hashes.SHA256()))
        return self.credential(clientDataJSON=client_data, authenticatorData=data, signature=signature)

    def credential(self, **response):
        return {
            "id": encode(self.id),
            "rawId": encode(self.id),
            "type": "public-key",
            "clientExtensionResults": {},
            "response": {name: encode(value) for name, value in response.items()},
        }


def authenticator_data(rp_id, flags):
    return hashlib.sha256(rp_id.encode()).digest() + bytes([flags]) + bytes(4)


def client_data_of(kind, options):
    said = {"type": kind, "challenge": options["challenge"], "origin": ORIGIN, "crossOrigin": False}
    return json.dumps(said).encode()


def encode(value):
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
