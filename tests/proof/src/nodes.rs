//! Integers that a run computes, as a graph of exact relations.
//!
//! A node is an integer with a range. It is an input, a sum of multiples of other nodes, a product of two nodes, or half of
//! something that is cut in two. A cut gives one number that is free within its range; the other follows from it. So all
//! relations are linear but for the products of two inputs, and all are exact.
//!
//! - A product `p` is cut at `k` bits into `p = low + 2^k·high`. `high` is free.
//! - An integer `x` is cut at `k` bits into `x = low + 2^k·high`, where `low` is at least 0 and below `2^k`. `low` is free.
//!
//! Equal integers have the same node where that matters: integers of the same cut of numbers that are congruent mod `2^64` have
//! the same `low`.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher as _};

use num_bigint::BigInt;
use num_integer::Integer as _;
use num_traits::{One as _, Signed as _, Zero as _};

use crate::Refused;

/// A node's number. A node is made of nodes with lower numbers.
pub type Id = u32;

/// A range of integers, both ends included.
#[derive(Clone, Debug, PartialEq)]
pub struct Range {
    pub least: BigInt,
    pub greatest: BigInt,
}

impl Range {
    pub fn new(least: impl Into<BigInt>, greatest: impl Into<BigInt>) -> Self {
        Self { least: least.into(), greatest: greatest.into() }
    }

    pub fn is_within(&self, least: &BigInt, greatest: &BigInt) -> bool {
        *least <= self.least && self.greatest <= *greatest
    }

    /// Whether every number has at most `bits` bits and none is negative.
    pub fn has_bits(&self, bits: u32) -> bool {
        !self.least.is_negative() && self.greatest.bits() <= u64::from(bits)
    }

    fn times(&self, factor: &BigInt) -> Self {
        let (x, y) = (&self.least * factor, &self.greatest * factor);
        if x <= y { Self { least: x, greatest: y } } else { Self { least: y, greatest: x } }
    }

    fn product(&self, other: &Self) -> Self {
        let (x, y) = (other.times(&self.least), other.times(&self.greatest));
        Self { least: x.least.min(y.least), greatest: x.greatest.max(y.greatest) }
    }

    fn add(&mut self, other: &Self) {
        self.least += &other.least;
        self.greatest += &other.greatest;
    }

    /// The range of `⌊x / 2^bits⌋`.
    fn shifted(&self, bits: u32) -> Self {
        Self { least: &self.least >> bits, greatest: &self.greatest >> bits }
    }

    fn meet(&mut self, other: Self) {
        if other.least > self.least {
            self.least = other.least;
        }
        if other.greatest < self.greatest {
            self.greatest = other.greatest;
        }
    }
}

/// How a node relates to others.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A digit of an operand.
    Input,
    /// A constant and multiples of nodes, in the order of their numbers.
    Sum(Vec<(Id, i128)>, i128),
    /// A multiple of a node that is a product of digits by a constant.
    Scaled(Id, i128),
    /// A product of two nodes.
    Product(Id, Id),
    /// The free part of a product above `bits` bits. If `rounded`, the part below is between `-2^bits` and `2^bits`, both
    /// excluded; if not, it is at least 0 and below `2^bits`.
    HighHalf { product: Id, bits: u32, rounded: bool },
    /// `of mod 2^bits`, free.
    Low { of: Id, bits: u32 },
    /// `(of - low) / 2^bits`, where `low` is `of mod 2^bits`.
    High { of: Id, low: Id, bits: u32 },
}

#[derive(Clone, Debug)]
pub struct Node {
    pub kind: Kind,
    pub range: Range,
    /// For a `Low`: it is shown that the cut leaves nothing, so that it is what it was cut from.
    is_whole: bool,
    /// For a `Low`: the part above it is a node, too.
    has_high: bool,
}

/// Multiples of nodes, mod `2^64`.
type Form = (Vec<(Id, u64)>, u64);

