//! What is looked for in a payload, and what a finding is: where it is, how it
//! must be read, how sure we are and why.

use super::leaf::Leaf;
use crate::mapping::convert::Unit;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    EventId,
    EventType,
    Order,
    Name,
    LastName,
    Phone,
    Email,
    Total,
    Status,
    Items,
    Product,
    Due,
    Start,
    Forecast,
    PaymentLink,
    Tracking,
    TrackingLink,
    Pix,
    Boleto,
}

impl Kind {
    /// The order in which a mapping reads well.
    pub const ALL: [Self; 19] = [
        Self::EventId,
        Self::EventType,
        Self::Order,
        Self::Name,
        Self::LastName,
        Self::Phone,
        Self::Email,
        Self::Total,
        Self::Status,
        Self::Items,
        Self::Product,
        Self::Due,
        Self::Start,
        Self::Forecast,
        Self::PaymentLink,
        Self::Tracking,
        Self::TrackingLink,
        Self::Pix,
        Self::Boleto,
    ];

    /// For programs, and with [`Self::name`] for people.
    pub const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::EventId => ("event_id", "id"),
            Self::EventType => ("event_type", "type"),
            Self::Order => ("order", "pedido"),
            Self::Name => ("name", "nome"),
            Self::LastName => ("last_name", "sobrenome"),
            Self::Phone => ("phone", "telefone"),
            Self::Email => ("email", "email"),
            Self::Total => ("total", "total"),
            Self::Status => ("status", "situacao"),
            Self::Items => ("items", "itens"),
            Self::Product => ("product", "produto"),
            Self::Due => ("due_date", "vencimento"),
            Self::Start => ("start_time", "inicio"),
            Self::Forecast => ("delivery_forecast", "previsao"),
            Self::PaymentLink => ("payment_link", "link"),
            Self::Tracking => ("tracking_code", "rastreio"),
            Self::TrackingLink => ("tracking_link", "link_rastreio"),
            Self::Pix => ("pix_code", "pix"),
            Self::Boleto => ("boleto_line", "boleto"),
        }
    }

    /// The name of the value in the mapping.
    pub const fn name(self) -> &'static str {
        self.words().1
    }

    /// From here on it is proposed; below, only shown. A wrong total or order
    /// number is worse than none, a type of event costs little.
    pub const fn enough(self) -> i32 {
        match self {
            Self::EventType => 18,
            Self::Product => 24,
            _ => 30,
        }
    }

    /// In the section `event:`, not in `values:`.
    pub const fn is_of_event(self) -> bool {
        matches!(self, Self::EventId | Self::EventType)
    }

    /// Several places for one thing are tried in turn. Two order numbers or two
    /// amounts are two different things.
    pub const fn has_fallbacks(self) -> bool {
        matches!(
            self,
            Self::Name | Self::Phone | Self::Email | Self::PaymentLink | Self::Tracking | Self::TrackingLink
        )
    }
}

/// Where a value is taken from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    Path(String),
    Parts {
        ddi: Option<String>,
        ddd: Option<String>,
        number: String,
    },
    /// All of them as one text.
    Join(Vec<String>),
}

/// The `as:` of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum As {
    Text,
    Phone,
    Money(Unit),
    /// With its `format:`.
    Date(Option<&'static str>),
    /// `many: true`.
    Many,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub kind: Kind,
    pub source: Source,
    pub read: As,
    pub points: i32,
    /// What it is in this body, as a mapping would have it. Empty: it is null.
    pub value: String,
    pub reason: String,
    /// Why it cannot be used as it is here, or what a person must look at.
    pub caution: Option<String>,
    pub order: usize,
}

/// What a rule says of a leaf; its path is found only where that is enough.
#[derive(Debug, Clone)]
pub struct Verdict {
    pub kind: Kind,
    pub points: i32,
    pub read: As,
    pub value: String,
    pub reason: String,
    pub caution: Option<String>,
}

/// Below this nothing is worth a line.
pub const SHOWN: i32 = 15;
const LIKELY: i32 = 45;

impl Found {
    pub fn score(&self) -> &'static str {
        if self.points >= LIKELY { "likely" } else { "possible" }
    }
}

impl Verdict {
    pub fn new(kind: Kind, points: i32, leaf: &Leaf<'_>, reason: impl Into<String>) -> Self {
        let value = leaf.text().unwrap_or_default();
        Self { kind, points, read: As::Text, value, reason: reason.into(), caution: None }
    }
}

/// `the key says `celular``: the reason of most findings.
pub fn says(word: &str) -> String {
    format!("the key says `{word}`")
}
