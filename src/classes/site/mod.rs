//! `ObmenSite`: sends a catalogue to a web site.

mod properties;

use super::{DATA, REQUEST};
use crate::addin::{Call, Class, Default, Kind, Method, Parameter, Value, help, optional, required, value};
use crate::error::{Code, Result};
use crate::http::InFlight;
use crate::site::{
    Catalogue, Field, Report, Sending, Settings, Site, build_request_json, headers_json, problems_json,
    product_to_json, read_response, report_page, request_json,
};
use properties::PROPERTIES;
use std::path::Path;
use std::time::Duration;

/// How long the end of an object waits for requests that a cancelled call left behind.
const LAST_REQUESTS_LIMIT: Duration = Duration::from_secs(5);

/// The state of an `ObmenSite`.
#[derive(Default)]
pub struct SiteObject {
    settings: Settings,
    /// Products added before a send.
    catalogue: Catalogue,
    /// What a send of products given to it left unsent.
    given: Option<Catalogue>,
    /// What the last send did.
    report: Option<Report>,
    /// When it ended, local time.
    report_time: String,
    in_flight: InFlight,
}

/// The declaration of `ObmenSite`.
pub static CLASS: Class<SiteObject> = Class::new(
    "ObmenSite",
    help("отправка каталога товаров на сайт", "sends a catalogue of products to a web site"),
    SiteObject::default,
    &PROPERTIES,
    &METHODS,
)
.finish(|site| {
    site.in_flight.wait_idle(LAST_REQUESTS_LIMIT);
});

const MOST_ATTEMPTS: i64 = 100;

const PRODUCTS: [Parameter; 1] = [optional("Товары", "Products", Kind::Structure, Default::Omitted)];