/// What weights that are pushed back leave.
#[derive(Debug, Default)]
pub struct Rest {
    /// Weights of free nodes, of products, and of nodes at which the push stops.
    pub free: BTreeMap<Id, BigInt>,
    pub constant: BigInt,
}

/// Sums of at most this many terms are written out when they are part of another.
const SHORT: usize = 8;

/// Steps of a push that looks for a better range near a node.
const NEAR: usize = 24;

/// Cuts that are settled before another.
const FEW: usize = 4;

/// Cuts that are settled of all that nothing uses.
const MANY: usize = 16;

/// Weights are multiples of this when a push looks for a range, so that cuts can be divided by.
const ROOM: u32 = 64 * 112;

#[derive(Clone, Default)]
pub struct Graph {
    pub nodes: Vec<Node>,
    sums: HashMap<(Vec<(Id, i128)>, i128), Id>,
    scaled: HashMap<(Id, i128), Id>,
    products: HashMap<(Id, Id), Id>,
    halves: HashMap<(Id, u32, bool), Id>,
    lows: HashMap<(u32, Form), Id>,
    highs: HashMap<(Id, u32), Id>,
    /// How many cuts are shown to leave nothing.
    pub settled: usize,
    /// The weights of the products of digits in the product of the operands, and the range of the latter.
    pub operands: Option<(HashMap<Id, BigInt>, Range)>,
}

impl Graph {
    pub fn range(&self, id: Id) -> &Range {
        &self.nodes[id as usize].range
    }

    pub fn kind(&self, id: Id) -> &Kind {
        &self.nodes[id as usize].kind
    }

    fn make(&mut self, kind: Kind, range: Range) -> Id {
        self.nodes.push(Node { kind, range, is_whole: false, has_high: false });
        Id::try_from(self.nodes.len() - 1).expect("a run has fewer nodes")
    }

    pub fn input(&mut self, range: Range) -> Id {
        self.make(Kind::Input, range)
    }

    pub fn constant(&mut self, value: i128) -> Result<Id, Refused> {
        self.sum(&[], value)
    }

    /// The value of a node that is constant.
    pub fn as_constant(&self, id: Id) -> Option<i128> {
        match self.kind(id) {
            Kind::Sum(terms, constant) if terms.is_empty() => Some(*constant),
            _ => None,
        }
    }

    /// Returns the sum of a constant and multiples of nodes.
    pub fn sum(&mut self, parts: &[(Id, i128)], constant: i128) -> Result<Id, Refused> {
        let overflow = || Refused::new("a coefficient is too large");
        let mut merged: BTreeMap<Id, i128> = BTreeMap::new();
        let mut total = constant;
        let long = parts
            .iter()
            .map(|&(id, _)| if let Kind::Sum(inner, _) = self.kind(id) { inner.len() } else { 1 })
            .sum::<usize>();
        for &(id, factor) in parts {
            match self.kind(id) {
                Kind::Sum(inner, constant) if inner.is_empty() || long <= SHORT => {
                    total = constant.checked_mul(factor).and_then(|x| total.checked_add(x)).ok_or_else(overflow)?;
                    for &(id, inner) in inner {
                        let entry = merged.entry(id).or_default();
                        *entry = inner.checked_mul(factor).and_then(|x| entry.checked_add(x)).ok_or_else(overflow)?;
                    }
                }
                _ => {
                    let entry = merged.entry(id).or_default();
                    *entry = entry.checked_add(factor).ok_or_else(overflow)?;
                }
            }
        }
        let terms: Vec<(Id, i128)> = merged.into_iter().filter(|&(_, factor)| factor != 0).collect();
        if total == 0 && terms.len() == 1 && terms[0].1 == 1 {
            return Ok(terms[0].0);
        }
        let key = (terms, total);
        if let Some(&id) = self.sums.get(&key) {
            return Ok(id);
        }
        let mut range = self.range_of_sum(&key.0, total);
        range.meet(self.range_of_sum(parts, constant));
        let id = self.make(Kind::Sum(key.0.clone(), total), range);
        self.sums.insert(key, id);
        Ok(id)
    }

