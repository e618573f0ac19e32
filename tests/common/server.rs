//! A helper program that prints one line of JSON about itself and runs until its standard input closes.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdin, Command, Stdio};

pub struct Server {
    child: Child,
    input: Option<ChildStdin>,
    /// What it said about itself.
    pub about: serde_json::Value,
}

impl Server {
    pub fn start(command: &mut Command) -> Self {
        let mut child = command
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let input = child.stdin.take();
        let mut line = String::new();
        let output = child.stdout.take().expect("piped");
        BufReader::new(output).read_line(&mut line).expect("the first line");
        let about = serde_json::from_str(&line).unwrap_or_else(|_| panic!("{command:?} said: {line:?}"));
        Self { child, input, about }
    }

    pub fn text(&self, key: &str) -> String {
        self.about[key].as_str().unwrap_or_else(|| panic!("{key} in {}", self.about)).to_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.child.wait();
    }
}
