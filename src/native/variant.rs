//! Variants: every type code in, the few that 1C takes back out.

use super::abi::*;
use super::memory::{HostMemory, OutOfMemory};
use super::text::units;
use crate::addin::{Argument, Default, Value};
use crate::value::DateTime;

/// Reads a variant of the host. Any numeric code is a number; `EMPTY` and `NULL` are "not given".
///
/// # Safety
/// The pointers of a text or of bytes in `variant` are valid for `'a`, as the host promises during a call.
pub(super) unsafe fn read<'a>(variant: &Variant) -> Argument<'a> {
    let value = &variant.value;
    // SAFETY: `vt` says which member the host has written; all are plain data, readable whatever their bits.
    unsafe {
        match variant.vt {
            VTYPE_EMPTY | VTYPE_NULL => Argument::Omitted,
            VTYPE_BOOL => Argument::Boolean(value.bVal != 0),
            VTYPE_I1 => Argument::Integer(value.i8Val.into()),
            VTYPE_UI1 => Argument::Integer(value.ui8Val.into()),
            VTYPE_I2 => Argument::Integer(value.shortVal.into()),
            VTYPE_UI2 => Argument::Integer(value.ushortVal.into()),
            VTYPE_I4 | VTYPE_ERROR => Argument::Integer(value.lVal.into()),
            VTYPE_UI4 => Argument::Integer(value.ulVal.into()),
            VTYPE_INT => Argument::Integer(value.intVal.into()),
            VTYPE_UINT => Argument::Integer(value.uintVal.into()),
            VTYPE_I8 => Argument::Integer(value.llVal),
            VTYPE_UI8 => unsigned(value.ullVal),
            VTYPE_HRESULT => Argument::Integer(i64::from(value.lVal)),
            VTYPE_R4 => real(value.fltVal.to_string().parse().unwrap_or(f64::NAN), variant.vt),
            VTYPE_R8 => real(value.dblVal, variant.vt),
            VTYPE_DATE => ole_date(value.date).map_or(Argument::Foreign(variant.vt), Argument::Date),
            VTYPE_TM => calendar_date(&value.tmVal).map_or(Argument::Foreign(variant.vt), Argument::Date),
            VTYPE_PWSTR => Argument::Text(units(value.wstr.pwstrVal, value.wstr.wstrLen as usize)),
            VTYPE_BLOB => Argument::Binary(bytes(value.str)),
            // 8-bit text has no known encoding on a Unix host; ASCII is the same everywhere.
            VTYPE_PSTR => ascii(bytes(value.str)).unwrap_or(Argument::Foreign(variant.vt)),
            other => Argument::Foreign(other),
        }
    }
}

/// # Safety
/// As [`read`]: the host vouches for pointer and length.
unsafe fn bytes<'a>(value: VariantBytes) -> &'a [u8] {
    if value.pstrVal.is_null() || value.strLen == 0 {
        return &[];
    }
    // SAFETY: not null, and the host vouches for the length during the call.
    unsafe { std::slice::from_raw_parts(value.pstrVal, value.strLen as usize) }
}

fn ascii<'a>(bytes: &[u8]) -> Option<Argument<'a>> {
    bytes.is_ascii().then(|| Argument::Text(bytes.iter().copied().map(u16::from).collect::<Vec<_>>().into()))
}

fn unsigned<'a>(value: u64) -> Argument<'a> {
    i64::try_from(value).map_or(Argument::Real(value as f64), Argument::Integer)
}

/// A double: a whole number within the exact range of doubles is an integer, NaN and infinities are foreign.
fn real<'a>(value: f64, vt: TYPEVAR) -> Argument<'a> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if !value.is_finite() {
        Argument::Foreign(vt)
    } else if value.fract() == 0.0 && value.abs() <= EXACT {
        Argument::Integer(value as i64)
    } else {
        Argument::Real(value)
    }
}

