//! What is claimed, function by function, in an order in which each rests on those before it.

use crate::Refused;
use crate::contracts::{Contract, Functions};
use crate::equations::{self, NumberContract};
use crate::format::{Format, modulus};
use crate::image::{Function, Image};
use crate::powers::{self, Lengths};
use crate::product::{self, Proved};
use crate::{canonical, group, select};

/// What a function computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    Product,
    Square,
    Select,
    SelectPlain,
    Canonical,
    Enter,
    Leave,
    /// `base^exponent`, and `g^exponent`.
    Power,
    PowerOfG,
    /// `a·b` of numbers below `N`, by the one function that all backends have for it.
    NumberProduct,
    Sum,
    Difference,
    /// `a + u·x` of exponents.
    PlusProduct,
    /// `base^exponent` by the backend that an argument says, and `g^exponent` by the best.
    ChosenPower,
    BestPowerOfG,
    /// `S` of the client.
    Premaster,
}

impl Operation {
    /// The contract on which callers with residues rely. It holds once the claim is proved.
    const fn contract(self) -> Option<Contract> {
        match self {
            Self::Product => Some(Contract::Product),
            Self::Square => Some(Contract::Square),
            Self::Select => Some(Contract::Select),
            Self::SelectPlain => Some(Contract::SelectPlain),
            Self::Canonical => Some(Contract::Canonical),
            Self::Leave => Some(Contract::Leave),
            // Callers are proved with the others.
            _ => None,
        }
    }

    /// The contract on which callers with numbers below `N` rely. It holds once the claim is proved.
    const fn number_contract(self) -> Option<NumberContract> {
        match self {
            Self::Power => Some(NumberContract::Power),
            Self::ChosenPower => Some(NumberContract::ChosenPower),
            Self::PowerOfG | Self::BestPowerOfG => Some(NumberContract::PowerOfG),
            Self::NumberProduct => Some(NumberContract::Product),
            Self::Difference => Some(NumberContract::Difference),
            Self::PlusProduct => Some(NumberContract::PlusProduct),
            _ => None,
        }
    }
}

impl std::fmt::Display for Operation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Product => "product",
            Self::Square => "square",
            Self::Select => "select",
            Self::SelectPlain => "select_plain",
            Self::Canonical => "canonical",
            Self::Enter => "enter",
            Self::Leave => "leave",
            Self::Power | Self::ChosenPower => "pow",
            Self::PowerOfG | Self::BestPowerOfG => "pow_g",
            Self::Sum => "add",
            Self::Difference => "sub",
            Self::PlusProduct => "plus_product",
            Self::NumberProduct => "mul",
            Self::Premaster => "S of the client",
        })
    }
}

/// A function that is proved.
#[derive(Clone, Debug)]
pub struct Claim {
    pub backend: &'static str,
    pub operation: Operation,
    /// The end of its name in the program.
    pub function: &'static str,
    pub format: Format,
}

/// How much is tried.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    pub lengths: Lengths,
    /// Instructions after which a function is taken not to end.
    pub most_steps: Option<usize>,
}

/// The end of the name of a function that many types have.
const ANY_LEAVE: &str = "::leave";

/// What the functions of a backend are called in a program.
pub struct Names {
    backend: &'static str,
    format: fn() -> Format,
    product: &'static str,
    square: &'static str,
    select: Option<&'static str>,
    select_plain: Option<&'static str>,
    canonical: Option<&'static str>,
    leave: &'static str,
}

const PORTABLE_LEAVE: &str = "backend::portable::Portable as cognito_srp6a::group::arithmetic::Arithmetic>::leave";

