//! A schema, put together keyword by keyword.

use std::ops::RangeInclusive;

use serde_json::{Map, Value, json};

/// One schema. What is said of it is in the order in which it was said.
#[derive(Debug, Clone, Default)]
pub struct Schema(Map<String, Value>);

impl Schema {
    /// Anything at all.
    pub fn any() -> Self {
        Self::default()
    }

    pub fn text() -> Self {
        Self::any().with("type", "string")
    }

    pub fn flag() -> Self {
        Self::any().with("type", "boolean")
    }

    pub fn whole(range: RangeInclusive<i64>) -> Self {
        Self::any().with("type", "integer").with("minimum", *range.start()).with("maximum", *range.end())
    }

    pub fn list(item: Self) -> Self {
        Self::any().with("type", "array").with("items", item)
    }

    /// A map whose keys are names that its writer chooses.
    pub fn named(entry: Self) -> Self {
        Self::any().with("type", "object").with("additionalProperties", entry)
    }

    /// A map of keys that are all known. `title` is what the reader calls it,
    /// which is how a test finds the two that must be alike.
    pub fn map(title: &str, keys: impl IntoIterator<Item = (&'static str, Self)>) -> Self {
        let keys: Map<String, Value> =
            keys.into_iter().map(|(key, schema)| (key.to_owned(), schema.into())).collect();
        let titled = Self::any().with("title", title).with("type", "object");
        titled.with("additionalProperties", false).with("properties", keys)
    }

    /// What `$defs` has under this name.
    pub fn refer(name: &str) -> Self {
        Self::any().with("$ref", format!("#/$defs/{name}"))
    }

    pub fn either(choices: impl IntoIterator<Item = Self>) -> Self {
        Self::any().with("anyOf", choices.into_iter().map(Value::from).collect::<Value>())
    }

    /// Text of one kind, or something else. Of several choices that do not fit an
    /// editor explains the first, so text is held against its own kind alone.
    pub fn text_or(text: Self, others: impl IntoIterator<Item = Self>) -> Self {
        let is_text = json!({ "type": "string" });
        let all = Self::either(others.into_iter().chain([text.clone()]));
        Self::any().with("if", is_text).with("then", text).with("else", all)
    }

    /// One of some words, each with its meaning.
    pub fn words<'a>(words: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        Self::either(words.into_iter().map(|(word, says)| Self::any().with("const", word).says(says)))
    }

    pub fn says(self, description: impl Into<String>) -> Self {
        self.with("description", description.into())
    }

    /// What holds where the key is absent; also told at the end of what it says.
    pub fn unless_said(self, default: impl Into<Value>) -> Self {
        let default = default.into();
        let shown = default.as_str().map_or_else(|| default.to_string(), str::to_owned);
        let says = self.0.get("description").and_then(Value::as_str).unwrap_or_default();
        let says = format!("{}; {shown} if it is not said.", says.trim_end_matches('.'));
        self.says(says).with("default", default)
    }

    pub fn such_as(self, example: impl Into<Value>) -> Self {
        self.push("examples", example.into())
    }

    /// Text of this shape; an editor that knows `patternErrorMessage` says
    /// `wanted` where others show the expression.
    pub fn shaped(self, pattern: impl Into<String>, wanted: &str) -> Self {
        self.with("pattern", pattern.into()).with("patternErrorMessage", wanted)
    }

    pub fn needs(self, keys: &[&str]) -> Self {
        self.with("required", keys)
    }

    /// A section whose lines are all comments is absent, and no mistake. It takes
    /// no example of a map: an editor would offer `[object Object]`.
    pub fn or_nothing(self) -> Self {
        let kind = self.0.get("type").cloned().unwrap_or_default();
        self.with("type", json!([kind, "null"]))
    }

    /// A rule that holds beside what is said already.
    pub fn rule(self, rule: impl Into<Value>) -> Self {
        self.push("allOf", rule.into())
    }

    fn push(mut self, keyword: &str, item: Value) -> Self {
        if let Value::Array(list) = self.0.entry(keyword).or_insert_with(|| json!([])) {
            list.push(item);
        }
        self
    }

    pub fn with(mut self, keyword: &str, value: impl Into<Value>) -> Self {
        self.0.insert(keyword.to_owned(), value.into());
        self
    }
}

impl From<Schema> for Value {
    fn from(schema: Schema) -> Self {
        Self::Object(schema.0)
    }
}
