//! What pre token generation changes in tokens.

use serde_json::{Map, Value, json};

use super::answers::{ClaimsOverrideDetails, GroupOverrideDetails};

/// The claims that no trigger changes. A change of one is ignored, as are those of `dev:` and of `cognito:`.
const PROTECTED: [&str; 16] = [
    "acr",
    "amr",
    "at_hash",
    "aud",
    "auth_time",
    "azp",
    "exp",
    "iat",
    "identities",
    "iss",
    "jti",
    "nbf",
    "nonce",
    "origin_jti",
    "sub",
    "token_use",
];

/// Changes the claims of an ID token.
pub fn change_id_token(claims: &mut Map<String, Value>, details: &ClaimsOverrideDetails) {
    for (name, value) in details.claims_to_add_or_override.iter().flatten() {
        if !is_protected(name) {
            claims.insert(name.clone(), value.as_str().into());
        }
    }
    for name in details.claims_to_suppress.iter().flatten().filter(|name| !is_protected(name)) {
        claims.remove(name);
    }
    let Some(groups) = &details.group_override_details else { return };
    change_access_token(claims, groups);
    if let Some(roles) = &groups.iam_roles_to_override {
        claims.insert("cognito:roles".to_owned(), json!(roles));
    }
    if let Some(role) = &groups.preferred_role {
        claims.insert("cognito:preferred_role".to_owned(), json!(role));
    }
}

/// Changes the claims of an access token: of the first version of the event, the groups alone.
pub fn change_access_token(claims: &mut Map<String, Value>, groups: &GroupOverrideDetails) {
    if let Some(groups) = &groups.groups_to_override {
        claims.insert("cognito:groups".to_owned(), json!(groups));
    }
}

fn is_protected(name: &str) -> bool {
    let begins = |prefix| name.starts_with(prefix);
    PROTECTED.contains(&name) || begins("dev:") || begins("cognito:")
}
