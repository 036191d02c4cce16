//! Entries that expire. Each entry belongs to a user.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use cognito_srp6a::Timestamp;

/// An upper estimate of the memory of an entry in the maps, in bytes.
const OVERHEAD: usize = 400;

/// A map whose entries all have the same lifetime, within a bound in bytes.
///
/// If it is full, the user who holds the most bytes loses the oldest entry. So a user can evict another user's entries only
/// if the other user holds more.
pub struct Lapsing<V> {
    entries: HashMap<Arc<str>, Entry<V>>,
    /// Keys by age. This is also the order of their deadlines.
    by_age: BTreeMap<u64, Arc<str>>,
    shares: HashMap<Arc<str>, Share>,
    /// The owners by the bytes that they hold.
    by_share: BTreeSet<(usize, Arc<str>)>,
    bytes: usize,
    capacity: usize,
    lifetime: i64,
    inserted: u64,
}

struct Entry<V> {
    value: V,
    owner: Arc<str>,
    deadline: i64,
    age: u64,
    bytes: usize,
}

/// The entries of one user.
#[derive(Default)]
struct Share {
    bytes: usize,
    ages: BTreeSet<u64>,
}

impl<V> Lapsing<V> {
    /// Creates a map with a lifetime in seconds and a capacity in bytes.
    #[must_use]
    pub fn new(lifetime: i64, capacity: usize) -> Self {
        Self {
            entries: HashMap::new(),
            by_age: BTreeMap::new(),
            shares: HashMap::new(),
            by_share: BTreeSet::new(),
            bytes: 0,
            capacity,
            lifetime,
            inserted: 0,
        }
    }

    /// Adds a value of `bytes` bytes without its key and its owner's name. Returns the owners of the evicted entries; the new
    /// entry may be one of them.
    pub fn insert(&mut self, owner: &str, key: &str, value: V, bytes: usize, now: Timestamp) -> Vec<Arc<str>> {
        self.drop_lapsed(now);
        self.take(key);
        let entry = Entry {
            value,
            owner: self.shares.get_key_value(owner).map_or_else(|| owner.into(), |(owner, _)| Arc::clone(owner)),
            deadline: now.unix_seconds().saturating_add(self.lifetime),
            age: self.inserted,
            bytes: bytes.saturating_add(owner.len() + key.len() + OVERHEAD),
        };
        self.inserted += 1;
        let key: Arc<str> = key.into();
        self.by_age.insert(entry.age, Arc::clone(&key));
        self.change_share(&entry.owner, |share| {
            share.bytes += entry.bytes;
            share.ages.insert(entry.age);
        });
        self.bytes += entry.bytes;
        self.entries.insert(key, entry);

        let mut evicted = Vec::new();
        while self.bytes > self.capacity {
            let Some((_, heaviest)) = self.by_share.last().cloned() else { break };
            let oldest = self.shares.get(&heaviest).and_then(|share| share.ages.first()).copied();
            let Some(key) = oldest.and_then(|age| self.by_age.get(&age)).cloned() else { break };
            self.take(&key);
            evicted.push(heaviest);
        }
        evicted
    }

    #[must_use]
    pub fn get(&self, key: &str, now: Timestamp) -> Option<&V> {
        self.entries.get(key).filter(|entry| entry.deadline >= now.unix_seconds()).map(|entry| &entry.value)
    }

    pub fn get_mut(&mut self, key: &str, now: Timestamp) -> Option<&mut V> {
        self.entries.get_mut(key).filter(|entry| entry.deadline >= now.unix_seconds()).map(|entry| &mut entry.value)
    }

    pub fn remove(&mut self, key: &str, now: Timestamp) -> Option<V> {
        self.take(key).filter(|entry| entry.deadline >= now.unix_seconds()).map(|entry| entry.value)
    }

    /// Removes all entries of a user.
    pub fn remove_all_of(&mut self, owner: &str) {
        let keys: Vec<_> = self.keys_of(owner).cloned().collect();
        for key in keys {
            self.take(&key);
        }
    }

    /// Returns the values of a user, the oldest first.
    pub fn all_of<'a>(&'a self, owner: &str) -> impl Iterator<Item = &'a V> + use<'a, V> {
        self.keys_of(owner).filter_map(|key| self.entries.get(key)).map(|entry| &entry.value)
    }

    fn keys_of<'a>(&'a self, owner: &str) -> impl Iterator<Item = &'a Arc<str>> + use<'a, V> {
        let ages = self.shares.get(owner).into_iter().flat_map(|share| &share.ages);
        ages.filter_map(|age| self.by_age.get(age))
    }

    fn drop_lapsed(&mut self, now: Timestamp) {
        while let Some(key) = self.by_age.first_key_value().map(|(_, key)| Arc::clone(key)) {
            if self.entries.get(&key).is_some_and(|entry| entry.deadline >= now.unix_seconds()) {
                break;
            }
            self.take(&key);
        }
    }

    fn take(&mut self, key: &str) -> Option<Entry<V>> {
        let entry = self.entries.remove(key)?;
        self.by_age.remove(&entry.age);
        self.change_share(&entry.owner, |share| {
            share.bytes -= entry.bytes;
            share.ages.remove(&entry.age);
        });
        self.bytes -= entry.bytes;
        Some(entry)
    }

    fn change_share(&mut self, owner: &Arc<str>, change: impl FnOnce(&mut Share)) {
        let share = self.shares.entry(Arc::clone(owner)).or_default();
        self.by_share.remove(&(share.bytes, Arc::clone(owner)));
        change(share);
        if share.ages.is_empty() {
            self.shares.remove(owner);
        } else {
            self.by_share.insert((share.bytes, Arc::clone(owner)));
        }
    }
}
