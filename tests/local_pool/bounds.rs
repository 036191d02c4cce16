//! What senders can take of the pool: memory, places, time.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::thread::{JoinHandle, sleep, spawn};
use std::time::{Duration, Instant};

use cognito_srp6a::DeviceCredentials;
use cognito_srp6a::idp::{Api, ConfirmDevice, Request, SignInFlow};
use serde_json::{Value, json};

use crate::client::{Direct, Site, alice, is_alone};
use crate::wire::{Wire, head};

/// The error's name that answers a call, or nothing.
fn refused(site: &Site, operation: &str, body: &Value) -> Option<String> {
    site.call(operation, body).unwrap().err().map(|error| error.name().to_string())
}

const INVALID: Option<&str> = Some("InvalidParameterException");

#[test]
fn names_of_users_have_at_most_128_characters_wherever_they_are_sent() {
    let site = Site::start(&["--custom-answer", "swordfish"]);
    for (length, answer) in [(128, None), (129, INVALID), (600_000, INVALID)] {
        let name = "é".repeat(length / 2) + &"n".repeat(length - length / 2);
        for (flow, preferred) in [("USER_AUTH", "PASSWORD"), ("USER_AUTH", ""), ("CUSTOM_AUTH", "")] {
            let body = json!({"ClientId": "localpoolclient", "AuthFlow": flow,
                "AuthParameters": {"USERNAME": name, "PREFERRED_CHALLENGE": preferred}});
            assert_eq!(refused(&site, "InitiateAuth", &body).as_deref(), answer, "{flow} with {length} characters");
        }
        let body = json!({"ClientId": "localpoolclient", "Username": name, "Password": "Passw0rd!"});
        assert_eq!(refused(&site, "SignUp", &body).as_deref(), answer);
    }
}

#[test]
fn attributes_have_the_lengths_and_the_number_that_the_service_has() {
    let site = Site::start_with_frank(&[]);
    let long = "é".repeat(2048);
    let custom = |count: usize| (0..count).map(|n| (format!("custom:{n}"), "value".to_owned())).collect::<Vec<_>>();
    let one = |name: &str, value: &str| vec![(name.to_owned(), value.to_owned())];
    let cases = [
        (one("name", &long), None),
        (one("name", &format!("{long}.")), INVALID),
        (one(&format!("custom:{}", "n".repeat(25)), "value"), None),
        (one(&format!("custom:{}", "n".repeat(26)), "value"), INVALID),
        (custom(50), None),
        (custom(51), INVALID),
    ];
    for (number, (attributes, answer)) in cases.into_iter().enumerate() {
        let list: Vec<_> = attributes.iter().map(|(name, value)| json!({"Name": name, "Value": value})).collect();
        let body = json!({"ClientId": "localpoolclient", "Username": format!("user{number}"),
            "Password": "Passw0rd!", "UserAttributes": list});
        assert_eq!(refused(&site, "SignUp", &body).as_deref(), answer, "case {number}");
        let body = json!({"UserPoolId": "us-east-1_LocalPool", "Username": format!("made{number}"),
            "TemporaryPassword": "Passw0rd!", "UserAttributes": list});
        assert_eq!(refused(&site, "AdminCreateUser", &body).as_deref(), answer, "case {number}");
        if answer.is_none() {
            continue;
        }
        let body = site.new_password_of_frank("Perm4nent!", &attributes);
        assert_eq!(refused(&site, "RespondToAuthChallenge", &body).as_deref(), answer, "case {number}");
    }
}

