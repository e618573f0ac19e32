//! What must land in the site's database, worked out from the products alone by the rules of the site instruction.

use crate::catalogue::Product;
use crate::common::site::Site;
use std::collections::BTreeMap;

/// A row of the site as its database shows it. Numbers are compared as the site's columns keep them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Row {
    name: String,
    price: f64,
    old_price: Option<f64>,
    stock: Option<f64>,
    category: String,
    description: String,
    is_active: bool,
    revision: i64,
    characteristics: Vec<(String, String)>,
}

/// What a site with an empty database holds after `products` came, one after another. A product without sku, name
/// or price does not come; an optional field that is empty is not mentioned, so it stays as it was.
pub fn rows(products: &[Product]) -> BTreeMap<String, Row> {
    let mut rows: BTreeMap<String, Row> = BTreeMap::new();
    for product in products.iter().filter(|product| product.is_complete()) {
        let row = rows
            .entry(product.sku.clone().unwrap_or_default())
            .or_insert_with(|| Row { is_active: true, ..Row::default() });
        row.revision += 1;
        row.name = product.name.clone().unwrap_or_default();
        row.price = number(product.price.as_deref().unwrap_or_default(), 2);
        if let Some(old_price) =
            product.old_price.as_deref().map(|text| number(text, 2)).filter(|price| *price > 0.0)
        {
            row.old_price = Some(old_price);
        }
        if let Some(stock) = &product.stock {
            row.stock = Some(number(stock, 3));
        }
        if let Some(category) = product.category.clone().filter(|text| !text.is_empty()) {
            row.category = category;
        }
        if let Some(description) = product.description.clone().filter(|text| !text.is_empty()) {
            row.description = description;
        }
        if let Some(is_active) = product.is_active {
            row.is_active = is_active;
        }
        if !product.characteristics.is_empty() {
            row.characteristics = product.characteristics.clone();
        }
    }
    rows
}

/// What the site holds.
pub fn stored(site: &Site) -> BTreeMap<String, Row> {
    let database = site.database();
    let mut products = database
        .prepare(
            "SELECT id, sku, name, price, old_price, stock, category, description, is_active, revision \
             FROM catalogue_product",
        )
        .expect("the table of products");
    let mut characteristics = database
        .prepare("SELECT name, value FROM catalogue_characteristic WHERE product_id = ? ORDER BY position")
        .expect("the table of characteristics");
    let mut rows = BTreeMap::new();
    let mut found = products.query([]).expect("products");
    while let Some(row) = found.next().expect("a product") {
        let id: i64 = row.get_unwrap(0);
        let pairs = characteristics.query_map([id], |pair| Ok((pair.get_unwrap(0), pair.get_unwrap(1))));
        let stored = Row {
            name: row.get_unwrap(2),
            price: row.get_unwrap(3),
            old_price: row.get_unwrap(4),
            stock: row.get_unwrap(5),
            category: row.get_unwrap(6),
            description: row.get_unwrap(7),
            is_active: row.get_unwrap(8),
            revision: row.get_unwrap(9),
            characteristics: pairs.expect("characteristics").map(|pair| pair.expect("a pair")).collect(),
        };
        rows.insert(row.get_unwrap::<_, String>(1), stored);
    }
    rows
}

/// Compares and names the first difference instead of printing both catalogues.
pub fn assert_stored(site: &Site, products: &[Product]) {
    let (expected, stored) = (rows(products), stored(site));
    for (sku, row) in &expected {
        assert_eq!(stored.get(sku), Some(row), "sku {sku}");
    }
    let surplus: Vec<_> = stored.keys().filter(|sku| !expected.contains_key(*sku)).collect();
    assert!(surplus.is_empty(), "nobody sent {surplus:?}");
}

/// Rows (from 1) of the products that no site can take.
pub fn incomplete_rows(products: &[Product]) -> Vec<u64> {
    (1..).zip(products).filter(|(_, product)| !product.is_complete()).map(|(row, _)| row).collect()
}

/// Decimal text rounded to the digits of a column.
fn number(text: &str, digits: i32) -> f64 {
    let scale = 10_f64.powi(digits);
    (text.parse::<f64>().expect("a number") * scale).round() / scale
}