    fn range_of_sum(&self, terms: &[(Id, i128)], constant: i128) -> Range {
        let mut range = Range::new(constant, constant);
        // A product less its high half is the low half.
        let mut halved = HashSet::new();
        for &(id, factor) in terms {
            if let Kind::HighHalf { product, bits, rounded } = *self.kind(id) {
                // One product is one low half.
                if halved.contains(&product) {
                    continue;
                }
                let Some(&(_, of_product)) = terms.iter().find(|term| term.0 == product) else { continue };
                if bits < 64 + 1 && of_product.checked_mul(-(1 << bits)) == Some(factor) {
                    let most: BigInt = (BigInt::one() << bits) - 1;
                    let least = if rounded { -most.clone() } else { BigInt::zero() };
                    range.add(&Range::new(least, most).times(&of_product.into()));
                    halved.extend([id, product]);
                }
            }
        }
        for &(id, factor) in terms.iter().filter(|term| !halved.contains(&term.0)) {
            range.add(&self.range(id).times(&factor.into()));
        }
        range
    }

    /// Returns the product of two nodes, one of which may be constant.
    pub fn product(&mut self, x: Id, y: Id) -> Result<Id, Refused> {
        match (self.as_constant(x), self.as_constant(y)) {
            (Some(x), Some(y)) => {
                let product = x.checked_mul(y).ok_or_else(|| Refused::new("a coefficient is too large"))?;
                self.constant(product)
            }
            (Some(0), None) | (None, Some(0)) => self.constant(0),
            (Some(factor), None) => Ok(self.times(y, factor)),
            (None, Some(factor)) => Ok(self.times(x, factor)),
            (None, None) => {
                // A doubled digit.
                for (one, other) in [(x, y), (y, x)] {
                    if let Kind::Sum(terms, 0) = self.kind(one)
                        && let [(inner, factor)] = terms[..]
                    {
                        let product = self.product(inner, other)?;
                        return self.sum(&[(product, factor)], 0);
                    }
                }
                let key = (x.min(y), x.max(y));
                if let Some(&id) = self.products.get(&key) {
                    return Ok(id);
                }
                let mut range = self.range(x).product(self.range(y));
                if x == y {
                    range.least = range.least.max(BigInt::zero());
                }
                let id = self.make(Kind::Product(key.0, key.1), range);
                self.products.insert(key, id);
                Ok(id)
            }
        }
    }

    fn times(&mut self, x: Id, factor: i128) -> Id {
        if let Some(&id) = self.scaled.get(&(x, factor)) {
            return id;
        }
        let range = self.range(x).times(&factor.into());
        let id = self.make(Kind::Scaled(x, factor), range);
        self.scaled.insert((x, factor), id);
        id
    }

    /// Cuts a product and returns the low part and the high part.
    pub fn halves(&mut self, product: Id, bits: u32, rounded: bool) -> Result<(Id, Id), Refused> {
        let high = if let Some(value) = self.as_constant(product) {
            if rounded {
                return Err(Refused::new("a product of constants is rounded"));
            }
            self.constant(value >> bits)?
        } else if let Some(&id) = self.halves.get(&(product, bits, rounded)) {
            id
        } else {
            let mut range = self.range(product).shifted(bits);
            if rounded {
                range.greatest += 1;
            }
            let id = self.make(Kind::HighHalf { product, bits, rounded }, range);
            self.halves.insert((product, bits, rounded), id);
            id
        };
        Ok((self.sum(&[(product, 1), (high, -(1 << bits))], 0)?, high))
    }

