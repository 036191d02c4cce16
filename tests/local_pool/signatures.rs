//! Admin calls of a pool with access keys: signed rightly, wrongly, for another call, too early and too late.

use chrono::DateTime;
use cognito_srp6a::Timestamp;
use cognito_srp6a::idp::ServiceError;
use ring::{digest, hmac};
use serde_json::{Value, json};
use ureq::http::{HeaderMap, HeaderName};

use crate::client::{Direct, Site, options_of_file};
use crate::factors::{NOW, name_of};
use crate::wire::Wire;

const FILE: &str = r#"
pool_id = "eu-west-1_OfAFile"
[access_keys]
AKIDEXAMPLE = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
AKIDOTHER = "another0secret0of0forty0letters000000000"
[[client]]
id = "web"
"#;

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

/// What a client signs with, and what it sends.
#[derive(Clone)]
struct Signer {
    id: String,
    secret: String,
    date: String,
    day: String,
    region: String,
    service: String,
    terminator: String,
    /// The headers to sign, sorted by name.
    headers: Vec<(&'static str, String)>,
}

fn signer(now: i64) -> Signer {
    let date = DateTime::from_timestamp(now, 0).unwrap().format("%Y%m%dT%H%M%SZ").to_string();
    Signer {
        id: "AKIDEXAMPLE".into(),
        secret: SECRET.into(),
        day: date[..8].into(),
        region: "eu-west-1".into(),
        service: "cognito-idp".into(),
        terminator: "aws4_request".into(),
        headers: vec![
            ("content-type", "application/x-amz-json-1.1".into()),
            ("host", "localhost".into()),
            ("user-agent", "a  client  ".into()),
            ("x-amz-date", date.clone()),
            ("x-amz-target", "AWSCognitoIdentityProviderService.AdminGetUser".into()),
        ],
        date,
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

impl Signer {
    /// Returns the value of `Authorization`.
    fn authorization(&self, body: &str) -> String {
        let sha256 = |text: &str| hex(digest::digest(&digest::SHA256, text.as_bytes()).as_ref());
        let words = |value: &str| value.split_whitespace().collect::<Vec<_>>().join(" ");
        let lines: Vec<_> = self.headers.iter().map(|(name, value)| format!("{name}:{}\n", words(value))).collect();
        let names = self.headers.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";");
        let request = format!("POST\n/\n\n{}\n{names}\n{}", lines.concat(), sha256(body));
        let scope = [&*self.day, &self.region, &self.service, &self.terminator];
        let text = format!("AWS4-HMAC-SHA256\n{}\n{}\n{}", self.date, scope.join("/"), sha256(&request));
        let first = format!("AWS4{}", self.secret).into_bytes();
        let key = scope.iter().chain([&&*text]).fold(first, |key, part| {
            hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), part.as_bytes()).as_ref().to_vec()
        });
        let credential = format!("{}/{}", self.id, scope.join("/"));
        format!("AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={names}, Signature={}", hex(&key))
    }

    /// Returns the headers of a call.
    fn sign(&self, body: &str) -> HeaderMap {
        let authorization = ("authorization", self.authorization(body));
        let mut headers = HeaderMap::new();
        for (name, value) in self.headers.iter().chain([&authorization]) {
            headers.append(HeaderName::from_static(name), value.parse().unwrap());
        }
        headers
    }

    fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(there, _)| *there != name);
        self
    }
}

fn body() -> String {
    json!({"UserPoolId": "eu-west-1_OfAFile", "Username": "alice"}).to_string()
}

fn call(pool: &Direct, headers: &HeaderMap) -> Result<Value, ServiceError> {
    pool.call_with(NOW, headers, body().as_bytes())
}

fn changed(mut headers: HeaderMap, name: &'static str, value: &str) -> HeaderMap {
    headers.insert(name, value.parse().unwrap());
    headers
}

#[test]
fn a_call_signed_with_either_key_is_answered_whatever_else_is_signed() {
    let pool = Direct::of_file(FILE);
    let other =
        Signer { id: "AKIDOTHER".into(), secret: "another0secret0of0forty0letters000000000".into(), ..signer(NOW) };
    let sparse = signer(NOW).without("content-type").without("user-agent");
    for signer in [signer(NOW), other, sparse, signer(NOW - 300), signer(NOW + 300)] {
        assert_eq!(call(&pool, &signer.sign(&body())).unwrap()["Username"], "alice");
    }
    // A header that is not signed may come and change on its way.
    let more = changed(signer(NOW).sign(&body()), "x-forwarded-for", "127.0.0.1");
    call(&pool, &more).unwrap();
    // The order and the spaces of the parameters are free.
    let written = signer(NOW).authorization(&body());
    let (algorithm, parameters) = written.split_once(' ').unwrap();
    let turned: Vec<_> = parameters.rsplit(", ").collect();
    call(&pool, &changed(more, "authorization", &format!("{algorithm} {}", turned.join(",")))).unwrap();
}

