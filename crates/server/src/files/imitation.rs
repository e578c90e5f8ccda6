//! An imitation of an S3 service, as much of its protocol as is needed here, and the tests against it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, TryStreamExt, stream};
use model::{OrgId, Timestamp, UserId};
use parking_lot::Mutex;
use uuid::Uuid;

use super::objects::{Bucket, Draft, Failure, Key, Objects};

#[derive(Default)]
struct Service {
    objects: BTreeMap<String, Bytes>,
    parts: BTreeMap<u32, Bytes>,
    /// Method and what it was about, in order.
    log: Vec<String>,
    /// Refuses to put the parts together.
    stubborn: bool,
}

type Shared = Arc<Mutex<Service>>;

async fn serve(
    State(service): State<Shared>,
    Query(query): Query<BTreeMap<String, String>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let signed = headers[header::AUTHORIZATION].to_str().unwrap();
    assert!(signed.starts_with("AWS4-HMAC-SHA256 Credential=somebody/"));
    assert!(signed.contains("/here/s3/"), "{signed}");
    let key = uri.path().strip_prefix("/specs/").unwrap().to_owned();
    let mut service = service.lock();
    let what = match (query.get("partNumber"), query.contains_key("uploadId")) {
        (Some(number), _) => format!("part {number}"),
        (None, true) => "upload".into(),
        (None, false) if query.contains_key("uploads") => "uploads".into(),
        _ => "object".into(),
    };
    service.log.push(format!("{method} {what}"));
    let tag = (header::ETAG, "\"tag\"");
    match (method.as_str(), what.as_str()) {
        ("PUT", "object") => {
            service.objects.insert(key, body);
            [tag].into_response()
        }
        ("PUT", _) => {
            let number = query["partNumber"].parse().unwrap();
            service.parts.insert(number, body);
            [tag].into_response()
        }
        ("POST", "uploads") => format!(
            "<InitiateMultipartUploadResult><Bucket>specs</Bucket><Key>{key}</Key><UploadId>u1</UploadId></InitiateMultipartUploadResult>"
        )
        .into_response(),
        ("POST", "upload") if service.stubborn => StatusCode::FORBIDDEN.into_response(),
        ("POST", "upload") => {
            let whole: Vec<Bytes> = std::mem::take(&mut service.parts).into_values().collect();
            service.objects.insert(key.clone(), whole.concat().into());
            format!("<CompleteMultipartUploadResult><Bucket>specs</Bucket><Key>{key}</Key><ETag>\"tag\"</ETag></CompleteMultipartUploadResult>")
                .into_response()
        }
        ("DELETE", "upload") => {
            service.parts.clear();
            StatusCode::NO_CONTENT.into_response()
        }
        ("DELETE", _) => {
            service.objects.remove(&key);
            StatusCode::NO_CONTENT.into_response()
        }
        ("GET" | "HEAD", _) => {
            let Some(bytes) = service.objects.get(&key).cloned() else {
                return StatusCode::NOT_FOUND.into_response();
            };
            let modified = (header::LAST_MODIFIED, "Sat, 21 Nov 2026 14:00:00 GMT");
            let range = headers.get(header::RANGE).map(|range| {
                let range = range.to_str().unwrap().strip_prefix("bytes=").unwrap();
                let (first, last) = range.split_once('-').unwrap();
                first.parse::<usize>().unwrap()..last.parse::<usize>().unwrap() + 1
            });
            match range {
                None => ([tag, modified], bytes).into_response(),
                Some(range) => {
                    let sent = format!("bytes {}-{}/{}", range.start, range.end - 1, bytes.len());
                    let sent = [(header::CONTENT_RANGE, sent)];
                    (StatusCode::PARTIAL_CONTENT, [tag, modified], sent, bytes.slice(range))
                        .into_response()
                }
            }
        }
        _ => StatusCode::METHOD_NOT_ALLOWED.into_response(),
    }
}

