//! A connection with a deadline for reading each answer.

use std::future::Future as _;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};

/// A stream that fails if the client does not read a whole answer within some time, even if it reads a part.
///
/// The HTTP library has a deadline for reading and none for writing. Without one, clients that never read would hold their
/// connections forever. The library flushes when it has written a whole answer, so the flush ends the answer's time.
pub struct Deadline {
    stream: TcpStream,
    patience: Duration,
    /// Starts with the first byte of an answer.
    answer: Option<Pin<Box<Sleep>>>,
}

impl Deadline {
    pub fn new(stream: TcpStream, patience: Duration) -> Self {
        Self { stream, patience, answer: None }
    }
}

impl AsyncRead for Deadline {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, into)
    }
}

impl AsyncWrite for Deadline {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, from: &[u8]) -> Poll<io::Result<usize>> {
        let Self { stream, patience, answer } = &mut *self;
        let answer = answer.get_or_insert_with(|| Box::pin(sleep(*patience)));
        // Check before each write: if a client reads a few bytes at a time, every write succeeds.
        if answer.as_mut().poll(context).is_ready() {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        Pin::new(stream).poll_write(context, from)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.stream).poll_flush(context))?;
        self.answer = None;
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
