//! Flags of WIT for wasmtime's component API, whose own macro makes a type, and names the crate `wasmtime` by itself.

/// Makes flags of a type: `flags!(Colors: u8 as U8, ["red", "green"])`.
///
/// The type has `bits`, which gives the integer of the canonical ABI, and `from_bits_retain`, which takes it and leaves
/// out bits without a label, as the canonical ABI has it.
#[doc(hidden)]
#[macro_export]
macro_rules! __flags {
    ($name:ident: $bits:ident as $interface_type:ident, [$($label:literal),* $(,)?]) => {
        const _: () = {
            use $crate::__private::wasmtime::{Result, component};
            use component::__internal::{CanonicalAbiInfo, InstanceType, InterfaceType, LiftContext, LowerContext};

            // SAFETY: the canonical ABI passes this many flags as an integer of this type, and `typecheck` lets nothing
            // but these flags through.
            unsafe impl component::ComponentType for $name {
                type Lower = <$bits as component::ComponentType>::Lower;

                const ABI: CanonicalAbiInfo = <$bits as component::ComponentType>::ABI;

                fn typecheck(ty: &InterfaceType, types: &InstanceType<'_>) -> Result<()> {
                    component::__internal::typecheck_flags(ty, types, &[$($label),*])
                }
            }

            // SAFETY: the integer's own implementation does it.
            unsafe impl component::Lower for $name {
                fn linear_lower_to_flat<T>(
                    &self,
                    cx: &mut LowerContext<'_, T>,
                    _: InterfaceType,
                    dst: &mut ::core::mem::MaybeUninit<Self::Lower>,
                ) -> Result<()> {
                    component::Lower::linear_lower_to_flat(&self.bits(), cx, InterfaceType::$interface_type, dst)
                }

                fn linear_lower_to_memory<T>(
                    &self,
                    cx: &mut LowerContext<'_, T>,
                    _: InterfaceType,
                    offset: usize,
                ) -> Result<()> {
                    component::Lower::linear_lower_to_memory(&self.bits(), cx, InterfaceType::$interface_type, offset)
                }
            }

            // SAFETY: the integer's own implementation does it.
            unsafe impl component::Lift for $name {
                fn linear_lift_from_flat(
                    cx: &mut LiftContext<'_>,
                    _: InterfaceType,
                    src: &Self::Lower,
                ) -> Result<Self> {
                    <$bits as component::Lift>::linear_lift_from_flat(cx, InterfaceType::$interface_type, src)
                        .map(Self::from_bits_retain)
                }

                fn linear_lift_from_memory(
                    cx: &mut LiftContext<'_>,
                    _: InterfaceType,
                    bytes: &[u8],
                ) -> Result<Self> {
                    <$bits as component::Lift>::linear_lift_from_memory(cx, InterfaceType::$interface_type, bytes)
                        .map(Self::from_bits_retain)
                }
            }
        };
    };
}
