//! A small HTTP/1.1 server: a thread per connection, keep-alive, and whatever a broken server does.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// A larger body is refused: the largest real one is a few megabytes.
const LARGEST_BODY: usize = 64 << 20;
/// A connection without a request is closed after this.
const IDLE: Duration = Duration::from_secs(30);

/// What a client asked for.
#[derive(Debug, Clone, Default)]
pub struct Request {
    pub method: String,
    pub path: String,
    pub query: String,
    pub content_type: String,
    pub body: Vec<u8>,
}

impl Request {
    /// The value of a parameter after `?`.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .find(|(key, _)| *key == name)
            .map(|(_, v)| v)
    }
}

/// What the server does with a request.
#[derive(Debug, Clone)]
pub enum Reply {
    /// An ordinary answer.
    Answer { status: u16, content_type: &'static str, body: Vec<u8> },
    /// No answer for so long, then the connection is closed.
    Hang(Duration),
    /// The connection is reset without an answer.
    Reset,
    /// The answer, one byte at a time with a pause after each.
    Slow { reply: Box<Reply>, pause: Duration },
}

impl Reply {
    pub fn xml(body: impl Into<Vec<u8>>) -> Self {
        Self::Answer { status: 200, content_type: "application/xml", body: body.into() }
    }

    pub fn text(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self::Answer { status, content_type: "text/html; charset=utf-8", body: body.into() }
    }

    pub fn json(body: &serde_json::Value) -> Self {
        Self::Answer { status: 200, content_type: "application/json", body: body.to_string().into_bytes() }
    }
}

/// Decides before the body is read (`None`: go on) and after it.
pub trait Handler: Send + Sync + 'static {
    fn before_body(&self, _request: &Request) -> Option<Reply> {
        None
    }
    fn handle(&self, request: &Request) -> Reply;
}

/// A running server; dropping it stops it.
pub struct Server {
    address: SocketAddr,
    stop: Arc<AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Server {
    /// Listens on 127.0.0.1; port 0 takes a free one.
    pub fn start(port: u16, handler: Arc<dyn Handler>) -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port))?;
        let address = listener.local_addr()?;
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::Builder::new().stack_size(128 << 10).spawn(move || {
            let open = Arc::new(AtomicUsize::new(0));
            for stream in listener.incoming() {
                if stopped.load(Ordering::SeqCst) {
                    break;
                }
                let Ok(stream) = stream else { continue };
                let (handler, stopped) = (Arc::clone(&handler), Arc::clone(&stopped));
                let counted = Arc::clone(&open);
                counted.fetch_add(1, Ordering::SeqCst);
                let spawned = std::thread::Builder::new().stack_size(512 << 10).spawn(move || {
                    // A client that goes away is no concern of the server.
                    let _ = serve(stream, handler.as_ref(), &stopped);
                    counted.fetch_sub(1, Ordering::SeqCst);
                });
                if spawned.is_err() {
                    open.fetch_sub(1, Ordering::SeqCst);
                }
            }
        })?;
        Ok(Self { address, stop, thread: Some(thread) })
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // Wakes the listener, which then sees the flag.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn serve(stream: TcpStream, handler: &dyn Handler, stop: &AtomicBool) -> std::io::Result<()> {
    stream.set_read_timeout(Some(IDLE))?;
    stream.set_nodelay(true)?;
    let mut writer = stream.try_clone()?;
    let mut reader = BufReader::new(stream);
    while let Some((mut request, length)) = head(&mut reader)? {
        if stop.load(Ordering::SeqCst) {
            break;
        }
        let early = handler.before_body(&request);
        let reply = match early {
            Some(reply) => reply,
            None => {
                request.body = body(&mut reader, length)?;
                handler.handle(&request)
            }
        };
        let go_on = send(&mut writer, &reply, stop)?;
        if !go_on {
            break;
        }
    }
    Ok(())
}

/// Length of a body: known, chunked.
enum Length {
    Known(usize),
    Chunked,
}

