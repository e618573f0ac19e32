//! Options of a conversion.

use crate::addin::{Argument, Options};
use crate::bilingual;
use crate::error::{Code, Error, Result};
use crate::value::convert::{Target, TransformSettings};
use crate::value::json::{DateForm, EscapedCharacters, JsonSettings, LineBreaks, Unsupported};
use crate::value::zone::Zone;
use crate::value::{Format, StructuresAs};
use serde_json::Value as Json;
use std::collections::{HashMap, HashSet};

/// Which form a text is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// Its beginning tells.
    Auto,
    /// This one.
    Format(Format),
}

/// Options of a conversion as they were given.
pub(super) struct ConversionOptions {
    pub(super) source: Source,
    pub(super) transform: TransformSettings,
}

impl ConversionOptions {
    /// Reads options; `fields` are the new names that the object knows.
    pub(super) fn read(mut options: Options, fields: &HashMap<String, String>) -> Result<Self> {
        let source = match options.take_text("Формат", "Format")? {
            Some(name) => source(&name)?,
            None => Source::Auto,
        };
        let json = json_settings(&mut options)?;
        let structures = match options.take_flag("ВсегдаСоответствие", "AlwaysMap")? {
            Some(true) => StructuresAs::Maps,
            _ => StructuresAs::ByNames,
        };
        let date_names = names(options.take("ПоляДат", "DateNames"))?;
        let mut renamed = fields.clone();
        if let Some(map) = options.take("СопоставлениеПолей", "FieldMap") {
            renamed = field_map(&Argument::from(&map))?;
        }
        options.finish()?;
        let transform =
            TransformSettings { fields: renamed, date_names, zone: json.zone.clone(), json, structures };
        Ok(Self { source, transform })
    }
}

fn json_settings(options: &mut Options) -> Result<JsonSettings> {
    let mut settings = JsonSettings::default();
    if let Some(indent) = options.take("Отступ", "Indent") {
        settings.indent = match indent.as_u64() {
            Some(blanks) => " ".repeat(usize::try_from(blanks.min(16)).unwrap_or_default()),
            None => Argument::from(&indent).text()?,
        };
        settings.line_breaks = LineBreaks::Unix;
    }
    if let Some(name) = options.take_text("ПереносСтрок", "LineBreaks")? {
        settings.line_breaks = choose(
            &name,
            &[
                ("нет", "none", LineBreaks::None),
                ("авто", "auto", LineBreaks::System),
                ("unix", "unix", LineBreaks::Unix),
                ("windows", "windows", LineBreaks::Windows),
            ],
        )?;
    }
    if let Some(name) = options.take_text("ЭкранированиеСимволов", "Escape")? {
        settings.escape = choose(
            &name,
            &[
                ("нет", "none", EscapedCharacters::None),
                ("внеascii", "ascii", EscapedCharacters::BeyondAscii),
                ("внеbmp", "bmp", EscapedCharacters::BeyondBmp),
            ],
        )?;
    }
    if let Some(name) = options.take_text("ФорматДаты", "DateFormat")? {
        settings.dates = choose(
            &name,
            &[
                ("локальная", "local", DateForm::Local),
                ("смещение", "offset", DateForm::LocalWithOffset),
                ("универсальная", "utc", DateForm::Universal),
                ("microsoft", "microsoft", DateForm::Microsoft),
                ("javascript", "javascript", DateForm::JavaScript),
            ],
        )?;
    }
    if let Some(name) = options.take_text("НеподдерживаемыеТипы", "Unsupported")? {
        settings.unsupported = choose(
            &name,
            &[
                ("ошибка", "error", Unsupported::Error),
                ("null", "null", Unsupported::Null),
                ("текст", "text", Unsupported::Text),
            ],
        )?;
    }
    if let Some(minutes) = options.take("СмещениеПояса", "ZoneOffset") {
        let minutes = Argument::from(&minutes).integer(-26 * 60..=26 * 60)?;
        settings.zone = Zone::Fixed(i32::try_from(minutes * 60).unwrap_or_default());
    }
    let flags: [(&'static str, &'static str, &mut bool); 7] = [
        ("ДвойныеКавычки", "DoubleQuotes", &mut settings.double_quotes),
        ("ЭкранироватьУгловыеСкобки", "EscapeAngleBrackets", &mut settings.escape_angle_brackets),
        ("ЭкранироватьРазделителиСтрок", "EscapeLineSeparators", &mut settings.escape_line_separators),
        ("ЭкранироватьАмперсанд", "EscapeAmpersand", &mut settings.escape_ampersand),
        ("ЭкранироватьОдинарныеКавычки", "EscapeSingleQuotes", &mut settings.escape_single_quotes),
        ("ЭкранироватьСлеш", "EscapeSlash", &mut settings.escape_slash),
        ("МассивыКакОбъекты", "ArraysAsObjects", &mut settings.arrays_as_objects),
    ];
    for (ru, en, target) in flags {
        if let Some(value) = options.take_flag(ru, en)? {
            *target = value;
        }
    }
    Ok(settings)
}