    /// Returns `x mod 2^bits` for a number that is known mod `2^64`.
    pub fn low(&mut self, x: Id, bits: u32) -> Result<Id, Refused> {
        let range = self.range(x);
        let multiple: BigInt = &range.least >> bits;
        if &range.greatest >> bits == multiple {
            let less = i128::try_from(multiple << bits).map_err(|_| Refused::new("a sum is too large"))?;
            return self.sum(&[(x, 1)], -less);
        }
        if let Some(sign) = self.sign_in(x, bits) {
            return self.sum(&[(sign, 1 - (1 << bits))], 0);
        }
        if let Some(bit) = self.bit_over(x, bits)? {
            // 2^bits - 1 or 0
            let most = (1 << bits) - 1;
            return self.sum(&[(bit, -most)], most);
        }
        if let Kind::Low { of, bits: inner } = *self.kind(x)
            && bits <= inner
        {
            return self.low(of, bits);
        }
        let key = (bits, self.form(x));
        if let Some(&id) = self.lows.get(&key) {
            return Ok(id);
        }
        if bits <= 64 {
            let other = self.summand(x, &key.1)?;
            if other != x {
                return self.low(other, bits);
            }
        }
        let greatest = (BigInt::one() << bits) - (BigInt::one() << self.twos(x).min(bits));
        let id = self.make(Kind::Low { of: x, bits }, Range::new(0, greatest));
        self.lows.insert(key, id);
        Ok(id)
    }

    /// Returns a number that is congruent to `x` mod `2^64` and never negative, or `x`: the low word of a sum, less one summand, is the
    /// other summand.
    fn summand(&mut self, x: Id, (terms, constant): &Form) -> Result<Id, Refused> {
        if !self.range(x).least.is_negative() || terms.len() > SHORT {
            return Ok(x);
        }
        let terms: Vec<(Id, i128)> = terms.iter().map(|&(id, weight)| (id, weight.cast_signed().into())).collect();
        let other = self.sum(&terms, constant.cast_signed().into())?;
        Ok(if self.range(other).least.is_negative() { x } else { other })
    }

    /// The number that is 0 or -1 and whose low bits are those of `x`: `x` itself, or what it is a mask of.
    fn sign_in(&self, x: Id, bits: u32) -> Option<Id> {
        let is_sign = |id| self.range(id).is_within(&BigInt::from(-1), &BigInt::zero());
        if is_sign(x) {
            return Some(x);
        }
        let Kind::Sum(terms, 0) = self.kind(x) else { return None };
        let [(sign, factor)] = terms[..] else { return None };
        let ones = 1_i128.checked_sub(factor).filter(|ones| ones.count_ones() == 1)?;
        (ones.trailing_zeros() >= bits && is_sign(sign)).then_some(sign)
    }

    /// Returns `x - (2^bits - 1)` if this is 0 or 1: a bit that a full word is added to.
    fn bit_over(&mut self, x: Id, bits: u32) -> Result<Option<Id>, Refused> {
        let full = (BigInt::one() << bits) - 1;
        if !self.range(x).is_within(&full, &(&full + 1)) {
            return Ok(None);
        }
        self.sum(&[(x, 1)], -((1 << bits) - 1)).map(Some)
    }

    /// Returns `⌊x / 2^bits⌋`.
    pub fn high(&mut self, x: Id, bits: u32) -> Result<Id, Refused> {
        if let Some(value) = self.as_constant(x) {
            return self.constant(value >> bits);
        }
        let range = self.range(x).shifted(bits);
        if range.least == range.greatest {
            let value = i128::try_from(&range.least).map_err(|_| Refused::new("a constant is too large"))?;
            return self.constant(value);
        }
        if let Some(bit) = self.bit_over(x, bits)? {
            return Ok(bit);
        }
        if let Some(&id) = self.highs.get(&(x, bits)) {
            return Ok(id);
        }
        let low = self.low(x, bits)?;
        self.nodes[low as usize].has_high = true;
        let id = self.make(Kind::High { of: x, low, bits }, range);
        self.highs.insert((x, bits), id);
        Ok(id)
    }

    /// Whether there is a part of a number above so many bits.
    pub fn is_cut(&self, x: Id, bits: u32) -> bool {
        self.highs.contains_key(&(x, bits))
    }

