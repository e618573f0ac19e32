//! The members that every class has.

use super::argument::Value;
use super::class::{Default, Kind, Method, Property, help, optional, required};
use super::frame::{Frame, ResultFormat};
use crate::bilingual;
use crate::error::{Code, Error, Result};
use crate::journal::{DEFAULT_PREFIX, Level};
use std::time::Duration;

/// Longest pause of `Пауза`, in milliseconds: ten minutes.
const LONGEST_PAUSE: i64 = 10 * 60 * 1000;

const OBJECT_ID: &str = "ObjectId";
const CANCEL: &str = "Cancel";

static PROPERTIES: [Property<Frame>; 10] = [
    Property::new(
        "Версия",
        "Version",
        Kind::Text,
        help("версия внешней компоненты", "version of the add-in"),
    )
    .get(|_, _| Ok(env!("CARGO_PKG_VERSION").into())),
    Property::new(
        "ОписаниеОшибки",
        "LastErrorText",
        Kind::Text,
        help(
            "текст ошибки последнего вызова, пусто при успехе",
            "text of the last call's error, empty if none",
        ),
    )
    .get(|frame: &Frame, _| {
        let text = frame.last_error.as_ref().map(|error| error.text(frame.language).to_owned());
        Ok(text.unwrap_or_default().into())
    }),
    Property::new(
        "ПоследняяОшибка",
        "LastError",
        Kind::Text,
        help(
            "ошибка последнего вызова в виде JSON, пусто при успехе",
            "the last call's error as JSON, empty if none",
        ),
    )
    .get(|frame: &Frame, _| {
        let json = frame.last_error.as_ref().map(|error| error.to_json(frame.language).to_string());
        Ok(json.unwrap_or_default().into())
    }),
    Property::new(
        "ВызыватьИсключения",
        "RaiseErrors",
        Kind::Boolean,
        help(
            "Истина: неудачный вызов вызывает исключение; Ложь: возвращает Неопределено",
            "true: a failed call raises an exception; false: it returns Undefined",
        ),
    )
    .default("Истина")
    .get(|frame: &Frame, _| Ok(frame.raise_errors.into()))
    .set(|frame, value| {
        frame.raise_errors = value.boolean()?;
        Ok(())
    }),
    Property::new(
        "ЯзыкСообщений",
        "MessageLanguage",
        Kind::Text,
        help("язык сообщений: ru или en", "language of messages: ru or en"),
    )
    .default("ru")
    .get(|frame: &Frame, _| Ok(frame.language.code().into()))
    .set(|frame, value| frame.choose_language(&value.text()?)),
    Property::new(
        "ФорматРезультата",
        "ResultFormat",
        Kind::Text,
        help(
            "вид структур в результатах: JSON или Внутр (для ЗначениеИзСтрокиВнутр)",
            "form of structured results: JSON or Internal (for ValueFromStringInternal)",
        ),
    )
    .default("JSON")
    .get(|frame: &Frame, _| {
        let internal = bilingual!("Внутр", "Internal");
        Ok(match frame.result_format {
            ResultFormat::Json => "JSON".into(),
            ResultFormat::Internal => internal.in_language(frame.language).into(),
        })
    })
    .set(|frame, value| {
        frame.result_format = result_format(&value.text()?)?;
        Ok(())
    }),
    Property::new(
        "КаталогЖурнала",
        "LogDirectory",
        Kind::Text,
        help("каталог журнала; пусто — журнал не ведётся", "directory of the journal; empty: no journal"),
    )
    .get(|frame: &Frame, _| Ok(frame.log.directory.as_str().into()))
    .set(|frame, value| {
        let directory = value.text()?;
        frame.change_log(|log| log.directory = directory)
    }),
    Property::new(
        "УровеньЖурнала",
        "LogLevel",
        Kind::Text,
        help(
            "уровень журнала: error, warning, info, debug",
            "level of the journal: error, warning, info, debug",
        ),
    )
    .default("info")
    .get(|frame: &Frame, _| Ok(frame.log.level.as_str().into()))
    .set(|frame, value| {
        let level = level(&value.text()?)?;
        frame.change_log(|log| log.level = level)
    }),
    Property::new(
        "ПрефиксЖурнала",
        "LogPrefix",
        Kind::Text,
        help("начало имени файла журнала", "beginning of the journal's file name"),
    )
    .default(DEFAULT_PREFIX)
    .get(|frame: &Frame, _| Ok(frame.log.prefix.as_str().into()))
    .set(|frame, value| {
        let prefix = value.text()?;
        frame.change_log(|log| log.prefix = prefix)
    }),
    Property::new(
        "ИдентификаторОбъекта",
        OBJECT_ID,
        Kind::Text,
        help(
            "идентификатор объекта: по нему другой объект прервёт операцию",
            "identifier of the object: another object can cancel its operation by it",
        ),
    )
    .get(|frame: &Frame, _| Ok(frame.shared.id().into())),
];

