//! A request or a response, in each of the forms that it takes: values of the schema, which JSON is read to and written
//! from; values of the Component Model, for typed calls; and a FlatBuffer, for the lane.

use std::sync::{Arc, OnceLock};

use fbs2wit::codec::{self, DecodeError, EncodeError};
use fbs2wit::diag::Diagnostics;
use fbs2wit::json::{self, JsonOptions, WriteError, WriteOptions};
use fbs2wit::value::Record;
use hookr::dynamic::Value;

use super::convert::{ConvertError, Converter};
use super::input::Text;
use super::method::TableRef;
use crate::contract::LoadedContract;
use crate::failure::Failure;

/// A table of a contract with its values.
#[derive(Debug)]
pub(crate) struct Payload {
    contract: Arc<LoadedContract>,
    table: TableRef,
    came: Came,
    record: OnceLock<Record>,
    value: OnceLock<Value>,
    bytes: OnceLock<Vec<u8>>,
}

/// The form in which it came. The others are made when they are asked for.
#[derive(Debug)]
enum Came {
    Record,
    Value,
    Bytes,
}

/// Why a payload does not have one of its forms.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PayloadError {
    /// What a plugin gave is not what its contract says.
    #[error(transparent)]
    Convert(#[from] ConvertError),
    /// What a plugin gave is no FlatBuffer of its contract.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The values do not go into a FlatBuffer.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// The values cannot be written as JSON.
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl Payload {
    /// Of values of the schema.
    pub(crate) fn of_record(contract: &Arc<LoadedContract>, table: TableRef, record: Record) -> Self {
        Payload { record: record.into(), ..Payload::new(contract, table, Came::Record) }
    }

    /// Of what a typed call gives. Nothing is checked until it is read.
    pub(crate) fn of_value(contract: &Arc<LoadedContract>, table: TableRef, value: Value) -> Self {
        Payload { value: value.into(), ..Payload::new(contract, table, Came::Value) }
    }

    /// Of what the lane gives. Nothing is checked until it is read.
    pub(crate) fn of_bytes(contract: &Arc<LoadedContract>, table: TableRef, bytes: Vec<u8>) -> Self {
        Payload { bytes: bytes.into(), ..Payload::new(contract, table, Came::Bytes) }
    }

    fn new(contract: &Arc<LoadedContract>, table: TableRef, came: Came) -> Self {
        let (record, value, bytes) = Default::default();
        Payload { contract: contract.clone(), table, came, record, value, bytes }
    }

    /// Reads JSON that a person wrote.
    ///
    /// # Errors
    ///
    /// What is wrong with it, with the places in the text.
    pub(crate) fn parse(contract: &Arc<LoadedContract>, table: TableRef, text: &Text) -> Result<Self, Diagnostics> {
        let record = json::parse(&contract.schema, table.object, &text.sources, text.file, &JsonOptions::default())?;
        Ok(Payload::of_record(contract, table, record))
    }

    /// Makes sure that a request has the form of a way before it is called with.
    pub(crate) fn check(&self) -> Result<(), PayloadError> {
        self.value().map(drop)
    }

    /// Its table.
    pub(crate) fn table(&self) -> TableRef {
        self.table
    }

    /// As values of the schema, which is what everything is checked against.
    pub(crate) fn record(&self) -> Result<&Record, PayloadError> {
        or_made(&self.record, || self.read(false))
    }

    /// Reads what came.
    fn read(&self, keep_empty: bool) -> Result<Record, PayloadError> {
        let LoadedContract { schema, contract } = &*self.contract;
        match (&self.came, self.value.get(), self.bytes.get()) {
            (Came::Value, Some(value), _) => {
                let converter = Converter::new(schema, contract).keep_empty(keep_empty);
                Ok(converter.lift(self.table.ty, value)?)
            }
            (Came::Bytes, _, Some(bytes)) => {
                Ok(codec::decode(schema, self.table.object, bytes, &codec::Limits::default())?)
            }
            _ => Ok(self.record.get().cloned().unwrap_or_default()),
        }
    }

    /// As values of the Component Model.
    pub(crate) fn value(&self) -> Result<&Value, PayloadError> {
        or_made(&self.value, || {
            let converter = Converter::new(&self.contract.schema, &self.contract.contract);
            Ok(converter.lower(self.table.ty, self.record()?)?)
        })
    }

    /// As a FlatBuffer without file identifier: as it came over the lane, or as it would.
    pub(crate) fn bytes(&self) -> Result<&[u8], PayloadError> {
        let bytes =
            or_made(&self.bytes, || Ok(codec::encode(&self.contract.schema, self.table.object, self.record()?)?))?;
        Ok(bytes)
    }

    /// As JSON, without a line end behind it. With [`defaults`](WriteOptions::defaults), strings and lists that a typed call
    /// gave and that are empty are kept.
    pub(crate) fn json(&self, options: &WriteOptions) -> Result<String, PayloadError> {
        let kept = if options.defaults { Some(self.read(true)?) } else { None };
        let record = match &kept {
            Some(record) => record,
            None => self.record()?,
        };
        Ok(json::write(&self.contract.schema, self.table.object, record, options)?)
    }
}

impl Text {
    /// The text as the request, or the response, that a table holds.
    ///
    /// # Errors
    ///
    /// What is wrong with it, rendered with excerpts; exit code 1.
    pub(crate) fn payload(&self, contract: &Arc<LoadedContract>, table: TableRef) -> Result<Payload, Failure> {
        Payload::parse(contract, table, self).map_err(|errors| self.failure(&errors))
    }
}

fn or_made<T>(cell: &OnceLock<T>, make: impl FnOnce() -> Result<T, PayloadError>) -> Result<&T, PayloadError> {
    if let Some(made) = cell.get() {
        return Ok(made);
    }
    let made = make()?;
    Ok(cell.get_or_init(|| made))
}
