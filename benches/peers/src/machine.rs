//! The description of the machine.

use std::collections::HashMap;

/// Returns the processor if the system names it, with the number of its cores, the architecture and the system.
pub fn describe() -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{}, {cores} cores, {} {}", processor(), std::env::consts::ARCH, std::env::consts::OS)
}

/// Reads the processor's name on Linux. Other systems have the architecture only.
fn processor() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let fields: HashMap<&str, &str> = text
        .lines()
        .rev()
        .filter_map(|line| line.split_once(':'))
        .map(|(key, value)| (key.trim(), value.trim()))
        .collect();
    let Some(name) = fields.get("model name") else {
        return "unnamed processor".into();
    };
    // Virtual machines hide the model number in the name, but not in these fields.
    match (fields.get("cpu family"), fields.get("model")) {
        (Some(family), Some(model)) => format!("{name} (family {family}, model {model})"),
        _ => (*name).into(),
    }
}