/// A name for a failure, the headers, and the error with a part of its message.
type Case = (&'static str, HeaderMap, &'static str, &'static str);

#[test]
fn whatever_is_not_signed_by_a_holder_of_a_key_for_this_call_is_refused() {
    const INVALID: &str = "InvalidSignatureException";
    const INCOMPLETE: &str = "IncompleteSignatureException";
    const UNKNOWN: &str = "UnrecognizedClientException";
    const MISMATCH: &str = "does not match the signature you provided";
    let good = || signer(NOW).sign(&body());
    let header = |value: &str| changed(good(), "authorization", value);
    let without = |name: &str| {
        let mut headers = good();
        headers.remove(name);
        headers
    };
    let written = signer(NOW).authorization(&body());
    let signed = |change: &dyn Fn(&mut Signer)| {
        let mut signer = signer(NOW);
        change(&mut signer);
        signer.sign(&body())
    };
    let unsigned = signer(NOW).without("x-amz-target").sign(&body());
    let target_unsigned = changed(unsigned, "x-amz-target", "AWSCognitoIdentityProviderService.AdminGetUser");
    let mut unsorted = signer(NOW);
    unsorted.headers.swap(0, 1);
    let mut twice = signer(NOW);
    twice.headers.insert(1, twice.headers[1].clone());
    let mut shouted = signer(NOW);
    shouted.headers.insert(2, ("User-Agent", "a  client  ".into()));
    shouted.headers.remove(3);
    let shouted = changed(good(), "authorization", &shouted.authorization(&body()));
    let mut appended = good();
    appended.append("x-amz-target", "AWSCognitoIdentityProviderService.AdminGetUser".parse().unwrap());
    let with_token = |mut signer: Signer| {
        signer.headers.insert(4, ("x-amz-security-token", "token".into()));
        signer.sign(&body())
    };
    let cases: Vec<Case> = vec![
        ("none", without("authorization"), "MissingAuthenticationTokenException", ""),
        ("another scheme", header("Bearer token"), "MissingAuthenticationTokenException", ""),
        ("the start alone", header("AWS4-HMAC-SHA256"), INCOMPLETE, "'Credential'"),
        ("no signature", header(&written[..written.rfind(", ").unwrap()]), INCOMPLETE, "'Signature'"),
        ("an empty signature", header(&written[..=written.rfind('=').unwrap()]), INCOMPLETE, "'Signature'"),
        ("two signatures", header(&format!("{written}, Signature=0")), INCOMPLETE, ""),
        ("another parameter", header(&format!("{written}, Other=0")), INCOMPLETE, ""),
        ("another algorithm", header(&written.replace("SHA256 ", "SHA1 ")), INCOMPLETE, "algorithm"),
        ("a short credential", header(&written.replace("/aws4_request", "")), INCOMPLETE, "exactly 5"),
        ("no date", without("x-amz-date"), INCOMPLETE, "'X-Amz-Date'"),
        ("a date in words", changed(good(), "x-amz-date", "Mon, 30 Aug 2015 12:36:00 GMT"), INCOMPLETE, "ISO-8601"),
        ("a date with a sign", changed(good(), "x-amz-date", "+20270115T080015Z"), INCOMPLETE, "ISO-8601"),
        ("an old date", signer(NOW - 301).sign(&body()), INVALID, "Signature expired"),
        ("a future date", signer(NOW + 301).sign(&body()), INVALID, "Signature not yet current"),
        ("a date that was not signed", changed(good(), "x-amz-date", &signer(NOW + 1).date), INVALID, MISMATCH),
        ("host not signed", signer(NOW).without("host").sign(&body()), INVALID, "'host'"),
        ("target not signed", target_unsigned, INVALID, "'x-amz-target'"),
        ("headers unsorted", unsorted.sign(&body()), INVALID, MISMATCH),
        ("a name in upper case", shouted, INVALID, MISMATCH),
        ("a header twice", twice.sign(&body()), INVALID, MISMATCH),
        ("a signed header missing", without("user-agent"), INVALID, MISMATCH),
        ("a signed header altered", changed(good(), "user-agent", "another"), INVALID, MISMATCH),
        ("another host", changed(good(), "host", "example.com"), INVALID, MISMATCH),
        (
            "another call",
            changed(good(), "x-amz-target", "AWSCognitoIdentityProviderService.AdminSetUserPassword"),
            INVALID,
            MISMATCH,
        ),
        ("a second target", appended, INVALID, MISMATCH),
        ("another body", signer(NOW).sign(&body().replace("alice", "bob")), INVALID, MISMATCH),
        ("another region", signed(&|signer| signer.region = "us-east-1".into()), INVALID, "valid region"),
        ("another service", signed(&|signer| signer.service = "dynamodb".into()), INVALID, "'cognito-idp'"),
        ("another terminator", signed(&|signer| signer.terminator = "aws5_request".into()), INVALID, "terminator"),
        ("another day", signed(&|signer| signer.day = "20150830".into()), INVALID, "Date in Credential scope"),
        ("an unknown key", signed(&|signer| signer.id = "AKIDNOBODY".into()), UNKNOWN, ""),
        ("a wrong key", signed(&|signer| signer.secret = SECRET.to_lowercase()), INVALID, MISMATCH),
        ("the key of the other", signed(&|signer| signer.id = "AKIDOTHER".into()), INVALID, MISMATCH),
        ("a token that is signed", with_token(signer(NOW)), UNKNOWN, ""),
        ("a token that is not", changed(good(), "x-amz-security-token", "token"), UNKNOWN, ""),
    ];
    let pool = Direct::of_file(FILE);
    for (case, headers, name, message) in cases {
        let error = call(&pool, &headers).expect_err(case);
        assert_eq!(error.name().as_str(), name, "{case}: {error}");
        assert!(error.message().contains(message), "{case}: {error}");
        assert!(!error.message().contains(SECRET), "{case}");
    }
    call(&pool, &good()).unwrap();
}

#[test]
fn no_part_of_a_signature_can_be_guessed_or_left_out() {
    let pool = Direct::of_file(FILE);
    let written = signer(NOW).authorization(&body());
    let start = written.rfind('=').unwrap() + 1;
    for place in start..written.len() {
        let mut altered = written.clone().into_bytes();
        altered[place] = if altered[place] == b'0' { b'1' } else { b'0' };
        let (altered, shorter) = (String::from_utf8(altered).unwrap(), &written[..place.max(start + 1)]);
        for wrong in [altered.as_str(), shorter] {
            let headers = changed(signer(NOW).sign(&body()), "authorization", wrong);
            assert_eq!(name_of(call(&pool, &headers)), "InvalidSignatureException", "{wrong}");
        }
    }
    let upper = written[..start].to_owned() + &written[start..].to_uppercase();
    let headers = changed(signer(NOW).sign(&body()), "authorization", &upper);
    assert_eq!(name_of(call(&pool, &headers)), "InvalidSignatureException");
}

#[test]
fn the_calls_that_the_service_does_not_sign_need_no_signature() {
    let pool = Direct::of_file(FILE);
    let target = |operation: &str| {
        changed(HeaderMap::new(), "x-amz-target", &format!("AWSCognitoIdentityProviderService.{operation}"))
    };
    let begin = json!({"ClientId": "web", "AuthFlow": "USER_SRP_AUTH",
        "AuthParameters": {"USERNAME": "alice", "SRP_A": "ff"}})
    .to_string();
    pool.call_with(NOW, &target("InitiateAuth"), begin.as_bytes()).unwrap();
    for operation in [
        "AdminInitiateAuth",
        "AdminRespondToAuthChallenge",
        "AdminCreateUser",
        "AdminSetUserPassword",
        "AdminGetUser",
        "AdminOfNobody",
    ] {
        let refused = pool.call_with(NOW, &target(operation), begin.as_bytes());
        assert_eq!(name_of(refused), "MissingAuthenticationTokenException", "{operation}");
    }
}

#[test]
fn a_signature_is_checked_over_http_for_the_path_and_the_query_that_came() {
    let site = Site::of_file(FILE);
    let mut wire = Wire::connect(site.address);
    let mut send = |path: &str, body: &str, signed: &str| {
        let headers = signer(Timestamp::now().unwrap().unix_seconds()).sign(signed);
        let lines: Vec<_> =
            headers.iter().map(|(name, value)| format!("{name}: {}\r\n", value.to_str().unwrap())).collect();
        let lines = lines.concat();
        let head = format!("POST {path} HTTP/1.1\r\n{lines}content-length: {}\r\n\r\n", body.len());
        wire.send(&head, body.as_bytes()).unwrap()
    };
    assert_eq!(send("/", &body(), &body()).json()["Username"], "alice");
    // The body is signed as it comes, and not as it is read.
    let spaced = body().replace(':', ": ");
    assert_eq!(send("/", &spaced, &spaced).status, 200);
    for (path, body, signed) in [("/", &spaced, &body()), ("/other", &spaced, &spaced), ("/?a=b", &spaced, &spaced)] {
        let answer = send(path, body, signed);
        assert_eq!((answer.status, answer.error().0.as_str()), (400, "InvalidSignatureException"), "{path}");
    }
}

#[test]
fn no_secret_access_key_is_printed() {
    let options = options_of_file(FILE, &[]).unwrap();
    let printed = format!("{:?} {options:?} {:?}", options.access_keys, options.users);
    assert!(printed.contains("AKIDEXAMPLE"), "{printed}");
    assert!(!["wJalr", "another0", "Passw0rd"].iter().any(|secret| printed.contains(secret)), "{printed}");
}