/// A service on a port of its own, and objects in a bucket of it.
async fn bucket() -> (Shared, Objects, tempfile::TempDir) {
    // Another test may have installed it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let service = Shared::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address: SocketAddr = listener.local_addr().unwrap();
    let router = axum::Router::new()
        .fallback(serve)
        .layer(axum::extract::DefaultBodyLimit::disable())
        .with_state(service.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let folder = tempfile::tempdir().unwrap();
    let bucket = Bucket {
        name: "specs".into(),
        prefix: "canopy".into(),
        endpoint: Some(format!("http://{address}")),
        region: Some("here".into()),
        access_key_id: Some("somebody".into()),
        secret_access_key: Some("hunter2".into()),
    };
    let objects = Objects::s3(&bucket, folder.path()).unwrap();
    (service, objects, folder)
}

async fn draft(objects: &Objects, bytes: &[u8]) -> Result<Draft, Failure> {
    let chunks = bytes
        .chunks(1 << 16)
        .map(|chunk| Ok::<_, ()>(Bytes::copy_from_slice(chunk)));
    objects.receive(&mut stream::iter(chunks), 1 << 30).await
}

async fn read(objects: &Objects, key: &Key, part: Option<std::ops::Range<u64>>) -> Vec<u8> {
    let chunks: Vec<Bytes> = objects
        .open(key, part)
        .await
        .unwrap()
        .try_collect()
        .await
        .unwrap();
    chunks.concat()
}

fn temporary(folder: &tempfile::TempDir) -> usize {
    std::fs::read_dir(folder.path().join("incoming"))
        .unwrap()
        .count()
}

const ORG: OrgId = OrgId(Uuid::from_u128(1));

#[tokio::test]
async fn a_bucket_keeps_small_objects() {
    let (service, objects, folder) = bucket().await;
    let small = draft(&objects, b"small").await.unwrap();
    assert_eq!(temporary(&folder), 1);
    let key = Key::content(ORG, &small.hash);
    objects.keep(small, &key).await.unwrap();
    assert_eq!(temporary(&folder), 0);
    assert_eq!(read(&objects, &key, None).await, b"small");
    assert_eq!(read(&objects, &key, Some(1..3)).await, b"ma");
    let name = service.lock().objects.keys().next().unwrap().clone();
    assert_eq!(name.len(), "canopy/".len() + 36 + 1 + 2 + 1 + 64, "{name}");
    assert!(name.starts_with(&format!("canopy/{ORG}/")), "{name}");

    // The same again isn't sent again.
    let again = draft(&objects, b"small").await.unwrap();
    objects.keep(again, &key).await.unwrap();
    let puts = service
        .lock()
        .log
        .iter()
        .filter(|line| *line == "PUT object")
        .count();
    assert_eq!(puts, 1);

    objects.remove(&key).await.unwrap();
    objects.remove(&key).await.unwrap();
    assert!(matches!(
        objects.open(&key, None).await.err(),
        Some(Failure::Store(object_store::Error::NotFound { .. }))
    ));
    objects.check().await.unwrap();
    assert!(service.lock().objects.is_empty());
}

#[tokio::test]
async fn a_bucket_keeps_large_objects_in_parts() {
    let (service, objects, _folder) = bucket().await;
    let bytes: Vec<u8> = (0..20_u32 << 20).map(|n| (n % 251) as u8).collect();
    let large = draft(&objects, &bytes).await.unwrap();
    let key = Key::avatar(UserId(Uuid::nil()), "v");
    objects.keep(large, &key).await.unwrap();
    assert!(read(&objects, &key, None).await == bytes);
    let mut log = service.lock().log.clone();
    log.retain(|line| line.starts_with('P'));
    assert_eq!(
        log,
        [
            "POST uploads",
            "PUT part 1",
            "PUT part 2",
            "PUT part 3",
            "POST upload"
        ]
    );
}

#[tokio::test]
async fn an_upload_that_fails_is_taken_back() {
    let (service, objects, folder) = bucket().await;
    service.lock().stubborn = true;
    let large = draft(&objects, &vec![7; 9 << 20]).await.unwrap();
    let key = Key::content(ORG, &large.hash);
    objects.keep(large, &key).await.unwrap_err();
    let service = service.lock();
    assert!(
        service.objects.is_empty() && service.parts.is_empty(),
        "{:?}",
        service.log
    );
    assert_eq!(service.log.last().unwrap(), "DELETE upload");
    assert_eq!(temporary(&folder), 0);
}

#[tokio::test]
async fn a_folder_keeps_objects_once_and_no_leftovers() {
    let folder = tempfile::tempdir().unwrap();
    let objects = Objects::folder(folder.path()).unwrap();
    objects.check().await.unwrap();
    for _ in 0..2 {
        let some = draft(&objects, b"some").await.unwrap();
        let key = Key::content(ORG, &some.hash);
        objects.keep(some, &key).await.unwrap();
        assert_eq!(read(&objects, &key, Some(2..4)).await, b"me");
    }
    drop(draft(&objects, b"nobody keeps this").await.unwrap());
    let mut broken = stream::iter([Ok(Bytes::from_static(b"half")), Err(())]);
    let failed = objects.receive(&mut broken, 100).await.unwrap_err();
    assert!(matches!(failed, Failure::Broken));
    let mut endless = stream::repeat(Ok::<_, ()>(Bytes::from_static(b"0123456789"))).boxed();
    let failed = objects.receive(&mut endless, 25).await.unwrap_err();
    assert!(matches!(failed, Failure::TooLarge(25)));
    assert_eq!(temporary(&folder), 0);
}

#[tokio::test]
async fn what_a_killed_process_left_is_swept() {
    let folder = tempfile::tempdir().unwrap();
    let objects = Objects::folder(folder.path()).unwrap();
    let incoming = folder.path().join("incoming");
    let now = Timestamp::from_micros(1_790_000_000_000_000);
    for (name, hours) in [
        ("upload-old", 25),
        ("upload-new", 23),
        ("somebody-elses", 99),
    ] {
        let file = std::fs::File::create(incoming.join(name)).unwrap();
        let at = now.plus_seconds(-hours * 3_600).micros().unsigned_abs();
        file.set_modified(std::time::UNIX_EPOCH + std::time::Duration::from_micros(at))
            .unwrap();
    }
    objects.sweep(now).await.unwrap();
    let mut left: Vec<_> = std::fs::read_dir(&incoming)
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    left.sort_unstable();
    assert_eq!(left, ["somebody-elses", "upload-new"]);
}
