//! A whole catalogue goes to a web server as a site gets it: read from every form in which 1C hands it over,
//! compared with what an independent reader of the source says.

#[path = "catalogue/mod.rs"]
mod catalogue;
mod common;

use catalogue::Product;
use catalogue::formats::{self, Names};
use obmen::http::InFlight;
use obmen::journal::Journal;
use obmen::operation::{CancelToken, Operation, Silent};
use obmen::site::{Catalogue, ExtraFields, Report, Sending, Settings, Site, Status};
use obmen::value::{Input, open};
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

const TOKEN: &str = "tok\"en-42";

/// The real catalogue of the developers' data folder, or a made-up one with the same oddities.
fn source() -> &'static [Product] {
    static SOURCE: OnceLock<Vec<Product>> = OnceLock::new();
    SOURCE.get_or_init(|| match common::shared("data/products.csv") {
        Some(file) => {
            let text = std::fs::read_to_string(file).expect("the catalogue");
            let products = catalogue::csv::read(&text).expect("CSV");
            assert_eq!(products.len(), 27_093);
            products
        }
        None => catalogue::generate(5_000, 3),
    })
}

/// What the site instruction makes of a product.
fn as_the_site_gets_it(product: &Product) -> Value {
    let number = |text: &String| serde_json::from_str::<Value>(text).expect("a number");
    let mut json = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            json.insert(name.to_owned(), value);
        }
    };
    let filled = |text: &Option<String>| text.clone().filter(|text| !text.is_empty()).map(Value::from);
    put("sku", product.sku.clone().map(Value::from));
    put("name", product.name.clone().map(Value::from));
    put("price", product.price.as_ref().map(number));
    put("description", filled(&product.description));
    let old_price = product.old_price.as_ref().filter(|price| price.parse::<f64>().expect("a number") > 0.0);
    put("old_price", old_price.map(number));
    put("stock", product.stock.as_ref().map(number));
    put("category", filled(&product.category));
    put("is_active", product.is_active.map(Value::from));
    let pairs: Vec<Value> =
        product.characteristics.iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
    put("characteristics", (!pairs.is_empty()).then(|| pairs.into()));
    json.into()
}

/// A web server that takes everything and keeps the bodies of the requests.
struct Sink {
    url: String,
    server: Arc<tiny_http::Server>,
    bodies: Arc<Mutex<Vec<Vec<u8>>>>,
    threads: Vec<std::thread::JoinHandle<()>>,
}

impl Sink {
    fn start() -> Self {
        let server = Arc::new(tiny_http::Server::http("127.0.0.1:0").expect("a free port"));
        let bodies = Arc::new(Mutex::new(Vec::new()));
        let threads = (0..4).map(|_| {
            let (server, bodies) = (Arc::clone(&server), Arc::clone(&bodies));
            std::thread::spawn(move || {
                for mut request in server.incoming_requests() {
                    let key = request.headers().iter().find(|header| header.field.equiv("X-API-Key")).cloned();
                    assert!(key.is_some(), "no token in the headers");
                    let mut body = Vec::new();
                    request.as_reader().read_to_end(&mut body).expect("the body");
                    let count = products(&body).len();
                    bodies.lock().expect("the bodies").push(body);
                    let answer = json!({"status": "success", "processed": count, "created": count, "updated": 0,
                                        "errors": []});
                    request.respond(tiny_http::Response::from_string(answer.to_string())).expect("answered");
                }
            })
        });
        let threads = threads.collect();
        let url = format!("http://{}", server.server_addr());
        Self { url, server, bodies, threads }
    }

    /// Stops and gives what came.
    fn end(self) -> Vec<Vec<u8>> {
        for _ in &self.threads {
            self.server.unblock();
        }
        for thread in self.threads {
            thread.join().expect("every request was as it should be");
        }
        std::mem::take(&mut self.bodies.lock().expect("the bodies"))
    }
}

