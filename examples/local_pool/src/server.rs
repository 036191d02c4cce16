//! The pool behind HTTP/1.1.

use std::convert::Infallible;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use cognito_srp6a::idp::{ServiceError, ServiceErrorName};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body as _, Bytes, Incoming};
use hyper::header::{CONNECTION, CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::deadline::Deadline;
use crate::pool::{Head, Letter, Pool};

/// The longest body that the server accepts, in bytes: 1 MiB.
const MAX_BODY: usize = 1 << 20;

/// The server reads and discards a longer body up to this length, because a client that is still sending does not see
/// the answer.
const MAX_DISCARDED: u64 = 64 << 20;

/// The path of the list of codes.
const OUTBOX: &str = "/outbox";

/// The headers that let a page on another origin call the pool from a browser.
const CORS: [(&str, &str); 4] = [
    ("access-control-allow-origin", "*"),
    ("access-control-allow-methods", "POST, GET, OPTIONS"),
    ("access-control-allow-headers", "*, authorization"),
    ("access-control-expose-headers", "x-amzn-errortype, x-amzn-requestid"),
];

/// A pool with an address, before it serves.
pub struct Server {
    listener: TcpListener,
    pool: Arc<Pool>,
    patience: Duration,
    connections: usize,
}

impl Server {
    /// Binds an address.
    ///
    /// `patience` limits the time for each request's head, for its body, for reading its answer, and between requests. The
    /// server holds at most `connections` connections; more wait in the system's queue.
    ///
    /// # Errors
    ///
    /// The system's error if the address is not available.
    pub fn bind(listen: SocketAddr, pool: Pool, patience: Duration, connections: usize) -> io::Result<Self> {
        let listener = TcpListener::bind(listen)?;
        listener.set_nonblocking(true)?;
        Ok(Self { listener, pool: Arc::new(pool), patience, connections })
    }

    /// Returns the address, with the port that the system chose.
    ///
    /// # Errors
    ///
    /// The system's error.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until the process ends.
    ///
    /// # Errors
    ///
    /// The system's error if the server cannot start.
    pub fn run(self) -> io::Result<()> {
        show(&self.pool);
        tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(self.accept())
    }

    async fn accept(self) -> io::Result<()> {
        let listener = tokio::net::TcpListener::from_std(self.listener)?;
        let places = Arc::new(Semaphore::new(self.connections));
        loop {
            let place = Arc::clone(&places).acquire_owned().await.expect("never closed");
            let stream = match listener.accept().await {
                Ok((stream, _)) => stream,
                Err(error) => {
                    // For example, no descriptors are left. The error may pass; the pause keeps the loop from spinning.
                    eprintln!("local_pool: {error}");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            };
            let _ = stream.set_nodelay(true);
            let (pool, places, patience) = (Arc::clone(&self.pool), Arc::clone(&places), self.patience);
            let place = Arc::new(place);
            tokio::spawn(async move {
                let answer = service_fn(|request| {
                    let (pool, places, place) = (Arc::clone(&pool), Arc::clone(&places), Arc::clone(&place));
                    async move {
                        let response = answer(&pool, request, patience, place).await;
                        // Other clients may be waiting, so this one must connect again.
                        let taken = places.available_permits() == 0;
                        Ok::<_, Infallible>(if taken { last(response) } else { response })
                    }
                });
                let mut http = http1::Builder::new();
                http.timer(TokioTimer::new()).header_read_timeout(patience).max_buf_size(64 << 10);
                // Errors here mean that the client broke off; the server has nothing to do.
                let _ = http.serve_connection(TokioIo::new(Deadline::new(stream, patience)), answer).await;
            });
        }
    }
}

/// The place of a connection. Its work keeps it when the client has gone.
type Place = Arc<OwnedSemaphorePermit>;

async fn answer(
    pool: &Arc<Pool>,
    request: Request<Incoming>,
    patience: Duration,
    place: Place,
) -> Response<Full<Bytes>> {
    match *request.method() {
        Method::OPTIONS => respond(StatusCode::OK, Bytes::new()),
        Method::POST => call(pool, request, patience, place).await,
        Method::GET => {
            let (path, key_set) = pool.key_set();
            if request.uri().path() == OUTBOX {
                // No page on another origin may read codes.
                without_cors(respond(StatusCode::OK, pool.outbox().into()))
            } else if request.uri().path() == path {
                respond(StatusCode::OK, key_set.to_string().into())
            } else {
                refuse(StatusCode::BAD_REQUEST, &ServiceError::new("UnknownOperationException", ""))
            }
        }
        _ => refuse(StatusCode::BAD_REQUEST, &ServiceError::new("UnknownOperationException", "")),
    }
}

/// Answers one call.
///
/// The arithmetic runs on the runtime's own thread: it takes a few milliseconds, and the runtime has one thread for each
/// core. A pool with triggers may wait for them, so its calls have threads of their own.
async fn call(pool: &Arc<Pool>, request: Request<Incoming>, patience: Duration, place: Place) -> Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    let body = match timeout(patience, read(body)).await {
        Ok(Ok(body)) => body,
        Ok(Err(refused)) => return last(refused),
        Err(_) => {
            let error = ServiceError::new("RequestTimeoutException", "The body did not come in time.");
            return last(refuse(StatusCode::REQUEST_TIMEOUT, &error));
        }
    };
    let work = {
        let pool = Arc::clone(pool);
        move || {
            let answered = pool.call(Head { uri: &head.uri, headers: &head.headers }, &body);
            drop(place);
            answered
        }
    };
    let answered = if pool.has_triggers() {
        let failed = |_| Err(ServiceError::new("InternalErrorException", "The call has broken off."));
        tokio::task::spawn_blocking(work).await.unwrap_or_else(failed)
    } else {
        work()
    };
    match answered {
        Ok(body) => respond(StatusCode::OK, body.into()),
        Err(error) if *error.name() == ServiceErrorName::InternalError => {
            refuse(StatusCode::INTERNAL_SERVER_ERROR, &error)
        }
        Err(error) => refuse(StatusCode::BAD_REQUEST, &error),
    }
}

/// Reads a body of at most 1 MiB. A longer one is discarded.
async fn read(mut body: Incoming) -> Result<Vec<u8>, Response<Full<Bytes>>> {
    let too_long = || {
        let error = ServiceError::new("RequestEntityTooLargeException", "The body has more than 1 MiB.");
        refuse(StatusCode::PAYLOAD_TOO_LARGE, &error)
    };
    if body.size_hint().lower() > MAX_DISCARDED {
        return Err(too_long());
    }
    let mut kept = Vec::new();
    let mut length = 0u64;
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else {
            let error = ServiceError::new("SerializationException", "The body has broken off.");
            return Err(refuse(StatusCode::BAD_REQUEST, &error));
        };
        let Some(data) = frame.data_ref() else { continue };
        length += data.len() as u64;
        if length > MAX_DISCARDED {
            break;
        }
        if length > MAX_BODY as u64 {
            kept = Vec::new();
        } else {
            kept.extend_from_slice(data);
        }
    }
    if length > MAX_BODY as u64 { Err(too_long()) } else { Ok(kept) }
}

