//! The functions of HTTP that keep what a plugin says until its request is sent: as wasmtime has them, with bounds.

use wasmtime::StoreContextMut;
use wasmtime::component::{Linker, Resource};
use wasmtime_wasi_http::WasiHttpView as _;
use wasmtime_wasi_http::p2::bindings::http::types::{HostOutgoingRequest as _, Method, OutgoingRequest, Scheme};

use super::link::interface;
use crate::instance::StoreData;

/// The most bytes of a method, a scheme, an authority, or a path with its query.
const MOST: usize = 8 << 10;

/// The most bytes of the headers of a message, with what the host needs to keep them.
pub(super) const FIELDS: usize = 32 << 10;

/// Puts functions in the place of those that wasmtime links, which take a text of any length and keep it for each request.
pub(super) fn shadow<C: Send + Sync + 'static>(linker: &mut Linker<StoreData<C>>) -> wasmtime::Result<()> {
    let mut types = linker.instance(&interface("http/types"))?;
    macro_rules! bounded {
        ($($name:literal $method:ident($ty:ty);)*) => {$(
            types.func_wrap(
                $name,
                |mut store: StoreContextMut<'_, StoreData<C>>, (request, value): (Resource<OutgoingRequest>, $ty)| {
                    if value.text().is_some_and(|text| text.len() > MOST) {
                        return Ok((Err(()),));
                    }
                    Ok((store.data_mut().http().$method(request, value)?,))
                },
            )?;
        )*};
    }
    bounded! {
        "[method]outgoing-request.set-method" set_method(Method);
        "[method]outgoing-request.set-scheme" set_scheme(Option<Scheme>);
        "[method]outgoing-request.set-authority" set_authority(Option<String>);
        "[method]outgoing-request.set-path-with-query" set_path_with_query(Option<String>);
    }
    Ok(())
}

/// What may hold a text that the plugin has chosen.
trait Text {
    fn text(&self) -> Option<&str>;
}

impl Text for Method {
    fn text(&self) -> Option<&str> {
        if let Method::Other(text) = self { Some(text) } else { None }
    }
}

impl Text for Option<Scheme> {
    fn text(&self) -> Option<&str> {
        if let Some(Scheme::Other(text)) = self { Some(text) } else { None }
    }
}

impl Text for Option<String> {
    fn text(&self) -> Option<&str> {
        self.as_deref()
    }
}
