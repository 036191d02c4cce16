//! Entries that lapse.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

use cognito_srp6a::Timestamp;

/// A map whose entries all live equally long, and which forgets the oldest when it is full, so that a pool that is left
/// running under load does not grow without end.
pub struct Lapsing<K, V> {
    entries: HashMap<K, Entry<V>>,
    /// Keys in the order of their deadlines. An entry that was removed or renewed leaves its old place here behind.
    order: VecDeque<(K, i64)>,
    lifetime: i64,
}

struct Entry<V> {
    value: V,
    deadline: i64,
}

impl<K: Clone + Eq + Hash, V> Lapsing<K, V> {
    /// The most entries. A day of sign-ins at one a second fits.
    const CAPACITY: usize = 100_000;

    pub fn new(seconds: i64) -> Self {
        Self { entries: HashMap::new(), order: VecDeque::new(), lifetime: seconds }
    }

    /// Keeps a value; says whether the key was free.
    pub fn insert(&mut self, key: K, value: V, now: Timestamp) -> bool {
        let now = now.unix_seconds();
        while self.order.front().is_some_and(|&(_, deadline)| deadline < now) || self.order.len() >= Self::CAPACITY {
            self.drop_oldest();
        }
        let deadline = now.saturating_add(self.lifetime);
        self.order.push_back((key.clone(), deadline));
        self.entries.insert(key, Entry { value, deadline }).is_none_or(|old| old.deadline < now)
    }

    pub fn get(&self, key: &K, now: Timestamp) -> Option<&V> {
        self.entries.get(key).filter(|entry| entry.deadline >= now.unix_seconds()).map(|entry| &entry.value)
    }

    pub fn remove(&mut self, key: &K, now: Timestamp) -> Option<V> {
        self.entries.remove(key).filter(|entry| entry.deadline >= now.unix_seconds()).map(|entry| entry.value)
    }

    /// Forgets all whose value is not wanted.
    pub fn retain(&mut self, wanted: impl Fn(&V) -> bool) {
        self.entries.retain(|_, entry| wanted(&entry.value));
    }

    fn drop_oldest(&mut self) {
        if let Some((key, deadline)) = self.order.pop_front()
            && self.entries.get(&key).is_some_and(|entry| entry.deadline == deadline)
        {
            self.entries.remove(&key);
        }
    }
}
