//! What is claimed, function by function, in an order in which each rests on those before it.

use crate::Refused;
use crate::format::Format;
use crate::image::{Function, Image};
use crate::powers::{self, Functions};
use crate::product::{self, Proved};
use crate::{canonical, contracts::Contract, select};

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
}

impl Operation {
    /// What a caller may rely on, once it is proved.
    const fn contract(self) -> Option<Contract> {
        match self {
            Self::Product => Some(Contract::Product),
            Self::Square => Some(Contract::Square),
            Self::Select => Some(Contract::Select),
            Self::SelectPlain => Some(Contract::SelectPlain),
            Self::Canonical => Some(Contract::Canonical),
            Self::Leave => Some(Contract::Leave),
            // Its callers are proved with it.
            Self::Enter | Self::Power | Self::PowerOfG => None,
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
            Self::Power => "pow",
            Self::PowerOfG => "pow_g",
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

/// What the functions of a backend are called in a program.
struct Names {
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

const BACKENDS: [Names; 6] = [
    Names {
        backend: "ifma",
        format: Format::digits51,
        product: "x86_64::ifma::multiply",
        square: "x86_64::ifma::square",
        select: Some("x86_64::ifma::select"),
        select_plain: Some("x86_64::ifma::select_plain"),
        canonical: Some("x86_64::digits51::canonical"),
        leave: "::leave",
    },
    Names {
        backend: "avxifma",
        format: Format::digits51,
        product: "x86_64::avxifma::multiply",
        square: "x86_64::avxifma::square",
        select: Some("x86_64::avxifma::select"),
        select_plain: Some("x86_64::avxifma::select_plain"),
        canonical: Some("x86_64::digits51::canonical"),
        leave: "::leave",
    },
    Names {
        backend: "fma",
        format: Format::doubles,
        product: "x86_64::fma::multiply",
        square: "x86_64::fma::square",
        select: Some("x86_64::fma::select"),
        select_plain: Some("x86_64::fma::select_plain"),
        canonical: Some("x86_64::fma::digits::canonical"),
        leave: "::leave",
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
    }
    claims
}

impl Claim {
    /// The one function of the program that the claim is about, if it has one. Functions of one name are told apart by the products
    /// that they call.
    pub fn find<'a>(&self, image: &'a Image, functions: &Functions) -> Result<Option<&'a Function>, Refused> {
        let product = functions.iter().find(|function| *function.1 == Contract::Product).map(|function| *function.0);
        let is_own = |function: &&Function| {
            let is_generic = matches!(self.operation, Operation::Enter | Operation::Power | Operation::PowerOfG);
            !is_generic && self.function != "::leave"
                || product.is_some_and(|product| powers::called(image, function).contains(&product))
        };
        let found: Vec<&Function> = image.functions_named(self.function).filter(is_own).collect();
        if found.is_empty() && self.operation == Operation::Enter {
            return Ok(None);
        }
        let [function] = found[..] else {
            return Err(Refused::new(format!("the program has {} functions {}", found.len(), self.function)));
        };
        Ok(Some(function))
    }

    /// Proves the claim about the function at an address. It may rest on functions of which claims are proved.
    pub fn prove(
        &self,
        image: &Image,
        address: u64,
        functions: &Functions,
        most_steps: usize,
    ) -> Result<Proved, Refused> {
        match self.operation {
            Operation::Select => select::prove(image, &self.format, address, most_steps),
            Operation::Power | Operation::PowerOfG => {
                let lengths = powers::lengths(self.operation);
                powers::prove(image, self, address, functions, &lengths)
            }
            Operation::SelectPlain => select::prove_plain(image, &self.format, address, most_steps),
            Operation::Canonical => canonical::prove(image, &self.format, address, most_steps),
            Operation::Leave if self.function != "::leave" => {
                canonical::prove_leave(image, &self.format, address, most_steps)
            }
            Operation::Leave | Operation::Enter => powers::prove_conversion(image, self, address, functions),
            Operation::Product | Operation::Square => product::prove(image, self, address, most_steps),
        }
    }

    /// Adds the function to those that others may rest on.
    pub fn add_to(&self, functions: &mut Functions, address: u64) {
        if let Some(contract) = self.operation.contract() {
            functions.insert(address, contract);
        }
    }
}
