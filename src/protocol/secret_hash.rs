//! `SECRET_HASH`, the app client's proof of its secret. It is not part of SRP.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::secret::Secret;
use crate::stack::with_wiped_stack;

// https://docs.aws.amazon.com/cognito/latest/developerguide/signing-up-users-in-your-app.html
//   Base64 ( HMAC_SHA256 ( "Client Secret Key", "Username" + "Client Id" ) )

/// Returns `HMAC-SHA256(client secret, username ‖ client id)`, before Base64.
pub(crate) fn secret_hash(client_secret: &[u8], username: &str, client_id: &str) -> Secret<32> {
    with_wiped_stack(|| {
        let mut mac = Hmac::<Sha256>::new_from_slice(client_secret).expect("HMAC takes keys of any length");
        mac.update(username.as_bytes());
        mac.update(client_id.as_bytes());
        Secret::new(mac.finalize().into_bytes().into())
    })
}