fn head(reader: &mut BufReader<TcpStream>) -> std::io::Result<Option<(Request, Length)>> {
    let mut line = String::new();
    if reader.by_ref().take(16 << 10).read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split_whitespace();
    let method = words.next().unwrap_or_default().to_owned();
    let target = words.next().unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut request = Request { method, path: path.into(), query: query.into(), ..Request::default() };
    let mut length = Length::Known(0);
    loop {
        let mut line = String::new();
        if reader.by_ref().take(16 << 10).read_line(&mut line)? == 0 || line.trim().is_empty() {
            return Ok(Some((request, length)));
        }
        let Some((name, value)) = line.split_once(':') else { continue };
        match name.trim().to_ascii_lowercase().as_str() {
            "content-length" => length = Length::Known(value.trim().parse().unwrap_or(0)),
            "transfer-encoding" => length = Length::Chunked,
            "content-type" => request.content_type = value.trim().to_owned(),
            _ => {}
        }
    }
}

fn body(reader: &mut BufReader<TcpStream>, length: Length) -> std::io::Result<Vec<u8>> {
    let too_large = || std::io::Error::other("the body is too large");
    let mut body = Vec::new();
    match length {
        Length::Known(length) if length > LARGEST_BODY => return Err(too_large()),
        Length::Known(length) => {
            body.resize(length, 0);
            reader.read_exact(&mut body)?;
        }
        Length::Chunked => loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            let size = usize::from_str_radix(line.trim().split(';').next().unwrap_or(""), 16)
                .map_err(std::io::Error::other)?;
            if size + body.len() > LARGEST_BODY {
                return Err(too_large());
            }
            let start = body.len();
            body.resize(start + size, 0);
            reader.read_exact(&mut body[start..])?;
            reader.read_line(&mut line)?;
            if size == 0 {
                break;
            }
        },
    }
    Ok(body)
}

/// Sends a reply; false if the connection ends with it.
fn send(writer: &mut TcpStream, reply: &Reply, stop: &AtomicBool) -> std::io::Result<bool> {
    match reply {
        Reply::Answer { .. } => {
            // In one write: headers and body apart cost 40 ms on a kept connection.
            writer.write_all(&wire(reply))?;
            Ok(true)
        }
        Reply::Hang(duration) => {
            pause(*duration, stop);
            Ok(false)
        }
        Reply::Reset => {
            writer.shutdown(Shutdown::Both)?;
            Ok(false)
        }
        Reply::Slow { reply, pause: each } => {
            for byte in wire(reply) {
                writer.write_all(&[byte])?;
                pause(*each, stop);
                if stop.load(Ordering::SeqCst) {
                    return Ok(false);
                }
            }
            Ok(true)
        }
    }
}

fn wire(reply: &Reply) -> Vec<u8> {
    let Reply::Answer { status, content_type, body } = reply else { return Vec::new() };
    let mut bytes = format!(
        "HTTP/1.1 {status} {}\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n\r\n",
        if *status == 200 { "OK" } else { "Error" },
        body.len()
    )
    .into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

fn pause(duration: Duration, stop: &AtomicBool) {
    let end = Instant::now() + duration;
    while !stop.load(Ordering::SeqCst) {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            break;
        }
        std::thread::sleep(left.min(Duration::from_millis(50)));
    }
}

/// The content of the part `name` of a `multipart/form-data` body.
pub fn part(request: &Request, name: &str) -> Option<Vec<u8>> {
    let boundary = request.content_type.split("boundary=").nth(1)?.trim_matches('"');
    let delimiter = format!("--{boundary}");
    let body = &request.body;
    let mut at = find(body, delimiter.as_bytes(), 0)?;
    loop {
        let start = at + delimiter.len();
        let end = find(body, delimiter.as_bytes(), start)?;
        let part = body.get(start..end)?;
        let split = find(part, b"\r\n\r\n", 0)?;
        let head = String::from_utf8_lossy(part.get(..split)?).to_lowercase();
        if head.contains(&format!("name=\"{name}\"")) || head.contains(&format!("name={name}")) {
            return Some(part.get(split + 4..part.len().checked_sub(2)?)?.to_vec());
        }
        at = end;
    }
}

fn find(haystack: &[u8], needle: &[u8], from: usize) -> Option<usize> {
    haystack.get(from..)?.windows(needle.len()).position(|window| window == needle).map(|at| at + from)
}
