//! The file of `--config`.

mod passkeys;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display};
use std::ops::RangeInclusive;
use std::path::Path;

use cognito_srp6a::{AppClient, ClientSecret, PoolId, Username};
use serde::Deserialize;
use toml::Spanned;
use zeroize::Zeroizing;

use crate::lambda::FunctionUrl;
use crate::pool::{App, Confirmation, Factor, Mfa, SecretAccessKey};
pub use passkeys::Passkeys;
#[cfg(feature = "passkeys")]
pub use passkeys::{FactorConfiguration, UserVerification};

/// An app client has at most two secrets, while one replaces the other.
const MOST_SECRETS: usize = 2;

/// The service's limits of the grace period.
const GRACE_SECONDS: RangeInclusive<i64> = 0..=60;

/// A file that was read, or none. Its values are checked when they are asked for, because flags may replace some.
#[derive(Default)]
pub struct Config {
    /// The name of the file in errors.
    name: String,
    text: Zeroizing<String>,
    tables: Tables,
}

/// An app client.
#[derive(Clone, Debug)]
pub struct Client {
    pub app: AppClient,
    /// The flows that it may use: `ExplicitAuthFlows`.
    pub flows: Vec<Flow>,
}

/// A value of `ExplicitAuthFlows`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Flow {
    #[serde(rename = "ALLOW_ADMIN_USER_PASSWORD_AUTH")]
    AdminUserPassword,
    #[serde(rename = "ALLOW_CUSTOM_AUTH")]
    Custom,
    #[serde(rename = "ALLOW_REFRESH_TOKEN_AUTH")]
    RefreshToken,
    #[serde(rename = "ALLOW_USER_AUTH")]
    User,
    #[serde(rename = "ALLOW_USER_PASSWORD_AUTH")]
    UserPassword,
    #[serde(rename = "ALLOW_USER_SRP_AUTH")]
    UserSrp,
}

impl Flow {
    /// All flows, which the client of the flags may use.
    pub const ALL: [Self; 6] =
        [Self::AdminUserPassword, Self::Custom, Self::RefreshToken, Self::User, Self::UserPassword, Self::UserSrp];

    /// The flows of a client that names none, as the service has them.
    const DEFAULT: [Self; 3] = [Self::Custom, Self::RefreshToken, Self::UserSrp];
}

/// A user whom the pool has from its start.
#[derive(Clone)]
pub struct NewUser {
    /// The flag or the line that errors name.
    pub origin: String,
    pub name: String,
    pub password: String,
    pub temporary: bool,
    pub attributes: BTreeMap<String, String>,
    /// The second factors that are on.
    pub factors: Vec<Factor>,
    pub app: Option<App>,
}

impl NewUser {
    /// A user of a flag.
    pub fn of_flag(name: String, password: String) -> Self {
        Self {
            origin: "--user".to_owned(),
            name,
            password,
            temporary: false,
            attributes: BTreeMap::new(),
            factors: Vec::new(),
            app: None,
        }
    }
}

