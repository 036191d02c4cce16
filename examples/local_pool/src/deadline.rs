//! A connection whose answers must be read in time.

use std::future::Future as _;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};

/// A stream that fails when an answer is not written within some time, however much of it was.
///
/// The HTTP library has a deadline for reading and none for writing: without one, clients that never read hold their places
/// for good. It flushes once an answer is written in whole, so that is where the time of an answer ends.
pub struct Deadline {
    stream: TcpStream,
    patience: Duration,
    /// Runs from an answer's first byte.
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
        // Looked at before each write: a client that reads by drops makes every write succeed.
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
