//! A web site that takes everything, and the least client that can talk to it: the bare cost of the way.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 74\r\n\r\n\
{\"status\":\"success\",\"processed\":100,\"created\":100,\"updated\":0,\"errors\":[]}";

pub struct Sink {
    address: SocketAddr,
}

impl Sink {
    /// Listens on a free port until the process ends.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                std::thread::spawn(move || serve(stream));
            }
        });
        Self { address }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

/// Reads a message with a Content-Length into `body`; none at the end of the stream.
fn read_message(reader: &mut impl BufRead, line: &mut String, body: &mut Vec<u8>) -> Option<()> {
    let mut length = 0;
    loop {
        line.clear();
        if reader.read_line(line).ok()? == 0 {
            return None;
        }
        let header = line.trim_end();
        if header.is_empty() {
            break;
        }
        if let Some((name, value)) = header.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().ok()?;
        }
    }
    body.resize(length, 0);
    reader.read_exact(body).ok()
}

/// Reads requests and answers each with one write.
fn serve(stream: TcpStream) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut reader = BufReader::with_capacity(64 * 1024, &stream);
    let (mut line, mut body) = (String::new(), Vec::new());
    loop {
        read_message(&mut reader, &mut line, &mut body)?;
        std::hint::black_box(&body);
        (&stream).write_all(ANSWER).ok()?;
    }
}

/// Sends all bodies over one connection, one after another, each with one write, and reads the answers.
pub fn drive(address: SocketAddr, bodies: &[String]) {
    let stream = TcpStream::connect(address).expect("the sink listens");
    stream.set_nodelay(true).expect("a socket");
    let mut reader = BufReader::new(&stream);
    let (mut line, mut answer, mut message) = (String::new(), Vec::new(), Vec::new());
    for body in bodies {
        message.clear();
        let length = body.len();
        write!(
            message,
            "POST /api/1c/sync/ HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nContent-Length: \
             {length}\r\n\r\n{body}"
        )
        .expect("memory");
        (&stream).write_all(&message).expect("sent");
        read_message(&mut reader, &mut line, &mut answer).expect("answered");
    }
}