static METHODS: [Method<()>; 3] = [
    Method::new(
        "Справка",
        "Help",
        |(), call| {
            let member = call.text(0)?;
            let language = call.language();
            let frame = call.frame();
            frame.class.help(&member, language).map(Value::from)
        },
        help("список членов класса или описание одного", "the members of the class, or one of them"),
    )
    .takes(&[optional("Имя", "Name", Kind::Text, Default::Text(""))])
    .returns(Kind::Text),
    Method::new(
        "Пауза",
        "Sleep",
        |(), call| {
            let milliseconds = call.integer(0, 0..=LONGEST_PAUSE)?.unsigned_abs();
            call.run(Duration::ZERO, |operation| operation.pause(Duration::from_millis(milliseconds)))?;
            Ok(Value::Undefined)
        },
        help("ждёт указанное время, не более 10 минут", "waits for the given time, at most ten minutes"),
    )
    .takes(&[required("Миллисекунды", "Milliseconds", Kind::Integer)])
    .fails(&[&[Code::Cancelled]]),
    Method::new(
        "Прервать",
        CANCEL,
        |(), call| {
            let id = call.text(0)?;
            Ok(call.frame().shared.cancel_object(&id).into())
        },
        help(
            "прерывает операцию объекта с этим идентификатором, без него — свою",
            "stops the operation of the object with that identifier, without it its own",
        ),
    )
    .takes(&[optional("Идентификатор", "Id", Kind::Text, Default::Text(""))])
    .returns(Kind::Boolean),
];

/// The common properties; they come before a class's own.
pub(super) fn properties() -> &'static [Property<Frame>] {
    &PROPERTIES
}

/// The common methods; they come before a class's own.
pub(super) fn methods() -> &'static [Method<()>] {
    &METHODS
}

/// True for `Прервать`, which must work while another call of the object runs.
pub(super) fn is_cancel(method: usize) -> bool {
    METHODS.get(method).is_some_and(|method| method.signature.en == CANCEL)
}

/// True for `ИдентификаторОбъекта`, which never changes.
pub(super) fn is_object_id(property: usize) -> bool {
    PROPERTIES.get(property).is_some_and(|property| property.declaration.en == OBJECT_ID)
}

fn result_format(name: &str) -> Result<ResultFormat> {
    match name.trim().to_lowercase().as_str() {
        "json" => Ok(ResultFormat::Json),
        "внутр" | "internal" => Ok(ResultFormat::Internal),
        _ => Err(Error::new(
            Code::Argument,
            bilingual!(
                "вид «{name}» не известен, допустимы JSON и Внутр.",
                "the form “{name}” is unknown, JSON and Internal are allowed."
            ),
        )),
    }
}

fn level(name: &str) -> Result<Level> {
    Level::from_name(name).ok_or_else(|| {
        Error::new(
            Code::Argument,
            bilingual!(
                "уровень «{name}» не известен, допустимы ошибка, предупреждение, информация, отладка.",
                "the level “{name}” is unknown, error, warning, info and debug are allowed."
            ),
        )
    })
}
