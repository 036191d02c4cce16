//! What Python gets: dictionaries as boto3 has them.

use pyo3::prelude::*;
use pyo3::types::PyDict;
use zeroize::Zeroizing;

use crate::input::Parameters;

/// Takes the pairs of a message into memory that is wiped.
pub fn wiped(pairs: Vec<(&'static str, String)>) -> Parameters {
    pairs.into_iter().map(|(name, value)| (name, Zeroizing::new(value))).collect()
}

/// Makes a dictionary. Its texts are Python's, which does not wipe them.
pub fn dictionary<'py>(py: Python<'py>, parameters: &Parameters) -> PyResult<Bound<'py, PyDict>> {
    let dictionary = PyDict::new(py);
    for (name, value) in parameters {
        dictionary.set_item(name, value.as_str())?;
    }
    Ok(dictionary)
}

/// Makes the dictionary of a message that is used up.
pub fn message<'py>(py: Python<'py>, pairs: Vec<(&'static str, String)>) -> PyResult<Bound<'py, PyDict>> {
    dictionary(py, &wiped(pairs))
}