/// A calendar date; `None` if no calendar has it.
fn calendar_date(date: &tm) -> Option<DateTime> {
    DateTime::new(
        u16::try_from(date.tm_year.checked_add(1900)?).ok()?,
        u8::try_from(date.tm_mon.checked_add(1)?).ok()?,
        u8::try_from(date.tm_mday).ok()?,
        u8::try_from(date.tm_hour).ok()?,
        u8::try_from(date.tm_min).ok()?,
        u8::try_from(date.tm_sec).ok()?,
    )
}

/// An OLE automation date: days since 1899-12-30; the fraction is the time of day, also of negative dates.
fn ole_date(days: f64) -> Option<DateTime> {
    if !days.is_finite() || days.abs() > 3_000_000.0 {
        return None;
    }
    let seconds = (days.fract().abs() * 86_400.0).round() as i64;
    let base = jiff::civil::date(1899, 12, 30).at(0, 0, 0, 0);
    let span = jiff::Span::new().try_days(days.trunc() as i64).ok()?.try_seconds(seconds).ok()?;
    let date = base.checked_add(span).ok()?;
    DateTime::new(
        u16::try_from(date.year()).ok()?,
        u8::try_from(date.month()).ok()?,
        u8::try_from(date.day()).ok()?,
        u8::try_from(date.hour()).ok()?,
        u8::try_from(date.minute()).ok()?,
        u8::try_from(date.second()).ok()?,
    )
}

fn to_calendar(date: DateTime) -> tm {
    // SAFETY: `tm` is plain data; all zeros is a valid value, zone fields included.
    let mut result: tm = unsafe { std::mem::zeroed() };
    result.tm_year = i32::from(date.year()) - 1900;
    result.tm_mon = i32::from(date.month()) - 1;
    result.tm_mday = date.day().into();
    result.tm_hour = date.hour().into();
    result.tm_min = date.minute().into();
    result.tm_sec = date.second().into();
    result
}

/// An `EMPTY` variant, all of it written.
pub(super) fn empty() -> Variant {
    // SAFETY: plain data; all zeros is `VTYPE_EMPTY` with null pointers.
    unsafe { std::mem::zeroed() }
}

/// Makes the variant of a result; texts and bytes are allocated for the host to free.
pub(super) fn write(value: Value, memory: Option<HostMemory>) -> Result<Variant, OutOfMemory> {
    let mut variant = empty();
    match value {
        Value::Undefined => {}
        Value::Boolean(value) => {
            variant.value.bVal = u8::from(value);
            variant.vt = VTYPE_BOOL;
        }
        Value::Integer(value) => {
            variant.value.lVal = value;
            variant.vt = VTYPE_I4;
        }
        Value::Real(value) => {
            variant.value.dblVal = value;
            variant.vt = VTYPE_R8;
        }
        Value::Date(date) => {
            variant.value.tmVal = to_calendar(date);
            variant.vt = VTYPE_TM;
        }
        Value::Text(text) => {
            let (block, length) = memory.ok_or(OutOfMemory)?.text(&text)?;
            variant.value.wstr = VariantText { pwstrVal: block.as_ptr(), wstrLen: length };
            variant.vt = VTYPE_PWSTR;
        }
        Value::Output(output) => {
            let (block, length) = memory.ok_or(OutOfMemory)?.output(*output)?;
            variant.value.wstr = VariantText { pwstrVal: block.as_ptr(), wstrLen: length };
            variant.vt = VTYPE_PWSTR;
        }
        Value::Binary(bytes) => {
            let (block, length) = memory.ok_or(OutOfMemory)?.bytes(&bytes)?;
            variant.value.str = VariantBytes { pstrVal: block.as_ptr(), strLen: length };
            variant.vt = VTYPE_BLOB;
        }
    }
    Ok(variant)
}