    /// The greatest power of two, by its exponent, that a node is known to be a multiple of.
    pub fn twos(&self, x: Id) -> u32 {
        let (terms, constant) = match self.kind(x) {
            Kind::Sum(terms, constant) => (terms, constant),
            // What is cut off is a multiple, too.
            Kind::Low { of, bits } => return self.twos(*of).min(*bits),
            _ => return 0,
        };
        let factors = terms.iter().map(|term| term.1).chain([*constant]).filter(|factor| *factor != 0);
        factors.map(i128::trailing_zeros).min().unwrap_or(0)
    }

    /// Writes a number as multiples of nodes that are not cuts at 64 bits, mod `2^64`.
    fn form(&self, x: Id) -> Form {
        let mut terms: BTreeMap<Id, u64> = BTreeMap::new();
        let mut constant = 0_u64;
        let mut open: BTreeMap<Id, u64> = BTreeMap::from([(x, 1)]);
        while let Some((id, weight)) = open.pop_last() {
            match self.kind(id) {
                Kind::Sum(inner, more) => {
                    constant = constant.wrapping_add(weight.wrapping_mul(*more as u64));
                    for &(id, factor) in inner {
                        let entry = open.entry(id).or_default();
                        *entry = entry.wrapping_add(weight.wrapping_mul(factor as u64));
                    }
                }
                Kind::Low { of, bits: 64 } => {
                    let entry = open.entry(*of).or_default();
                    *entry = entry.wrapping_add(weight);
                }
                _ => {
                    terms.insert(id, weight);
                }
            }
        }
        (terms.into_iter().filter(|term| term.1 != 0).collect(), constant)
    }

    /// The nodes that are multiplied by constants.
    pub fn factors_of_constants(&self) -> HashSet<Id> {
        self.scaled.keys().map(|key| key.0).collect()
    }

    /// Replaces a weight by weights of what the node is made of. Returns false for a node that is free, and an error if a
    /// cut would leave a fraction.
    fn expand(&self, id: Id, weight: &BigInt, mut add: impl FnMut(Option<Id>, BigInt)) -> Result<bool, Refused> {
        match self.kind(id) {
            Kind::Sum(terms, constant) => {
                for &(id, factor) in terms {
                    add(Some(id), weight * factor);
                }
                add(None, weight * constant);
            }
            Kind::Scaled(id, factor) => add(Some(*id), weight * factor),
            Kind::High { of, low, bits } => {
                let unit = BigInt::one() << bits;
                if !weight.mod_floor(&unit).is_zero() {
                    return Err(Refused::new(format!(
                        "a weight cannot be divided at a cut: {id} {weight} {:?}",
                        self.kind(id)
                    )));
                }
                let weight = weight >> bits;
                add(Some(*low), -&weight);
                add(Some(*of), weight);
            }
            Kind::Low { of, .. } if self.nodes[id as usize].is_whole => add(Some(*of), weight.clone()),
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Pushes weights back, to free nodes, products, and the nodes of `stops`. At each node the weight may be split: `kept`
    /// returns what stays there.
    pub fn push(
        &self,
        weights: &[(Id, BigInt)],
        stops: &HashSet<Id>,
        kept: impl Fn(Id, &BigInt) -> Option<BigInt>,
    ) -> Result<Rest, Refused> {
        let mut rest = Rest::default();
        let Some(top) = weights.iter().map(|weight| weight.0).max() else { return Ok(rest) };
        let mut open: Vec<BigInt> = vec![BigInt::zero(); top as usize + 1];
        for (id, weight) in weights {
            open[*id as usize] += weight;
        }
        for id in (0..=top).rev() {
            let mut weight = std::mem::take(&mut open[id as usize]);
            if weight.is_zero() {
                continue;
            }
            if let Some(kept) = kept(id, &weight) {
                weight -= &kept;
                *rest.free.entry(id).or_default() += kept;
            }
            if stops.contains(&id) {
                *rest.free.entry(id).or_default() += weight;
                continue;
            }
            let constant = &mut rest.constant;
            let known = self.expand(id, &weight, |id, weight| match id {
                Some(id) => open[id as usize] += weight,
                None => *constant += weight,
            })?;
            if !known {
                *rest.free.entry(id).or_default() += weight;
            }
        }
        Ok(rest)
    }

    /// The range of a sum of multiples of nodes.
    pub fn range_of<'a>(&self, terms: impl Iterator<Item = (Id, &'a BigInt)> + Clone) -> Range {
        let mut range = Range::new(0, 0);
        let is_product = |id| match self.kind(id) {
            Kind::Product(..) => true,
            Kind::Input => self.operands.as_ref().is_some_and(|operands| operands.0.contains_key(&id)),
            _ => false,
        };
        let products: HashMap<Id, &BigInt> =
            terms.clone().filter(|term| is_product(term.0) && !term.1.is_zero()).collect();
        let whole =
            self.operands.as_ref().and_then(|(weights, range)| Some((Self::multiple(&products, weights)?, range)));
        if let Some((factor, of_operands)) = &whole {
            range.add(&of_operands.times(factor));
        }
        for (id, weight) in terms {
            if whole.is_none() || !is_product(id) {
                range.add(&self.range(id).times(weight));
            }
        }
        range
    }

