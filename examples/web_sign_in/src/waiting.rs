//! Challenges that wait for their user: put down and sealed, in a cookie or, if they are too long for one, in a folder.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use cognito_srp6a::AppClient;
use cognito_srp6a::idp::{Challenge, StoredChallenge};

use crate::seal::{Keys, Purpose, now, random_id};

/// The longest sealed text in a cookie, in bytes. Browsers keep 4096 bytes of a cookie, and its name and attributes take
/// less than 200.
const MAX_IN_COOKIE: usize = 3800;

/// The most files in the folder. Each has less than 90 KB.
const MAX_FILES: usize = 1000;

/// What stands before the name of a file. A stored challenge begins with a version.
const IN_FOLDER: &str = "folder ";

/// Puts challenges down and takes them up.
pub struct Waiting {
    pub keys: Arc<Keys>,
    pub app: AppClient,
    /// Where challenges wait that are too long for a cookie. Processes that share it take up each other's.
    pub folder: PathBuf,
    pub lifetime: Duration,
}

impl Waiting {
    /// Puts a challenge down until a time. Returns the value of the cookie, or `None` if it is not stored.
    pub fn put_down(&self, challenge: Challenge, browser: &str, until: u64) -> Option<String> {
        let stored = challenge.put_down().map_err(|error| eprintln!("web_sign_in: {error}")).ok()?;
        let sealed = self.keys.seal(Purpose::Challenge, browser, until, stored.expose())?;
        if sealed.len() <= MAX_IN_COOKIE {
            return Some(sealed);
        }
        let name = random_id()?;
        let sealed = self.keys.seal(Purpose::ChallengeInFolder, browser, until, stored.expose())?;
        if let Err(error) = self.write(&name, &sealed) {
            eprintln!("web_sign_in: {}: {error}", self.folder.display());
            return None;
        }
        self.keys.seal(Purpose::Challenge, browser, until, &format!("{IN_FOLDER}{name}"))
    }

    /// Takes a challenge up. Returns it with the time until which it was put down, or `None` if the cookie is altered, of
    /// another browser, or too old.
    pub fn take_up(&self, cookie: &str, browser: &str) -> Option<(Challenge, u64)> {
        let (until, text) = self.keys.open(Purpose::Challenge, browser, now(), cookie)?;
        let stored = match text.strip_prefix(IN_FOLDER) {
            None => StoredChallenge::new(text.as_str()),
            // Only this code seals names, so the name is no path to somewhere else.
            Some(name) => {
                let sealed = fs::read_to_string(self.folder.join(name)).ok()?;
                let (_, text) = self.keys.open(Purpose::ChallengeInFolder, browser, now(), &sealed)?;
                StoredChallenge::new(text.as_str())
            }
        };
        Some((stored.ok()?.take_up(&self.app).build().ok()?, until))
    }

    /// Writes a file, after the old ones are deleted.
    fn write(&self, name: &str, sealed: &str) -> io::Result<()> {
        make_private(&self.folder)?;
        let mut files = 0;
        for file in fs::read_dir(&self.folder)? {
            let file = file?;
            let age = file.metadata()?.modified()?.elapsed().unwrap_or_default();
            if age > self.lifetime {
                // Another process may have been faster.
                let _ = fs::remove_file(file.path());
            } else {
                files += 1;
            }
        }
        if files >= MAX_FILES {
            return Err(io::Error::other("too many challenges wait"));
        }
        fs::write(self.folder.join(name), sealed)
    }
}

/// Makes a folder that nobody else reads, if it is not there.
fn make_private(folder: &std::path::Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::Arc;
    use std::time::{Duration, SystemTime};

    use cognito_srp6a::AppClient;

    use super::{MAX_FILES, Waiting};
    use crate::seal::{Keys, random_id};

    #[test]
    fn the_folder_is_private_and_holds_a_bounded_number_of_files_for_their_time() {
        let waiting = Waiting {
            keys: Arc::new(Keys::new(&[7; 32])),
            app: AppClient::new("us-east-1_Example01".parse().unwrap(), "client").unwrap(),
            folder: std::env::temp_dir().join(format!("web_sign_in-{}", random_id().unwrap())),
            lifetime: Duration::from_secs(180),
        };
        for number in 0..MAX_FILES {
            waiting.write(&number.to_string(), "").unwrap();
        }
        assert!(waiting.write("one more", "").is_err());
        let old = fs::File::options().write(true).open(waiting.folder.join("0")).unwrap();
        old.set_modified(SystemTime::now() - Duration::from_secs(181)).unwrap();
        waiting.write("one more", "").unwrap();
        assert!(!waiting.folder.join("0").exists() && waiting.folder.join("1").exists());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(&waiting.folder).unwrap().permissions().mode() & 0o777, 0o700);
        }
        fs::remove_dir_all(&waiting.folder).unwrap();
    }
}