fn products(body: &[u8]) -> Vec<Value> {
    let Value::Object(mut body) = serde_json::from_slice(body).expect("JSON") else { panic!("no object") };
    assert_eq!(body.keys().collect::<Vec<_>>(), ["token", "products"]);
    assert_eq!(body["token"], TOKEN);
    let Some(Value::Array(products)) = body.remove("products") else { panic!("no products") };
    products
}

fn send(text: &str, settings: &Settings) -> (Catalogue, Report) {
    let units: Vec<u16> = text.encode_utf16().collect();
    let mut catalogue = Catalogue::new();
    let mut reader = open(Input::units(units.as_slice()), None).expect("a known form");
    catalogue.add(&mut reader, ExtraFields::LeaveOut).expect("a whole text");
    let mut silent = Silent;
    let mut operation = Operation::new(CancelToken::new(), &mut silent);
    let site = Site::new(settings, InFlight::new(), &Journal::off()).expect("settings");
    let report = site.send(&mut catalogue, Sending::Sync, &mut operation).expect("settings");
    (catalogue, report)
}

fn settings(url: &str) -> Settings {
    Settings {
        base_url: url.to_owned(),
        token: TOKEN.into(),
        batch_pause: Duration::ZERO,
        ..Settings::default()
    }
}

/// Sends the whole catalogue and compares what came with the source.
fn goes_through(text: &str, source: &[Product], settings: impl FnOnce(Settings) -> Settings) {
    let sink = Sink::start();
    let settings = settings(self::settings(&sink.url));
    let (left, report) = send(text, &settings);
    let bodies = sink.end();

    let complete: Vec<&Product> = source.iter().filter(|product| product.is_complete()).collect();
    let rows: Vec<u64> = (1..).zip(source).filter(|(_, p)| !p.is_complete()).map(|(row, _)| row).collect();
    assert_eq!(report.errors.iter().filter_map(|error| error.row).collect::<Vec<_>>(), rows);
    assert_eq!(report.status, if rows.is_empty() { Status::Success } else { Status::Partial });
    assert_eq!((report.processed, report.unsent, left.len()), (complete.len() as u64, 0, 0));
    assert_eq!((report.batches.total, report.batches.failed), (bodies.len(), 0));

    let received: Vec<Vec<Value>> = bodies.iter().map(|body| products(body)).collect();
    assert!(received.iter().all(|products| products.len() <= settings.batch_size));
    let expected = complete.into_iter().map(as_the_site_gets_it);
    if settings.parallel == 1 {
        for (number, (received, expected)) in received.concat().into_iter().zip(expected).enumerate() {
            assert_eq!(received, expected, "product {number}");
        }
    } else {
        // Batches may overtake each other, products with the same sku may not.
        assert_eq!(by_sku(received.concat()), by_sku(expected.collect()));
    }
}

fn by_sku(products: Vec<Value>) -> HashMap<String, Vec<Value>> {
    let mut groups: HashMap<String, Vec<Value>> = HashMap::new();
    for product in products {
        groups.entry(product["sku"].as_str().expect("a sku").to_owned()).or_default().push(product);
    }
    groups
}

#[test]
fn a_value_table_goes_through_in_order() {
    let source = source();
    goes_through(&formats::internal_table(source), source, |settings| settings);
}

#[test]
fn an_array_of_structures_goes_through_in_large_batches() {
    let source = source();
    goes_through(&formats::internal_array(source), source, |settings| Settings {
        batch_size: 1000,
        batch_bytes: 300_000,
        ..settings
    });
}

#[test]
fn json_goes_through_in_parallel_and_keeps_the_order_of_a_sku() {
    let made_up = catalogue::generate(3_000, 8);
    for (source, names) in [(source(), Names::Russian), (&made_up, Names::English)] {
        goes_through(&formats::json(source, names), source, |settings| Settings {
            parallel: 4,
            batch_size: 37,
            ..settings
        });
    }
}