    /// The number that all weights must be multiplied by to give the products of a sum.
    fn multiple(products: &HashMap<Id, &BigInt>, weights: &HashMap<Id, BigInt>) -> Option<BigInt> {
        if products.len() != weights.len() {
            return None;
        }
        let (id, weight) = weights.iter().next()?;
        let (factor, rest) = products.get(id)?.div_rem(weight);
        let is_multiple = rest.is_zero()
            && weights.iter().all(|(id, weight)| products.get(id).is_some_and(|x| **x == weight * &factor));
        is_multiple.then_some(factor)
    }

    /// Narrows the range of a node by what it is made of, near it.
    fn narrow_near(&mut self, node: Id) {
        let mut open: BTreeMap<Id, BigInt> = BTreeMap::from([(node, BigInt::one() << ROOM)]);
        let mut done: BTreeMap<Id, BigInt> = BTreeMap::new();
        let mut constant = BigInt::zero();
        for step in 1..=NEAR {
            let Some((id, weight)) = open.pop_last() else { break };
            let known = self.expand(id, &weight, |id, weight| match id {
                Some(id) => *open.entry(id).or_default() += weight,
                None => constant += weight,
            });
            match known {
                Ok(true) => {}
                Ok(false) => *done.entry(id).or_default() += weight,
                Err(_) => break,
            }
            if step % 4 == 0 || open.is_empty() {
                let range = self.range_of(open.iter().chain(&done).map(|(id, weight)| (*id, weight)));
                self.narrow_to(node, range, &constant);
            }
        }
    }

    /// Narrows the range of a node by all that it is made of. Returns the free nodes that raise the range.
    fn narrow_fully(&mut self, node: Id) -> Vec<Id> {
        let Ok(rest) = self.push(&[(node, BigInt::one() << ROOM)], &HashSet::new(), |_, _| None) else {
            return Vec::new();
        };
        let range = self.range_of(rest.free.iter().map(|(id, weight)| (*id, weight)));
        self.narrow_to(node, range, &rest.constant);
        rest.free.into_iter().filter(|(_, weight)| weight.is_positive()).map(|(id, _)| id).collect()
    }

    /// Narrows the range of a node by a range of its multiple by `2^ROOM`, less a constant.
    fn narrow_to(&mut self, node: Id, mut range: Range, constant: &BigInt) {
        range.add(&Range::new(constant.clone(), constant.clone()));
        // The least integer that is not below, and the greatest that is not above.
        let range = Range { least: -(-range.least >> ROOM), greatest: range.greatest >> ROOM };
        self.nodes[node as usize].range.meet(range);
    }

