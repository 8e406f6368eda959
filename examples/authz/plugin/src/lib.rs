//! A plugin for the contract `authz`: decides what users may do.
//!
//! The rules are in [`policy`], which knows nothing of plugins. What is here makes sure that no decision counts that is
//! not in the host's audit log.
#![forbid(unsafe_code)]

pub mod policy;

use authz::{CheckAuthRequest, CheckAuthResponse, Error, Plugin, PluginContext, RecordRequest};

/// The plugin. It keeps nothing between two calls.
pub struct Policy;

// ANCHOR: call_back
impl Plugin for Policy {
    fn check_auth(&self, ctx: &PluginContext<'_>, request: CheckAuthRequest) -> Result<CheckAuthResponse, Error> {
        let decision = policy::decide(&request)?;
        let recorded = ctx.audit().record(&RecordRequest {
            user_id: request.user_id,
            resource: request.resource,
            action: request.action,
            allow: decision.allow,
            reason: decision.reason.clone(),
        });
        Ok(match recorded {
            Ok(_) => decision,
            // Neither a reason to give up nor one to go on without a record: the safe answer is no.
            Err(error) => policy::unrecorded(&error),
        })
    }
}
// ANCHOR_END: call_back

authz::export!(Policy);