/// The fastest first.
pub const BACKENDS: [Names; 6] = [
    Names {
        backend: "ifma",
        format: Format::digits51,
        product: "x86_64::ifma::multiply",
        square: "x86_64::ifma::square",
        select: Some("x86_64::ifma::select"),
        select_plain: Some("x86_64::ifma::select_plain"),
        canonical: Some("x86_64::digits51::canonical"),
        leave: ANY_LEAVE,
    },
    Names {
        backend: "avxifma",
        format: Format::digits51,
        product: "x86_64::avxifma::multiply",
        square: "x86_64::avxifma::square",
        select: Some("x86_64::avxifma::select"),
        select_plain: Some("x86_64::avxifma::select_plain"),
        canonical: Some("x86_64::digits51::canonical"),
        leave: ANY_LEAVE,
    },
    Names {
        backend: "fma",
        format: Format::doubles,
        product: "x86_64::fma::multiply",
        square: "x86_64::fma::square",
        select: Some("x86_64::fma::select"),
        select_plain: Some("x86_64::fma::select_plain"),
        canonical: Some("x86_64::fma::digits::canonical"),
        leave: ANY_LEAVE,
    },
    Names {
        backend: "bmi2",
        format: Format::limbs,
        product: "x86_64::bmi2::multiply",
        square: "x86_64::bmi2::square",
        select: None,
        select_plain: None,
        canonical: None,
        leave: PORTABLE_LEAVE,
    },
    Names {
        backend: "portable",
        format: Format::limbs,
        product: "backend::portable::Portable as cognito_srp6a::group::arithmetic::Arithmetic>::mul",
        square: "backend::portable::Portable as cognito_srp6a::group::arithmetic::Arithmetic>::square",
        select: None,
        select_plain: None,
        canonical: None,
        leave: PORTABLE_LEAVE,
    },
    Names {
        backend: "digits28",
        format: Format::digits28,
        product: "backend::digits28::multiply",
        square: "backend::digits28::Digits28 as cognito_srp6a::group::arithmetic::Arithmetic>::square",
        select: None,
        select_plain: None,
        canonical: None,
        leave: "backend::digits28::Digits28 as cognito_srp6a::group::arithmetic::Arithmetic>::leave",
    },
];

/// The claims that are about no backend.
const GROUP: &str = "group";

/// The claims that rest on every backend.
pub const EQUATIONS: &str = "equations";

/// The function that chooses a backend. Only the type of its result is known.
const BEST: &str = "group::backend::Backend::best";

/// The names of the backends, the fastest first, after that of what none of them does.
pub fn names() -> impl DoubleEndedIterator<Item = &'static str> {
    std::iter::once(GROUP).chain(BACKENDS.iter().map(|names| names.backend))
}

/// The functions on which the equations rest: those that are proved, and the choice of a backend.
pub fn for_equations(image: &Image, mut proved: Functions) -> Functions {
    let best = image.functions_named(BEST).map(|function| (function.address, NumberContract::Best));
    proved.of_numbers.extend(best);
    proved
}

/// The claims about all backends for x86-64.
pub fn claims() -> Vec<Claim> {
    let mut claims = Vec::new();
    for names in BACKENDS {
        let mut add = |operation, function| {
            claims.push(Claim { backend: names.backend, operation, function, format: (names.format)() });
        };
        add(Operation::Product, names.product);
        add(Operation::Square, names.square);
        for (operation, function) in [
            (Operation::Select, names.select),
            (Operation::SelectPlain, names.select_plain),
            (Operation::Canonical, names.canonical),
        ] {
            if let Some(function) = function {
                add(operation, function);
            }
        }
        add(Operation::Leave, names.leave);
        add(Operation::Enter, "group::arithmetic::Arithmetic::enter");
        add(Operation::Power, "group::pow::pow");
        add(Operation::PowerOfG, "group::pow::pow_g");
        add(Operation::NumberProduct, "group::backend::Backend::mul_repeatedly");
    }
    for (operation, function) in [
        (Operation::Sum, "group::element::Element::add"),
        (Operation::Difference, "group::element::Element::sub"),
        (Operation::PlusProduct, "group::exponent::Exponent::plus_product"),
    ] {
        claims.push(Claim { backend: GROUP, operation, function, format: Format::limbs() });
    }
    for (operation, function) in [
        (Operation::ChosenPower, "group::backend::Backend::pow"),
        (Operation::BestPowerOfG, "group::element::Element::pow_g"),
        (Operation::Premaster, "protocol::srp6a::Premaster::of_client"),
    ] {
        claims.push(Claim { backend: EQUATIONS, operation, function, format: Format::limbs() });
    }
    claims
}