    /// Narrows the range of a node until it is within bounds, if it can be shown to be.
    pub fn narrow(&mut self, id: Id, least: &BigInt, greatest: &BigInt) -> bool {
        let is_within = |graph: &Self| graph.range(id).is_within(least, greatest);
        if !is_within(self) {
            self.narrow_near(id);
        }
        if !is_within(self) {
            self.narrow_fully(id);
        }
        is_within(self)
    }

    /// Supposes that a node has a value, and what follows for the numbers that it is made of.
    pub fn suppose(&mut self, id: Id, value: &BigInt) {
        self.nodes[id as usize].range.meet(Range::new(value.clone(), value.clone()));
        match self.kind(id).clone() {
            Kind::Sum(terms, constant) => {
                if let [(inner, factor)] = terms[..]
                    && ((value - constant) % factor).is_zero()
                {
                    self.suppose(inner, &((value - constant) / factor));
                }
            }
            Kind::High { of, low, bits } => {
                let least = value << bits;
                let greatest = &least + (BigInt::one() << bits) - 1;
                self.nodes[of as usize].range.meet(Range::new(least, greatest));
                if value.is_zero() && matches!(*self.kind(low), Kind::Low { of: other, .. } if other == of) {
                    self.nodes[low as usize].is_whole = true;
                }
            }
            _ => {}
        }
    }

    /// Whether values are within the ranges, and are what is shown of cuts.
    pub fn is_consistent(&self, values: &[BigInt]) -> bool {
        self.nodes.iter().zip(values).all(|(node, value)| {
            let is_whole = !node.is_whole || matches!(node.kind, Kind::Low { of, .. } if values[of as usize] == *value);
            node.range.least <= *value && *value <= node.range.greatest && is_whole
        })
    }

    /// Whether a node is cut from another and nothing uses the part above it.
    pub fn is_unused_cut(&self, id: Id) -> bool {
        self.nodes
            .get(id as usize)
            .is_some_and(|node| matches!(node.kind, Kind::Low { .. }) && !node.has_high && !node.is_whole)
    }

    /// Shows for the cuts whose upper parts nothing uses that there are none, where that can be shown.
    pub fn settle_unused(&mut self) {
        let unused: Vec<Id> = (0..self.nodes.len() as Id).filter(|&id| self.is_unused_cut(id)).collect();
        for id in unused.into_iter().take(MANY) {
            self.settle(id);
        }
    }

    /// Shows for a cut that it leaves nothing above it, and returns whether that can be shown: a carry that the code drops.
    pub fn settle(&mut self, id: Id) -> bool {
        self.settle_with(id, 1)
    }

    /// Shows for a part above a cut that it is zero, because a sum of such parts is, none of which is negative.
    fn settle_sum(&mut self, high: Id) -> bool {
        for id in high..self.nodes.len() as Id {
            let Kind::Sum(terms, 0) = self.kind(id) else { continue };
            let is_part = |&(id, factor): &(Id, i128)| {
                factor > 0 && matches!(self.kind(id), Kind::High { .. }) && !self.range(id).least.is_negative()
            };
            if !terms.iter().any(|term| term.0 == high) || !terms.iter().all(is_part) {
                continue;
            }
            let parts: Vec<Id> = terms.iter().map(|term| term.0).collect();
            if self.narrow(id, &BigInt::zero(), &BigInt::zero()) {
                for part in parts {
                    self.nodes[part as usize].range = Range::new(0, 0);
                    if let Kind::High { of, low, .. } = *self.kind(part)
                        && matches!(*self.kind(low), Kind::Low { of: other, .. } if other == of)
                    {
                        self.nodes[low as usize].is_whole = true;
                        self.settled += 1;
                    }
                }
                return matches!(*self.kind(high), Kind::High { low, .. } if self.nodes[low as usize].is_whole);
            }
        }
        false
    }

