//! A made-up catalogue with the oddities of real ones: line breaks, HTML, quotes, emoji, negative and fractional
//! stock, missing skus and prices, duplicates. The same seed always gives the same products. Standard library
//! only, so that `program.rs` builds with a bare `rustc`.

#![allow(dead_code)] // every user takes its own part

pub mod csv;
pub mod formats;

/// A product as a 1C infobase would hand it over. `None` is `Неопределено`. Numbers are decimal text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Product {
    pub sku: Option<String>,
    pub name: Option<String>,
    pub price: Option<String>,
    pub old_price: Option<String>,
    pub stock: Option<String>,
    pub category: Option<String>,
    pub description: Option<String>,
    pub is_active: Option<bool>,
    pub characteristics: Vec<(String, String)>,
}

impl Product {
    /// True if a site can take it: sku, name and price are there. What the generator and the real data break.
    pub fn is_complete(&self) -> bool {
        let filled = |text: &Option<String>| text.as_deref().is_some_and(|text| !text.trim().is_empty());
        filled(&self.sku)
            && filled(&self.name)
            && self.price.as_deref().is_some_and(|price| !price.starts_with('-'))
    }
}

/// `rows` products; about one in ten is odd in some way.
pub fn generate(rows: usize, seed: u64) -> Vec<Product> {
    let mut random = Random(seed);
    let mut products: Vec<Product> = Vec::with_capacity(rows);
    for number in 0..rows {
        let mut product = ordinary(number, &mut random);
        match random.below(60) {
            0 => make_incomplete(&mut product, &mut random),
            1 | 2 if number > 0 => product.sku = products[random.below(number)].sku.clone(),
            3..=6 => make_odd(&mut product, &mut random),
            _ => {}
        }
        products.push(product);
    }
    products
}

/// The same catalogue some days later: `percent` of the products have another price and stock.
pub fn change(products: &mut [Product], percent: usize, seed: u64) {
    let mut random = Random(seed ^ 0x5DEE_CE66);
    for product in products.iter_mut() {
        if random.below(100) < percent && product.price.is_some() {
            product.old_price = product.price.replace(money(&mut random));
            product.stock = Some(random.below(200).to_string());
        }
    }
}

const GOODS: &[&str] = &[
    "Чайник электрический",
    "Смеситель для кухни",
    "Кабель ВВГнг(А)-LS 3х2,5",
    "Пряжа «Нежность»",
    "Сыр полутвёрдый",
    "Крем для рук",
    "Перфоратор SDS-plus",
    "Корм для кошек",
    "Шина зимняя 205/55 R16",
    "Тетрадь 48 л.",
    "Носки мужские",
    "Лампа LED E27",
];
const BRANDS: &[&str] = &["Вихрь", "Bosch", "ООО «Ромашка»", "EICHHOLTZ", "Ёлка & Ко", "3M", "Простоквашино"];
const CATEGORIES: &[&str] = &[
    "Бытовая техника > Кухня",
    "Сантехника > Смесители",
    "Электрика",
    "Продукты > Молочные",
    "Для дома; для сада",
    "Одежда",
];
const COLOURS: &[&str] = &["белый", "чёрный", "красный", "«мокрый асфальт»", "синий"];

fn ordinary(number: usize, random: &mut Random) -> Product {
    let brand = random.pick(BRANDS);
    let price = money(random);
    Product {
        sku: Some(sku(number, random)),
        name: Some(format!("{} {brand} {}", random.pick(GOODS), number + 1)),
        old_price: (random.below(5) == 0).then(|| money(random)),
        price: Some(price),
        stock: (random.below(10) != 0).then(|| random.below(500).to_string()),
        category: (random.below(6) != 0).then(|| random.pick(CATEGORIES).to_owned()),
        description: (random.below(2) == 0).then(|| description(brand, random)),
        is_active: (random.below(3) != 0).then(|| random.below(50) != 0),
        characteristics: characteristics(brand, random),
    }
}

/// Several ways in which shops number their goods; never twice the same.
fn sku(number: usize, random: &mut Random) -> String {
    match random.below(4) {
        0 => format!("{:08}", number + 1),
        1 => format!("АРТ-{}", number + 1),
        2 => format!("{}", 100_000 + number),
        _ => format!("УТ{number:07}/{}", random.below(9)),
    }
}

fn money(random: &mut Random) -> String {
    let whole = 1 + random.below(100_000);
    match random.below(3) {
        0 => whole.to_string(),
        1 => format!("{whole}.{}", 1 + random.below(9)),
        _ => {
            format!("{whole}.{:02}", random.below(100)).trim_end_matches('0').trim_end_matches('.').to_owned()
        }
    }
}

fn description(brand: &str, random: &mut Random) -> String {
    let sentence =
        format!("{brand}: надёжно, просто, на каждый день. Гарантия {} мес. ", 6 * (1 + random.below(6)));
    sentence.repeat(1 + random.below(8)).trim_end().to_owned()
}

fn characteristics(brand: &str, random: &mut Random) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    if random.below(2) == 0 {
        pairs.push(("Бренд".to_owned(), brand.to_owned()));
        pairs.push(("Цвет".to_owned(), random.pick(COLOURS).to_owned()));
    }
    if random.below(4) == 0 {
        pairs.push(("Вес, кг".to_owned(), format!("0,{}", 1 + random.below(99))));
    }
    pairs
}

/// A product that no site can take.
fn make_incomplete(product: &mut Product, random: &mut Random) {
    match random.below(4) {
        0 => product.sku = None,
        1 => product.sku = Some(String::new()),
        2 => product.name = None,
        _ => product.price = None,
    }
}

/// A product that looks strange and is right all the same.
fn make_odd(product: &mut Product, random: &mut Random) {
    let name = product.name.clone().unwrap_or_default();
    match random.below(12) {
        0 => product.stock = Some(format!("-{}", 1 + random.below(70))),
        1 => product.stock = Some(format!("{}.{:03}", random.below(90), 1 + 2 * random.below(499))),
        2 => product.name = Some(format!("{name}\n(новинка)")),
        3 => product.name = Some(format!("{name} 19\" \"\"Про\"\" \\ {{акция}}, -50%")),
        4 => product.name = Some(format!("{name} 😀🎁")),
        5 => product.description = Some(html(random)),
        6 => {
            product.description =
                Some("Строка 1\r\nСтрока 2\tс табуляцией\n\n\u{a0}и неразрывным пробелом ™ ²".to_owned())
        }
        7 => product.price = Some("0".to_owned()),
        8 => product.category = Some(String::new()),
        9 => product.description = Some("Длинное описание, без конца и края. ".repeat(600)),
        10 => {
            product.characteristics =
                (1..40).map(|n| (format!("Свойство {n}"), format!("значение \"{n}\""))).collect()
        }
        _ => product.characteristics.push(("Цвет".to_owned(), "зелёный\nв полоску".to_owned())),
    }
}

fn html(random: &mut Random) -> String {
    let items: String = (0..1 + random.below(30))
        .map(|n| format!("<li class=\"x\">Пункт&nbsp;{n} &amp; ещё</li>\n"))
        .collect();
    format!("<p style='color:red'>Описание<br/></p>\n<ul>\n{items}</ul>")
}

/// SplitMix64: small, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut value = self.0;
        value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        value ^ (value >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    fn pick<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len())]
    }
}