// No password and no secret of an app is printed.
impl fmt::Debug for NewUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewUser").field("origin", &self.origin).field("name", &self.name).finish_non_exhaustive()
    }
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Tables {
    pool_id: Option<Spanned<String>>,
    mfa: Mfa,
    devices: bool,
    custom_answer: Option<String>,
    refresh_rotation_grace_seconds: Option<Spanned<i64>>,
    passkeys: Option<Spanned<Passkeys>>,
    auto_confirm: Option<bool>,
    triggers: Option<Spanned<String>>,
    access_keys: Option<Spanned<BTreeMap<Spanned<String>, SecretAccessKey>>>,
    #[serde(rename = "client")]
    clients: Vec<ClientTable>,
    #[serde(rename = "user")]
    users: Vec<UserTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClientTable {
    id: Spanned<String>,
    #[serde(default)]
    secrets: Vec<Spanned<String>>,
    flows: Option<Vec<Flow>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UserTable {
    name: Spanned<String>,
    password: String,
    #[serde(default)]
    temporary: bool,
    #[serde(default)]
    aliases: Vec<Spanned<String>>,
    #[serde(default)]
    attributes: BTreeMap<String, String>,
    #[serde(default)]
    mfa: Vec<Spanned<Factor>>,
    totp_secret: Option<Spanned<String>>,
}

impl Config {
    /// Reads a file.
    ///
    /// # Errors
    ///
    /// A sentence that names the file, and the line where one is wrong.
    pub fn read(path: &Path) -> Result<Self, String> {
        let name = format!("--config: {}", path.display());
        let text = std::fs::read_to_string(path).map_err(|error| format!("{name}: {error}"))?;
        Self::parse(name, Zeroizing::new(text))
    }

    fn parse(name: String, text: Zeroizing<String>) -> Result<Self, String> {
        let tables: Tables = toml::from_str(&text).map_err(|error| {
            let start = error.span().map_or(0, |span| span.start);
            format!("{name}: line {}: {}", line(&text, start), without_values(error.message()))
        })?;
        let config = Self { name, text, tables };
        match config.tables.passkeys.as_ref().filter(|_| cfg!(not(feature = "passkeys"))) {
            Some(table) => Err(config.wrong(table, "this build has no passkeys")),
            None => Ok(config),
        }
    }

    pub fn pool_id(&self) -> Result<Option<PoolId>, String> {
        let id = self.tables.pool_id.as_ref();
        id.map(|id| id.get_ref().parse().map_err(|error| self.wrong(id, error))).transpose()
    }

    pub const fn mfa(&self) -> Mfa {
        self.tables.mfa
    }

    /// Returns the seconds for which a rotated refresh token is still good, or nothing if none is rotated.
    pub fn rotation(&self) -> Result<Option<i64>, String> {
        let seconds = self.tables.refresh_rotation_grace_seconds.as_ref();
        match seconds.filter(|seconds| !GRACE_SECONDS.contains(seconds.get_ref())) {
            Some(wrong) => Err(self.wrong(wrong, "the grace period has 0 to 60 seconds")),
            None => Ok(seconds.map(|seconds| *seconds.get_ref())),
        }
    }

    /// Returns the access keys of those who may make admin calls, or nothing if everybody may.
    pub fn access_keys(&self) -> Result<Option<BTreeMap<String, SecretAccessKey>>, String> {
        let Some(table) = &self.tables.access_keys else { return Ok(None) };
        if table.get_ref().is_empty() {
            return Err(self.wrong(table, "access_keys has no key, so nobody could make an admin call"));
        }
        let is_word =
            |id: &str| !id.is_empty() && id.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
        for (id, secret) in table.get_ref() {
            if !is_word(id.get_ref()) {
                return Err(self.wrong(id, "the id of an access key has letters, digits and _"));
            }
            if secret.is_empty() {
                return Err(self.wrong(id, "the secret of this access key is empty"));
            }
        }
        Ok(Some(table.get_ref().iter().map(|(id, secret)| (id.get_ref().clone(), secret.clone())).collect()))
    }

    /// Returns how passkeys are used, or nothing if they are not.
    pub fn passkeys(&self) -> Option<Passkeys> {
        self.tables.passkeys.as_ref().map(|table| table.get_ref().clone())
    }

    pub const fn devices(&self) -> bool {
        self.tables.devices
    }

    pub fn custom_answer(&self) -> Option<String> {
        self.tables.custom_answer.clone()
    }

    /// Returns the function that gets the events of triggers.
    pub fn triggers(&self) -> Result<Option<FunctionUrl>, String> {
        let url = self.tables.triggers.as_ref();
        url.map(|url| url.get_ref().parse().map_err(|error| self.wrong(url, error))).transpose()
    }

    /// Returns how a user who signs up is confirmed: without a file at once, with one as the service does.
    pub fn confirmation(&self) -> Confirmation {
        let is_at_once = self.tables.auto_confirm.unwrap_or(self.name.is_empty());
        if is_at_once { Confirmation::AtOnce } else { Confirmation::ByCode }
    }

    /// Returns the clients of a pool, or none if the file has none.
    pub fn clients(&self, pool_id: &PoolId) -> Result<Vec<Client>, String> {
        let mut ids = BTreeSet::new();
        let mut clients = Vec::new();
        for table in &self.tables.clients {
            if !ids.insert(table.id.get_ref()) {
                return Err(self.wrong(&table.id, "there is another client with this id"));
            }
            clients.push(self.client(pool_id, table)?);
        }
        Ok(clients)
    }

    fn client(&self, pool_id: &PoolId, table: &ClientTable) -> Result<Client, String> {
        let id = table.id.get_ref().as_str();
        let mut app = AppClient::new(pool_id.clone(), id).map_err(|error| self.wrong(&table.id, error))?;
        for (place, text) in table.secrets.iter().enumerate() {
            if place == MOST_SECRETS {
                return Err(self.wrong(text, "a client has at most two secrets"));
            }
            let secret = ClientSecret::new(text.get_ref().as_str()).map_err(|error| self.wrong(text, error))?;
            app = if place == 0 { app.with_secret(secret) } else { app.with_other_secret(secret) };
        }
        Ok(Client { app, flows: table.flows.clone().unwrap_or_else(|| Flow::DEFAULT.to_vec()) })
    }

    /// Returns the users, and the aliases with the names of their users.
    pub fn users(&self) -> Result<(Vec<NewUser>, BTreeMap<String, String>), String> {
        let names: BTreeSet<_> = self.tables.users.iter().map(|table| table.name.get_ref()).collect();
        let (mut users, mut aliases) = (Vec::<NewUser>::new(), BTreeMap::new());
        for table in &self.tables.users {
            let name = table.name.get_ref();
            if users.iter().any(|user| user.name == *name) {
                return Err(self.wrong(&table.name, "there is another user with this name"));
            }
            for alias in &table.aliases {
                Username::new(alias.get_ref().as_str()).map_err(|error| self.wrong(alias, error))?;
                let is_taken = names.contains(alias.get_ref());
                if is_taken || aliases.insert(alias.get_ref().clone(), name.clone()).is_some() {
                    return Err(self.wrong(alias, "another user has this name"));
                }
            }
            users.push(self.user(table)?);
        }
        Ok((users, aliases))
    }

    fn user(&self, table: &UserTable) -> Result<NewUser, String> {
        let app = |text: &Spanned<String>| {
            let app = App::from_base32(text.get_ref());
            app.ok_or_else(|| self.wrong(text, "a totp_secret is Base32 of 10 to 64 bytes"))
        };
        Ok(NewUser {
            origin: self.place(&table.name),
            name: table.name.get_ref().clone(),
            password: table.password.clone(),
            temporary: table.temporary,
            attributes: verified(table.attributes.clone()),
            factors: self.factors(table)?,
            app: table.totp_secret.as_ref().map(app).transpose()?,
        })
    }

    /// Reads the second factors of a user, who must have what each of them needs.
    fn factors(&self, table: &UserTable) -> Result<Vec<Factor>, String> {
        let mut factors = Vec::new();
        for factor in &table.mfa {
            let (needed, has_it) = match factor.get_ref().medium() {
                Some(medium) => (medium.attribute(), table.attributes.contains_key(medium.attribute())),
                None => ("totp_secret", table.totp_secret.is_some()),
            };
            if !has_it {
                return Err(self.wrong(factor, format!("the user has no {needed}")));
            }
            if factors.contains(factor.get_ref()) {
                return Err(self.wrong(factor, "the user has this factor already"));
            }
            factors.push(*factor.get_ref());
        }
        Ok(factors)
    }

    fn wrong<T>(&self, value: &Spanned<T>, what: impl Display) -> String {
        format!("{}: {what}", self.place(value))
    }

    fn place<T>(&self, value: &Spanned<T>) -> String {
        format!("{}: line {}", self.name, line(&self.text, value.span().start))
    }
}

/// Marks the addresses of a user as verified, unless the file says something else.
fn verified(mut attributes: BTreeMap<String, String>) -> BTreeMap<String, String> {
    for name in ["email", "phone_number"] {
        if attributes.contains_key(name) {
            attributes.entry(format!("{name}_verified")).or_insert_with(|| "true".to_owned());
        }
    }
    attributes
}

/// Returns a message without the text of the file in it, which may be a secret.
fn without_values(message: &str) -> String {
    let Some((before, rest)) = message.split_once("string \"") else { return message.to_owned() };
    let after = rest.rsplit_once('"').map_or("", |(_, after)| after);
    format!("{before}string{after}")
}

/// Returns the number of the line at an offset.
fn line(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count()
}
