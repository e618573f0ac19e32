//! Servers that are not ours: httpbin, nginx with TLS, tinyproxy, microsocks. `tests/servers/setup.sh` prepares them.

use crate::common::server::Server;
use crate::common::{root, skip};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};
use tempfile::TempDir;

const SETUP: &str = "run tests/servers/setup.sh";

/// The address of httpbin, one for the whole test program. `None`, after `skip`, where it is not prepared.
pub fn httpbin() -> Option<&'static str> {
    // It ends with this process, when its standard input closes.
    static SERVER: OnceLock<Option<(String, Server)>> = OnceLock::new();
    let server = SERVER.get_or_init(|| {
        let python = cache().join("httpbin/bin/python");
        if !python.exists() {
            return None;
        }
        let script = root().join("tests/servers/serve_httpbin.py");
        let server = Server::start(Command::new(python).arg(script));
        Some((server.text("url"), server))
    });
    if server.is_none() {
        skip(&format!("no httpbin: {SETUP}"));
    }
    server.as_ref().map(|(url, _)| url.as_str())
}

fn cache() -> PathBuf {
    std::env::var_os("OBMEN_CACHE")
        .map(PathBuf::from)
        .unwrap_or_else(|| PathBuf::from(std::env::var_os("HOME").unwrap_or_default()).join(".cache/obmen"))
}

/// The path of a program; `None`, after `skip`, where it is not installed.
pub fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
    let found = folders.map(|folder| folder.join(name)).find(|file| file.is_file());
    if found.is_none() {
        skip(&format!("no {name}: {SETUP}"));
    }
    found
}

/// Ports of 127.0.0.1 that nobody listens on.
pub fn free_ports<const COUNT: usize>() -> [u16; COUNT] {
    // All are held until all are known, so that they differ.
    let held: [TcpListener; COUNT] = std::array::from_fn(|_| TcpListener::bind("127.0.0.1:0").unwrap());
    held.map(|listener| listener.local_addr().unwrap().port())
}

/// A program that serves until the test ends.
pub struct Daemon {
    child: Child,
    pub directory: TempDir,
}

impl Daemon {
    /// Starts `command` and waits until `port` answers.
    pub fn start(command: &mut Command, port: u16, directory: TempDir) -> Self {
        let log = std::fs::File::create(directory.path().join("output.log")).unwrap();
        let child = command
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let mut daemon = Self { child, directory };
        let deadline = Instant::now() + Duration::from_secs(60);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let said =
                || std::fs::read_to_string(daemon.directory.path().join("output.log")).unwrap_or_default();
            assert!(daemon.child.try_wait().unwrap().is_none(), "{command:?} ended: {}", said());
            assert!(Instant::now() < deadline, "{command:?} does not listen: {}", said());
            std::thread::sleep(Duration::from_millis(20));
        }
        daemon
    }

    pub fn path(&self) -> &Path {
        self.directory.path()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// nginx with one certificate per port, in a folder of its own.
pub struct Nginx {
    pub daemon: Daemon,
    pub plain: String,
    pub trusted: String,
    pub client_wanted: String,
    pub expired: String,
    pub wrong_host: String,
    pub self_signed: String,
    pub foreign: String,
    /// The authority that signed the good certificates, PEM.
    pub ca_file: PathBuf,
    /// A client certificate with its key in one PEM file.
    pub client_pem: PathBuf,
    /// The files of the site.
    pub files: PathBuf,
}

/// Starts nginx; `None`, after `skip`, where it is not installed.
pub fn nginx() -> Option<Nginx> {
    let program = program("nginx")?;
    let directory = TempDir::new().unwrap();
    let folder = directory.path().to_owned();
    let files = folder.join("files");
    std::fs::create_dir(&files).unwrap();
    let ports: [u16; 7] = free_ports();
    super::certificates::write_all(&folder);
    let names = ["", "trusted", "trusted", "expired", "wrong_host", "self_signed", "foreign"];
    let mut servers = String::new();
    for (place, (port, name)) in ports.iter().zip(names).enumerate() {
        let tls = match name {
            "" => String::new(),
            name => format!("ssl_certificate {name}.pem; ssl_certificate_key {name}.key;"),
        };
        let client = if place == 2 { "ssl_client_certificate ca.pem; ssl_verify_client on;" } else { "" };
        let ssl = if tls.is_empty() { "" } else { " ssl" };
        servers += &format!(
            "server {{ listen 127.0.0.1:{port}{ssl}; {tls} {client} root files; keepalive_requests 100000;
                location /put/ {{ dav_methods PUT; client_max_body_size 0; create_full_put_path on; }}
                location /small/ {{ client_max_body_size 1k; proxy_pass http://127.0.0.1:{plain}/; }}
                location /cp1251.txt {{ default_type 'text/plain; charset=windows-1251'; }}
                location /echo {{ return 200 $ssl_client_s_dn; }} }}\n",
            plain = ports[0],
        );
    }
    let configuration = format!(
        "daemon off; master_process off; pid nginx.pid; error_log error.log;
         events {{ worker_connections 200; }}
         http {{ access_log off; client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
         uwsgi_temp_path uwsgi; scgi_temp_path scgi; {servers} }}"
    );
    std::fs::write(folder.join("nginx.conf"), configuration).unwrap();
    let mut command = Command::new(program);
    command.arg("-p").arg(&folder).args(["-c", "nginx.conf", "-e", "error.log"]);
    let daemon = Daemon::start(&mut command, ports[0], directory);
    let [plain, trusted, client_wanted, expired, wrong_host, self_signed, foreign] = ports;
    let tls = |port| format!("https://localhost:{port}");
    Some(Nginx {
        plain: format!("http://127.0.0.1:{plain}"),
        trusted: tls(trusted),
        client_wanted: tls(client_wanted),
        expired: tls(expired),
        wrong_host: tls(wrong_host),
        self_signed: tls(self_signed),
        foreign: tls(foreign),
        ca_file: folder.join("ca.pem"),
        client_pem: folder.join("client_all.pem"),
        files,
        daemon,
    })
}

/// tinyproxy that wants `user` and `pass word`; gives its `host:port`.
pub fn tinyproxy() -> Option<(String, Daemon)> {
    let program = program("tinyproxy")?;
    let directory = TempDir::new().unwrap();
    let [port] = free_ports();
    let file = directory.path().join("tinyproxy.conf");
    let log = directory.path().join("proxy.log");
    let configuration = format!(
        "Port {port}\nListen 127.0.0.1\nTimeout 60\nMaxClients 50\nAllow 127.0.0.1\nBasicAuth user pass-word\n\
         LogFile \"{}\"\nLogLevel Connect\n",
        log.display()
    );
    std::fs::write(&file, configuration).unwrap();
    let daemon = Daemon::start(Command::new(program).arg("-d").arg("-c").arg(&file), port, directory);
    Some((format!("127.0.0.1:{port}"), daemon))
}

/// microsocks that wants `user` and `pass-word`; gives its `host:port`.
pub fn microsocks() -> Option<(String, Daemon)> {
    let program = program("microsocks")?;
    let directory = TempDir::new().unwrap();
    let [port] = free_ports();
    let mut command = Command::new(program);
    command.args(["-i", "127.0.0.1", "-p", &port.to_string(), "-u", "user", "-P", "pass-word"]);
    Some((format!("127.0.0.1:{port}"), Daemon::start(&mut command, port, directory)))
}
