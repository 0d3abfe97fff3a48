//! The shapes of all JSON that callq writes: `tests/fixtures/json/schema.json`.

use jsonschema::Validator;
use serde_json::{Value, json};

const SCHEMA: &str = include_str!("../../fixtures/json/schema.json");

/// The schema as it stands.
pub(crate) fn schema() -> Value {
    serde_json::from_str(SCHEMA).unwrap()
}

/// One shape of the schema.
pub(crate) struct Shape(Validator);

impl Shape {
    /// The shape of this name.
    #[track_caller]
    pub(crate) fn named(name: &str) -> Shape {
        let mut schema = schema();
        assert!(schema["$defs"][name].is_object(), "the schema has no shape {name}");
        schema["$ref"] = json!(format!("#/$defs/{name}"));
        Shape(jsonschema::draft202012::new(&schema).unwrap())
    }

    /// What is not as the shape says, with its place; empty when all is.
    pub(crate) fn faults(&self, value: &Value) -> Vec<String> {
        self.0.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
    }
}
