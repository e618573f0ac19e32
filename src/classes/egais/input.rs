//! Arguments that several methods of `ObmenEgais` share.

use super::{EgaisObject, fsrar_id};
use crate::addin::{Argument, Call, Default, Kind, Parameter, optional};
use crate::bilingual;
use crate::classes::DATA;
use crate::egais::ready::read_data;
use crate::error::{Code, Error, Result};
use serde_json::Value as Json;
use std::borrow::Cow;

/// `КодФСРАР` as the last parameter.
pub(super) const OWNER: Parameter = optional("КодФСРАР", "FsrarId", Kind::Text, Default::Text(""));
/// What making and reading a document may fail with.
pub(super) const DOCUMENT: &[&[Code]] = &[&DATA, &[Code::EgaisDocument]];
/// `Примечание`.
pub(super) const NOTE: Parameter = optional("Примечание", "Note", Kind::Text, Default::Text(""));

/// The bytes of an XML document, given as a string or as `ДвоичныеДанные`.
pub(super) fn xml<'a>(call: &Call<'a>, number: usize) -> Result<Cow<'a, [u8]>> {
    match call.argument(number) {
        Argument::Binary(bytes) => Ok(Cow::Borrowed(*bytes)),
        Argument::Text(units) => Ok(Cow::Owned(String::from_utf16_lossy(units).into_bytes())),
        other => Err(call.in_parameter(number, other.is_not(Kind::Structure))),
    }
}

/// True for structured data that is left out or blank.
pub(super) fn is_blank(call: &Call<'_>, number: usize) -> bool {
    match call.argument(number) {
        Argument::Omitted => true,
        Argument::Text(units) => {
            units.iter().all(|unit| char::from_u32(u32::from(*unit)).is_some_and(char::is_whitespace))
        }
        Argument::Binary(bytes) => bytes.trim_ascii().is_empty(),
        _ => false,
    }
}

/// Structured data as a tree; what is left out or blank is `null`.
pub(super) fn data(call: &Call<'_>, number: usize) -> Result<Json> {
    if is_blank(call, number) {
        return Ok(Json::Null);
    }
    read_data(&mut call.structure(number)?).map_err(|error| call.in_parameter(number, error))
}

impl EgaisObject {
    /// The FSRAR_ID that the parameter names, else the one of the object; perhaps neither.
    pub(super) fn owner_if_known(&self, call: &Call<'_>, number: usize) -> Result<String> {
        let given = fsrar_id(&call.text(number)?).map_err(|error| call.in_parameter(number, error))?;
        Ok(if given.is_empty() { self.fsrar_id.clone() } else { given })
    }

    /// As [`EgaisObject::owner_if_known`], but there must be one.
    pub(super) fn owner(&self, call: &Call<'_>, number: usize) -> Result<String> {
        let owner = self.owner_if_known(call, number)?;
        if owner.is_empty() {
            let missing = Error::new(
                Code::Argument,
                bilingual!(
                    "не указан код организации в ФСРАР: передайте его или задайте свойство КодФСРАР.",
                    "the FSRAR_ID is not given: pass it or set the property FsrarId."
                ),
            );
            return Err(call.in_parameter(number, missing));
        }
        Ok(owner)
    }
}