    /// As above, after the few cuts that its part above is made of, if that takes no more steps than `depth`.
    fn settle_with(&mut self, id: Id, depth: u32) -> bool {
        let Some(&Kind::Low { of, bits }) = self.nodes.get(id as usize).map(|node| &node.kind) else { return false };
        if self.nodes[id as usize].is_whole {
            return false;
        }
        let range = self.range(of).shifted(bits);
        let high = self.make(Kind::High { of, low: id, bits }, range);
        let mut is_whole = self.narrow(high, &BigInt::zero(), &BigInt::zero());
        if !is_whole && let Some(&high) = self.highs.get(&(of, bits)) {
            is_whole = self.settle_sum(high);
        }
        if !is_whole && depth > 0 {
            let mut others = self.narrow_fully(high);
            others.retain(|&other| matches!(self.kind(other), Kind::Low { .. }));
            if others.len() <= FEW {
                let settled: Vec<bool> = others.into_iter().map(|other| self.settle_with(other, depth - 1)).collect();
                is_whole = settled.contains(&true) && self.narrow(high, &BigInt::zero(), &BigInt::zero());
            }
        }
        // It may have become so along with others.
        if is_whole && !self.nodes[id as usize].is_whole {
            self.nodes[id as usize].is_whole = true;
            self.settled += 1;
        }
        is_whole
    }
}

/// A digest by which to compare two runs.
pub fn digest(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// Digests by which to compare numbers of two runs.
impl Graph {
    /// A digest of how numbers are made of inputs, and of another digest.
    pub fn digest(&self, numbers: &[Id], before: u64) -> u64 {
        let digests = self.digests();
        let mut hasher = DefaultHasher::new();
        before.hash(&mut hasher);
        for &number in numbers {
            digests[number as usize].hash(&mut hasher);
        }
        hasher.finish()
    }

    /// A digest for each node of how it is made of inputs.
    fn digests(&self) -> Vec<u64> {
        let mut digests: Vec<u64> = Vec::with_capacity(self.nodes.len());
        for (place, node) in self.nodes.iter().enumerate() {
            let mut hasher = DefaultHasher::new();
            let of = |id: &Id| digests[*id as usize];
            std::mem::discriminant(&node.kind).hash(&mut hasher);
            match &node.kind {
                Kind::Input => place.hash(&mut hasher),
                Kind::Sum(terms, constant) => {
                    // In no order: numbers of nodes differ between runs.
                    let mut terms: Vec<(u64, i128)> = terms.iter().map(|(id, factor)| (of(id), *factor)).collect();
                    terms.sort_unstable();
                    (terms, constant).hash(&mut hasher);
                }
                Kind::Scaled(x, factor) => (of(x), factor).hash(&mut hasher),
                Kind::Product(x, y) => (of(x), of(y)).hash(&mut hasher),
                Kind::HighHalf { product, bits, rounded } => (of(product), bits, rounded).hash(&mut hasher),
                Kind::Low { of: x, bits } => (of(x), bits).hash(&mut hasher),
                Kind::High { of: x, low, bits } => (of(x), of(low), bits).hash(&mut hasher),
            }
            digests.push(hasher.finish());
        }
        digests
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_sum_less_one_summand_is_the_other() {
        let word = BigInt::from(u64::MAX);
        for most in [word.clone(), &word + 1] {
            let mut graph = Graph::default();
            let [a, b] = [most.clone(), word.clone()].map(|most| graph.input(Range::new(0, most)));
            let sum = graph.sum(&[(a, 1), (b, 1)], 0).unwrap();
            let cut = graph.low(sum, 64).unwrap();
            let difference = graph.sum(&[(cut, 1), (b, -1)], 0).unwrap();
            let low = graph.low(difference, 64).unwrap();
            // A number of more bits is cut itself.
            let expected = if most == word { Kind::Input } else { Kind::Low { of: a, bits: 64 } };
            assert_eq!(*graph.kind(low), expected);
        }
    }
}