static METHODS: [Method<SiteObject>; 17] = [
    Method::new(
        "Настроить",
        "Configure",
        configure,
        help("задаёт свойства объектом JSON", "sets properties from a JSON object"),
    )
    .takes(&[required("Параметры", "Options", Kind::Structure)])
    .fails(&[&DATA, &[Code::File, Code::HttpTls]]),
    Method::new(
        "ДобавитьТовар",
        "AddProduct",
        add_product,
        help("добавляет товар в список", "adds a product to the list"),
    )
    .takes(&[
        value("Артикул", "Sku", Kind::Text),
        value("Наименование", "Name", Kind::Text),
        value("Цена", "Price", Kind::Number),
        optional("Остаток", "Stock", Kind::Number, Default::Omitted),
        optional("Категория", "Category", Kind::Text, Default::Omitted),
        optional("Описание", "Description", Kind::Text, Default::Omitted),
        optional("СтараяЦена", "OldPrice", Kind::Number, Default::Omitted),
        optional("Активен", "IsActive", Kind::Boolean, Default::Omitted),
    ])
    .fails(&[&[Code::Validation], &[Code::Limit]]),
    Method::new(
        "ДобавитьХарактеристику",
        "AddCharacteristic",
        add_characteristic,
        help("добавляет характеристику последнему товару", "adds a characteristic to the last product"),
    )
    .takes(&[required("Название", "Name", Kind::Text), value("Значение", "Value", Kind::Any)])
    .fails(&[&[Code::Validation], &[Code::Limit]]),
    Method::new(
        "ДобавитьТовары",
        "AddProducts",
        add_products,
        help(
            "добавляет товары в список и возвращает, сколько принято",
            "adds products to the list and returns how many were taken",
        ),
    )
    .takes(&[required("Товары", "Products", Kind::Structure)])
    .returns(Kind::Integer)
    .fails(&[&DATA, &[Code::Validation]]),
    Method::new(
        "Очистить",
        "Clear",
        |site, _| {
            site.clear();
            Ok(().into())
        },
        help("очищает список товаров", "empties the list of products"),
    ),
    Method::new(
        "ТоварВJSON",
        "ProductToJson",
        |site: &mut SiteObject, call| {
            Ok(product_to_json(&mut call.structure(0)?, site.settings.extra_fields)?.into())
        },
        help("товар в том виде, в каком его получит сайт", "a product as the site will get it"),
    )
    .takes(&[required("Товар", "Product", Kind::Structure)])
    .returns(Kind::Text)
    .fails(&[&DATA, &[Code::Validation]]),
    Method::new(
        "СформироватьJSONЗапрос",
        "BuildRequestJson",
        |site: &mut SiteObject, call| {
            let json = if call.is_omitted(0) {
                request_json(&site.settings, &site.catalogue)
            } else {
                build_request_json(&site.settings, &mut call.structure(0)?)
            };
            Ok(json?.into())
        },
        help(
            "тело запроса со всеми товарами, с токеном",
            "the body of a request with all products, token included",
        ),
    )
    .takes(&PRODUCTS)
    .returns(Kind::Text)
    .fails(&[&DATA, &[Code::Validation]]),
    Method::new(
        "СформироватьЗаголовки",
        "BuildHeaders",
        |site: &mut SiteObject, call| call.report(headers_json(&site.settings)?),
        help("заголовки запроса, с токеном", "the headers of a request, token included"),
    )
    .returns(Kind::Report),
    Method::new(
        "ПроверитьТовары",
        "CheckProducts",
        check_products,
        help("ошибки в товарах без отправки", "faults of products without sending them"),
    )
    .takes(&PRODUCTS)
    .returns(Kind::Report)
    .fails(&[&DATA]),
    Method::new(
        "ОтправитьТоварыНаСайт",
        "SendProducts",
        |site: &mut SiteObject, call| site.send(call, Sending::Once),
        help("отправляет товары, одна попытка на пакет", "sends products, one attempt a batch"),
    )
    .takes(&PRODUCTS)
    .returns(Kind::Report)
    .fails(&[&DATA, &[Code::Validation], &REQUEST]),
    Method::new(
        "ОтправитьТоварыСПовторами",
        "SendProductsWithRetries",
        send_with_retries,
        help("отправляет товары с повторами", "sends products with repeats"),
    )
    .takes(&[
        optional("Товары", "Products", Kind::Structure, Default::Omitted),
        optional("КоличествоПопыток", "Attempts", Kind::Integer, Default::Omitted),
    ])
    .returns(Kind::Report)
    .fails(&[&DATA, &[Code::Validation], &REQUEST]),
    Method::new(
        "СинхронизироватьТоварыССайтом",
        "SyncProducts",
        |site: &mut SiteObject, call| site.send(call, Sending::Sync),
        help(
            "отправляет каталог: пакеты, паузы, повторы, параллельно",
            "sends a catalogue: batches, pauses, repeats, in parallel",
        ),
    )
    .takes(&PRODUCTS)
    .returns(Kind::Report)
    .fails(&[&DATA, &[Code::Validation], &REQUEST]),
    Method::new(
        "ОтправитьФайлНаСайт",
        "UploadFile",
        upload,
        help("отправляет файл CSV, XML или JSON", "sends a CSV, XML or JSON file"),
    )
    .takes(&[
        required("ПутьКФайлу", "Path", Kind::Text),
        optional("ИмяПоля", "Field", Kind::Text, Default::Text("file")),
    ])
    .returns(Kind::Report)
    .fails(&[&REQUEST, &[Code::ValueText, Code::Validation]]),
    Method::new(
        "ОбработатьОтветAPI",
        "ReadResponse",
        |site: &mut SiteObject, call| {
            let status = u16::try_from(call.integer(0, 100..=599)?).unwrap_or_default();
            let report = read_response(&site.settings, status, &call.text(1)?);
            site.finish(call, report)
        },
        help(
            "разбирает ответ сайта, полученный другим способом",
            "reads an answer of the site that was got by other means",
        ),
    )
    .takes(&[required("КодСостояния", "StatusCode", Kind::Integer), required("Тело", "Body", Kind::Text)])
    .returns(Kind::Report)
    .fails(&[&REQUEST, &[Code::ValueText, Code::Validation]]),
    Method::new(
        "ПроверитьСоединение",
        "CheckConnection",
        |site: &mut SiteObject, call| {
            let journal = call.journal().clone();
            let target = Site::new(&site.settings, site.in_flight.clone(), &journal)?;
            let report =
                call.run(site.settings.time_budget, |operation| target.check_connection(operation))?;
            site.finish(call, report)
        },
        help(
            "проверяет сайт и токен, не отправляя товаров",
            "checks the site and the token, sends no product",
        ),
    )
    .returns(Kind::Report)
    .fails(&[&REQUEST, &[Code::ValueText, Code::Validation]]),
    Method::new(
        "НеотправленныеТовары",
        "UnsentProducts",
        |site: &mut SiteObject, call| {
            let unsent = site.given.as_ref().unwrap_or(&site.catalogue).to_json();
            call.report(unsent)
        },
        help("товары, которые последняя отправка не передала", "products that the last send did not deliver"),
    )
    .returns(Kind::Report),
    Method::new(
        "СтраницаОтчета",
        "ReportPage",
        |site: &mut SiteObject, call| {
            let (address, when) = (site.settings.base_url.trim(), &site.report_time);
            Ok(report_page(site.report.as_ref(), address, when, call.language()).into())
        },
        help(
            "отчёт последней отправки страницей HTML для ПолеHTMLДокумента",
            "the report of the last send as an HTML page for an HTMLDocumentField",
        ),
    )
    .returns(Kind::Text),
];

