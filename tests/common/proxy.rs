//! The fault proxy (`tests/proxy/proxy.py`) between the library and a site.

use super::root;
use super::server::Server;
use serde_json::Value;
use std::process::Command;
use tempfile::TempDir;

pub struct Proxy {
    pub url: String,
    _server: Server,
    directory: TempDir,
}

impl Proxy {
    /// Starts a proxy to `upstream` (`host:port`) that follows `script`; its form is told in `proxy.py`.
    pub fn start(upstream: &str, script: &Value) -> Self {
        let directory = TempDir::new().expect("a folder");
        let script_file = directory.path().join("script.json");
        std::fs::write(&script_file, script.to_string()).expect("the script");
        let server = Server::start(
            Command::new("python3")
                .arg(root().join("tests/proxy/proxy.py"))
                .args(["--upstream", upstream, "--script"])
                .arg(&script_file)
                .arg("--log")
                .arg(directory.path().join("log.jsonl")),
        );
        Self { url: server.text("url"), _server: server, directory }
    }

    /// All requests so far, as the proxy logged them.
    pub fn log(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.directory.path().join("log.jsonl")).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).expect("a line of the log")).collect()
    }
}
