//! The server under test, and what the checks ask of it.

use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cognito_srp6a::hazmat;
use rand::rngs::{StdRng, SysRng};
use rand::{Rng as _, SeedableRng as _, TryRng as _};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use crate::check::{Finding, Verdict};
use crate::exchange::{Exchange, Opening, Shape, Start};
use crate::options::Options;
use crate::wire::{Answer, Wire};

/// The most challenges that are asked for until chance brings a value.
pub const MOST_CHALLENGES: u32 = 6_000;

/// After so many challenges in which `B`, `u` or `S` is special, all of them are. One in eight is not.
const MOST_SPECIAL: u32 = 150;

/// The checks that show that a sign byte in front of a value is no trouble.
const SIGN_CHECKS: [&str; 4] = ["sign-byte-a", "sign-byte-b", "sign-byte-u", "sign-byte-s"];

/// The check on which the meaning of others rests.
pub const RIGHT: &str = "right";

pub struct Bench<'a> {
    pub options: &'a Options,
    wire: Wire,
    pub seed: u64,
    rng: RefCell<StdRng>,
    /// How many of `SIGN_CHECKS` have passed.
    signs: Cell<usize>,
    /// Whether no challenge is ordinary, so that one as good as any is taken.
    never_ordinary: Cell<bool>,
    /// Whether the right answer was refused.
    refuses_right: Cell<bool>,
}

impl<'a> Bench<'a> {
    pub fn new(options: &'a Options) -> Result<Self, String> {
        // A number of 32 bits is soon typed, and exact in every reader of JSON.
        let drawn = || SysRng.try_next_u32().map(u64::from);
        let seed = options.seed.map_or_else(drawn, Ok).map_err(|error| error.to_string())?;
        let region = options.app.pool_id().region();
        let wire = Wire::new(&options.endpoint, region, options.credentials.clone(), options.timeout);
        let rng = RefCell::new(rng_of(seed, ""));
        Ok(Self {
            options,
            wire,
            seed,
            rng,
            signs: Cell::new(0),
            never_ordinary: Cell::new(false),
            refuses_right: Cell::new(false),
        })
    }

    /// Makes sure that something answers there. What has no challenge for the user is the finding of the first check.
    pub fn reach(&self) -> Result<Result<(), Finding>, String> {
        let start = self.start(Shape::Plain);
        match self.start_with(&start) {
            Answer::Silent(error) => Err(format!("{}: {error}", self.options.endpoint)),
            answer => Ok(Opening::new(&start, answer).map(|_| ())),
        }
    }

    /// Begins a check. Its numbers depend on its name and the seed, and not on what ran before.
    pub fn begin(&self, check: &str) {
        *self.rng.borrow_mut() = rng_of(self.seed, check);
    }

    /// Keeps what later checks rest on.
    pub fn remember(&self, check: &str, finding: &Finding) {
        self.signs.set(self.signs.get() + usize::from(SIGN_CHECKS.contains(&check) && finding.is_pass()));
        if check == RIGHT {
            self.refuses_right.set(finding.verdict == Verdict::Fail);
        }
    }

    pub fn never_ordinary(&self) -> bool {
        self.never_ordinary.get()
    }

    pub fn refuses_right(&self) -> bool {
        self.refuses_right.get()
    }

    /// The pool's name, which goes into the hashes.
    pub fn realm(&self) -> &str {
        self.options.app.pool_id().name()
    }

    pub fn username(&self) -> &str {
        self.options.username.as_str()
    }

    /// `SECRET_HASH` over a name, if the app client has a secret.
    pub fn secret_hash(&self, username: &str) -> Option<String> {
        let secret = self.options.client_secret.as_ref()?;
        Some(self.secret_hash_by(secret, username))
    }

    pub fn secret_hash_by(&self, secret: &str, username: &str) -> String {
        STANDARD.encode(hazmat::secret_hash(secret.as_bytes(), username, self.options.app.client_id()))
    }

    pub fn random<const LEN: usize>(&self) -> [u8; LEN] {
        let mut bytes = [0; LEN];
        self.rng.borrow_mut().fill_bytes(&mut bytes);
        bytes
    }

    /// Draws `a` until `A` has a shape. All have 768 digits but those that are short.
    pub fn start(&self, shape: Shape) -> Start {
        self.start_where(|public| Shape::of(public) == shape && (shape == Shape::Short || public[0] >= 0x10))
    }

    /// Draws `a` and counts up until `A` has a property.
    pub fn start_where(&self, wanted: impl Fn(&[u8]) -> bool) -> Start {
        let mut start = Start::new(self.random::<32>().to_vec());
        while !wanted(&start.public) {
            start = start.next();
        }
        start
    }

    /// `InitiateAuth` of the user with this `A`.
    pub fn start_with(&self, start: &Start) -> Answer {
        self.start_as(self.username(), &start.text())
    }

    /// `InitiateAuth` of anybody with any text as `A`.
    pub fn start_as(&self, username: &str, srp_a: &str) -> Answer {
        self.initiate("USER_SRP_AUTH", &self.parameters(username, &[("SRP_A", srp_a)]))
    }

    /// `AuthParameters` of a sign-in of the user.
    pub fn start_parameters(&self) -> Map<String, Value> {
        self.parameters(self.username(), &[("SRP_A", &self.start(Shape::Plain).text())])
    }

