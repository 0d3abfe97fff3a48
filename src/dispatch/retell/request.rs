//! What is sent to place a call, and to look one up.

use serde_json::{Map, Value, json};

use crate::dispatch::call::Call;
use crate::model::{AttemptId, Metadata, PhoneNumber, RetellSettings};

/// The body of the request that places a call. It is made once and sent unchanged each time, as the provider demands of
/// requests with the same key.
pub(super) fn placement(call: &Call, phone: &PhoneNumber, settings: &RetellSettings) -> Vec<u8> {
    let (attempt, item) = (call.attempt.to_string(), &call.item);
    let mut body = json!({
        "from_number": settings.from_number.as_str(),
        "to_number": phone.as_str(),
        "idempotency_key": attempt,
        "metadata": {
            "attempt_id": attempt,
            "item_id": item.id.get(),
            "client_id": item.client.as_str(),
            "lead_id": item.lead.as_str(),
        },
    });
    if let Some(agent) = &settings.agent_id {
        body["override_agent_id"] = agent.as_str().into();
    }
    if let Some(version) = settings.agent_version {
        body["override_agent_version"] = version.into();
    }
    let variables = variables(settings, item.metadata.as_ref());
    if !variables.is_empty() {
        body["retell_llm_dynamic_variables"] = variables.into();
    }
    body.to_string().into_bytes()
}

/// The agent's variables, all as texts. One whose field is missing or null is left out, so that the agent's own default
/// holds.
fn variables(settings: &RetellSettings, metadata: Option<&Metadata>) -> Map<String, Value> {
    let fields: Map<String, Value> =
        metadata.and_then(|metadata| serde_json::from_str(metadata.as_str()).ok()).unwrap_or_default();
    let text = |field: &String| match fields.get(field)? {
        Value::Null => None,
        Value::String(text) => Some(Value::String(text.clone())),
        value => Some(Value::String(value.to_string())),
    };
    settings.dynamic_variables.iter().filter_map(|(name, field)| Some((name.clone(), text(field)?))).collect()
}

/// The body of the request that lists the calls of an attempt.
pub(super) fn look_up(attempt: AttemptId) -> Vec<u8> {
    let of_attempt = json!({"key": "attempt_id", "type": "string", "op": "eq", "value": attempt.to_string()});
    json!({"filter_criteria": {"metadata": [of_attempt]}, "limit": 2}).to_string().into_bytes()
}
