use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

/// How much memory a value has beside its own bytes: its texts and lists, and what is in them.
///
/// The types of contracts have it, so that a host can bound requests.
pub trait Owned {
    /// Whether no value of the type ever has any.
    const IS_PLAIN: bool = false;

    /// The bytes.
    fn owned(&self) -> usize;
}

macro_rules! plain {
    ($($ty:ty)*) => {
        $(impl Owned for $ty {
            const IS_PLAIN: bool = true;

            #[inline(always)]
            fn owned(&self) -> usize {
                0
            }
        })*
    };
}

plain! { bool u8 i8 u16 i16 u32 i32 u64 i64 f32 f64 }

impl Owned for String {
    #[inline]
    fn owned(&self) -> usize {
        self.len()
    }
}

impl<T: Owned> Owned for Vec<T> {
    #[inline]
    fn owned(&self) -> usize {
        size_of_val(self.as_slice()) + owned_by_all(self)
    }
}

impl<T: Owned> Owned for Option<T> {
    const IS_PLAIN: bool = T::IS_PLAIN;

    #[inline]
    fn owned(&self) -> usize {
        self.as_ref().map_or(0, T::owned)
    }
}

impl<T: Owned> Owned for Box<T> {
    #[inline]
    fn owned(&self) -> usize {
        size_of::<T>() + T::owned(self)
    }
}

fn owned_by_all<T: Owned>(values: &[T]) -> usize {
    if T::IS_PLAIN { 0 } else { values.iter().map(T::owned).sum() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn values_have_what_they_point_to() {
        assert_eq!(7_u32.owned(), 0);
        assert_eq!(String::from("hello").owned(), 5);
        assert_eq!(vec![1_u64, 2].owned(), 16);
        assert_eq!(vec![String::from("a"), String::from("bc")].owned(), 2 * size_of::<String>() + 3);
        assert_eq!(Some(Box::new(String::from("a"))).owned(), size_of::<String>() + 1);
        assert_eq!(None::<String>.owned(), 0);
    }
}
