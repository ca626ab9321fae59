//! `gancho providers`: the senders that mappings can name, and for one of them
//! what to copy from where.

use std::path::PathBuf;
use std::process::ExitCode;

use super::check::find_config;
use super::not_done;
use super::screen::{Screen, wrap};
use super::show::WIDTH;
use crate::app::load;
use crate::diagnostic::{Problems, nearest};
use crate::provider::{AcknowledgeBody, Catalogue, Evidence, Payload, Provider, starter};

pub fn run(name: Option<&str>, config: Option<PathBuf>, screen: &Screen) -> ExitCode {
    let mut problems = Problems::default();
    let Ok(config) = find_config(config, &mut problems) else {
        print!("{}", screen.draw(&problems.sorted()));
        return not_done();
    };
    let catalogue = load::catalogue(config.as_ref().and_then(|c| c.providers.as_deref()), &mut problems);
    if problems.has_errors() {
        print!("{}", screen.draw(&problems.sorted()));
        return not_done();
    }
    match name {
        None => list(&catalogue, screen),
        Some(name) => match catalogue.get(name) {
            Some(provider) => print!("{}", explained(provider, screen)),
            None => {
                eprintln!("There is no provider `{name}`.");
                match nearest(name, catalogue.ids()) {
                    Some(near) => eprintln!("Did you mean `{near}`?"),
                    None => eprintln!("`gancho providers` lists them."),
                }
                return not_done();
            }
        },
    }
    ExitCode::SUCCESS
}

fn list(catalogue: &Catalogue, screen: &Screen) {
    let width = catalogue.ids().map(str::len).max().unwrap_or(0);
    for provider in catalogue.iter() {
        let id = format!("{:width$}", provider.id);
        println!("{}  {:8}  {}", screen.bold(&id), provider.verify.name(), provider.name);
    }
    println!("\n{} providers. About one of them: gancho providers NAME", catalogue.iter().count());
}

fn explained(provider: &Provider, screen: &Screen) -> String {
    let mut out = format!("{} (provider: {})\n\n", screen.bold(&provider.name), provider.id);
    let mut line = |name: &str, text: &str| {
        let margin = " ".repeat(12);
        let wrapped = wrap(text, &margin, WIDTH);
        out.push_str(&screen.dim(&format!("{name:12}")));
        out.push_str(&wrapped[margin.len()..]);
    };
    line("proof", &provider.verify.described());
    if provider.verify.is_signed() && !provider.verify.signs_body() {
        line(
            "careful",
            "the body is not signed, or only parts of it are: whoever sees one request can change the rest",
        );
    }
    line("secret", &provider.secret);
    for (name, what) in &provider.params {
        line("parameter", &format!("{name}: {what}"));
    }
    let end = if provider.verify.secret_in_path() { "/<secret>" } else { "" };
    line("address", &format!("https://<your host>/hooks/<name of the mapping file>{end}"));
    if provider.verify.uses_url() {
        line("needs", "public_url in gancho.yaml, since this sender signs the address that it calls");
    }
    line(
        "event id",
        &provider.event.described_id().unwrap_or_else(|| "none, so repeats are not removed".to_owned()),
    );
    if let Some(list) = provider.event.described_each() {
        line("batch", &format!("one request holds several events, at {list}"));
    }
    line("event type", &provider.event.described_kind().unwrap_or_else(|| "none".to_owned()));
    for (kind, what) in &provider.events {
        line("", &format!("{kind}: {what}"));
    }
    if !provider.handshakes.is_empty() {
        let names: Vec<&str> = provider.handshakes.iter().map(|rule| rule.name.as_str()).collect();
        let by_itself = "which gancho answers by itself";
        line("handshake", &format!("{}, {by_itself}", names.join(", ")));
    }
    let body = match &provider.acknowledge.body {
        AcknowledgeBody::EventId => "with our id of the event".to_owned(),
        AcknowledgeBody::Empty => "without a body".to_owned(),
        AcknowledgeBody::Text(text) => format!("with the text {text}"),
    };
    line("answer", &format!("{} {body}", provider.acknowledge.status));
    if let Some(secs) = provider.timeout_secs {
        line("time limit", &format!("{secs} s"));
    }
    if let Some(failures) = &provider.failures {
        line("failures", failures);
    }
    if let Some(note) = &provider.note {
        line("note", note);
    }
    line("payload", payload(provider.payload));
    line("evidence", evidence(provider.evidence));
    if let Some(docs) = &provider.docs {
        line("docs", docs);
    }
    out + &beginning(provider)
}

/// What a mapping must have of it.
fn beginning(provider: &Provider) -> String {
    let mut out = format!("\nA mapping for it begins with:\n\n  provider: {}\n", provider.id);
    if provider.verify.needs_secret() {
        out.push_str("  secrets: [env:NAME_OF_A_VARIABLE]\n");
    }
    if !provider.params.is_empty() {
        out.push_str("  params:\n");
    }
    for (name, _) in &provider.params {
        out.push_str(&format!("    {name}: env:NAME_OF_ANOTHER_VARIABLE\n"));
    }
    let what =
        if starter(&provider.id).is_some() { "A finished one, to change" } else { "One to begin with" };
    out.push_str(&format!("\n{what}: gancho new NAME --provider {}\n", provider.id));
    out
}

fn payload(payload: Payload) -> &'static str {
    match payload {
        Payload::Fat => "the event has the name and the contact of the person",
        Payload::Thin => "the event only names something; the contact is not in it",
        Payload::Any => "whoever sets up the sender decides what is in it",
    }
}

fn evidence(evidence: Evidence) -> &'static str {
    match evidence {
        Evidence::Official => "official: read in the sender's own documentation or code",
        Evidence::Secondary => "secondary: read in what others wrote about the sender",
        Evidence::Unconfirmed => "unconfirmed: look at a captured delivery before relying on it",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Language;

    const PLAIN: Screen = Screen { colour: false, language: Language::English };

    fn shown(id: &str) -> String {
        let catalogue = Catalogue::embedded(&mut Problems::default());
        explained(catalogue.get(id).unwrap(), &PLAIN)
    }

    #[test]
    fn every_explanation_fits_the_screen() {
        for provider in Catalogue::embedded(&mut Problems::default()).iter() {
            for line in explained(provider, &PLAIN).lines() {
                // An address or a path is one word, and is never broken.
                let one_word = !line.get(12..).unwrap_or_default().contains(' ');
                assert!(line.chars().count() <= WIDTH || one_word, "{}: {line}", provider.id);
            }
        }
    }

    #[test]
    fn what_a_sender_needs_besides_a_secret_is_told() {
        let tiktok = shown("tiktok-shop");
        assert!(
            tiktok.contains(
                "\nparameter   app_key: The app key, beside the app secret in the Partner Center.\n"
            )
        );
        assert!(tiktok.contains("\n  params:\n    app_key: env:NAME_OF_ANOTHER_VARIABLE\n"));
        assert!(!tiktok.contains("public_url") && !tiktok.contains("careful"));
        assert!(shown("shopee").contains("\nneeds       public_url in gancho.yaml, since"));
        assert!(shown("mercado-pago").contains("\ncareful     the body is not signed"));
        assert!(!shown("asaas").contains("careful"), "a token is no signature");
    }
}
