use super::Value;

/// How many bytes a value is, about, as the canonical ABI stores it: numbers by their widths, a text or a list by its
/// content and eight bytes, a case of an enum or a variant by four.
///
/// What is beyond the limit is not counted. The type that it has to be of is not known yet, so that it may nest as deep as it likes: there is no recursion.
pub(super) fn size(value: &Value, limit: usize) -> usize {
    let mut bytes = 0_usize;
    let mut pending = vec![value];
    while let Some(value) = pending.pop()
        && bytes <= limit
    {
        let own = match value {
            Value::Bool(_) | Value::S8(_) | Value::U8(_) => 1,
            Value::S16(_) | Value::U16(_) => 2,
            Value::S32(_) | Value::U32(_) | Value::Float32(_) | Value::Char(_) | Value::Enum(_) => 4,
            Value::S64(_) | Value::U64(_) | Value::Float64(_) => 8,
            Value::String(text) => 8 + text.len(),
            Value::List(items) => {
                pending.extend(items);
                8
            }
            Value::Tuple(items) => {
                pending.extend(items);
                0
            }
            Value::Record(fields) => {
                pending.extend(fields.iter().map(|(_, value)| value));
                0
            }
            Value::Variant(_, value) | Value::Option(value) => {
                pending.extend(value.as_deref());
                4
            }
            Value::Result(Ok(value) | Err(value)) => {
                pending.extend(value.as_deref());
                4
            }
            Value::Flags(names) => names.len().div_ceil(32) * 4,
            // Contracts have none of the others, which the check of types refuses.
            _ => 8,
        };
        bytes = bytes.saturating_add(own);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(value: &Value) -> usize {
        super::size(value, usize::MAX)
    }

    #[test]
    fn values_are_as_large_as_what_they_hold() {
        let text = || Value::String("hello".into());
        assert_eq!(size(&Value::U16(1)), 2);
        assert_eq!(size(&Value::List(vec![text(), text()])), 8 + 2 * 13);
        assert_eq!(size(&Value::Record(vec![("a".into(), text()), ("b".into(), Value::Bool(true))])), 14);
        assert_eq!(size(&Value::Option(Some(Box::new(text())))), 17);
        assert_eq!(size(&Value::Option(None)), 4);
    }

    #[test]
    fn no_depth_is_too_deep() {
        let mut value = Value::Bool(true);
        for _ in 0..100_000 {
            value = Value::List(vec![value]);
        }
        assert_eq!(size(&value), 800_001);
        // Dropping it is recursive, which is not ours.
        std::mem::forget(value);
    }
}