#[test]
fn names_of_devices_have_at_most_1024_characters() {
    let site = Site::start(&["--devices"]);
    for (length, answer) in [(0, INVALID), (1, None), (1024, None), (1025, INVALID)] {
        let signed_in = site.sign_in(Api::Public, SignInFlow::UserSrp, alice()).unwrap();
        let (device, verifier) = DeviceCredentials::register(signed_in.new_device().unwrap().unwrap()).unwrap();
        let token = signed_in.result().access_token().unwrap();
        let request = ConfirmDevice::new(token, device.device().key(), &verifier, Some("n")).unwrap();
        let mut body: Value = serde_json::from_slice(&Request::ConfirmDevice(request).to_json()).unwrap();
        body["DeviceName"] = "é".repeat(length).into();
        assert_eq!(refused(&site, "ConfirmDevice", &body).as_deref(), answer, "{length} characters");
    }
}

/// A client that asks for more answers than the system's buffers hold, until the pool hangs up.
fn asking(site: &Site) -> (TcpStream, JoinHandle<()>) {
    let stream = TcpStream::connect(site.address).unwrap();
    let mut sender = stream.try_clone().unwrap();
    let requests = b"GET /asked HTTP/1.1\r\nHost: a\r\n\r\n".repeat(1000);
    (stream, spawn(move || while sender.write_all(&requests).is_ok() {}))
}

