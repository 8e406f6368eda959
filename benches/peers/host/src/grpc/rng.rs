use examples_shared::Random;
use peers_rpc::{RngIntRequest, RngIntResponse};
use tonic::{Request, Response, Status};

/// The host's random numbers, as a service for the subprocess.
pub(crate) struct Rng(Random);

impl Rng {
    pub(crate) fn new(random: Random) -> Self {
        Rng(random)
    }
}

#[tonic::async_trait]
impl peers_rpc::rng_server::Rng for Rng {
    async fn int(&self, request: Request<RngIntRequest>) -> Result<Response<RngIntResponse>, Status> {
        let RngIntRequest { min, max } = request.into_inner();
        let value = self.0.integer(min, max);
        let value = value.ok_or_else(|| Status::invalid_argument("min is greater than max"))?;
        Ok(Response::new(RngIntResponse { value }))
    }
}