fn refuse(status: StatusCode, error: &ServiceError) -> Response<Full<Bytes>> {
    let mut response = respond(status, error.to_json().into());
    if let Ok(name) = HeaderValue::from_str(error.name().as_str()) {
        response.headers_mut().insert("x-amzn-errortype", name);
    }
    response
}

fn respond(status: StatusCode, body: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-amz-json-1.1"));
    for (name, value) in CORS {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    if let Some(id) = Pool::request_id().and_then(|id| HeaderValue::from_str(&id).ok()) {
        headers.insert("x-amzn-requestid", id);
    }
    response
}

/// Removes the headers that let pages on another origin read a response.
fn without_cors(mut response: Response<Full<Bytes>>) -> Response<Full<Bytes>> {
    for (name, _) in CORS {
        response.headers_mut().remove(name);
    }
    response
}

/// Prints letters as they come. This has its own thread: a terminal may be slow, and only users who exist get letters.
fn show(pool: &Pool) {
    let Some(letters) = pool.letters() else { return };
    std::thread::spawn(move || {
        for Letter { medium, to, code, purpose, username, .. } in letters.iter().filter(|letter| !letter.is_decoy) {
            eprintln!("{} to {to:?}: {code} ({purpose}, user {username:?})", medium.name());
        }
    });
}

/// Marks a response as the last on its connection.
fn last(mut response: Response<Full<Bytes>>) -> Response<Full<Bytes>> {
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}