impl Claim {
    /// The one function of the program that the claim is about, if it has one. Functions of one name are told apart by the products
    /// that they call.
    pub fn find<'a>(&self, image: &'a Image, functions: &Functions) -> Result<Option<&'a Function>, Refused> {
        let product =
            functions.of_residues.iter().find(|function| *function.1 == Contract::Product).map(|function| *function.0);
        let is_own = |function: &&Function| {
            let is_generic = matches!(self.operation, Operation::Enter | Operation::Power | Operation::PowerOfG);
            !is_generic && self.function != ANY_LEAVE
                || product.is_some_and(|product| powers::called(image, function).contains(&product))
        };
        let found: Vec<&Function> = image.functions_named(self.function).filter(is_own).collect();
        // It may be part of `pow`, whose proof shows where it enters the base.
        if found.is_empty() && self.operation == Operation::Enter {
            return Ok(None);
        }
        let [function] = found[..] else {
            return Err(Refused::new(format!("the program has {} functions {}", found.len(), self.function)));
        };
        Ok(Some(function))
    }

    /// Proves the claim about the function at an address. It may rest on functions of which claims are proved.
    pub fn prove(&self, image: &Image, address: u64, functions: &Functions, effort: Effort) -> Result<Proved, Refused> {
        let most_steps =
            effort.most_steps.unwrap_or(if self.is_power() { powers::MOST_STEPS } else { product::MOST_STEPS });
        match self.operation {
            Operation::Select => select::prove(image, &self.format, address, most_steps),
            Operation::SelectPlain => select::prove_plain(image, &self.format, address, most_steps),
            Operation::Canonical => canonical::prove(image, &self.format, address, most_steps),
            Operation::Leave if self.function != ANY_LEAVE => {
                canonical::prove_leave(image, &self.format, address, most_steps)
            }
            Operation::Leave | Operation::Enter => {
                powers::prove_conversion(image, self, address, functions, most_steps)
            }
            Operation::Power | Operation::PowerOfG => {
                let lengths = self.lengths(effort.lengths);
                powers::prove(image, self, (address, functions), &lengths, most_steps)
            }
            Operation::Sum | Operation::Difference => {
                group::prove_sum(image, self.operation == Operation::Difference, address, most_steps)
            }
            Operation::PlusProduct => group::prove_plus_product(image, address, most_steps),
            Operation::NumberProduct => {
                powers::prove_product(image, self, (address, functions), self.number(), most_steps)
            }
            Operation::ChosenPower | Operation::BestPowerOfG | Operation::Premaster => {
                equations::prove(image, self.operation, (address, functions), most_steps)
            }
            Operation::Product | Operation::Square => product::prove(image, self, address, most_steps),
        }
    }

    /// The number of the backend in the type `Backend`, which begins with the slowest.
    fn number(&self) -> u64 {
        BACKENDS.iter().rev().take_while(|names| names.backend != self.backend).count() as u64
    }

    pub fn is_power(&self) -> bool {
        matches!(self.operation, Operation::Power | Operation::PowerOfG)
    }

    /// The bounds of the exponents for which a power is proved.
    fn lengths(&self, lengths: Lengths) -> Vec<usize> {
        let is_power_of_g = self.operation == Operation::PowerOfG;
        match lengths {
            Lengths::All => (0..=powers::MOST_BITS).collect(),
            // What the protocol uses, and where tables are read by a function, which takes less time, the longest.
            Lengths::Usual if self.format.cut.is_none() && is_power_of_g => powers::BITS_OF_G.to_vec(),
            Lengths::Usual if self.format.cut.is_none() => powers::BITS.to_vec(),
            Lengths::Usual if is_power_of_g => vec![0, 256, 320, 3072],
            Lengths::Usual => vec![0, 256, 320, 513, 3072, 3073],
            Lengths::One if is_power_of_g => vec![320],
            Lengths::One => vec![70],
        }
    }

    /// What is proved, in words.
    pub fn shown(&self, proved: &Proved, lengths: Lengths) -> String {
        match (self.operation, &proved.value) {
            (Operation::Select | Operation::SelectPlain, _) => "the entry that the index names".to_owned(),
            (Operation::Canonical | Operation::Leave | Operation::Sum | Operation::Difference, _) => {
                "result < N".to_owned()
            }
            (Operation::Enter, _) => "x·R".to_owned(),
            (Operation::NumberProduct, _) => "a·b mod N".to_owned(),
            (Operation::ChosenPower | Operation::BestPowerOfG, _) => "calls that of each backend".to_owned(),
            (Operation::Premaster, _) => "(B - k·g^x)^(a + u·x) mod N".to_owned(),
            (Operation::PlusProduct, _) => "a + u·x".to_owned(),
            (Operation::Power | Operation::PowerOfG, _) if lengths == Lengths::All => {
                format!("exponents of 0 to {} bits", powers::MOST_BITS)
            }
            (Operation::Power | Operation::PowerOfG, _) => {
                let lengths: Vec<String> = self.lengths(lengths).iter().map(ToString::to_string).collect();
                format!("exponents of {} bits", lengths.join(", "))
            }
            (_, Some(value)) => {
                // Rounded up.
                let thousandths = value * 1000_u32 / modulus() + 1_u32;
                format!("result < {}.{:03} N", &thousandths / 1000_u32, &thousandths % 1000_u32)
            }
            (_, None) => "no result".to_owned(),
        }
    }

    /// Adds the function to those that others may rest on.
    pub fn add_to(&self, functions: &mut Functions, address: u64) {
        if let Some(contract) = self.operation.contract() {
            functions.of_residues.insert(address, contract);
        }
        if let Some(contract) = self.operation.number_contract() {
            functions.of_numbers.insert(address, contract);
        }
    }
}
