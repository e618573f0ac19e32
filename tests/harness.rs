//! The library as a host sees it: the C harness loads it and uses every class through the binary interface.

mod common;

use common::{host, run, skip};
use std::process::Command;

/// Runs all cases in a folder of their own: some of them make log folders with strange names.
fn run_cases(program: &std::path::Path, prefix: &[&str], repeat: Option<u32>) {
    let folder = tempfile::tempdir().expect("a folder");
    let command = |case: Option<&str>| {
        // Nothing here takes long; what hangs is killed.
        let mut words: Vec<_> = ["timeout", "900"].iter().chain(prefix).map(std::ffi::OsStr::new).collect();
        words.push(program.as_os_str());
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).arg(host::library()).args(case).current_dir(folder.path());
        if let Some(repeat) = repeat {
            command.env("HARNESS_REPEAT", repeat.to_string());
        }
        command
    };
    run(&mut command(None));
    for case in run(Command::new(program).arg("--list")).lines() {
        run(&mut command(Some(case)));
    }
}

#[test]
fn every_class_keeps_the_rules_of_the_host() {
    let Some(programs) = host::plain() else { return };
    run_cases(&programs.tests, &[], None);
}

/// The host is instrumented, the library only when `OBMEN_LIBRARY` names one that is: then both sides are seen.
#[test]
fn the_address_sanitizer_has_no_complaints() {
    let flags = ["-fsanitize=address,undefined", "-fno-sanitize-recover=undefined"];
    let Some(programs) = host::build("harness-sanitized", &flags) else { return };
    run_cases(&programs.tests, &[], Some(50));
}

#[test]
fn valgrind_has_no_complaints() {
    if Command::new("valgrind").arg("--version").output().is_err() {
        return skip("no valgrind");
    }
    let Some(programs) = host::plain() else { return };
    let suppressions =
        format!("--suppressions={}", common::root().join("tests/harness/valgrind.supp").display());
    let options =
        ["-q", "--leak-check=full", "--show-leak-kinds=definite", "--errors-for-leak-kinds=definite"];
    let valgrind: Vec<&str> =
        ["valgrind"].into_iter().chain(options).chain(["--error-exitcode=9", &suppressions]).collect();
    run_cases(&programs.tests, &valgrind, Some(3));
}
