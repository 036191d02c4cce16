//! The command line.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::fmt::Display;
use std::net::SocketAddr;
use std::num::NonZero;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use cognito_srp6a::{AppClient, ClientSecret, PoolId};
use lexopt::Arg::{Long, Short};
use lexopt::ValueExt as _;

use crate::config::{Client, Config, Flow, NewUser, Passkeys};
use crate::lambda::FunctionUrl;
use crate::pool::{Confirmation, Mfa, SecretAccessKey};

/// The text of `--help`, and the one list of flags.
pub const HELP: &str = "\
A user pool on this machine, for tests: signs users in over HTTP as Amazon Cognito does.

  cargo run -p local_pool -- [OPTION …]

Prints `listening on http://ADDRESS:PORT` to standard output when it is ready. FOR TESTS ONLY:
whoever reaches the pool can make users, and the key that signs its tokens is public.

Address
  --listen ADDRESS:PORT      a loopback address; default 127.0.0.1:0, a free port
  --timeout SECONDS          for a request's head, for its body, and for reading its answer;
                             default 10
  --connections N            the most connections; default 256. While all are in use, each
                             closes after its next answer

Pool and users
  --pool-id ID               default us-east-1_LocalPool
  --client-id ID             default localpoolclient
  --client-secret SECRET     gives the app client a secret; the pool then checks SECRET_HASH
  --issuer URL               `iss` of the tokens; default as the service writes it
  --user NAME:PASSWORD       adds a user; may be repeated; default alice:Passw0rd!
  --alias ALIAS=NAME         another name of a user; may be repeated
  --force-new-password NAME  makes that user's password a temporary one; may be repeated

Behaviour
  --devices                  offers to remember devices, and asks remembered ones for a proof
  --custom-answer TEXT       CUSTOM_AUTH asks a CUSTOM_CHALLENGE with this answer
  --single-use               accepts each SECRET_BLOCK once; the service accepts it until it
                             expires. A user has room for 128 spent ones; one who spends more
                             before they expire has his open challenges refused, and nobody
                             else has
  --rare                     always draws what chance gives once in 512 sign-ins: salts, and B
                             or u, that start with nine zero bits
  --max-age SECONDS          the maximum age of a challenge, and the maximum error of a
                             client's clock; default 300
  --memory BYTES             the most memory that the pool keeps data in: half for users, a
                             quarter for refresh tokens, the rest for devices, passkeys,
                             unfinished sign-ins and tries of codes; default 268435456, 256 MiB

  --config FILE              reads a TOML file too. A flag wins over its key; --client-id and
                             --client-secret replace all clients of the file, --user the user
                             of that name

  --help, -h                 prints this text