/// The form that a text is in, by its name.
pub(super) fn source(name: &str) -> Result<Source> {
    choose(
        name,
        &[
            ("авто", "auto", Source::Auto),
            ("json", "json", Source::Format(Format::Json)),
            ("внутр", "internal", Source::Format(Format::Internal)),
            ("xdto", "xdto", Source::Format(Format::Xdto)),
            ("хранилище", "storage", Source::Format(Format::Storage)),
            ("текст", "text", Source::Format(Format::Text)),
        ],
    )
}

/// The form that a text is written in, by its name.
pub(super) fn target(name: &str) -> Result<Target> {
    choose(
        name,
        &[
            ("json", "json", Target::Json),
            ("внутр", "internal", Target::Internal),
            ("xdto", "xdto", Target::Xdto),
        ],
    )
}

/// The choice called `name`, in either language and any letter case.
fn choose<T: Copy>(name: &str, choices: &[(&'static str, &'static str, T)]) -> Result<T> {
    let wanted = name.trim().to_lowercase();
    let found = choices.iter().find(|(ru, en, _)| *ru == wanted || *en == wanted);
    found.map(|(_, _, choice)| *choice).ok_or_else(|| {
        let (ru, en): (Vec<_>, Vec<_>) = choices.iter().map(|(ru, en, _)| (*ru, *en)).unzip();
        let (ru, en) = (ru.join(", "), en.join(", "));
        Error::new(
            Code::Argument,
            bilingual!(
                "значение «{name}» не известно, допустимы: {ru}.",
                "the value “{name}” is unknown, allowed are {en}."
            ),
        )
    })
}

/// New names of fields from an object.
pub(super) fn field_map(value: &Argument<'_>) -> Result<HashMap<String, String>> {
    let members = Options::read(value)?.into_members();
    members
        .into_iter()
        .map(|(name, new)| match new {
            Json::String(new) => Ok((name, new)),
            _ => Err(Error::new(
                Code::Argument,
                bilingual!("новое имя поля «{name}» — не строка.", "the new name of “{name}” is no text."),
            )),
        })
        .collect()
}

/// New names of fields as an object; empty for none.
pub(super) fn field_map_text(fields: &HashMap<String, String>) -> String {
    if fields.is_empty() {
        return String::new();
    }
    let mut pairs: Vec<_> = fields.iter().collect();
    pairs.sort();
    let members = pairs.into_iter().map(|(name, new)| (name.clone(), new.as_str().into())).collect();
    Json::Object(members).to_string()
}

/// A list of names: an array, or a text with commas.
fn names(value: Option<Json>) -> Result<HashSet<String>> {
    Ok(match value {
        None | Some(Json::Null) => HashSet::new(),
        Some(Json::Array(names)) => {
            names.iter().map(|name| Argument::from(name).text()).collect::<Result<_>>()?
        }
        Some(list) => Argument::from(&list).text()?.split(',').map(|name| name.trim().to_owned()).collect(),
    })
}
