//! The callbacks of the host, in both forms. They answer the same at once, whoever asks, so that all ways can be compared.

use echo::Bytes;
use echo::fb::{self, BytesArgs};
use flatbuffers::WIPOffset;
use hookr::lane::AnswerBuilder;
use hookr::{CallbackContext, Error};
use tickloop::fb::RngIntResponseArgs;

/// What `Rng.Int` answers.
pub const INT: i32 = 1;

/// What `Rng.Float` answers.
pub const FLOAT: f32 = 0.5;

/// Answers every callback.
pub struct Host;

impl echo::Mirror for Host {
    fn reflect(&self, _: &CallbackContext<'_>, request: Bytes) -> Result<Bytes, Error> {
        Ok(request)
    }

    fn reflect_in_place<'b>(
        &self,
        _: &CallbackContext<'_>,
        request: fb::Bytes<'_>,
        answer: &mut AnswerBuilder<'b>,
    ) -> Result<WIPOffset<fb::Bytes<'b>>, Error> {
        let bytes = request.bytes().map(|bytes| fb::create_bytes(answer, bytes.bytes()));
        Ok(fb::Bytes::create(answer, &BytesArgs { bytes }))
    }
}

impl tickloop::Rng for Host {
    fn int(&self, _: &CallbackContext<'_>, _: tickloop::RngIntRequest) -> Result<tickloop::RngIntResponse, Error> {
        Ok(tickloop::RngIntResponse { value: INT })
    }

    fn int_in_place<'b>(
        &self,
        _: &CallbackContext<'_>,
        _: tickloop::fb::RngIntRequest<'_>,
        answer: &mut AnswerBuilder<'b>,
    ) -> Result<WIPOffset<tickloop::fb::RngIntResponse<'b>>, Error> {
        Ok(tickloop::fb::RngIntResponse::create(answer, &RngIntResponseArgs { value: INT }))
    }
}

impl urlbalancer::Rng for Host {
    fn int(
        &self,
        _: &CallbackContext<'_>,
        _: urlbalancer::RngIntRequest,
    ) -> Result<urlbalancer::RngIntResponse, Error> {
        Ok(urlbalancer::RngIntResponse { value: INT })
    }

    fn float(
        &self,
        _: &CallbackContext<'_>,
        _: urlbalancer::RngFloatRequest,
    ) -> Result<urlbalancer::RngFloatResponse, Error> {
        Ok(urlbalancer::RngFloatResponse { value: FLOAT })
    }
}