Keys of the file. Each may be left out; an unknown one is an error
  pool_id = \"ID\"             as --pool-id
  mfa = \"off\"                second factors: off, optional (for users with mfa) or on (for
                             all: who has none sets up an app, MFA_SETUP)
  refresh_rotation_grace_seconds = 10
                             GetTokensFromRefreshToken brings a new refresh token, and the old
                             one is good for 0 to 60 seconds more; REFRESH_TOKEN_AUTH is refused
  devices = true             as --devices
  custom_answer = \"TEXT\"     as --custom-answer
  auto_confirm = true        SignUp confirms a user at once. Without the key it sends a code, which
                             ConfirmSignUp wants; without a file it confirms at once
  triggers = \"http://127.0.0.1:9001/\"
                             gets the events of all Lambda triggers, each in one POST, as Lambda's
                             runtime interface emulator takes them; a loopback address. Its answers
                             decide CUSTOM_AUTH in place of custom_answer
  [access_keys]              who may make admin calls: the SigV4 signature of these is checked
  ID = \"SECRET\"              an access key; without the table every signature is accepted
  [passkeys]                 users may register passkeys, and USER_AUTH offers WEB_AUTHN; without
                             the table neither
  relying_party_id = \"localhost\"
                             the domain that passkeys belong to. Pages sign in from https://, on
                             localhost from http:// too, from the domain, those below it, and
                             from any port
  user_verification = \"preferred\"
                             preferred or required: whether an authenticator must check its
                             holder
  factor_configuration = \"SINGLE_FACTOR\"
                             SINGLE_FACTOR: who needs a second factor cannot sign in by a
                             passkey. MULTI_FACTOR_WITH_USER_VERIFICATION: a passkey whose
                             holder is checked stands for both
  [[client]]                 an app client; without one, the client of the flags
  id = \"ID\"                  needed
  secrets = [\"SECRET\"]       none, one, or two while one replaces the other
  flows = [\"ALLOW_USER_SRP_AUTH\", …]
                             the flows that it may use: ALLOW_USER_SRP_AUTH, ALLOW_USER_AUTH,
                             ALLOW_CUSTOM_AUTH, ALLOW_USER_PASSWORD_AUTH,
                             ALLOW_ADMIN_USER_PASSWORD_AUTH, ALLOW_REFRESH_TOKEN_AUTH; without
                             the key USER_SRP, CUSTOM and REFRESH_TOKEN, as the service
  [[user]]                   a user; without one, the users of the flags
  name = \"NAME\"              needed
  password = \"PASSWORD\"      needed
  temporary = true           the first sign-in asks for a new password
  aliases = [\"ALIAS\"]        other names of the user
  attributes = { email = \"ADDRESS\", phone_number = \"NUMBER\" }
                             both count as verified. Where a user has one, USER_AUTH offers
                             EMAIL_OTP or SMS_OTP
  mfa = [\"SOFTWARE_TOKEN_MFA\", \"SMS_MFA\", \"EMAIL_OTP\"]
                             the second factors of the user
  totp_secret = \"BASE32\"     the secret of the user's authenticator app

Codes that the service would send are printed to standard error, and GET /outbox lists them.

The pool refuses all other calls with UnknownOperationException: ForgotPassword and
ChangePassword, UpdateUserAttributes, DeleteUser, AdminUpdateUserAttributes, AdminDisableUser and
the like, ListUsers, groups, identity providers, domains and the sign-in page, the settings of
the pool and of its clients. It refuses a step-up (TARGET_ACR_VALUES) with
FeatureUnavailableInTierException, WebAuthnMfaSettings with InvalidParameterException, and temporary
AWS credentials (X-Amz-Security-Token) with UnrecognizedClientException. It offers no SMS in
MFA_SETUP, and knows version 1 of pre token generation alone.
";

/// The service waits so long for a function.
const TRIGGER_PATIENCE: Duration = Duration::from_secs(5);

/// The options of the command line. [`HELP`] describes each flag.
pub struct Options {
    pub listen: SocketAddr,
    /// The time for a head, for a body, and for reading an answer.
    pub patience: Duration,
    /// The maximum number of connections.
    pub connections: usize,
    pub pool_id: PoolId,
    pub clients: Vec<Client>,
    pub issuer: String,
    pub users: Vec<NewUser>,
    /// Aliases and the names of their users.
    pub aliases: BTreeMap<String, String>,
    /// The most memory that the pool uses, in bytes.
    pub memory: usize,
    pub mfa: Mfa,
    /// The seconds for which a rotated refresh token is still good, if tokens are rotated.
    pub rotation: Option<i64>,
    /// The ids and secrets of those who may make admin calls. Without them the pool does not check it.
    pub access_keys: Option<BTreeMap<String, SecretAccessKey>>,
    pub devices: bool,
    pub single_use: bool,
    pub rare: bool,
    pub custom_answer: Option<String>,
    /// How passkeys are used, if they are.
    pub passkeys: Option<Passkeys>,
    /// The function that gets the events of triggers.
    pub triggers: Option<FunctionUrl>,
    /// The time of one call of it.
    pub trigger_patience: Duration,
    pub confirmation: Confirmation,
    /// The maximum age of a challenge, and the maximum distance of a claim's timestamp from the clock.
    pub max_age: Duration,
}

// The answer of custom challenges is as good as a password.
impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options").finish_non_exhaustive()
    }
}

impl Options {
    /// Reads arguments, without the program's name. Every option has a default, so no argument is needed. `--help` gives
    /// nothing.
    ///
    /// # Errors
    ///
    /// [`lexopt::Error`] names the option that is wrong.
    pub fn from_arguments<I>(arguments: I) -> Result<Option<Self>, lexopt::Error>
    where
        I: IntoIterator,
        I::Item: Into<OsString>,
    {
        let mut listen = SocketAddr::from(([127, 0, 0, 1], 0));
        let (mut patience, mut connections) = (Duration::from_secs(10), 256);
        let (mut config, mut pool_id, mut client_id, mut client_secret) = (None, None, None, None);
        let (mut issuer, mut custom_answer) = (None, None);
        let (mut named, mut also_named, mut force_new_password) = (Vec::new(), BTreeMap::new(), Vec::new());
        let (mut devices, mut single_use, mut rare) = (false, false, false);
        let mut max_age = Duration::from_secs(300);
        let mut memory = 256 << 20;

        let mut parser = lexopt::Parser::from_args(arguments);
        while let Some(argument) = parser.next()? {
            let option = if let Long(name) = argument { format!("--{name}") } else { String::new() };
            match argument {
                Long("help") | Short('h') => return Ok(None),
                Long("listen") => listen = parsed(&option, &mut parser)?,
                Long("timeout") => patience = parsed(&option, &mut parser).map(Duration::from_secs)?,
                Long("connections") => connections = parsed(&option, &mut parser).map(NonZero::get)?,
                Long("config") => config = Some(PathBuf::from(parser.value()?)),
                Long("pool-id") => pool_id = Some(text(&option, &mut parser)?),
                Long("client-id") => client_id = Some(text(&option, &mut parser)?),
                Long("client-secret") => client_secret = Some(text(&option, &mut parser)?),
                Long("issuer") => issuer = Some(text(&option, &mut parser)?),
                Long("user") => named.push(pair(&option, &mut parser, ':')?),
                Long("alias") => also_named.extend([pair(&option, &mut parser, '=')?]),
                Long("force-new-password") => force_new_password.push(text(&option, &mut parser)?),
                Long("memory") => memory = parsed(&option, &mut parser)?,
                Long("devices") => devices = true,
                Long("single-use") => single_use = true,
                Long("rare") => rare = true,
                Long("custom-answer") => custom_answer = Some(text(&option, &mut parser)?),
                Long("max-age") => max_age = parsed(&option, &mut parser).map(Duration::from_secs)?,
                other => return Err(other.unexpected()),
            }
        }

        // Anybody who reaches the pool can make users and forge tokens, so it serves this machine only.
        if !listen.ip().is_loopback() {
            return Err("--listen takes loopback addresses only: this pool is for tests".into());
        }
        let config = config.map_or_else(|| Ok(Config::default()), |path| Config::read(&path))?;
        let pool_id = match (pool_id, config.pool_id()?) {
            (None, Some(id)) => id,
            (id, _) => {
                let id = id.as_deref().unwrap_or("us-east-1_LocalPool");
                id.parse().map_err(|error| wrong("--pool-id", error))?
            }
        };
        let mut clients = config.clients(&pool_id)?;
        if clients.is_empty() || client_id.is_some() || client_secret.is_some() {
            clients = vec![client(&pool_id, client_id, client_secret)?];
        }
        let (mut users, mut aliases) = config.users()?;
        merge(&mut users, named);
        force(&mut users, &force_new_password)?;
        aliases.extend(also_named);
        let issuer = issuer.unwrap_or_else(|| format!("{}{pool_id}", pool_id.endpoint()));
        Ok(Some(Self {
            listen,
            patience,
            connections,
            pool_id,
            clients,
            issuer,
            users,
            aliases,
            memory,
            mfa: config.mfa(),
            rotation: config.rotation()?,
            access_keys: config.access_keys()?,
            devices: devices || config.devices(),
            single_use,
            rare,
            confirmation: config.confirmation(),
            triggers: config.triggers()?,
            trigger_patience: TRIGGER_PATIENCE,
            custom_answer: custom_answer.or_else(|| config.custom_answer()),
            passkeys: config.passkeys(),
            max_age,
        }))
    }
}

/// Makes the client of the flags.
fn client(pool_id: &PoolId, id: Option<String>, secret: Option<String>) -> Result<Client, lexopt::Error> {
    let id = id.unwrap_or_else(|| "localpoolclient".to_owned());
    let app = AppClient::new(pool_id.clone(), id).map_err(|error| wrong("--client-id", error))?;
    let app = match secret {
        Some(secret) => app.with_secret(ClientSecret::new(secret).map_err(|error| wrong("--client-secret", error))?),
        None => app,
    };
    Ok(Client { app, flows: Flow::ALL.to_vec() })
}

/// Adds the users of the flags. Without any, there is `alice`.
fn merge(users: &mut Vec<NewUser>, mut named: Vec<(String, String)>) {
    if users.is_empty() && named.is_empty() {
        named.push(("alice".to_owned(), "Passw0rd!".to_owned()));
    }
    let of_file = users.len();
    for (name, password) in named {
        match users[..of_file].iter_mut().find(|user| user.name == name) {
            Some(user) => (user.password, user.origin) = (password, "--user".to_owned()),
            None => users.push(NewUser::of_flag(name, password)),
        }
    }
}

/// Makes the passwords of these users temporary.
fn force(users: &mut [NewUser], names: &[String]) -> Result<(), lexopt::Error> {
    for name in names {
        let user = users.iter_mut().find(|user| user.name == *name);
        let unknown = || wrong("--force-new-password", format!("{name:?} is no user of this pool"));
        user.ok_or_else(unknown)?.temporary = true;
    }
    Ok(())
}

/// Reads the value of an option.
fn text(option: &str, parser: &mut lexopt::Parser) -> Result<String, lexopt::Error> {
    parser.value()?.string().map_err(|error| wrong(option, error))
}

/// Reads and parses the value of an option.
fn parsed<T: FromStr<Err: Display>>(option: &str, parser: &mut lexopt::Parser) -> Result<T, lexopt::Error> {
    let value = text(option, parser)?;
    value.parse().map_err(|error| wrong(option, format!("{value:?}: {error}")))
}

/// Splits the value of an option at the first separator.
fn pair(option: &str, parser: &mut lexopt::Parser, separator: char) -> Result<(String, String), lexopt::Error> {
    let value = text(option, parser)?;
    match value.split_once(separator) {
        Some((left, right)) => Ok((left.to_owned(), right.to_owned())),
        None => Err(wrong(option, format!("{value:?} has no '{separator}'"))),
    }
}

fn wrong(option: &str, error: impl Display) -> lexopt::Error {
    format!("{option}: {error}").into()
}