fn assert_ends(asking: &JoinHandle<()>) {
    let started = Instant::now();
    while !asking.is_finished() {
        assert!(started.elapsed() < Duration::from_secs(20), "the client keeps its place");
        sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_client_that_never_reads_loses_its_place() {
    let site = Site::start(&["--timeout", "1"]);
    let (_silent, asking) = asking(&site);
    assert_ends(&asking);
}

#[test]
fn a_client_that_reads_its_answers_keeps_its_place_for_longer_than_one_may_take() {
    let site = Site::start(&["--timeout", "1"]);
    let mut wire = Wire::connect(site.address);
    for _ in 0..4 {
        assert_eq!(wire.call("InitiateAuth", b"{}").status, 400);
        sleep(Duration::from_millis(500));
    }
}

#[test]
fn a_client_that_reads_an_answer_by_drops_loses_its_place() {
    let site = Site::start(&["--timeout", "1"]);
    let (mut stream, asking) = asking(&site);
    spawn(move || {
        let mut drop = [0; 16];
        while stream.read(&mut drop).is_ok_and(|read| read > 0) {
            sleep(Duration::from_millis(100));
        }
    });
    assert_ends(&asking);
}

/// What the slow senders send before they trickle: the start of a head, or a head with a long body.
fn slow_starts() -> [String; 2] {
    ["POST / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ".to_owned(), head("InitiateAuth", 100_000)]
}

#[test]
fn a_hundred_clients_that_send_by_drops_are_ended_in_time_and_keep_nobody_from_signing_in() {
    const TIMEOUT: Duration = Duration::from_secs(2);
    // As many places as slow clients, so that another one has to wait for the end of one of them.
    let site = Site::start(&["--timeout", "2", "--connections", "100"]);
    let mut slow: Vec<_> = slow_starts()
        .iter()
        .cycle()
        .take(100)
        .map(|start| {
            let mut stream = TcpStream::connect(site.address).unwrap();
            stream.write_all(start.as_bytes()).unwrap();
            stream
        })
        .collect();
    let started = Instant::now();
    let trickling = spawn(move || {
        // A write to a connection that the pool has closed fails, the second time at the latest.
        while !slow.is_empty() {
            slow.retain_mut(|stream| stream.write_all(b"a").is_ok());
            sleep(Duration::from_millis(50));
        }
        started.elapsed()
    });
    site.sign_in(Api::Public, SignInFlow::UserSrp, alice()).unwrap();
    let waited = started.elapsed();
    assert!(waited < 5 * TIMEOUT, "the other client has waited {waited:?}");
    while !trickling.is_finished() {
        assert!(started.elapsed() < 10 * TIMEOUT, "a slow client keeps its place");
        sleep(Duration::from_millis(20));
    }
    let ended = trickling.join().unwrap();
    println!("signed in after {waited:?}, the last slow client ended after {ended:?}");
    assert!(ended >= TIMEOUT, "the clients were not slow");
}

#[test]
fn clients_that_keep_their_connections_take_turns_when_there_are_more_than_places() {
    let site = Site::start(&["--connections", "2"]);
    let mut wires = [Wire::connect(site.address), Wire::connect(site.address)];
    let body = json!({"ClientId": "localpoolclient"}).to_string();
    let mut send = |wire: usize| wires[wire].send(&head("InitiateAuth", body.len()), body.as_bytes());
    send(0).unwrap();
    send(1).unwrap();
    // Both go on asking, and a third client gets a place all the same.
    let (address, request) = (site.address, body.clone());
    let third = spawn(move || {
        Wire::connect(address).send(&head("InitiateAuth", request.len()), request.as_bytes()).unwrap().status
    });
    let started = Instant::now();
    let mut served = true;
    while served && !third.is_finished() {
        served = [send(0).is_ok(), send(1).is_ok()].contains(&true);
        sleep(Duration::from_millis(10));
        assert!(started.elapsed() < Duration::from_secs(5), "the third client is not served");
    }
    assert_eq!(third.join().unwrap(), 400);
}

/// The most resident memory that the process has had since [`forget_peak`], in KiB, where the system tells it.
fn peak_kib() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.trim().trim_end_matches(" kB").parse().ok()
}

/// Makes the memory of this moment the peak, where the system can.
fn forget_peak() {
    let _ = fs::write("/proc/self/clear_refs", "5");
}

/// An array or object that is nearly as long as a body may be.
fn filled(brackets: [&str; 2], item: impl Fn(usize) -> String) -> String {
    let mut text = brackets[0].to_owned();
    for number in 0.. {
        let item = item(number);
        if text.len() + item.len() > (1 << 20) - 200 {
            break;
        }
        text.push_str(&item);
        text.push(',');
    }
    text.pop();
    text + brackets[1]
}

#[test]
fn a_refused_body_takes_four_times_the_longest_body_at_most() {
    const NAME: &str = "bounds::a_refused_body_takes_four_times_the_longest_body_at_most";
    if !is_alone(NAME) {
        return;
    }
    let member = |name: &str, value: String| format!("{{\"ClientId\":\"localpoolclient\",\"{name}\":{value}}}");
    let bodies = [
        member("AuthParameters", filled(["[", "]"], |_| "0".to_owned())),
        member("AuthParameters", filled(["[", "]"], |_| "[]".to_owned())),
        member("AuthParameters", filled(["{", "}"], |number| format!("\"{number:x}\":\"\""))),
        member("AuthParameters", filled(["\"", "\""], |_| "\\u0061".to_owned())),
        filled(["{", "}"], |number| format!("\"{number:x}\":0")),
        filled(["{", "}"], |number| format!("\"{number:x}\":[]")),
    ];
    let pool = Direct::new(&[]);
    let site = Site::start(&[]);
    let operations = ["InitiateAuth", "AdminRespondToAuthChallenge", "ConfirmDevice", "GetUser", "SignUp"];
    for operation in operations {
        pool.call(operation, "{}").unwrap_err();
        assert_eq!(Wire::connect(site.address).call(operation, b"{}").status, 400);
    }
    let piece = vec![b' '; 1 << 20];
    forget_peak();
    let Some(before) = peak_kib() else { return };

    for body in &bodies {
        for operation in operations {
            pool.call(operation, body).unwrap_err();
        }
        println!("{} KiB more after {}…", peak_kib().unwrap() - before, &body[..60]);
    }
    // One of 64 MiB, which the server reads to its end.
    let mut wire = Wire::connect(site.address);
    wire.write(head("InitiateAuth", 64 << 20).as_bytes()).unwrap();
    for _ in 0..64 {
        wire.write(&piece).unwrap();
    }
    assert_eq!(wire.answer().unwrap().status, 413);
    let more = peak_kib().unwrap() - before;
    println!("{more} KiB more after 64 MiB");
    assert!(more <= 4 << 10, "{more} KiB");
}
