//! Which backend is used: the fastest that the CPU has, unless the build or a measurement asks for another.

use std::collections::BTreeSet;

use cognito_srp6a::hazmat::Backend;

/// The backends whose features the standard library finds in the CPU.
fn backends_of_this_cpu() -> Vec<&'static str> {
    let narrow = cfg!(any(
        target_family = "wasm",
        not(any(target_pointer_width = "64", target_arch = "x86_64", target_arch = "aarch64"))
    ));
    #[cfg_attr(not(target_arch = "x86_64"), allow(unused_mut, reason = "there is no other backend"))]
    let mut names = if narrow { vec!["portable", "digits28"] } else { vec!["digits28", "portable"] };
    #[cfg(target_arch = "x86_64")]
    {
        let has_all = |features: &[bool]| features.iter().all(|&has| has);
        let ifma = [
            is_x86_feature_detected!("avx2"),
            is_x86_feature_detected!("fma"),
            is_x86_feature_detected!("avx512f"),
            is_x86_feature_detected!("avx512bw"),
            is_x86_feature_detected!("avx512ifma"),
            is_x86_feature_detected!("avx512vbmi"),
        ];
        names.extend(is_x86_feature_detected!("bmi2").then_some("bmi2"));
        let fma = [is_x86_feature_detected!("avx2"), is_x86_feature_detected!("fma")];
        names.extend(has_all(&fma).then_some("fma"));
        let avx = [is_x86_feature_detected!("avx2"), is_x86_feature_detected!("avxifma")];
        names.extend(has_all(&avx).then_some("avxifma"));
        names.extend(has_all(&ifma).then_some("ifma"));
    }
    names
}

/// The backend that the build asks for (`--cfg cognito_srp6a_backend="…"`).
fn preferred() -> Option<&'static str> {
    let choices = [
        ("digits28", cfg!(cognito_srp6a_backend = "digits28")),
        ("portable", cfg!(cognito_srp6a_backend = "portable")),
        ("bmi2", cfg!(cognito_srp6a_backend = "bmi2")),
        ("fma", cfg!(cognito_srp6a_backend = "fma")),
        ("avxifma", cfg!(cognito_srp6a_backend = "avxifma")),
        ("ifma", cfg!(cognito_srp6a_backend = "ifma")),
    ];
    choices.into_iter().find_map(|(name, chosen)| chosen.then_some(name))
}

/// One test and not three, because the choice is the whole process's.
#[test]
fn the_fastest_backend_of_the_cpu_is_used_unless_another_is_asked_for() {
    let all: Vec<_> = Backend::all().into_iter().map(Backend::name).collect();
    assert_eq!(all, backends_of_this_cpu());
    println!("this CPU has {all:?}");

    let left_out = |name: &str| cfg!(cognito_srp6a_backend = "no-fma") && name == "fma";
    let fastest = *all.iter().rfind(|name| !left_out(name)).unwrap();
    let wanted = preferred().filter(|name| all.contains(name)).unwrap_or(fastest);
    assert_eq!(Backend::in_use().name(), wanted);

    // A choice is for the whole process, and none changes a result.
    let mut base = [0; 384];
    base[383] = 3;
    let mut results = BTreeSet::new();
    for backend in Backend::all() {
        backend.use_everywhere();
        assert_eq!(Backend::in_use().name(), backend.name());
        results.insert(backend.pow(&base, &[0xa5; 65]).unwrap());
    }
    assert_eq!(results.len(), 1);
}