fn configure(site: &mut SiteObject, call: &mut Call<'_>) -> Result<Value> {
    let options = call.options(0)?;
    let before = site.settings.clone();
    let outcome = call.configure(&CLASS, site, options);
    if outcome.is_err() {
        site.settings = before;
    }
    outcome.map(Value::from)
}

fn add_product(site: &mut SiteObject, call: &mut Call<'_>) -> Result<Value> {
    const FIELDS: [Field; 8] = [
        Field::Sku,
        Field::Name,
        Field::Price,
        Field::Stock,
        Field::Category,
        Field::Description,
        Field::OldPrice,
        Field::IsActive,
    ];
    let values =
        FIELDS.iter().enumerate().map(|(number, _)| call.scalar(number)).collect::<Result<Vec<_>>>()?;
    let fields: Vec<_> = FIELDS.into_iter().zip(values.iter().map(|value| value.event())).collect();
    site.catalogue.add_product(&fields).map(Value::from)
}

fn add_characteristic(site: &mut SiteObject, call: &mut Call<'_>) -> Result<Value> {
    let (name, value) = (call.scalar(0)?, call.scalar(1)?);
    site.catalogue.add_characteristic(&name.event(), &value.event()).map(Value::from)
}

fn add_products(site: &mut SiteObject, call: &mut Call<'_>) -> Result<Value> {
    let added = site.catalogue.add(&mut call.structure(0)?, site.settings.extra_fields)?;
    Ok(Value::count(added.accepted as u64))
}

fn check_products(site: &mut SiteObject, call: &mut Call<'_>) -> Result<Value> {
    let language = call.language();
    let problems = if call.is_omitted(0) {
        problems_json(&site.catalogue, language)
    } else {
        let mut given = Catalogue::new();
        given.add(&mut call.structure(0)?, site.settings.extra_fields)?;
        problems_json(&given, language)
    };
    call.report(problems)
}

fn send_with_retries(site: &mut SiteObject, call: &mut Call<'_>) -> Result<Value> {
    let attempts = if call.is_omitted(1) {
        site.settings.attempts
    } else {
        u32::try_from(call.integer(1, 1..=MOST_ATTEMPTS)?).unwrap_or(1)
    };
    site.send(call, Sending::WithRetries(attempts))
}

fn upload(site: &mut SiteObject, call: &mut Call<'_>) -> Result<Value> {
    let (path, field) = (call.text(0)?, call.text(1)?);
    let journal = call.journal().clone();
    let target = Site::new(&site.settings, site.in_flight.clone(), &journal)?;
    let report = call.run(site.settings.time_budget, |operation| {
        target.upload(Path::new(path.trim()), &field, operation)
    })?;
    site.finish(call, report)
}

impl SiteObject {
    fn clear(&mut self) {
        self.catalogue.clear();
        if self.given.is_some() {
            self.forget_given();
        }
    }

    #[cold]
    fn forget_given(&mut self) {
        self.given = None;
    }

    /// Sends the products given to the call, or those of the list.
    fn send(&mut self, call: &mut Call<'_>, sending: Sending) -> Result<Value> {
        let mut given = None;
        if !call.is_omitted(0) {
            let mut products = Catalogue::new();
            products.add(&mut call.structure(0)?, self.settings.extra_fields)?;
            given = Some(products);
        }
        let journal = call.journal().clone();
        let site = Site::new(&self.settings, self.in_flight.clone(), &journal)?;
        let catalogue = given.as_mut().unwrap_or(&mut self.catalogue);
        let report =
            call.run(self.settings.time_budget, |operation| site.send(catalogue, sending, operation))?;
        self.given = given;
        self.finish(call, report)
    }

    /// Keeps a report and gives it to BSL; what stopped the send also becomes the last error.
    fn finish(&mut self, call: &mut Call<'_>, report: Report) -> Result<Value> {
        if let Some(error) = &report.error {
            call.note_error(error.clone());
        }
        let json = report.to_json(call.language());
        self.report = Some(report);
        self.report_time = jiff::Zoned::now().strftime("%d.%m.%Y %H:%M:%S").to_string();
        call.report(json)
    }
}