    /// `AuthParameters` or `ChallengeResponses` with the right `SECRET_HASH`.
    pub fn parameters(&self, username: &str, more: &[(&str, &str)]) -> Map<String, Value> {
        let pairs = [("USERNAME", username)].into_iter().chain(more.iter().copied());
        let pairs = pairs.map(|(name, value)| (name.to_owned(), value.into()));
        let hash = self.secret_hash(username).map(|hash| ("SECRET_HASH".to_owned(), hash.into()));
        pairs.chain(hash).collect()
    }

    pub fn initiate(&self, flow: &str, parameters: &Map<String, Value>) -> Answer {
        self.call("InitiateAuth", &json!({"AuthFlow": flow, "AuthParameters": parameters}))
    }

    pub fn respond(&self, responses: &Map<String, Value>, session: Option<&str>) -> Answer {
        self.respond_to("PASSWORD_VERIFIER", responses, session)
    }

    pub fn respond_to(&self, challenge: &str, responses: &Map<String, Value>, session: Option<&str>) -> Answer {
        let mut body = json!({"ChallengeName": challenge, "ChallengeResponses": responses});
        if let Some(session) = session {
            body["Session"] = session.into();
        }
        self.call("RespondToAuthChallenge", &body)
    }

    /// Makes a call. The body gets the members that every call has, unless it has them.
    pub fn call(&self, operation: &str, body: &Value) -> Answer {
        self.send(operation, self.whole(body).to_string().as_bytes())
    }

    /// Makes a call with any body.
    pub fn send(&self, operation: &str, body: &[u8]) -> Answer {
        self.wire.call(&self.operation(operation), body)
    }

    pub fn call_unsigned(&self, operation: &str, body: &Value) -> Answer {
        self.wire.call_unsigned(&self.operation(operation), self.whole(body).to_string().as_bytes())
    }

    /// The name of a call, which is another for an administrator.
    fn operation(&self, name: &str) -> String {
        format!("{}{name}", if self.options.admin { "Admin" } else { "" })
    }

    pub fn whole(&self, body: &Value) -> Value {
        let mut whole = json!({"ClientId": self.options.app.client_id()});
        if self.options.admin {
            whole["UserPoolId"] = self.options.app.pool_id().as_str().into();
        }
        for (name, value) in body.as_object().into_iter().flatten() {
            whole[name] = value.clone();
        }
        whole
    }

    /// A challenge of the user with nothing special in it.
    pub fn exchange(&self) -> Result<Exchange, Finding> {
        self.exchange_for(&self.start(Shape::Plain))
    }

    /// A challenge for this `A` with nothing special but that.
    pub fn exchange_for(&self, start: &Start) -> Result<Exchange, Finding> {
        self.exchange_of(self.username(), &start.text(), start)
    }

    /// The same with any name of the user and any text of `A`.
    pub fn exchange_of(&self, username: &str, srp_a: &str, start: &Start) -> Result<Exchange, Finding> {
        self.wait([None; 3], start, || Ok(self.start_as(username, srp_a)))
    }

    /// Asks for challenges until `B`, `u` and `S` have these shapes. For one without a shape, nothing special is wanted.
    pub fn wait_for(&self, wanted: [Option<Shape>; 3]) -> Result<Exchange, Finding> {
        let start = self.start(Shape::Plain);
        self.wait(wanted, &start, || Ok(self.start_with(&start)))
    }

    /// Begins again, in any way, until the numbers have these shapes.
    pub fn wait(
        &self,
        wanted: [Option<Shape>; 3],
        start: &Start,
        begin: impl Fn() -> Result<Answer, Finding>,
    ) -> Result<Exchange, Finding> {
        let begun = Instant::now();
        let fits = |shape, index: usize| self.fits(shape, wanted[index]);
        if wanted != [None; 3] && self.never_ordinary.get() {
            return Err(Finding::skipped("the numbers are no random ones"));
        }
        for count in 1..=MOST_CHALLENGES {
            if wanted == [None; 3] && (count > MOST_SPECIAL || self.never_ordinary.get()) {
                self.never_ordinary.set(true);
                return Exchange::new(self, start, begin()?, &self.options.password);
            }
            let opening = Opening::new(start, begin()?)?;
            // `S` costs most, and most challenges do not come so far.
            if fits(Shape::of(&opening.b), 0) && fits(Shape::of(&opening.u), 1) {
                let exchange = Exchange::of_opening(self, start, opening, &self.options.password)?;
                if fits(Shape::of(&exchange.premaster), 2) {
                    return Ok(exchange);
                }
            }
            // An ordinary challenge comes soon.
            if wanted != [None; 3] && begun.elapsed() > self.options.wait {
                return Err(not_seen(count, begun.elapsed()));
            }
        }
        Err(not_seen(MOST_CHALLENGES, begun.elapsed()))
    }

    /// Nothing special: as long as most values are, and without a sign byte until that is known to be no trouble.
    fn fits(&self, shape: Shape, wanted: Option<Shape>) -> bool {
        match wanted {
            Some(wanted) => shape == wanted,
            None => shape == Shape::Plain || shape == Shape::Sign && self.signs.get() == SIGN_CHECKS.len(),
        }
    }
}

fn rng_of(seed: u64, check: &str) -> StdRng {
    StdRng::from_seed(Sha256::digest([&seed.to_be_bytes()[..], check.as_bytes()].concat()).into())
}

fn not_seen(count: u32, elapsed: Duration) -> Finding {
    Finding::skipped(format!("no such value in {count} challenges, {} s", elapsed.as_secs()))
}