/// The default of a parameter; `None` for a mandatory one. "Left out" is `NULL`, because hosts differ on `EMPTY`.
pub(super) fn write_default(
    default: Default,
    memory: Option<HostMemory>,
) -> Option<Result<Variant, OutOfMemory>> {
    let value = match default {
        Default::Required | Default::RequiredValue => return None,
        Default::Omitted => {
            let mut variant = empty();
            variant.vt = VTYPE_NULL;
            return Some(Ok(variant));
        }
        Default::Text(text) => Value::Text(text.to_owned()),
        Default::Integer(number) => Value::Integer(number),
        Default::Boolean(value) => Value::Boolean(value),
    };
    Some(write(value, memory))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variant(vt: TYPEVAR, set: impl FnOnce(&mut VariantValue)) -> Variant {
        let mut variant = empty();
        variant.vt = vt;
        set(&mut variant.value);
        variant
    }

    fn argument(vt: TYPEVAR, set: impl FnOnce(&mut VariantValue)) -> Argument<'static> {
        // SAFETY: the tests set no pointers.
        unsafe { read(&variant(vt, set)) }
    }

    #[test]
    fn any_numeric_code_is_a_number() {
        for (vt, set) in [
            (VTYPE_I2, (|v| v.shortVal = -5) as fn(&mut VariantValue)),
            (VTYPE_I4, |v| v.lVal = -5),
            (VTYPE_I1, |v| v.i8Val = -5),
            (VTYPE_I8, |v| v.llVal = -5),
            (VTYPE_INT, |v| v.intVal = -5),
            (VTYPE_R4, |v| v.fltVal = -5.0),
            (VTYPE_R8, |v| v.dblVal = -5.0),
        ] {
            assert_eq!(argument(vt, set), Argument::Integer(-5), "{vt}");
        }
        assert_eq!(argument(VTYPE_R8, |v| v.dblVal = 0.1), Argument::Real(0.1));
        assert_eq!(argument(VTYPE_R4, |v| v.fltVal = 0.1), Argument::Real(0.1));
        assert_eq!(argument(VTYPE_UI8, |v| v.ullVal = u64::MAX), Argument::Real(u64::MAX as f64));
    }

    #[test]
    fn what_is_no_number_and_no_known_code_is_foreign() {
        assert_eq!(argument(VTYPE_R8, |v| v.dblVal = f64::NAN), Argument::Foreign(VTYPE_R8));
        for vt in [VTYPE_INTERFACE, VTYPE_VARIANT, VTYPE_CLSID, 0x0FFF, 0x1003, 0x2003, 0x4003, 0xFFFF] {
            assert_eq!(argument(vt, |_| {}), Argument::Foreign(vt));
        }
    }

    #[test]
    fn any_byte_but_zero_is_true() {
        assert_eq!(argument(VTYPE_BOOL, |v| v.bVal = 2), Argument::Boolean(true));
        assert_eq!(argument(VTYPE_BOOL, |v| v.bVal = 0), Argument::Boolean(false));
    }

    #[test]
    fn dates_of_both_kinds_are_read() {
        let expected = DateTime::new(2024, 5, 6, 7, 8, 9).map(Argument::Date);
        let calendar = argument(VTYPE_TM, |v| {
            v.tmVal = to_calendar(DateTime::new(2024, 5, 6, 7, 8, 9).unwrap_or(DateTime::EMPTY));
        });
        assert_eq!(Some(calendar), expected);
        // 45418 days after 1899-12-30 is 2024-05-06 (day number of the usual spreadsheets).
        let ole = argument(VTYPE_DATE, |v| v.date = 45_418.0 + (7.0 * 3600.0 + 8.0 * 60.0 + 9.0) / 86_400.0);
        assert_eq!(Some(ole), expected);
    }

    #[test]
    fn an_impossible_date_is_foreign() {
        let impossible = argument(VTYPE_TM, |v| {
            v.tmVal = to_calendar(DateTime::EMPTY);
            v.tmVal.tm_mday = 0;
        });
        assert_eq!(impossible, Argument::Foreign(VTYPE_TM));
        assert_eq!(argument(VTYPE_DATE, |v| v.date = 1e300), Argument::Foreign(VTYPE_DATE));
    }

    #[test]
    fn a_null_text_of_no_length_is_empty() {
        let text = argument(VTYPE_PWSTR, |_| {});
        assert_eq!(text, Argument::Text(Vec::new().into()));
    }
}
