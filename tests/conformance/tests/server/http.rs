//! HTTP/1.1 as far as the program under test speaks it: one call on each connection.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use super::Server;

pub fn serve(server: Arc<Server>) -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let server = Arc::clone(&server);
            // The client has gone if this fails.
            thread::spawn(move || stream.and_then(|stream| converse(&server, stream)));
        }
    });
    address
}

fn converse(server: &Server, stream: TcpStream) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let (mut operation, mut length, mut is_signed) = (String::new(), 0, false);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            if line.trim_end().is_empty() {
                break;
            }
            continue;
        };
        match name.to_ascii_lowercase().as_str() {
            "x-amz-target" => operation = value.rsplit('.').next().map(str::to_owned).unwrap_or_default(),
            "content-length" => length = value.parse().unwrap_or(0),
            "authorization" => is_signed = value.starts_with("AWS4-HMAC-SHA256 "),
            _ => (),
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let Some((status, answer)) = server.call(&operation, is_signed, &body) else { return Ok(()) };
    let answer = answer.to_string();
    let head = format!("HTTP/1.1 {status} -\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", answer.len());
    reader.into_inner().write_all((head + &answer).as_bytes())
}
